//! What the pages of one source have in common, learned from samples of them: lines that recur across releases
//! (menus, "about the organisation"), lines of which only the figures differ (counters), and the place where the
//! text of a release stands.
//!
//! A line is known by its place *and* its text, so a teaser that quotes another release is not mistaken for that
//! release's text. Which pages are kept as samples depends on their addresses alone, never on the order of arrival.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;

use crate::domain::normalize::canonical_text;
use crate::domain::page::{Line, Page, count_words};

/// Samples of the pages of a source: bounded, serialisable.
#[derive(Clone, Debug, Default, Serialize, Deserialize, PartialEq)]
pub struct Template {
    groups: BTreeMap<u8, BTreeMap<u32, Sample>>,
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

    /// Counts what the samples have in common.
    pub fn knowledge(&self) -> Knowledge {
        let mut knowledge = Knowledge::default();
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
        if print.shape != print.text && alike >= FEWEST_PAGES && is_counter_place && count_words(&line.text) <= COUNTER_WORDS {
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

fn dedup<T: Ord>(items: &mut Vec<T>) {
    items.sort_unstable();
    items.dedup();
}
