//! Finds the release on a page: its title, date, text, links, pictures and contacts, without any selector.
//!
//! In order: leave out what is no text (roles, repeated lines, link lists); find the headline; find the core, the
//! innermost element that holds most of the remaining words, or the place where the source's other pages have
//! theirs; take what stands between headline and the end of the core's surroundings. Every line gets a verdict,
//! so that `explain` can show it.

use std::fmt;

use crate::domain::model::{Document, ShownDate};
use crate::domain::page::Page;
use crate::domain::template::{Knowledge, Recurring};

mod assemble;
mod contacts;
mod core;
mod dateline;
mod fickle;
mod headline;
mod lines;
mod shown_day;
mod teasers;
#[cfg(test)]
mod tests;

pub(crate) use dateline::is_byline_alone;
pub(crate) use fickle::tells_age;

/// Revision of the extractor; a new one makes other documents out of the same pages, which is no edit.
pub const REVISION: u32 = 6;

/// The release on a page, and how it was found.
#[derive(Clone, Debug)]
pub struct Extraction {
    /// The release.
    pub document: Document,
    /// One verdict for each line of the page.
    pub verdicts: Vec<Verdict>,
    /// Words of the text.
    pub words: usize,
    /// The element of the page that holds the text: what the template of the source learns of it.
    pub core: usize,
}

impl Extraction {
    /// Whether text was left out because most pages show another one since they were last read.
    pub fn has_churned(&self) -> bool {
        self.verdicts.contains(&Verdict::LeftOut(Why::Churned))
    }
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
    /// Different at every fetch, or at every check.
    Volatile,
    /// Another one on most pages since they were last read.
    Churned,
    /// Nothing but links to other pages.
    Links,
    /// One of several short texts that lead to other pages.
    Teaser,
    /// A counter, the time since something, a note of rights, a hint to another page or to an advertisement.
    Fickle,
    /// Outside the part of the page that holds the text.
    Outside,
    /// Repeats the headline, or a sentence of the text.
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
            Self::Volatile => formatter.write_str("different at every fetch or check"),
            Self::Churned => formatter.write_str("another one on most pages at once"),
            Self::Links => formatter.write_str("nothing but links to other pages"),
            Self::Teaser => formatter.write_str("one of several short texts that lead to other pages"),
            Self::Fickle => formatter.write_str(
                "changes by itself: a count, the time since or of a change, a note of rights, a hint to something else",
            ),
            Self::Outside => formatter.write_str("outside the text"),
            Self::Echo => formatter.write_str("repeats the headline or the text"),
            Self::Heads => formatter.write_str("heads what is left out"),
        }
    }
}

/// Words that make a line running text, not a label.
const PROSE: usize = 8;

/// The element that holds the text, found as [`extract`] finds it.
pub fn core_of(page: &Page, knowledge: &Knowledge) -> usize {
    find_core(page, knowledge).2
}

/// What the lines seem to be at first, the title, and the element that holds the text.
fn find_core(page: &Page, knowledge: &Knowledge) -> (Vec<Verdict>, headline::Headline, usize) {
    let surroundings = lines::Surroundings::of(page, knowledge);
    let mut verdicts: Vec<Verdict> =
        (0..page.lines.len()).map(|at| first_verdict(page, knowledge, &surroundings, at)).collect();
    teasers::drop_cards(page, &mut verdicts);
    let title = headline::find(page, &verdicts, knowledge);
    let mut weights = core::weigh(page, &verdicts, title.line);
    if weights.total() == 0 && take_back_volatile(page, &surroundings, &mut verdicts) {
        weights = core::weigh(page, &verdicts, title.line);
    }
    let core = core::find(page, knowledge, &weights, title.line);
    (verdicts, title, core)
}

/// Finds the release on a page, with what is known of the other pages of its source.
pub fn extract(page: &Page, knowledge: &Knowledge) -> Extraction {
    let (mut verdicts, title, core) = find_core(page, knowledge);
    core::reconsider(page, core, &mut verdicts);
    let region = core::Region::of(page, &verdicts, core, title.line);
    for (at, verdict) in verdicts.iter_mut().enumerate() {
        if *verdict == Verdict::Text && !region.contains(at) {
            *verdict = Verdict::LeftOut(Why::Outside);
        }
    }
    let date = shown_day::find(page, &mut verdicts, &title, &region);
    let date = date.map(|date| dateline::in_order(date, page, knowledge));
    if let Some(line) = title.line {
        verdicts[line] = Verdict::Title;
    }
    lines::drop_echoes(page, &mut verdicts, &title.text, region.lines());
    lines::drop_pulled(page, &mut verdicts, region.lines());
    contacts::mark(page, &mut verdicts, region.lines());
    teasers::drop_boxes(page, &mut verdicts, &region.lines());
    teasers::drop_tail(page, &mut verdicts, &region, core);
    lines::drop_heads(page, &mut verdicts, core);
    lines::drop_figures(page, &mut verdicts);
    teasers::drop_hollow(page, &mut verdicts, &region.lines());
    finish(page, verdicts, title.text, date, (core, &region))
}

/// A text that is new on all pages at once is still a text.
fn take_back_volatile(page: &Page, surroundings: &lines::Surroundings, verdicts: &mut [Verdict]) -> bool {
    let mut found = false;
    for (line, verdict) in page.lines.iter().zip(verdicts) {
        if matches!(verdict, Verdict::LeftOut(Why::Volatile | Why::Churned))
            && surroundings.core(line.element).is_some()
        {
            *verdict = Verdict::Text;
            found = true;
        }
    }
    found
}

fn finish(
    page: &Page,
    verdicts: Vec<Verdict>,
    title: String,
    date: Option<ShownDate>,
    (core, region): (usize, &core::Region),
) -> Extraction {
    let document = assemble::document(page, &verdicts, title, date, region);
    let text = page.lines.iter().zip(&verdicts).filter(|(_, verdict)| **verdict == Verdict::Text);
    let words = text.map(|(line, _)| line.words()).sum();
    Extraction { document, verdicts, words, core }
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
        Some(Recurring::Churned) => return Verdict::LeftOut(Why::Churned),
        Some(Recurring::Counter(pages)) => return Verdict::LeftOut(Why::Counter(pages)),
        None => {}
    }
    if fickle::is_fickle(line) {
        return Verdict::LeftOut(Why::Fickle);
    }
    if lines::is_link_line(line) { Verdict::LeftOut(Why::Links) } else { Verdict::Text }
}
