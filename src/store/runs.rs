//! Runs of bodies that are over: packed as a whole, in place, into pieces of one frame. What a page brings anew, the
//! pages after it need not spell again, which saves a third of what their deltas take. Nothing but `data` and
//! `encoding` of the rows changes, so whatever leans on a body goes on as before.

use std::iter::{once, repeat};

use bytes::Bytes;
use rusqlite::{OptionalExtension as _, Transaction};

use super::cache::Cache;
use super::{StoreError, bodies, codec};

/// Under this name stands the last body of the last run that was looked at.
const THROUGH: &str = "packed_through";

/// Ends of runs that were not looked at; the database has an index of them.
const ENDS: &str = "FROM bodies WHERE step = 15 AND encoding IN (0, 1)
    AND id > (SELECT coalesce(max(CAST(value AS INTEGER)), 0) FROM meta WHERE name = ?1)";

/// How many bodies are in such runs.
pub(super) fn count(transaction: &Transaction<'_>) -> Result<u64, StoreError> {
    let mut statement = transaction.prepare_cached(&format!("SELECT count(*) {ENDS}"))?;
    let ends: u32 = statement.query_row([THROUGH], |row| row.get(0))?;
    Ok(u64::from(ends) * u64::from(bodies::RUN))
}

/// Packs the next run; how many bodies were looked at, and how many bytes are saved. Nothing when all are packed.
pub(super) fn pack_next(transaction: &Transaction<'_>, cache: &Cache) -> Result<Option<(u64, u64)>, StoreError> {
    let mut statement = transaction.prepare_cached(&format!("SELECT id {ENDS} ORDER BY id LIMIT 1"))?;
    let Some(end) = statement.query_row([THROUGH], |row| row.get(0)).optional()? else { return Ok(None) };
    let rows = list_rows(transaction, end)?;
    let saved = pack(transaction, cache, &rows)?;
    set_place(transaction, THROUGH, end)?;
    Ok(Some((bodies::RUN.into(), saved)))
}

/// Keeps the last body of the last run that was looked at.
pub(super) fn set_place(transaction: &Transaction<'_>, name: &str, end: i64) -> Result<(), StoreError> {
    let sql = "INSERT INTO meta (name, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = excluded.value";
    transaction.prepare_cached(sql)?.execute((name, end.to_string()))?;
    Ok(())
}

/// A body of a run, with the size of its data.
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) size: usize,
    base: Option<i64>,
    pub(super) depth: u32,
    pub(super) step: u32,
    encoding: i64,
}

/// The bodies of a run, from its first to its last.
pub(super) fn list_rows(transaction: &Transaction<'_>, end: i64) -> Result<Vec<Row>, StoreError> {
    let sql = "SELECT id, length(data), base, depth, coalesce(step, 0), encoding FROM bodies WHERE id = ?1";
    let mut statement = transaction.prepare_cached(sql)?;
    let (mut rows, mut next) = (Vec::<Row>::new(), Some(end));
    while let Some(id) = next {
        let row = statement.query_row([id], |row| {
            Ok(Row {
                id,
                size: row.get::<_, u32>(1)? as usize,
                base: row.get(2)?,
                depth: row.get(3)?,
                step: row.get(4)?,
                encoding: row.get(5)?,
            })
        })?;
        let in_order = rows.last().is_none_or(|above| above.step == row.step + 1);
        next = row.base.filter(|_| row.step > 0 && in_order);
        rows.push(row);
    }
    rows.reverse();
    Ok(rows)
}

/// Returns the bytes that are saved. A run with a damaged body stays as it is, for `verify` to name.
fn pack(transaction: &Transaction<'_>, cache: &Cache, rows: &[Row]) -> Result<u64, StoreError> {
    let Some((first, rest)) = rows.split_first() else { return Ok(0) };
    // What has pieces of its own in part shares them with another run.
    let is_alike = rest.iter().all(|row| row.encoding == rest[0].encoding && row.encoding != bodies::JOINED);
    if first.step > 0 || !is_alike {
        return Ok(0);
    }
    let (Ok(prefix), Some(bodies)) = (bodies::load(transaction, cache, first.id)?, load_all(transaction, cache, rest)?)
    else {
        return Ok(0);
    };
    let pieces = codec::encode_run(&bodies, &prefix).map_err(bodies::to_sql_failure)?;
    let joined = codec::join(&pieces).map_err(bodies::to_sql_failure)?;
    let (before, after) = (rest.iter().map(|row| row.size).sum::<usize>(), joined.len());
    let Some(saved) = before.checked_sub(after).filter(|_| gives_back(&pieces, &prefix, &bodies)) else { return Ok(0) };
    for (row, data) in rest.iter().zip(once(joined).chain(repeat(Vec::new()))) {
        replace(transaction, row.id, bodies::JOINED, &data)?;
    }
    Ok(saved as u64)
}

/// Takes a row out and puts it in again with other data. Only when rows are taken out does SQLite look whether pages
/// that are mostly empty can be made one.
fn replace(transaction: &Transaction<'_>, id: i64, encoding: i64, data: &[u8]) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "REPLACE INTO bodies (id, sha256, length, encoding, base, depth, step, data)
             SELECT id, sha256, length, ?2, base, depth, step, ?3 FROM bodies WHERE id = ?1",
        )?
        .execute((id, encoding, data))?;
    Ok(())
}

/// The bodies; nothing if one is damaged, or if they are too long together.
fn load_all(transaction: &Transaction<'_>, cache: &Cache, rows: &[Row]) -> Result<Option<Vec<Bytes>>, StoreError> {
    let (mut bodies, mut length) = (Vec::new(), 0);
    for row in rows {
        let Ok(body) = bodies::load(transaction, cache, row.id)? else { return Ok(None) };
        length += body.len();
        if length > codec::LONGEST_RUN {
            return Ok(None);
        }
        bodies.push(body);
    }
    Ok(Some(bodies))
}

/// Whether these are the bodies again.
pub(super) fn gives_back(pieces: &[Vec<u8>], prefix: &[u8], bodies: &[Bytes]) -> bool {
    let all = bodies.concat();
    codec::decode_run(&pieces.concat(), prefix, all.len()).is_ok_and(|again| again == all)
}
