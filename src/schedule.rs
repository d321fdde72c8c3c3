//! The daemon: checks every source at its times and delivers alerts beside that, until it is told to stop. When a
//! source is due is decided in `timing` and `agenda`; what a check does is `track`'s.
//!
//! A check that fails or panics is logged and the source waits for its next time; only a store that fails ends it
//! all. A check that is cut off leaves nothing half written, because its outcome is one transaction.

mod agenda;
mod timing;

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::{Id, JoinError, JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

use self::agenda::Agenda;
pub use self::timing::{first_due, next_due};
use crate::clock::Clock;
use crate::domain::model::{Reason, Source};
use crate::notify::{Notifier, deliver_due};
use crate::store::{Store, StoreError};
use crate::track::{Report, TrackError, Tracker};

/// Sources that are checked at once.
pub const MOST_AT_ONCE: usize = 4;
/// How often the outbox is looked at when no check has ended.
const DELIVERY_INTERVAL: Duration = Duration::from_secs(5);
/// How long the last delivery may take once the end has come.
const LAST_DELIVERY: Duration = Duration::from_secs(5);

/// Everything that the daemon works with.
pub struct Daemon {
    /// The record.
    pub store: Store,
    /// Checks sources.
    pub tracker: Tracker,
    /// Channels by the names of their alerts.
    pub notifiers: BTreeMap<String, Notifier>,
    /// Tells the time.
    pub clock: Clock,
    /// What is watched.
    pub sources: Vec<Source>,
}

/// What a check has come to, with its source.
type Ended = Result<Report, TrackError>;

impl Daemon {
    /// Works until `stop` is there, then ends within a few seconds. Fails only when the store does.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<(), StoreError> {
        let mut agenda = self.agenda().await?;
        let ended = Arc::new(Notify::new());
        let (stopping, stopped) = watch::channel(false);
        let mut delivery = self.spawn_delivery(Arc::clone(&ended), stopped);
        let worked = tokio::select! {
            worked = self.work(&mut agenda, &ended) => worked,
            failed = &mut delivery => return delivery_ended(failed),
            () = stop => Ok(()),
        };
        tracing::info!("stopping");
        stopping.send_replace(true);
        if let Ok(delivered) = timeout(LAST_DELIVERY, delivery).await {
            return worked.and(delivery_ended(delivered));
        }
        tracing::warn!("a delivery was cut off; its alert is sent again after the next start");
        worked
    }

    async fn agenda(&self) -> Result<Agenda, StoreError> {
        let now = self.clock.now();
        let mut due = Vec::new();
        for source in &self.sources {
            let state = self.store.find_source_state(&source.id).await?;
            let due_at = first_due(source, state.checked_at, now);
            log_next(source, due_at);
            due.push((source.clone(), due_at));
        }
        Ok(Agenda::new(due, MOST_AT_ONCE))
    }

    /// Goes on for ever; dropped, it drops the checks that are under way.
    async fn work(&self, agenda: &mut Agenda, ended: &Notify) -> Result<(), StoreError> {
        let mut checks: JoinSet<Ended> = JoinSet::new();
        let mut under_way: HashMap<Id, Source> = HashMap::new();
        loop {
            while let Some(source) = agenda.take_due(self.clock.now()) {
                let handle = checks.spawn(check(self.tracker.clone(), source.clone()));
                under_way.insert(handle.id(), source.clone());
            }
            let pause = timing::pause(agenda.next_at(), self.clock.now());
            tokio::select! {
                Some(joined) = checks.join_next_with_id() => {
                    if let Some(source) = under_way.remove(&id_of(&joined)) {
                        settle(&source, joined.map(|(_, ended)| ended))?;
                        log_next(&source, agenda.finish(&source, self.clock.now()));
                        ended.notify_one();
                    }
                }
                () = sleep(pause) => {}
            }
        }
    }

    /// Delivers beside the checks; ends with the store, or after a last round when `stopped` says so.
    fn spawn_delivery(
        &self,
        ended: Arc<Notify>,
        mut stopped: watch::Receiver<bool>,
    ) -> JoinHandle<Result<(), StoreError>> {
        let (store, notifiers, clock) = (self.store.clone(), self.notifiers.clone(), self.clock.clone());
        tokio::spawn(async move {
            loop {
                let is_last = *stopped.borrow_and_update();
                match deliver_due(&store, &notifiers, &clock).await {
                    Err(error) if error.is_transient() => log_waiting(&error),
                    delivered => drop(delivered?),
                }
                if is_last {
                    return Ok(());
                }
                let mut stop = pin!(stopped.changed());
                tokio::select! {
                    _ = &mut stop => {}
                    () = ended.notified() => {}
                    () = sleep(DELIVERY_INTERVAL) => {}
                }
            }
        })
    }
}

async fn check(tracker: Tracker, source: Source) -> Ended {
    tracing::debug!(source = %source.id, "check begins");
    tracker.check(&source, &|_| {}).await
}

fn id_of(joined: &Result<(Id, Ended), JoinError>) -> Id {
    match joined {
        Ok((id, _)) => *id,
        Err(error) => error.id(),
    }
}

/// Logs how a check ended; fails when the store did.
fn settle(source: &Source, ended: Result<Ended, JoinError>) -> Result<(), StoreError> {
    match ended {
        Ok(Ok(report)) => log_report(source, &report),
        Ok(Err(TrackError::Store(error))) if !error.is_conflict() && !error.is_transient() => return Err(error),
        Ok(Err(error)) => {
            let error: &dyn std::error::Error = &error;
            tracing::error!(source = %source.id, error, "check failed");
        }
        Err(error) => {
            let error: &dyn std::error::Error = &error;
            tracing::error!(source = %source.id, error, "check broke off");
        }
    }
    Ok(())
}

fn log_waiting(error: &StoreError) {
    let error: &dyn std::error::Error = error;
    tracing::error!(error, "alerts wait");
}

fn log_report(source: &Source, report: &Report) {
    for problem in &report.problems {
        tracing::warn!(source = %source.id, problem, "listing not read");
    }
    for recorded in &report.events {
        let event = &recorded.event;
        tracing::info!(source = %source.id, event = %recorded.id, kind = ?event.kind, url = %event.url, "event");
    }
    let (answered, asked, events) = (report.state.answered, report.state.asked, report.events.len());
    if is_unreachable(source, report) {
        tracing::warn!(source = %source.id, answered, asked, "source cannot be reached; it is tried again at its next time");
    } else {
        tracing::info!(source = %source.id, answered, asked, events, "source checked");
    }
}

fn log_next(source: &Source, due_at: Option<chrono::DateTime<chrono::Utc>>) {
    if let Some(due_at) = due_at {
        tracing::debug!(source = %source.id, due_at = %due_at.with_timezone(&source.timezone), "next check");
    } else {
        tracing::warn!(source = %source.id, "the schedule has no more times; the source is not checked again");
    }
}

/// Whether the source as a whole did not answer: none of its listings could be read, or hardly any of its releases.
pub fn is_unreachable(source: &Source, report: &Report) -> bool {
    let walked = || source.listings.iter().chain(&source.feeds).chain(&source.sitemaps);
    let failed = |url: &url::Url| report.problems.iter().any(|problem| problem.starts_with(&format!("{url}: ")));
    let troubled =
        report.state.troubles.iter().any(|trouble| matches!(trouble.cause, Reason::Outage | Reason::Blocked));
    troubled || (walked().next().is_some() && walked().all(failed))
}

fn delivery_ended(ended: Result<Result<(), StoreError>, JoinError>) -> Result<(), StoreError> {
    ended.unwrap_or_else(|error| Err(StoreError::Panicked(error.to_string())))
}
