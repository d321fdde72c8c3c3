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
    include_str!("../../migrations/sqlite/0011_depth.sql"),
    include_str!("../../migrations/sqlite/0012_small_rows.sql"),
    include_str!("../../migrations/sqlite/0013_small_documents.sql"),
    include_str!("../../migrations/sqlite/0014_listing_pages.sql"),
    include_str!("../../migrations/sqlite/0015_imports.sql"),
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
    use super::super::{chain, moment};
    use super::*;
    use crate::domain::hex::hex;

    /// What each version adds to a store, as it was written while that version was the latest.
    const ROWS: [&str; 15] = [
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
        include_str!("../../tests/fixtures/migrations/0013.sql"),
        include_str!("../../tests/fixtures/migrations/0014.sql"),
        include_str!("../../tests/fixtures/migrations/0015.sql"),
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

    /// The links that version 6 made of the first rows.
    const LINKS: [&str; 5] = [
        "e41d0f8233b8376e9cf9f9173eb0b993e286e2fe3702d67ff8a1521c8e964acd",
        "d0cf9c2fafc707079cd4d37b4a9f5e7bc2e3a77871f7026f6bd1551496114cb7",
        "4e491506ded9950fb73ddca06a18935934d351c9bd0b11e1c67e705012c45861",
        "22f25a3136460e099513fcc96a02fd87d9279168964af43d5dece7518a7c575c",
        "829002d2659f0b386a3833f2b191b3b982340cb21f543bebc0b21d82d5fb54cd",
    ];

    #[test]
    fn heads_that_others_hold_stay_valid() {
        let mut connection = filled(1);
        run(&mut connection, &MIGRATIONS[..6]).unwrap();
        connection.execute_batch("DELETE FROM chain_backlog").unwrap();
        let rows = [
            ("snapshot", 1, None),
            ("attempt", 1, None),
            ("version", 1, Some(1)),
            ("event", 1, None),
            ("event", 2, None),
        ];
        for (position, (link, (kind, row, number))) in (1..).zip(LINKS.iter().zip(rows)) {
            let sql = "INSERT INTO chain (position, kind, row, number, link) VALUES (?1, ?2, ?3, ?4, unhex(?5))";
            connection.execute(sql, (position, kind, row, number, link)).unwrap();
        }
        migrate(&mut connection).unwrap();
        let transaction = connection.transaction().unwrap();
        let mut statement =
            transaction.prepare("SELECT kind, row, number, lower(hex(link)) FROM chain ORDER BY position").unwrap();
        let mut links = statement.query([]).unwrap();
        let mut before = [0; 32];
        for expected in LINKS {
            let row = links.next().unwrap().unwrap();
            let linked = chain::Linked::of(row.get(0).unwrap(), row.get(1).unwrap(), row.get(2).unwrap()).unwrap();
            before = chain::next(&before, &chain::record(&transaction, linked).unwrap().unwrap());
            assert_eq!((hex(&before), row.get::<_, String>(3).unwrap()), (expected.to_owned(), expected.to_owned()));
        }
    }

    #[test]
    fn a_time_that_is_spelled_in_another_way_stays_as_it_is() {
        let mut connection = filled(1);
        run(&mut connection, &MIGRATIONS[..6]).unwrap();
        let times = [
            "2016-12-31T23:59:60.000Z",
            "1969-12-31T23:59:59.999Z",
            "2026-06-01T09:00:02.25Z",
            "0001-01-01T00:00:00.007Z",
        ];
        connection.execute_batch("DROP TRIGGER snapshots_stay").unwrap();
        for (id, time) in (2..).zip(times) {
            let sql =
                "INSERT INTO snapshots SELECT ?1, source, url, final_url, status, headers, NULL, redirects, ?2, body
                       FROM snapshots WHERE id = 1";
            connection.execute(sql, (id, time)).unwrap();
        }
        migrate(&mut connection).unwrap();
        let mut statement = connection.prepare("SELECT fetched_at FROM snapshots WHERE id > 1 ORDER BY id").unwrap();
        let spelled = statement.query_map([], |row| Ok(moment::spell(row.get_ref(0)?))).unwrap();
        assert_eq!(spelled.map(Result::unwrap).collect::<Vec<_>>(), times.map(|time| Some(time.to_owned())));
        assert_eq!(count(&connection, "snapshots WHERE typeof(fetched_at) = 'text'"), 2);
        assert_eq!((count(&connection, "targets"), count(&connection, "routes")), (1, 1));
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
