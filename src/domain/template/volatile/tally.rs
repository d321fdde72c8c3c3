//! Counts on how many pages what kind of change shows, and finds what so many share that it is no edit of any release.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Churn, MOST_FOUND, Volatile, changes};
use crate::domain::template::print::{Print, Sample};

/// The least number of pages on which a change of the template shows.
const FEWEST_PAGES: usize = 3;

/// How many pages show what kind of change, and of how many.
#[derive(Default)]
struct Tally<'a> {
    pages: HashMap<u32, usize>,
    /// Pages on which a place changed; lines there, and those that stayed.
    changed: HashMap<u32, (usize, usize, usize)>,
    figures: HashMap<(u32, u32), usize>,
    gone: HashMap<(u32, u32), usize>,
    come: HashMap<(u32, u32), usize>,
    /// How many words of the text stand at each place, for each page that changed.
    texts: Vec<&'a [(u32, u32)]>,
    stories: Stories,
}

/// On how many pages each text was seen, by place and text.
#[derive(Default)]
pub(in crate::domain::template) struct Stories(HashMap<(u32, u32), usize>);

impl Stories {
    /// Takes in what one page shows, or showed.
    pub(in crate::domain::template) fn add<'s>(&mut self, lines: impl Iterator<Item = &'s Print>) {
        let texts: BTreeSet<(u32, u32)> = lines.map(|line| (line.place, line.text)).collect();
        texts.into_iter().for_each(|text| *self.0.entry(text).or_default() += 1);
    }

    /// The places at which most of these texts were seen on several pages: stories go from page to page, the text of a
    /// release does not.
    fn places<'s>(&self, texts: impl Iterator<Item = &'s (u32, u32)>) -> BTreeSet<u32> {
        let mut counts: HashMap<u32, (usize, usize)> = HashMap::new();
        for text in texts {
            let (shared, all) = counts.entry(text.0).or_default();
            *shared += usize::from(self.0.get(text).is_some_and(|pages| *pages > 1));
            *all += 1;
        }
        counts.into_iter().filter(|(_, (shared, all))| shared * 2 >= *all).map(|(place, _)| place).collect()
    }

    /// The places at which this holds for all that was seen.
    pub(in crate::domain::template) fn all_places(&self) -> BTreeSet<u32> {
        self.places(self.0.keys())
    }
}

/// What changed between two samples of the same pages on so many of them that it is no edit of any release: all that
/// stands at a place; figures in the same words; words that come to some pages while they go from others.
pub(in crate::domain::template) fn churn<'a>(pairs: impl Iterator<Item = (&'a Sample, &'a Sample)>) -> Churn {
    let mut tally = Tally::default();
    for (before, after) in pairs {
        if before != after && is_same_template(before, after) {
            tally.add(before, after);
        }
    }
    tally.find()
}

/// After a redesign every place is new, and nothing can be compared.
fn is_same_template(before: &Sample, after: &Sample) -> bool {
    let places = |sample: &Sample| sample.lines.iter().map(|line| line.place).collect::<BTreeSet<_>>();
    let (before, after) = (places(before), places(after));
    before.intersection(&after).count() * 2 >= before.len()
}

impl<'a> Tally<'a> {
    fn add(&mut self, before: &'a Sample, after: &'a Sample) {
        for place in before.lines.iter().chain(&after.lines).map(|line| line.place).collect::<BTreeSet<_>>() {
            *self.pages.entry(place).or_default() += 1;
        }
        self.stories.add(before.lines.iter().chain(&after.lines));
        let changes = changes(&before.lines, &after.lines);
        let text = if before.words.is_empty() { after.words.as_slice() } else { before.words.as_slice() };
        if !changes.is_empty() && !text.is_empty() {
            self.texts.push(text);
        }
        for (place, change) in changes {
            // What is only gone is not replaced all the time.
            if !change.come.is_empty() {
                let (pages, lines, stable) = self.changed.entry(place).or_default();
                *pages += 1;
                *lines += change.before.max(change.after);
                *stable += change.stable;
            }
            if change.is_of_figures() {
                let shapes: BTreeSet<u32> = change.gone.iter().map(|print| print.shape).collect();
                shapes.into_iter().for_each(|shape| *self.figures.entry((place, shape)).or_default() += 1);
            }
            let texts = |prints: &[Print]| prints.iter().map(|print| (place, print.text)).collect::<BTreeSet<_>>();
            texts(&change.gone).into_iter().for_each(|text| *self.gone.entry(text).or_default() += 1);
            texts(&change.come).into_iter().for_each(|text| *self.come.entry(text).or_default() += 1);
        }
    }

    fn find(&self) -> Churn {
        let changed = |place: u32| self.changed.get(&place).map_or(0, |(pages, _, _)| *pages);
        let everywhere = self.changed.iter().filter(|(place, (pages, lines, stable))| {
            self.is_most(*pages, **place) && stable * 2 <= *lines && !self.is_one_edit(**place, *pages)
        });
        let stories = self.stories.places(self.come.keys());
        let everywhere = sparing(everywhere.map(|(place, _)| *place).collect(), &stories, &self.texts);
        let everywhere = everywhere.into_iter().map(|place| (Volatile::Once(place), changed(place)));
        let figures = self
            .figures
            .iter()
            .filter(|((place, _), count)| self.is_most(**count, *place) && !self.is_one_edit(*place, **count));
        let figures = figures.map(|((place, shape), count)| (Volatile::ShapeOnce(*place, *shape), *count));
        let rotating = self.come.iter().filter_map(|(text, come)| Some((text, *come, *self.gone.get(text)?)));
        let rotating = rotating.map(|((place, text), come, gone)| match changed(*place) {
            pages if self.is_most(pages, *place) => (Volatile::TextOnce(*place, *text), pages),
            _ if come.min(gone) > 1 => (Volatile::TextOnce(*place, *text), come + gone),
            pages => (Volatile::Roaming(*place, *text), pages),
        });
        Churn(everywhere.chain(figures).chain(rotating).take(MOST_FOUND).collect())
    }

    /// Whether so many of the pages that have a place are most of them.
    fn is_most(&self, count: usize, place: u32) -> bool {
        let pages = self.pages.get(&place).copied().unwrap_or_default();
        count >= FEWEST_PAGES && count * 5 >= pages * 3
    }

    /// The same new words on most of the pages are one edit of the template, which may come to be told.
    fn is_one_edit(&self, place: u32, pages: usize) -> bool {
        self.come.iter().any(|((at, _), count)| *at == place && *count * 5 >= pages * 3)
    }
}

/// Those of some places that leave most pages at least half of the words of their text; where the most words stand
/// is given up first. What takes more is an edit of many releases, unless it is known to be stories.
pub(in crate::domain::template) fn sparing(
    mut places: BTreeSet<u32>,
    stories: &BTreeSet<u32>,
    texts: &[&[(u32, u32)]],
) -> BTreeSet<u32> {
    let mut at_place: BTreeMap<u32, Vec<(usize, u32)>> = BTreeMap::new();
    let mut taken = vec![0_u64; texts.len()];
    for (page, text) in texts.iter().enumerate() {
        for (place, words) in text.iter().filter(|(place, _)| places.contains(place) && !stories.contains(place)) {
            at_place.entry(*place).or_default().push((page, *words));
            taken[page] += u64::from(*words);
        }
    }
    let total = |text: &&[(u32, u32)]| text.iter().map(|(_, words)| u64::from(*words)).sum::<u64>();
    let totals: Vec<u64> = texts.iter().map(total).collect();
    let weight = |pages: &[(usize, u32)]| pages.iter().map(|(_, words)| u64::from(*words)).sum::<u64>();
    let mut heaviest: Vec<_> = at_place.into_iter().collect();
    heaviest.sort_by_key(|(place, pages)| (Reverse(weight(pages)), *place));
    for (place, pages) in heaviest {
        let robbed = taken.iter().zip(&totals).filter(|(taken, total)| **taken * 2 > **total).count();
        if robbed * 2 < texts.len() || robbed == 0 {
            break;
        }
        places.remove(&place);
        pages.iter().for_each(|(page, words)| taken[*page] -= u64::from(*words));
    }
    places
}
