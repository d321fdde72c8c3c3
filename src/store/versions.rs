//! Versions: the distinct documents of a release, numbered from 1 without gaps and never changed.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, Row, Transaction, named_params};

use super::chain::{self, Linked};
use super::column::{self, Columns as _, Time};
use super::{Store, StoreError, documents};
use crate::domain::classify::lead_of;
use crate::domain::model::{ContentHash, Document, ReleaseId, SnapshotId, SourceId, Version};

/// Releases whose beginnings are listed: teasers quote the news of the day.
const MOST_LEADS: u32 = 10_000;

/// A version in a list, without its document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionLine {
    /// 1 for the first one seen.
    pub number: u32,
    /// The snapshot it was extracted from.
    pub snapshot: SnapshotId,
    /// When it was first seen.
    pub recorded_at: DateTime<Utc>,
    /// Hash of the canonical document.
    pub hash: ContentHash,
    /// Revision of the extractor.
    pub extractor: u32,
    /// True when only our own reading of the page changed.
    pub technical: bool,
}

impl Store {
    /// The versions of a release, oldest first.
    pub async fn list_versions(&self, release: ReleaseId) -> Result<Vec<VersionLine>, StoreError> {
        self.list_versions_after(release, 0, u32::MAX).await
    }

    /// The versions of a release with higher numbers than `after`, oldest first, up to `limit` of them.
    pub async fn list_versions_after(
        &self,
        release: ReleaseId,
        after: u32,
        limit: u32,
    ) -> Result<Vec<VersionLine>, StoreError> {
        self.read(move |transaction| {
            let mut statement = transaction.prepare_cached(
                "SELECT number, snapshot, recorded_at, hash, extractor, technical
                 FROM versions WHERE release = ?1 AND number > ?2 ORDER BY number LIMIT ?3",
            )?;
            let lines = statement.query_map((release.0, after, limit), read_line)?;
            Ok(lines.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// One version with its document.
    pub async fn find_version(&self, release: ReleaseId, number: u32) -> Result<Option<Version>, StoreError> {
        self.read(move |transaction| find(transaction, release, number)).await
    }

    /// How the newest releases of a source begin, in their latest versions, but for those in `except`.
    pub async fn list_leads(
        &self,
        source: &SourceId,
        except: HashSet<ReleaseId>,
    ) -> Result<Vec<(ReleaseId, Document)>, StoreError> {
        let source = source.clone();
        self.read(move |transaction| {
            let mut statement = transaction.prepare_cached(
                "SELECT v.release, v.base, v.document FROM releases r JOIN versions v ON v.release = r.id
                     AND v.number = (SELECT max(number) FROM versions WHERE release = r.id)
                 WHERE r.source = ?1 ORDER BY r.id DESC LIMIT ?2",
            )?;
            let mut rows = statement.query((&source.0, MOST_LEADS))?;
            let mut leads = Vec::new();
            while let Some(row) = rows.next()? {
                let release = ReleaseId(row.get("release")?);
                if !except.contains(&release) {
                    leads.push((release, lead_of(read_document(transaction, row)?)));
                }
            }
            Ok(leads)
        })
        .await
    }

    /// The latest version that reads the same as this: what an edit that was taken back returns to.
    pub async fn find_version_by_hash(
        &self,
        release: ReleaseId,
        hash: &ContentHash,
    ) -> Result<Option<u32>, StoreError> {
        let hash = hash.clone();
        self.read(move |transaction| {
            let mut statement = transaction.prepare_cached(
                // With the index named and the plus, SQLite does not go through all versions of the release.
                "SELECT max(number) FROM versions INDEXED BY versions_by_hash
                     WHERE substr(hash, 1, 16) = substr(?2, 1, 16) AND release = ?1 AND +hash = ?2",
            )?;
            Ok(statement.query_row((release.0, &hash.0), |row| row.get(0))?)
        })
        .await
    }

    /// The version that a release had at a time, if it had been read by then.
    pub async fn find_version_at(&self, id: ReleaseId, at: DateTime<Utc>) -> Result<Option<u32>, StoreError> {
        self.read(move |transaction| find_version_at(transaction, id, at)).await
    }
}

/// One version with its document.
pub(super) fn find(
    transaction: &Transaction<'_>,
    release: ReleaseId,
    number: u32,
) -> Result<Option<Version>, StoreError> {
    let mut statement = transaction.prepare_cached("SELECT * FROM versions WHERE release = ?1 AND number = ?2")?;
    Ok(statement.query_row((release.0, number), |row| read(transaction, row)).optional()?)
}

/// Adds a version, which has to be the next one.
pub(super) fn insert(transaction: &Transaction<'_>, version: &Version) -> Result<(), StoreError> {
    let json = column::spell_json(&version.document)?;
    let packed = documents::pack(transaction, version.release.0, version.number, &json)?;
    let inserted = transaction
        .prepare_cached(
            "INSERT INTO versions (release, number, snapshot, extractor, hash, recorded_at, technical, base, document)
             SELECT :release, :number, :snapshot, :extractor, :hash, :recorded_at, :technical, :base, :document
             WHERE :number = 1 + (SELECT coalesce(max(number), 0) FROM versions WHERE release = :release)",
        )?
        .execute(named_params! {
            ":release": version.release.0,
            ":number": version.number,
            ":snapshot": version.snapshot.0,
            ":extractor": version.extractor,
            ":hash": version.hash.0,
            ":recorded_at": Time(version.recorded_at),
            ":technical": version.technical,
            ":base": packed.base,
            ":document": packed.data,
        })?;
    if inserted == 1 {
        chain::append_with(transaction, Linked::Version(version.release.0, version.number.into()), &json)
    } else {
        Err(StoreError::OutOfOrder { release: version.release, number: version.number })
    }
}

/// Reads a whole version.
pub(super) fn read(transaction: &Transaction<'_>, row: &Row<'_>) -> rusqlite::Result<Version> {
    let line = read_line(row)?;
    Ok(Version {
        release: ReleaseId(row.get("release")?),
        number: line.number,
        snapshot: line.snapshot,
        extractor: line.extractor,
        hash: line.hash,
        recorded_at: line.recorded_at,
        document: read_document(transaction, row)?,
        technical: line.technical,
    })
}

pub(super) fn read_document(transaction: &Transaction<'_>, row: &Row<'_>) -> rusqlite::Result<Document> {
    column::parse_json(&documents::read(transaction, row)?)
}

fn read_line(row: &Row<'_>) -> rusqlite::Result<VersionLine> {
    Ok(VersionLine {
        number: row.get("number")?,
        snapshot: SnapshotId(row.get("snapshot")?),
        recorded_at: row.time("recorded_at")?,
        hash: ContentHash(row.get("hash")?),
        extractor: row.get("extractor")?,
        technical: row.get("technical")?,
    })
}

fn find_version_at(transaction: &Transaction<'_>, id: ReleaseId, at: DateTime<Utc>) -> Result<Option<u32>, StoreError> {
    let mut statement = transaction.prepare_cached(
        "SELECT max(number) FROM versions INDEXED BY versions_by_time WHERE release = ?1 AND recorded_at <= ?2",
    )?;
    Ok(statement.query_row((id.0, Time(at)), |row| row.get(0))?)
}
