//! Finds the release on a page: its title, date, text, links, pictures and contacts, without any selector.
//!
//! In order: leave out what is no text (roles, repeated lines, link lists); find the headline; find the core, the
//! innermost element that holds most of the remaining words, or the place where the source's other pages have
//! theirs; take what stands between headline and the end of the core's surroundings. Every line gets a verdict,
//! so that `explain` can show it.

use std::fmt;
use std::ops::Range;

use crate::domain::model::{Document, ShownDate};
use crate::domain::page::{Page, Role, Target};
use crate::domain::template::{Knowledge, Recurring, Sample};

mod assemble;
mod contacts;
mod headline;
mod lines;

/// Revision of the extractor; a new one makes other documents out of the same pages, which is no edit.
pub const REVISION: u32 = 1;

/// The release on a page, and how it was found.
#[derive(Clone, Debug)]
pub struct Extraction {
    /// The release.
    pub document: Document,
    /// One verdict for each line of the page.
    pub verdicts: Vec<Verdict>,
    /// Words of the text.
    pub words: usize,
    /// What the template of the source can learn from this page.
    pub sample: Sample,
}

/// What a line of a page was taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The headline.
    Title,
    /// The date of publication.
    Date,
    /// Text of the release.
    Text,
    /// A line of its contact block.
    Contact,
    /// Not part of the release.
    LeftOut(Why),
}

/// Why a line is not part of the release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The configuration says so.
    Ignored,
    /// Navigation, aside, footer, by its markup.
    Chrome,
    /// Named like a share bar, a menu, related stories …
    Hinted,
    /// Other pages of the source have the same line in the same place.
    Repeated(u32),
    /// Other pages have the same line with other figures.
    Counter(u32),
    /// Different at every fetch.
    Volatile,
    /// Nothing but links to other pages.
    Links,
    /// Outside the part of the page that holds the text.
    Outside,
    /// Repeats the headline.
    Echo,
    /// Heads lines that are left out.
    Heads,
}

impl fmt::Display for Why {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ignored => formatter.write_str("the configuration ignores it"),
            Self::Chrome => formatter.write_str("navigation, aside or footer"),
            Self::Hinted => formatter.write_str("named like a share bar, menu or teaser"),
            Self::Repeated(pages) => write!(formatter, "the same on {pages} pages"),
            Self::Counter(pages) => write!(formatter, "the same but for figures on {pages} pages"),
            Self::Volatile => formatter.write_str("different at every fetch"),
            Self::Links => formatter.write_str("nothing but links to other pages"),
            Self::Outside => formatter.write_str("outside the text"),
            Self::Echo => formatter.write_str("repeats the headline"),
            Self::Heads => formatter.write_str("heads what is left out"),
        }
    }
}

/// Finds the release on a page, with what is known of the other pages of its source.
pub fn extract(page: &Page, knowledge: &Knowledge) -> Extraction {
    let surroundings = lines::Surroundings::of(page, knowledge);
    let mut verdicts: Vec<Verdict> =
        (0..page.lines.len()).map(|at| first_verdict(page, knowledge, &surroundings, at)).collect();
    let title = headline::find(page, &verdicts, knowledge);
    let mut weights = Weights::of(page, &verdicts, title.line);
    if weights.total() == 0 && verdicts.contains(&Verdict::LeftOut(Why::Volatile)) {
        // A text that is new on all pages at once is still a text.
        for (line, verdict) in page.lines.iter().zip(&mut verdicts) {
            if *verdict == Verdict::LeftOut(Why::Volatile) && surroundings.core(line.element).is_some() {
                *verdict = Verdict::Text;
            }
        }
        weights = Weights::of(page, &verdicts, title.line);
    }
    let core = find_core(page, knowledge, &weights, title.line);
    reconsider_core(page, core, &mut verdicts);
    let region = region_of(page, core, title.line);
    for (at, verdict) in verdicts.iter_mut().enumerate() {
        if *verdict == Verdict::Text && !region.contains(at) {
            *verdict = Verdict::LeftOut(Why::Outside);
        }
    }
    let date = headline::find_date(page, &mut verdicts, &title, region.lines());
    if let Some(line) = title.line {
        verdicts[line] = Verdict::Title;
    }
    lines::drop_echoes(page, &mut verdicts, &title.text, region.lines());
    contacts::mark(page, &mut verdicts, region.lines());
    lines::drop_heads(page, &mut verdicts, core);
    finish(page, verdicts, title.text, date, core)
}

fn finish(page: &Page, verdicts: Vec<Verdict>, title: String, date: Option<ShownDate>, core: usize) -> Extraction {
    let document = assemble::document(page, &verdicts, title, date);
    let words = document.blocks.iter().map(|block| crate::domain::page::count_words(&block.text)).sum();
    Extraction { document, verdicts, words, sample: Sample::of(page, core) }
}

fn first_verdict(page: &Page, knowledge: &Knowledge, surroundings: &lines::Surroundings, at: usize) -> Verdict {
    let line = &page.lines[at];
    if line.ignored {
        return Verdict::LeftOut(Why::Ignored);
    }
    if let Some(why) = surroundings.why(line.element) {
        return Verdict::LeftOut(why);
    }
    match knowledge.recurring(page, line, surroundings.core(line.element)) {
        Some(Recurring::Same(pages)) => return Verdict::LeftOut(Why::Repeated(pages)),
        Some(Recurring::Volatile) => return Verdict::LeftOut(Why::Volatile),
        Some(Recurring::Counter(pages)) => return Verdict::LeftOut(Why::Counter(pages)),
        None => {}
    }
    if lines::is_link_line(line) { Verdict::LeftOut(Why::Links) } else { Verdict::Text }
}

/// Words that may be text of the release, summed up along the page.
struct Weights {
    sums: Vec<usize>,
}

impl Weights {
    /// What stands above the headline has no weight: it is not the text under it.
    fn of(page: &Page, verdicts: &[Verdict], title: Option<usize>) -> Self {
        let mut sums = vec![0];
        for (at, line) in page.lines.iter().enumerate() {
            let counts = verdicts[at] == Verdict::Text && title.is_none_or(|title| at > title);
            let words = if counts { line.own_words() } else { 0 };
            sums.push(sums[at] + words);
        }
        Self { sums }
    }

    fn within(&self, lines: &Range<usize>) -> usize {
        self.sums[lines.end] - self.sums[lines.start]
    }

    fn total(&self) -> usize {
        self.sums.last().copied().unwrap_or_default()
    }
}

/// The rule's article; else the place where the other pages have their text; else the innermost element with four
/// fifths of the words.
fn find_core(page: &Page, knowledge: &Knowledge, weights: &Weights, title: Option<usize>) -> usize {
    if let Some(core) = join(page, page.articles.iter().copied()) {
        return core;
    }
    let known = (0..page.elements.len()).filter(|at| {
        let element = &page.elements[*at];
        knowledge.core_pages(element.place).is_some() && !element.lines.is_empty()
    });
    if let Some(core) = join(page, known) {
        return core;
    }
    if weights.total() == 0 {
        let beside_title = title.map(|line| page.elements[page.lines[line].element].parent);
        return beside_title.unwrap_or(0);
    }
    let enough = |element: &usize| weights.within(&page.elements[*element].lines) * 5 >= weights.total() * 4;
    (0..page.elements.len()).rev().find(enough).unwrap_or(0)
}

fn join(page: &Page, mut elements: impl Iterator<Item = usize>) -> Option<usize> {
    let first = elements.next()?;
    Some(elements.fold(first, |joined, element| page.common_ancestor(joined, element)))
}

/// Two first verdicts do not hold within the core: a line of links that stands where paragraphs stand is a paragraph
/// that is a link; and a short bulletin looks like a counter.
fn reconsider_core(page: &Page, core: usize, verdicts: &mut [Verdict]) {
    let Some(element) = page.elements.get(core) else { return };
    let text_places: Vec<u32> = element
        .lines
        .clone()
        .filter(|at| verdicts[*at] == Verdict::Text && page.lines[*at].own_words() >= 5)
        .map(|at| page.elements[page.lines[at].element].place)
        .collect();
    for at in element.lines.clone() {
        let place = page.elements[page.lines[at].element].place;
        let stays = match verdicts[at] {
            Verdict::LeftOut(Why::Links) => text_places.contains(&place) && leads_anywhere(page, at),
            Verdict::LeftOut(Why::Counter(_)) => true,
            _ => false,
        };
        if stays {
            verdicts[at] = Verdict::Text;
        }
    }
}

fn leads_anywhere(page: &Page, at: usize) -> bool {
    page.lines[at].anchors.iter().any(|anchor| anchor.target != Target::Nowhere)
}

/// The part of the page where lines may belong to the release.
struct Region {
    core: Range<usize>,
    all: Range<usize>,
}

impl Region {
    fn contains(&self, line: usize) -> bool {
        self.all.contains(&line) || self.core.contains(&line)
    }

    fn lines(&self) -> Range<usize> {
        self.all.start.min(self.core.start)..self.all.end.max(self.core.end)
    }
}

/// From the headline to the end of the element that holds headline and core. Where that is nearly the whole page,
/// only to the end of the core's own parent.
fn region_of(page: &Page, core: usize, title: Option<usize>) -> Region {
    let Some(element) = page.elements.get(core) else { return Region { core: 0..0, all: 0..0 } };
    let lines = element.lines.clone();
    let Some(title) = title.filter(|_| page.articles.is_empty()) else {
        return Region { core: lines.clone(), all: lines };
    };
    let common = page.common_ancestor(core, page.lines[title].element);
    let holds_chrome = page.elements.iter().enumerate().skip(common + 1).any(|(at, other)| {
        other.role == Role::Chrome
            && !other.lines.is_empty()
            && other.lines.end <= page.elements[common].lines.end
            && page.contains(common, at)
    });
    let around = if holds_chrome || common == 0 { wrapper_of(page, core) } else { common };
    let end = page.elements[around].lines.end.max(lines.end);
    Region { all: title.min(lines.start)..end, core: lines }
}

/// The parent of the core, past parents that hold nothing else.
fn wrapper_of(page: &Page, core: usize) -> usize {
    let mut wrapper = core;
    while wrapper != 0 {
        let parent = page.elements[wrapper].parent;
        if page.elements[parent].lines != page.elements[core].lines {
            return if page.elements[parent].role == Role::Plain && page.elements[parent].parent == 0 {
                wrapper
            } else {
                parent
            };
        }
        wrapper = parent;
    }
    wrapper
}
