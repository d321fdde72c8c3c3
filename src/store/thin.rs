//! Thins out what a `keep` rule of its source does not ask to keep: the bytes of old snapshots on which no version, no
//! event and no state rests, that are judged, and that are neither the first nor the last of their address. Row, hash
//! and headers stay, and what was done is a link of the chain, so that a loss cannot be called a rule.
//!
//! It is done by whole runs, so that nothing else has to be written anew: the first body of a run stays, because the
//! next runs lean on it, and what is left of the others is packed again.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use rusqlite::{Transaction, named_params};

use super::cache::Cache;
use super::chain::{self, Linked};
use super::column::{Columns as _, Time};
use super::moment::{self, Moment};
use super::{Store, StoreError, addresses, bodies, codec, releases, runs};
use crate::domain::address::identity;
use crate::domain::model::{Keep, Snapshot, SnapshotId, SourceId};

/// For survivors that are too long to be packed together.
const LEVEL: i32 = 9;
/// Runs that are too young, past which older ones are looked for.
const MOST_YOUNG: usize = 1_000;

/// What a step of thinning came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Thinned {
    /// Bodies that are gone.
    pub bodies: u64,
    /// Bytes that the record takes less.
    pub saved: u64,
}

impl Store {
    /// Looks at the next run of a source that is over and older than the rule says. Nothing when there is none.
    pub async fn thin_some(
        &self,
        source: &SourceId,
        keep: Keep,
        now: DateTime<Utc>,
    ) -> Result<Option<Thinned>, StoreError> {
        let task = Task { source: source.clone(), keep, now };
        let asked = task.clone();
        // The readers answer this, so that an idle daemon does not write when there is nothing to do.
        if self.read(move |transaction| asked.find_next(transaction)).await?.is_none() {
            return Ok(None);
        }
        let cache = self.shared.cache.clone();
        self.write(move |transaction| task.thin_next(transaction, &cache)).await
    }

    /// An answer with its body; nothing as well if a rule thinned it out, or if it is damaged: `verify` names what is,
    /// and a check goes on without it.
    pub async fn find_snapshot_left(&self, id: SnapshotId) -> Result<Option<Snapshot>, StoreError> {
        match self.find_snapshot(id).await {
            Err(StoreError::Thinned { .. }) => Ok(None),
            Err(error @ StoreError::Corrupt { .. }) => {
                tracing::error!(%error, "the record is damaged: restore a backup");
                Ok(None)
            }
            found => found,
        }
    }

    /// How many snapshots, of one source if one is given, have no bytes any more because a rule thinned them out.
    pub async fn count_thinned(&self, source: Option<&SourceId>) -> Result<u64, StoreError> {
        let source = source.cloned();
        self.read(move |transaction| {
            let sql =
                "SELECT count(*) FROM bodies b JOIN snapshots s ON s.body = b.id JOIN targets t ON t.id = s.target
                       WHERE b.encoding = ?2 AND (?1 IS NULL OR t.source = ?1)";
            let values = (source.map(|source| source.0), bodies::THINNED);
            let count = transaction.prepare(sql)?.query_row(values, |row| row.get::<_, u32>(0));
            Ok(count?.into())
        })
        .await
    }
}

#[derive(Clone)]
struct Task {
    source: SourceId,
    keep: Keep,
    now: DateTime<Utc>,
}

impl Task {
    /// The names of two places: all runs up to the first were looked at, and up to the second those that were old.
    fn places(&self) -> [String; 2] {
        ["thinned_through", "thinned_ahead"].map(|name| format!("{name}:{}", self.source))
    }

    fn before(&self) -> Moment {
        Moment(self.keep.before(self.now))
    }

    /// The last body of the next run that is old enough, and the place that it moves. What an archive told comes after
    /// runs that are younger, and does not wait for them.
    fn find_next(&self, transaction: &Transaction<'_>) -> Result<Option<(i64, String)>, StoreError> {
        let [through, ahead] = self.places();
        if let Some(end) = self.find_after([&through, &through], 1, transaction)? {
            return Ok(Some((end, through)));
        }
        let end = self.find_after([&through, &ahead], MOST_YOUNG, transaction)?;
        Ok(end.map(|end| (end, ahead)))
    }

    /// The first that is old among so many runs after both places.
    fn find_after(
        &self,
        places: [&String; 2],
        among: usize,
        transaction: &Transaction<'_>,
    ) -> Result<Option<i64>, StoreError> {
        let mut statement = transaction.prepare_cached(
            "SELECT b.id, (SELECT min(fetched_at) FROM snapshots WHERE body = b.id) < ?4 FROM bodies b
             WHERE b.step = 15
                 AND b.id > (SELECT coalesce(max(CAST(value AS INTEGER)), 0) FROM meta WHERE name IN (?2, ?3))
                 AND EXISTS (SELECT 1 FROM snapshots s JOIN targets t ON t.id = s.target
                     WHERE s.body = b.id AND t.source = ?1) ORDER BY b.id",
        )?;
        let values = (&self.source.0, places[0], places[1], self.before());
        for run in statement.query_map(values, |row| Ok((row.get(0)?, row.get(1)?)))?.take(among) {
            if let (end, true) = run? {
                return Ok(Some(end));
            }
        }
        Ok(None)
    }

    fn thin_next(&self, transaction: &Transaction<'_>, cache: &Cache) -> Result<Option<Thinned>, StoreError> {
        let Some((end, place)) = self.find_next(transaction)? else { return Ok(None) };
        let rows = runs::list_rows(transaction, end)?;
        let mut done = Thinned::default();
        if is_whole(transaction, &rows)? {
            let (mut kept, mut gone) = (Vec::new(), Vec::new());
            for row in &rows[1..] {
                if self.is_wanted(transaction, row.id)? { kept.push(row) } else { gone.push(row) }
            }
            if !gone.is_empty() && repack(transaction, cache, &rows[0], &kept)? {
                self.clear(transaction, cache, &gone)?;
                // All pieces stand in one row, and are about as long as each other.
                let size = rows[1..].iter().map(|row| row.size as u64).sum::<u64>();
                done = Thinned { bodies: gone.len() as u64, saved: size * gone.len() as u64 / (rows.len() as u64 - 1) };
            }
        }
        runs::set_place(transaction, &place, end)?;
        Ok(Some(done))
    }

    /// Whether something rests on a body, or the rule says nothing of it.
    fn is_wanted(&self, transaction: &Transaction<'_>, body: i64) -> Result<bool, StoreError> {
        let mut statement = transaction.prepare_cached(
            "SELECT 1 FROM snapshots s JOIN targets t ON t.id = s.target
             WHERE s.body = ?1 AND (t.source <> ?2 OR s.fetched_at >= ?3
                 OR s.id = (SELECT min(id) FROM snapshots WHERE target = s.target)
                 OR s.id = (SELECT max(id) FROM snapshots WHERE target = s.target)
                 OR EXISTS (SELECT 1 FROM versions WHERE snapshot = s.id)
                 OR EXISTS (SELECT 1 FROM evidence WHERE snapshot = s.id)
                 OR EXISTS (SELECT 1 FROM releases WHERE judged = s.id)) LIMIT 1",
        )?;
        Ok(statement.exists((body, &self.source.0, self.before()))? || !self.is_judged(transaction, body)?)
    }

    /// Whether the histories of the releases at its addresses are told past it. An import that was interrupted has kept
    /// pages and not judged them; of pages that are no release nothing is told.
    fn is_judged(&self, transaction: &Transaction<'_>, body: i64) -> Result<bool, StoreError> {
        let mut statement = transaction.prepare_cached(
            "SELECT t.url, max(s.fetched_at) AS last_at FROM snapshots s JOIN targets t ON t.id = s.target
             WHERE s.body = ?1 GROUP BY t.url",
        )?;
        let mut rows = statement.query([body])?;
        while let Some(row) = rows.next()? {
            let (name, at) = (identity(&row.url("url")?), moment::read(row, "last_at")?);
            let Some(owner) = addresses::find_owner(transaction, &self.source, &name)? else { continue };
            if releases::load(transaction, owner)?.judged_until().is_none_or(|until| until < at) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Drops the bytes and links that it was done.
    fn clear(&self, transaction: &Transaction<'_>, cache: &Cache, rows: &[&runs::Row]) -> Result<(), StoreError> {
        let mut clear = transaction.prepare_cached(
            "UPDATE bodies SET encoding = ?2, data = x'', base = NULL, depth = 0, step = 0 WHERE id = ?1",
        )?;
        let mut list = transaction
            .prepare_cached("SELECT s.id, b.length FROM snapshots s JOIN bodies b ON b.id = s.body WHERE b.id = ?1")?;
        let mut snapshots: Vec<(i64, i64)> = Vec::new();
        for row in rows {
            clear.execute((row.id, bodies::THINNED))?;
            cache.forget(row.id);
            for snapshot in list.query_map([row.id], |row| Ok((row.get(0)?, row.get(1)?)))? {
                snapshots.push(snapshot?);
            }
        }
        snapshots.sort_unstable();
        transaction
            .prepare_cached(
                "INSERT INTO thinnings (at, source, keep, snapshots) VALUES (:at, :source, :keep, :snapshots)",
            )?
            .execute(named_params! {
                ":at": Time(self.now),
                ":source": self.source.0,
                ":keep": self.keep.to_string(),
                ":snapshots": super::column::Json(snapshots),
            })?;
        chain::append(transaction, Linked::Thinning(transaction.last_insert_rowid()))
    }
}

/// Whether this is a run from its first body on, and nothing but the next runs leans on it.
fn is_whole(transaction: &Transaction<'_>, rows: &[runs::Row]) -> Result<bool, StoreError> {
    let mut leaning = transaction.prepare_cached("SELECT count(*) FROM bodies WHERE base = ?1")?;
    for (place, row) in rows.iter().enumerate().skip(1) {
        let count: usize = leaning.query_row([row.id], |row| row.get::<_, u32>(0))? as usize;
        if count != usize::from(place + 1 < rows.len()) {
            return Ok(false);
        }
    }
    Ok(rows.len() == bodies::RUN as usize && rows[0].step == 0)
}

/// Packs what is left of a run anew; false, and nothing done, if any of it is damaged.
fn repack(
    transaction: &Transaction<'_>,
    cache: &Cache,
    first: &runs::Row,
    kept: &[&runs::Row],
) -> Result<bool, StoreError> {
    let Ok(below) = bodies::load(transaction, cache, first.id)? else { return Ok(false) };
    let mut left = Vec::new();
    for row in kept {
        let Ok(body) = bodies::load(transaction, cache, row.id)? else { return Ok(false) };
        left.push(body);
    }
    let Some((encoding, data)) = encode(&left, &below)? else { return Ok(false) };
    let mut update = transaction
        .prepare_cached("UPDATE bodies SET encoding = ?2, base = ?3, depth = ?4, step = ?5, data = ?6 WHERE id = ?1")?;
    let mut base = first.id;
    for ((step, row), data) in (1_u32..).zip(kept).zip(data) {
        update.execute((row.id, encoding, base, first.depth + step, step, data))?;
        base = row.id;
    }
    Ok(true)
}

type Encoded = (i64, Vec<Vec<u8>>);

/// As pieces, or one against the other if they are too long for that; nothing if they cannot be read back.
fn encode(bodies: &[Bytes], below: &[u8]) -> Result<Option<Encoded>, StoreError> {
    if bodies.is_empty() {
        return Ok(Some((bodies::JOINED, Vec::new())));
    }
    if bodies.iter().map(Bytes::len).sum::<usize>() <= codec::LONGEST_RUN {
        let pieces = codec::encode_run(bodies, below).map_err(bodies::to_sql_failure)?;
        if !runs::gives_back(&pieces, below, bodies) {
            return Ok(None);
        }
        let mut data = vec![codec::join(&pieces).map_err(bodies::to_sql_failure)?];
        data.resize(bodies.len(), Vec::new());
        return Ok(Some((bodies::JOINED, data)));
    }
    let (mut below, mut data) = (below, Vec::new());
    for body in bodies {
        let delta = codec::encode(body, below, LEVEL).map_err(bodies::to_sql_failure)?;
        if !codec::decode(&delta, below, body.len()).is_ok_and(|again| again[..] == body[..]) {
            return Ok(None);
        }
        data.push(delta);
        below = body;
    }
    Ok(Some((bodies::ZSTD, data)))
}
