//! Who is logged in to the review pages. Tokens come here as hashes, so that the file gives nobody a way in.

use chrono::{DateTime, Utc};

use super::column::Time;
use super::{Store, StoreError};

/// Sessions that are kept; the ones that end first make room.
const MOST_SESSIONS: u32 = 1_000;

impl Store {
    /// Begins a session; those that are over are forgotten.
    pub async fn add_session(
        &self,
        token_hash: String,
        password_hash: String,
        now: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.write(move |transaction| {
            transaction.execute("DELETE FROM sessions WHERE expires_at <= ?1", [Time(now)])?;
            transaction.execute(
                "DELETE FROM sessions WHERE token IN
                     (SELECT token FROM sessions ORDER BY expires_at DESC LIMIT -1 OFFSET ?1)",
                [MOST_SESSIONS - 1],
            )?;
            transaction.execute(
                "INSERT INTO sessions (token, password, expires_at) VALUES (?1, ?2, ?3)",
                (token_hash, password_hash, Time(expires_at)),
            )?;
            Ok(())
        })
        .await
    }

    /// Whether a session is there that began with this password and is not over.
    pub async fn has_session(
        &self,
        token_hash: String,
        password_hash: String,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        self.read(move |transaction| {
            let mut statement = transaction
                .prepare_cached("SELECT 1 FROM sessions WHERE token = ?1 AND password = ?2 AND expires_at > ?3")?;
            Ok(statement.exists((token_hash, password_hash, Time(now)))?)
        })
        .await
    }

    /// Ends a session.
    pub async fn end_session(&self, token_hash: String) -> Result<(), StoreError> {
        self.write(move |transaction| {
            transaction.execute("DELETE FROM sessions WHERE token = ?1", [token_hash])?;
            Ok(())
        })
        .await
    }
}
