//! The loop of the daemon: begins the checks that are due, takes note of those that have ended, and goes over to
//! another setup when one comes. Checks under way keep the setup that they began with, unless their source is gone from
//! the new one.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::{Notify, oneshot, watch};
use tokio::task::{AbortHandle, Id, JoinError, JoinSet};
use tokio::time::{Instant, sleep};
use tracing::Instrument as _;

use super::agenda::Agenda;
use super::journal::{log_next, log_report};
use super::overdue::Watch;
use super::timing::{first_due, pause};
use super::upkeep::repack;
use super::{Channels, Commands, MOST_AT_ONCE, NextChecks, Setup, is_unreachable};
use crate::clock::Clock;
use crate::domain::classify::unchecked;
use crate::domain::model::{Source, SourceId};
use crate::metrics::{Ending, Meter, Raised};
use crate::store::{Store, StoreError};
use crate::track::{CheckReport, TrackError, Tracker};

/// How often `keep` rules are applied.
const THIN_EVERY: TimeDelta = TimeDelta::days(1);

/// Another setup, from a configuration that was read anew.
pub struct Reconfiguration {
    /// What there is to do from now on.
    pub setup: Setup,
    /// Is answered when the daemon follows it.
    pub done: oneshot::Sender<()>,
}

/// How the work stands, for those who tell others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Status {
    /// Sources that are watched.
    pub(super) sources: usize,
    /// Checks under way.
    pub(super) under_way: usize,
    /// When the next check begins, in words, and of which source.
    pub(super) next: Option<(SourceId, String)>,
}

/// What a check has come to, with its source.
type Ended = Result<CheckReport, TrackError>;

struct UnderWay {
    source: Source,
    since: Instant,
    handle: AbortHandle,
    _counted: Raised,
}

pub(super) struct Work {
    store: Store,
    clock: Clock,
    meter: Meter,
    tracker: Tracker,
    channels: watch::Sender<Channels>,
    sources: Vec<Source>,
    watch: Watch,
    agenda: Agenda,
    checks: JoinSet<Ended>,
    under_way: HashMap<Id, UnderWay>,
    ended: Arc<Notify>,
    status: watch::Sender<Status>,
    next_checks: watch::Sender<NextChecks>,
    /// Whether the record is as small as it gets.
    is_packed: bool,
    /// When the keep rules are looked at next.
    thins_at: DateTime<Utc>,
}

impl Work {
    /// Nothing to do yet; what delivers hears of other channels through `channels`, and who watches of what comes next
    /// through `next_checks`.
    pub(super) fn new(
        store: Store,
        clock: Clock,
        meter: Meter,
        tracker: Tracker,
        channels: watch::Sender<Channels>,
        next_checks: watch::Sender<NextChecks>,
    ) -> Self {
        let watch = Watch::new(&[], clock.now());
        Self {
            store,
            clock,
            meter,
            tracker,
            channels,
            sources: Vec::new(),
            watch,
            agenda: Agenda::new(Vec::new(), MOST_AT_ONCE),
            checks: JoinSet::new(),
            under_way: HashMap::new(),
            ended: Arc::default(),
            status: watch::Sender::default(),
            next_checks,
            is_packed: false,
            thins_at: DateTime::<Utc>::MIN_UTC,
        }
    }

    /// Is told whenever a check has ended.
    pub(super) fn ended(&self) -> Arc<Notify> {
        Arc::clone(&self.ended)
    }

    /// How the work stands.
    pub(super) fn status(&self) -> watch::Receiver<Status> {
        self.status.subscribe()
    }

    /// Goes on for ever; dropped, it drops the checks that are under way.
    pub(super) async fn go_on(&mut self, commands: &mut Commands) -> Result<(), StoreError> {
        loop {
            self.meter.turn();
            self.begin_due();
            self.watch_over().await?;
            self.show();
            let now = self.clock.now();
            let pause = pause(self.agenda.next_at(), now);
            let ruled = if self.may_thin(now) { &self.sources[..] } else { &[] };
            tokio::select! {
                Some(joined) = self.checks.join_next_with_id() => self.settle(joined)?,
                Some(change) = commands.reconfigurations.recv() => self.follow(change).await?,
                Some(source) = commands.wanted.recv() => self.agenda.hasten(&source, self.clock.now()),
                packed = repack(&self.store, ruled, now),
                    if self.checks.is_empty() && !self.is_packed => self.packed(packed?, now),
                () = sleep(pause) => {}
            }
        }
    }

    /// Once a day; a clock that was set back must not make it rarer.
    fn may_thin(&self, now: DateTime<Utc>) -> bool {
        now >= self.thins_at || self.thins_at - now > THIN_EVERY
    }

    fn packed(&mut self, is_packed: bool, now: DateTime<Utc>) {
        self.is_packed = is_packed;
        if is_packed && self.may_thin(now) {
            self.thins_at = now + THIN_EVERY;
        }
    }

    /// Watches these sources from now on; a check of one that is not among them is cut off.
    pub(super) async fn replace_sources(&mut self, sources: Vec<Source>) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut due = Vec::with_capacity(sources.len());
        for source in sources {
            let state = self.store.find_source_state(&source.id).await?;
            let due_at = first_due(&source, state.checked_at, now);
            log_next(&source, due_at);
            due.push((source, due_at));
        }
        self.meter.watch(due.iter().map(|(source, _)| source.id.clone()));
        for check in self.under_way.values() {
            if due.iter().all(|(source, _)| source.id != check.source.id) {
                check.handle.abort();
            }
        }
        self.sources = due.iter().map(|(source, _)| source.clone()).collect();
        self.agenda.replace(due);
        Ok(())
    }

    async fn follow(&mut self, change: Reconfiguration) -> Result<(), StoreError> {
        let Setup { tracker, channels, sources } = change.setup;
        self.tracker = tracker;
        self.channels.send_replace(channels);
        self.replace_sources(sources).await?;
        (self.is_packed, self.thins_at) = (false, DateTime::<Utc>::MIN_UTC);
        // Whoever asked may be gone.
        let _ = change.done.send(());
        Ok(())
    }

    fn begin_due(&mut self) {
        while let Some(source) = self.agenda.take_due(self.clock.now()) {
            let source = source.clone();
            let span = tracing::info_span!("check", source = %source.id);
            let neighbours = neighbours(&self.sources, &source);
            let check = check(self.tracker.clone(), source.clone(), neighbours);
            let handle = self.checks.spawn(check.instrument(span));
            let counted = self.meter.checks_under_way().raise();
            let check = UnderWay { source, since: Instant::now(), handle: handle.clone(), _counted: counted };
            self.under_way.insert(handle.id(), check);
        }
    }

    /// Takes note of how a check ended; fails when the store did.
    fn settle(&mut self, joined: Result<(Id, Ended), JoinError>) -> Result<(), StoreError> {
        let id = joined.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
        let Some(UnderWay { source, since, .. }) = self.under_way.remove(&id) else { return Ok(()) };
        let is_cut_off = joined.as_ref().is_err_and(JoinError::is_cancelled);
        let ending = match joined {
            Ok((_, Ok(report))) => {
                self.watch.checked(&source.id, self.clock.now());
                report.events.iter().for_each(|recorded| self.meter.event(recorded.event.kind));
                log_report(&source, &report);
                if is_unreachable(&source, &report) { Ending::Unreachable } else { Ending::Done }
            }
            Ok((_, Err(TrackError::Store(error)))) if !error.is_conflict() && !error.is_transient() => {
                return Err(error);
            }
            Ok((_, Err(error))) => {
                let error: &dyn std::error::Error = &error;
                tracing::error!(source = %source.id, error, "check failed");
                Ending::Failed
            }
            Err(_) if is_cut_off => {
                tracing::info!(source = %source.id, "check cut off: the source left the configuration");
                Ending::Abandoned
            }
            Err(error) => {
                let error: &dyn std::error::Error = &error;
                tracing::error!(source = %source.id, error, "check broke off");
                Ending::Failed
            }
        };
        // It brought bodies, and time has passed.
        self.is_packed = false;
        self.meter.check_ended(&source.id, ending, since.elapsed());
        // One that is back among the sources already waits for its first time there.
        if !is_cut_off && self.agenda.has(&source.id) {
            log_next(&source, self.agenda.finish(&source, self.clock.now()));
        }
        self.ended.notify_one();
        Ok(())
    }

    /// Tells of sources that are not checked although they should be.
    async fn watch_over(&mut self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let is_under_way = |id: &SourceId| self.under_way.values().any(|check| check.source.id == *id);
        for (source, since) in self.watch.overdue(&self.sources, is_under_way, now) {
            tracing::error!(source = %source.id, %since, "source is not checked");
            let (trouble, event) = unchecked(source, since, now);
            match self.tracker.record_trouble(source, trouble, event).await {
                Err(TrackError::Store(error)) if error.is_transient() => self.watch.tell_again(&source.id),
                Err(TrackError::Store(error)) => return Err(error),
                Ok(_) | Err(TrackError::Task(_)) => {}
            }
        }
        Ok(())
    }

    fn show(&self) {
        let next = self.agenda.next().map(|(source, due_at)| {
            let due_at = due_at.with_timezone(&source.timezone);
            (source.id.clone(), due_at.format("%Y-%m-%d %H:%M:%S %Z").to_string())
        });
        let status = Status { sources: self.agenda.len(), under_way: self.under_way.len(), next };
        self.status.send_if_modified(|shown| std::mem::replace(shown, status.clone()) != status);
        let next_checks = self.agenda.next_checks();
        self.next_checks.send_if_modified(|shown| std::mem::replace(shown, next_checks.clone()) != next_checks);
    }
}

async fn check(tracker: Tracker, source: Source, neighbours: u32) -> Ended {
    tracing::debug!("check begins");
    tracker.check_due(&source, neighbours, &|_| {}).await
}

/// The sources that share a host with this one, itself included.
fn neighbours(sources: &[Source], source: &Source) -> u32 {
    let host = |source: &Source| source.places().next().and_then(|url| url.host_str().map(str::to_owned));
    let count = sources.iter().filter(|other| host(other) == host(source)).count();
    u32::try_from(count).unwrap_or(u32::MAX)
}
