//! Who is told of an event, and when: every alert whose filter lets it through, once for each of its recipients. How
//! they are told is `notify`'s affair; what is filtered out here is in the record all the same.

mod filter;
mod plan;
mod quiet;
mod texts;

use chrono_tz::Tz;

pub use self::filter::{Filter, KeywordPlace};
pub use self::plan::{Dispatch, Form, MOST_EVENTS, plan};
pub use self::quiet::QuietHours;
pub use self::texts::Texts;
use crate::domain::cadence::Cadence;
use crate::domain::model::Event;

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

/// The places of the alerts that are about an event.
pub fn wanting(alerts: &[Subscription], event: &Event, texts: &Texts) -> Vec<usize> {
    (0..alerts.len()).filter(|place| alerts[*place].filter.wants(event, texts)).collect()
}
