//! Documents of versions as they are stored: compressed, where that helps against a document of the same release that
//! leans on none, because an edit changes a few words of a text. What is hashed and linked is always the JSON.

use rusqlite::types::{FromSqlError, Type, ValueRef};
use rusqlite::{OptionalExtension as _, Row, Transaction};

use super::{StoreError, bodies, codec};

/// Documents are short, and there are few: time is spent on them for their room.
const LEVEL: i32 = 12;
/// For what differs by a few words: a twentieth of the time, and nearly the same bytes.
const FAST_LEVEL: i32 = 3;
/// Bytes of a document or template; a damaged frame may claim more.
const LONGEST: usize = 64 << 20;
/// Bytes of texts after which a step of packing ends.
const MOST_BYTES: usize = 4 << 20;
/// A document that is this much smaller against another one is not tried alone.
const SMALL_PART: usize = 8;
/// One that is this much smaller is not packed more thoroughly.
const TINY_PART: usize = 64;

/// A document on its way into a row.
pub(super) struct Packed {
    pub(super) data: Vec<u8>,
    /// The version whose document is the prefix.
    pub(super) base: Option<u32>,
}

/// The form in which the document of a version is stored; `json` as `domain` spells it.
pub(super) fn pack(transaction: &Transaction<'_>, release: i64, number: u32, json: &str) -> Result<Packed, StoreError> {
    let against = pack_against_last(transaction, release, number, json)?;
    match against {
        Some(packed) if packed.data.len() <= json.len() / SMALL_PART => Ok(packed),
        against => {
            let alone = pack_alone(json)?;
            Ok(against.filter(|packed| packed.data.len() <= alone.data.len() / 2).unwrap_or(alone))
        }
    }
}

fn pack_alone(json: &str) -> Result<Packed, StoreError> {
    let data = codec::encode(json.as_bytes(), &[], LEVEL).map_err(bodies::to_sql_failure)?;
    Ok(Packed { data, base: None })
}

/// Against the document on which that of the version before leans, or against that one.
fn pack_against_last(
    transaction: &Transaction<'_>,
    release: i64,
    number: u32,
    json: &str,
) -> Result<Option<Packed>, StoreError> {
    let mut last = transaction.prepare_cached(
        "SELECT coalesce(base, number) FROM versions WHERE release = ?1 AND number < ?2 ORDER BY number DESC LIMIT 1",
    )?;
    let Some(base) = last.query_row((release, number), |row| row.get(0)).optional()? else { return Ok(None) };
    // One that is damaged helps nobody.
    let Ok(Some(below)) = find_alone(transaction, release, base) else { return Ok(None) };
    let encode = |level| codec::encode(json.as_bytes(), below.as_bytes(), level).map_err(bodies::to_sql_failure);
    let fast = encode(FAST_LEVEL)?;
    let data = if fast.len() <= json.len() / TINY_PART { fast } else { encode(LEVEL)? };
    Ok(Some(Packed { data, base: Some(base) }))
}

/// The JSON of a document from a row with `release`, `base` and `document`.
pub(super) fn read(transaction: &Transaction<'_>, row: &Row<'_>) -> rusqlite::Result<String> {
    let below = match row.get::<_, Option<u32>>("base")? {
        Some(base) => find_alone(transaction, row.get("release")?, base)?
            .ok_or_else(|| refused("the document it leans on is missing".into()))?,
        None => String::new(),
    };
    unpack(row.get_ref("document")?, &below)
}

/// The JSON of a compressed text, or of one that is not.
pub(super) fn unpack(value: ValueRef<'_>, below: &str) -> rusqlite::Result<String> {
    match value {
        ValueRef::Text(text) if below.is_empty() => {
            String::from_utf8(text.to_vec()).map_err(|error| refused(error.into()))
        }
        ValueRef::Blob(data) => {
            codec::decode_text(data, below.as_bytes(), LONGEST).map_err(|error| refused(error.into()))
        }
        _ => Err(FromSqlError::InvalidType.into()),
    }
}

/// The document of a version that leans on none.
fn find_alone(transaction: &Transaction<'_>, release: i64, number: u32) -> rusqlite::Result<Option<String>> {
    let mut statement = transaction
        .prepare_cached("SELECT document FROM versions WHERE release = ?1 AND number = ?2 AND base IS NULL")?;
    statement.query_row((release, number), |row| unpack(row.get_ref(0)?, "")).optional()
}

fn refused(error: Box<dyn std::error::Error + Send + Sync>) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, Type::Text, error)
}

/// How many documents of older stores are not compressed yet.
pub(super) fn count(transaction: &Transaction<'_>) -> Result<u64, StoreError> {
    let sql = "SELECT count(*) FROM versions WHERE typeof(document) = 'text'";
    Ok(transaction.prepare_cached(sql)?.query_row([], |row| row.get::<_, u32>(0))?.into())
}

/// Compresses up to `limit` of them; how many it were, and how many bytes are saved.
pub(super) fn pack_some(transaction: &Transaction<'_>, limit: u32) -> Result<(u64, u64), StoreError> {
    let (mut count, mut saved, mut bytes) = (0, 0, 0);
    for (release, number, json) in list_texts(transaction, limit)? {
        bytes += json.len();
        let packed = if is_leaned_on(transaction, release, number)? {
            pack_alone(&json)?
        } else {
            pack(transaction, release, number, &json)?
        };
        transaction
            .prepare_cached("UPDATE versions SET document = ?3, base = ?4 WHERE release = ?1 AND number = ?2")?
            .execute((release, number, &packed.data, packed.base))?;
        count += 1;
        saved += json.len().saturating_sub(packed.data.len()) as u64;
        if bytes >= MOST_BYTES {
            break;
        }
    }
    Ok((count, saved))
}

/// Whether later versions lean on one that still is text: the first of them is the next.
fn is_leaned_on(transaction: &Transaction<'_>, release: i64, number: u32) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM versions WHERE release = ?1 AND number = ?2 + 1 AND base = ?2";
    Ok(transaction.prepare_cached(sql)?.exists((release, number))?)
}

fn list_texts(transaction: &Transaction<'_>, limit: u32) -> Result<Vec<(i64, u32, String)>, StoreError> {
    let mut statement = transaction.prepare_cached(
        "SELECT release, number, document FROM versions WHERE typeof(document) = 'text' ORDER BY release, number LIMIT ?1",
    )?;
    let texts = statement.query_map([limit], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(texts.collect::<Result<_, _>>()?)
}
