//! Makes a record smaller while there is nothing else to do: bodies of older stores, each compressed by itself, are
//! compressed again against the bodies before them, and runs that are over are packed as a whole (`runs`). A few bodies
//! in one transaction, so that whoever writes hardly waits, and so that a process that is killed has lost nothing.

use bytes::Bytes;
use rusqlite::{Transaction, named_params};

use super::bodies::{self, Base, Encoded};
use super::cache::Cache;
use super::{Store, StoreError, codec, documents, runs};
use crate::domain::model::SourceId;

/// Decoded bytes after which a step ends.
const MOST_BYTES: usize = 16 << 20;
/// Of this many pages of the file, one that is free is worth the work of writing the file anew.
const SHRINK_FROM: i64 = 32;

/// What a step of repacking came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Repacked {
    /// Bodies and documents that were looked at.
    pub bodies: u64,
    /// Bytes that they take less.
    pub saved: u64,
}

/// A body that was never compressed against another one, with the first answer that brought it.
struct Waiting {
    id: i64,
    size: usize,
    length: usize,
    /// Snapshot, its address, status and source; none for a body that no answer brought.
    answer: Option<(i64, String, u16, String)>,
}

impl Store {
    /// How many bodies were never compressed against others, or are in runs that are over and not packed, with the
    /// documents that were never compressed.
    pub async fn count_unpacked(&self) -> Result<u64, StoreError> {
        self.read(|transaction| {
            let sql = "SELECT count(*) FROM bodies WHERE step IS NULL";
            let alone: u64 = transaction.prepare_cached(sql)?.query_row([], |row| row.get::<_, u32>(0))?.into();
            Ok(alone + runs::count(transaction)? + documents::count(transaction)?)
        })
        .await
    }

    /// Looks at up to `limit` more of them. Nothing is looked at when all is done.
    pub async fn repack_some(&self, limit: u32) -> Result<Repacked, StoreError> {
        // The readers answer this, so that an idle daemon does not write when there is nothing to do.
        if self.count_unpacked().await? == 0 {
            return Ok(Repacked::default());
        }
        let cache = self.shared.cache.clone();
        self.write(move |transaction| repack(transaction, &cache, limit)).await
    }

    /// Writes the file anew if much of it is free, counting bytes that were saved within its pages. Needs as much space
    /// again while it does.
    pub async fn shrink(&self, saved: u64) -> Result<(), StoreError> {
        let writer = self.shared.writer.as_ref().ok_or(StoreError::ReadOnly)?;
        writer
            .run_bare(move |connection| {
                let count = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
                let saved = i64::try_from(saved).unwrap_or(i64::MAX) / count("page_size")?.max(1);
                if saved.saturating_add(count("freelist_count")?).saturating_mul(SHRINK_FROM) >= count("page_count")? {
                    connection.execute_batch("VACUUM")?;
                }
                Ok(())
            })
            .await
    }
}

fn repack(transaction: &Transaction<'_>, cache: &Cache, limit: u32) -> Result<Repacked, StoreError> {
    let mut done = Repacked::default();
    let mut bytes = 0;
    for waiting in list_waiting(transaction, limit)? {
        bytes += waiting.length;
        done.bodies += 1;
        done.saved += repack_one(transaction, cache, &waiting)? as u64;
        if bytes >= MOST_BYTES {
            break;
        }
    }
    if done.bodies == 0 {
        let (documents, saved) = documents::pack_some(transaction, limit)?;
        done = Repacked { bodies: documents, saved };
    }
    // A run is as much work as a step may be.
    if done.bodies == 0
        && let Some((bodies, saved)) = runs::pack_next(transaction, cache)?
    {
        done = Repacked { bodies, saved };
    }
    Ok(done)
}

fn list_waiting(transaction: &Transaction<'_>, limit: u32) -> Result<Vec<Waiting>, StoreError> {
    let mut statement = transaction.prepare_cached(
        "SELECT b.id, length(b.data), b.length, s.id, t.url, s.status, t.source FROM bodies b
         LEFT JOIN snapshots s ON s.id = (SELECT min(id) FROM snapshots WHERE body = b.id)
         LEFT JOIN targets t ON t.id = s.target
         WHERE b.step IS NULL ORDER BY b.id LIMIT ?1",
    )?;
    let waiting = statement.query_map([limit], |row| {
        let answer = match row.get(3)? {
            Some(snapshot) => Some((snapshot, row.get(4)?, row.get(5)?, row.get(6)?)),
            None => None,
        };
        Ok(Waiting {
            id: row.get(0)?,
            size: row.get::<_, u32>(1)? as usize,
            length: row.get::<_, u32>(2)? as usize,
            answer,
        })
    })?;
    Ok(waiting.collect::<Result<_, _>>()?)
}

/// Returns the bytes that are saved. A damaged body stays as it is, for `verify` to name.
fn repack_one(transaction: &Transaction<'_>, cache: &Cache, waiting: &Waiting) -> Result<usize, StoreError> {
    let others_lean_on_it = transaction.prepare_cached("SELECT 1 FROM bodies WHERE base = ?1")?.exists([waiting.id])?;
    if !others_lean_on_it
        && let Ok(body) = bodies::load(transaction, cache, waiting.id)?
        && let Some(encoded) = encode_anew(transaction, cache, waiting, &body)?
        && encoded.data.len() < waiting.size
    {
        replace(transaction, waiting.id, &encoded)?;
        if encoded.is_pattern {
            offer_as_pattern(transaction, waiting)?;
        }
        return Ok(waiting.size - encoded.data.len());
    }
    transaction.prepare_cached("UPDATE bodies SET step = 0 WHERE id = ?1")?.execute([waiting.id])?;
    offer_as_pattern(transaction, waiting)?;
    Ok(0)
}

fn offer_as_pattern(transaction: &Transaction<'_>, waiting: &Waiting) -> Result<(), StoreError> {
    let Some((.., source)) = &waiting.answer else { return Ok(()) };
    bodies::offer_pattern(transaction, &SourceId(source.clone()), waiting.id, waiting.length)
}

/// The body against the one before it, if that is smaller and gives the same bytes back.
fn encode_anew(
    transaction: &Transaction<'_>,
    cache: &Cache,
    waiting: &Waiting,
    body: &Bytes,
) -> Result<Option<Encoded>, StoreError> {
    let Some((snapshot, url, status, source)) = &waiting.answer else { return Ok(None) };
    let source = SourceId(source.clone());
    let before = bodies::find_before(transaction, (&source, url), *status, *snapshot)?;
    let base = match before {
        Some(base) => Some(base),
        None => bodies::find_pattern(transaction, &source)?,
    };
    let Some(base) = base.filter(|base: &Base| base.id < waiting.id) else { return Ok(None) };
    let encoded = bodies::encode(transaction, cache, body, Some(base))?;
    let Some(below) = encoded.base else { return Ok(None) };
    let Ok(below) = bodies::load(transaction, cache, below)? else { return Ok(None) };
    let is_same = codec::decode(&encoded.data, &below, body.len()).is_ok_and(|again| again[..] == body[..]);
    Ok(is_same.then_some(encoded))
}

fn replace(transaction: &Transaction<'_>, id: i64, encoded: &Encoded) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "UPDATE bodies SET encoding = :encoding, base = :base, depth = :depth, step = :step, data = :data
             WHERE id = :id",
        )?
        .execute(named_params! {
            ":id": id,
            ":encoding": bodies::ZSTD,
            ":base": encoded.base,
            ":depth": encoded.depth,
            ":step": encoded.step,
            ":data": encoded.data,
        })?;
    Ok(())
}
