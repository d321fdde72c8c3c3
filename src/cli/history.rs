//! `pressdiff history`: the versions and events of one release, in the order of time.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use clap::Args;

use super::failure::Status;
use super::lookup::find_release;
use super::output::tame;
use super::releases::state_of;
use super::session::Session;
use super::table::{Rows, minute};
use crate::domain::model::{RecordedEvent, Release};
use crate::domain::word::word;
use crate::store::{EventFilter, VersionLine};

/// List the versions and events of one release.
///
/// Oldest first; times are in UTC.
#[derive(Debug, Args)]
pub(super) struct History {
    /// Present or earlier address of the release
    url: String,
}

impl History {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Status> {
        let (config, store) = session.record()?;
        let release = find_release((&config, &store), &self.url, &session.output).await?;
        let versions = store.list_versions(release.id).await?;
        let filter = EventFilter { release: Some(release.id), ..EventFilter::default() };
        let events = store.list_events(filter).await?;
        let mut text = heading(&release, &events);
        text.push_str(&table(&release, &versions, &events, session));
        session.output.print(&text)?;
        Ok(Status::Done)
    }
}

fn heading(release: &Release, events: &[RecordedEvent]) -> String {
    let mut text = format!("{}\n{}\n", tame(&release.title), release.url);
    for old_url in events.iter().filter_map(|recorded| recorded.event.old_url.as_ref()) {
        let _ = writeln!(text, "formerly {old_url}");
    }
    let _ = writeln!(text, "source {}, {}\n", release.source, state_of(release));
    text
}

/// Versions stand before the events that they caused.
fn table(release: &Release, versions: &[VersionLine], events: &[RecordedEvent], session: &Session) -> String {
    let mut lines: Vec<(DateTime<Utc>, u8, [String; 3])> = Vec::new();
    let found = format!("by {}", word(&release.found_by));
    lines.push((release.found_at, 0, ["found".to_owned(), String::new(), found]));
    lines.extend(versions.iter().map(|version| (version.recorded_at, 1, describe_version(version))));
    lines.extend(events.iter().map(|recorded| (recorded.event.at, 2, describe_event(recorded))));
    // Stable: what happened at once stays in the order of its numbers.
    lines.sort_by_key(|(at, rank, _)| (*at, *rank));
    let mut rows = Rows::new(&session.output, &["TIME (UTC)", "WHAT", "EVENT", "DETAIL"]);
    for (at, _, [what, event, detail]) in lines {
        rows.add([minute(at), what, event, detail]);
    }
    rows.render()
}

fn describe_version(version: &VersionLine) -> [String; 3] {
    let snapshot = format!("snapshot {}, text {}", version.snapshot, version.hash.0.get(..12).unwrap_or_default());
    let detail = if version.technical { format!("{snapshot}; read anew, no edit") } else { snapshot };
    [format!("version {}", version.number), String::new(), detail]
}

fn describe_event(recorded: &RecordedEvent) -> [String; 3] {
    let event = &recorded.event;
    let snapshots: Vec<String> = event.evidence.iter().map(ToString::to_string).collect();
    let evidence = if snapshots.is_empty() { String::new() } else { format!(" (snapshots {})", snapshots.join(", ")) };
    let because = if event.explanation.is_empty() { String::new() } else { format!("; {}", event.explanation) };
    [word(&event.kind), recorded.id.to_string(), format!("{}{because}{evidence}", event.summary)]
}
