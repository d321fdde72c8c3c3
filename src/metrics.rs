//! Counts what the service does, for Prometheus. A [`Meter`] is handed to whoever has something to count; its clones
//! count together, and one that nobody reads costs next to nothing. What the store knows anyway is not counted here but
//! read when it is asked for, in `web::operations`.
//!
//! Labels are words of closed lists and ids of configured sources, never addresses.

mod counted;
mod level;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use prometheus_client::encoding::text::encode_registry;
use prometheus_client::registry::Registry;

use self::counted::{Checks, Reloads, Requests, Results};
pub use self::level::{Level, Raised};
use crate::domain::model::{EventKind, SourceId};

/// A loop of the schedule that has not come round for so long hangs; it pauses for half a minute at most.
pub const LONGEST_TURN: Duration = Duration::from_secs(75);

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
    checks: Checks,
    requests: Requests,
    results: Results,
    reloads: Reloads,
    watched: Mutex<BTreeSet<SourceId>>,
    turned_at: Mutex<Option<Instant>>,
}

impl Default for Meter {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("pressdiff");
        counted::register_build(&mut registry);
        let checks = Checks::new(&mut registry);
        let requests = Requests::new(&mut registry);
        let results = Results::new(&mut registry);
        let reloads = Reloads::new(&mut registry);
        let (watched, turned_at) = Default::default();
        Self { counted: Arc::new(Counted { registry, checks, requests, results, reloads, watched, turned_at }) }
    }
}

impl Meter {
    /// A check of a source has ended, after this long.
    pub fn check_ended(&self, source: &SourceId, ending: Ending, took: Duration) {
        self.counted.checks.ended.get_or_create(&counted::labels(source, ending)).inc();
        self.counted.checks.seconds.observe(took.as_secs_f64());
    }

    /// An event was recorded.
    pub fn event(&self, kind: EventKind) {
        self.counted.results.events.get_or_create(&[("kind", kind.name())]).inc();
    }

    /// A request was answered, whatever the answer was.
    pub fn answered(&self, status: u16, bytes: usize, took: Duration) {
        let requests = &self.counted.requests;
        requests.answers.get_or_create(&[("kind", counted::status_word(status))]).inc();
        requests.bytes.inc_by(bytes as u64);
        requests.seconds.observe(took.as_secs_f64());
    }

    /// A request was not answered, or not to the end.
    pub fn unanswered(&self) {
        self.counted.requests.answers.get_or_create(&[("kind", "none")]).inc();
    }

    /// A fetch, with all its tries and redirects, came to no answer; `kind` is a word of a closed list.
    pub fn fetch_failed(&self, kind: &'static str) {
        self.counted.requests.errors.get_or_create(&[("kind", kind)]).inc();
    }

    /// Messages that were delivered, and attempts that failed.
    pub fn delivered(&self, sent: usize, failed: usize) {
        let deliveries = &self.counted.results.deliveries;
        deliveries.get_or_create(&[("outcome", "sent")]).inc_by(sent as u64);
        deliveries.get_or_create(&[("outcome", "failed")]).inc_by(failed as u64);
    }

    /// A configuration was read again, and taken or refused.
    pub fn reloaded(&self, taken: bool, now: DateTime<Utc>) {
        let reloads = &self.counted.reloads;
        reloads.ended.get_or_create(&[("outcome", if taken { "taken" } else { "refused" })]).inc();
        reloads.is_last_taken.set(i64::from(taken));
        if taken {
            reloads.taken_at.set(now.timestamp());
        }
    }

    /// The sources of the configuration. Those that are not among them any more are no longer counted.
    pub fn watch(&self, sources: impl IntoIterator<Item = SourceId>) {
        let sources: BTreeSet<SourceId> = sources.into_iter().collect();
        let mut watched = self.counted.watched.lock().unwrap_or_else(PoisonError::into_inner);
        for gone in watched.difference(&sources) {
            Ending::ALL.iter().for_each(|ending| {
                self.counted.checks.ended.remove(&counted::labels(gone, *ending));
            });
        }
        for source in &sources {
            // From the start, so that the first one is seen as a rise.
            Ending::ALL.iter().for_each(|ending| {
                drop(self.counted.checks.ended.get_or_create(&counted::labels(source, *ending)));
            });
        }
        self.counted.checks.sources.set(i64::try_from(sources.len()).unwrap_or(i64::MAX));
        *watched = sources;
    }

    /// Whether a source is in the configuration.
    pub fn is_watched(&self, source: &SourceId) -> bool {
        self.counted.watched.lock().unwrap_or_else(PoisonError::into_inner).contains(source)
    }

    /// Requests that wait for their turn.
    pub fn requests_waiting(&self) -> &Level {
        &self.counted.requests.waiting
    }

    /// Requests that are being answered.
    pub fn requests_under_way(&self) -> &Level {
        &self.counted.requests.under_way
    }

    /// Checks under way.
    pub fn checks_under_way(&self) -> &Level {
        &self.counted.checks.under_way
    }

    /// The loop of the schedule has come round.
    pub fn turn(&self) {
        *self.counted.turned_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// How long ago it last did; none before the first time.
    pub fn since_turn(&self) -> Option<Duration> {
        self.counted.turned_at.lock().unwrap_or_else(PoisonError::into_inner).map(|at| at.elapsed())
    }

    /// Whether the schedule runs.
    pub fn is_turning(&self) -> bool {
        self.since_turn().is_some_and(|turn| turn < LONGEST_TURN)
    }

    /// Writes everything that was counted in the text format of `OpenMetrics`, without the mark of its end.
    pub fn encode(&self, text: &mut String) -> std::fmt::Result {
        encode_registry(text, &self.counted.registry)
    }
}

impl Ending {
    const ALL: [Self; 4] = [Self::Done, Self::Unreachable, Self::Failed, Self::Abandoned];
}
