//! Which source is checked next: each is waiting, under way or has no more times, so that checks of one source
//! never overlap and only a few sources are checked at once.

use chrono::{DateTime, Utc};

use super::timing::next_due;
use crate::domain::model::Source;

/// The sources with where they stand.
pub(super) struct Agenda {
    entries: Vec<Entry>,
    most_at_once: usize,
    /// The latest instant that it was asked about.
    latest: Option<DateTime<Utc>>,
}

struct Entry {
    source: Source,
    standing: Standing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Waiting(DateTime<Utc>),
    UnderWay,
    Over,
}

impl Standing {
    fn until(due_at: Option<DateTime<Utc>>) -> Self {
        due_at.map_or(Self::Over, Self::Waiting)
    }
}

impl Agenda {
    /// Sources with the times of their first checks.
    pub(super) fn new(sources: Vec<(Source, Option<DateTime<Utc>>)>, most_at_once: usize) -> Self {
        let entry = |(source, due_at)| Entry { source, standing: Standing::until(due_at) };
        Self { entries: sources.into_iter().map(entry).collect(), most_at_once, latest: None }
    }

    /// The source that has been due for longest, which is under way from now on.
    pub(super) fn take_due(&mut self, now: DateTime<Utc>) -> Option<&Source> {
        self.follow(now);
        let (due_at, at) = self.earliest()?;
        if due_at > now {
            return None;
        }
        let entry = &mut self.entries[at];
        entry.standing = Standing::UnderWay;
        Some(&entry.source)
    }

    /// Counts the waits anew when the clock was set back; else a source would wait until the clock is where it was.
    fn follow(&mut self, now: DateTime<Utc>) {
        if self.latest.replace(now).is_some_and(|latest| now < latest) {
            for entry in &mut self.entries {
                if let Standing::Waiting(due_at) = entry.standing {
                    let due_at = next_due(&entry.source, now).map_or(due_at, |next_at| next_at.min(due_at));
                    entry.standing = Standing::Waiting(due_at);
                }
            }
        }
    }

    /// Notes that a check is over; returns when the next one is due.
    pub(super) fn finish(&mut self, source: &Source, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let entry = self.entries.iter_mut().find(|entry| entry.source.id == source.id)?;
        let due_at = next_due(&entry.source, now);
        entry.standing = Standing::until(due_at);
        due_at
    }

    /// When a check can begin; none while enough are under way.
    pub(super) fn next_at(&self) -> Option<DateTime<Utc>> {
        self.earliest().map(|(due_at, _)| due_at)
    }

    fn earliest(&self) -> Option<(DateTime<Utc>, usize)> {
        if self.entries.iter().filter(|entry| entry.standing == Standing::UnderWay).count() >= self.most_at_once {
            return None;
        }
        let waiting = self.entries.iter().enumerate().filter_map(|(at, entry)| match entry.standing {
            Standing::Waiting(due_at) => Some((due_at, at)),
            Standing::UnderWay | Standing::Over => None,
        });
        waiting.min()
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
    fn only_so_many_sources_are_under_way() {
        let mut agenda = agenda(&[("a", "10:00:00"), ("b", "10:00:00"), ("c", "10:00:00")], 2);
        assert!(take(&mut agenda, "10:00:00").is_some());
        assert!(take(&mut agenda, "10:00:00").is_some());
        assert_eq!(take(&mut agenda, "10:00:00"), None);
        agenda.finish(&source("b", "@hourly"), at("10:00:10"));
        assert_eq!(take(&mut agenda, "10:00:10").as_deref(), Some("c"));
    }

    #[test]
    fn a_source_without_further_times_rests() {
        let mut agenda = Agenda::new(vec![(source("a", "@hourly"), None)], 9);
        assert_eq!(agenda.next_at(), None);
        assert_eq!(take(&mut agenda, "10:00:00"), None);
    }
}
