//! Lines that change without a reader caring: found by fetching a page twice within seconds, and by comparing many
//! pages with what they were at the check before. Seldom does a publisher edit most of his releases at the same place
//! at once; a rotating list of stories changes there every time. So what changed on most pages is believed, where texts
//! stand, only when it changes so again, and what would take most of the texts is no finding at all.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::print::{Print, Sample};
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
/// The least number of pages on which a change of the template shows.
const FEWEST_PAGES: usize = 3;

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
struct Change {
    gone: Vec<Print>,
    come: Vec<Print>,
    stable: usize,
    before: usize,
    after: usize,
}

impl Change {
    /// Whether the lines that went came back with other figures.
    fn is_of_figures(&self) -> bool {
        let shapes = |prints: &[Print]| prints.iter().map(|print| print.shape).collect::<BTreeSet<_>>();
        !self.gone.is_empty() && self.gone.len() == self.come.len() && shapes(&self.gone) == shapes(&self.come)
    }
}

/// The places of a page at which lines differ. What only went to another place, as in a redesign, did not change.
fn changes(before: &[Print], after: &[Print]) -> BTreeMap<u32, Change> {
    let texts = |prints: &[Print]| prints.iter().map(|print| print.text).collect::<BTreeSet<_>>();
    let (old_texts, new_texts) = (texts(before), texts(after));
    let (before, after) = (by_place(before), by_place(after));
    let places: BTreeSet<u32> = before.keys().chain(after.keys()).copied().collect();
    let differing = places.into_iter().filter_map(|place| {
        let old = before.get(&place).map_or(&[][..], Vec::as_slice);
        let new = after.get(&place).map_or(&[][..], Vec::as_slice);
        let gone: Vec<Print> = old.iter().filter(|print| !new_texts.contains(&print.text)).copied().collect();
        let come: Vec<Print> = new.iter().filter(|print| !old_texts.contains(&print.text)).copied().collect();
        let stable = old.len() - gone.len();
        let differs = !gone.is_empty() || !come.is_empty();
        differs.then_some((place, Change { gone, come, stable, before: old.len(), after: new.len() }))
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
pub(super) struct Stories(HashMap<(u32, u32), usize>);

impl Stories {
    /// Takes in what one page shows, or showed.
    pub(super) fn add<'s>(&mut self, lines: impl Iterator<Item = &'s Print>) {
        let texts: BTreeSet<(u32, u32)> = lines.map(|line| (line.place, line.text)).collect();
        texts.into_iter().for_each(|text| *self.0.entry(text).or_default() += 1);
    }

    /// The places at which most of these texts were seen on several pages: stories go from page to page, the text of a
    /// release does not.
    pub(super) fn places<'s>(&self, texts: impl Iterator<Item = &'s (u32, u32)>) -> BTreeSet<u32> {
        let mut counts: HashMap<u32, (usize, usize)> = HashMap::new();
        for text in texts {
            let (shared, all) = counts.entry(text.0).or_default();
            *shared += usize::from(self.0.get(text).is_some_and(|pages| *pages > 1));
            *all += 1;
        }
        counts.into_iter().filter(|(_, (shared, all))| shared * 2 >= *all).map(|(place, _)| place).collect()
    }

    /// The places at which this holds for all that was seen.
    pub(super) fn all_places(&self) -> BTreeSet<u32> {
        self.places(self.0.keys())
    }
}

/// What changed between two samples of the same pages on so many of them that it is no edit of any release: all that
/// stands at a place; figures in the same words; words that come to some pages while they go from others.
pub(super) fn churn<'a>(pairs: impl Iterator<Item = (&'a Sample, &'a Sample)>) -> Churn {
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
pub(super) fn sparing(mut places: BTreeSet<u32>, stories: &BTreeSet<u32>, texts: &[&[(u32, u32)]]) -> BTreeSet<u32> {
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

fn finish(mut found: Vec<Volatile>) -> Vec<Volatile> {
    found.sort_unstable();
    found.dedup();
    found.truncate(MOST_FOUND);
    found
}
