//! Times of columns of integers, for tables of very many rows: milliseconds since 1970. A time that a
//! migration found in another spelling than that of `column::Time` stays as text, because links are computed from it.

use chrono::{DateTime, SecondsFormat, Utc};
use rusqlite::types::{ToSqlOutput, Type, ValueRef};
use rusqlite::{Row, ToSql};

/// A time on its way into a column; what is finer than a millisecond is cut off.
pub(super) struct Moment(pub(super) DateTime<Utc>);

impl ToSql for Moment {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.timestamp_millis().into())
    }
}

/// A time as text, which is how `column::Time` spells it.
pub(super) fn spell(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Integer(millis) => {
            Some(DateTime::from_timestamp_millis(millis)?.to_rfc3339_opts(SecondsFormat::Millis, true))
        }
        ValueRef::Text(text) => String::from_utf8(text.to_vec()).ok(),
        _ => None,
    }
}

/// Reads a time.
pub(super) fn read(row: &Row<'_>, name: &str) -> rusqlite::Result<DateTime<Utc>> {
    let column = row.as_ref().column_index(name)?;
    let refused = |error| rusqlite::Error::FromSqlConversionFailure(column, Type::Integer, error);
    match row.get_ref(column)? {
        ValueRef::Integer(millis) => {
            DateTime::from_timestamp_millis(millis).ok_or_else(|| refused("it is not a time".into()))
        }
        other => match DateTime::parse_from_rfc3339(other.as_str()?) {
            Ok(time) => Ok(time.to_utc()),
            Err(error) => Err(refused(error.into())),
        },
    }
}
