//! Answers of servers as they came, and the attempts that brought none.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, Row, Transaction, named_params};
use url::Url;

use super::bodies::{self, Body};
use super::column::{Columns as _, Json, Time};
use super::{Store, StoreError};
use crate::domain::model::{Fetched, Snapshot, SnapshotId, SourceId};

/// A snapshot in a list, without headers and body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotLine {
    /// Its row.
    pub id: SnapshotId,
    /// When the answer was complete.
    pub fetched_at: DateTime<Utc>,
    /// Status of the answer.
    pub status: u16,
    /// SHA-256 of the body, 64 hexadecimal digits.
    pub sha256: String,
    /// Length of the body in bytes.
    pub length: u64,
}

/// An attempt that brought no complete answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The address that was asked for.
    pub url: Url,
    /// When it failed.
    pub at: DateTime<Utc>,
    /// What kind of failure, in one word.
    pub kind: String,
    /// What went wrong.
    pub message: String,
}

impl Store {
    /// Keeps an answer. It is on disk when this returns.
    pub async fn save_snapshot(&self, source: &SourceId, fetched: &Fetched) -> Result<SnapshotId, StoreError> {
        let bytes = fetched.body.clone();
        let body = self.read(move |transaction| bodies::prepare(transaction, &bytes)).await?;
        let (source, fetched) = (source.clone(), fetched.clone());
        self.write(move |transaction| insert(transaction, &source, &fetched, &body)).await
    }

    /// Notes an attempt that brought no complete answer; `kind` is one word for what went wrong.
    pub async fn record_failure(
        &self,
        source: &SourceId,
        url: &Url,
        at: DateTime<Utc>,
        kind: &str,
        message: &str,
    ) -> Result<(), StoreError> {
        let source = source.clone();
        let attempt = Attempt { url: url.clone(), at, kind: kind.to_owned(), message: message.to_owned() };
        self.write(move |transaction| insert_attempt(transaction, &source, &attempt)).await
    }

    /// An answer with its body, whose hash has been verified.
    pub async fn find_snapshot(&self, id: SnapshotId) -> Result<Option<Snapshot>, StoreError> {
        self.read(move |transaction| {
            let mut statement = transaction.prepare_cached("SELECT * FROM snapshots WHERE id = ?1")?;
            let Some(mut snapshot) = statement.query_row([id.0], read).optional()? else { return Ok(None) };
            snapshot.fetched.body = bodies::load(transaction, id, &snapshot.sha256)?;
            Ok(Some(snapshot))
        })
        .await
    }

    /// The answers to requests for exactly this address, oldest first.
    pub async fn list_snapshots(&self, url: &Url) -> Result<Vec<SnapshotLine>, StoreError> {
        let url = url.clone();
        self.read(move |transaction| {
            let mut statement = transaction.prepare_cached(
                "SELECT s.id, s.fetched_at, s.status, s.sha256, b.length
                 FROM snapshots s JOIN bodies b ON b.sha256 = s.sha256 WHERE s.url = ?1 ORDER BY s.id",
            )?;
            let lines = statement.query_map([url.as_str()], read_line)?;
            Ok(lines.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The last attempt at this address that brought no complete answer.
    pub async fn find_failure(&self, url: &Url) -> Result<Option<Attempt>, StoreError> {
        let url = url.clone();
        self.read(move |transaction| {
            let mut statement =
                transaction.prepare_cached("SELECT * FROM attempts WHERE url = ?1 ORDER BY id DESC LIMIT 1")?;
            Ok(statement.query_row([url.as_str()], read_attempt).optional()?)
        })
        .await
    }
}

fn insert(
    transaction: &Transaction<'_>,
    source: &SourceId,
    fetched: &Fetched,
    body: &Body,
) -> Result<SnapshotId, StoreError> {
    bodies::save(transaction, body)?;
    transaction
        .prepare_cached(
            "INSERT INTO snapshots (source, url, final_url, status, headers, redirects, fetched_at, sha256)
             VALUES (:source, :url, :final_url, :status, :headers, :redirects, :fetched_at, :sha256)",
        )?
        .execute(named_params! {
            ":source": source.0,
            ":url": fetched.url.as_str(),
            ":final_url": fetched.final_url.as_str(),
            ":status": fetched.status,
            ":headers": Json(&fetched.headers),
            ":redirects": Json(&fetched.redirects),
            ":fetched_at": Time(fetched.fetched_at),
            ":sha256": body.sha256,
        })?;
    Ok(SnapshotId(transaction.last_insert_rowid()))
}

fn insert_attempt(transaction: &Transaction<'_>, source: &SourceId, attempt: &Attempt) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "INSERT INTO attempts (source, url, at, kind, message) VALUES (:source, :url, :at, :kind, :message)",
        )?
        .execute(named_params! {
            ":source": source.0,
            ":url": attempt.url.as_str(),
            ":at": Time(attempt.at),
            ":kind": attempt.kind,
            ":message": attempt.message,
        })?;
    Ok(())
}

/// The body is filled in by the caller.
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Snapshot> {
    let fetched = Fetched {
        url: row.url("url")?,
        final_url: row.url("final_url")?,
        redirects: row.json("redirects")?,
        status: row.get("status")?,
        headers: row.json("headers")?,
        body: bytes::Bytes::new(),
        fetched_at: row.time("fetched_at")?,
    };
    Ok(Snapshot { id: SnapshotId(row.get("id")?), sha256: row.get("sha256")?, fetched })
}

fn read_line(row: &Row<'_>) -> rusqlite::Result<SnapshotLine> {
    Ok(SnapshotLine {
        id: SnapshotId(row.get("id")?),
        fetched_at: row.time("fetched_at")?,
        status: row.get("status")?,
        sha256: row.get("sha256")?,
        length: row.get::<_, u32>("length")?.into(),
    })
}

pub(super) fn read_attempt(row: &Row<'_>) -> rusqlite::Result<Attempt> {
    Ok(Attempt { url: row.url("url")?, at: row.time("at")?, kind: row.get("kind")?, message: row.get("message")? })
}
