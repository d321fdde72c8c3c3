//! Lines that change without a reader caring: found by fetching a page twice within seconds, and by comparing many
//! pages with what they were at the check before. Seldom does a publisher edit most of his releases at the same place
//! at once; a rotating list of stories changes there every time. So what changed on most pages is believed, where texts
//! stand, only when it changes so again, and what would take most of the texts is no finding at all.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

mod tally;

pub(super) use tally::{Stories, churn, sparing};

use super::print::Print;
use crate::domain::page::Page;

/// Lines that change all the time.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Volatile {
    /// Whatever stands at a place, on most pages.
    Everywhere(u32),
    /// The same, seen in one comparison alone: one edit of many releases looks so, too.
    Once(u32),
    /// Whatever stands at a place, seen on one page.
    Place(u32),
    /// These words with any figures at a place.
    Shape(u32, u32),
    /// These words at a place.
    Text(u32, u32),
    /// These words with any figures, on most pages of one comparison alone: so look prices that were raised, too.
    ShapeOnce(u32, u32),
    /// These words, which went from some pages and came to others, or to another while most pages changed there, in one
    /// comparison alone.
    TextOnce(u32, u32),
    /// These words, which went from one page or came to one, and the other way on others: so look two edits, too.
    Roaming(u32, u32),
}

impl Volatile {
    /// The place at which everything is volatile on most pages.
    pub(super) fn everywhere(self) -> Option<u32> {
        if let Self::Everywhere(place) = self { Some(place) } else { None }
    }

    /// What is to be remembered of it after what was known already: seen in one comparison alone, it is believed when
    /// it is seen again. Stories that rotate are others every time, but at the same place.
    pub(super) fn after(self, known: &BTreeSet<Self>) -> Self {
        let is_known = match self {
            Self::TextOnce(place, _) => {
                known.range(Self::TextOnce(place, 0)..=Self::TextOnce(place, u32::MAX)).next().is_some()
                    || known.range(Self::Text(place, 0)..=Self::Text(place, u32::MAX)).next().is_some()
            }
            Self::Roaming(..) => false,
            once => known.contains(&once) || known.contains(&once.believed()),
        };
        if is_known { self.believed() } else { self }
    }

    /// The same, as what was seen more than once.
    pub(super) fn believed(self) -> Self {
        match self {
            Self::Once(place) => Self::Everywhere(place),
            Self::ShapeOnce(place, shape) => Self::Shape(place, shape),
            Self::TextOnce(place, text) | Self::Roaming(place, text) => Self::Text(place, text),
            Self::Everywhere(_) | Self::Place(_) | Self::Shape(..) | Self::Text(..) => self,
        }
    }
}

/// What changed on many pages since they were last read, and on how many.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Churn(BTreeMap<Volatile, usize>);

impl Churn {
    /// What changed.
    pub fn found(&self) -> Vec<Volatile> {
        self.0.keys().copied().collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// On how many pages this changed; 0 if it did not.
    pub(super) fn pages(&self, volatile: Volatile) -> usize {
        self.0.get(&volatile).copied().unwrap_or_default()
    }
}

/// A place that holds more lines than this holds text, of which one line may be volatile.
const MOST_LINES: usize = 3;
/// Findings of one comparison that are kept.
const MOST_FOUND: usize = 1_000;
/// Lines of one place that are compared.
const MOST_COMPARED: usize = 500;

/// What differs between two fetches of one page within seconds: no reader could have wanted to know. Where all lines
/// of a place differ, the place is volatile; where one of many does, that line is, by its words or, if only figures
/// differ, by its shape.
pub fn volatile_between(one: &Page, other: &Page) -> Vec<Volatile> {
    let prints = |page: &Page| page.lines.iter().map(|line| Print::of(page, line)).collect::<Vec<_>>();
    let mut found = Vec::new();
    for (place, change) in changes(&prints(one), &prints(other)) {
        if change.is_of_figures() {
            found.extend(change.gone.iter().map(|print| Volatile::Shape(place, print.shape)));
            continue;
        }
        if change.stable == 0 && change.before.max(change.after) <= MOST_LINES {
            found.push(Volatile::Place(place));
        }
        found.extend(change.gone.iter().chain(&change.come).map(|print| Volatile::Text(place, print.text)));
    }
    finish(found)
}

/// What changed at one place of a page.
struct PlaceChange {
    gone: Vec<Print>,
    come: Vec<Print>,
    /// How many lines of it are on both pages.
    stable: usize,
    before: usize,
    after: usize,
}

impl PlaceChange {
    /// Whether the lines that went came back with other figures.
    fn is_of_figures(&self) -> bool {
        let shapes = |prints: &[Print]| prints.iter().map(|print| print.shape).collect::<BTreeSet<_>>();
        !self.gone.is_empty() && self.gone.len() == self.come.len() && shapes(&self.gone) == shapes(&self.come)
    }
}

/// The places of a page at which lines differ. What only went to another place, as in a redesign, did not change.
fn changes(before: &[Print], after: &[Print]) -> BTreeMap<u32, PlaceChange> {
    let texts = |prints: &[Print]| prints.iter().map(|print| print.text).collect::<BTreeSet<_>>();
    let (old_texts, new_texts) = (texts(before), texts(after));
    let (before, after) = (by_place(before), by_place(after));
    let places: BTreeSet<u32> = before.keys().chain(after.keys()).copied().collect();
    let differing = places.into_iter().filter_map(|place| {
        let old = before.get(&place).map_or(&[][..], Vec::as_slice);
        let new = after.get(&place).map_or(&[][..], Vec::as_slice);
        let gone: Vec<Print> = old.iter().filter(|print| !new_texts.contains(&print.text)).copied().collect();
        let come: Vec<Print> = new.iter().filter(|print| !old_texts.contains(&print.text)).copied().collect();
        // What came here from another place has not come.
        let stable = (old.len() - gone.len()).max(new.len() - come.len());
        let differs = !gone.is_empty() || !come.is_empty();
        differs.then_some((place, PlaceChange { gone, come, stable, before: old.len(), after: new.len() }))
    });
    differing.collect()
}

fn by_place(prints: &[Print]) -> BTreeMap<u32, Vec<Print>> {
    let mut places: BTreeMap<u32, Vec<Print>> = BTreeMap::new();
    for print in prints {
        let prints = places.entry(print.place).or_default();
        if prints.len() < MOST_COMPARED {
            prints.push(*print);
        }
    }
    places
}

fn finish(mut found: Vec<Volatile>) -> Vec<Volatile> {
    found.sort_unstable();
    found.dedup();
    found.truncate(MOST_FOUND);
    found
}
