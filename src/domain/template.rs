//! What the pages of one source have in common, learned from samples of them: lines that recur across releases
//! (menus, "about the organisation"), lines of which only the figures differ (counters), lines that change all the
//! time (rotating stories, clocks), and the place where the text of a release stands.
//!
//! A line is known by its place *and* its text, so a teaser that quotes another release is not mistaken for that
//! release's text. Which pages are kept as samples depends on their addresses alone, never on the order of arrival.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use url::Url;

mod knowledge;
mod print;
mod volatile;

pub use knowledge::{Knowledge, Recurring};
pub use print::{Sample, section_of};
pub use volatile::{Churn, Volatile, volatile_between};

use print::keys;

/// Samples of the pages of a source: bounded, serialisable.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq)]
pub struct Template {
    groups: BTreeMap<u8, BTreeMap<u32, Sample>>,
    /// What proved volatile, and the day on which that was last seen.
    #[serde(default)]
    volatile: Vec<(Volatile, i64)>,
}

/// Pages that are kept for one group of pages.
const MOST_SAMPLES: usize = 24;
/// Volatile lines that are remembered.
const MOST_VOLATILE: usize = 1_000;
/// Days for which a page, or a volatile line, is remembered after it last showed.
const DAYS_REMEMBERED: i64 = 60;

impl Template {
    /// Takes a page that was read on `day` (a day number) into the samples, in place of what was known of it; pages
    /// beyond the bound are left out.
    pub fn learn(&mut self, url: &Url, sample: Sample, day: i64) {
        let (group, page) = keys(url);
        let samples = self.groups.entry(group).or_default();
        samples.insert(page, Sample { day, ..sample });
        if samples.len() > MOST_SAMPLES {
            samples.pop_last();
        }
    }

    /// Notes that a page still reads as its sample on `day` (a day number); whether there is one.
    pub fn saw_again(&mut self, url: &Url, day: i64) -> bool {
        let (group, page) = keys(url);
        let sample = self.groups.get_mut(&group).and_then(|samples| samples.get_mut(&page));
        sample.map(|sample| sample.day = day).is_some()
    }

    /// Whether another template leads to the same knowledge: both may have been seen on different days.
    pub fn says_the_same_as(&self, other: &Self) -> bool {
        let samples = |template: &Self| template.groups.values().map(BTreeMap::len).sum::<usize>();
        let volatile =
            |template: &Self| template.volatile.iter().map(|(volatile, _)| *volatile).collect::<BTreeSet<_>>();
        let is_same = |(group, page): (&u8, &u32), sample: &Sample| {
            let other = other.groups.get(group).and_then(|samples| samples.get(page));
            other.is_some_and(|other| other.core == sample.core && other.lines == sample.lines)
        };
        samples(self) == samples(other)
            && self
                .groups
                .iter()
                .all(|(group, samples)| samples.iter().all(|(page, sample)| is_same((group, page), sample)))
            && volatile(self) == volatile(other)
    }

    /// Forgets pages that were not read for long: they are gone, and so may be their template.
    pub fn age(&mut self, today: i64) {
        for samples in self.groups.values_mut() {
            samples.retain(|_, sample| today - sample.day <= DAYS_REMEMBERED);
        }
    }

    /// Whether [`Template::learn`] would keep this page: lets callers save the work.
    pub fn wants(&self, url: &Url) -> bool {
        let (group, page) = keys(url);
        self.groups.get(&group).is_none_or(|samples| {
            samples.len() < MOST_SAMPLES || samples.last_key_value().is_some_and(|(last, _)| page <= *last)
        })
    }

    /// Goes back to what `before` knew of a page, such as one that turned out to show a notice.
    pub fn unlearn(&mut self, url: &Url, before: &Self) {
        let (group, page) = keys(url);
        let samples = self.groups.entry(group).or_default();
        samples.remove(&page);
        if let Some(sample) = before.groups.get(&group).and_then(|samples| samples.get(&page)) {
            samples.insert(page, sample.clone());
        }
    }

    /// Takes what proved volatile into account from `day` (a day number) on; forgets what has not shown for long. What
    /// was seen in one comparison alone is believed when it shows for the second time.
    pub fn learn_volatile(&mut self, found: &[Volatile], day: i64) {
        let known: BTreeSet<Volatile> = self.volatile.iter().map(|(volatile, _)| *volatile).collect();
        self.remember(found.iter().map(|volatile| volatile.after(&known)).collect(), day);
    }

    /// The same, believed at once: an archive has each page so seldom that nothing shows twice in a row.
    pub fn believe_volatile(&mut self, found: &[Volatile], day: i64) {
        self.remember(found.iter().map(|volatile| volatile.believed()).collect(), day);
    }

    fn remember(&mut self, found: BTreeSet<Volatile>, day: i64) {
        self.volatile.retain(|(volatile, seen)| {
            day - seen <= DAYS_REMEMBERED && !found.contains(volatile) && !found.contains(&volatile.believed())
        });
        self.volatile.extend(found.into_iter().map(|volatile| (volatile, day)));
        self.volatile.sort_unstable();
        if self.volatile.len() > MOST_VOLATILE {
            self.volatile.sort_by_key(|(volatile, seen)| (std::cmp::Reverse(*seen), *volatile));
            self.volatile.truncate(MOST_VOLATILE);
        }
    }

    /// What changed on so many pages since `before` that it is no edit of any release.
    pub fn churn_since(&self, before: &Self) -> Churn {
        let pairs = self.groups.iter().flat_map(|(group, samples)| {
            let earlier = before.groups.get(group);
            samples.iter().filter_map(move |(page, sample)| Some((earlier?.get(page)?, sample)))
        });
        volatile::churn(pairs)
    }

    /// Counts what the samples have in common.
    pub fn knowledge(&self) -> Knowledge {
        let samples = || self.groups.values().flat_map(BTreeMap::values);
        let texts: Vec<&[(u32, u32)]> = samples().map(|sample| sample.words.as_slice()).collect();
        let everywhere = self.volatile.iter().filter_map(|(volatile, _)| volatile.everywhere()).collect();
        let mut stories = volatile::Stories::default();
        samples().for_each(|sample| stories.add(sample.lines.iter()));
        let spared = volatile::sparing(everywhere, &stories.all_places(), &texts);
        let is_sparing = |volatile: &Volatile| volatile.everywhere().is_none_or(|place| spared.contains(&place));
        let volatile = self.volatile.iter().map(|(volatile, _)| *volatile).filter(is_sparing);
        Knowledge::of(samples(), volatile)
    }
}

#[cfg(test)]
mod tests;
