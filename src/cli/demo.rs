//! `pressdiff demo`: the whole program at work on a site of its own, in a temporary folder.

mod folder;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use tokio::time::sleep;

use self::folder::Folder;
use super::demo_site::DemoSite;
use super::events::lines;
use super::failure::Status;
use super::service::{Service, stop_signal};
use super::session::Session;
use crate::config::{Config, FetchConfig, StoreConfig, WebConfig};
use crate::domain::cadence::Cadence;
use crate::domain::diff::diff;
use crate::domain::model::{ConfirmRemoval, RecordedEvent, Source, SourceId};
use crate::domain::recheck::Recheck;
use crate::domain::render::{TerminalOptions, terminal};
use crate::domain::rule::ExtractionRule;
use crate::domain::word::word;
use crate::store::Store;

/// Checks after each step; a removal is believed when two found the release gone.
const CHECKS: u32 = 2;
/// Time for a person to see that something happens one after the other.
const READING_TIME: Duration = Duration::from_millis(700);

/// Watch a small site change, without network or set-up.
///
/// Starts a small news site on this machine, changes it step by step and reports what changed for a reader. Takes a
/// few seconds, leaves nothing behind. Where standard output is no terminal, it gets the events as JSON Lines.
#[derive(Debug, Args)]
pub(super) struct Demo {}

impl Demo {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Status> {
        let stop = stop_signal()?;
        let folder = Folder::create().context("cannot make a temporary folder")?;
        let site = DemoSite::start().await.context("cannot serve the demo site")?;
        let config = config(&site, folder.path("demo.db"))?;
        let service = Service::open(&config, &session.clock).await?;
        let show = Show { service: &service, source: &config.sources[0], site: &site, session };
        tokio::select! {
            shown = show.run() => shown.map(|()| Status::Done),
            () = stop => Ok(Status::Incomplete),
        }
    }
}

/// What somebody would write down to watch the site.
fn config(site: &DemoSite, store: PathBuf) -> anyhow::Result<Config> {
    let source = Source {
        id: SourceId("demo".to_owned()),
        name: "Demo".to_owned(),
        listings: vec![site.root().join("news/")?],
        feeds: Vec::new(),
        sitemaps: Vec::new(),
        pages: Vec::new(),
        include: Vec::new(),
        listing_depth: 5,
        schedule: Cadence::parse("@hourly")?,
        timezone: chrono_tz::UTC,
        recheck: Recheck::Always,
        keep: None,
        confirm_removal: ConfirmRemoval { checks: CHECKS, after: Duration::ZERO },
        extract: ExtractionRule::default(),
    };
    let fetch =
        FetchConfig { allow_private_addresses: true, per_host_interval: Duration::ZERO, ..FetchConfig::default() };
    let store = StoreConfig { path: store };
    Ok(Config {
        path: PathBuf::new(),
        store,
        fetch,
        web: WebConfig::default(),
        sources: vec![source],
        smtp: None,
        alerts: Vec::new(),
        feed: None,
    })
}

struct Show<'a> {
    service: &'a Service,
    source: &'a Source,
    site: &'a DemoSite,
    session: &'a Session,
}

impl Show<'_> {
    async fn run(&self) -> anyhow::Result<()> {
        let output = &self.session.output;
        for step in 0..DemoSite::steps() {
            self.site.set_step(step);
            if output.is_terminal {
                output.print(&format!("{}. {}", step + 1, DemoSite::describe(step)))?;
            }
            let events = self.check().await?;
            let text = if output.is_terminal { self.tell(&events).await? } else { lines(&events) };
            output.print(&text)?;
            if output.is_terminal {
                sleep(READING_TIME).await;
            }
        }
        Ok(())
    }

    async fn check(&self) -> anyhow::Result<Vec<RecordedEvent>> {
        let mut events = Vec::new();
        for _ in 0..CHECKS {
            events.extend(self.service.tracker.check(self.source, &|_| {}).await?.events);
        }
        Ok(events)
    }

    async fn tell(&self, events: &[RecordedEvent]) -> anyhow::Result<String> {
        if events.is_empty() {
            return Ok("   no events\n\n".to_owned());
        }
        let mut text = String::new();
        for recorded in events {
            let event = &recorded.event;
            let _ =
                writeln!(text, "   {}: {}\n   {}\n   {}\n", word(&event.kind), event.title, event.url, event.summary);
            text.push_str(&self.render_change(&self.service.store, recorded).await?);
        }
        Ok(text)
    }

    /// The words that changed; nothing for an event without two versions.
    async fn render_change(&self, store: &Store, recorded: &RecordedEvent) -> anyhow::Result<String> {
        let event = &recorded.event;
        let (Some(release), Some(old), Some(new)) = (event.release, event.old_version, event.new_version) else {
            return Ok(String::new());
        };
        let (old, new) = (store.find_version(release, old).await?, store.find_version(release, new).await?);
        let (Some(old), Some(new)) = (old, new) else { return Ok(String::new()) };
        let output = &self.session.output;
        let options = TerminalOptions { width: output.width, color: output.colour, full: false, side_by_side: false };
        Ok(terminal(&diff(&old.document, &new.document), &options) + "\n")
    }
}
