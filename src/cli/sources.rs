//! `pressdiff sources`: what is watched, and how it is.

use anyhow::Result;
use chrono::{DateTime, Utc};
use clap::Args;

use super::failure::Status;
use super::session::Session;
use super::table::{Rows, minute};
use crate::config::Config;
use crate::domain::counted::counted;
use crate::domain::discreet::discreet;
use crate::domain::model::{Source, SourceId};
use crate::domain::word::word;
use crate::notify::feed_troubles;
use crate::schedule::first_due;
use crate::store::{Failing, SourceLine, Store, StoreError};

/// List what is watched, and its state.
///
/// Lists the sources of the configuration and those that were watched earlier, with what is wrong with them. The
/// last check is in UTC, the next one on the clocks of the source.
#[derive(Debug, Args)]
pub(super) struct Sources {}

impl Sources {
    pub(super) async fn run(self, session: &Session) -> Result<Status> {
        let config = session.config()?;
        let (lines, failing, feeds) = match Store::open_read(&config.store.path) {
            Ok(store) => {
                let feeds = list_feed_troubles(&config, &store).await?;
                (store.list_sources().await?, store.list_failing().await?, feeds)
            }
            // Nothing has been checked yet; what is going to be watched can be told all the same.
            Err(StoreError::Missing(_)) => Default::default(),
            Err(error) => return Err(error.into()),
        };
        session.output.print(&table(&config, &lines, session))?;
        for problem in lines.iter().flat_map(problems).chain(feeds) {
            session.output.note(&problem);
        }
        let is_configured = |line: &&Failing| config.alerts.iter().any(|alert| alert.name == line.alert);
        for line in failing.iter().filter(is_configured) {
            session.output.note(&undelivered(line));
        }
        Ok(Status::Done)
    }
}

async fn list_feed_troubles(config: &Config, store: &Store) -> Result<Vec<String>, StoreError> {
    match &config.feed {
        Some(feed) => feed_troubles(feed, &config.sources, store).await,
        None => Ok(Vec::new()),
    }
}

/// An alert that does not arrive; `pressdiff alerts` has the messages.
fn undelivered(line: &Failing) -> String {
    let to = line.recipient.as_ref().map(|recipient| format!(" to {}", discreet(recipient))).unwrap_or_default();
    let (since, waiting) = (minute(line.since), counted(line.waiting, "message waits", "messages wait"));
    format!("alert {}{to}: not delivered since {since} UTC, {waiting}: {}", line.alert, line.error)
}

fn table(config: &Config, lines: &[SourceLine], session: &Session) -> String {
    let mut rows = Rows::new(&session.output, &["ID", "NAME", "LAST CHECK (UTC)", "NEXT CHECK", "RELEASES", "TROUBLE"]);
    for source in &config.sources {
        let line = find(lines, &source.id);
        let next = next_check(source, line, session.clock.now());
        rows.add(cells(&source.id, &source.name, next, line));
    }
    for line in lines.iter().filter(|line| config.sources.iter().all(|source| source.id != line.id)) {
        rows.add(cells(&line.id, &line.name, "not watched".to_owned(), Some(line)));
    }
    rows.render()
}

fn find<'l>(lines: &'l [SourceLine], id: &SourceId) -> Option<&'l SourceLine> {
    lines.iter().find(|line| line.id == *id)
}

fn cells(id: &SourceId, name: &str, next: String, line: Option<&SourceLine>) -> [String; 6] {
    let checked_at = line.and_then(|line| line.state.checked_at);
    let last = checked_at.map_or_else(|| "never".to_owned(), minute);
    let releases = line.map(releases).unwrap_or_default();
    [id.to_string(), name.to_owned(), last, next, releases, line.map(troubles).unwrap_or_default()]
}

/// The zone is named by its abbreviation, because the offset of the next check may not be today's.
fn next_check(source: &Source, line: Option<&SourceLine>, now: DateTime<Utc>) -> String {
    let checked_at = line.and_then(|line| line.state.checked_at);
    match first_due(source, checked_at, now) {
        Some(due_at) if due_at <= now => "due now".to_owned(),
        Some(due_at) => due_at.with_timezone(&source.timezone).format("%Y-%m-%d %H:%M %Z").to_string(),
        None => "never again".to_owned(),
    }
}

fn releases(line: &SourceLine) -> String {
    let counts = &line.releases;
    let parts = [
        (counts.present, "present"),
        (counts.found, "found"),
        (counts.suspect, "suspect"),
        (counts.removed, "removed"),
    ];
    let parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, state)| format!("{count} {state}")).collect();
    if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
}

fn troubles(line: &SourceLine) -> String {
    let troubles = line
        .state
        .troubles
        .iter()
        .map(|trouble| format!("{} since {} UTC", word(&trouble.cause), minute(trouble.since)));
    let failing = line.listings.iter().filter(|record| record.problem.is_some() && record.failures > 0).count();
    let listings = counted(line.listings.len(), "listing fails", "listings fail");
    let failing = (failing > 0).then(|| format!("{failing} of {listings}"));
    let forbidden = line.state.forbidden;
    let forbidden =
        (forbidden > 0).then(|| format!("robots.txt forbids {}", counted(forbidden, "release", "releases")));
    troubles.chain(failing).chain(forbidden).collect::<Vec<_>>().join(", ")
}

fn problems(line: &SourceLine) -> Vec<String> {
    let problem = |problem: &String, url: &url::Url| format!("{}: {url}: {problem}", line.id);
    line.listings.iter().filter_map(|record| record.problem.as_ref().map(|text| problem(text, &record.url))).collect()
}
