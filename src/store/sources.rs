//! Sources, their health, and the checks that were made of them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use rusqlite::types::ValueRef;
use rusqlite::{OptionalExtension as _, Row, Transaction, named_params};

use super::column::{Columns as _, Json, Time, spell_json};
use super::{Store, StoreError, bodies, codec, documents, listings};
use crate::domain::model::{ListingRecord, ReleaseState, SourceId, SourceState};
use crate::domain::template::Template;

/// Templates are compressed at most checks that found something: in a hurry.
const TEMPLATE_LEVEL: i32 = 3;

/// Row of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CheckId(pub i64);

/// A source in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceLine {
    /// Its key.
    pub id: SourceId,
    /// Its name for people.
    pub name: String,
    /// Its health.
    pub state: SourceState,
    /// When the last check began.
    pub started_at: Option<DateTime<Utc>>,
    /// When that check ended; none if it did not, or has not yet.
    pub finished_at: Option<DateTime<Utc>>,
    /// What that check said on ending.
    pub summary: Option<String>,
    /// Its releases.
    pub releases: ReleaseCounts,
    /// Its listings.
    pub listings: Vec<ListingRecord>,
}

/// How many releases are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReleaseCounts {
    /// Found, not read yet.
    pub found: u32,
    /// Readable.
    pub present: u32,
    /// Gone, not confirmed yet.
    pub suspect: u32,
    /// Gone, confirmed.
    pub removed: u32,
}

impl ReleaseCounts {
    /// All of them.
    pub fn total(self) -> u32 {
        self.found + self.present + self.suspect + self.removed
    }
}

impl Store {
    /// Makes the sources of the configuration known, under their present names. Sources that left it keep their
    /// history.
    pub async fn sync_sources(&self, sources: Vec<(SourceId, String)>) -> Result<(), StoreError> {
        self.write(move |transaction| {
            let mut statement = transaction.prepare_cached(
                "INSERT INTO sources (id, name) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET name = excluded.name",
            )?;
            for (id, name) in &sources {
                statement.execute([&id.0, name])?;
            }
            Ok(())
        })
        .await
    }

    /// Notes that a check begins.
    pub async fn begin_check(&self, source: &SourceId, now: DateTime<Utc>) -> Result<CheckId, StoreError> {
        let source = source.clone();
        self.write(move |transaction| {
            transaction
                .prepare_cached("INSERT INTO checks (source, started_at) VALUES (?1, ?2)")?
                .execute((&source.0, Time(now)))?;
            Ok(CheckId(transaction.last_insert_rowid()))
        })
        .await
    }

    /// Notes that a check ended, and how.
    pub async fn finish_check(&self, id: CheckId, now: DateTime<Utc>, summary: String) -> Result<(), StoreError> {
        self.write(move |transaction| {
            transaction.prepare_cached("UPDATE checks SET finished_at = ?2, summary = ?3 WHERE id = ?1")?.execute((
                id.0,
                Time(now),
                summary,
            ))?;
            Ok(())
        })
        .await
    }

    /// Health of a source; that of one never checked when it is not known.
    pub async fn find_source_state(&self, source: &SourceId) -> Result<SourceState, StoreError> {
        let source = source.clone();
        self.read(move |transaction| {
            let mut statement = transaction.prepare_cached("SELECT state FROM sources WHERE id = ?1")?;
            let state = statement.query_row([&source.0], |row| row.json("state")).optional()?;
            Ok(state.unwrap_or_default())
        })
        .await
    }

    /// What the pages of a source have in common, as [`CheckOutcome::template`](super::CheckOutcome) gave it; empty
    /// where nothing was learned.
    pub async fn find_template(&self, source: &SourceId) -> Result<Template, StoreError> {
        let source = source.clone();
        self.read(move |transaction| {
            let mut statement = transaction.prepare_cached("SELECT template FROM sources WHERE id = ?1")?;
            let template = statement.query_row([&source.0], |row| Ok(read_template(row.get_ref(0)?))).optional()?;
            Ok(template.flatten().unwrap_or_default())
        })
        .await
    }

    /// The names of all sources that were ever watched.
    pub async fn list_source_names(&self) -> Result<HashMap<SourceId, String>, StoreError> {
        self.read(|transaction| {
            let mut statement = transaction.prepare_cached("SELECT id, name FROM sources")?;
            let names = statement.query_map([], |row| Ok((SourceId(row.get(0)?), row.get(1)?)))?;
            Ok(names.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// How many releases of a source are in which state.
    pub async fn count_releases(&self, source: &SourceId) -> Result<ReleaseCounts, StoreError> {
        let source = source.clone();
        self.read(move |transaction| count_releases(transaction, &source)).await
    }

    /// Every source that was ever watched, by id.
    pub async fn list_sources(&self) -> Result<Vec<SourceLine>, StoreError> {
        self.read(|transaction| {
            let mut statement = transaction.prepare_cached(
                "SELECT s.id, s.name, s.state, c.started_at, c.finished_at, c.summary FROM sources s
                 LEFT JOIN checks c ON c.id = (SELECT max(id) FROM checks WHERE source = s.id) ORDER BY s.id",
            )?;
            let mut sources = statement.query_map([], read)?.collect::<Result<Vec<_>, _>>()?;
            for source in &mut sources {
                source.releases = count_releases(transaction, &source.id)?;
                source.listings = listings::load(transaction, &source.id)?;
            }
            Ok(sources)
        })
        .await
    }
}

/// Writes the health of a source, and its template if one is given.
pub(super) fn save_state(
    transaction: &Transaction<'_>,
    source: &SourceId,
    state: &SourceState,
    template: Option<&Template>,
) -> Result<(), StoreError> {
    let json = template.map(|template| spell_json(&template)).transpose()?;
    let template = json.map(|json| codec::encode(json.as_bytes(), &[], TEMPLATE_LEVEL)).transpose();
    let template = template.map_err(bodies::to_sql_failure)?;
    let saved = transaction
        .prepare_cached(
            "UPDATE sources SET state = :state, template = coalesce(:template, template) WHERE id = :source",
        )?
        .execute(named_params! { ":source": source.0, ":state": Json(state), ":template": template })?;
    if saved == 1 { Ok(()) } else { Err(StoreError::UnknownSource(source.clone())) }
}

/// A template. What is damaged is learned again, and so is what an older version wrote in another form; `verify` tells
/// of the damage.
pub(super) fn read_template(value: ValueRef<'_>) -> Option<Template> {
    let json = documents::unpack(value, "").ok()?;
    serde_json::from_str(&json).ok()
}

/// From what is counted as releases come and change.
fn count_releases(transaction: &Transaction<'_>, source: &SourceId) -> Result<ReleaseCounts, StoreError> {
    let mut statement = transaction.prepare_cached("SELECT state, count FROM release_counts WHERE source = ?1")?;
    let mut rows = statement.query([&source.0])?;
    let mut counts = ReleaseCounts::default();
    while let Some(row) = rows.next()? {
        let place = match row.word("state")? {
            ReleaseState::Found => &mut counts.found,
            ReleaseState::Present => &mut counts.present,
            ReleaseState::Suspect => &mut counts.suspect,
            ReleaseState::Removed => &mut counts.removed,
        };
        *place = row.get("count")?;
    }
    Ok(counts)
}

/// Reads a source without its releases and listings.
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<SourceLine> {
    Ok(SourceLine {
        id: SourceId(row.get("id")?),
        name: row.get("name")?,
        state: row.json("state")?,
        started_at: row.maybe_time("started_at")?,
        finished_at: row.maybe_time("finished_at")?,
        summary: row.get("summary")?,
        releases: ReleaseCounts::default(),
        listings: Vec::new(),
    })
}
