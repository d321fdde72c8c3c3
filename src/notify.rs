//! Delivers the alerts that wait in the outbox, each over the channel of its `[[alert]]`. Delivery is at least
//! once: an alert is marked sent after its channel took it. Who is told of what was decided in `domain::route`.

mod channel;
mod email;
mod log;
mod webhook;

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use chrono::{DateTime, Utc};

pub use self::channel::{ChannelError, Notifier, NotifyError, Scope, notifiers};
pub use self::email::{EmailError, EmailNotifier, Stage};
pub use self::log::LogNotifier;
pub use self::webhook::{WebhookError, WebhookNotifier};
use crate::clock::Clock;
use crate::config::{AlertConfig, Channel};
use crate::domain::message::{Content, Message, MessageId, Told};
use crate::domain::model::{Addressee, Alert};
use crate::domain::route::Subscription;
use crate::store::{Store, StoreError};

/// How long claimed alerts are ours; whatever is not marked by then is sent again.
const LEASE: Duration = Duration::from_mins(2);
/// Alerts claimed at once.
const BATCH: u32 = 32;
/// The wait after the first failure; it doubles with every further one.
const FIRST_WAIT: Duration = Duration::from_mins(1);
/// The longest wait.
const LONGEST_WAIT: Duration = Duration::from_hours(6);

/// What became of the alerts that were due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Delivery {
    /// Taken by their channels.
    pub sent: usize,
    /// Not taken, to be tried again or given up.
    pub failed: usize,
}

/// Sends every alert that is due, in the order of the events, and marks each sent, due again or given up.
///
/// Fails only when the store does. An alert is sent again when the process ends between sending and marking.
pub async fn deliver_due(
    store: &Store,
    notifiers: &BTreeMap<String, Notifier>,
    clock: &Clock,
) -> Result<Delivery, StoreError> {
    let mut delivery = Delivery::default();
    let mut round = Round { store, notifiers, clock, held: HashMap::new() };
    loop {
        let mut alerts = store.claim_alerts(clock.now(), LEASE, BATCH).await?;
        if alerts.is_empty() {
            return Ok(delivery);
        }
        alerts.sort_by_key(|alert| (alert.event.id, alert.id));
        for alert in &alerts {
            let sent = round.deliver(alert).await?;
            delivery.sent += usize::from(sent);
            delivery.failed += usize::from(!sent);
        }
    }
}

struct Round<'a> {
    store: &'a Store,
    notifiers: &'a BTreeMap<String, Notifier>,
    clock: &'a Clock,
    /// Who could not be reached, and until when further alerts wait with the one that failed: so they keep their
    /// order, and a dead channel is asked once and not for each.
    held: HashMap<Addressee, DateTime<Utc>>,
}

impl Round<'_> {
    /// Whether the alert was sent.
    async fn deliver(&mut self, alert: &Alert) -> Result<bool, StoreError> {
        let now = self.clock.now();
        if let Some(due_at) = self.held.get(&alert.addressee).filter(|due_at| **due_at > now) {
            self.store.mark_retry(alert.id, *due_at, "waits for an earlier alert that could not be sent").await?;
            return Ok(false);
        }
        match send(self.notifiers, alert).await {
            Ok(()) => self.store.mark_sent(alert.id, self.clock.now()).await.map(|()| true),
            Err(error) => self.put_off(alert, &error).await.map(|()| false),
        }
    }

    async fn put_off(&mut self, alert: &Alert, error: &NotifyError) -> Result<(), StoreError> {
        let name = &alert.addressee.alert;
        tracing::warn!(alert = %alert.id, name, event = %alert.event.id, %error, "alert not sent");
        let now = self.clock.now();
        if !error.is_transient() {
            return self.store.mark_failed(alert.id, now, &error.to_string()).await;
        }
        let due_at = now + wait(alert);
        self.held.insert(alert.addressee.clone(), due_at);
        self.store.mark_retry(alert.id, due_at, &error.to_string()).await
    }
}

async fn send(notifiers: &BTreeMap<String, Notifier>, alert: &Alert) -> Result<(), NotifyError> {
    let name = &alert.addressee.alert;
    let notifier = notifiers.get(name).ok_or_else(|| NotifyError::Unconfigured(name.clone()))?;
    notifier.send(&message(alert)).await
}

fn message(alert: &Alert) -> Message {
    let events = vec![alert.event.clone()];
    let told = Told { events, source_name: String::new(), change: None, thread: alert.id.to_string() };
    Message {
        id: MessageId(alert.id.0),
        key: alert.id.to_string(),
        addressee: alert.addressee.clone(),
        content: Content::Event(Box::new(told)),
        created_at: alert.event.event.at,
        attempts: alert.attempts,
    }
}

/// The time until the next attempt; `attempts` counts the one that failed. Up to a tenth is taken off by the alert's number, so that alerts that failed
/// together do not come back together.
fn wait(alert: &Alert) -> Duration {
    let doubled = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(alert.attempts.saturating_sub(1)));
    let tenths_of_a_percent = 1000 - u32::try_from(alert.id.0.rem_euclid(101)).unwrap_or(0);
    doubled.min(LONGEST_WAIT) * tenths_of_a_percent / 1000
}

/// The alerts as `domain::route` needs them.
pub fn subscriptions(alerts: &[AlertConfig]) -> Vec<Subscription> {
    alerts.iter().map(subscription).collect()
}

fn subscription(alert: &AlertConfig) -> Subscription {
    let recipients = match &alert.channel {
        Channel::Log { path: Some(path) } => vec![path.display().to_string()],
        Channel::Log { path: None } => vec!["-".to_owned()],
        Channel::Email { to } => to.clone(),
        Channel::Webhook { url, .. } => vec![url.to_string()],
    };
    Subscription { alert: alert.name.clone(), recipients, filter: alert.filter.clone(), rhythm: alert.rhythm.clone() }
}

#[cfg(test)]
pub(crate) mod tests {
    use url::Url;

    use super::*;
    use crate::domain::model::{AlertId, AlertState, Event, EventId, EventKind, RecordedEvent, Significance, SourceId};

    pub(crate) fn event(id: i64) -> RecordedEvent {
        let event = Event {
            at: DateTime::UNIX_EPOCH,
            kind: EventKind::New,
            source: SourceId("harbour".into()),
            url: Url::parse("https://example.org/news/1/").unwrap(),
            old_url: None,
            title: "A new pier".into(),
            fields: Vec::new(),
            significance: Significance::Major,
            reasons: Vec::new(),
            summary: "A new pier".into(),
            old_version: None,
            new_version: Some(1),
            explanation: String::new(),
            evidence: Vec::new(),
            release: None,
        };
        RecordedEvent { id: EventId(id), event }
    }

    pub(crate) fn message(id: i64) -> Message {
        super::message(&alert(id, 1))
    }

    fn alert(id: i64, attempts: u32) -> Alert {
        Alert {
            id: AlertId(id),
            event: event(id),
            addressee: Addressee { alert: "log".into(), recipient: "-".into() },
            state: AlertState::Pending,
            attempts,
            due_at: DateTime::UNIX_EPOCH,
            error: None,
        }
    }

    #[test]
    fn waits_double_from_one_minute_to_six_hours() {
        let waits: Vec<u64> = (1..=12).map(|attempts| wait(&alert(101, attempts)).as_secs() / 60).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360]);
        assert_eq!(wait(&alert(101, u32::MAX)), LONGEST_WAIT);
    }

    #[test]
    fn alerts_that_failed_together_come_back_apart() {
        assert_ne!(wait(&alert(7, 4)), wait(&alert(8, 4)));
        assert_eq!(wait(&alert(7, 4)), wait(&alert(7, 4)));
        assert!((0..500).all(|id| wait(&alert(id, 4)) >= Duration::from_mins(7)));
    }
}
