//! What is kept of listings from walk to walk, and what they say of each release.

use std::collections::HashSet;

use rusqlite::{Row, Statement, ToSql, Transaction, named_params};
use url::Url;

use super::column::{Columns as _, Time, Word};
use super::{Store, StoreError};
use crate::domain::discover::ListingPlace;
use crate::domain::model::{ListingRecord, ReleaseId, SourceId, Standing};

impl Store {
    /// The listings of a source that were ever walked.
    pub async fn list_listings(&self, source: &SourceId) -> Result<Vec<ListingRecord>, StoreError> {
        let source = source.clone();
        self.read(move |transaction| load(transaction, &source)).await
    }

    /// What the listings of a source say of the releases that they name at present, and of those in `named`. What
    /// fell off the end of a listing long ago is not read: there may be far more of it.
    pub async fn list_standings(
        &self,
        source: &SourceId,
        named: HashSet<ReleaseId>,
    ) -> Result<Vec<Standing>, StoreError> {
        let source = source.clone();
        self.read(move |transaction| {
            let mut standings = Vec::new();
            let mut present = transaction.prepare_cached(
                "SELECT s.* FROM listings l JOIN standings s ON s.listing = l.url JOIN releases r ON r.id = s.release
                 WHERE l.source = ?1 AND s.position < 4294967295 AND r.source = ?1",
            )?;
            collect(&mut present, &source.0, &mut standings)?;
            let mut fallen =
                transaction.prepare_cached("SELECT * FROM standings WHERE release = ?1 AND position = 4294967295")?;
            for release in &named {
                collect(&mut fallen, release.0, &mut standings)?;
            }
            standings.sort_by(|one, other| {
                let key = |standing: &Standing| (standing.position, standing.release);
                one.listing.cmp(&other.listing).then(key(one).cmp(&key(other)))
            });
            Ok(standings)
        })
        .await
    }
}

/// The listings of a source, by address.
pub(super) fn load(transaction: &Transaction<'_>, source: &SourceId) -> Result<Vec<ListingRecord>, StoreError> {
    let mut statement = transaction.prepare_cached("SELECT * FROM listings WHERE source = ?1 ORDER BY url")?;
    let listings = statement.query_map([&source.0], read)?;
    Ok(listings.collect::<Result<_, _>>()?)
}

/// Writes listings, new ones or new states of known ones.
pub(super) fn save(
    transaction: &Transaction<'_>,
    source: &SourceId,
    listings: &[ListingRecord],
) -> Result<(), StoreError> {
    let mut statement = transaction.prepare_cached(
        "INSERT INTO listings (source, url, kind, whole_depth, whole_at, entries, place, first_page, failures, problem)
         VALUES (:source, :url, :kind, :whole_depth, :whole_at, :entries, :place, :first_page, :failures, :problem)
         ON CONFLICT (source, url) DO UPDATE SET kind = excluded.kind, whole_depth = excluded.whole_depth,
             whole_at = excluded.whole_at, entries = excluded.entries, place = excluded.place,
             first_page = excluded.first_page, failures = excluded.failures,
             problem = excluded.problem",
    )?;
    for listing in listings {
        statement.execute(named_params! {
            ":source": source.0,
            ":url": listing.url.as_str(),
            ":kind": Word(listing.kind),
            ":whole_depth": listing.whole_depth,
            ":whole_at": listing.whole_at.map(Time),
            ":entries": listing.entries,
            ":place": listing.place.map(|place| place.0),
            ":first_page": listing.first_page,
            ":failures": listing.failures,
            ":problem": listing.problem,
        })?;
    }
    Ok(())
}

/// Writes standings, new ones or new states of known ones.
pub(super) fn save_standings(transaction: &Transaction<'_>, standings: &[Standing]) -> Result<(), StoreError> {
    let mut statement = transaction.prepare_cached(
        "INSERT INTO standings (release, listing, position, named_at, missed)
         VALUES (:release, :listing, :position, :named_at, :missed)
         ON CONFLICT (release, listing) DO UPDATE SET position = excluded.position,
             named_at = excluded.named_at, missed = excluded.missed",
    )?;
    for standing in standings {
        statement.execute(named_params! {
            ":release": standing.release.0,
            ":listing": standing.listing.as_str(),
            ":position": standing.position,
            ":named_at": Time(standing.named_at),
            ":missed": standing.missed,
        })?;
    }
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<ListingRecord> {
    Ok(ListingRecord {
        url: row.url("url")?,
        kind: row.word("kind")?,
        whole_depth: row.get("whole_depth")?,
        whole_at: row.maybe_time("whole_at")?,
        entries: row.get("entries")?,
        place: row.get::<_, Option<i64>>("place")?.map(ListingPlace),
        first_page: row.get("first_page")?,
        failures: row.get("failures")?,
        problem: row.get("problem")?,
    })
}

/// Adds the standings that a query finds. Many in a row are of one listing, whose address is then parsed once.
fn collect(statement: &mut Statement<'_>, value: impl ToSql, standings: &mut Vec<Standing>) -> rusqlite::Result<()> {
    let mut rows = statement.query([value])?;
    while let Some(row) = rows.next()? {
        let last = standings.last().map(|standing| &standing.listing);
        let listing =
            match last.filter(|last| row.get_ref("listing").is_ok_and(|text| text.as_str() == Ok(last.as_str()))) {
                Some(listing) => listing.clone(),
                None => row.url("listing")?,
            };
        standings.push(read_standing(row, listing)?);
    }
    Ok(())
}

fn read_standing(row: &Row<'_>, listing: Url) -> rusqlite::Result<Standing> {
    Ok(Standing {
        listing,
        release: ReleaseId(row.get("release")?),
        position: row.get("position")?,
        named_at: row.time("named_at")?,
        missed: row.get("missed")?,
    })
}
