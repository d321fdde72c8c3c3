//! How domain values are spelled in columns: times as RFC 3339 text in UTC with milliseconds, words of closed
//! lists as in the JSON output, lists as JSON.

use std::error::Error;

use chrono::{DateTime, NaiveDate, SecondsFormat, SubsecRound as _, Utc};
use rusqlite::types::{ToSqlOutput, Type};
use rusqlite::{Row, RowIndex, ToSql};
use serde::Serialize;
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, IntoDeserializer};
use url::Url;

/// A time on its way into a column; what is finer than a millisecond is cut off.
pub(super) struct Time(pub(super) DateTime<Utc>);

/// A time as it will be read.
pub(super) fn stored(time: DateTime<Utc>) -> DateTime<Utc> {
    time.trunc_subsecs(3)
}

impl ToSql for Time {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.to_rfc3339_opts(SecondsFormat::Millis, true).into())
    }
}

/// Anything with a JSON spelling on its way into a column.
pub(super) struct Json<T>(pub(super) T);

impl<T: Serialize> ToSql for Json<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        spell_json(&self.0).map(Into::into)
    }
}

/// The JSON spelling of a value.
pub(super) fn spell_json(value: &impl Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|error| refused(error.into()))
}

/// A value from its JSON spelling.
pub(super) fn parse_json<T: DeserializeOwned>(text: &str) -> rusqlite::Result<T> {
    serde_json::from_str(text).map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, error.into()))
}

/// A variant of a plain enum on its way into a column.
pub(super) struct Word<T>(pub(super) T);

impl<T: Serialize> ToSql for Word<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match serde_json::to_value(&self.0) {
            Ok(serde_json::Value::String(word)) => Ok(word.into()),
            Ok(other) => Err(refused(format!("{other} is not a word").into())),
            Err(error) => Err(refused(error.into())),
        }
    }
}

fn refused(error: Box<dyn Error + Send + Sync>) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(error)
}

/// Reads columns, by their name or place, as domain values; `maybe_` reads NULL as `None`.
pub(super) trait Columns {
    /// A time.
    fn time(&self, at: impl RowIndex) -> rusqlite::Result<DateTime<Utc>>;
    /// A time or NULL.
    fn maybe_time(&self, at: impl RowIndex) -> rusqlite::Result<Option<DateTime<Utc>>>;
    /// A day or NULL.
    fn maybe_day(&self, at: impl RowIndex) -> rusqlite::Result<Option<NaiveDate>>;
    /// An address.
    fn url(&self, at: impl RowIndex) -> rusqlite::Result<Url>;
    /// An address or NULL.
    fn maybe_url(&self, at: impl RowIndex) -> rusqlite::Result<Option<Url>>;
    /// A variant of a plain enum.
    fn word<T: DeserializeOwned>(&self, at: impl RowIndex) -> rusqlite::Result<T>;
    /// JSON.
    fn json<T: DeserializeOwned>(&self, at: impl RowIndex) -> rusqlite::Result<T>;
    /// JSON or NULL.
    fn maybe_json<T: DeserializeOwned>(&self, at: impl RowIndex) -> rusqlite::Result<Option<T>>;
}

impl Columns for Row<'_> {
    fn time(&self, at: impl RowIndex) -> rusqlite::Result<DateTime<Utc>> {
        parse(self, at, parse_time)
    }

    fn maybe_time(&self, at: impl RowIndex) -> rusqlite::Result<Option<DateTime<Utc>>> {
        maybe(self, at, parse_time)
    }

    fn maybe_day(&self, at: impl RowIndex) -> rusqlite::Result<Option<NaiveDate>> {
        maybe(self, at, str::parse)
    }

    fn url(&self, at: impl RowIndex) -> rusqlite::Result<Url> {
        parse(self, at, Url::parse)
    }

    fn maybe_url(&self, at: impl RowIndex) -> rusqlite::Result<Option<Url>> {
        maybe(self, at, Url::parse)
    }

    fn word<T: DeserializeOwned>(&self, at: impl RowIndex) -> rusqlite::Result<T> {
        parse(self, at, |text| {
            let text: StrDeserializer<'_, serde::de::value::Error> = text.into_deserializer();
            T::deserialize(text)
        })
    }

    fn json<T: DeserializeOwned>(&self, at: impl RowIndex) -> rusqlite::Result<T> {
        parse(self, at, |text| serde_json::from_str(text))
    }

    fn maybe_json<T: DeserializeOwned>(&self, at: impl RowIndex) -> rusqlite::Result<Option<T>> {
        maybe(self, at, |text| serde_json::from_str(text))
    }
}

fn parse_time(text: &str) -> chrono::ParseResult<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).map(|time| time.to_utc())
}

fn parse<T, E: Error + Send + Sync + 'static>(
    row: &Row<'_>,
    at: impl RowIndex,
    read: impl FnOnce(&str) -> Result<T, E>,
) -> rusqlite::Result<T> {
    let column = at.idx(row.as_ref())?;
    if let Some(value) = maybe(row, column, read)? {
        return Ok(value);
    }
    let name = row.as_ref().column_name(column)?.to_owned();
    Err(rusqlite::Error::InvalidColumnType(column, name, Type::Null))
}

fn maybe<T, E: Error + Send + Sync + 'static>(
    row: &Row<'_>,
    at: impl RowIndex,
    read: impl FnOnce(&str) -> Result<T, E>,
) -> rusqlite::Result<Option<T>> {
    let column = at.idx(row.as_ref())?;
    let Some(text) = row.get_ref(column)?.as_str_or_null()? else { return Ok(None) };
    let value = read(text);
    value.map(Some).map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, error.into()))
}
