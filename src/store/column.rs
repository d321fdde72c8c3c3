//! How domain values are spelled in columns: times as RFC 3339 text in UTC with milliseconds, words of closed
//! lists as in the JSON output, lists as JSON.

use std::error::Error;

use chrono::{DateTime, NaiveDate, SecondsFormat, SubsecRound as _, Utc};
use rusqlite::types::{ToSqlOutput, Type};
use rusqlite::{Row, ToSql};
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
            Ok(other) => Err(refused(format!("{other} is no word").into())),
            Err(error) => Err(refused(error.into())),
        }
    }
}

fn refused(error: Box<dyn Error + Send + Sync>) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(error)
}

/// Reads columns as domain values; `maybe_` reads NULL as `None`.
pub(super) trait Columns {
    /// A time.
    fn time(&self, name: &str) -> rusqlite::Result<DateTime<Utc>>;
    /// A time or NULL.
    fn maybe_time(&self, name: &str) -> rusqlite::Result<Option<DateTime<Utc>>>;
    /// A day or NULL.
    fn maybe_day(&self, name: &str) -> rusqlite::Result<Option<NaiveDate>>;
    /// An address.
    fn url(&self, name: &str) -> rusqlite::Result<Url>;
    /// An address or NULL.
    fn maybe_url(&self, name: &str) -> rusqlite::Result<Option<Url>>;
    /// A variant of a plain enum.
    fn word<T: DeserializeOwned>(&self, name: &str) -> rusqlite::Result<T>;
    /// JSON.
    fn json<T: DeserializeOwned>(&self, name: &str) -> rusqlite::Result<T>;
    /// JSON or NULL.
    fn maybe_json<T: DeserializeOwned>(&self, name: &str) -> rusqlite::Result<Option<T>>;
}

impl Columns for Row<'_> {
    fn time(&self, name: &str) -> rusqlite::Result<DateTime<Utc>> {
        parse(self, name, parse_time)
    }

    fn maybe_time(&self, name: &str) -> rusqlite::Result<Option<DateTime<Utc>>> {
        maybe(self, name, parse_time)
    }

    fn maybe_day(&self, name: &str) -> rusqlite::Result<Option<NaiveDate>> {
        maybe(self, name, str::parse)
    }

    fn url(&self, name: &str) -> rusqlite::Result<Url> {
        parse(self, name, Url::parse)
    }

    fn maybe_url(&self, name: &str) -> rusqlite::Result<Option<Url>> {
        maybe(self, name, Url::parse)
    }

    fn word<T: DeserializeOwned>(&self, name: &str) -> rusqlite::Result<T> {
        parse(self, name, |text| {
            let text: StrDeserializer<'_, serde::de::value::Error> = text.into_deserializer();
            T::deserialize(text)
        })
    }

    fn json<T: DeserializeOwned>(&self, name: &str) -> rusqlite::Result<T> {
        parse(self, name, |text| serde_json::from_str(text))
    }

    fn maybe_json<T: DeserializeOwned>(&self, name: &str) -> rusqlite::Result<Option<T>> {
        maybe(self, name, |text| serde_json::from_str(text))
    }
}

fn parse_time(text: &str) -> chrono::ParseResult<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).map(|time| time.to_utc())
}

fn parse<T, E: Error + Send + Sync + 'static>(
    row: &Row<'_>,
    name: &str,
    read: impl FnOnce(&str) -> Result<T, E>,
) -> rusqlite::Result<T> {
    match maybe(row, name, read)? {
        Some(value) => Ok(value),
        None => Err(rusqlite::Error::InvalidColumnType(row.as_ref().column_index(name)?, name.to_owned(), Type::Null)),
    }
}

fn maybe<T, E: Error + Send + Sync + 'static>(
    row: &Row<'_>,
    name: &str,
    read: impl FnOnce(&str) -> Result<T, E>,
) -> rusqlite::Result<Option<T>> {
    let column = row.as_ref().column_index(name)?;
    let Some(text) = row.get_ref(column)?.as_str_or_null()? else { return Ok(None) };
    let value = read(text);
    value.map(Some).map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, error.into()))
}
