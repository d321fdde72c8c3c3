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
