//! Which source is checked next: each is waiting, under way or has no more times, so that checks of one source
//! never overlap and only a few sources are checked at once. A few places more are for sources whose last check was
//! short: they do not wait for as long as slow sites take.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::NextChecks;
use super::timing::next_due;
use crate::domain::model::{NextCheck, Source, SourceId};

/// The sources with where they stand.
pub(super) struct Agenda {
    entries: Vec<Entry>,
    most_at_once: usize,
    /// The latest instant that it was asked about.
    latest: Option<DateTime<Utc>>,
}

struct Entry {
    source: Source,
    phase: Phase,
    /// When its check began that is under way, or was the last.
    began_at: Option<DateTime<Utc>>,
    /// Whether its last check was short.
    is_short: bool,
}

/// A check that takes no longer is short.
const SHORT: TimeDelta = TimeDelta::minutes(1);
/// Places for sources whose last check was short, beyond those for all.
const PLACES_FOR_SHORT: usize = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Waiting(DateTime<Utc>),
    UnderWay,
    Over,
}

impl Entry {
    fn new(source: Source, phase: Phase) -> Self {
        Self { source, phase, began_at: None, is_short: false }
    }
}

impl Phase {
    fn until(due_at: Option<DateTime<Utc>>) -> Self {
        due_at.map_or(Self::Over, Self::Waiting)
    }
}

impl Agenda {
    /// Sources with the times of their first checks.
    pub(super) fn new(sources: Vec<(Source, Option<DateTime<Utc>>)>, most_at_once: usize) -> Self {
        let entry = |(source, due_at)| Entry::new(source, Phase::until(due_at));
        Self { entries: sources.into_iter().map(entry).collect(), most_at_once, latest: None }
    }

    /// Other sources with the times of their next checks; what is under way stays so.
    pub(super) fn replace(&mut self, sources: Vec<(Source, Option<DateTime<Utc>>)>) {
        let before = std::mem::take(&mut self.entries).into_iter().map(|entry| (entry.source.id.clone(), entry));
        let mut before: HashMap<SourceId, Entry> = before.collect();
        let entry = |(source, due_at): (Source, _)| match before.remove(&source.id) {
            Some(entry) if entry.phase == Phase::UnderWay => Entry { source, ..entry },
            Some(entry) => Entry { source, phase: Phase::until(due_at), ..entry },
            None => Entry::new(source, Phase::until(due_at)),
        };
        self.entries = sources.into_iter().map(entry).collect();
    }

    /// How many sources there are.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// What is in mind for each source.
    pub(super) fn next_checks(&self) -> NextChecks {
        let next = |phase| match phase {
            Phase::Waiting(due_at) => NextCheck::At(due_at),
            Phase::UnderWay => NextCheck::UnderWay,
            Phase::Over => NextCheck::Never,
        };
        self.entries.iter().map(|entry| (entry.source.id.clone(), next(entry.phase))).collect()
    }

    /// Whether this source is among them.
    pub(super) fn has(&self, id: &SourceId) -> bool {
        self.entries.iter().any(|entry| entry.source.id == *id)
    }

    /// The next check of all, also while enough are under way.
    pub(super) fn next(&self) -> Option<(&Source, DateTime<Utc>)> {
        self.waiting().min().map(|(due_at, at)| (&self.entries[at].source, due_at))
    }

    /// The source that has been due for longest, which is under way from now on.
    pub(super) fn take_due(&mut self, now: DateTime<Utc>) -> Option<&Source> {
        self.follow(now);
        let (due_at, at) = self.earliest()?;
        if due_at > now {
            return None;
        }
        let entry = &mut self.entries[at];
        entry.phase = Phase::UnderWay;
        entry.began_at = Some(now);
        Some(&entry.source)
    }

    /// Counts the waits anew when the clock was set back; else a source would wait until the clock is where it was.
    fn follow(&mut self, now: DateTime<Utc>) {
        if self.latest.replace(now).is_some_and(|latest| now < latest) {
            for entry in &mut self.entries {
                if let Phase::Waiting(due_at) = entry.phase {
                    let due_at = next_due(&entry.source, now).map_or(due_at, |next_at| next_at.min(due_at));
                    entry.phase = Phase::Waiting(due_at);
                }
            }
        }
    }

    /// Notes that a check is over; returns when the next one is due.
    pub(super) fn finish(&mut self, source: &Source, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let entry = self.entries.iter_mut().find(|entry| entry.source.id == source.id)?;
        let due_at = next_due(&entry.source, now);
        entry.phase = Phase::until(due_at);
        entry.is_short = entry.began_at.is_some_and(|began_at| now - began_at <= SHORT);
        due_at
    }

    /// Makes a source due now, unless its check is under way already.
    pub(super) fn hasten(&mut self, source: &SourceId, now: DateTime<Utc>) {
        let waits = |entry: &&mut Entry| entry.source.id == *source && entry.phase != Phase::UnderWay;
        if let Some(entry) = self.entries.iter_mut().find(waits) {
            entry.phase = Phase::Waiting(now);
        }
    }

    /// When a check can begin; none while enough are under way.
    pub(super) fn next_at(&self) -> Option<DateTime<Utc>> {
        self.earliest().map(|(due_at, _)| due_at)
    }

    fn earliest(&self) -> Option<(DateTime<Utc>, usize)> {
        let under_way = self.entries.iter().filter(|entry| entry.phase == Phase::UnderWay).count();
        if under_way >= self.most_at_once + PLACES_FOR_SHORT {
            return None;
        }
        self.waiting().filter(|(_, at)| under_way < self.most_at_once || self.entries[*at].is_short).min()
    }

    fn waiting(&self) -> impl Iterator<Item = (DateTime<Utc>, usize)> {
        self.entries.iter().enumerate().filter_map(|(at, entry)| match entry.phase {
            Phase::Waiting(due_at) => Some((due_at, at)),
            Phase::UnderWay | Phase::Over => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::timing::tests::{at, source};
    use super::*;

    fn agenda(due: &[(&str, &str)], most_at_once: usize) -> Agenda {
        let entry = |(id, time): &(&str, &str)| (source(id, "@hourly"), Some(at(time)));
        Agenda::new(due.iter().map(entry).collect(), most_at_once)
    }

    fn take(agenda: &mut Agenda, now: &str) -> Option<String> {
        agenda.take_due(at(now)).map(|source| source.id.0.clone())
    }

    #[test]
    fn the_source_that_waited_longest_comes_first() {
        let mut agenda = agenda(&[("a", "10:02:00"), ("b", "10:01:00"), ("c", "10:03:00")], 9);
        assert_eq!(take(&mut agenda, "10:00:59"), None);
        assert_eq!(agenda.next_at(), Some(at("10:01:00")));
        assert_eq!(take(&mut agenda, "10:02:00").as_deref(), Some("b"));
        assert_eq!(take(&mut agenda, "10:02:00").as_deref(), Some("a"));
        assert_eq!(take(&mut agenda, "10:02:00"), None);
    }

    #[test]
    fn a_clock_that_is_set_back_keeps_no_source_waiting() {
        let mut agenda = agenda(&[("a", "22:00:00")], 9);
        assert_eq!(take(&mut agenda, "21:59:00"), None);
        assert_eq!(take(&mut agenda, "09:30:00"), None);
        let due_at = agenda.next_at().unwrap();
        assert!((at("10:00:00")..=at("10:01:00")).contains(&due_at), "{due_at}");
    }

    #[test]
    fn checks_of_one_source_never_overlap() {
        let mut agenda = agenda(&[("a", "10:00:00")], 9);
        assert!(take(&mut agenda, "10:00:00").is_some());
        assert_eq!(take(&mut agenda, "23:00:00"), None);
        assert_eq!(agenda.next_at(), None);
        let due_at = agenda.finish(&source("a", "@hourly"), at("12:30:00")).unwrap();
        assert!((at("13:00:00")..=at("13:01:00")).contains(&due_at), "{due_at}");
        assert_eq!(agenda.next_at(), Some(due_at));
    }

    #[test]
    fn after_a_night_asleep_a_source_is_checked_once() {
        let mut agenda = agenda(&[("a", "01:00:00")], 9);
        assert!(take(&mut agenda, "08:30:00").is_some());
        let due_at = agenda.finish(&source("a", "@hourly"), at("08:31:00")).unwrap();
        assert!((at("09:00:00")..=at("09:01:00")).contains(&due_at), "{due_at}");
        assert_eq!(take(&mut agenda, "08:59:59"), None);
    }

    #[test]
    fn only_so_many_sources_are_under_way() {
        let mut agenda = agenda(&[("a", "10:00:00"), ("b", "10:00:00"), ("c", "10:00:00")], 2);
        assert!(take(&mut agenda, "10:00:00").is_some());
        assert!(take(&mut agenda, "10:00:00").is_some());
        assert_eq!(take(&mut agenda, "10:00:00"), None);
        agenda.finish(&source("b", "@hourly"), at("10:00:10"));
        assert_eq!(take(&mut agenda, "10:00:10").as_deref(), Some("c"));
    }

    #[test]
    fn a_source_whose_check_is_short_does_not_wait_for_slow_ones() {
        let mut agenda = agenda(&[("quick", "10:00:00"), ("a", "10:00:01"), ("b", "10:00:01"), ("c", "10:00:01")], 2);
        assert_eq!(take(&mut agenda, "10:00:00").as_deref(), Some("quick"));
        agenda.finish(&source("quick", "* * * * *"), at("10:00:20"));
        assert!(take(&mut agenda, "10:00:30").is_some() && take(&mut agenda, "10:00:30").is_some());
        agenda.hasten(&SourceId("quick".into()), at("10:01:00"));
        assert_eq!(agenda.next_at(), Some(at("10:01:00")), "the third slow one waits");
        assert_eq!(take(&mut agenda, "10:01:00").as_deref(), Some("quick"));
        assert_eq!(take(&mut agenda, "10:01:00"), None);
        agenda.finish(&source("quick", "* * * * *"), at("10:09:00"));
        agenda.hasten(&SourceId("quick".into()), at("10:09:00"));
        assert_eq!(take(&mut agenda, "10:09:00"), None, "it has become a slow one");
    }

    #[test]
    fn another_plan_leaves_what_is_under_way_alone() {
        let mut agenda = agenda(&[("a", "10:00:00"), ("b", "10:00:00"), ("c", "11:00:00")], 9);
        assert!(take(&mut agenda, "10:00:00").is_some());
        assert!(take(&mut agenda, "10:00:00").is_some());
        let due = |id: &str| (source(id, "@daily"), Some(at("10:00:00")));
        agenda.replace(vec![due("b"), due("d")]);
        assert_eq!((agenda.len(), agenda.has(&SourceId("a".into()))), (2, false));
        assert_eq!(take(&mut agenda, "10:00:00").as_deref(), Some("d"));
        assert_eq!(take(&mut agenda, "10:00:00"), None, "b is under way");
        let due_at = agenda.finish(&source("b", "@hourly"), at("10:00:10")).unwrap();
        assert_eq!(due_at.date_naive().to_string(), "2026-11-22", "the new schedule counts");
    }

    #[test]
    fn a_source_that_somebody_wants_checked_is_due_at_once() {
        let mut agenda = agenda(&[("a", "10:00:00"), ("b", "23:00:00")], 9);
        agenda.hasten(&SourceId("b".into()), at("09:00:00"));
        agenda.hasten(&SourceId("nobody's".into()), at("09:00:00"));
        assert_eq!(take(&mut agenda, "09:00:00").as_deref(), Some("b"));
        agenda.hasten(&SourceId("b".into()), at("09:01:00"));
        assert_eq!(take(&mut agenda, "09:01:00"), None, "its check is under way");
    }

    #[test]
    fn the_outlook_tells_what_really_comes_next() {
        let mut agenda = agenda(&[("a", "10:00:00"), ("b", "10:00:00"), ("c", "11:00:00")], 1);
        agenda.entries[1].phase = Phase::Over;
        take(&mut agenda, "10:00:00");
        let mut next_checks: Vec<_> = agenda.next_checks().into_values().collect();
        assert_eq!(next_checks, [NextCheck::UnderWay, NextCheck::Never, NextCheck::At(at("11:00:00"))]);
        let due_at = agenda.finish(&source("a", "@hourly"), at("10:00:10")).unwrap();
        agenda.hasten(&SourceId("c".into()), at("10:00:20"));
        next_checks = agenda.next_checks().into_values().collect();
        assert_eq!(next_checks, [NextCheck::At(due_at), NextCheck::Never, NextCheck::At(at("10:00:20"))]);
    }

    #[test]
    fn a_source_without_further_times_rests() {
        let mut agenda = Agenda::new(vec![(source("a", "@hourly"), None)], 9);
        assert_eq!(agenda.next_at(), None);
        assert_eq!(take(&mut agenda, "10:00:00"), None);
    }
}
