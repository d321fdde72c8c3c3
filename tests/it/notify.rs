//! Delivery of alerts from a real store into real logs: nothing is lost, nothing is told twice for no reason.

use std::fs;

use chrono::{DateTime, TimeDelta, Utc};
use pressdiff::clock::Clock;
use pressdiff::config::Config;
use pressdiff::domain::model::RecordedEvent;
use pressdiff::domain::model::{AlertState, Event, EventKind, Reason, Significance, SourceId, SourceState};
use pressdiff::domain::route::{Dispatch, Subscription, Texts, plan, wanting};
use pressdiff::notify::{Delivery, deliver_due, notifiers, subscriptions};
use pressdiff::store::{CheckOutcome, MessageLine, Store};
use tempfile::TempDir;
use url::Url;

/// A store with the alerts of a configuration.
pub(crate) struct Desk {
    pub(crate) folder: TempDir,
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) config: Config,
}

impl Desk {
    /// One log for each of these names.
    async fn with_logs(logs: &[&str]) -> Self {
        Self::with(&logs.iter().map(|name| log(name, "burst_limit = 1000")).collect::<String>()).await
    }

    /// These alerts.
    pub(crate) async fn with(alerts: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("pressdiff.db")).unwrap();
        store.sync_sources(vec![(source(), "Harbour".into())]).await.unwrap();
        let text = format!("[[source]]\nid = \"harbour\"\npages = [\"https://example.org/\"]\n{alerts}");
        let config = Config::parse(&text, &folder.path().join("pressdiff.toml")).unwrap();
        Self { folder, store, clock: Clock::fixed(start()), config }
    }

    /// Records this many events, routed to every alert.
    pub(crate) async fn record(&self, events: usize) {
        let now = self.clock.now();
        let subscriptions = subscriptions(&self.config.alerts);
        let outcome = CheckOutcome {
            events: (0..events).map(|_| outage(now)).collect(),
            alerts: Box::new(move |events| route(&subscriptions, events, now)),
            ..CheckOutcome::quiet(source(), now, SourceState::default())
        };
        self.store.record(outcome).await.unwrap();
    }

    /// Sent and failed.
    pub(crate) async fn deliver(&self) -> (usize, usize) {
        let notifiers = notifiers(&self.config).unwrap();
        let Delivery { sent, failed } = deliver_due(&self.store, &notifiers, &self.clock).await.unwrap();
        (sent, failed)
    }

    pub(crate) fn wait(&self, time: TimeDelta) {
        self.clock.set(self.clock.now() + time);
    }

    /// Ids of the events in a log, notices left out.
    pub(crate) fn logged(&self, name: &str) -> Vec<i64> {
        let text = fs::read_to_string(self.folder.path().join(name)).unwrap_or_default();
        let id = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["id"].as_i64();
        text.lines().filter_map(id).collect()
    }

    pub(crate) async fn states(&self) -> Vec<AlertState> {
        self.store.list_messages(None).await.unwrap().iter().map(|alert| alert.state).collect()
    }
}

pub(crate) fn start() -> DateTime<Utc> {
    "2026-05-20T08:00:00Z".parse().unwrap()
}

pub(crate) fn source() -> SourceId {
    SourceId("harbour".into())
}

/// As a check does it.
pub(crate) fn route(alerts: &[Subscription], events: &[RecordedEvent], now: DateTime<Utc>) -> Vec<Dispatch> {
    let wanted: Vec<_> = events.iter().map(|told| wanting(alerts, &told.event, &Texts::default())).collect();
    plan(alerts, &wanted, now)
}

/// A log in a file of its own name, with these further lines.
pub(crate) fn log(name: &str, lines: &str) -> String {
    format!("[[alert]]\nname = \"{name}\"\nchannel = \"log\"\npath = \"{name}\"\n{lines}\n")
}

pub(crate) fn outage(at: DateTime<Utc>) -> Event {
    Event {
        at,
        kind: EventKind::Site,
        source: source(),
        url: Url::parse("https://example.org/").unwrap(),
        old_url: None,
        title: "Harbour".into(),
        fields: Vec::new(),
        significance: Significance::Major,
        reasons: vec![Reason::Outage],
        summary: "the site does not answer".into(),
        old_version: None,
        new_version: None,
        explanation: String::new(),
        evidence: Vec::new(),
        release: None,
    }
}

#[tokio::test]
async fn alerts_arrive_once_and_in_the_order_of_the_events() {
    let desk = Desk::with_logs(&["a.jsonl", "b.jsonl"]).await;
    desk.record(50).await;
    assert_eq!(desk.deliver().await, (100, 0));
    assert_eq!(desk.deliver().await, (0, 0));
    let all: Vec<i64> = (1..=50).collect();
    assert_eq!((desk.logged("a.jsonl"), desk.logged("b.jsonl")), (all.clone(), all));
}

#[tokio::test]
async fn what_a_log_could_not_take_arrives_later_in_order() {
    let desk = Desk::with_logs(&["missing/a.jsonl", "b.jsonl"]).await;
    desk.record(40).await;
    assert_eq!(desk.deliver().await, (40, 1));
    let pending = desk.store.list_messages(Some(AlertState::Pending)).await.unwrap();
    assert!(pending.iter().all(|alert| alert.due_at > start() && alert.due_at <= start() + TimeDelta::minutes(1)));
    assert!(pending[0].error.as_ref().unwrap().contains("missing/a.jsonl"), "{:?}", pending[0].error);
    assert_eq!(pending[1].error, pending[0].error, "what waits behind it says why");
    assert_eq!((pending[0].attempts, pending[1].attempts), (1, 0));
    assert_eq!(desk.deliver().await, (0, 0));

    fs::create_dir(desk.folder.path().join("missing")).unwrap();
    desk.wait(TimeDelta::minutes(1));
    assert_eq!(desk.deliver().await, (40, 0));
    assert_eq!(desk.logged("missing/a.jsonl"), (1..=40).collect::<Vec<_>>());
    assert_eq!(desk.states().await, [AlertState::Sent; 80]);
}

#[tokio::test]
async fn a_log_that_stays_broken_is_tried_less_and_less_and_never_given_up() {
    let desk = Desk::with_logs(&["missing/a.jsonl"]).await;
    desk.record(1).await;
    let mut attempts = 0;
    for _ in 0..24 * 60 {
        attempts += desk.deliver().await.1;
        desk.wait(TimeDelta::minutes(1));
    }
    assert!((10..=14).contains(&attempts), "{attempts} attempts in a day");
    assert_eq!(desk.states().await, [AlertState::Pending]);
}

#[tokio::test]
async fn an_alert_whose_deliverer_died_is_sent_when_its_claim_has_run_out() {
    let desk = Desk::with_logs(&["a.jsonl"]).await;
    desk.record(1).await;
    let lease = TimeDelta::minutes(2).to_std().unwrap();
    assert!(desk.store.claim_message("a.jsonl", start(), lease).await.unwrap().is_some());
    assert_eq!(desk.deliver().await, (0, 0));
    desk.wait(TimeDelta::minutes(2));
    assert_eq!(desk.deliver().await, (1, 0));
    assert_eq!(desk.logged("a.jsonl"), [1]);
}

#[tokio::test]
async fn what_waits_for_an_alert_that_left_the_configuration_holds_nobody_back_and_goes_out_when_it_is_back() {
    let mut desk = Desk::with_logs(&["a.jsonl", "b.jsonl"]).await;
    desk.record(2).await;
    let gone = desk.config.alerts.remove(0);
    assert_eq!(desk.deliver().await, (2, 1));
    assert_eq!(desk.logged("b.jsonl"), [1, 2]);
    let waiting = desk.store.list_messages(Some(AlertState::Pending)).await.unwrap();
    assert_eq!(waiting.len(), 2);
    let told =
        |message: &MessageLine| message.error.as_deref() == Some("the configuration has no alert named `a.jsonl`");
    assert!(waiting.iter().any(told), "{waiting:?}");
    desk.config.alerts.insert(0, gone);
    desk.wait(TimeDelta::hours(2));
    assert_eq!(desk.deliver().await, (2, 0));
    assert_eq!(desk.logged("a.jsonl"), [1, 2]);
}
