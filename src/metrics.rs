//! Counts what the service does, for Prometheus. A [`Meter`] is handed to whoever has something to count; its clones
//! count together, and one that nobody reads costs next to nothing. What the store knows anyway is not counted here but
//! read when it is asked for, in `web::operations`.
//!
//! Labels are words of closed lists and ids of configured sources, never addresses.

mod level;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use prometheus_client::encoding::text::encode_registry;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

pub use level::{Level, Raised};

use crate::domain::model::{EventKind, SourceId};

/// Bounds of the durations of checks, in seconds.
const CHECK_SECONDS: [f64; 10] = [1.0, 3.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0];
/// Bounds of the durations of answers, in seconds.
const ANSWER_SECONDS: [f64; 9] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

type Label = (&'static str, &'static str);
type Counters = Family<[Label; 1], Counter>;
type SourceLabels = [(&'static str, String); 2];

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The source was read and judged.
    Done,
    /// The source as a whole did not answer.
    Unreachable,
    /// The check itself failed.
    Failed,
    /// Cut off, because the source left the configuration.
    Abandoned,
}

/// Counts what happens; clones count together.
#[derive(Clone, Debug)]
pub struct Meter {
    counted: Arc<Counted>,
}

#[derive(Debug)]
struct Counted {
    registry: Registry,
    checks: Family<SourceLabels, Counter>,
    check_seconds: Histogram,
    checks_under_way: Level,
    events: Counters,
    responses: Counters,
    response_seconds: Histogram,
    bytes: Counter,
    fetch_errors: Counters,
    requests_waiting: Level,
    requests_under_way: Level,
    deliveries: Counters,
    reloads: Counters,
    last_reload_ok: Gauge,
    last_reload_at: Gauge,
    sources: Gauge,
    turned_at: Mutex<Option<Instant>>,
}

impl Default for Meter {
    fn default() -> Self {
        Self { counted: Arc::new(Counted::new()) }
    }
}

impl Meter {
    /// A check of a source has ended, after this long.
    pub fn check_ended(&self, source: &SourceId, ending: Ending, took: Duration) {
        let labels = [("source", source.0.clone()), ("outcome", ending.word().to_owned())];
        self.counted.checks.get_or_create(&labels).inc();
        self.counted.check_seconds.observe(took.as_secs_f64());
    }

    /// An event was recorded.
    pub fn event(&self, kind: EventKind) {
        self.counted.events.get_or_create(&[("kind", kind_word(kind))]).inc();
    }

    /// A request was answered, whatever the answer was.
    pub fn answered(&self, status: u16, bytes: usize, took: Duration) {
        self.counted.responses.get_or_create(&[("kind", status_word(status))]).inc();
        self.counted.bytes.inc_by(bytes as u64);
        self.counted.response_seconds.observe(took.as_secs_f64());
    }

    /// A request was not answered, or not to the end.
    pub fn unanswered(&self) {
        self.counted.responses.get_or_create(&[("kind", "none")]).inc();
    }

    /// A fetch, with all its tries and redirects, came to no answer; `kind` is a word of a closed list.
    pub fn fetch_failed(&self, kind: &'static str) {
        self.counted.fetch_errors.get_or_create(&[("kind", kind)]).inc();
    }

    /// Messages that were delivered, and attempts that failed.
    pub fn delivered(&self, sent: usize, failed: usize) {
        self.counted.deliveries.get_or_create(&[("outcome", "sent")]).inc_by(sent as u64);
        self.counted.deliveries.get_or_create(&[("outcome", "failed")]).inc_by(failed as u64);
    }

    /// A configuration was read again, and taken or refused.
    pub fn reloaded(&self, taken: bool, now: DateTime<Utc>) {
        self.counted.reloads.get_or_create(&[("outcome", if taken { "taken" } else { "refused" })]).inc();
        self.counted.last_reload_ok.set(i64::from(taken));
        if taken {
            self.counted.last_reload_at.set(now.timestamp());
        }
    }

    /// The sources of the configuration. Those that are not among them any more lose their counters.
    pub fn watch(&self, sources: &[&SourceId]) {
        self.counted.sources.set(i64::try_from(sources.len()).unwrap_or(i64::MAX));
        self.counted.checks.clear();
        for source in sources {
            for ending in Ending::ALL {
                let labels = [("source", source.0.clone()), ("outcome", ending.word().to_owned())];
                drop(self.counted.checks.get_or_create(&labels));
            }
        }
    }

    /// Requests that wait for their turn.
    pub fn requests_waiting(&self) -> &Level {
        &self.counted.requests_waiting
    }

    /// Requests that are being answered.
    pub fn requests_under_way(&self) -> &Level {
        &self.counted.requests_under_way
    }

    /// Checks under way.
    pub fn checks_under_way(&self) -> &Level {
        &self.counted.checks_under_way
    }

    /// The loop of the schedule has come round.
    pub fn turn(&self) {
        *self.counted.turned_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// How long ago it last did; none before the first time.
    pub fn since_turn(&self) -> Option<Duration> {
        self.counted.turned_at.lock().unwrap_or_else(PoisonError::into_inner).map(|at| at.elapsed())
    }

    /// Writes everything that was counted in the text format of OpenMetrics, without the mark of its end.
    pub fn encode(&self, text: &mut String) -> std::fmt::Result {
        encode_registry(text, &self.counted.registry)
    }
}

impl Counted {
    fn new() -> Self {
        let mut registry = Registry::with_prefix("pressdiff");
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The version of the program", build);
        let mut counters = |name: &str, help: &str, label: &'static str, words: &[&'static str]| {
            let family = Counters::default();
            registry.register(name, help, family.clone());
            // From the start, so that the first one is seen as a rise.
            words.iter().for_each(|word| drop(family.get_or_create(&[(label, *word)])));
            family
        };
        let events = counters("events", "Events recorded, by kind", "kind", &EVENT_WORDS.map(|(_, word)| word));
        let responses =
            counters("responses", "Requests by what the site answered, retries included", "kind", &STATUS_WORDS);
        let fetch_errors =
            counters("fetch_errors", "Fetches that came to no answer after all tries, by cause", "kind", &[]);
        let deliveries =
            counters("deliveries", "Attempts to deliver an alert, by outcome", "outcome", &["sent", "failed"]);
        let reloads =
            counters("config_reloads", "Times that the configuration was read again", "outcome", &["taken", "refused"]);
        let mut level = |name: &str, help: &str| {
            let level = Level::default();
            registry.register(name, help, level.gauge());
            level
        };
        let checks_under_way = level("checks_under_way", "Checks under way");
        let requests_waiting = level("requests_waiting", "Requests that wait for the turn of their host");
        let requests_under_way = level("requests_under_way", "Requests that are being answered");
        let mut gauge = |name: &str, help: &str| {
            let gauge = Gauge::default();
            registry.register(name, help, gauge.clone());
            gauge
        };
        let sources = gauge("sources", "Sources in the configuration");
        let last_reload_ok = gauge("config_last_reload_successful", "1 unless the last configuration was refused");
        last_reload_ok.set(1);
        let last_reload_at = gauge(
            "config_last_reload_success_timestamp_seconds",
            "When a configuration was last taken while running, as seconds since 1970; 0 for never",
        );
        let (checks, bytes) = (Family::default(), Counter::default());
        registry.register("checks", "Checks by source and outcome", checks.clone());
        registry.register("fetched_bytes", "Bytes of bodies received, after decompression", bytes.clone());
        let (check_seconds, response_seconds) = (Histogram::new(CHECK_SECONDS), Histogram::new(ANSWER_SECONDS));
        registry.register_with_unit("check_duration", "How long checks took", Unit::Seconds, check_seconds.clone());
        let help = "How long sites took to answer whole";
        registry.register_with_unit("response_duration", help, Unit::Seconds, response_seconds.clone());
        Self {
            registry,
            checks,
            check_seconds,
            checks_under_way,
            events,
            responses,
            response_seconds,
            bytes,
            fetch_errors,
            requests_waiting,
            requests_under_way,
            deliveries,
            reloads,
            last_reload_ok,
            last_reload_at,
            sources,
            turned_at: Mutex::default(),
        }
    }
}

impl Ending {
    const ALL: [Self; 4] = [Self::Done, Self::Unreachable, Self::Failed, Self::Abandoned];

    fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Unreachable => "unreachable",
            Self::Failed => "failed",
            Self::Abandoned => "abandoned",
        }
    }
}

const EVENT_WORDS: [(EventKind, &str); 7] = [
    (EventKind::New, "new"),
    (EventKind::Edited, "edited"),
    (EventKind::Removed, "removed"),
    (EventKind::Restored, "restored"),
    (EventKind::Moved, "moved"),
    (EventKind::Unlisted, "unlisted"),
    (EventKind::Site, "site"),
];

fn kind_word(kind: EventKind) -> &'static str {
    EVENT_WORDS.iter().find(|(known, _)| *known == kind).map_or("other", |(_, word)| word)
}

const STATUS_WORDS: [&str; 7] =
    ["success", "not-modified", "redirect", "client-error", "server-error", "other", "none"];

fn status_word(status: u16) -> &'static str {
    match status {
        200..=299 => "success",
        304 => "not-modified",
        300..=399 => "redirect",
        400..=499 => "client-error",
        500..=599 => "server-error",
        _ => "other",
    }
}
