//! The one pass over the tree that makes an outline. It loops and never recurses: the page decides how deep it is.

use std::ops::Range;

use scraper::{ElementRef, Html, Node};
use url::Url;

use super::structure::{Key, child_keys, hash, is_furniture, stands_beside};
use super::{Element, Link, Outline, ShownDay, Zone};
use crate::domain::address::{canonical, is_reasonable};
use crate::domain::dates::{find_date, find_dates};

/// Links beyond these are ignored.
const MOST_LINKS: usize = 20_000;
/// Longest `href` that is read, in bytes; only tracking parameters could make a longer one reasonable.
const LONGEST_HREF: usize = 4096;
/// How far around a date words are counted, in bytes.
const COMPANY: usize = 200;

/// Reads a page; `page` is the address that answered.
pub(super) fn walk(html: &Html, page: &Url) -> Outline {
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
    keys: Vec<Key>,
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
            is_cut: false,
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
        let (parent, key, sectioned) =
            self.open.last_mut().map_or((0, None, false), |frame| (frame.element, frame.keys.pop(), frame.sectioned));
        let Key { kind, place } = key.unwrap_or(Key { kind: 0, place: 0 });
        let above = self.outline.elements.get(parent);
        let (signature, place) =
            above.map_or((kind, place), |up| (hash(&(up.signature, kind)), hash(&(up.place, place))));
        let zone = above.map_or(Zone::Content, |up| up.zone);
        let zone = if is_furniture(element, sectioned) { Zone::Furniture } else { zone };
        let at = self.outline.text.len();
        self.outline.elements.push(Element {
            parent,
            end: index + 1,
            name: name.into(),
            signature,
            place,
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
        if !is_reasonable(&url) {
            return;
        }
        if self.outline.links.len() >= MOST_LINKS {
            self.outline.is_cut = true;
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
        for index in 0..outline.links.len() {
            outline.links[index].text = outline.text_of(outline.links[index].element);
        }
        outline.days = days_of(&outline.text);
        outline.days.extend(self.times);
        outline.days.sort_by_key(|day| (day.at, day.company));
        outline
    }

    /// A class may say `sidebar` of the whole layout, or `widget` of the list of posts; what holds the main heading, or
    /// two fifths of all that the page says, is content all the same.
    fn mark_beside(&mut self) {
        let letters = letters_before(&self.outline.text);
        for &index in &self.beside {
            let end = self.outline.elements[index].end;
            let next = self.landmarks.partition_point(|&landmark| landmark < index);
            let text = &self.outline.elements[index].text;
            let holds_most = (letters[text.end] - letters[text.start]) * 5 > letters[letters.len() - 1] * 2;
            if !holds_most && self.landmarks.get(next).is_none_or(|&landmark| landmark >= end) {
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

/// For each place in a text, how much of what stands before it is no white space: templates are full of that.
fn letters_before(text: &str) -> Vec<usize> {
    let counts = text.bytes().scan(0, |count, byte| {
        *count += usize::from(!byte.is_ascii_whitespace());
        Some(*count)
    });
    std::iter::once(0).chain(counts).collect()
}

fn days_of(text: &str) -> Vec<ShownDay> {
    let words = |part: &str| part.split(|c: char| !c.is_alphabetic()).filter(|word| word.len() > 1).count();
    let company = |place: &Range<usize>| {
        let before = &text[text.floor_char_boundary(place.start.saturating_sub(COMPANY))..place.start];
        let after = &text[place.end..text.floor_char_boundary(place.end + COMPANY)];
        words(before.rsplit('\n').next().unwrap_or_default()) + words(after.split('\n').next().unwrap_or_default())
    };
    let days = find_dates(text).into_iter();
    days.map(|(place, day)| ShownDay { at: place.start, day, company: company(&place) }).collect()
}
