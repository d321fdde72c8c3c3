//! Every address that a release was ever known under. Within a source an address belongs to one release, and each
//! release has one that is the present one.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, Transaction, named_params};
use url::Url;

use super::column::{Columns as _, Time};
use super::{Store, StoreError};
use crate::domain::model::{Release, ReleaseId, SourceId};

/// An address that a release has or had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The address.
    pub url: Url,
    /// Whether it is the present one.
    pub is_current: bool,
    /// Since when it was known.
    pub since: DateTime<Utc>,
}

impl Store {
    /// The present addresses of the releases of a source.
    pub async fn list_addresses(&self, source: &SourceId) -> Result<Vec<Url>, StoreError> {
        let source = source.clone();
        self.read(move |transaction| {
            let mut statement = transaction.prepare_cached("SELECT url FROM releases WHERE source = ?1 ORDER BY id")?;
            let addresses = statement.query_map([&source.0], |row| row.url("url"))?;
            Ok(addresses.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The addresses of a release, the oldest first.
    pub async fn list_addresses_of(&self, id: ReleaseId) -> Result<Vec<Address>, StoreError> {
        self.read(move |transaction| {
            let mut statement = transaction.prepare_cached(
                "SELECT url, current, since FROM addresses WHERE release = ?1 ORDER BY since LIMIT 100",
            )?;
            let addresses = statement.query_map([id.0], |row| {
                Ok(Address { url: row.url("url")?, is_current: row.get("current")?, since: row.time("since")? })
            })?;
            Ok(addresses.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Which of these identities are those of present addresses of releases of a source.
    pub async fn list_identities(
        &self,
        source: &SourceId,
        mut among: HashSet<String>,
    ) -> Result<HashSet<String>, StoreError> {
        let source = source.clone();
        self.read(move |transaction| {
            let mut statement = transaction
                .prepare_cached("SELECT 1 FROM addresses WHERE identity = ?1 AND source = ?2 AND current = 1")?;
            let mut failed = None;
            among.retain(|identity| {
                let is_known = statement.exists([identity, &source.0]);
                is_known.unwrap_or_else(|error| failed.replace(error).is_some())
            });
            failed.map_or(Ok(among), |error| Err(error.into()))
        })
        .await
    }
}

/// Gives a release another address; the earlier ones stay findable.
pub(super) fn set_address(
    transaction: &Transaction<'_>,
    release: &Release,
    identity: &str,
    url: &Url,
    since: DateTime<Utc>,
) -> Result<(), StoreError> {
    // An address that another release has left is free.
    transaction
        .prepare_cached("DELETE FROM addresses WHERE identity = ?1 AND source = ?2 AND release <> ?3 AND current = 0")?
        .execute((identity, &release.source.0, release.id.0))?;
    match find_owner(transaction, &release.source, identity)? {
        Some(owner) if owner != release.id => return Err(StoreError::AddressTaken { url: url.clone(), owner }),
        _ => {}
    }
    transaction.prepare_cached("UPDATE addresses SET current = 0 WHERE release = ?1")?.execute([release.id.0])?;
    insert(transaction, &release.source, release.id, identity, url, since)
}

/// The release of a source that has or had an address with this identity.
pub(super) fn find_owner(
    transaction: &Transaction<'_>,
    source: &SourceId,
    identity: &str,
) -> Result<Option<ReleaseId>, StoreError> {
    let mut statement =
        transaction.prepare_cached("SELECT release FROM addresses WHERE identity = ?1 AND source = ?2")?;
    Ok(statement.query_row([identity, &source.0], |row| row.get(0).map(ReleaseId)).optional()?)
}

/// Makes an address the present one of a release.
pub(super) fn insert(
    transaction: &Transaction<'_>,
    source: &SourceId,
    release: ReleaseId,
    identity: &str,
    url: &Url,
    since: DateTime<Utc>,
) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "INSERT INTO addresses (identity, source, release, url, current, since)
             VALUES (:identity, :source, :release, :url, 1, :since)
             ON CONFLICT (identity, source) DO UPDATE SET url = excluded.url, current = 1",
        )?
        .execute(named_params! {
            ":identity": identity,
            ":source": source.0,
            ":release": release.0,
            ":url": url.as_str(),
            ":since": Time(since),
        })?;
    Ok(())
}
