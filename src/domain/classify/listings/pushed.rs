//! What newer releases pushed on: off the end of a listing that shows only the latest, or over the border of a page of
//! which the next one is still an older copy. Neither was taken off the listing.

use std::collections::{HashMap, HashSet};

use super::{FALLEN, Walk};
use crate::domain::model::{ReleaseId, Standing};

/// A walk beside what the listing named before it.
struct Shift<'a> {
    walk: &'a Walk,
    positions: &'a HashMap<ReleaseId, u32>,
    /// What it named before, in order.
    before: Vec<&'a Standing>,
    /// How many of the entries up to each place it did not name before.
    newer: Vec<usize>,
}

/// The releases that the listing names no more because others came.
pub(super) fn pushed_on(walk: &Walk, positions: &HashMap<ReleaseId, u32>, before: &[&Standing]) -> HashSet<ReleaseId> {
    let shift = Shift::of(walk, positions, before);
    let mut pushed: HashSet<ReleaseId> = shift.off_the_end().collect();
    pushed.extend(shift.over_borders());
    pushed
}

impl<'a> Shift<'a> {
    fn of(walk: &'a Walk, positions: &'a HashMap<ReleaseId, u32>, before: &[&'a Standing]) -> Self {
        let had_a_place = before.iter().filter(|standing| standing.position != FALLEN);
        // One that comes back pushes the others on as a newer one does.
        let named = had_a_place.clone().filter(|standing| standing.missed == 0);
        let known: HashSet<ReleaseId> = named.map(|standing| standing.release).collect();
        let mut newer = vec![0];
        newer.extend(walk.entries.iter().scan(0, |count, entry| {
            *count += usize::from(!known.contains(entry));
            Some(*count)
        }));
        let mut before: Vec<&Standing> = had_a_place.copied().filter(|standing| standing.missed == 0).collect();
        before.sort_unstable_by_key(|standing| standing.position);
        Self { walk, positions, before, newer }
    }

    fn is_absent(&self, standing: &Standing) -> bool {
        !self.positions.contains_key(&standing.release)
    }

    /// How many newer ones stand above a place.
    fn newer_above(&self, position: u32) -> usize {
        self.newer.get(position as usize).copied().unwrap_or_default()
    }

    /// All behind the last one that is left, if newer ones stand above it and the listing has not grown. What fills
    /// up the end again after one was taken off stands below it.
    fn off_the_end(&self) -> impl Iterator<Item = ReleaseId> {
        let left = self.before.iter().rposition(|standing| !self.is_absent(standing));
        let last = left.and_then(|at| self.positions.get(&self.before[at].release)).copied();
        let newer = last.map_or(self.walk.entries.len(), |last| self.newer_above(last));
        let is_pushed = newer > 0 && self.walk.entries.len() <= self.before.len() && !self.shows_all();
        let tail = left.map_or(0, |at| at + 1);
        self.before[tail..].iter().filter(move |_| is_pushed).map(|standing| standing.release)
    }

    /// Whether the listing ends where its releases end: a listing of the latest on several pages fills its last page.
    fn shows_all(&self) -> bool {
        let page = self.walk.first_page as usize;
        let has_room = |count: usize| page > 0 && !count.is_multiple_of(page);
        self.walk.reached_end && self.walk.pages > 1 && has_room(self.walk.entries.len()) && has_room(self.before.len())
    }

    /// What stood just before the first entry of a page and is absent, if as many newer ones stand above.
    fn over_borders(&self) -> impl Iterator<Item = ReleaseId> {
        let places: HashMap<ReleaseId, usize> =
            self.before.iter().enumerate().map(|(at, standing)| (standing.release, at)).collect();
        self.walk.page_starts.iter().flat_map(move |start| {
            let at = places.get(start).copied().unwrap_or_default();
            let newer = self.positions.get(start).map_or(0, |position| self.newer_above(*position));
            let absent = self.before[..at].iter().rev().take_while(|standing| self.is_absent(standing));
            let absent: Vec<ReleaseId> = absent.map(|standing| standing.release).collect();
            if absent.len() <= newer { absent } else { Vec::new() }
        })
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use url::Url;

    use super::*;
    use crate::domain::model::Discovery;

    /// Which of seven releases count as pushed on by a newer one when a listing with so many to a page names these.
    fn check(entries: &[i64], first_page: u32, pushed: &[i64]) {
        let listing = Url::parse("https://example.org/news/").unwrap();
        let entries: Vec<ReleaseId> = entries.iter().map(|id| ReleaseId(*id)).collect();
        let standing = |id: i64| Standing {
            listing: listing.clone(),
            release: ReleaseId(id),
            position: u32::try_from(id).unwrap() - 1,
            named_at: DateTime::UNIX_EPOCH,
            missed: 0,
        };
        let before: Vec<Standing> = (1..=7).map(standing).collect();
        let positions = entries.iter().zip(0..).map(|(id, at)| (*id, at)).collect();
        let walk = Walk {
            kind: Discovery::Listing,
            place: None,
            page_starts: Vec::new(),
            first_page,
            pages: 2,
            reached_end: true,
            problem: None,
            cut: None,
            listing: listing.clone(),
            entries,
        };
        let mut found: Vec<i64> =
            pushed_on(&walk, &positions, &before.iter().collect::<Vec<_>>()).into_iter().map(|id| id.0).collect();
        found.sort_unstable();
        assert_eq!(found, pushed);
    }

    #[test]
    fn what_comes_back_pushes_on_as_well() {
        let listing = Url::parse("https://example.org/news/").unwrap();
        let standing = |id: i64, missed: u32| Standing {
            listing: listing.clone(),
            release: ReleaseId(id),
            position: u32::try_from(id).unwrap() - 1,
            named_at: DateTime::UNIX_EPOCH,
            missed,
        };
        let before: Vec<Standing> = (1..=5).map(|id| standing(id, u32::from(id == 2))).collect();
        let entries = [1, 2, 3, 4].map(ReleaseId).to_vec();
        let positions = entries.iter().zip(0..).map(|(id, at)| (*id, at)).collect();
        let walk = Walk {
            kind: Discovery::Listing,
            place: None,
            page_starts: Vec::new(),
            first_page: 4,
            pages: 1,
            reached_end: true,
            problem: None,
            cut: None,
            listing: listing.clone(),
            entries,
        };
        let pushed = pushed_on(&walk, &positions, &before.iter().collect::<Vec<_>>());
        assert_eq!(pushed.into_iter().collect::<Vec<_>>(), [ReleaseId(5)]);
    }

    #[test]
    fn what_ends_with_a_page_that_has_room_shows_all() {
        check(&[8, 1, 2, 3, 4, 5, 6], 4, &[]);
        check(&[8, 1, 2, 3, 4, 5, 6], 7, &[7]);
    }
}
