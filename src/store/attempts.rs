//! Attempts to fetch that brought no complete answer.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, Row, Transaction, named_params};
use url::Url;

use super::chain::{self, Linked};
use super::column::{Columns as _, Time};
use super::{Store, StoreError};
use crate::domain::model::SourceId;

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
        self.write_together(move |transaction| insert(transaction, &source, &attempt)).await
    }

    /// The last attempt at this address that brought no complete answer.
    pub async fn find_failure(&self, url: &Url) -> Result<Option<Attempt>, StoreError> {
        let url = url.clone();
        self.read(move |transaction| {
            let mut statement =
                transaction.prepare_cached("SELECT * FROM attempts WHERE url = ?1 ORDER BY id DESC LIMIT 1")?;
            Ok(statement.query_row([url.as_str()], read).optional()?)
        })
        .await
    }

    /// The last attempts at pages of a source that brought no complete answer, the last one first.
    pub async fn list_failures(&self, source: &SourceId, limit: u32) -> Result<Vec<Attempt>, StoreError> {
        let source = source.clone();
        self.read(move |transaction| {
            let mut statement =
                transaction.prepare_cached("SELECT * FROM attempts WHERE source = ?1 ORDER BY id DESC LIMIT ?2")?;
            let failures = statement.query_map((&source.0, limit), read)?;
            Ok(failures.collect::<Result<_, _>>()?)
        })
        .await
    }
}

fn insert(transaction: &Transaction<'_>, source: &SourceId, attempt: &Attempt) -> Result<(), StoreError> {
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
    chain::append(transaction, Linked::Attempt(transaction.last_insert_rowid()))
}

/// Reads a whole row.
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Attempt> {
    Ok(Attempt { url: row.url("url")?, at: row.time("at")?, kind: row.get("kind")?, message: row.get("message")? })
}
