//! The program in this process: an evolving site, a record in a temporary folder, a clock that the test moves, and a
//! log that has to hold every event once.

use std::fs;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use pressdiff::clock::Clock;
use pressdiff::config::Config;
use pressdiff::domain::classify::unchecked;
use pressdiff::domain::model::{AlertState, EventKind, RecordedEvent, Release, Version};
use pressdiff::fetch::Fetcher;
use pressdiff::notify::{deliver_due, notifiers, subscriptions};
use pressdiff::store::{EventFilter, Store};
use pressdiff::track::{CheckReport, Tracker};
use rusqlite::Connection;
use serde::Serialize;
use tempfile::TempDir;

use super::evolving::Evolving;

/// Longer than the site ever takes.
pub(crate) const PATIENT: Duration = Duration::from_secs(20);

/// Everything that a check needs.
pub(crate) struct TestApp {
    pub(crate) site: Evolving,
    folder: TempDir,
    config: Config,
    store: Store,
    clock: Clock,
    tracker: Tracker,
}

impl TestApp {
    /// A source that has not been checked yet.
    pub(crate) async fn start() -> Self {
        Self::with("").await
    }

    /// A source with further lines of configuration.
    pub(crate) async fn with(lines: &str) -> Self {
        let site = Evolving::start().await;
        let folder = tempfile::tempdir().unwrap();
        let text = config(&site, lines);
        let config = Config::parse(&text, &folder.path().join("pressdiff.toml")).unwrap();
        let store = Store::open(&config.store.path).unwrap();
        let source = &config.sources[0];
        store.sync_sources(vec![(source.id.clone(), source.name.clone())]).await.unwrap();
        let clock = Clock::fixed(start());
        let tracker = tracker(&config, &store, &clock);
        Self { site, folder, config, store, clock, tracker }
    }

    /// A source after its baseline.
    pub(crate) async fn watching() -> Self {
        let app = Self::start().await;
        assert_eq!(app.check().await, [""; 0], "the first check is the baseline");
        app
    }

    /// How long an answer is waited for from now on.
    pub(crate) fn set_timeout(&mut self, timeout: Duration) {
        self.config.fetch.timeout = timeout;
        self.tracker = tracker(&self.config, &self.store, &self.clock);
    }

    /// How many bytes of edited documents one check holds from now on.
    pub(crate) fn set_room(&mut self, bytes: usize) {
        self.tracker = tracker(&self.config, &self.store, &self.clock).holding(bytes);
    }

    /// Damages the stored page of the latest version of a release.
    pub(crate) async fn damage(&self, slug: &str) {
        let snapshot = self.release(slug).await.latest.unwrap().snapshot;
        let beside = Connection::open(&self.config.store.path).unwrap();
        let sql = "UPDATE bodies SET data = zeroblob(length(data))
                   WHERE id = (SELECT body FROM snapshots WHERE id = ?1)";
        assert_eq!(beside.execute(sql, [snapshot.0]).unwrap(), 1);
    }

    /// What the daemon does when no check of the source comes to its end for hours; whether it is told.
    pub(crate) async fn miss_checks(&self) -> Option<String> {
        let (source, now) = (&self.config.sources[0], self.clock.now());
        let (trouble, event) = unchecked(source, now - TimeDelta::hours(3), now);
        let recorded = self.tracker.record_trouble(source, trouble, event).await.unwrap();
        recorded.as_ref().map(tell)
    }

    /// The addresses of the releases in another log.
    pub(crate) fn logged(&self, name: &str) -> Vec<String> {
        let log = fs::read_to_string(self.folder.path().join(name)).unwrap_or_default();
        let url = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["url"].to_string();
        log.lines().map(url).collect()
    }

    /// Sets the clock forward or back.
    pub(crate) fn jump(&self, by: TimeDelta) {
        self.clock.set(self.clock.now() + by);
    }

    /// One check, an hour after the one before; its events in words, in their order.
    pub(crate) async fn check(&self) -> Vec<String> {
        self.report().await.events.iter().map(tell).collect()
    }

    /// The events of one check, in the order of the words.
    pub(crate) async fn check_sorted(&self) -> Vec<String> {
        let mut events = self.check().await;
        events.sort();
        events
    }

    /// One check, an hour after the one before.
    pub(crate) async fn report(&self) -> CheckReport {
        self.clock.set(self.clock.now() + TimeDelta::hours(1));
        let report = self.tracker.check(&self.config.sources[0], &|_| {}).await.unwrap();
        deliver_due(&self.store, &notifiers(&self.config).unwrap(), &self.clock).await.unwrap();
        self.assert_all_is_told().await;
        report
    }

    /// One check as the daemon makes it, so long after the one before.
    pub(crate) async fn report_due(&self, after: TimeDelta) -> CheckReport {
        self.clock.set(self.clock.now() + after);
        let report = self.tracker.check_due(&self.config.sources[0], 1, &|_| {}).await.unwrap();
        deliver_due(&self.store, &notifiers(&self.config).unwrap(), &self.clock).await.unwrap();
        self.assert_all_is_told().await;
        report
    }

    /// The events of such a check an hour after the one before, in the order of the words.
    pub(crate) async fn check_due(&self) -> Vec<String> {
        let report = self.report_due(TimeDelta::hours(1)).await;
        let mut events: Vec<String> = report.events.iter().map(tell).collect();
        events.sort();
        events
    }

    /// No alert is left, and the log holds every event once and in order.
    async fn assert_all_is_told(&self) {
        assert!(self.store.list_messages(Some(AlertState::Pending)).await.unwrap().is_empty());
        let log = fs::read_to_string(self.folder.path().join("events.jsonl")).unwrap_or_default();
        let id = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["id"].as_i64().unwrap();
        let events = self.store.list_events(EventFilter::default()).await.unwrap();
        let recorded: Vec<i64> = events.iter().map(|event| event.id.0).collect();
        assert_eq!(log.lines().map(id).collect::<Vec<_>>(), recorded);
    }

    pub(crate) async fn releases(&self) -> Vec<Release> {
        self.store.list_releases(&self.config.sources[0].id).await.unwrap()
    }

    /// A release by its present address.
    pub(crate) async fn release(&self, slug: &str) -> Release {
        let url = self.site.url(&format!("/news/{slug}/"));
        self.releases().await.into_iter().find(|release| release.url == url).unwrap()
    }

    /// The versions by the publisher, oldest first.
    pub(crate) async fn versions(&self, slug: &str) -> Vec<Version> {
        let release = self.release(slug).await;
        let mut versions = Vec::new();
        for number in 1..=release.latest.map_or(0, |latest| latest.number) {
            versions.push(self.store.find_version(release.id, number).await.unwrap().unwrap());
        }
        versions.retain(|version| !version.technical);
        versions
    }
}

fn tracker(config: &Config, store: &Store, clock: &Clock) -> Tracker {
    let fetcher = Fetcher::new(&config.fetch, clock.clone()).unwrap();
    let alerts = subscriptions(&config.alerts);
    Tracker::new(store.clone(), fetcher, clock.clone(), alerts, config.fetch.concurrency)
}

/// The configuration for a site: no politeness, and one log.
pub(crate) fn config(site: &Evolving, lines: &str) -> String {
    let listing = site.url("/news/");
    let confirm = "confirm_removal = { checks = 2, after = \"0s\" }";
    let confirm = if lines.contains("confirm_removal") { "" } else { confirm };
    format!(
        r#"
[store]
path = "pressdiff.db"

[fetch]
per_host_interval = "0s"
timeout = "20s"
allow_private_addresses = true

[[source]]
id = "vellmar"
name = "Port of Vellmar"
listings = ["{listing}"]
{confirm}
{lines}

[[alert]]
name = "log"
channel = "log"
path = "events.jsonl"
"#
    )
}

fn start() -> DateTime<Utc> {
    "2026-06-01T08:00:00Z".parse().unwrap()
}

/// An event in words: kind and path, then what changed, where it came from, or why.
fn tell(recorded: &RecordedEvent) -> String {
    let event = &recorded.event;
    let why = match event.kind {
        EventKind::New | EventKind::Unlisted => String::new(),
        EventKind::Edited | EventKind::Restored => words(&event.fields),
        EventKind::Moved => {
            let from = event.old_url.as_ref().map_or("nowhere", |url| url.path());
            format!("from {from} {}", words(&event.fields))
        }
        EventKind::Removed | EventKind::Site => words(&event.reasons),
    };
    format!("{} {} {why}", word(&event.kind), event.url.path()).trim_end().to_owned()
}

fn words<T: Serialize>(values: &[T]) -> String {
    values.iter().map(word).collect::<Vec<_>>().join(" ")
}

fn word<T: Serialize>(value: &T) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
}
