//! Delivers what waits in the outbox. Each alert is delivered by a task of its own, so that a slow or dead channel
//! holds up no other; within an alert messages go one after the other, the oldest first.

use std::collections::HashMap;
use std::ops::AddAssign;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::task::{Id, JoinSet};
use tokio::time::{Instant, timeout};

use super::channel::{FailureScope, LONGEST_SENDING, Notifiers, NotifyError};
use super::{collecting, load, wait};
use crate::clock::Clock;
use crate::domain::causes::with_causes;
use crate::store::{Claimed, Store, StoreError};

/// How long a claimed message is ours; whatever is not marked by then is sent again. What a process leased that was
/// killed is free as soon as the next one starts.
const LEASE: Duration = Duration::from_mins(30);
const _: () = assert!(LONGEST_SENDING.as_secs() < LEASE.as_secs(), "what is sent would be claimed again meanwhile");

/// How long a round that somebody waits for goes on before it leaves the rest to the next one: a channel that takes its
/// time for each of many messages must not make it endless.
const LONGEST_ROUND: Duration = Duration::from_hours(1);
/// What could not be delivered for so long is given up, if it was tried in earnest.
const PATIENCE: TimeDelta = TimeDelta::days(14);
/// Attempts that make earnest, and in a row since somebody was last reached: with the waits between them they fill days
/// in which the program ran. Time off, and a clock that jumps, bring one.
const FEWEST_ATTEMPTS: u32 = 20;
/// Attempts after which a message is at fault itself, that does not arrive while others do.
const MANY_ATTEMPTS: u32 = 60;
/// How long an alert fails before its fallback is told.
pub(super) const FALLBACK_AFTER: TimeDelta = TimeDelta::hours(1);

/// What became of the messages that were due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// Taken by their channels.
    pub sent: usize,
    /// Not taken, or not in time, to be tried again or given up. What waits behind them is not counted.
    pub failed: usize,
}

impl AddAssign for Delivery {
    fn add_assign(&mut self, other: Self) {
        self.sent += other.sent;
        self.failed += other.failed;
    }
}

/// Delivers messages, several alerts at once. Dropped, it drops what is under way, which is sent again later.
#[derive(Debug)]
pub struct Deliverer {
    worker: DeliveryWorker,
    under_way: JoinSet<Result<Delivery, StoreError>>,
    names: HashMap<Id, String>,
}

/// Sends every message that is due, and marks each sent, due again or given up. After an hour it begins no more.
///
/// Fails only when the store does. A message is sent again when the process ends between sending and marking.
pub async fn deliver_due(store: &Store, notifiers: &Notifiers, clock: &Clock) -> Result<Delivery, StoreError> {
    let mut deliverer = Deliverer::new(store.clone(), notifiers.clone(), clock.clone());
    deliverer.end_at(Instant::now() + LONGEST_ROUND);
    let mut delivery = Delivery::default();
    // What is passed on to a fallback is due at once, too.
    while deliverer.worker.has_time() && deliverer.begin().await? {
        while let Some(done) = deliverer.finish_one().await? {
            delivery += done;
        }
    }
    Ok(delivery)
}

impl Deliverer {
    /// A deliverer for these alerts.
    pub fn new(store: Store, notifiers: Notifiers, clock: Clock) -> Self {
        let worker = DeliveryWorker { store, notifiers, clock, ends_at: Arc::default() };
        Self { worker, under_way: JoinSet::new(), names: HashMap::new() }
    }

    /// Begins no message after this moment, also where delivery is under way: one that is cut off in the middle comes
    /// twice. The first end that is given counts.
    pub fn end_at(&self, end: Instant) {
        let _ = self.worker.ends_at.set(end);
    }

    /// Sends by these channels from now on; what is under way keeps those that it began with.
    pub fn change_channels(&mut self, notifiers: Notifiers) {
        self.worker.notifiers = notifiers;
    }

    /// Starts a task for every alert that has something due and none running. Returns whether any was started.
    pub async fn begin(&mut self) -> Result<bool, StoreError> {
        self.worker.add_heartbeats().await?;
        self.worker.follow_rhythms().await?;
        let due = self.worker.list_due().await?;
        let idle = due.into_iter().filter(|alert| !self.names.values().any(|busy| busy == alert));
        let idle: Vec<String> = idle.collect();
        for alert in &idle {
            let (worker, name) = (self.worker.clone(), alert.clone());
            let handle = self.under_way.spawn(async move { worker.deliver(&name).await });
            self.names.insert(handle.id(), alert.clone());
        }
        Ok(!idle.is_empty())
    }

    /// Whether anything is under way.
    pub fn is_busy(&self) -> bool {
        !self.under_way.is_empty()
    }

    /// Waits until one alert has nothing more to be delivered now; none when nothing is under way.
    pub async fn finish_one(&mut self) -> Result<Option<Delivery>, StoreError> {
        let Some(joined) = self.under_way.join_next_with_id().await else { return Ok(None) };
        match joined {
            Ok((id, delivery)) => {
                self.names.remove(&id);
                delivery.map(Some)
            }
            Err(error) => {
                let alert = self.names.remove(&error.id()).unwrap_or_default();
                let error: &dyn std::error::Error = &error;
                tracing::error!(alert, error, "delivery broke off; its message is sent again");
                Ok(Some(Delivery { sent: 0, failed: 1 }))
            }
        }
    }
}

/// What a delivery works with.
#[derive(Clone, Debug)]
struct DeliveryWorker {
    store: Store,
    notifiers: Notifiers,
    clock: Clock,
    /// When no further message is begun, if there is an end; the same for all that are under way.
    ends_at: Arc<OnceLock<Instant>>,
}

impl DeliveryWorker {
    fn has_time(&self) -> bool {
        self.ends_at.get().is_none_or(|end| Instant::now() < *end)
    }

    /// Puts the heartbeats into the outbox whose time has come: after a long time off, one for all that were missed.
    async fn add_heartbeats(&self) -> Result<(), StoreError> {
        for schedule in self.notifiers.heartbeats() {
            let now = self.clock.now();
            let last_at = self.store.find_heartbeat(&schedule.heartbeat.alert, now).await?;
            if schedule.cadence.next_after(last_at, schedule.timezone).is_some_and(|due_at| due_at <= now) {
                self.store.record_heartbeat(schedule.heartbeat.clone(), now).await?;
            }
        }
        Ok(())
    }

    /// Gives what collects events the times of the present configuration.
    async fn follow_rhythms(&self) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut times = Vec::new();
        for message in self.store.list_collecting().await? {
            let alert = self.notifiers.subscription(&message.alert);
            let due_at = alert.map_or(message.due_at, |alert| collecting::due_at(alert, &message, now));
            if due_at != message.due_at {
                times.push((message.id, due_at));
            }
        }
        if times.is_empty() { Ok(()) } else { self.store.reschedule(times).await }
    }

    /// Alerts with messages that can be sent, or that have to be passed on.
    async fn list_due(&self) -> Result<Vec<String>, StoreError> {
        let now = self.clock.now();
        let mut due = self.store.list_due_alerts(now).await?;
        for fallback in self.notifiers.fallbacks() {
            if !due.contains(&fallback.alert) && self.store.has_to_pass_on(fallback, now).await? {
                due.push(fallback.alert.clone());
            }
        }
        Ok(due)
    }

    async fn deliver(&self, alert: &str) -> Result<Delivery, StoreError> {
        let mut delivery = Delivery::default();
        while self.has_time()
            && let Some(claimed) = self.store.claim_message(alert, self.clock.now(), LEASE).await?
        {
            match self.send(&claimed).await? {
                Ok(()) => {
                    self.store.mark_sent(claimed.id, self.clock.now()).await?;
                    delivery.sent += 1;
                }
                Err(error) => {
                    self.put_off(&claimed, &error).await?;
                    delivery.failed += 1;
                }
            }
        }
        if !self.has_time() && self.store.list_due_alerts(self.clock.now()).await?.iter().any(|due| due == alert) {
            tracing::warn!(alert, "takes its time; what waits is for the next round");
            delivery.failed += 1;
        }
        if let Some(notifier) = self.notifiers.find(alert) {
            notifier.rest().await;
        }
        if let Some(fallback) = self.notifiers.fallback(alert) {
            let passed_on = self.store.pass_on(fallback.clone(), self.clock.now()).await?;
            if passed_on > 0 {
                tracing::warn!(alert, messages = passed_on, "passed on to the fallback");
            }
        }
        Ok(delivery)
    }

    async fn send(&self, claimed: &Claimed) -> Result<Result<(), NotifyError>, StoreError> {
        let alert = &claimed.addressee.alert;
        let Some(notifier) = self.notifiers.find(alert) else {
            return Ok(Err(NotifyError::Unconfigured(alert.clone())));
        };
        let message = load::load(&self.store, claimed).await?;
        let patience = notifier.patience();
        let sent = timeout(patience, notifier.send(&message)).await;
        Ok(sent.unwrap_or(Err(NotifyError::TooSlow(patience))))
    }

    /// A recipient who is refused for good is given up for this message; for everything else there is another time.
    async fn put_off(&self, claimed: &Claimed, error: &NotifyError) -> Result<(), StoreError> {
        let (now, words) = (self.clock.now(), with_causes(error));
        let alert = &claimed.addressee.alert;
        tracing::warn!(message = %claimed.id, alert, attempts = claimed.attempts, error = words, "message not sent");
        let is_for_all = error.scope() == FailureScope::Channel;
        let recipient = (!is_for_all).then_some(claimed.addressee.recipient.as_str());
        let is_refused = !is_for_all && !error.is_transient();
        let seed = wait::seed(&claimed.store, alert);
        // Who is refused for good is asked with every message: the reason may lie in the message.
        let asked = error.retry_after().and_then(|wait| TimeDelta::from_std(wait).ok()).unwrap_or_default();
        // A connection that was cut at the end of one message may carry the next; cut again, it is no accident.
        let is_accident = error.is_in_doubt() && !is_for_all;
        let hold = move |failures| match failures {
            1 if is_accident => TimeDelta::zero(),
            _ if is_refused => TimeDelta::zero(),
            _ => wait::hold(failures, seed).max(asked),
        };
        let failures = self.store.note_failure(alert, recipient, &words, now, hold).await?;
        if is_refused || is_hopeless(claimed, error, failures, now) {
            return self.store.mark_failed(claimed.id, now, &words).await;
        }
        let due_at = now + wait::retry(claimed.attempts, seed ^ claimed.id.0.unsigned_abs()).max(asked);
        self.store.mark_retry(claimed.id, due_at, &words).await?;
        if matches!(error, NotifyError::Unconfigured(_)) { self.forget(alert).await } else { Ok(()) }
    }

    /// Nobody sends for an alert that is gone from the configuration, however often it is tried.
    async fn forget(&self, alert: &str) -> Result<(), StoreError> {
        let now = self.clock.now();
        let given_up = self.store.give_up(alert, now - PATIENCE, now - FALLBACK_AFTER, now).await?;
        if given_up > 0 {
            tracing::error!(alert, messages = given_up, "messages of an alert that is gone given up after two weeks");
        }
        Ok(())
    }
}

/// Whether a message was tried so often and for so long that it is given up.
fn is_hopeless(claimed: &Claimed, error: &NotifyError, failures: u32, now: DateTime<Utc>) -> bool {
    let is_alone = error.scope() == FailureScope::Recipient && claimed.attempts >= MANY_ATTEMPTS;
    let is_earnest = claimed.attempts >= FEWEST_ATTEMPTS && (failures >= FEWEST_ATTEMPTS || is_alone);
    let is_hopeless = is_earnest && now - claimed.waits_from >= PATIENCE;
    if is_hopeless {
        tracing::error!(message = %claimed.id, alert = claimed.addressee.alert, "message given up after two weeks");
    }
    is_hopeless
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::message::MessageId;
    use crate::domain::model::Addressee;
    use crate::domain::route::Form;
    use crate::notify::{EmailError, Stage};

    fn claimed(attempts: u32) -> Claimed {
        Claimed {
            id: MessageId(1),
            store: "a1".into(),
            addressee: Addressee { alert: "desk".into(), recipient: "ada@example.org".into() },
            form: Form::Single,
            notice: None,
            created_at: DateTime::UNIX_EPOCH,
            waits_from: DateTime::UNIX_EPOCH,
            attempts,
        }
    }

    #[test]
    fn what_was_tried_in_earnest_for_two_weeks_is_given_up() {
        let refused = |stage| {
            let (server, answer) = ("localhost:25".to_owned(), "later".to_owned());
            NotifyError::from(EmailError::Refused { server, stage, code: 451, answer })
        };
        let (channel, recipient) = (refused(Stage::Sender), refused(Stage::Recipient));
        for (error, attempts, in_a_row, days, wanted) in [
            (&channel, 20, 20, 14, true),
            (&channel, 20, 20, 13, false),
            (&channel, 19, 500, 14, false),
            (&channel, 500, 19, 14, false),
            (&recipient, 20, 20, 14, true),
            (&recipient, 59, 1, 500, false),
            (&recipient, 60, 1, 14, true),
            (&recipient, 60, 1, 13, false),
        ] {
            let now = DateTime::UNIX_EPOCH + TimeDelta::days(days);
            let given_up = is_hopeless(&claimed(attempts), error, in_a_row, now);
            assert_eq!(given_up, wanted, "{error}: {attempts}, {in_a_row}, {days}");
        }
    }
}
