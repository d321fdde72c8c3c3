//! Header lines of an answer: JSON text, or what of it differs from the headers of an earlier answer of the same
//! address, which is mostly the time.

use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{OptionalExtension as _, ToSql, Transaction};
use url::Url;

use super::{StoreError, codec};

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

/// The form in which the headers of the next answer of an address are stored; `json` as `domain` spells them.
pub(super) fn prepare(transaction: &Transaction<'_>, url: &Url, json: &str) -> Result<Headers, StoreError> {
    let mut last = transaction
        .prepare_cached("SELECT coalesce(headers_base, id) FROM snapshots WHERE url = ?1 ORDER BY id DESC LIMIT 1")?;
    if let Some(base) = last.query_row([url.as_str()], |row| row.get(0)).optional()?
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
    let text = match (value, base) {
        (ValueRef::Text(text), None) => text.to_vec(),
        (ValueRef::Blob(data), Some(base)) => {
            let Some(below) = find_text(transaction, base)? else {
                return Ok(Err(format!("its headers lean on those of snapshot {base}, which are not there")));
            };
            let length = zstd::zstd_safe::get_frame_content_size(data).ok().flatten().unwrap_or_default();
            let length = usize::try_from(length).unwrap_or(usize::MAX).min(LONGEST);
            match codec::decode(data, below.as_bytes(), length) {
                Ok(text) => text,
                Err(error) => return Ok(Err(format!("its headers: {error}"))),
            }
        }
        _ => return Ok(Err("its headers are neither text nor a delta".to_owned())),
    };
    Ok(String::from_utf8(text).map_err(|_| "its headers are no text".to_owned()))
}

fn find_text(transaction: &Transaction<'_>, snapshot: i64) -> Result<Option<String>, StoreError> {
    let mut statement =
        transaction.prepare_cached("SELECT headers FROM snapshots WHERE id = ?1 AND typeof(headers) = 'text'")?;
    Ok(statement.query_row([snapshot], |row| row.get(0)).optional()?)
}
