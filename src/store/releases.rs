//! Releases, as a check knows them. Their latest version is looked up among the versions, never kept a second time;
//! the addresses that they were ever known under are in `addresses`.

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{OptionalExtension as _, Row, Transaction, named_params, params};
use url::Url;

use super::column::{Columns as _, Json, Time, Word};
use super::{Store, StoreError, addresses};
use crate::domain::model::{
    ContentHash, Discovery, Release, ReleaseId, ReleaseState, SnapshotId, SourceId, Validators, VersionHead,
};
use crate::domain::recheck::Looks;

/// A release that a listing named, perhaps known already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRelease {
    /// Its address.
    pub url: Url,
    /// What its address is recognised by.
    pub identity: String,
    /// What the listing calls it.
    pub title: String,
    /// The date the listing shows.
    pub day: Option<NaiveDate>,
    /// How it was found.
    pub found_by: Discovery,
    /// When it was found.
    pub found_at: DateTime<Utc>,
    /// Whether its first reading is news.
    pub announce: bool,
}

/// Columns of a release with those of its latest version, in the order in which [`read`] takes them; a condition
/// follows.
pub(super) const SELECT: &str = "SELECT r.id, r.source, r.url, r.title, r.day, r.found_by, r.found_at, r.announce,
        r.state, r.gone, r.unlisted, v.number, v.snapshot, v.hash, v.extractor, r.judged, r.etag, r.last_modified,
        r.digest, r.full_at, r.seen_at, r.changed_at, r.looks, r.changes, r.looked_at
    FROM releases r
    LEFT JOIN versions v ON v.release = r.id
        AND v.number = (SELECT max(number) FROM versions WHERE release = r.id)";

impl Store {
    /// The releases of a source, in the order they were found.
    pub async fn list_releases(&self, source: &SourceId) -> Result<Vec<Release>, StoreError> {
        let source = source.clone();
        self.read(move |transaction| {
            let mut statement = transaction.prepare_cached(&format!("{SELECT} WHERE r.source = ?1 ORDER BY r.id"))?;
            let releases = statement.query_map([&source.0], read)?;
            Ok(releases.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// These releases, in the order of their rows; one that is not there any more is left out.
    pub async fn list_releases_of(&self, ids: Vec<ReleaseId>) -> Result<Vec<Release>, StoreError> {
        self.read(move |transaction| {
            let mut statement = transaction.prepare_cached(&format!("{SELECT} WHERE r.id = ?1"))?;
            let releases = ids.iter().filter_map(|id| statement.query_row([id.0], read).optional().transpose());
            let mut releases = releases.collect::<Result<Vec<Release>, _>>()?;
            releases.sort_unstable_by_key(|release| release.id);
            Ok(releases)
        })
        .await
    }

    /// The releases that have or had this address, at most one of each source: those first that still live there, and
    /// then those that were found first.
    pub async fn find_releases(&self, identity: &str) -> Result<Vec<Release>, StoreError> {
        let identity = identity.to_owned();
        self.read(move |transaction| {
            let mut statement = transaction.prepare_cached(&format!(
                "{SELECT} JOIN addresses a ON a.release = r.id WHERE a.identity = ?1 ORDER BY a.current DESC, r.id"
            ))?;
            let releases = statement.query_map([&identity], read)?;
            Ok(releases.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The first of them.
    pub async fn find_release(&self, identity: &str) -> Result<Option<Release>, StoreError> {
        Ok(self.find_releases(identity).await?.into_iter().next())
    }

    /// A release by its row.
    pub async fn find_release_by_id(&self, id: ReleaseId) -> Result<Option<Release>, StoreError> {
        self.read(move |transaction| match load(transaction, id) {
            Ok(release) => Ok(Some(release)),
            Err(StoreError::UnknownRelease(_)) => Ok(None),
            Err(error) => Err(error),
        })
        .await
    }

    /// Adds the releases whose identity the source does not know yet, and returns all of them in the order given;
    /// known ones as they are.
    pub async fn add_releases(&self, source: &SourceId, releases: Vec<NewRelease>) -> Result<Vec<Release>, StoreError> {
        let source = source.clone();
        self.write(move |transaction| {
            let mut added = Vec::with_capacity(releases.len());
            for release in &releases {
                let id = match addresses::find_owner(transaction, &source, &release.identity)? {
                    Some(id) => id,
                    None => insert(transaction, &source, release)?,
                };
                added.push(load(transaction, id)?);
            }
            Ok(added)
        })
        .await
    }
}

/// Writes that these releases were looked at, given in the order of their rows, and nothing else. Until when they rest
/// stays: at worst that is too early. Mostly a check looks at all of them, and neighbours are written as one.
pub(super) fn note_looks(transaction: &Transaction<'_>, releases: &[&Release]) -> Result<(), StoreError> {
    let mut statement = transaction
        .prepare_cached("UPDATE releases SET seen_at = ?3, looks = ?4, looked_at = ?5 WHERE id BETWEEN ?1 AND ?2")?;
    for run in releases.chunk_by(|one, next| one.id.0 + 1 == next.id.0 && look_of(one) == look_of(next)) {
        let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
        let (seen_at, looks, looked_at) = look_of(first);
        let written =
            statement.execute(params![first.id.0, last.id.0, seen_at.map(Time), looks, looked_at.map(Time)])?;
        if written != run.len() {
            return Err(StoreError::UnknownRelease(first.id));
        }
    }
    Ok(())
}

fn look_of(release: &Release) -> (Option<DateTime<Utc>>, u32, Option<DateTime<Utc>>) {
    (release.seen_at, release.looks.count, release.looks.last_at)
}

/// Writes everything about a release that may have changed.
pub(super) fn update(transaction: &Transaction<'_>, release: &Release) -> Result<(), StoreError> {
    let mut statement = transaction.prepare_cached(
        "UPDATE releases SET url = ?3, title = ?4, day = ?5, announce = ?6, state = ?7, gone = ?8, unlisted = ?9,
             judged = ?10, etag = ?11, last_modified = ?12, digest = ?13, full_at = ?14, seen_at = ?15,
             changed_at = ?16, looks = ?17, changes = ?18, looked_at = ?19, rests_until = ''
         WHERE id = ?1 AND source = ?2",
    )?;
    let updated = statement.execute(params![
        release.id.0,
        release.source.0,
        release.url.as_str(),
        release.title,
        release.day.map(|day| day.to_string()),
        release.announce,
        Word(release.state),
        release.gone.as_ref().map(Json),
        release.unlisted,
        release.judged.map(|snapshot| snapshot.0),
        release.validators.etag,
        release.validators.last_modified,
        release.validators.digest,
        release.full_at.map(Time),
        release.seen_at.map(Time),
        release.changed_at.map(Time),
        release.looks.count,
        release.looks.changes,
        release.looks.last_at.map(Time),
    ])?;
    if updated == 1 { Ok(()) } else { Err(StoreError::UnknownRelease(release.id)) }
}

/// Makes one release of two: what was found anew turned out to be `release` under another address.
pub(super) fn merge(transaction: &Transaction<'_>, merged: ReleaseId, release: ReleaseId) -> Result<(), StoreError> {
    let ids = [merged.0, release.0];
    transaction.prepare_cached("UPDATE addresses SET release = ?2, current = 0 WHERE release = ?1")?.execute(ids)?;
    // The listing named the new address last, so its word replaces the older one.
    transaction.prepare_cached("UPDATE OR REPLACE standings SET release = ?2 WHERE release = ?1")?.execute(ids)?;
    match transaction.prepare_cached("DELETE FROM releases WHERE id = ?1")?.execute([merged.0])? {
        1 => Ok(()),
        _ => Err(StoreError::UnknownRelease(merged)),
    }
}

pub(super) fn load(transaction: &Transaction<'_>, id: ReleaseId) -> Result<Release, StoreError> {
    let mut statement = transaction.prepare_cached(&format!("{SELECT} WHERE r.id = ?1"))?;
    let release = statement.query_row([id.0], read).optional()?;
    release.ok_or(StoreError::UnknownRelease(id))
}

fn insert(transaction: &Transaction<'_>, source: &SourceId, release: &NewRelease) -> Result<ReleaseId, StoreError> {
    transaction
        .prepare_cached(
            "INSERT INTO releases (source, url, title, day, found_by, found_at, announce, state)
             VALUES (:source, :url, :title, :day, :found_by, :found_at, :announce, :state)",
        )?
        .execute(named_params! {
            ":source": source.0,
            ":url": release.url.as_str(),
            ":title": release.title,
            ":day": release.day.map(|day| day.to_string()),
            ":found_by": Word(release.found_by),
            ":found_at": Time(release.found_at),
            ":announce": release.announce,
            ":state": Word(ReleaseState::Found),
        })?;
    let id = ReleaseId(transaction.last_insert_rowid());
    addresses::insert(transaction, source, id, &release.identity, &release.url, release.found_at)?;
    Ok(id)
}

/// Reads a release with the head of its latest version. By place: to find each column by its name takes longer than all
/// the rest, and a check reads every release.
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Release> {
    let mut columns = 0..;
    let mut next = || columns.next().unwrap_or_default();
    Ok(Release {
        id: ReleaseId(row.get(next())?),
        source: SourceId(row.get(next())?),
        url: row.url(next())?,
        title: row.get(next())?,
        day: row.maybe_day(next())?,
        found_by: row.word(next())?,
        found_at: row.time(next())?,
        announce: row.get(next())?,
        state: row.word(next())?,
        gone: row.maybe_json(next())?,
        unlisted: row.get(next())?,
        latest: read_head(row, [next(), next(), next(), next()])?,
        judged: row.get::<_, Option<i64>>(next())?.map(SnapshotId),
        validators: Validators { etag: row.get(next())?, last_modified: row.get(next())?, digest: row.get(next())? },
        full_at: row.maybe_time(next())?,
        seen_at: row.maybe_time(next())?,
        changed_at: row.maybe_time(next())?,
        looks: Looks { count: row.get(next())?, changes: row.get(next())?, last_at: row.maybe_time(next())? },
    })
}

fn read_head(row: &Row<'_>, [number, snapshot, hash, extractor]: [usize; 4]) -> rusqlite::Result<Option<VersionHead>> {
    let Some(number) = row.get(number)? else { return Ok(None) };
    Ok(Some(VersionHead {
        number,
        snapshot: SnapshotId(row.get(snapshot)?),
        hash: ContentHash(row.get(hash)?),
        extractor: row.get(extractor)?,
    }))
}
