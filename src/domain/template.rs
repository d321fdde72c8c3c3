//! What the pages of one source have in common, learned from samples of them: lines that recur across releases
//! (menus, "about the organisation"), lines of which only the figures differ (counters), and the place where the
//! text of a release stands.
//!
//! A line is known by its place *and* its text, so a teaser that quotes another release is not mistaken for that
//! release's text. Which pages are kept as samples depends on their addresses alone, never on the order of arrival.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;

use crate::domain::normalize::canonical_text;
use crate::domain::page::{Line, Page, count_words};

/// Samples of the pages of a source: bounded, serialisable.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq)]
pub struct Template {
    groups: BTreeMap<u8, BTreeMap<u32, Sample>>,
    /// What changed between two fetches within seconds, and the day on which that was last seen.
    #[serde(default)]
    volatile: Vec<(Volatile, i64)>,
}

/// Lines that change at every fetch.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Volatile {
    /// Whatever stands at a place.
    Place(u32),
    /// These words with any figures at a place.
    Shape(u32, u32),
    /// These words at a place.
    Text(u32, u32),
}

/// One page as the template remembers it.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Sample {
    /// Hashes of place, text, and text without figures, of each line.
    lines: Vec<(u32, u32, u32)>,
    /// Place of the element that holds the text.
    core: u32,
}

/// Sections of a site differ in language and layout; their pages are sampled apart.
const GROUPS: u8 = 8;
/// Pages that are kept for one group.
const MOST_SAMPLES: usize = 24;
/// Lines that are kept of one page: half from its start, half from its end, where templates stand.
const MOST_LINES: usize = 300;
/// Lines longer than this have too much to say to be a counter.
const COUNTER_WORDS: usize = 15;
/// Volatile lines that are remembered.
const MOST_VOLATILE: usize = 1_000;
/// Days for which a volatile line is remembered after it last showed.
const DAYS_REMEMBERED: i64 = 60;
/// A place that holds more lines than this holds text, of which one line may be volatile.
const MOST_VOLATILE_LINES: usize = 3;
/// The least number of pages that make a repetition.
const FEWEST_PAGES: u32 = 3;

impl Template {
    /// Takes a page into the samples, in place of what was known of it; pages beyond the bound are left out.
    pub fn learn(&mut self, url: &Url, sample: Sample) {
        let (group, page) = keys(url);
        let samples = self.groups.entry(group).or_default();
        samples.insert(page, sample);
        if samples.len() > MOST_SAMPLES {
            samples.pop_last();
        }
    }

    /// Whether [`Template::learn`] would keep this page: lets callers save the work.
    pub fn wants(&self, url: &Url) -> bool {
        let (group, page) = keys(url);
        self.groups.get(&group).is_none_or(|samples| {
            samples.len() < MOST_SAMPLES || samples.last_key_value().is_some_and(|(last, _)| page <= *last)
        })
    }

    /// Forgets a page, such as one that turned out not to be the release.
    pub fn forget(&mut self, url: &Url) {
        let (group, page) = keys(url);
        if let Some(samples) = self.groups.get_mut(&group) {
            samples.remove(&page);
        }
    }

    /// The sample of a page.
    pub fn find(&self, url: &Url) -> Option<&Sample> {
        let (group, page) = keys(url);
        self.groups.get(&group)?.get(&page)
    }

    /// Takes what proved volatile into account from `day` (a day number) on; forgets what has not shown for long.
    pub fn learn_volatile(&mut self, found: &[Volatile], day: i64) {
        self.volatile.retain(|(volatile, seen)| day - seen <= DAYS_REMEMBERED && !found.contains(volatile));
        self.volatile.extend(found.iter().map(|volatile| (*volatile, day)));
        self.volatile.sort_unstable();
        self.volatile.dedup();
        if self.volatile.len() > MOST_VOLATILE {
            self.volatile.sort_by_key(|(volatile, seen)| (std::cmp::Reverse(*seen), *volatile));
            self.volatile.truncate(MOST_VOLATILE);
        }
    }

    /// Counts what the samples have in common.
    pub fn knowledge(&self) -> Knowledge {
        let volatile = self.volatile.iter().map(|(volatile, _)| *volatile).collect();
        let mut knowledge = Knowledge { volatile, ..Knowledge::default() };
        for sample in self.groups.values().flat_map(BTreeMap::values) {
            knowledge.count(sample);
        }
        knowledge.rate_places();
        knowledge
    }
}

impl Sample {
    /// What the template remembers of a page whose text stands in `core`.
    pub fn of(page: &Page, core: usize) -> Self {
        let count = page.lines.len();
        let middle = if count > MOST_LINES { MOST_LINES / 2..count - MOST_LINES / 2 } else { count..count };
        let kept = page.lines.iter().enumerate().filter(|(index, _)| !middle.contains(index));
        let lines = kept.map(|(_, line)| print_of(page, line).into()).collect();
        Self { lines, core: page.elements.get(core).map_or(0, |element| element.place) }
    }
}

/// The hashes by which a line is known.
#[derive(Clone, Copy, Debug)]
struct Print {
    place: u32,
    text: u32,
    shape: u32,
}

impl From<Print> for (u32, u32, u32) {
    fn from(print: Print) -> Self {
        (print.place, print.text, print.shape)
    }
}

fn print_of(page: &Page, line: &Line) -> Print {
    let place = page.elements.get(line.element).map_or(0, |element| element.place);
    if line.text.is_empty() {
        let pictures = hash(line.images.iter().map(|image| image.source.as_str()));
        return Print { place, text: pictures, shape: pictures };
    }
    let text = canonical_text(&line.text);
    let shape = shape_of(&text);
    Print { place, text: hash([text.as_str()]), shape: hash([shape.as_str()]) }
}

/// Text with every run of figures made one mark, so that a counter looks the same at each fetch.
fn shape_of(text: &str) -> String {
    let mut shape = String::with_capacity(text.len());
    for character in text.chars() {
        if !character.is_numeric() {
            shape.push(character);
        } else if !shape.ends_with('#') {
            shape.push('#');
        }
    }
    shape
}

/// Group and key of a page: the folder it stands in, without figures, and its whole address.
fn keys(url: &Url) -> (u8, u32) {
    let folder = url.path().trim_end_matches('/').rsplit_once('/').map_or("", |(folder, _)| folder);
    let group = hash([url.host_str().unwrap_or_default(), &shape_of(folder)]);
    let page = hash([url.as_str().trim_end_matches('/')]);
    (u8::try_from(group % u32::from(GROUPS)).unwrap_or_default(), page)
}

fn hash<'a>(parts: impl IntoIterator<Item = &'a str>) -> u32 {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
        hasher.update([0]);
    }
    u32::from_be_bytes(hasher.finalize()[..4].try_into().unwrap_or_default())
}

/// What the samples of a source have in common.
#[derive(Clone, Debug, Default)]
pub struct Knowledge {
    texts: HashMap<(u32, u32), u32>,
    shapes: HashMap<(u32, u32), u32>,
    places: HashMap<u32, Place>,
    cores: HashMap<u32, u32>,
    volatile: HashSet<Volatile>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Place {
    pages: u32,
    lines: u32,
    repeated: u32,
}

/// Why a line belongs to the template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recurring {
    /// The same words on this many pages.
    Same(u32),
    /// The same words with other figures on this many pages.
    Counter(u32),
    /// Different at every fetch.
    Volatile,
}

impl Knowledge {
    fn count(&mut self, sample: &Sample) {
        let mut texts: Vec<(u32, u32)> = sample.lines.iter().map(|line| (line.0, line.1)).collect();
        let mut shapes: Vec<(u32, u32)> = sample.lines.iter().map(|line| (line.0, line.2)).collect();
        let mut places: Vec<u32> = sample.lines.iter().map(|line| line.0).collect();
        for line in &sample.lines {
            self.places.entry(line.0).or_default().lines += 1;
        }
        dedup(&mut texts);
        dedup(&mut shapes);
        dedup(&mut places);
        texts.into_iter().for_each(|text| *self.texts.entry(text).or_default() += 1);
        shapes.into_iter().for_each(|shape| *self.shapes.entry(shape).or_default() += 1);
        places.into_iter().for_each(|place| self.places.entry(place).or_default().pages += 1);
        *self.cores.entry(sample.core).or_default() += 1;
    }

    /// How much of what stands at a place is the same on several pages.
    fn rate_places(&mut self) {
        for ((place, _), pages) in &self.texts {
            if *pages >= FEWEST_PAGES {
                if let Some(place) = self.places.get_mut(place) {
                    place.repeated += pages;
                }
            }
        }
    }

    /// Whether a line is one that the pages of the source share. Where releases stand (`core` is the number of pages
    /// that have their text there) only what is on most of them counts: a sentence may well be in several releases.
    pub fn recurring(&self, page: &Page, line: &Line, core: Option<u32>) -> Option<Recurring> {
        let print = print_of(page, line);
        if self.is_volatile(print, core.is_some()) {
            return Some(Recurring::Volatile);
        }
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
        if print.shape != print.text
            && alike >= FEWEST_PAGES
            && is_counter_place
            && count_words(&line.text) <= COUNTER_WORDS
        {
            return Some(Recurring::Counter(alike));
        }
        None
    }

    /// The number of pages that have their text at a place, if it is where a good part of the pages have it.
    pub fn core_pages(&self, place: u32) -> Option<u32> {
        let votes = self.cores.get(&place).copied().unwrap_or_default();
        (votes >= FEWEST_PAGES && votes * 4 >= self.cores.values().sum::<u32>()).then_some(votes)
    }
}

impl Knowledge {
    /// A whole place is never volatile where releases stand: what one page shows there says nothing of the others.
    fn is_volatile(&self, print: Print, in_core: bool) -> bool {
        let has = |volatile: Volatile| self.volatile.contains(&volatile);
        has(Volatile::Shape(print.place, print.shape))
            || has(Volatile::Text(print.place, print.text))
            || (!in_core && has(Volatile::Place(print.place)))
    }

    /// The same knowledge with more volatile lines.
    #[must_use]
    pub fn with_volatile(&self, more: &[Volatile]) -> Self {
        let mut knowledge = self.clone();
        knowledge.volatile.extend(more.iter().copied());
        knowledge
    }
}

/// What differs between two fetches of one page within seconds: no reader could have wanted to know. Where all lines
/// of a place differ, the place is volatile; where one of many does, that line is, by its words or, if only figures
/// differ, by its shape.
pub fn volatile_between(one: &Page, other: &Page) -> Vec<Volatile> {
    let (one, other) = (prints_by_place(one), prints_by_place(other));
    let mut found = Vec::new();
    let places: std::collections::BTreeSet<&u32> = one.keys().chain(other.keys()).collect();
    for place in places {
        let before = one.get(place).map_or(&[][..], Vec::as_slice);
        let after = other.get(place).map_or(&[][..], Vec::as_slice);
        let gone: Vec<&Print> =
            before.iter().filter(|print| !after.iter().any(|other| other.text == print.text)).collect();
        let come: Vec<&Print> =
            after.iter().filter(|print| !before.iter().any(|other| other.text == print.text)).collect();
        if gone.is_empty() && come.is_empty() {
            continue;
        }
        let is_same_shape = |print: &&&Print| come.iter().any(|other| other.shape == print.shape);
        if gone.iter().all(|print| is_same_shape(&print)) && gone.len() == come.len() {
            found.extend(gone.iter().map(|print| Volatile::Shape(*place, print.shape)));
        } else {
            if gone.len() == before.len() && before.len().max(after.len()) <= MOST_VOLATILE_LINES {
                found.push(Volatile::Place(*place));
            }
            found.extend(gone.iter().chain(&come).map(|print| Volatile::Text(*place, print.text)));
        }
    }
    found.sort_unstable();
    found.dedup();
    found.truncate(MOST_VOLATILE);
    found
}

/// Lines of a page by place; a place with very many lines is compared in part.
fn prints_by_place(page: &Page) -> BTreeMap<u32, Vec<Print>> {
    let mut places: BTreeMap<u32, Vec<Print>> = BTreeMap::new();
    for line in &page.lines {
        let print = print_of(page, line);
        let prints = places.entry(print.place).or_default();
        if prints.len() < 500 {
            prints.push(print);
        }
    }
    places
}

fn dedup<T: Ord>(items: &mut Vec<T>) {
    items.sort_unstable();
    items.dedup();
}
