//! Answers of servers as they came.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, Row, Transaction, named_params};
use url::Url;

use super::bodies::{self, Body};
use super::cache::Cache;
use super::chain::{self, Linked};
use super::column::{self, Columns as _};
use super::moment::{self, Moment};
use super::{Store, StoreError, headers, targets};
use crate::domain::hex::hex;
use crate::domain::model::{Fetched, Snapshot, SnapshotId, SourceId};

/// Columns of a snapshot with its addresses and the hash of its body; a condition follows.
const SELECT: &str = "SELECT s.*, t.url, r.final_url, r.redirects, b.sha256, b.length
    FROM snapshots s
    JOIN targets t ON t.id = s.target LEFT JOIN routes r ON r.id = s.route JOIN bodies b ON b.id = s.body";

/// Bytes of a body that takes so long to compress that others shall not wait for several of them.
const LARGE: usize = 256 << 10;

/// An answer without its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// SHA-256 of the body.
    pub sha256: [u8; 32],
    /// Length of the body in bytes.
    pub length: u64,
    /// The answer; its body is left empty.
    pub fetched: Fetched,
}

/// A snapshot in a list, without headers and body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotLine {
    /// Its row.
    pub id: SnapshotId,
    /// When the answer was complete.
    pub fetched_at: DateTime<Utc>,
    /// Status of the answer.
    pub status: u16,
    /// SHA-256 of the body, 64 hexadecimal digits.
    pub sha256: String,
    /// Length of the body in bytes.
    pub length: u64,
}

/// What became of an answer that was to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Saved {
    /// Its row.
    pub id: SnapshotId,
    /// Whether the store had it already: the same bytes from the same address at the same time.
    pub was_known: bool,
    /// SHA-256 of its body.
    pub sha256: [u8; 32],
}

impl Store {
    /// Keeps an answer. It is on disk when this returns.
    pub async fn save_snapshot(&self, source: &SourceId, fetched: &Fetched) -> Result<SnapshotId, StoreError> {
        Ok(self.keep(source, fetched.clone()).await?.id)
    }

    /// The same, for those who go on with the answer.
    pub async fn keep(&self, source: &SourceId, fetched: Fetched) -> Result<Snapshot, StoreError> {
        let (source, fresh) = (source.clone(), Cache::above(&self.shared.cache));
        let (cache, is_large) = (fresh.clone(), fetched.body.len() > LARGE);
        let work = move |transaction: &Transaction<'_>| {
            let place = (&fetched.url, fetched.status);
            let body = bodies::prepare(transaction, &cache, &source, place, &fetched.body)?;
            let (id, row) = insert(transaction, &source, &fetched, &body)?;
            cache.keep(row, body.bytes());
            Ok(Snapshot { id, sha256: hex(&body.sha256), fetched: Arc::new(fetched) })
        };
        let snapshot = if is_large { self.write(work).await? } else { self.write_together(work).await? };
        // Not before it is committed: the row of one that is rolled back is given to another.
        self.shared.cache.take_from(&fresh);
        Ok(snapshot)
    }

    /// Keeps answers that were recorded elsewhere, in the order given and in one transaction; those that are known
    /// are not kept twice.
    pub async fn save_captures(&self, source: &SourceId, captures: Vec<Fetched>) -> Result<Vec<Saved>, StoreError> {
        let (source, fresh) = (source.clone(), Cache::above(&self.shared.cache));
        let cache = fresh.clone();
        let saved = self
            .write(move |transaction| {
                captures.iter().map(|fetched| save_capture(transaction, &cache, &source, fetched)).collect()
            })
            .await?;
        self.shared.cache.take_from(&fresh);
        Ok(saved)
    }

    /// An answer with its body, whose hash has been verified.
    pub async fn find_snapshot(&self, id: SnapshotId) -> Result<Option<Snapshot>, StoreError> {
        let cache = self.shared.cache.clone();
        self.read(move |transaction| find(transaction, &cache, id)).await
    }

    /// An answer without its body.
    pub async fn find_answer(&self, id: SnapshotId) -> Result<Option<Answer>, StoreError> {
        self.read(move |transaction| Ok(find_bare(transaction, id)?.map(|(answer, _)| answer))).await
    }

    /// The answers with higher ids, of one source if one is given, with their bodies: up to `limit` of them, and no
    /// more once their bodies together have so many bytes. Empty at the end. Those that were thinned out are left out.
    pub async fn list_snapshots_after(
        &self,
        after: SnapshotId,
        source: Option<&SourceId>,
        since: Option<DateTime<Utc>>,
        (limit, bytes): (u32, usize),
    ) -> Result<Vec<Snapshot>, StoreError> {
        let (cache, source) = (self.shared.cache.clone(), source.cloned());
        self.read(move |transaction| {
            let mut statement = transaction.prepare_cached(
                // The plus keeps SQLite from going through all snapshots of a target before it sorts them.
                "SELECT s.id FROM snapshots s JOIN bodies b ON b.id = s.body WHERE s.id > ?1
                     AND (?2 IS NULL OR (SELECT source FROM targets WHERE id = +s.target) = ?2)
                     AND (?3 IS NULL OR s.fetched_at >= ?3) AND b.encoding <> ?5 ORDER BY s.id LIMIT ?4",
            )?;
            let source = source.as_ref().map(|source| &source.0);
            let values = (after.0, source, since.map(Moment), limit, bodies::THINNED);
            let ids = statement.query_map(values, |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?;
            let (mut snapshots, mut size) = (Vec::new(), 0);
            for id in ids {
                let Some(snapshot) = find(transaction, &cache, SnapshotId(id))? else { continue };
                size += snapshot.fetched.body.len();
                snapshots.push(snapshot);
                if size >= bytes {
                    break;
                }
            }
            Ok(snapshots)
        })
        .await
    }

    /// The source that asked for a snapshot, if that is of a release of it which has or had this address.
    pub async fn find_owner(&self, snapshot: SnapshotId, identity: &str) -> Result<Option<SourceId>, StoreError> {
        let identity = identity.to_owned();
        self.read(move |transaction| {
            let mut statement = transaction.prepare_cached(
                "SELECT t.source FROM snapshots s JOIN targets t ON t.id = s.target
                     JOIN addresses a ON a.source = t.source AND a.identity = ?2
                 WHERE s.id = ?1",
            )?;
            Ok(statement.query_row((snapshot.0, &identity), |row| row.get(0).map(SourceId)).optional()?)
        })
        .await
    }

    /// How many answers are kept.
    pub async fn count_snapshots(&self) -> Result<u64, StoreError> {
        self.read(|transaction| {
            let sql = "SELECT count(*) FROM snapshots";
            Ok(transaction.prepare_cached(sql)?.query_row([], |row| row.get::<_, u32>(0))?.into())
        })
        .await
    }

    /// The answers to requests for exactly this address, oldest first.
    pub async fn list_snapshots(&self, url: &Url) -> Result<Vec<SnapshotLine>, StoreError> {
        let url = url.clone();
        self.read(move |transaction| {
            let mut statement = transaction.prepare_cached(
                "SELECT s.id, s.fetched_at, s.status, b.sha256, b.length
                 FROM targets t JOIN snapshots s ON s.target = t.id JOIN bodies b ON b.id = s.body
                 WHERE t.url = ?1 ORDER BY s.id",
            )?;
            let lines = statement.query_map([url.as_str()], read_line)?;
            Ok(lines.collect::<Result<_, _>>()?)
        })
        .await
    }
}

fn find(transaction: &Transaction<'_>, cache: &Cache, id: SnapshotId) -> Result<Option<Snapshot>, StoreError> {
    let Some((answer, body)) = find_bare(transaction, id)? else { return Ok(None) };
    let Answer { sha256, mut fetched, .. } = answer;
    let sha256 = hex(&sha256);
    if bodies::is_thinned(transaction, body)? {
        return Err(StoreError::Thinned { snapshot: id, sha256 });
    }
    let corrupt = |problem: String| StoreError::Corrupt { snapshot: id, problem };
    fetched.body = bodies::load(transaction, cache, body)?.map_err(corrupt)?;
    Ok(Some(Snapshot { id, sha256, fetched: Arc::new(fetched) }))
}

/// An answer, and the row of its body.
fn find_bare(transaction: &Transaction<'_>, id: SnapshotId) -> Result<Option<(Answer, i64)>, StoreError> {
    let corrupt = |problem: String| StoreError::Corrupt { snapshot: id, problem };
    let mut statement = transaction.prepare_cached(&format!("{SELECT} WHERE s.id = ?1"))?;
    let mut rows = statement.query([id.0])?;
    let Some(row) = rows.next()? else {
        let is_there = transaction.prepare_cached("SELECT 1 FROM snapshots WHERE id = ?1")?.exists([id.0])?;
        return if is_there { Err(corrupt("it is missing".to_owned())) } else { Ok(None) };
    };
    let json = headers::read(transaction, row.get_ref("headers")?, row.get("headers_base")?)?.map_err(corrupt)?;
    let headers = serde_json::from_str(&json).map_err(|error| corrupt(format!("its headers: {error}")))?;
    let url: Url = row.url("url")?;
    let fetched = Fetched {
        final_url: row.maybe_url("final_url")?.unwrap_or_else(|| url.clone()),
        url,
        redirects: row.maybe_json("redirects")?.unwrap_or_default(),
        status: row.get("status")?,
        headers,
        body: bytes::Bytes::new(),
        fetched_at: moment::read(row, "fetched_at")?,
    };
    let length = row.get::<_, i64>("length")?.unsigned_abs();
    Ok(Some((Answer { sha256: row.get("sha256")?, length, fetched }, row.get("body")?)))
}

/// Writes an answer with its body, and returns the rows of both.
fn insert(
    transaction: &Transaction<'_>,
    source: &SourceId,
    fetched: &Fetched,
    body: &Body,
) -> Result<(SnapshotId, i64), StoreError> {
    let row = bodies::save(transaction, source, body)?;
    let target = targets::save(transaction, source, &fetched.url)?;
    let json = column::spell_json(&fetched.headers)?;
    let headers = headers::prepare(transaction, target, &json)?;
    transaction
        .prepare_cached(
            "INSERT INTO snapshots (target, route, status, headers, headers_base, fetched_at, body)
             VALUES (:target, :route, :status, :headers, :headers_base, :fetched_at, :body)",
        )?
        .execute(named_params! {
            ":target": target,
            ":route": targets::save_route(transaction, target, fetched)?,
            ":status": fetched.status,
            ":headers": headers,
            ":headers_base": headers.base,
            ":fetched_at": Moment(fetched.fetched_at),
            ":body": row,
        })?;
    let id = transaction.last_insert_rowid();
    chain::append_with(transaction, Linked::Snapshot(id), &json)?;
    Ok((SnapshotId(id), row))
}

fn save_capture(
    transaction: &Transaction<'_>,
    cache: &Cache,
    source: &SourceId,
    fetched: &Fetched,
) -> Result<Saved, StoreError> {
    let body = bodies::prepare(transaction, cache, source, (&fetched.url, fetched.status), &fetched.body)?;
    let mut statement = transaction.prepare_cached(
        "SELECT s.id FROM bodies b JOIN snapshots s ON s.body = b.id JOIN targets t ON t.id = s.target
         WHERE substr(b.sha256, 1, 4) = substr(?3, 1, 4) AND b.sha256 = ?3 AND t.url = ?1 AND s.fetched_at = ?2",
    )?;
    let values = (fetched.url.as_str(), Moment(fetched.fetched_at), body.sha256);
    if let Some(id) = statement.query_row(values, |row| row.get(0)).optional()? {
        // Should a rule have thinned it out, here are its bytes again.
        bodies::save(transaction, source, &body)?;
        return Ok(Saved { id: SnapshotId(id), was_known: true, sha256: body.sha256 });
    }
    let (id, row) = insert(transaction, source, fetched, &body)?;
    cache.keep(row, body.bytes());
    Ok(Saved { id, was_known: false, sha256: body.sha256 })
}

fn read_line(row: &Row<'_>) -> rusqlite::Result<SnapshotLine> {
    Ok(SnapshotLine {
        id: SnapshotId(row.get("id")?),
        fetched_at: moment::read(row, "fetched_at")?,
        status: row.get("status")?,
        sha256: hex(&row.get::<_, bodies::Hash>("sha256")?),
        length: row.get::<_, u32>("length")?.into(),
    })
}
