//! Bodies, each kept once under its SHA-256; nothing is handed out that does not have its hash.
//!
//! A body is stored as what differs from the body before it at the same address, which for a page with a new token at
//! every fetch is some hundred bytes. So that reading stays fast, bodies form runs: each leans on the one before, the
//! first of a run on the first of the run before it, and after [`MOST_BASES`] a new chain begins. Its first body, like
//! the first of an address, leans on a page of the same source, whose template it shares, or stands alone. Runs that
//! are over are packed again as a whole by `repack`, into pieces of one frame.

mod read;

use std::io;

use bytes::Bytes;
use rusqlite::{OptionalExtension as _, Row, Transaction, named_params};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::StoreError;
use super::cache::Cache;
use super::codec::{self, Gain};
use crate::domain::model::SourceId;

pub(super) use read::{Stored, load, read, unpack, verify};

/// How a body is stored: one zstd frame.
pub(super) const ZSTD: i64 = 0;
/// Or a piece of the frame of its run, whose prefix is the first body of the run.
pub(super) const PIECE: i64 = 1;
/// Or such a piece that stands with all others of its run in the row of the first of them. That is how runs are packed
/// now: the other rows become so short that the file has pages to spare.
pub(super) const JOINED: i64 = 3;
/// Or not any more: a `keep` rule thinned it out.
pub(super) const THINNED: i64 = 2;
/// Bodies in a run.
pub(super) const RUN: u32 = 16;
/// Bodies below a body: what reading one may cost.
pub(super) const MOST_BASES: u32 = 48;
/// Pages of a source that lean on each other before later ones all lean on the same; some pages have parts in common
/// that others have not.
const MOST_PATTERNS: u32 = 8;
/// A page that others may lean on has so many bytes; shorter ones are notices.
const LEAST_PATTERN: usize = 4096;
/// A body that is so much longer than what leans on it is no page of the same kind.
const MOST_LONGER: usize = 8;
/// Snapshots of an address among which one of the same status is looked for.
const LOOK_BACK: u32 = 16;

/// The condition that a body has the hash `?1`; the database has an index of the first bytes of all.
pub(super) const BY_HASH: &str = "substr(sha256, 1, 4) = substr(?1, 1, 4) AND sha256 = ?1";

/// SHA-256 of a body.
pub(super) type Hash = [u8; 32];

/// A body ready to be written.
pub(super) struct Body {
    /// Its hash.
    pub(super) sha256: Hash,
    bytes: Bytes,
    /// None when the store has it already.
    encoded: Option<Encoded>,
}

/// How a body will be stored.
pub(super) struct Encoded {
    pub(super) data: Vec<u8>,
    pub(super) base: Option<i64>,
    pub(super) depth: u32,
    pub(super) step: u32,
    /// Whether first bodies of other addresses shall lean on it.
    pub(super) is_pattern: bool,
}

/// A body on which another may lean.
#[derive(Clone, Copy, Debug)]
pub(super) struct Base {
    pub(super) id: i64,
    /// Place in its run that the next body takes.
    depth: u32,
    step: u32,
    /// Whether it is a page of another address.
    is_pattern: bool,
}

/// Does what comes before a body is written: looks whether it is known, and compresses it.
pub(super) fn prepare(
    transaction: &Transaction<'_>,
    cache: &Cache,
    source: &SourceId,
    (url, status): (&Url, u16),
    bytes: &Bytes,
) -> Result<Body, StoreError> {
    let sha256: Hash = Sha256::digest(bytes).into();
    let known = transaction
        .prepare_cached(&format!("SELECT 1 FROM bodies WHERE {BY_HASH} AND encoding <> ?2"))?
        .exists((sha256, THINNED))?;
    let encoded = if known {
        None
    } else {
        let base = match find_before(transaction, (source, url.as_str()), status, i64::MAX)? {
            Some(before) => Some(before),
            None => find_pattern(transaction, source)?,
        };
        Some(encode(transaction, cache, bytes, base)?)
    };
    Ok(Body { sha256, bytes: bytes.clone(), encoded })
}

/// Writes a body unless it is there, and returns its row.
pub(super) fn save(transaction: &Transaction<'_>, source: &SourceId, body: &Body) -> Result<i64, StoreError> {
    let mut find = transaction.prepare_cached(&format!("SELECT id, encoding = ?2 FROM bodies WHERE {BY_HASH}"))?;
    let known = find.query_row((body.sha256, THINNED), |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    if let Some((id, is_thinned)) = known {
        return if is_thinned { restore(transaction, id, body) } else { Ok(id) };
    }
    let alone;
    let encoded = if let Some(encoded) = &body.encoded {
        encoded
    } else {
        alone = encode_alone(&body.bytes)?;
        &alone
    };
    transaction
        .prepare_cached(
            "INSERT INTO bodies (sha256, length, encoding, base, depth, step, data)
             VALUES (:sha256, :length, :encoding, :base, :depth, :step, :data)",
        )?
        .execute(named_params! {
            ":sha256": body.sha256,
            ":length": i64::try_from(body.bytes.len()).unwrap_or(i64::MAX),
            ":encoding": ZSTD,
            ":base": encoded.base,
            ":depth": encoded.depth,
            ":step": encoded.step,
            ":data": encoded.data,
        })?;
    let id = transaction.last_insert_rowid();
    if encoded.is_pattern {
        offer_pattern(transaction, source, id, body.bytes.len())?;
    }
    Ok(id)
}

/// Whether a rule thinned it out.
pub(super) fn is_thinned(transaction: &Transaction<'_>, id: i64) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM bodies WHERE id = ?1 AND encoding = ?2";
    Ok(transaction.prepare_cached(sql)?.exists((id, THINNED))?)
}

/// Gives a body that was thinned out its bytes again. By itself, because its base has to be older than it is.
fn restore(transaction: &Transaction<'_>, id: i64, body: &Body) -> Result<i64, StoreError> {
    let encoded = encode_alone(&body.bytes)?;
    transaction.prepare_cached("UPDATE bodies SET encoding = ?2, data = ?3, step = NULL WHERE id = ?1")?.execute((
        id,
        ZSTD,
        encoded.data,
    ))?;
    Ok(id)
}

impl Base {
    /// While pages still become patterns, any gain is taken; later a page that gains little begins anew.
    fn gain(&self) -> Gain {
        if self.is_pattern && self.depth < MOST_PATTERNS { Gain::Some } else { Gain::Much }
    }
}

impl Body {
    /// The body itself.
    pub(super) fn bytes(&self) -> Bytes {
        self.bytes.clone()
    }
}

/// From now on, first bodies of other addresses of the source lean on this one.
pub(super) fn offer_pattern(
    transaction: &Transaction<'_>,
    source: &SourceId,
    id: i64,
    length: usize,
) -> Result<(), StoreError> {
    if length >= LEAST_PATTERN {
        transaction.prepare_cached("UPDATE sources SET pattern = ?2 WHERE id = ?1")?.execute((&source.0, id))?;
    }
    Ok(())
}

/// What the next body of an address leans on: the last one before this snapshot that answered with the same status.
/// Until a source has answers of its own, that of another source serves.
pub(super) fn find_before(
    transaction: &Transaction<'_>,
    (source, url): (&SourceId, &str),
    status: u16,
    snapshot: i64,
) -> Result<Option<Base>, StoreError> {
    let mut statement = transaction.prepare_cached(
        "SELECT b.id, b.base, b.depth, b.step FROM
             (SELECT id, status, body FROM snapshots
              WHERE target = (SELECT id FROM targets WHERE url = ?1 ORDER BY source = ?5 DESC, id DESC LIMIT 1)
                  AND id < ?4 ORDER BY id DESC LIMIT ?3) s
         JOIN bodies b ON b.id = s.body WHERE s.status = ?2 AND b.length > 0 AND b.encoding <> ?6
         ORDER BY s.id DESC LIMIT 1",
    )?;
    let values = (url, status, LOOK_BACK, snapshot, &source.0, THINNED);
    let before = statement.query_row(values, read_place).optional()?;
    before.map_or(Ok(None), |before| next_base(transaction, before))
}

/// What the first body of an address leans on.
pub(super) fn find_pattern(transaction: &Transaction<'_>, source: &SourceId) -> Result<Option<Base>, StoreError> {
    let mut statement = transaction.prepare_cached(
        "SELECT b.id, b.base, b.depth, b.step FROM sources s JOIN bodies b ON b.id = s.pattern WHERE s.id = ?1",
    )?;
    let pattern = statement.query_row([&source.0], read_place).optional()?;
    Ok(pattern.map(|(id, _, depth, _)| Base { id, depth: depth + 1, step: 0, is_pattern: true }))
}

type Place = (i64, Option<i64>, u32, u32);

/// Row, base, depth and step; a body that was never looked at begins a run.
fn read_place(row: &Row<'_>) -> rusqlite::Result<Place> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get::<_, Option<u32>>(3)?.unwrap_or(0)))
}

/// What the body after this one leans on; nothing when the bases below would be too many.
fn next_base(transaction: &Transaction<'_>, before: Place) -> Result<Option<Base>, StoreError> {
    let (mut id, mut base, mut depth, mut step) = before;
    if step + 1 < RUN {
        let next = Base { id, depth: depth + 1, step: step + 1, is_pattern: false };
        return Ok((next.depth <= MOST_BASES).then_some(next));
    }
    let mut statement = transaction.prepare_cached("SELECT id, base, depth, step FROM bodies WHERE id = ?1")?;
    for _ in 0..RUN {
        let Some(below) = base.filter(|_| step > 0) else { break };
        (id, base, depth, step) = statement.query_row([below], read_place)?;
    }
    let first = Base { id, depth: depth + 1, step: 0, is_pattern: false };
    Ok((first.depth <= MOST_BASES).then_some(first))
}

/// Compresses a body, against its base where that helps. A damaged base helps nobody.
pub(super) fn encode(
    transaction: &Transaction<'_>,
    cache: &Cache,
    bytes: &[u8],
    base: Option<Base>,
) -> Result<Encoded, StoreError> {
    if let Some(base) = base
        && let Ok(below) = load(transaction, cache, base.id)?
        && below.len() / MOST_LONGER <= bytes.len()
        && let Some(data) = codec::encode_delta(bytes, &below, base.gain()).map_err(to_sql_failure)?
    {
        let is_pattern = base.is_pattern && base.depth < MOST_PATTERNS;
        return Ok(Encoded { data, base: Some(base.id), depth: base.depth, step: base.step, is_pattern });
    }
    encode_alone(bytes)
}

fn encode_alone(bytes: &[u8]) -> Result<Encoded, StoreError> {
    Ok(Encoded {
        data: codec::encode_alone(bytes).map_err(to_sql_failure)?,
        base: None,
        depth: 0,
        step: 0,
        is_pattern: true,
    })
}

pub(super) fn to_sql_failure(error: io::Error) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(error.into())
}
