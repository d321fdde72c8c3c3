//! The tables, indexes and triggers are those that the migrations make: a trigger with one letter changed would end
//! every check that comes upon it, or let rows be changed that never may.

use std::collections::BTreeMap;

use rusqlite::{Connection, Transaction};

use super::super::{StoreError, migrate};
use super::{Proof, Scan, broken};

/// Kind and name of each part, and how it is made.
type Parts = BTreeMap<(String, String), String>;

pub(super) fn prove(scan: &mut Scan<'_>) -> Proof {
    let (found, expected) = (list(scan.transaction)?, expected()?);
    let differs = |part: &&(String, String)| found.get(*part) != expected.get(*part);
    if let Some((kind, name)) = expected.keys().chain(found.keys()).find(differs) {
        return Err(broken(format!("{kind} {name} is not as this version of the store has it")));
    }
    prove_counts(scan.transaction)?;
    Ok(found.len() as u64)
}

/// What the migrations make of an empty database.
fn expected() -> Result<Parts, StoreError> {
    let mut empty = Connection::open_in_memory()?;
    migrate::migrate(&mut empty)?;
    list(&empty)
}

/// SQLite writes names in quotes when it renames a table, and keeps tables of its own.
fn list(connection: &Connection) -> Result<Parts, StoreError> {
    let sql = "SELECT type, name, coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    let mut statement = connection.prepare(sql)?;
    let parts = statement.query_map([], |row| {
        let sql: String = row.get(2)?;
        Ok(((row.get(0)?, row.get(1)?), sql.replace('"', "").split_whitespace().collect::<Vec<_>>().join(" ")))
    })?;
    Ok(parts.collect::<Result<_, _>>()?)
}

/// What triggers count is what there is to be counted.
fn prove_counts(transaction: &Transaction<'_>) -> Result<(), super::ProofError> {
    let counts = [
        (
            "inbox_counts",
            "SELECT source, kind, significance, count FROM inbox_counts WHERE count <> 0",
            "SELECT source, kind, significance, count(*) FROM inbox GROUP BY source, kind, significance",
        ),
        (
            "event_days",
            "SELECT source, day, count FROM event_days WHERE count <> 0",
            "SELECT source, substr(at, 1, 10), count(*) FROM events WHERE kind <> 'site' GROUP BY 1, 2",
        ),
    ];
    for (table, kept, counted) in counts {
        let sql = format!("SELECT 1 FROM (SELECT * FROM ({kept}) EXCEPT SELECT * FROM ({counted}))");
        let other = format!("SELECT 1 FROM (SELECT * FROM ({counted}) EXCEPT SELECT * FROM ({kept}))");
        if transaction.prepare(&sql)?.exists([])? || transaction.prepare(&other)?.exists([])? {
            return Err(broken(format!("{table} does not count what there is")));
        }
    }
    Ok(())
}
