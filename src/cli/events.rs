//! `pressdiff events`: what happened.

use std::fmt::Write as _;

use clap::Args;
use serde::Deserialize as _;
use serde::de::value::{Error as WordError, StrDeserializer};

use super::ListFormat;
use super::check::unknown;
use super::failure::Status;
use super::session::Session;
use super::since::Since;
use super::table::{Rows, minute};
use crate::config::Config;
use crate::domain::jsonl::event_line;
use crate::domain::model::{EventId, EventKind, RecordedEvent, SourceId};
use crate::domain::word::word;
use crate::store::{EventFilter, Store};

/// List what happened.
///
/// Oldest first; times are in UTC.
#[derive(Debug, Args)]
pub(super) struct Events {
    /// Only of this source
    #[arg(long, value_name = "ID")]
    source: Option<String>,
    /// Only of this kind: new, edited, removed, restored, moved, unlisted or site; may be given several times
    #[arg(long = "kind", value_name = "KIND", value_delimiter = ',', value_parser = parse_kind)]
    kinds: Vec<EventKind>,
    /// Only from this time on: 2026-11-21, 2026-11-21T10:15:00Z, 2d or 3h
    #[arg(long, value_name = "TIME", value_parser = Since::parse)]
    since: Option<Since>,
    /// Only events after this number, such as the last one you saw
    #[arg(long, value_name = "ID", value_parser = parse_id)]
    after: Option<i64>,
    /// At most this many: the oldest that match
    #[arg(long, value_name = "NUMBER")]
    limit: Option<u32>,
    /// How to list them
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    format: ListFormat,
}

fn parse_kind(text: &str) -> Result<EventKind, WordError> {
    EventKind::deserialize(StrDeserializer::new(text))
}

fn parse_id(text: &str) -> Result<i64, &'static str> {
    text.parse().map_err(|_| "it takes the number of an event, as the list shows it")
}

impl Events {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Status> {
        let (config, store) = session.record()?;
        let source = match &self.source {
            Some(id) => Some(known_source(&config, &store, id).await?),
            None => None,
        };
        let events = self.fitting(&store, source, session).await?;
        match self.format {
            ListFormat::Table if events.is_empty() => session.output.note("no events"),
            ListFormat::Table => session.output.print(&table(&events, session))?,
            ListFormat::Jsonl => session.output.print(&lines(&events))?,
        }
        Ok(Status::Done)
    }

    async fn fitting(
        &self,
        store: &Store,
        source: Option<SourceId>,
        session: &Session,
    ) -> anyhow::Result<Vec<RecordedEvent>> {
        let (kind, later) = match self.kinds.as_slice() {
            [kind] => (Some(*kind), None),
            [] => (None, None),
            kinds => (None, Some(kinds)),
        };
        let filter = EventFilter {
            source,
            kind,
            since: self.since.map(|since| since.before(session.clock.now())),
            after: self.after.map(EventId),
            release: None,
            // The store knows one kind only; with several, what it would count is not what is wanted.
            limit: self.limit.filter(|_| later.is_none()),
        };
        let mut events = store.list_events(filter).await?;
        if let Some(kinds) = later {
            events.retain(|recorded| kinds.contains(&recorded.event.kind));
            events.truncate(self.limit.map_or(usize::MAX, |limit| limit as usize));
        }
        Ok(events)
    }
}

/// A source that is watched, or that was.
pub(super) async fn known_source(config: &Config, store: &Store, id: &str) -> anyhow::Result<SourceId> {
    let id = SourceId(id.to_owned());
    let is_watched = config.sources.iter().any(|source| source.id == id);
    if is_watched || store.list_sources().await?.iter().any(|line| line.id == id) {
        return Ok(id);
    }
    Err(unknown(config, &id.0).into())
}

fn table(events: &[RecordedEvent], session: &Session) -> String {
    let mut rows = Rows::new(&session.output, &["ID", "TIME (UTC)", "KIND", "SOURCE", "TITLE", "SUMMARY"]);
    for recorded in events {
        let event = &recorded.event;
        rows.add([
            recorded.id.to_string(),
            minute(event.at),
            word(&event.kind),
            event.source.to_string(),
            event.title.clone(),
            event.summary.clone(),
        ]);
    }
    rows.render()
}

/// As JSON Lines.
pub(super) fn lines(events: &[RecordedEvent]) -> String {
    events.iter().fold(String::new(), |mut text, event| {
        let _ = writeln!(text, "{}", event_line(event));
        text
    })
}
