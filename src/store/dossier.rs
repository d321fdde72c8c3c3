//! What there is about one release or one source, for whoever looks closer: neighbouring events, addresses, days on
//! which something happened, releases page by page.

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{Row, Transaction, named_params};
use url::Url;

use super::column::{Columns as _, Time, Word};
use super::{Attempt, Store, StoreError, attempts, events, releases};
use crate::domain::model::{EventId, RecordedEvent, Release, ReleaseId, ReleaseState, SourceId};

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

/// A release in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseLine {
    /// Its row.
    pub id: ReleaseId,
    /// Its source.
    pub source: SourceId,
    /// Its address.
    pub url: Url,
    /// Its title.
    pub title: String,
    /// The day it was published, as far as known.
    pub day: Option<NaiveDate>,
    /// Where it stands.
    pub state: ReleaseState,
    /// When it was found.
    pub found_at: DateTime<Utc>,
    /// When its text last changed.
    pub changed_at: Option<DateTime<Utc>>,
}

impl Store {
    /// A release by its row.
    pub async fn load_release(&self, id: ReleaseId) -> Result<Option<Release>, StoreError> {
        self.read(move |transaction| match releases::load(transaction, id) {
            Ok(release) => Ok(Some(release)),
            Err(StoreError::UnknownRelease(_)) => Ok(None),
            Err(error) => Err(error),
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

    /// The newest events of a release, the newest first.
    pub async fn list_release_events(&self, id: ReleaseId, limit: u32) -> Result<Vec<RecordedEvent>, StoreError> {
        self.read(move |transaction| {
            let mut statement =
                transaction.prepare_cached("SELECT * FROM events WHERE release = ?1 ORDER BY id DESC LIMIT ?2")?;
            let events = statement.query_map((id.0, limit), events::read)?;
            Ok(events.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The events of a release before and after one of them.
    pub async fn find_neighbours(
        &self,
        release: ReleaseId,
        event: EventId,
    ) -> Result<(Option<EventId>, Option<EventId>), StoreError> {
        self.read(move |transaction| {
            let find = |sql: &str| -> Result<Option<EventId>, StoreError> {
                let id: Option<i64> =
                    transaction.prepare_cached(sql)?.query_row([release.0, event.0], |row| row.get(0))?;
                Ok(id.map(EventId))
            };
            Ok((
                find("SELECT max(id) FROM events WHERE release = ?1 AND id < ?2")?,
                find("SELECT min(id) FROM events WHERE release = ?1 AND id > ?2")?,
            ))
        })
        .await
    }

    /// On which days since `day` how much happened to the releases of a source.
    pub async fn count_event_days(
        &self,
        source: &SourceId,
        day: NaiveDate,
    ) -> Result<Vec<(NaiveDate, u32)>, StoreError> {
        let source = source.clone();
        self.read(move |transaction| {
            let mut statement = transaction
                .prepare_cached("SELECT day, count FROM event_days WHERE source = ?1 AND day >= ?2 ORDER BY day")?;
            let days = statement.query_map((&source.0, day.to_string()), |row| {
                Ok((row.maybe_day("day")?.unwrap_or_default(), row.get("count")?))
            })?;
            Ok(days.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Releases with a lower id than `before`, the newest first: of one source or of all, in one state or in any.
    pub async fn list_release_lines(
        &self,
        source: Option<SourceId>,
        state: Option<ReleaseState>,
        before: Option<ReleaseId>,
        limit: u32,
    ) -> Result<Vec<ReleaseLine>, StoreError> {
        self.read(move |transaction| {
            // Parts that are not given drop out of the text, so that the indexes are used for those that are.
            let source_part = if source.is_some() { "source = :source" } else { ":source IS NULL" };
            let state_part = if state.is_some() { "state = :state" } else { ":state IS NULL" };
            let sql = format!(
                "SELECT id, source, url, title, day, state, found_at, changed_at FROM releases
                 WHERE {source_part} AND {state_part} AND id < :before ORDER BY id DESC LIMIT :limit"
            );
            let mut statement = transaction.prepare_cached(&sql)?;
            let values = named_params! {
                ":source": source.as_ref().map(|source| &source.0),
                ":state": state.map(Word),
                ":before": before.map_or(i64::MAX, |before| before.0),
                ":limit": limit,
            };
            let lines = statement.query_map(values, read_line)?;
            Ok(lines.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The last attempts at pages of a source that brought no complete answer, the last one first.
    pub async fn list_failures(&self, source: &SourceId, limit: u32) -> Result<Vec<Attempt>, StoreError> {
        let source = source.clone();
        self.read(move |transaction| {
            let mut statement =
                transaction.prepare_cached("SELECT * FROM attempts WHERE source = ?1 ORDER BY id DESC LIMIT ?2")?;
            let failures = statement.query_map((&source.0, limit), attempts::read)?;
            Ok(failures.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The version that a release had at a time, if it had been read by then.
    pub async fn find_version_at(&self, id: ReleaseId, at: DateTime<Utc>) -> Result<Option<u32>, StoreError> {
        self.read(move |transaction| find_version_at(transaction, id, at)).await
    }
}

fn find_version_at(transaction: &Transaction<'_>, id: ReleaseId, at: DateTime<Utc>) -> Result<Option<u32>, StoreError> {
    let mut statement = transaction.prepare_cached(
        "SELECT max(number) FROM versions INDEXED BY versions_by_time WHERE release = ?1 AND recorded_at <= ?2",
    )?;
    Ok(statement.query_row((id.0, Time(at)), |row| row.get(0))?)
}

fn read_line(row: &Row<'_>) -> rusqlite::Result<ReleaseLine> {
    Ok(ReleaseLine {
        id: ReleaseId(row.get("id")?),
        source: SourceId(row.get("source")?),
        url: row.url("url")?,
        title: row.get("title")?,
        day: row.maybe_day("day")?,
        state: row.word("state")?,
        found_at: row.time("found_at")?,
        changed_at: row.maybe_time("changed_at")?,
    })
}
