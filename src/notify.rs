//! Delivers the messages that wait in the outbox, each over the channel of its `[[alert]]`. Delivery is at least once:
//! a message is marked sent after its channel took it. Who is told of what, and when, was decided in `domain::route`.
//!
//! `deliver` does it, with the waits of `wait`; `load` makes a message of what the store has; `channel` is what all
//! channels have in common, and each of them has a file of its own.

mod channel;
mod collecting;
mod deliver;
mod email;
mod feed;
mod load;
mod log;
mod wait;
mod webhook;

use chrono::{DateTime, Utc};

pub use self::channel::{ChannelError, FailureScope, Notifier, Notifiers, NotifyError, notifiers};
pub use self::deliver::{Deliverer, Delivery, deliver_due};
pub use self::email::{EmailError, EmailNotifier, Stage};
pub use self::feed::{FeedWriter, feed_troubles};
pub use self::log::LogNotifier;
pub use self::webhook::{WebhookError, WebhookNotifier};
use crate::config::AlertConfig;
use crate::domain::message::{Content, Message, MessageId, Notice};
use crate::domain::model::Addressee;
use crate::domain::route::Subscription;

/// The alerts as `domain::route` needs them.
pub fn subscriptions(alerts: &[AlertConfig]) -> Vec<Subscription> {
    alerts.iter().map(subscription).collect()
}

fn subscription(alert: &AlertConfig) -> Subscription {
    Subscription {
        alert: alert.name.clone(),
        recipients: channel::recipients(alert),
        filter: alert.filter.clone(),
        rhythm: alert.rhythm.clone(),
    }
}

/// Samples for every recipient of an alert, to be sent without the outbox.
pub fn samples(alert: &AlertConfig, now: DateTime<Utc>) -> Vec<Message> {
    let sample = |(place, recipient): (i64, String)| Message {
        id: MessageId(0),
        key: format!("sample-{}-{place}", now.timestamp_millis()),
        addressee: Addressee { alert: alert.name.clone(), recipient },
        content: Content::Notice(Notice::Sample),
        created_at: now,
        attempts: 1,
    };
    (0..).zip(channel::recipients(alert)).map(sample).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use chrono::DateTime;
    use url::Url;

    use super::*;
    use crate::domain::message::Told;
    use crate::domain::model::{Event, EventId, EventKind, RecordedEvent, Significance, SourceId};

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

    /// A message about one event.
    pub(crate) fn message(id: i64) -> Message {
        let told = Told {
            events: vec![event(id)],
            source_name: "Harbour".into(),
            change: None,
            thread: "a1-source-harbour".into(),
        };
        Message {
            id: MessageId(id),
            key: format!("a1-{id}"),
            addressee: Addressee { alert: "log".into(), recipient: "-".into() },
            content: Content::Event(Box::new(told)),
            created_at: DateTime::UNIX_EPOCH,
            attempts: 1,
        }
    }
}
