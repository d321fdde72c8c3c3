//! Answers of time-stamping authorities about links of the chain, kept as they came.

use chrono::{DateTime, Utc};
use rusqlite::OptionalExtension as _;

use super::column::Time;
use super::{Store, StoreError};

impl Store {
    /// The place of a link in the chain.
    pub async fn find_link(&self, link: [u8; 32]) -> Result<Option<u64>, StoreError> {
        self.read(move |transaction| {
            // Without an index: asked once in a while, and the last links come first.
            let sql = "SELECT position FROM chain WHERE link = ?1 ORDER BY position DESC LIMIT 1";
            let position = transaction.prepare_cached(sql)?.query_row([link], |row| row.get::<_, i64>(0)).optional()?;
            Ok(position.map(i64::unsigned_abs))
        })
        .await
    }

    /// Keeps an answer about a link.
    pub async fn save_stamp(
        &self,
        position: u64,
        link: [u8; 32],
        now: DateTime<Utc>,
        answer: Vec<u8>,
    ) -> Result<(), StoreError> {
        let position = i64::try_from(position).unwrap_or(i64::MAX);
        self.write(move |transaction| {
            let sql = "INSERT INTO stamps (position, link, stored_at, answer) VALUES (?1, ?2, ?3, ?4)";
            transaction.prepare_cached(sql)?.execute((position, link, Time(now), answer))?;
            Ok(())
        })
        .await
    }
}
