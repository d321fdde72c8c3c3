//! Who is told of an event, and when: every alert whose filter lets it through, once for each of its recipients. How
//! they are told is `notify`'s affair; what is filtered out here is in the record all the same.

mod filter;
mod quiet;

use chrono_tz::Tz;

pub use self::filter::{Filter, KeywordPlace};
pub use self::quiet::QuietHours;
use crate::domain::cadence::Cadence;
use crate::domain::model::{Addressee, Event};

/// What one `[[alert]]` of the configuration wants to hear of, and who hears it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// Name of the alert.
    pub alert: String,
    /// Mail addresses, the address of a webhook, or the one file of a log, `-` for standard output.
    pub recipients: Vec<String>,
    /// What it is about.
    pub filter: Filter,
    /// When it comes.
    pub rhythm: Rhythm,
}

/// When an alert comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rhythm {
    /// At once or at certain times.
    pub mode: Mode,
    /// The zone whose clocks count.
    pub timezone: Tz,
}

/// Whether an alert comes at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Each event by itself.
    Immediate {
        /// More events than this from one check come in one message.
        burst_limit: u32,
        /// When events wait, and come in one message at the end.
        quiet_hours: Option<QuietHours>,
    },
    /// All events since the last time in one message; none when there are none.
    Digest(Cadence),
}

/// Everybody who is told of an event, in the order of the alerts.
///
/// Somebody whom two alerts name is told by both: one of them may be a digest of what the other tells at once.
pub fn addressees(event: &Event, alerts: &[Subscription]) -> Vec<Addressee> {
    let mut addressees: Vec<Addressee> = Vec::new();
    for subscription in alerts.iter().filter(|subscription| subscription.filter.wants(event)) {
        for recipient in &subscription.recipients {
            let addressee = Addressee { alert: subscription.alert.clone(), recipient: recipient.clone() };
            if !addressees.contains(&addressee) {
                addressees.push(addressee);
            }
        }
    }
    addressees
}

#[cfg(test)]
mod tests {
    use super::filter::tests::event;
    use super::*;

    fn everything() -> Subscription {
        let mode = Mode::Immediate { burst_limit: 20, quiet_hours: None };
        let rhythm = Rhythm { mode, timezone: chrono_tz::UTC };
        Subscription {
            alert: "desk".into(),
            recipients: vec!["desk@example.org".into()],
            filter: Filter::default(),
            rhythm,
        }
    }

    fn told(alerts: &[Subscription]) -> Vec<String> {
        let event = event();
        addressees(&event, alerts).into_iter().map(|to| format!("{} {}", to.alert, to.recipient)).collect()
    }

    #[test]
    fn an_empty_filter_lets_everything_through() {
        assert_eq!(told(&[everything()]), ["desk desk@example.org"]);
        assert_eq!(told(&[]), [""; 0]);
    }

    #[test]
    fn every_recipient_is_told_once_by_each_alert() {
        let two = |alert: &str| Subscription {
            alert: alert.into(),
            recipients: vec!["a@example.org".into(), "b@example.org".into(), "a@example.org".into()],
            ..everything()
        };
        assert_eq!(
            told(&[two("desk"), two("digest")]),
            ["desk a@example.org", "desk b@example.org", "digest a@example.org", "digest b@example.org"]
        );
    }
}
