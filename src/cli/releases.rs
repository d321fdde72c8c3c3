//! `pressdiff releases`: what was published, and where it stands.

use chrono::SecondsFormat;
use clap::{Args, ValueEnum};
use serde_json::json;

use super::ListFormat;
use super::events::known_source;
use super::failure::Status;
use super::session::Session;
use super::table::{Rows, minute};
use crate::domain::model::{Release, ReleaseState};
use crate::domain::word::word;

/// List the releases that are known.
///
/// They stand by source, and in the order in which they were found. Times are in UTC.
#[derive(Debug, Args)]
pub(super) struct Releases {
    /// Only of this source
    #[arg(long, value_name = "ID")]
    source: Option<String>,
    /// Only those in this state
    #[arg(long, value_enum)]
    state: Option<State>,
    /// How to list them
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    format: ListFormat,
}

/// Where a release stands, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum State {
    /// Found, not read yet
    Found,
    /// Readable
    Present,
    /// Readable, but on no listing any more
    Unlisted,
    /// Gone, not confirmed yet
    Suspect,
    /// Gone, confirmed
    Removed,
}

impl State {
    fn fits(self, release: &Release) -> bool {
        match self {
            Self::Found => release.state == ReleaseState::Found,
            Self::Present => release.state == ReleaseState::Present,
            Self::Unlisted => release.state == ReleaseState::Present && release.unlisted,
            Self::Suspect => release.state == ReleaseState::Suspect,
            Self::Removed => release.state == ReleaseState::Removed,
        }
    }
}

/// Where a release stands, in a word or two.
pub(super) fn state_of(release: &Release) -> String {
    let unlisted = release.unlisted && release.state == ReleaseState::Present;
    word(&release.state) + if unlisted { ", unlisted" } else { "" }
}

impl Releases {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Status> {
        let (config, store) = session.record()?;
        let sources = match &self.source {
            Some(id) => vec![known_source(&config, &store, id).await?],
            None => store.list_sources().await?.into_iter().map(|line| line.id).collect(),
        };
        let mut releases = Vec::new();
        for source in sources {
            releases.extend(store.list_releases(&source).await?);
        }
        releases.retain(|release| self.state.is_none_or(|state| state.fits(release)));
        match self.format {
            ListFormat::Table if releases.is_empty() => session.output.note("no releases"),
            ListFormat::Table => session.output.print(&table(&releases, session))?,
            ListFormat::Jsonl => session.output.print(&releases.iter().map(line).collect::<String>())?,
        }
        Ok(Status::Done)
    }
}

fn table(releases: &[Release], session: &Session) -> String {
    let mut rows =
        Rows::new(&session.output, &["SOURCE", "DATE", "STATE", "VERSIONS", "CHANGED (UTC)", "TITLE", "URL"]);
    for release in releases {
        rows.add([
            release.source.to_string(),
            release.day.map(|day| day.to_string()).unwrap_or_default(),
            state_of(release),
            versions(release).to_string(),
            release.changed_at.map(minute).unwrap_or_default(),
            release.title.clone(),
            release.url.to_string(),
        ]);
    }
    rows.keep_whole(6, releases.iter().map(|release| release.url.as_str().len()).max().unwrap_or_default());
    rows.render()
}

fn versions(release: &Release) -> u32 {
    release.latest.as_ref().map_or(0, |head| head.number)
}

/// One line of JSON with its end. Control characters are inside strings, where an escape means the same.
fn line(release: &Release) -> String {
    let time = |at: chrono::DateTime<chrono::Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let line = json!({
        "source": release.source,
        "url": release.url.as_str(),
        "title": release.title,
        "day": release.day,
        "state": release.state,
        "unlisted": release.unlisted,
        "versions": versions(release),
        "found_at": time(release.found_at),
        "seen_at": release.seen_at.map(time),
        "changed_at": release.changed_at.map(time),
    });
    crate::domain::jsonl::without_hidden_line_ends(&line.to_string()) + "\n"
}
