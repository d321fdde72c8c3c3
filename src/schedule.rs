//! The daemon: checks every source at its times and delivers alerts beside that, until it is told to stop. When a
//! source is due is decided in `timing` and `agenda`, `work` is the loop that acts on it, `watchdog` watches over the
//! loop and `manager` tells the service manager; what a check does is `track`'s.
//!
//! A check that fails or panics is logged and the source waits for its next time; only a store that fails ends it
//! all. A check that is cut off leaves nothing half written, because its outcome is one transaction.

mod agenda;
mod journal;
mod manager;
mod overdue;
mod timing;
mod upkeep;
mod watchdog;
mod work;

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinError;
use tokio::time::{Instant, sleep, timeout};

pub use self::manager::Manager;
pub use self::timing::{first_due, next_due};
pub use self::work::Reconfiguration;
use self::work::Work;
use crate::clock::Clock;
use crate::domain::model::{NextCheck, Reason, Source, SourceId};
use crate::metrics::Meter;
use crate::notify::{Deliverer, Delivery, FeedWriter, Notifiers};
use crate::store::{Store, StoreError};
use crate::track::{CheckReport, Tracker};

/// Sources that are checked at once.
pub const MOST_AT_ONCE: usize = 4;
/// How often the outbox is looked at when no check has ended.
const DELIVERY_INTERVAL: Duration = Duration::from_secs(5);
/// How long messages are still begun once the end has come.
const LAST_BEGUN: Duration = Duration::from_secs(1);
/// How long the last of them may take: mail servers look into a message before they take it, and one that is cut off
/// comes twice.
const LAST_DELIVERY: Duration = Duration::from_secs(6);

/// What comes next for each source that is watched.
pub type NextChecks = BTreeMap<SourceId, NextCheck>;

/// Everything that the daemon works with.
pub struct Daemon {
    /// The record.
    pub store: Store,
    /// Tells the time.
    pub clock: Clock,
    /// Counts what is done.
    pub meter: Meter,
    /// Is told how things are.
    pub manager: Manager,
    /// Is told what comes next, whenever that changes.
    pub next_checks: watch::Sender<NextChecks>,
    /// What there is to do at first.
    pub setup: Setup,
}

/// What a configuration makes of the work; another one can take its place while the daemon runs.
pub struct Setup {
    /// Checks sources.
    pub tracker: Tracker,
    /// What is told, and how.
    pub channels: Channels,
    /// What is watched.
    pub sources: Vec<Source>,
}

/// What the daemon is told while it works. A dropped sender does not end it.
pub struct Commands {
    /// Sources that are to be checked at once, whatever their schedule says.
    pub wanted: mpsc::Receiver<SourceId>,
    /// Other setups.
    pub reconfigurations: mpsc::Receiver<Reconfiguration>,
}

/// Whom the daemon tells, and how.
#[derive(Clone, Debug)]
pub struct Channels {
    /// The channels of all alerts.
    pub notifiers: Notifiers,
    /// Feeds that are written beside the alerts.
    pub feeds: Option<FeedWriter>,
}

impl Daemon {
    /// Works until `stop` is there, then ends within a few seconds; does what it is told by the way. Fails only when
    /// the store does.
    pub async fn run(self, mut commands: Commands, stop: impl Future<Output = ()>) -> Result<(), StoreError> {
        let Self { store, clock, meter, manager, next_checks, setup } = self;
        let (channels, told_by) = watch::channel(setup.channels);
        let mut work = Work::new(store.clone(), clock.clone(), meter.clone(), setup.tracker, channels, next_checks);
        let status = work.status();
        work.replace_sources(setup.sources).await?;
        let (stopping, stopped) = watch::channel(false);
        let delivery_loop =
            DeliveryLoop { store: store.clone(), clock, meter: meter.clone(), told_by, ended: work.ended(), stopped };
        let mut delivery = tokio::spawn(delivery_loop.deliver());
        manager.ready();
        let worked = tokio::select! {
            worked = work.go_on(&mut commands) => worked,
            error = watchdog::watch_over(&store, &meter, &manager, status) => Err(error),
            failed = &mut delivery => return delivery_ended(failed),
            () = stop => Ok(()),
        };
        tracing::info!("stopping");
        manager.stopping();
        drop(work);
        stopping.send_replace(true);
        if let Ok(delivered) = timeout(LAST_DELIVERY, delivery).await {
            return worked.and(delivery_ended(delivered));
        }
        tracing::warn!("a delivery was cut off; its message is sent again after the next start");
        worked
    }
}

/// Delivers beside the checks.
struct DeliveryLoop {
    store: Store,
    clock: Clock,
    meter: Meter,
    told_by: watch::Receiver<Channels>,
    ended: Arc<Notify>,
    stopped: watch::Receiver<bool>,
}

impl DeliveryLoop {
    /// Ends with the store, or after a last round when `stopped` says so.
    async fn deliver(mut self) -> Result<(), StoreError> {
        let Channels { notifiers, mut feeds } = self.told_by.borrow_and_update().clone();
        let mut deliverer = Deliverer::new(self.store.clone(), notifiers, self.clock.clone());
        loop {
            let is_last = *self.stopped.borrow_and_update();
            if is_last {
                deliverer.end_at(Instant::now() + LAST_BEGUN);
            }
            // What is under way keeps the channel that it began with.
            if self.told_by.has_changed().unwrap_or(false) {
                let channels = self.told_by.borrow_and_update().clone();
                deliverer.change_channels(channels.notifiers);
                feeds = channels.feeds;
            }
            unless_it_passes(begin(&mut deliverer, feeds.as_ref()).await)?;
            if is_last {
                while let Some(delivery) = deliverer.finish_one().await? {
                    self.count(delivery);
                }
                return Ok(());
            }
            let finished = tokio::select! {
                _ = self.stopped.changed() => None,
                () = self.ended.notified() => None,
                finished = deliverer.finish_one(), if deliverer.is_busy() => unless_it_passes(finished)?.flatten(),
                () = sleep(DELIVERY_INTERVAL) => None,
            };
            self.count(finished.unwrap_or_default());
        }
    }

    fn count(&self, delivery: Delivery) {
        self.meter.delivered(delivery.sent, delivery.failed);
    }
}

async fn begin(deliverer: &mut Deliverer, feeds: Option<&FeedWriter>) -> Result<(), StoreError> {
    if let Some(feeds) = feeds {
        feeds.refresh().await?;
    }
    deliverer.begin().await.map(drop)
}

/// What a full disk or a busy store keeps from being delivered waits until that has passed.
fn unless_it_passes<T>(outcome: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match outcome {
        Err(error) if error.is_transient() => {
            let error: &dyn std::error::Error = &error;
            tracing::error!(error, "alerts wait");
            Ok(None)
        }
        outcome => outcome.map(Some),
    }
}

/// Whether the source as a whole did not answer: none of its listings could be read, or hardly any of its releases.
pub fn is_unreachable(source: &Source, report: &CheckReport) -> bool {
    let walked = || source.listings.iter().chain(&source.feeds).chain(&source.sitemaps);
    let failed = |url: &url::Url| report.problems.iter().any(|problem| problem.listing.as_ref() == Some(url));
    let troubled =
        report.state.troubles.iter().any(|trouble| matches!(trouble.cause, Reason::Outage | Reason::Blocked));
    troubled || (walked().next().is_some() && walked().all(failed))
}

fn delivery_ended(ended: Result<Result<(), StoreError>, JoinError>) -> Result<(), StoreError> {
    ended.unwrap_or_else(|error| Err(StoreError::Panicked(error.to_string())))
}
