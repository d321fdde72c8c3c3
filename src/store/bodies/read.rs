//! Reads bodies back: from the rows that lean on each other to the bytes, none of which is handed out before its hash
//! is verified.

use bytes::Bytes;
use rusqlite::{OptionalExtension as _, Row, Transaction};
use sha2::{Digest as _, Sha256};

use super::super::cache::Cache;
use super::super::{StoreError, codec};
use super::{JOINED, MOST_BASES, PIECE, ZSTD};
use crate::domain::hex::hex;

/// A stored body.
pub(in crate::store) struct Stored {
    pub(in crate::store) id: i64,
    pub(in crate::store) sha256: Vec<u8>,
    pub(in crate::store) length: usize,
    pub(in crate::store) encoding: i64,
    pub(in crate::store) base: Option<i64>,
    pub(in crate::store) depth: u32,
    pub(in crate::store) data: Vec<u8>,
}

impl Stored {
    /// Whether it cannot be read without the pieces before it.
    pub(in crate::store) fn is_piece(&self) -> bool {
        [PIECE, JOINED].contains(&self.encoding)
    }
}

/// Reads a body, or says how it is damaged.
pub(in crate::store) fn load(
    transaction: &Transaction<'_>,
    cache: &Cache,
    id: i64,
) -> Result<Result<Bytes, String>, StoreError> {
    if let Some(body) = cache.find(id) {
        return Ok(Ok(body));
    }
    let (rows, mut body) = match climb(transaction, cache, id)? {
        Ok(found) => found,
        Err(problem) => return Ok(Err(problem)),
    };
    let (mut above, mut rows_left) = (Vec::with_capacity(rows.len()), rows.iter().rev().peekable());
    while let Some(row) = rows_left.next() {
        above.push(row);
        if row.is_piece() && rows_left.peek().is_some_and(|next| next.is_piece()) {
            continue;
        }
        body = match unpack(&above, &body) {
            // A copy of a part, because whoever keeps it shall not keep the whole run.
            Ok(mut bodies) => {
                let last = bodies.pop().unwrap_or_default();
                if bodies.is_empty() { last } else { Bytes::copy_from_slice(&last) }
            }
            Err(problem) => return Ok(Err(problem)),
        };
        above.clear();
    }
    let expected = rows.first().map_or(&[][..], |row| &row.sha256);
    if let Err(problem) = verify(&body, expected) {
        return Ok(Err(problem));
    }
    cache.keep(id, body.clone());
    Ok(Ok(body))
}

/// The bytes of a stored body above those of its base, or those of all pieces of a run, not verified yet.
pub(in crate::store) fn unpack(rows: &[&Stored], below: &[u8]) -> Result<Vec<Bytes>, String> {
    match rows {
        [row] if row.encoding == ZSTD => {
            let body = codec::decode(&row.data, below, row.length).map_err(|error| error.to_string())?;
            Ok(vec![body.into()])
        }
        pieces if pieces.iter().all(|row| row.is_piece() && row.encoding == pieces[0].encoding) => {
            unpack_run(pieces, below)
        }
        rows => Err(format!("unknown encoding {}", rows.first().map_or(-1, |row| row.encoding))),
    }
}

fn unpack_run(rows: &[&Stored], below: &[u8]) -> Result<Vec<Bytes>, String> {
    let data: Vec<&[u8]> = rows.iter().map(|row| &row.data[..]).collect();
    let length = rows.iter().fold(0_usize, |length, row| length.saturating_add(row.length));
    let run = match data.split_first() {
        Some((joined, rest)) if rows[0].encoding == JOINED && rest.concat().is_empty() => {
            codec::split(joined, rows.len()).and_then(|(_, pieces)| codec::decode_run(pieces, below, length))
        }
        _ => codec::decode_run(&data.concat(), below, length),
    };
    let mut rest = Bytes::from(run.map_err(|error| error.to_string())?);
    Ok(rows.iter().map(|row| rest.split_to(row.length)).collect())
}

/// Whether these are the bytes that were received.
pub(in crate::store) fn verify(body: &[u8], sha256: &[u8]) -> Result<(), String> {
    if Sha256::digest(body)[..] == *sha256 { Ok(()) } else { Err(format!("its SHA-256 is not {}", hex(sha256))) }
}

type Climbed = Result<(Vec<Stored>, Bytes), String>;

/// The rows from a body down to one that stands alone, or to one that leans on a body that is known.
fn climb(transaction: &Transaction<'_>, cache: &Cache, id: i64) -> Result<Climbed, StoreError> {
    let mut rows: Vec<Stored> = Vec::new();
    let mut next = Some(id);
    while let Some(id) = next {
        let in_run = rows.last().is_some_and(Stored::is_piece);
        let known = cache.find(id);
        if let (Some(body), false) = (&known, in_run) {
            return Ok(Ok((rows, body.clone())));
        }
        let Some(row) = find(transaction, id)? else { return Ok(Err("it is missing".to_owned())) };
        if let (Some(body), false) = (known, row.is_piece()) {
            return Ok(Ok((rows, body)));
        }
        let fits = rows.last().map_or(row.depth <= MOST_BASES, |above| above.depth == row.depth + 1);
        if !fits || row.base.is_none() != (row.depth == 0) {
            return Ok(Err(format!("its bases do not fit together at body {}", row.id)));
        }
        next = row.base;
        rows.push(row);
    }
    Ok(Ok((rows, Bytes::new())))
}

fn find(transaction: &Transaction<'_>, id: i64) -> Result<Option<Stored>, StoreError> {
    let mut statement = transaction.prepare_cached("SELECT * FROM bodies WHERE id = ?1")?;
    Ok(statement.query_row([id], read).optional()?)
}

/// Reads a whole row.
pub(in crate::store) fn read(row: &Row<'_>) -> rusqlite::Result<Stored> {
    Ok(Stored {
        id: row.get("id")?,
        sha256: row.get("sha256")?,
        length: usize::try_from(row.get::<_, i64>("length")?).unwrap_or(usize::MAX),
        encoding: row.get("encoding")?,
        base: row.get("base")?,
        depth: row.get("depth")?,
        data: row.get("data")?,
    })
}
