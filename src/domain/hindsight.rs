//! What a capture of a page says about its release, with hindsight. A live check fetches a page twice to tell an edit
//! from noise; an archive has no second fetch, but it knows what the page showed later.
//!
//! An edit stays, and what rotates does not. A line that the other capture has as well, beside the text, neither came
//! nor went: the page is only built in another way. A capture unlike those before and after shows a notice.

use std::borrow::Borrow;
use std::collections::{BTreeSet, HashMap, HashSet};

use crate::domain::likeness::Shingles;
use crate::domain::model::Document;
use crate::domain::normalize::{canonical_text, content_hash, typed_body};
use crate::domain::page::{Line, Page, count_words};

mod fields;
mod frame;
mod kin;
mod lines;
mod stamp;
#[cfg(test)]
mod tests;

/// Words that make a line running text, not a label.
const PROSE: usize = 8;
/// Lines that are looked for on other captures.
const MOST_SOUGHT: usize = 400;
/// Resemblance below which a capture may show something else than its release.
const UNLIKE: f64 = 0.3;
/// Resemblance from which two captures surely show the same text.
const ALIKE: f64 = 0.6;

/// Where a line stands.
#[derive(Clone, Copy, Debug)]
struct Spot {
    /// In the template.
    place: u32,
    /// Elements around it.
    depth: usize,
}

/// One capture of a page.
#[derive(Clone, Debug)]
pub struct Glimpse {
    /// The release on it.
    pub document: Document,
    /// The text of all its lines, as it is compared.
    page: String,
    /// The places of its template.
    places: BTreeSet<u32>,
    /// Where on the page each text stands, as it is compared.
    spots: HashMap<String, Spot>,
    shingles: Shingles,
}

/// Whether so little of two pages stands at the same places that the later one may be built anew: a first look, which
/// takes no time.
pub fn may_be_rebuilt(before: &Page, after: &Page) -> bool {
    let places = |page: &Page| page.elements.iter().map(|element| element.place).collect::<BTreeSet<_>>();
    share_few_places(&places(before), &places(after))
}

fn share_few_places(before: &BTreeSet<u32>, after: &BTreeSet<u32>) -> bool {
    let fewer = before.len().min(after.len());
    fewer > 0 && before.intersection(after).count() * 2 <= fewer
}

impl Glimpse {
    /// A page with the release that was found on it.
    pub fn of(page: &Page, document: Document) -> Self {
        let texts: Vec<String> = page.lines.iter().map(|line| canonical_text(&line.text)).collect();
        let places = page.elements.iter().map(|element| element.place).collect();
        let mut depths: Vec<usize> = Vec::with_capacity(page.elements.len());
        for (at, element) in page.elements.iter().enumerate() {
            depths.push(if element.parent < at { depths[element.parent] + 1 } else { 0 });
        }
        let spot = |line: &Line| {
            let place = page.elements.get(line.element)?.place;
            Some(Spot { place, depth: *depths.get(line.element)? })
        };
        let page_text = texts.join(" ");
        let spots = texts.into_iter().zip(&page.lines).filter_map(|(text, line)| Some((text, spot(line)?)));
        Self { page: page_text, places, spots: spots.collect(), ..Self::of_document(document) }
    }

    /// A release whose page is not at hand.
    pub fn of_document(document: Document) -> Self {
        let shingles = Shingles::of(&document);
        Self { page: typed_body(&document), places: BTreeSet::new(), spots: HashMap::new(), shingles, document }
    }

    /// Whether this shows something else than the other.
    pub fn is_unlike(&self, other: &Self) -> bool {
        let title = canonical_text(&self.document.title);
        let same_title = !title.is_empty() && title == canonical_text(&other.document.title);
        !same_title && self.shingles.resemblance(&other.shingles) < UNLIKE
    }

    /// Whether hardly anything of the text of the other is here, whatever the title.
    fn lacks_text_of(&self, other: &Self) -> bool {
        self.shingles.resemblance(&other.shingles) < UNLIKE
    }

    /// Whether both show the same text, give or take an edit.
    pub fn is_like(&self, other: &Self) -> bool {
        self.shingles.resemblance(&other.shingles) >= ALIKE
    }

    /// Whether the two pages are built in different ways.
    pub fn is_rebuilt(&self, other: &Self) -> bool {
        share_few_places(&self.places, &other.places) && !self.is_renamed(other)
    }

    /// The same release on another page, if that has all of its sentences.
    #[must_use]
    pub fn shown_on(&self, other: &Self) -> Option<Self> {
        let texts = self.document.blocks.iter().map(|block| canonical_text(&block.text));
        let mut sought = texts.filter(|text| count_words(text) >= PROSE && !other.spots.contains_key(text));
        let has_all =
            sought.by_ref().take(MOST_SOUGHT).all(|text| other.page.contains(&text)) && sought.next().is_none();
        has_all.then(|| Self { document: self.document.clone(), shingles: self.shingles.clone(), ..other.clone() })
    }

    /// Whether nearly all that both pages say stands as deep on the one as on the other: only the names of classes are
    /// others, as after each build of some sites.
    fn is_renamed(&self, other: &Self) -> bool {
        let shared = || self.spots.iter().filter_map(|(text, spot)| Some((spot, other.spots.get(text)?)));
        let as_deep = shared().filter(|(one, other)| one.depth == other.depth).count();
        as_deep > 0 && as_deep * 20 >= shared().count() * 19
    }
}

/// A short line with every day written in one way, if it names any: another design writes them in another way.
pub fn with_days_alike(text: &str) -> Option<String> {
    (count_words(text) < PROSE).then(|| kin::dated(text)).flatten()
}

/// What is known of the other releases of a source.
pub trait Others {
    /// Whether this (canonical) text is of another release, so that a page which shows it may only quote that.
    fn have(&self, text: &str) -> bool;
}

/// What became of a release between two captures.
#[derive(Clone, Debug, PartialEq)]
pub enum Settled {
    /// The new capture shows something else for a while, and nothing of the release.
    Passing,
    /// It reads the same.
    Same,
    /// It reads the same on a page that is built in another way: what is compared with later captures.
    Rebuilt(Box<Document>),
    /// It was edited: both documents without what is noise.
    Edited(Box<Document>, Box<Document>),
}

/// Settles what differs between two captures, in the light of later ones in their order.
pub fn settle<G: Borrow<Glimpse>>(old: &Glimpse, new: &Glimpse, later: &[G], others: &dyn Others) -> Settled {
    let later: Vec<&Glimpse> = later.iter().map(Borrow::borrow).collect();
    if old.is_unlike(new) && is_passing(old, new, &later) || is_half_loaded(old, new, &later) {
        return Settled::Passing;
    }
    // Nor does a page without its text witness anything, where another one has it.
    let is_shown = later.iter().any(|later| later.is_like(new));
    let is_witness = |later: &&Glimpse| !later.is_unlike(new) && (!is_shown || !later.lacks_text_of(new));
    let later: Vec<&Glimpse> = later.into_iter().filter(is_witness).collect();
    let case = Case { old, new, next: later.first().copied(), later, rebuilt: old.is_rebuilt(new), others };
    let (mut before, mut after) = (old.document.clone(), new.document.clone());
    fields::settle(&case, &mut before, &mut after);
    lines::settle(&case, &mut before, &mut after);
    if content_hash(&before) != content_hash(&after) {
        return Settled::Edited(Box::new(before), Box::new(after));
    }
    // Some sites show the one design and the other by turns.
    let is_to_stay = case.rebuilt && case.next.is_none_or(|next| !next.is_rebuilt(new));
    if is_to_stay { Settled::Rebuilt(Box::new(after)) } else { Settled::Same }
}

/// Whether a first capture shows something else than the release, as the two after it agree to show.
pub fn is_false_start<G: Borrow<Glimpse>>(first: &Glimpse, later: &[G]) -> bool {
    let agree = matches!(later, [one, other, ..] if one.borrow().is_like(other.borrow()));
    agree && later.iter().all(|later| later.borrow().is_unlike(first))
}

/// A notice gives way to the old text, or to another notice. A text that was written anew is there to stay; where
/// nothing later tells, it may be either.
fn is_passing(old: &Glimpse, new: &Glimpse, later: &[&Glimpse]) -> bool {
    later.iter().any(|later| !later.is_unlike(old)) || later.first().is_none_or(|next| next.is_unlike(new))
}

/// Whether most of the text is missing on this capture alone: what has the title of a release may be the frame of its
/// page, into which the text was not loaded.
fn is_half_loaded(old: &Glimpse, new: &Glimpse, later: &[&Glimpse]) -> bool {
    new.lacks_text_of(old) && later.iter().any(|later| later.is_like(old))
}

/// Two captures that differ, and the later ones that show the release.
struct Case<'a> {
    old: &'a Glimpse,
    new: &'a Glimpse,
    next: Option<&'a Glimpse>,
    later: Vec<&'a Glimpse>,
    rebuilt: bool,
    others: &'a dyn Others,
}

/// The texts of the blocks of a document that another one does not have, as they are compared.
fn texts_beyond(document: &Document, other: &Document) -> Vec<String> {
    let known: HashSet<String> = other.blocks.iter().map(|block| canonical_text(&block.text)).collect();
    let mut seen = HashSet::new();
    let texts = document.blocks.iter().map(|block| canonical_text(&block.text));
    texts.filter(|text| !text.is_empty() && !known.contains(text) && seen.insert(text.clone())).collect()
}
