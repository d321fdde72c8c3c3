//! A page flattened for learning: its elements in document order, its links, its visible text in one string, and
//! the days which that text names. One pass over the tree; ranges and binary searches answer everything later.

mod structure;

use std::ops::Range;

use chrono::NaiveDate;
use scraper::{ElementRef, Html, Node};
use url::Url;

use crate::domain::address::{canonical, is_reasonable};
use crate::domain::dates::{find_date, find_dates};
use crate::domain::normalize::clean_text;
use structure::{child_keys, hash, is_furniture, stands_beside};

/// Links beyond these are ignored.
const MOST_LINKS: usize = 20_000;
/// Longest `href` that is read, in bytes; only tracking parameters could make a longer one reasonable.
const LONGEST_HREF: usize = 4096;

/// The page in document order.
pub(super) struct Outline {
    /// All elements of the body; an element's descendants follow it, up to its `end`.
    pub(super) elements: Vec<Element>,
    /// All web links, whatever site they lead to.
    pub(super) links: Vec<Link>,
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
        let mut walk = Walk::new(base_of(html, page));
        let mut node = html.tree.root();
        loop {
            match node.value() {
                Node::Element(_) => ElementRef::wrap(node).into_iter().for_each(|element| walk.open(element)),
                Node::Text(text) => walk.text(text),
                _ => {}
            }
            if let Some(child) = node.first_child() {
                node = child;
                continue;
            }
            // A loop and not a recursion: the page decides how deep this goes.
            loop {
                if node.value().is_element() {
                    walk.close();
                }
                if let Some(next) = node.next_sibling() {
                    node = next;
                    break;
                }
                let Some(parent) = node.parent() else { return walk.finish() };
                node = parent;
            }
        }
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

    /// Text of an element on one line.
    pub(super) fn text_of(&self, element: usize) -> String {
        clean_text(&self.text[self.elements[element].text.clone()])
    }
}

fn base_of(html: &Html, page: &Url) -> Url {
    let elements = html.root_element().descendent_elements();
    let href = elements.take(200).find(|element| element.value().name() == "base").and_then(|base| base.attr("href"));
    href.and_then(|href| page.join(href).ok()).unwrap_or_else(|| page.clone())
}

struct Walk {
    base: Url,
    outline: Outline,
    open: Vec<Frame>,
    /// How many open elements hide their text.
    hidden: usize,
    /// Days given by `time` elements.
    times: Vec<ShownDay>,
    /// Places of elements that hold the main heading or `main`.
    landmarks: Vec<usize>,
    /// Elements whose class says that they stand beside the content.
    beside: Vec<usize>,
}

struct Frame {
    element: usize,
    /// Keys of the children still to come, last first.
    keys: Vec<u64>,
    hides: bool,
    breaks: bool,
    /// Inside `article`, `section` or the like, where a header is no page header.
    sectioned: bool,
}

impl Walk {
    fn new(base: Url) -> Self {
        let outline = Outline {
            elements: Vec::new(),
            links: Vec::new(),
            text: String::new(),
            days: Vec::new(),
            headings: Vec::new(),
            relations: Vec::new(),
        };
        Self {
            base,
            outline,
            open: Vec::new(),
            hidden: 0,
            times: Vec::new(),
            landmarks: Vec::new(),
            beside: Vec::new(),
        }
    }

    fn open(&mut self, element: ElementRef<'_>) {
        let name = element.value().name();
        let hides = matches!(name, "head" | "script" | "style" | "template" | "noscript" | "svg" | "iframe" | "select");
        let breaks =
            !matches!(name, "b" | "i" | "em" | "strong" | "u" | "font" | "mark" | "sub" | "sup" | "wbr" | "abbr");
        self.hidden += usize::from(hides);
        if breaks {
            self.break_line();
        }
        let index = self.record(element);
        self.note(element, index);
        let sectioned = self.open.last().is_some_and(|frame| frame.sectioned)
            || matches!(name, "article" | "section" | "main" | "li" | "td");
        self.open.push(Frame { element: index, keys: child_keys(element), hides, breaks, sectioned });
    }

    fn record(&mut self, element: ElementRef<'_>) -> usize {
        let index = self.outline.elements.len();
        let name = element.value().name();
        let (parent, key, sectioned) = self
            .open
            .last_mut()
            .map_or((0, 0, false), |frame| (frame.element, frame.keys.pop().unwrap_or_default(), frame.sectioned));
        let (above, zone) = self.outline.elements.get(parent).map_or((0, Zone::Content), |up| (up.signature, up.zone));
        let zone = if is_furniture(element, sectioned) { Zone::Furniture } else { zone };
        let at = self.outline.text.len();
        let signature = hash(&(above, key));
        self.outline.elements.push(Element {
            parent,
            end: index + 1,
            name: name.into(),
            signature,
            text: at..at,
            zone,
        });
        index
    }

    /// What else an element tells.
    fn note(&mut self, element: ElementRef<'_>, index: usize) {
        match element.value().name() {
            "a" => self.link(element, index),
            "link" => self.relation(element),
            "h1" | "main" => self.landmarks.push(index),
            "time" => {
                if let Some((_, day)) = element.attr("datetime").and_then(find_date) {
                    self.times.push(ShownDay { at: self.outline.text.len(), day, company: 0 });
                }
            }
            _ => {}
        }
        if matches!(element.value().name().as_bytes(), [b'h', b'1'..=b'6']) {
            self.outline.headings.push(index);
        }
        if stands_beside(element) {
            self.beside.push(index);
        }
    }

    fn link(&mut self, element: ElementRef<'_>, index: usize) {
        let href = element.attr("href").map(str::trim).filter(|href| href.len() <= LONGEST_HREF && !href.is_empty());
        let Some(target) = href.and_then(|href| self.base.join(href).ok()) else { return };
        let url = canonical(&target);
        if self.outline.links.len() >= MOST_LINKS || !is_reasonable(&url) {
            return;
        }
        let attribute = |name: &str| element.attr(name).unwrap_or_default().chars().take(100).collect::<String>();
        let label = ["aria-label", "title", "class"].map(attribute).join("\n").to_lowercase();
        let is_next = attribute("rel").split_whitespace().any(|word| word.eq_ignore_ascii_case("next"));
        self.outline.links.push(Link { element: index, url, text: String::new(), label, is_next });
    }

    fn relation(&mut self, element: ElementRef<'_>) {
        let relation = element.attr("rel").unwrap_or_default().to_lowercase();
        let media = element.attr("type").unwrap_or_default().to_lowercase();
        let target =
            element.attr("href").filter(|href| href.len() <= LONGEST_HREF).and_then(|href| self.base.join(href).ok());
        if let Some(target) = target.filter(|_| self.outline.relations.len() < 100) {
            self.outline.relations.push((relation, media, target));
        }
    }

    fn text(&mut self, text: &str) {
        if self.hidden == 0 {
            self.outline.text.extend(text.chars().map(|letter| if letter.is_whitespace() { ' ' } else { letter }));
        }
    }

    fn break_line(&mut self) {
        if self.hidden == 0 && !self.outline.text.ends_with('\n') {
            self.outline.text.push('\n');
        }
    }

    fn close(&mut self) {
        let Some(frame) = self.open.pop() else { return };
        self.hidden -= usize::from(frame.hides);
        let count = self.outline.elements.len();
        let element = &mut self.outline.elements[frame.element];
        element.end = count;
        element.text.end = self.outline.text.len();
        if frame.breaks {
            self.break_line();
        }
    }

    fn finish(mut self) -> Outline {
        self.mark_beside();
        let mut outline = self.outline;
        let elements = &outline.elements;
        for link in &mut outline.links {
            link.text = clean_text(&outline.text[elements[link.element].text.clone()]);
        }
        outline.days = days_of(&outline.text);
        outline.days.extend(self.times);
        outline.days.sort_by_key(|day| (day.at, day.company));
        outline
    }

    /// A class may say `sidebar` of the whole layout; what holds the main heading is content all the same.
    fn mark_beside(&mut self) {
        for &index in &self.beside {
            let end = self.outline.elements[index].end;
            let next = self.landmarks.partition_point(|&landmark| landmark < index);
            if self.landmarks.get(next).is_none_or(|&landmark| landmark >= end) {
                let marked = &mut self.outline.elements[index];
                marked.zone = marked.zone.max(Zone::Beside);
            }
        }
        for index in 1..self.outline.elements.len() {
            let above = self.outline.elements[self.outline.elements[index].parent].zone;
            let element = &mut self.outline.elements[index];
            element.zone = element.zone.max(above);
        }
    }
}

fn days_of(text: &str) -> Vec<ShownDay> {
    let company = |place: &Range<usize>| {
        let start = text[..place.start].rfind('\n').map_or(0, |at| at + 1);
        let end = text[place.end..].find('\n').map_or(text.len(), |at| place.end + at);
        let words = |part: &str| part.split(|c: char| !c.is_alphabetic()).filter(|word| word.len() > 1).take(9).count();
        words(&text[start.max(floor(text, place.start.saturating_sub(200)))..place.start])
            + words(&text[place.end..end.min(floor(text, place.end + 200))])
    };
    let days = find_dates(text).into_iter();
    days.map(|(place, day)| ShownDay { at: place.start, day, company: company(&place) }).collect()
}

fn floor(text: &str, at: usize) -> usize {
    text.floor_char_boundary(at)
}
