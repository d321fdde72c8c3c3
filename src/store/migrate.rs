//! Brings a store up to date: numbered SQL files, counted by SQLite's `user_version`, each in a transaction of
//! its own. A store that a later pressdiff wrote, or that is another program's, is left alone.

use std::path::Path;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::{StoreError, sqlite};

/// The number of a migration is its place, counted from 1; published ones are never edited.
const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/sqlite/0001_initial.sql"),
    include_str!("../../migrations/sqlite/0002_compact.sql"),
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
    transaction.execute_batch(sql).map_err(|error| failed(error.into()))?;
    transaction.pragma_update(None, "user_version", version)?;
    let mut dangling = transaction.prepare("PRAGMA foreign_key_check")?;
    if dangling.exists([])? { Err(failed("it left dangling references".into())) } else { Ok(()) }
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

    const FILLED: &str = include_str!("../../tests/fixtures/migrations/0001.sql");

    fn filled() -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        run(&mut connection, &MIGRATIONS[..1]).unwrap();
        connection.execute_batch(FILLED).unwrap();
        connection
    }

    fn count(connection: &Connection, table: &str) -> u32 {
        connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_filled_store_is_brought_up_to_date_once() {
        let mut connection = filled();
        for _ in 0..2 {
            migrate(&mut connection).unwrap();
            assert_eq!((version(&connection).unwrap(), count(&connection, "outbox")), (latest(), 3));
        }
    }

    #[test]
    fn a_failed_migration_changes_nothing() {
        let broken = ["DROP TABLE outbox; CREATE TABLE outbox (id INTEGER); nonsense", "DELETE FROM bodies"];
        for sql in broken {
            let mut connection = filled();
            let refused = run(&mut connection, &[MIGRATIONS[0], sql]).unwrap_err();
            assert!(matches!(refused, StoreError::Migration { version: 2, .. }), "{refused:?}");
            assert_eq!(version(&connection).unwrap(), 1);
            assert_eq!((count(&connection, "outbox"), count(&connection, "bodies")), (3, 1));
        }
    }
}
