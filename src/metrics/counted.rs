//! What is counted: the names, meanings and labels of the metrics that live in the process.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use super::{Ending, Level};
use crate::domain::model::SourceId;

/// Bounds of the durations of checks, in seconds.
const CHECK_SECONDS: [f64; 10] = [1.0, 3.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0];
/// Bounds of the durations of answers, in seconds.
const ANSWER_SECONDS: [f64; 9] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Counters by one word of a closed list.
type Counters = Family<[(&'static str, &'static str); 1], Counter>;
/// The source and the outcome of checks.
pub(super) type CheckLabels = (Vec<(&'static str, String)>, [(&'static str, &'static str); 1]);

#[derive(Debug)]
pub(super) struct Checks {
    pub(super) ended: Family<CheckLabels, Counter>,
    pub(super) seconds: Histogram,
    pub(super) under_way: Level,
    pub(super) sources: Gauge,
}

#[derive(Debug)]
pub(super) struct Requests {
    pub(super) answers: Counters,
    pub(super) seconds: Histogram,
    pub(super) bytes: Counter,
    pub(super) errors: Counters,
    pub(super) waiting: Level,
    pub(super) under_way: Level,
}

#[derive(Debug)]
pub(super) struct Results {
    pub(super) events: Counters,
    pub(super) deliveries: Counters,
}

#[derive(Debug)]
pub(super) struct Reloads {
    pub(super) ended: Counters,
    pub(super) is_last_taken: Gauge,
    pub(super) taken_at: Gauge,
}

impl Checks {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let (ended, seconds) = (Family::default(), Histogram::new(CHECK_SECONDS));
        registry.register("checks", "Checks that ended, by source and outcome", ended.clone());
        registry.register_with_unit("check_duration", "How long checks took", Unit::Seconds, seconds.clone());
        let under_way = level(registry, "checks_under_way", "Checks under way");
        let sources = gauge(registry, "sources", "Sources in the configuration");
        Self { ended, seconds, under_way, sources }
    }
}

impl Requests {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let answers = "Requests by the kind of their answer, retries, redirects and robots.txt included";
        let errors = "Fetches that came to no answer after all tries, by cause";
        let (seconds, bytes) = (Histogram::new(ANSWER_SECONDS), Counter::default());
        let duration = "How long answers took, from the start of the request to the end of the body";
        registry.register_with_unit("response_duration", duration, Unit::Seconds, seconds.clone());
        registry.register("fetched_bytes", "Bytes of bodies received, after decompression", bytes.clone());
        Self {
            answers: counters(registry, "responses", answers, "kind", &STATUS_WORDS),
            seconds,
            bytes,
            errors: counters(registry, "fetch_errors", errors, "kind", &[]),
            waiting: level(registry, "requests_waiting", "Requests that wait for the turn of their host"),
            under_way: level(registry, "requests_under_way", "Requests that are being answered"),
        }
    }
}

impl Results {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let deliveries = "Attempts to deliver an alert, by outcome";
        Self {
            events: counters(registry, "events", "Events recorded, by kind", "kind", &EVENT_WORDS),
            deliveries: counters(registry, "deliveries", deliveries, "outcome", &["sent", "failed"]),
        }
    }
}

impl Reloads {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let ended = "Times that the configuration was read again, by outcome";
        let is_last_taken = "1 unless the configuration was refused when it was last read again";
        let taken_at = "When a configuration was last taken while running, in seconds since 1970; 0 for never";
        let reloads = Self {
            ended: counters(registry, "config_reloads", ended, "outcome", &["taken", "refused"]),
            is_last_taken: gauge(registry, "config_last_reload_successful", is_last_taken),
            taken_at: gauge(registry, "config_last_reload_success_timestamp_seconds", taken_at),
        };
        reloads.is_last_taken.set(1);
        reloads
    }
}

pub(super) fn register_build(registry: &mut Registry) {
    let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
    registry.register("build", "The version of the program", build);
}

pub(super) fn labels(source: &SourceId, ending: Ending) -> CheckLabels {
    let ending = match ending {
        Ending::Done => "done",
        Ending::Unreachable => "unreachable",
        Ending::Failed => "failed",
        Ending::Abandoned => "abandoned",
    };
    (vec![("source", source.0.clone())], [("outcome", ending)])
}

/// With all words from the start, so that the first one of each is seen as a rise.
fn counters(registry: &mut Registry, name: &str, help: &str, label: &'static str, words: &[&'static str]) -> Counters {
    let family = Counters::default();
    registry.register(name, help, family.clone());
    words.iter().for_each(|word| drop(family.get_or_create(&[(label, *word)])));
    family
}

fn level(registry: &mut Registry, name: &str, help: &str) -> Level {
    let level = Level::default();
    registry.register(name, help, level.gauge());
    level
}

fn gauge(registry: &mut Registry, name: &str, help: &str) -> Gauge {
    let gauge = Gauge::default();
    registry.register(name, help, gauge.clone());
    gauge
}

const EVENT_WORDS: [&str; 7] = ["new", "edited", "removed", "restored", "moved", "unlisted", "site"];

const STATUS_WORDS: [&str; 7] =
    ["success", "not-modified", "redirect", "client-error", "server-error", "other", "none"];

pub(super) fn status_word(status: u16) -> &'static str {
    match status {
        200..=299 => "success",
        304 => "not-modified",
        300..=399 => "redirect",
        400..=499 => "client-error",
        500..=599 => "server-error",
        _ => "other",
    }
}
