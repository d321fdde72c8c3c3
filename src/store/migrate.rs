//! Brings a store up to date: numbered SQL files, counted by SQLite's `user_version`, each in a transaction of
//! its own. A store that a later pressdiff wrote, or that is another program's, is left alone.

use std::path::Path;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::{StoreError, sqlite};

/// The number of a migration is its place, counted from 1; published ones are never edited.
const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/sqlite/0001_initial.sql"),
    include_str!("../../migrations/sqlite/0002_messages.sql"),
    include_str!("../../migrations/sqlite/0003_reviews.sql"),
    include_str!("../../migrations/sqlite/0004_looks.sql"),
    include_str!("../../migrations/sqlite/0005_compact.sql"),
    include_str!("../../migrations/sqlite/0006_remarks.sql"),
    include_str!("../../migrations/sqlite/0007_tokens.sql"),
    include_str!("../../migrations/sqlite/0008_keep.sql"),
    include_str!("../../migrations/sqlite/0009_large.sql"),
    include_str!("../../migrations/sqlite/0010_equal.sql"),
    include_str!("../../migrations/sqlite/0011_small_rows.sql"),
    include_str!("../../migrations/sqlite/0012_small_documents.sql"),
];

/// As the first migration writes it.
const APPLICATION_ID: i32 = 1_885_628_774;

/// Refuses files that are not ours to write to, before anything is written.
pub(super) fn check(connection: &Connection, path: &Path) -> Result<u32, StoreError> {
    let foreign = || StoreError::NotAStore(path.to_owned());
    let ours = is_ours(connection);
    let ours = ours.map_err(|error| if sqlite::is_foreign(&error) { foreign() } else { error.into() })?;
    let found = version(connection)?;
    match (ours, found, latest()) {
        (false, ..) => Err(foreign()),
        (true, found, known) if found > known => Err(StoreError::Newer { path: path.to_owned(), found, known }),
        (true, ..) => Ok(found),
    }
}

/// Refuses everything but a store of the present version.
pub(super) fn check_current(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    match (check(connection, path)?, latest()) {
        (0, _) => Err(StoreError::Missing(path.to_owned())),
        (found, known) if found < known => Err(StoreError::Older { path: path.to_owned(), found, known }),
        _ => Ok(()),
    }
}

/// Runs what is missing.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    run(connection, MIGRATIONS)
}

fn run(connection: &mut Connection, migrations: &[&str]) -> Result<(), StoreError> {
    // Rebuilding a table would otherwise cascade; each step checks the references itself.
    connection.pragma_update(None, "foreign_keys", false)?;
    for (number, sql) in (1..).zip(migrations) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Asked inside the transaction, in case another process was faster.
        if version(&transaction)? < number {
            step(&transaction, number, sql)?;
        }
        transaction.commit()?;
    }
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(())
}

fn step(transaction: &Transaction<'_>, version: u32, sql: &str) -> Result<(), StoreError> {
    let failed = |source| StoreError::Migration { version, source };
    // What was damaged before is not the fault of the migration, and `check_integrity` tells it.
    let before = count_dangling(transaction)?;
    transaction.execute_batch(sql).map_err(|error| failed(error.into()))?;
    transaction.pragma_update(None, "user_version", version)?;
    if count_dangling(transaction)? > before { Err(failed("it left dangling references".into())) } else { Ok(()) }
}

fn count_dangling(transaction: &Transaction<'_>) -> rusqlite::Result<usize> {
    let mut statement = transaction.prepare("PRAGMA foreign_key_check")?;
    let mut rows = statement.query([])?;
    let mut count = 0;
    while rows.next()?.is_some() {
        count += 1;
    }
    Ok(count)
}

fn latest() -> u32 {
    u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX)
}

fn version(connection: &Connection) -> rusqlite::Result<u32> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// An empty file may become a store; any other has to carry our mark.
fn is_ours(connection: &Connection) -> rusqlite::Result<bool> {
    let mark: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let filled = connection.prepare("SELECT 1 FROM sqlite_schema")?.exists([])?;
    Ok(mark == APPLICATION_ID || (mark == 0 && !filled))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What each version adds to a store, as it was written while that version was the latest.
    const ROWS: [&str; 12] = [
        include_str!("../../tests/fixtures/migrations/0001.sql"),
        include_str!("../../tests/fixtures/migrations/0002.sql"),
        include_str!("../../tests/fixtures/migrations/0003.sql"),
        include_str!("../../tests/fixtures/migrations/0004.sql"),
        include_str!("../../tests/fixtures/migrations/0005.sql"),
        include_str!("../../tests/fixtures/migrations/0006.sql"),
        include_str!("../../tests/fixtures/migrations/0007.sql"),
        include_str!("../../tests/fixtures/migrations/0008.sql"),
        include_str!("../../tests/fixtures/migrations/0009.sql"),
        include_str!("../../tests/fixtures/migrations/0010.sql"),
        include_str!("../../tests/fixtures/migrations/0011.sql"),
        include_str!("../../tests/fixtures/migrations/0012.sql"),
    ];

    /// A store of an earlier version that was in use since the first one.
    fn filled(version: usize) -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        for (number, rows) in (1..=version).zip(ROWS) {
            run(&mut connection, &MIGRATIONS[..number]).unwrap();
            connection.execute_batch(rows).unwrap();
        }
        connection
    }

    fn count(connection: &Connection, table: &str) -> u32 {
        connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_store_of_any_version_is_brought_up_to_date_once() {
        assert_eq!(ROWS.len(), MIGRATIONS.len(), "a migration brings rows for the next one to run on");
        for start in 1..=ROWS.len() {
            let mut connection = filled(start);
            let (events, versions) = (count(&connection, "events"), count(&connection, "versions"));
            for _ in 0..2 {
                migrate(&mut connection).unwrap();
                assert_eq!(version(&connection).unwrap(), latest());
                assert_eq!((count(&connection, "events"), count(&connection, "versions")), (events, versions));
            }
        }
    }

    #[test]
    fn what_waited_in_the_outbox_still_does() {
        let mut connection = filled(1);
        run(&mut connection, &MIGRATIONS[..2]).unwrap();
        let sql = "SELECT group_concat(m.id || m.state || m.attempts || o.event || m.form, ' ')
                   FROM messages m JOIN outbox o ON o.message = m.id";
        let messages: String = connection.query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(messages, "1sent11single 2pending22single 3failed92single");
    }

    #[test]
    fn events_and_versions_from_before_the_review_pages_are_in_the_inbox_and_wait_for_the_search() {
        let mut connection = filled(2);
        migrate(&mut connection).unwrap();
        let counted: u32 = connection.query_row("SELECT sum(count) FROM inbox_counts", [], |row| row.get(0)).unwrap();
        assert_eq!((count(&connection, "inbox"), counted, count(&connection, "search_queue")), (2, 2, 1));
    }

    #[test]
    fn a_failed_migration_changes_nothing() {
        let broken = ["DROP TABLE outbox; CREATE TABLE outbox (id INTEGER); nonsense", "DELETE FROM bodies"];
        for sql in broken {
            let mut connection = filled(1);
            let refused = run(&mut connection, &[MIGRATIONS[0], sql]).unwrap_err();
            assert!(matches!(refused, StoreError::Migration { version: 2, .. }), "{refused:?}");
            assert_eq!(version(&connection).unwrap(), 1);
            assert_eq!((count(&connection, "outbox"), count(&connection, "bodies")), (3, 1));
        }
    }
}
