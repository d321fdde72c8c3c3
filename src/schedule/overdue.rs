//! Watches the watcher: notices sources that are not checked although their times come and go, because a check hangs,
//! fails again and again, or waits behind others. Only time counts in which the machine was awake.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::model::{Source, SourceId};

/// Scheduled times that may pass without a check.
const TIMES: usize = 3;
/// For what is done at a scheduled time, before it counts as missed.
const GRACE: TimeDelta = TimeDelta::minutes(10);
/// A check that is under way may last this long: the first one of a large source takes hours.
const LONGEST_CHECK: TimeDelta = TimeDelta::days(1);
/// The loop looks every half minute; what is longer, the machine slept or the clock was set.
const LONGEST_STEP: TimeDelta = TimeDelta::minutes(2);

/// Since when each source has not been checked.
pub(super) struct Watch {
    looked_at: DateTime<Utc>,
    unchecked: HashMap<SourceId, Unchecked>,
}

#[derive(Clone, Copy)]
struct Unchecked {
    since: DateTime<Utc>,
    awake: TimeDelta,
    told: bool,
}

impl Watch {
    /// A watch that begins now: nobody is to blame for what was not checked before.
    pub(super) fn new(sources: &[Source], now: DateTime<Utc>) -> Self {
        let unchecked = sources.iter().map(|source| (source.id.clone(), Unchecked::from(now))).collect();
        Self { looked_at: now, unchecked }
    }

    /// A check of this source came to its end.
    pub(super) fn checked(&mut self, source: &SourceId, now: DateTime<Utc>) {
        self.unchecked.insert(source.clone(), Unchecked::from(now));
    }

    /// What was to be told of a source could not be written down, and has to be told another time.
    pub(super) fn tell_again(&mut self, source: &SourceId) {
        if let Some(entry) = self.unchecked.get_mut(source) {
            entry.told = false;
        }
    }

    /// The sources of which it has to be told now that they are not checked, and since when; each once.
    pub(super) fn overdue<'s>(
        &mut self,
        sources: &'s [Source],
        is_under_way: impl Fn(&SourceId) -> bool,
        now: DateTime<Utc>,
    ) -> Vec<(&'s Source, DateTime<Utc>)> {
        let step = (now - self.looked_at).clamp(TimeDelta::zero(), LONGEST_STEP);
        self.looked_at = now;
        let mut overdue = Vec::new();
        for source in sources {
            let entry = self.unchecked.entry(source.id.clone()).or_insert(Unchecked::from(now));
            entry.awake += step;
            let Some(mut patience) = patience(source, entry.since) else { continue };
            if is_under_way(&source.id) {
                patience = patience.max(LONGEST_CHECK);
            }
            if !entry.told && entry.awake > patience {
                entry.told = true;
                overdue.push((source, entry.since));
            }
        }
        overdue
    }
}

impl Unchecked {
    fn from(now: DateTime<Utc>) -> Self {
        Self { since: now, awake: TimeDelta::zero(), told: false }
    }
}

/// None where the schedule has no more times.
fn patience(source: &Source, since: DateTime<Utc>) -> Option<TimeDelta> {
    let mut at = since;
    for _ in 0..TIMES {
        at = source.schedule.next_after(at, source.timezone)?;
    }
    Some(at - since + GRACE)
}

#[cfg(test)]
mod tests {
    use super::super::timing::tests::{at, source};
    use super::*;

    /// After how many minutes a source is told of that is checked every quarter of an hour and no more after 10:00.
    fn told_after(minutes: i64, step: impl Fn(i64) -> TimeDelta, is_under_way: bool) -> Vec<i64> {
        let sources = [source("a", "*/15 * * * *")];
        let mut now = at("09:00:00");
        let mut watch = Watch::new(&sources, now);
        watch.checked(&sources[0].id, at("10:00:00"));
        now = at("10:00:00");
        watch.looked_at = now;
        let mut told = Vec::new();
        for minute in 1..=minutes {
            now += step(minute);
            let overdue = watch.overdue(&sources, |_| is_under_way, now);
            assert!(overdue.iter().all(|(_, since)| *since == at("10:00:00")));
            told.extend(overdue.iter().map(|_| minute));
        }
        told
    }

    #[test]
    fn a_source_that_missed_three_of_its_times_is_told_once() {
        assert_eq!(told_after(500, |_| TimeDelta::minutes(1), false), [56]);
    }

    #[test]
    fn what_could_not_be_written_down_is_told_another_time() {
        let sources = [source("a", "*/15 * * * *")];
        let mut watch = Watch::new(&sources, at("09:00:00"));
        let mut told = 0;
        for minute in 1..=120 {
            let now = at("09:00:00") + TimeDelta::minutes(minute);
            for (source, _) in watch.overdue(&sources, |_| false, now) {
                told += 1;
                if told < 3 {
                    watch.tell_again(&source.id);
                }
            }
        }
        assert_eq!(told, 3);
    }

    #[test]
    fn a_night_of_sleep_and_a_clock_that_is_set_are_no_missed_checks() {
        let sleeps = |minute| if minute == 5 { TimeDelta::hours(9) } else { TimeDelta::minutes(1) };
        assert_eq!(told_after(40, sleeps, false), [0; 0]);
        let set_back = |minute| if minute == 5 { TimeDelta::hours(-9) } else { TimeDelta::minutes(1) };
        assert_eq!(told_after(40, set_back, false), [0; 0]);
    }

    #[test]
    fn a_check_that_takes_long_is_no_missed_one_unless_it_hangs() {
        assert_eq!(told_after(24 * 60, |_| TimeDelta::minutes(1), true), [0; 0]);
        assert_eq!(told_after(24 * 60 + 1, |_| TimeDelta::minutes(1), true), [24 * 60 + 1]);
    }
}
