//! Access tokens: what programs and feed readers show in place of a password. They come here as hashes, so that the
//! file gives nobody a way in.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::OptionalExtension as _;

use super::column::{Columns as _, Time};
use super::{Store, StoreError};

/// How exactly the last use is told: a reader that asks often must not write each time.
const USED_WITHIN: TimeDelta = TimeDelta::minutes(1);

/// An access token, as far as it is known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken {
    /// What its owner calls it.
    pub name: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was used last, to the minute; none when it never was.
    pub used_at: Option<DateTime<Utc>>,
}

impl Store {
    /// Adds a token; whether its name was free.
    pub async fn add_token(&self, name: String, hash: String, now: DateTime<Utc>) -> Result<bool, StoreError> {
        self.write(move |transaction| {
            let added = transaction.execute(
                "INSERT INTO access_tokens (name, hash, created_at) VALUES (?1, ?2, ?3) ON CONFLICT (name) DO NOTHING",
                (name, hash, Time(now)),
            )?;
            Ok(added == 1)
        })
        .await
    }

    /// All tokens, by name.
    pub async fn list_tokens(&self) -> Result<Vec<AccessToken>, StoreError> {
        self.read(|transaction| {
            let mut statement = transaction.prepare("SELECT * FROM access_tokens ORDER BY name")?;
            let tokens = statement.query_map([], |row| {
                Ok(AccessToken {
                    name: row.get("name")?,
                    created_at: row.time("created_at")?,
                    used_at: row.maybe_time("used_at")?,
                })
            })?;
            Ok(tokens.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Takes a token away; whether there was one with this name.
    pub async fn revoke_token(&self, name: String) -> Result<bool, StoreError> {
        self.write(
            move |transaction| Ok(transaction.execute("DELETE FROM access_tokens WHERE name = ?1", [name])? == 1),
        )
        .await
    }

    /// Whether there is a token with this hash, which is in use now if so.
    pub async fn use_token(&self, hash: String, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let wanted = hash.clone();
        let used_at: Option<Option<DateTime<Utc>>> = self
            .read(move |transaction| {
                let mut statement = transaction.prepare_cached("SELECT used_at FROM access_tokens WHERE hash = ?1")?;
                Ok(statement.query_row([wanted], |row| row.maybe_time("used_at")).optional()?)
            })
            .await?;
        let Some(used_at) = used_at else { return Ok(false) };
        if used_at.is_none_or(|used_at| now - used_at >= USED_WITHIN) {
            let written = self.write(move |transaction| {
                transaction.execute("UPDATE access_tokens SET used_at = ?1 WHERE hash = ?2", (Time(now), hash))?;
                Ok(())
            });
            // A store that is busy or full keeps nobody from reading.
            written.await.or_else(|error| if error.is_transient() { Ok(()) } else { Err(error) })?;
        }
        Ok(true)
    }
}
