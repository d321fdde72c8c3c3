//! The hash chain over everything that is never changed: each snapshot, failed attempt, version, event and thinning is
//! a link, written in the transaction that writes the row. Changing, dropping or adding a row afterwards breaks every
//! link that follows; docs/evidence.md says what that proves. A link is
//!
//! ```text
//! SHA-256(link before, 32 bytes, zero for the first · record, UTF-8)
//! ```
//!
//! where the record is a JSON array without spaces: the word of the row's kind, then its columns. Headers, documents
//! and bodies stand in it as the SHA-256 of their text or bytes, in hexadecimal digits.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{StoreError, documents, headers, moment};
use crate::domain::hex::hex;

/// One link.
pub(super) type Link = [u8; 32];

/// Rows that are linked in one transaction when an older store is opened.
const BATCH: i64 = 2_000;

/// What a link is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Linked {
    Snapshot(i64),
    Attempt(i64),
    /// A release and the number of its version.
    Version(i64, i64),
    Event(i64),
    Thinning(i64),
}

impl Linked {
    /// The number of its kind, its row, and the number of a version.
    pub(super) fn columns(self) -> (i64, i64, Option<i64>) {
        match self {
            Self::Snapshot(id) => (0, id, None),
            Self::Attempt(id) => (1, id, None),
            Self::Version(release, number) => (2, release, Some(number)),
            Self::Event(id) => (3, id, None),
            Self::Thinning(id) => (4, id, None),
        }
    }

    /// From the columns of a link.
    pub(super) fn of(kind: i64, row: i64, number: Option<i64>) -> Option<Self> {
        match (kind, number) {
            (0, None) => Some(Self::Snapshot(row)),
            (1, None) => Some(Self::Attempt(row)),
            (2, Some(number)) => Some(Self::Version(row, number)),
            (3, None) => Some(Self::Event(row)),
            (4, None) => Some(Self::Thinning(row)),
            _ => None,
        }
    }

    /// The word of its kind.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Snapshot(_) => "snapshot",
            Self::Attempt(_) => "attempt",
            Self::Version(..) => "version",
            Self::Event(_) => "event",
            Self::Thinning(_) => "thinning",
        }
    }

    /// In words.
    pub(super) fn name(self) -> String {
        match self {
            Self::Version(release, number) => format!("version {number} of release {release}"),
            other => format!("{} {}", other.word(), other.columns().1),
        }
    }
}

/// The last link with its place; zeros at place 0 when there is none.
pub(super) fn head(connection: &Connection) -> Result<(i64, Link), StoreError> {
    let mut statement = connection.prepare_cached("SELECT position, link FROM chain ORDER BY position DESC LIMIT 1")?;
    let head = statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    Ok(head.unwrap_or_default())
}

/// Links a row that was just written.
pub(super) fn append(transaction: &Transaction<'_>, linked: Linked) -> Result<(), StoreError> {
    append_record(transaction, linked, record(transaction, linked)?)
}

/// Links a row that was just written with this text, which need not be read back: the headers of a snapshot, the
/// document of a version.
pub(super) fn append_with(transaction: &Transaction<'_>, linked: Linked, text: &str) -> Result<(), StoreError> {
    append_record(transaction, linked, record_with(transaction, linked, Some(text))?)
}

fn append_record(
    transaction: &Transaction<'_>,
    linked: Linked,
    record: Result<String, String>,
) -> Result<(), StoreError> {
    let record = record.map_err(|problem| StoreError::Unlinkable(linked.name(), problem))?;
    let (position, link) = head(transaction)?;
    let (kind, row, number) = linked.columns();
    transaction
        .prepare_cached("INSERT INTO chain (position, kind, row, number, link) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute((position + 1, kind, row, number, next(&link, &record)))?;
    Ok(())
}

/// The link after `before` over a record.
pub(super) fn next(before: &Link, record: &str) -> Link {
    Sha256::new().chain_update(before).chain_update(record.as_bytes()).finalize().into()
}

/// The record of a row as the chain takes it, or what is wrong with the row.
pub(super) fn record(transaction: &Transaction<'_>, linked: Linked) -> Result<Result<String, String>, StoreError> {
    record_with(transaction, linked, None)
}

/// The same, with the headers of a snapshot or the document of a version where they are known.
fn record_with(
    transaction: &Transaction<'_>,
    linked: Linked,
    known: Option<&str>,
) -> Result<Result<String, String>, StoreError> {
    let (_, id, number) = linked.columns();
    let mut statement = transaction.prepare_cached(match linked {
        Linked::Snapshot(_) => {
            "SELECT s.id, t.source, t.url, coalesce(r.final_url, t.url), s.status, coalesce(r.redirects, '[]'),
                 b.sha256, s.fetched_at, s.headers, s.headers_base
             FROM snapshots s LEFT JOIN targets t ON t.id = s.target LEFT JOIN routes r ON r.id = s.route
             LEFT JOIN bodies b ON b.id = s.body WHERE s.id = ?1 AND ?2 IS NULL"
        }
        Linked::Attempt(_) => "SELECT id, source, url, at, kind, message FROM attempts WHERE id = ?1 AND ?2 IS NULL",
        Linked::Version(..) => {
            "SELECT release, number, snapshot, extractor, hash, recorded_at, technical, base, document FROM versions
             WHERE release = ?1 AND number = ?2"
        }
        Linked::Thinning(_) => "SELECT id, at, source, keep, snapshots FROM thinnings WHERE id = ?1 AND ?2 IS NULL",
        Linked::Event(_) => {
            "SELECT id, at, kind, source, release, url, old_url, title, fields, significance, reasons, summary,
                 old_version, new_version, explanation, evidence FROM events WHERE id = ?1 AND ?2 IS NULL"
        }
    })?;
    let mut rows = statement.query((id, number))?;
    let Some(row) = rows.next()? else { return Ok(Err("it is missing".to_owned())) };
    let mut values = vec![Value::from(linked.word())];
    match linked {
        Linked::Snapshot(_) => {
            push_columns(&mut values, row, 0..6)?;
            values.push(moment::spell(row.get_ref(7)?).into());
            push_columns(&mut values, row, 6..7)?;
            let headers = match known {
                Some(known) => Ok(known.to_owned()),
                None => headers::read(transaction, row.get_ref(8)?, row.get(9)?)?,
            };
            match headers {
                Ok(json) => values.push(hex(&Sha256::digest(json)).into()),
                Err(problem) => return Ok(Err(problem)),
            }
        }
        Linked::Attempt(_) => push_columns(&mut values, row, 0..6)?,
        Linked::Version(..) => {
            push_columns(&mut values, row, 0..7)?;
            let document = match known {
                Some(known) => Ok(known.to_owned()),
                None => documents::read(transaction, row),
            };
            match document {
                Ok(json) => values.push(hex(&Sha256::digest(json)).into()),
                Err(error) => return Ok(Err(format!("its document: {error}"))),
            }
        }
        Linked::Event(_) => push_columns(&mut values, row, 0..16)?,
        Linked::Thinning(_) => push_columns(&mut values, row, 0..5)?,
    }
    Ok(Ok(Value::Array(values).to_string()))
}

fn push_columns(values: &mut Vec<Value>, row: &Row<'_>, columns: std::ops::Range<usize>) -> rusqlite::Result<()> {
    for column in columns {
        values.push(match row.get_ref(column)? {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(number) => number.into(),
            ValueRef::Real(number) => number.to_string().into(),
            ValueRef::Text(text) => String::from_utf8_lossy(text).into(),
            ValueRef::Blob(bytes) => hex(bytes).into(),
        });
    }
    Ok(())
}

/// Links the rows that are older than the chain, in the order of their kinds and rows. Killed in between, it goes on
/// at the next opening; nothing else is linked before it is done.
pub(super) fn catch_up(connection: &mut Connection) -> Result<(), StoreError> {
    while let Some((word, through)) = find_backlog(connection)? {
        let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        let waiting = list_waiting(&transaction, &word, through)?;
        for linked in &waiting {
            append(&transaction, *linked)?;
        }
        if waiting.is_empty() {
            transaction.execute("DELETE FROM chain_backlog WHERE kind = ?1", [&word])?;
        }
        transaction.commit()?;
    }
    Ok(())
}

fn find_backlog(connection: &Connection) -> rusqlite::Result<Option<(String, i64)>> {
    let sql = "SELECT kind, through FROM chain_backlog
               ORDER BY CASE kind WHEN 'snapshot' THEN 1 WHEN 'attempt' THEN 2 WHEN 'version' THEN 3 ELSE 4 END LIMIT 1";
    connection.prepare_cached(sql)?.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()
}

/// The next rows of a kind up to `through`, after the last one that is linked.
fn list_waiting(transaction: &Transaction<'_>, word: &str, through: i64) -> Result<Vec<Linked>, StoreError> {
    let (kind, sql) = match word {
        "snapshot" => (0, "SELECT id, NULL FROM snapshots WHERE id > ?1 AND ?2 = 0 AND id <= ?3 ORDER BY id LIMIT ?4"),
        "attempt" => (1, "SELECT id, NULL FROM attempts WHERE id > ?1 AND ?2 = 0 AND id <= ?3 ORDER BY id LIMIT ?4"),
        "version" => (
            2,
            "SELECT release, number FROM versions WHERE (release, number) > (?1, ?2) AND release <= ?3
             ORDER BY release, number LIMIT ?4",
        ),
        _ => (3, "SELECT id, NULL FROM events WHERE id > ?1 AND ?2 = 0 AND id <= ?3 ORDER BY id LIMIT ?4"),
    };
    let last: (i64, i64) = transaction
        .prepare_cached("SELECT row, coalesce(number, 0) FROM chain WHERE kind = ?1 ORDER BY position DESC LIMIT 1")?
        .query_row([kind], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?
        .unwrap_or_default();
    let mut statement = transaction.prepare_cached(sql)?;
    let rows = statement.query_map((last.0, last.1, through, BATCH), |row| Ok((row.get(0)?, row.get(1)?)))?;
    let rows = rows.collect::<Result<Vec<(i64, Option<i64>)>, _>>()?;
    Ok(rows.into_iter().filter_map(|(row, number)| Linked::of(kind, row, number)).collect())
}
