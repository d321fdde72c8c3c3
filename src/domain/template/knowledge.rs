//! What the samples of a source say about a line.

use std::collections::{HashMap, HashSet};

use super::print::{Print, Sample};
use super::volatile::{Churn, Volatile};
use crate::domain::page::{Line, Page};

/// The least number of pages that make a repetition.
const FEWEST_PAGES: u32 = 3;
/// The least number of pages on which what changed at once is held back, though it was never seen to change before.
const FEWEST_IN_TEXT: usize = 5;
/// Lines longer than this have too much to say to be a counter.
const COUNTER_WORDS: usize = 15;

/// What the samples of a source have in common, now and at the check before: the page of the latest version is read
/// again with the new one, and has to be understood as well.
#[derive(Clone, Debug, Default)]
pub struct Knowledge {
    now: Counts,
    before: Counts,
    volatile: HashSet<Volatile>,
    /// What changed on many pages in this very check.
    churn: Churn,
}

/// Why a line belongs to the template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recurring {
    /// The same words on this many pages.
    Same(u32),
    /// The same words with other figures on this many pages.
    Counter(u32),
    /// Different at every fetch, or at every check.
    Volatile,
    /// Another one on most pages since they were last read, where releases stand.
    Churned,
}

impl Knowledge {
    pub(super) fn of<'a>(samples: impl Iterator<Item = &'a Sample>, volatile: impl Iterator<Item = Volatile>) -> Self {
        Self { now: Counts::of(samples), volatile: volatile.collect(), ..Self::default() }
    }

    /// This knowledge, and what was known before.
    #[must_use]
    pub fn after(mut self, before: Self) -> Self {
        self.before = before.now;
        self.volatile.extend(before.volatile);
        self
    }

    /// The same knowledge with more volatile lines.
    #[must_use]
    pub fn with_volatile(&self, more: &[Volatile]) -> Self {
        let mut knowledge = self.clone();
        knowledge.volatile.extend(more.iter().copied());
        knowledge
    }

    /// The same knowledge with what changed on many pages in this check.
    #[must_use]
    pub fn with_churn(self, churn: Churn) -> Self {
        Self { churn, ..self }
    }

    /// The same knowledge without volatile lines.
    #[must_use]
    pub fn without_volatile(&self) -> Self {
        Self { volatile: HashSet::new(), churn: Churn::default(), ..self.clone() }
    }

    /// Whether a line is one that the pages of the source share, or one that changes all the time. Where releases
    /// stand (`core` is the number of pages that have their text there) only what is on most of them counts: a
    /// sentence may well be in several releases.
    pub fn recurring(&self, page: &Page, line: &Line, core: Option<u32>) -> Option<Recurring> {
        let place = page.elements.get(line.element).map_or(0, |element| element.place);
        let is_known = self.now.places.contains_key(&place) || self.before.places.contains_key(&place);
        if !is_known && self.volatile.is_empty() && self.churn.is_empty() {
            return None;
        }
        let print = Print::of(page, line);
        if self.is_volatile(print, line, core.is_some()) {
            return Some(Recurring::Volatile);
        }
        if self.has_churned(print, line, core.is_some()) {
            return Some(if core.is_some() { Recurring::Churned } else { Recurring::Volatile });
        }
        self.now.recurring(print, line, core).or_else(|| self.before.recurring(print, line, core))
    }

    /// What one page shows at a place says nothing of the others where releases stand, nor does what was seen a single
    /// time; what most pages showed again does. A sentence of a release whose figures changed on most pages is no
    /// counter.
    fn is_volatile(&self, print: Print, line: &Line, in_core: bool) -> bool {
        let Print { place, shape, text, .. } = print;
        let has = |volatile: Volatile| self.volatile.contains(&volatile);
        let seen_once = || {
            [Volatile::Place(place), Volatile::Once(place), Volatile::ShapeOnce(place, shape)]
                .into_iter()
                .chain([Volatile::TextOnce(place, text), Volatile::Roaming(place, text)])
                .any(has)
        };
        (has(Volatile::Shape(place, shape)) && (!in_core || line.words() <= COUNTER_WORDS))
            || has(Volatile::Text(place, text))
            || has(Volatile::Everywhere(place))
            || (!in_core && seen_once())
    }

    /// Whether it changed on many pages in this check. Where releases stand, a few pages are as many as an editor may
    /// have changed.
    fn has_churned(&self, print: Print, line: &Line, in_core: bool) -> bool {
        let Print { place, shape, text, .. } = print;
        let has = |volatile: Volatile| self.churn.pages(volatile) >= if in_core { FEWEST_IN_TEXT } else { 1 };
        has(Volatile::Once(place))
            || has(Volatile::TextOnce(place, text))
            || (has(Volatile::ShapeOnce(place, shape)) && (!in_core || line.words() <= COUNTER_WORDS))
            || (!in_core && has(Volatile::Roaming(place, text)))
    }

    /// Whether there are too few pages to tell what they share from what is the text of one.
    pub fn is_of_few_pages(&self) -> bool {
        self.now.pages < FEWEST_PAGES
    }

    /// Whether the pages write the month of a numeric date first, as far as that shows.
    pub fn is_month_first(&self) -> bool {
        self.now.month_first > 0 || self.now.month_first == 0 && self.before.month_first > 0
    }

    /// The number of pages that have their text at a place, if it is where a good part of the pages have it.
    pub fn core_pages(&self, place: u32) -> Option<u32> {
        self.now.core_pages(place).or_else(|| self.before.core_pages(place))
    }
}

/// On how many samples a line stands, a place is used, the text stands somewhere.
#[derive(Clone, Debug, Default)]
struct Counts {
    texts: HashMap<(u32, u32), u32>,
    shapes: HashMap<(u32, u32), u32>,
    places: HashMap<u32, Place>,
    cores: HashMap<u32, u32>,
    /// Those of `cores` that a good part of the pages share: at most four.
    shared_cores: Vec<(u32, u32)>,
    pages: u32,
    /// How many more pages write the month of a date first than the day.
    month_first: i32,
}

#[derive(Clone, Copy, Debug, Default)]
struct Place {
    pages: u32,
    lines: u32,
    repeated: u32,
}

impl Counts {
    fn of<'a>(samples: impl Iterator<Item = &'a Sample>) -> Self {
        let mut counts = Self::default();
        samples.for_each(|sample| counts.add(sample));
        counts.rate_places();
        counts.shared_cores = counts.cores.iter().map(|(place, votes)| (*place, *votes)).collect();
        counts.shared_cores.retain(|(_, votes)| *votes >= FEWEST_PAGES && votes * 4 >= counts.pages);
        counts
    }

    fn add(&mut self, sample: &Sample) {
        for line in &sample.lines {
            self.places.entry(line.place).or_default().lines += 1;
        }
        for text in distinct(sample.lines.iter().map(|line| (line.place, line.text))) {
            *self.texts.entry(text).or_default() += 1;
        }
        for shape in distinct(sample.lines.iter().map(|line| (line.place, line.shape))) {
            *self.shapes.entry(shape).or_default() += 1;
        }
        for place in distinct(sample.lines.iter().map(|line| line.place)) {
            self.places.entry(place).or_default().pages += 1;
        }
        *self.cores.entry(sample.core).or_default() += 1;
        self.month_first += sample.month_first.map_or(0, |month_first| if month_first { 1 } else { -1 });
        self.pages += 1;
    }

    /// How much of what stands at a place is the same on several pages.
    fn rate_places(&mut self) {
        for ((place, _), pages) in &self.texts {
            if *pages >= FEWEST_PAGES
                && let Some(place) = self.places.get_mut(place)
            {
                place.repeated += pages;
            }
        }
    }

    fn recurring(&self, print: Print, line: &Line, core: Option<u32>) -> Option<Recurring> {
        let place = self.places.get(&print.place)?;
        let same = self.texts.get(&(print.place, print.text)).copied().unwrap_or_default();
        if let Some(core) = core {
            return (same > FEWEST_PAGES && same * 5 >= core * 3).then_some(Recurring::Same(same));
        }
        let is_template_place = place.repeated * 2 >= place.lines;
        if same >= FEWEST_PAGES && (is_template_place || same * 5 >= place.pages * 3) {
            return Some(Recurring::Same(same));
        }
        let alike = self.shapes.get(&(print.place, print.shape)).copied().unwrap_or_default();
        let is_counter_place = place.lines * 2 <= place.pages * 3 && alike * 5 >= place.pages * 3;
        let is_alike = print.shape != print.text && alike >= FEWEST_PAGES && is_counter_place;
        (is_alike && line.words() <= COUNTER_WORDS).then_some(Recurring::Counter(alike))
    }

    fn core_pages(&self, place: u32) -> Option<u32> {
        self.shared_cores.iter().find(|(core, _)| *core == place).map(|(_, votes)| *votes)
    }
}

fn distinct<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.collect();
    items.sort_unstable();
    items.dedup();
    items
}
