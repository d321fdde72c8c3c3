//! When a source is checked: by its cadence, on the clocks of its zone, a little later for each source so that not
//! all of them start at the full minute. Pure; the loop that acts on it is in `schedule`.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::model::{Source, SourceId};

/// The longest that a source starts after its scheduled minute.
const LONGEST_DELAY: TimeDelta = TimeDelta::seconds(60);
/// The part of the interval that the delay may take.
const DELAY_PART: i32 = 10;

/// When the first check after a start is due: at once when the source has never been checked, or when a scheduled
/// time has passed since. None when the cadence has no more times.
pub fn first_due(source: &Source, checked_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let Some(checked_at) = checked_at else { return Some(now) };
    let scheduled = source.schedule.next_after(checked_at, source.timezone)?;
    if scheduled <= now { Some(now) } else { next_due(source, now) }
}

/// When the check after one that ended `now` is due; scheduled times that passed meanwhile are not made up for.
pub fn next_due(source: &Source, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let scheduled = source.schedule.next_after(now, source.timezone)?;
    let following = source.schedule.next_after(scheduled, source.timezone);
    Some(scheduled + following.map_or(TimeDelta::zero(), |following| delay(&source.id, following - scheduled)))
}

/// How long to wait, in steps no longer than half a minute: after a suspend, or when the clock was set, the time
/// that is left is another one.
pub(super) fn pause(due_at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Duration {
    const LONGEST: Duration = Duration::from_secs(30);
    due_at.map_or(LONGEST, |due_at| (due_at - now).to_std().unwrap_or_default().min(LONGEST))
}

/// Always the same for the same source, so that its checks stay an interval apart.
fn delay(source: &SourceId, interval: TimeDelta) -> TimeDelta {
    let most = (interval / DELAY_PART).min(LONGEST_DELAY).num_milliseconds().max(0);
    TimeDelta::milliseconds(most * i64::from(hash(&source.0) % 1000) / 1000)
}

/// FNV-1a: the standard library promises no hash that stays the same.
fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::domain::cadence::Cadence;
    use crate::domain::model::ConfirmRemoval;
    use crate::domain::recheck::Recheck;
    use crate::domain::rule::ExtractionRule;

    pub(in crate::schedule) fn source(id: &str, schedule: &str) -> Source {
        Source {
            id: SourceId(id.into()),
            name: id.into(),
            listings: Vec::new(),
            feeds: Vec::new(),
            sitemaps: Vec::new(),
            pages: Vec::new(),
            include: Vec::new(),
            listing_depth: 1,
            schedule: Cadence::parse(schedule).unwrap(),
            timezone: chrono_tz::UTC,
            recheck: Recheck::default(),
            keep: None,
            confirm_removal: ConfirmRemoval { checks: 1, after: Duration::ZERO },
            extract: ExtractionRule::default(),
        }
    }

    pub(in crate::schedule) fn at(time: &str) -> DateTime<Utc> {
        format!("2026-11-21T{time}Z").parse().unwrap()
    }

    #[test]
    fn a_source_that_was_never_checked_is_due_at_once() {
        assert_eq!(first_due(&source("a", "@daily"), None, at("10:07:00")), Some(at("10:07:00")));
    }

    #[test]
    fn a_scheduled_time_that_was_missed_is_made_up_for_at_once() {
        let source = source("a", "*/15 * * * *");
        assert_eq!(first_due(&source, Some(at("09:59:59")), at("10:07:00")), Some(at("10:07:00")));
    }

    #[test]
    fn without_a_missed_time_the_next_one_counts() {
        let source = source("a", "*/15 * * * *");
        let due_at = first_due(&source, Some(at("10:00:20")), at("10:07:00")).unwrap();
        assert!((at("10:15:00")..=at("10:16:00")).contains(&due_at), "{due_at}");
        assert_eq!(Some(due_at), next_due(&source, at("10:00:20")));
    }

    #[test]
    fn sources_start_apart_but_never_a_tenth_of_the_interval_or_a_minute_late() {
        let delays = |schedule: &str| -> Vec<TimeDelta> {
            let due = |number| next_due(&source(&format!("source-{number}"), schedule), at("10:00:00")).unwrap();
            (0..50)
                .map(|number| {
                    due(number) - source("", schedule).schedule.next_after(at("10:00:00"), chrono_tz::UTC).unwrap()
                })
                .collect()
        };
        let (minutely, daily) = (delays("* * * * *"), delays("@daily"));
        assert!(
            minutely.iter().all(|delay| (TimeDelta::zero()..TimeDelta::seconds(6)).contains(delay)),
            "{minutely:?}"
        );
        assert!(daily.iter().all(|delay| (TimeDelta::zero()..TimeDelta::seconds(60)).contains(delay)), "{daily:?}");
        let distinct: std::collections::BTreeSet<_> = daily.iter().collect();
        assert!(distinct.len() > 40, "{daily:?}");
    }

    #[test]
    fn the_delay_of_a_source_stays_the_same() {
        let source = source("harbour", "*/15 * * * *");
        let (first, second) = (next_due(&source, at("10:01:00")).unwrap(), next_due(&source, at("10:16:00")).unwrap());
        assert_eq!(second - first, TimeDelta::minutes(15));
    }

    #[test]
    fn pauses_end_at_the_due_time_and_are_never_long() {
        assert_eq!(pause(Some(at("10:00:10")), at("10:00:00")), Duration::from_secs(10));
        assert_eq!(pause(Some(at("10:00:00")), at("10:00:10")), Duration::ZERO);
        assert_eq!(pause(Some(at("12:00:00")), at("10:00:00")), Duration::from_secs(30));
        assert_eq!(pause(None, at("10:00:00")), Duration::from_secs(30));
    }
}
