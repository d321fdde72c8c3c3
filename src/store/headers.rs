//! Header lines of an answer: JSON text, or what of it differs from the headers of an earlier answer of the same
//! address, which is mostly the time.

use super::{StoreError, codec};
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{OptionalExtension as _, ToSql, Transaction};

/// Small texts cost no time at any level.
const LEVEL: i32 = 12;
/// Bytes of headers, as JSON, that are ever read back: servers may send 400 KiB.
const LONGEST: usize = 8 << 20;

/// Headers on their way into a row.
pub(super) struct Headers {
    value: Value,
    /// The snapshot that has the headers below.
    pub(super) base: Option<i64>,
}

impl ToSql for Headers {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed((&self.value).into()))
    }
}

/// The form in which the headers of the next answer of a target are stored; `json` as `domain` spells them.
pub(super) fn prepare(transaction: &Transaction<'_>, target: i64, json: &str) -> Result<Headers, StoreError> {
    let mut last = transaction.prepare_cached(
        "SELECT coalesce(headers_base, id) FROM snapshots WHERE target = ?1 ORDER BY id DESC LIMIT 1",
    )?;
    if let Some(base) = last.query_row([target], |row| row.get(0)).optional()?
        && let Some(below) = find_text(transaction, base)?
        && let Ok(data) = codec::encode(json.as_bytes(), below.as_bytes(), LEVEL)
        && data.len() * 2 < json.len()
    {
        return Ok(Headers { value: Value::Blob(data), base: Some(base) });
    }
    Ok(Headers { value: Value::Text(json.to_owned()), base: None })
}

/// The JSON of stored headers, or what is wrong with them.
pub(super) fn read(
    transaction: &Transaction<'_>,
    value: ValueRef<'_>,
    base: Option<i64>,
) -> Result<Result<String, String>, StoreError> {
    Ok(match (value, base) {
        (ValueRef::Text(text), None) => {
            String::from_utf8(text.to_vec()).map_err(|_| "its headers are no text".to_owned())
        }
        (ValueRef::Blob(data), Some(base)) => match find_text(transaction, base)? {
            Some(below) => {
                codec::decode_text(data, below.as_bytes(), LONGEST).map_err(|error| format!("its headers: {error}"))
            }
            None => Err(format!("its headers lean on those of snapshot {base}, which are not there")),
        },
        _ => Err("its headers are neither text nor a delta".to_owned()),
    })
}

fn find_text(transaction: &Transaction<'_>, snapshot: i64) -> Result<Option<String>, StoreError> {
    let mut statement =
        transaction.prepare_cached("SELECT headers FROM snapshots WHERE id = ?1 AND typeof(headers) = 'text'")?;
    Ok(statement.query_row([snapshot], |row| row.get(0)).optional()?)
}
