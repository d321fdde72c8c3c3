//! Answers of time-stamping authorities about links of the chain, kept as they came.

use chrono::{DateTime, Utc};
use rusqlite::OptionalExtension as _;

use super::chain::{self, Linked};
use super::column::Time;
use super::{Store, StoreError};
use crate::domain::hex::hex;

/// A link of the chain, for whoever wants to compute it anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainLink {
    /// Its place, from 1.
    pub position: u64,
    /// The link, 64 hexadecimal digits.
    pub link: String,
    /// What it is computed from besides the link before, as JSON.
    pub record: String,
}

/// An answer of a time-stamping authority, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptStamp {
    /// The place of the link that it is about.
    pub position: u64,
    /// The answer, as it came.
    pub answer: Vec<u8>,
}

impl Store {
    /// The links after a place, up to `limit` of them. Fails for a row that is not there or cannot be read.
    pub async fn list_links(&self, after: u64, limit: u32) -> Result<Vec<ChainLink>, StoreError> {
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        self.read(move |transaction| {
            let mut statement = transaction.prepare_cached(
                "SELECT position, kind, row, number, link FROM chain WHERE position > ?1 ORDER BY position LIMIT ?2",
            )?;
            let mut rows = statement.query((after, limit))?;
            let mut links = Vec::new();
            while let Some(row) = rows.next()? {
                let (position, kind): (i64, i64) = (row.get(0)?, row.get(1)?);
                let unlinkable = |problem: &str| StoreError::Unlinkable(format!("link {position}"), problem.to_owned());
                let linked =
                    Linked::of(kind, row.get(2)?, row.get(3)?).ok_or_else(|| unlinkable("of no known kind"))?;
                let record = chain::record(transaction, linked)?.map_err(|problem| unlinkable(&problem))?;
                let link = hex(&row.get::<_, Vec<u8>>(4)?);
                links.push(ChainLink { position: position.unsigned_abs(), link, record });
            }
            Ok(links)
        })
        .await
    }

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

    /// The answers that are kept, in the order of their links and as they came.
    pub async fn list_stamps(&self) -> Result<Vec<KeptStamp>, StoreError> {
        self.read(|transaction| {
            let mut statement = transaction.prepare("SELECT position, answer FROM stamps ORDER BY position, id")?;
            let stamps = statement.query_map([], |row| {
                Ok(KeptStamp { position: row.get::<_, i64>(0)?.unsigned_abs(), answer: row.get(1)? })
            })?;
            Ok(stamps.collect::<Result<_, _>>()?)
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
