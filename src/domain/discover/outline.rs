//! A page flattened for learning: its elements in document order, its links, its visible text in one string, and
//! the days which that text names. One pass over the tree; ranges and binary searches answer everything later.

mod structure;
mod walk;

use std::ops::Range;

use chrono::NaiveDate;
use scraper::Html;
use url::Url;

use crate::domain::normalize::clean_text;

/// How much of the text of one element is read, in bytes. Links can stand within links, so this has to be bounded.
const LONGEST_TEXT: usize = 4096;

/// The page in document order.
pub(super) struct Outline {
    /// All elements of the body; an element's descendants follow it, up to its `end`.
    pub(super) elements: Vec<Element>,
    /// All web links, whatever site they lead to.
    pub(super) links: Vec<Link>,
    /// Whether there are more links than are taken.
    pub(super) is_cut: bool,
    /// Visible text; a line break stands for the boundary of an element, never for white space.
    pub(super) text: String,
    /// Days named in the text, in order.
    pub(super) days: Vec<ShownDay>,
    /// Headings, as places in `elements`.
    pub(super) headings: Vec<usize>,
    /// `link` elements as relation, media type and address.
    pub(super) relations: Vec<(String, String, Url)>,
}

/// One element.
pub(super) struct Element {
    /// Its parent; the first element is its own.
    pub(super) parent: usize,
    /// One past its last descendant.
    pub(super) end: usize,
    /// Lower-case name.
    pub(super) name: String,
    /// Hash of the way from the root: names and classes, without positions.
    pub(super) signature: u64,
    /// The way from the root as it is the same on the next page of the listing.
    pub(super) place: u64,
    /// Its visible text.
    pub(super) text: Range<usize>,
    /// How far it belongs to the page's furniture.
    pub(super) zone: Zone,
}

/// How far an element belongs to the furniture of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Zone {
    /// Content.
    Content,
    /// Inside something whose class says that it is beside the content.
    Beside,
    /// Inside `nav`, `aside`, or the header or footer of the page.
    Furniture,
}

/// One link.
pub(super) struct Link {
    /// Its place in the elements.
    pub(super) element: usize,
    /// Where it leads, canonical.
    pub(super) url: Url,
    /// Its text on one line.
    pub(super) text: String,
    /// `aria-label`, `title` and `class`, for pagers that show nothing but an arrow.
    pub(super) label: String,
    /// Its `rel` names the word `next`.
    pub(super) is_next: bool,
}

/// A day named on the page.
pub(super) struct ShownDay {
    /// Its place in the text.
    pub(super) at: usize,
    /// The day.
    pub(super) day: NaiveDate,
    /// Words beside it in the same stretch of text; a date line has few.
    pub(super) company: usize,
}

impl Outline {
    /// Reads a page; `page` is the address that answered.
    pub(super) fn read(html: &Html, page: &Url) -> Self {
        walk::walk(html, page)
    }

    /// Links within an element, as a range of `links`.
    pub(super) fn links_within(&self, element: usize) -> Range<usize> {
        let start = self.links.partition_point(|link| link.element < element);
        start..self.links.partition_point(|link| link.element < self.elements[element].end)
    }

    /// Headings within an element.
    pub(super) fn headings_within(&self, element: usize) -> &[usize] {
        let start = self.headings.partition_point(|&heading| heading < element);
        let end = self.headings.partition_point(|&heading| heading < self.elements[element].end);
        &self.headings[start..end]
    }

    /// Whether an element stands within another, or is it.
    pub(super) fn contains(&self, outer: usize, inner: usize) -> bool {
        (outer..self.elements[outer].end).contains(&inner)
    }

    /// The first day in a range of the text that stands for itself, not within a sentence.
    pub(super) fn day_alone(&self, range: Range<usize>) -> Option<NaiveDate> {
        self.days_alone(range).next()
    }

    /// The days in a range of the text that stand for themselves, as far as one item could have any.
    pub(super) fn days_alone(&self, range: Range<usize>) -> impl Iterator<Item = NaiveDate> {
        let start = self.days.partition_point(|day| day.at < range.start);
        let within = self.days[start..].iter().take_while(move |day| day.at < range.end).take(16);
        within.filter(|day| day.company == 0 || (day.company <= 3 && !self.is_linked(day.at))).map(|day| day.day)
    }

    fn is_linked(&self, at: usize) -> bool {
        let next = self.links.partition_point(|link| self.elements[link.element].text.start <= at);
        next.checked_sub(1).is_some_and(|link| self.elements[self.links[link].element].text.contains(&at))
    }

    /// Text of an element on one line, as far as a title could reach.
    pub(super) fn text_of(&self, element: usize) -> String {
        let text = &self.text[self.elements[element].text.clone()];
        clean_text(&text[..text.floor_char_boundary(LONGEST_TEXT)])
    }
}
