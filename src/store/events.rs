//! The event list. Ids rise with every event, so that a reader continues after the last one seen.

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{OptionalExtension as _, Row, Transaction, named_params};

use super::chain::{self, Linked};
use super::column::{Columns as _, Json, Time, Word};
use super::{Store, StoreError, column};
use crate::domain::model::{Event, EventId, EventKind, RecordedEvent, ReleaseId, SourceId};

/// Which events; every part that is given has to fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Of this source.
    pub source: Option<SourceId>,
    /// Of this kind.
    pub kind: Option<EventKind>,
    /// Found out at this time or later.
    pub since: Option<DateTime<Utc>>,
    /// With a higher id.
    pub after: Option<EventId>,
    /// About this release.
    pub release: Option<ReleaseId>,
    /// No more than this many, the oldest of those that fit.
    pub limit: Option<u32>,
}

impl Store {
    /// The events that fit, oldest first.
    pub async fn list_events(&self, filter: EventFilter) -> Result<Vec<RecordedEvent>, StoreError> {
        self.read(move |transaction| {
            let mut statement = transaction.prepare_cached(&select(&filter))?;
            let events = statement.query_map(
                named_params! {
                    ":source": filter.source.as_ref().map(|source| &source.0),
                    ":kind": filter.kind.map(Word),
                    ":since": filter.since.map(Time),
                    ":after": filter.after.map_or(0, |after| after.0),
                    ":release": filter.release.map(|release| release.0),
                    ":limit": filter.limit.map_or(-1, i64::from),
                },
                read,
            )?;
            Ok(events.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The newest events, of one source or of all, newest first.
    pub async fn list_newest_events(
        &self,
        source: Option<SourceId>,
        limit: u32,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        self.read(move |transaction| {
            // Two texts, so that the index by source is used where there is one.
            let part = if source.is_some() { "source = :source" } else { ":source IS NULL" };
            let sql = format!("SELECT * FROM events WHERE {part} ORDER BY id DESC LIMIT :limit");
            let mut statement = transaction.prepare_cached(&sql)?;
            let source = source.as_ref().map(|source| &source.0);
            let events = statement.query_map(named_params! { ":source": source, ":limit": limit }, read)?;
            Ok(events.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The sources that have events with a higher id.
    pub async fn list_sources_since(&self, after: EventId) -> Result<Vec<SourceId>, StoreError> {
        self.read(move |transaction| {
            // Asked source by source: each has an index, and the events of many years are not gone through.
            let mut statement = transaction.prepare_cached(
                "SELECT id FROM sources WHERE EXISTS (SELECT 1 FROM events WHERE source = sources.id AND id > ?1)",
            )?;
            let sources = statement.query_map([after.0], |row| Ok(SourceId(row.get(0)?)))?;
            Ok(sources.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The id of the newest event.
    pub async fn last_event_id(&self) -> Result<Option<EventId>, StoreError> {
        self.read(|transaction| {
            let last: Option<i64> = transaction.query_row("SELECT max(id) FROM events", [], |row| row.get(0))?;
            Ok(last.map(EventId))
        })
        .await
    }

    /// One event.
    pub async fn find_event(&self, id: EventId) -> Result<Option<RecordedEvent>, StoreError> {
        self.read(move |transaction| {
            let mut statement = transaction.prepare_cached("SELECT * FROM events WHERE id = ?1")?;
            Ok(statement.query_row([id.0], read).optional()?)
        })
        .await
    }

    /// The newest events of a release, the newest first.
    pub async fn list_release_events(&self, id: ReleaseId, limit: u32) -> Result<Vec<RecordedEvent>, StoreError> {
        self.read(move |transaction| {
            let mut statement =
                transaction.prepare_cached("SELECT * FROM events WHERE release = ?1 ORDER BY id DESC LIMIT ?2")?;
            let events = statement.query_map((id.0, limit), read)?;
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
}

/// Parts that are not given drop out of the text, so that the indexes are used for those that are.
fn select(filter: &EventFilter) -> String {
    let part = |given: bool, column: &str, name: &str| {
        if given { format!("{column} :{name}") } else { format!(":{name} IS NULL") }
    };
    let parts = [
        part(filter.source.is_some(), "source =", "source"),
        part(filter.kind.is_some(), "kind =", "kind"),
        // The plus keeps SQLite from sorting all that is later by id.
        part(filter.since.is_some(), "+at >=", "since"),
        part(filter.release.is_some(), "release =", "release"),
        "id > :after".to_owned(),
    ];
    format!("SELECT * FROM events WHERE {} ORDER BY id LIMIT :limit", parts.join(" AND "))
}

/// Adds an event, and returns it as it will be read.
pub(super) fn insert(transaction: &Transaction<'_>, mut event: Event) -> Result<RecordedEvent, StoreError> {
    event.at = column::stored(event.at);
    transaction
        .prepare_cached(
            "INSERT INTO events (at, kind, source, release, url, old_url, title, fields, significance, reasons,
                 summary, old_version, new_version, explanation, evidence)
             VALUES (:at, :kind, :source, :release, :url, :old_url, :title, :fields, :significance, :reasons,
                 :summary, :old_version, :new_version, :explanation, :evidence)",
        )?
        .execute(named_params! {
            ":at": Time(event.at),
            ":kind": Word(event.kind),
            ":source": event.source.0,
            ":release": event.release.map(|release| release.0),
            ":url": event.url.as_str(),
            ":old_url": event.old_url.as_ref().map(url::Url::as_str),
            ":title": event.title,
            ":fields": Json(&event.fields),
            ":significance": Word(event.significance),
            ":reasons": Json(&event.reasons),
            ":summary": event.summary,
            ":old_version": event.old_version,
            ":new_version": event.new_version,
            ":explanation": event.explanation,
            ":evidence": Json(&event.evidence),
        })?;
    let id = transaction.last_insert_rowid();
    chain::append(transaction, Linked::Event(id))?;
    Ok(RecordedEvent { id: EventId(id), event })
}

/// Reads an event from a row whose `id` is the event's.
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<RecordedEvent> {
    let event = Event {
        at: row.time("at")?,
        kind: row.word("kind")?,
        source: SourceId(row.get("source")?),
        url: row.url("url")?,
        old_url: row.maybe_url("old_url")?,
        title: row.get("title")?,
        fields: row.json("fields")?,
        significance: row.word("significance")?,
        reasons: row.json("reasons")?,
        summary: row.get("summary")?,
        old_version: row.get("old_version")?,
        new_version: row.get("new_version")?,
        explanation: row.get("explanation")?,
        evidence: row.json("evidence")?,
        release: row.get::<_, Option<i64>>("release")?.map(ReleaseId),
    };
    Ok(RecordedEvent { id: EventId(row.get("id")?), event })
}
