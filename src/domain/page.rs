//! Reads the HTML of a page into lines of text in reading order, each with its place in the page, its links and
//! its pictures. No judgement yet: what belongs to the release is decided in [`crate::domain::extract`].
//!
//! The tree is dropped at once: a page of lines is small, can be sent between threads and compared cheaply.

use std::ops::Range;
use std::sync::Arc;

use url::Url;

use crate::domain::model::{BlockKind, Image};
use crate::domain::rule::ExtractionRule;

mod embedded;
mod head;
mod markup;
mod parse;
mod reader;
mod role;
mod sections;
mod slim;
mod state;
mod target;
mod tree;

pub use head::Head;
pub use parse::parse_html;
pub use role::Role;

use target::Lead;

/// A page as lines of text.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// What the head of the page says about it.
    pub head: Head,
    /// Block elements, parents before children; the first is the root.
    pub elements: Vec<Element>,
    /// Lines in reading order.
    pub lines: Vec<Line>,
    /// Elements that the rule of the source names as the article.
    pub articles: Vec<usize>,
}

/// A block element: a place where lines stand.
#[derive(Clone, Debug)]
pub struct Element {
    /// Index of the parent; the root is its own.
    pub parent: usize,
    /// Hash of the tags and class names from the root to here; equal for equal places of one template.
    pub place: u32,
    /// The lines inside it.
    pub lines: Range<usize>,
    /// What its tag, role and names say it is for.
    pub role: Role,
}

/// One paragraph, heading, list item, table row or line of an address block.
#[derive(Clone, Debug)]
pub struct Line {
    /// The element that holds it.
    pub element: usize,
    /// What it is.
    pub kind: BlockKind,
    /// 1 to 6 for headings by tag, else 0.
    pub level: u8,
    /// Its text, cleaned; cells of a row separated by tabs. Empty for a line of pictures.
    pub text: String,
    /// Links, as byte ranges of the text.
    pub anchors: Vec<Anchor>,
    /// Pictures.
    pub images: Vec<Image>,
    /// Byte ranges of inline elements.
    pub spans: Vec<Range<usize>>,
    /// The `datetime` of a `<time>` in it.
    pub time: Option<String>,
    /// The rule of the source says to leave it out.
    pub ignored: bool,
    /// Counted once, as every step of an extraction asks for them.
    words: usize,
    own_words: usize,
}

/// A link within a line.
#[derive(Clone, Debug)]
pub struct Anchor {
    /// The linked bytes of the line's text.
    pub range: Range<usize>,
    lead: Arc<Lead>,
}

impl Anchor {
    /// Where it leads.
    pub fn target(&self) -> Target {
        self.lead.target()
    }

    /// The address that it leads to, if it leads to a page or file.
    pub fn url(&self) -> Option<Url> {
        self.lead.url()
    }
}

/// Where a link leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A page of the same site.
    Page,
    /// A document or picture to download, wherever it is.
    File,
    /// A page of another site.
    Elsewhere,
    /// A mail address or phone number.
    Contact,
    /// A place in the same page, a script, nothing.
    Nowhere,
}

/// A page that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// More than [`Page::MOST_BYTES`], not counting pictures that are written into the page.
    #[error("page of {0} bytes is larger than the {limit} that are read", limit = Page::MOST_BYTES)]
    TooLarge(usize),
    /// Elements nested so deeply that the parser would need quadratic time.
    #[error("elements are nested more than {limit} deep", limit = Page::DEEPEST)]
    TooDeep,
    /// A tag with so many attributes that the parser would need quadratic time.
    #[error("a tag has more than {limit} attributes", limit = Page::MOST_ATTRIBUTES)]
    TooManyAttributes,
    /// More block elements or lines than any document has.
    #[error("page has more than {limit} lines or blocks", limit = Page::MOST_LINES)]
    TooLong,
}

impl Page {
    /// Most bytes of HTML that are parsed, without what is written into it as one long word; a tree takes 40 to 85
    /// times as much memory.
    pub const MOST_BYTES: usize = 5 << 20;
    /// Most elements that are open at once, counting those of formatting twice; html5ever is quadratic in them.
    pub const DEEPEST: usize = 512;
    /// Most attributes of one tag; html5ever is quadratic in them.
    pub const MOST_ATTRIBUTES: usize = 512;
    /// Most nodes of a tree.
    pub const MOST_NODES: usize = 600_000;
    /// A page with fewer words of running text may be the shell that a script fills in.
    const SHELL_WORDS: usize = 50;
    /// Most lines, and most block elements.
    pub const MOST_LINES: usize = 200_000;

    /// Reads a page that stands at `base`.
    pub fn read(html: &str, base: &Url, rule: &ExtractionRule) -> Result<Self, PageError> {
        let tree = parse_html(html)?;
        let head = Head::read(&tree, base);
        let page = reader::read_body(&tree, &head, rule)?;
        let shown = page.running_words();
        if shown >= Self::SHELL_WORDS {
            return Ok(page);
        }
        let embedded = embedded::find(&tree, &head).and_then(|html| parse_html(&html).ok());
        let filled = embedded.and_then(|tree| reader::read_body(&tree, &head, rule).ok());
        Ok(filled.filter(|filled| filled.running_words() > shown * 2).unwrap_or(page))
    }

    /// Words of sentences outside menus, footers and consent notes.
    fn running_words(&self) -> usize {
        let mut is_beside: Vec<bool> = Vec::with_capacity(self.elements.len());
        for element in &self.elements {
            let inherited = is_beside.get(element.parent).copied().unwrap_or_default();
            is_beside.push(inherited || matches!(element.role, Role::Chrome | Role::Apart | Role::Teaser));
        }
        let lines = self.lines.iter().filter(|line| !is_beside.get(line.element).copied().unwrap_or_default());
        lines.map(Line::own_words).filter(|words| *words >= 6).sum()
    }

    /// Whether an element stands inside another one, or is it.
    pub fn contains(&self, outer: usize, inner: usize) -> bool {
        let mut at = inner;
        while at > outer {
            at = self.elements[at].parent;
        }
        at == outer
    }

    /// The deepest element that holds both.
    pub fn common_ancestor(&self, one: usize, other: usize) -> usize {
        let (mut one, mut other) = (one, other);
        while one != other {
            if one > other {
                one = self.elements[one].parent;
            } else {
                other = self.elements[other].parent;
            }
        }
        one
    }
}

impl Line {
    /// Characters of the text that are linked.
    pub fn linked(&self) -> usize {
        self.anchors.iter().map(|anchor| self.text[anchor.range.clone()].chars().count()).sum()
    }

    /// The pieces of the text between links.
    pub fn unlinked(&self) -> impl Iterator<Item = &str> {
        let ends = self.anchors.iter().map(|anchor| anchor.range.end);
        let starts = self.anchors.iter().map(|anchor| anchor.range.start).chain([self.text.len()]);
        std::iter::once(0).chain(ends).zip(starts).map(|(end, start)| self.text.get(end..start).unwrap_or(""))
    }

    /// Words of the text.
    pub fn words(&self) -> usize {
        self.words
    }

    /// Words of the text outside links.
    pub fn own_words(&self) -> usize {
        self.own_words
    }
}

/// Words that have at least one letter or figure; each character of scripts without spaces counts half a word.
pub fn count_words(text: &str) -> usize {
    if text.is_ascii() {
        return count_ascii_words(text.as_bytes());
    }
    let (mut spaced, mut unspaced, mut is_word) = (0, 0, false);
    for character in text.chars() {
        if character.is_whitespace() {
            spaced += usize::from(std::mem::take(&mut is_word));
        } else {
            is_word = is_word || character.is_alphanumeric();
            unspaced += usize::from(is_unspaced(character));
        }
    }
    spaced + usize::from(is_word) + unspaced / 2
}

/// Whether [`count_words`] finds any; mostly the first character tells.
pub fn has_words(text: &str) -> bool {
    text.contains(char::is_alphanumeric) || count_words(text) > 0
}

/// Without a branch, as every word of a page is counted: a word counts where its first letter or figure is.
fn count_ascii_words(text: &[u8]) -> usize {
    let (mut count, mut counted) = (0, 0);
    for byte in text {
        let goes_on = u8::from(!matches!(byte, b'\t'..=b'\r' | b' '));
        let now = (counted | u8::from(byte.is_ascii_alphanumeric())) & goes_on;
        count += usize::from(now & !counted);
        counted = now;
    }
    count
}

fn is_unspaced(character: char) -> bool {
    matches!(character, '\u{0e00}'..='\u{0eff}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(html: &str) -> Page {
        let url = Url::parse("https://quay.example/news/fog/").unwrap();
        Page::read(html, &url, &ExtractionRule::default()).unwrap()
    }

    #[test]
    fn a_link_over_many_lines_is_kept_once() {
        let page = read(&format!("<a href=\"/{}\">{}</a>", "x".repeat(1 << 20), "line<br>".repeat(20_000)));
        let leads: Vec<&Arc<Lead>> = page.lines.iter().flat_map(|line| &line.anchors).map(|one| &one.lead).collect();
        assert_eq!(leads.len(), 20_000);
        assert!(leads.iter().all(|lead| Arc::ptr_eq(lead, leads[0])));
    }

    #[test]
    fn links_say_where_they_lead() {
        let links = [
            ("/news/frost", Target::Page, Some("https://quay.example/news/frost")),
            ("frost?a=b", Target::Page, Some("https://quay.example/news/fog/frost?a=b")),
            (" //sport.quay.example ", Target::Page, Some("https://sport.quay.example/")),
            ("/plan.PDF", Target::File, Some("https://quay.example/plan.PDF")),
            ("https://ferry.example/", Target::Elsewhere, Some("https://ferry.example/")),
            (" Mailto:press@quay.example", Target::Contact, None),
            ("/news/fog/", Target::Nowhere, None),
            ("#top", Target::Nowhere, None),
            ("javascript:go()", Target::Nowhere, None),
        ];
        for (href, target, url) in links {
            let page = read(&format!("<p><a href=\"{href}\">link</a>"));
            let anchor = &page.lines[0].anchors[0];
            assert_eq!((anchor.target(), anchor.url().as_ref().map(Url::as_str)), (target, url), "{href}");
        }
    }

    proptest! {
        #[test]
        fn words_of_ascii_are_counted_as_all_words_are(text in "[a-c1 .,\t\n\u{b}\u{c}\u{1c}-]{0,20}") {
            prop_assert_eq!(count_words(&format!("{text} é")), count_words(&text) + 1);
        }
    }
}
