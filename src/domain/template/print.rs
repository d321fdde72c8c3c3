//! How lines and pages are remembered: as hashes, because a template is kept for every source.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;

use crate::domain::dates::{find_dates, month_comes_first};
use crate::domain::normalize::{canonical, canonical_image};
use crate::domain::page::{Line, Page};

/// Sections of a site differ in language and layout; their pages are sampled apart.
const GROUPS: u8 = 8;
/// Lines that are kept of one page: half from its start, half from its end, where templates stand.
const MOST_LINES: usize = 300;

/// One page as the template remembers it.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Sample {
    pub(super) lines: Vec<Print>,
    /// Place of the element that holds the text.
    pub(super) core: u32,
    /// How many words of that text stand at each place; empty in samples of older releases of pressdiff.
    #[serde(default)]
    pub(super) words: Vec<(u32, u32)>,
    /// The day on which the page was last read.
    #[serde(default)]
    pub(super) day: i64,
    /// Whether it writes the month of a numeric date first, where that shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) month_first: Option<bool>,
}

/// The hashes by which a line is known: its place in the page, its text, and its text without figures.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[serde(from = "(u32, u32, u32)", into = "(u32, u32, u32)")]
pub(super) struct Print {
    pub(super) place: u32,
    pub(super) text: u32,
    pub(super) shape: u32,
}

impl From<(u32, u32, u32)> for Print {
    fn from((place, text, shape): (u32, u32, u32)) -> Self {
        Self { place, text, shape }
    }
}

impl From<Print> for (u32, u32, u32) {
    fn from(print: Print) -> Self {
        (print.place, print.text, print.shape)
    }
}

impl Sample {
    /// What the template remembers of a page whose text stands in `core`.
    pub fn of(page: &Page, core: usize) -> Self {
        let count = page.lines.len();
        let middle = if count > MOST_LINES { MOST_LINES / 2..count - MOST_LINES / 2 } else { count..count };
        let kept = page.lines.iter().enumerate().filter(|(index, _)| !middle.contains(index));
        let lines = kept.map(|(_, line)| Print::of(page, line)).collect();
        let place = page.elements.get(core).map_or(0, |element| element.place);
        let month_first = page.lines.iter().find_map(month_first);
        Self { lines, core: place, words: words_by_place(page, core), day: 0, month_first }
    }
}

/// Bytes of a line that is little but a date.
const LONGEST_DATE: usize = 200;

/// What a short line shows of the order of numeric dates.
fn month_first(line: &Line) -> Option<bool> {
    let may_show = line.text.len() <= LONGEST_DATE && line.text.contains(['/', '-']);
    let dates = if may_show { find_dates(&line.text) } else { Vec::new() };
    dates.into_iter().find_map(|(range, day)| month_comes_first(&line.text[range], day))
}

/// Words outside links: links to other pages are no text of a release.
fn words_by_place(page: &Page, core: usize) -> Vec<(u32, u32)> {
    let lines = page.elements.get(core).map_or(0..0, |element| element.lines.clone());
    let mut words: BTreeMap<u32, u32> = BTreeMap::new();
    for line in page.lines.get(lines).unwrap_or_default() {
        let place = page.elements.get(line.element).map_or(0, |element| element.place);
        let own = u32::try_from(line.own_words()).unwrap_or(u32::MAX);
        let sum = words.entry(place).or_default();
        *sum = sum.saturating_add(own);
    }
    words.retain(|_, words| *words > 0);
    words.into_iter().collect()
}

impl Print {
    pub(super) fn of(page: &Page, line: &Line) -> Self {
        let place = page.elements.get(line.element).map_or(0, |element| element.place);
        if line.text.is_empty() {
            // Keys against caches change with every build of a site.
            let names: Vec<String> = line.images.iter().map(canonical_image).collect();
            let pictures = hash(names.iter().map(String::as_str));
            return Self { place, text: pictures, shape: pictures };
        }
        let words = canonical(&line.text);
        let text = hash([&*words]);
        let shape = if words.contains(char::is_numeric) { hash([shape_of(&words).as_str()]) } else { text };
        Self { place, text, shape }
    }
}

/// Text with every run of figures made one mark, so that a counter looks the same at each fetch.
fn shape_of(text: &str) -> String {
    let mut shape = String::with_capacity(text.len());
    for (at, piece) in text.split(char::is_numeric).enumerate() {
        if at > 0 && !shape.ends_with('#') {
            shape.push('#');
        }
        shape.push_str(piece);
    }
    shape
}

/// The part of a site that an address belongs to: its pages are sampled together.
pub fn section_of(url: &Url) -> u8 {
    keys(url).0
}

/// Group and key of a page: the folder it stands in, without figures, and its whole address.
pub(super) fn keys(url: &Url) -> (u8, u32) {
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
