//! Which messages the events of one check become: one for each event, one for all of a burst, one at the end of the
//! quiet hours, or a part of the next digest.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Mode, Subscription};
use crate::domain::model::Addressee;

/// Events that one message tells at most; more go into further messages.
pub const MOST_EVENTS: usize = 1000;

/// Why events come in one message, or what else a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// One event.
    Single,
    /// More events of one check than the alert wants one by one.
    Burst,
    /// What happened in the quiet hours.
    Quiet,
    /// What happened since the last digest.
    Digest,
    /// A word about pressdiff itself.
    Notice,
}

impl Form {
    /// Whether later events join the same message until it is due.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Quiet | Self::Digest)
    }
}

/// A message to be, or what joins one that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispatch {
    /// To whom.
    pub addressee: Addressee,
    /// What kind of message.
    pub form: Form,
    /// When it is to be sent.
    pub due_at: DateTime<Utc>,
    /// Places of its events among those of the check.
    pub events: Vec<usize>,
}

/// The messages about the events of a check that ended `now`, in the order of the alerts. `wanted` holds for each
/// event the places of the alerts that are about it.
///
/// Somebody whom two alerts name is told by both: one of them may be a digest of what the other tells at once.
pub fn plan(alerts: &[Subscription], wanted: &[Vec<usize>], now: DateTime<Utc>) -> Vec<Dispatch> {
    let mut dispatches = Vec::new();
    for (place, alert) in alerts.iter().enumerate() {
        let events: Vec<usize> = (0..wanted.len()).filter(|event| wanted[*event].contains(&place)).collect();
        let (form, due_at) = alert.rhythm.timing(events.len(), now);
        let size = if form == Form::Single { 1 } else { MOST_EVENTS };
        let recipients: BTreeSet<&String> = alert.recipients.iter().collect();
        for recipient in recipients {
            let addressee = Addressee { alert: alert.alert.clone(), recipient: recipient.clone() };
            let dispatch =
                |events: &[usize]| Dispatch { addressee: addressee.clone(), form, due_at, events: events.to_vec() };
            dispatches.extend(events.chunks(size).map(dispatch));
        }
    }
    dispatches
}

impl super::Rhythm {
    /// How and when so many events of one check are told.
    fn timing(&self, events: usize, now: DateTime<Utc>) -> (Form, DateTime<Utc>) {
        match &self.mode {
            Mode::Digest(cadence) => (Form::Digest, cadence.next_after(now, self.timezone).unwrap_or(now)),
            Mode::Immediate { burst_limit, quiet_hours } => {
                let end = quiet_hours.and_then(|hours| hours.end_after(now, self.timezone));
                let is_burst = events > *burst_limit as usize;
                match end {
                    Some(end) => (Form::Quiet, end),
                    None => (if is_burst { Form::Burst } else { Form::Single }, now),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::cadence::Cadence;
    use crate::domain::route::{Filter, QuietHours, Rhythm};

    fn alert(mode: Mode) -> Subscription {
        Subscription {
            alert: "desk".into(),
            recipients: vec!["b".into(), "a".into(), "b".into()],
            filter: Filter::default(),
            rhythm: Rhythm { mode, timezone: chrono_tz::Europe::Berlin },
        }
    }

    fn at_once(burst_limit: u32) -> Mode {
        Mode::Immediate { burst_limit, quiet_hours: QuietHours::parse("22:00-07:00") }
    }

    fn told(mode: Mode, events: usize, now: &str) -> Vec<String> {
        let wanted = vec![vec![0]; events];
        let plan = plan(&[alert(mode)], &wanted, now.parse().unwrap());
        let tell = |message: Dispatch| {
            let due_at = message.due_at.format("%d %H:%M");
            format!("{} {:?} {due_at} {:?}", message.addressee.recipient, message.form, message.events)
        };
        plan.into_iter().map(tell).collect()
    }

    #[test]
    fn every_recipient_is_told_each_event_once() {
        let noon = "2026-05-20T10:00:00Z";
        let told = told(at_once(2), 2, noon);
        assert_eq!(
            told,
            ["a Single 20 10:00 [0]", "a Single 20 10:00 [1]", "b Single 20 10:00 [0]", "b Single 20 10:00 [1]"]
        );
    }

    #[test]
    fn a_burst_is_one_message() {
        assert_eq!(told(at_once(2), 3, "2026-05-20T10:00:00Z")[..1], ["a Burst 20 10:00 [0, 1, 2]"]);
        assert_eq!(told(at_once(2), MOST_EVENTS + 1, "2026-05-20T10:00:00Z").len(), 4);
    }

    #[test]
    fn in_quiet_hours_everything_waits_for_their_end() {
        assert_eq!(told(at_once(2), 1, "2026-05-20T20:30:00Z")[..1], ["a Quiet 21 05:00 [0]"]);
        assert_eq!(told(at_once(2), 3, "2026-05-21T04:59:59Z")[..1], ["a Quiet 21 05:00 [0, 1, 2]"]);
    }

    #[test]
    fn a_digest_comes_at_its_time_of_day_whatever_the_clocks_do() {
        let digest = || Mode::Digest(Cadence::parse("0 8 * * *").unwrap());
        let table = [
            ("2026-03-28T06:59:59Z", "a Digest 28 07:00 [0]"),
            ("2026-03-28T07:00:00Z", "a Digest 29 06:00 [0]"),
            ("2026-10-24T05:59:59Z", "a Digest 24 06:00 [0]"),
            ("2026-10-24T06:00:00Z", "a Digest 25 07:00 [0]"),
        ];
        for (now, wanted) in table {
            assert_eq!(told(digest(), 1, now)[0], wanted, "{now}");
        }
    }

    #[test]
    fn where_nothing_is_wanted_there_is_no_message() {
        let digest = Mode::Digest(Cadence::parse("0 8 * * *").unwrap());
        let now = "2026-05-20T10:00:00Z".parse().unwrap();
        assert_eq!(plan(&[alert(digest), alert(at_once(1))], &[vec![], vec![1]], now).len(), 2);
        assert_eq!(plan(&[alert(at_once(1))], &[], now), []);
    }
}
