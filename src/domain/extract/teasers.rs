//! Short texts that lead to other pages: cards of other stories, boxes of links. They rotate, so that a page whose
//! text never changes would seem to change at every fetch.

use std::ops::Range;

use super::core::{Region, Sums};
use super::{PROSE, Verdict, Why, contacts, lines};
use crate::domain::model::BlockKind;
use crate::domain::page::{Anchor, Line, Page, Target};

/// Words of a card beside its link, and its lines.
const CARD_WORDS: usize = 50;
const CARD_LINES: usize = 10;
/// Cards side by side that make a list of them; and such as are headed by a link.
const FEWEST_CARDS: usize = 3;
const FEWEST_HEADED: usize = 2;
/// Words of running text that must be left without the cards.
const FEWEST_WORDS: usize = 25;

/// Counts of some lines.
#[derive(Clone, Copy, Default)]
struct Count {
    /// Lines that are links to other pages.
    leads: usize,
    /// Those that are headings.
    heads: usize,
    /// Lines that may be text.
    texts: usize,
    /// Their words outside links.
    words: usize,
    /// Those that are running text, in words.
    prose: usize,
    /// Those that are running text, in lines.
    sentences: usize,
    /// First-level headings.
    headlines: usize,
    /// Headings that lead nowhere: what follows them is told here.
    headings: usize,
}

impl Count {
    fn of(page: &Page, verdicts: &[Verdict], at: usize) -> Self {
        let line = &page.lines[at];
        let is_text = verdicts[at] == Verdict::Text;
        let words = if is_text { line.own_words() } else { 0 };
        let is_prose = words >= PROSE;
        Self {
            leads: usize::from(is_lead(line, verdicts[at])),
            heads: usize::from(line.level > 0 && is_lead(line, verdicts[at])),
            texts: usize::from(is_text),
            words,
            prose: if is_prose { words } else { 0 },
            sentences: usize::from(is_prose),
            headlines: usize::from(line.level == 1),
            headings: usize::from(line.level > 0 && words > 0),
        }
    }

    fn with(self, other: Self, add: fn(usize, usize) -> usize) -> Self {
        Self {
            leads: add(self.leads, other.leads),
            heads: add(self.heads, other.heads),
            texts: add(self.texts, other.texts),
            words: add(self.words, other.words),
            prose: add(self.prose, other.prose),
            sentences: add(self.sentences, other.sentences),
            headlines: add(self.headlines, other.headlines),
            headings: add(self.headings, other.headings),
        }
    }
}

/// Counts summed up along the lines of a page.
struct Counts(Vec<Count>);

impl Counts {
    fn of(page: &Page, verdicts: &[Verdict]) -> Self {
        let mut sum = Count::default();
        let mut sums = Vec::with_capacity(page.lines.len() + 1);
        sums.push(sum);
        for at in 0..page.lines.len() {
            sum = sum.with(Count::of(page, verdicts, at), usize::wrapping_add);
            sums.push(sum);
        }
        Self(sums)
    }

    fn within(&self, lines: &Range<usize>) -> Count {
        self.0[lines.end].with(self.0[lines.start], usize::saturating_sub)
    }

    fn is_card(&self, lines: &Range<usize>) -> bool {
        let count = self.within(lines);
        (2..=CARD_LINES).contains(&lines.len())
            && count.leads > 0
            && count.texts > 0
            && count.words <= CARD_WORDS
            && count.headings == 0
    }

    /// A box of links with a few labels.
    fn is_box(&self, lines: &Range<usize>) -> bool {
        let count = self.within(lines);
        count.leads >= 2
            && count.texts > 0
            && count.prose == 0
            && count.texts <= count.leads * 2
            && count.headlines == 0
    }
}

fn is_lead(line: &Line, verdict: Verdict) -> bool {
    // A table of contents leads through the page itself.
    let is_of_contents = line.kind == BlockKind::ListItem && !line.text.is_empty();
    let leads = |target| match target {
        Target::Page | Target::Elsewhere => true,
        Target::Nowhere => is_of_contents,
        Target::File | Target::Contact => false,
    };
    verdict == Verdict::LeftOut(Why::Links) && line.anchors.iter().any(|anchor| leads(anchor.target()))
}

/// Leaves out cards that stand side by side, as long as the page has text without them.
pub(super) fn drop_cards(page: &Page, verdicts: &mut [Verdict]) {
    let counts = Counts::of(page, verdicts);
    let mut cards: Vec<usize> = vec![0; page.elements.len()];
    let mut headed: Vec<usize> = vec![0; page.elements.len()];
    let is_card: Vec<bool> = page.elements.iter().map(|element| counts.is_card(&element.lines)).collect();
    let is_headed = |at: usize| is_card[at] && counts.within(&page.elements[at].lines).heads == 1;
    for (at, element) in page.elements.iter().enumerate().filter(|(at, element)| *at != element.parent) {
        cards[element.parent] += usize::from(is_card[at]);
        headed[element.parent] += usize::from(is_headed(at));
    }
    let is_of_list = |at: usize, parent: usize| {
        is_card[at] && cards[parent] >= FEWEST_CARDS || is_headed(at) && headed[parent] >= FEWEST_HEADED
    };
    let mut dropped: Vec<usize> = Vec::new();
    let mut end = 0;
    for (at, element) in page.elements.iter().enumerate() {
        if element.lines.start >= end && is_of_list(at, element.parent) {
            end = element.lines.end;
            dropped.extend(element.lines.clone().filter(|at| verdicts[*at] == Verdict::Text));
        }
    }
    let prose = |at: &usize| counts.within(&(*at..*at + 1)).prose;
    if counts.within(&(0..page.lines.len())).prose >= dropped.iter().map(prose).sum::<usize>() + FEWEST_WORDS {
        for at in dropped {
            verdicts[at] = Verdict::LeftOut(Why::Teaser);
        }
    }
}

/// Leaves out the labels of boxes of links within the region.
pub(super) fn drop_boxes(page: &Page, verdicts: &mut [Verdict], region: &Range<usize>) {
    let counts = Counts::of(page, verdicts);
    let mut end = region.start;
    for element in &page.elements {
        if element.lines.start >= end && element.lines.end <= region.end && counts.is_box(&element.lines) {
            end = element.lines.end;
            for at in element.lines.clone() {
                if verdicts[at] == Verdict::Text && !contacts::is_seed(&page.lines[at]) {
                    verdicts[at] = Verdict::LeftOut(Why::Teaser);
                }
            }
        }
    }
}

/// Leaves out boxes of which nothing but headings is left once what changes on its own is taken away: "About the
/// author", say, over a line that counts what they wrote.
pub(super) fn drop_hollow(page: &Page, verdicts: &mut [Verdict], region: &Range<usize>) {
    let is_text = |at: usize| verdicts[at] == Verdict::Text;
    let is_noise = |at: usize| matches!(verdicts[at], Verdict::LeftOut(Why::Volatile | Why::Churned | Why::Counter(_)));
    let is_head = |at: usize| is_text(at) && lines::is_head(&page.lines[at]);
    let is_picture = |at: usize| is_text(at) && page.lines[at].text.is_empty();
    let is_left = |at: usize| !is_head(at) && !is_picture(at) && !matches!(verdicts[at], Verdict::LeftOut(_));
    let sums = |counts: &dyn Fn(usize) -> bool| Sums::of(page.lines.len(), |at| usize::from(counts(at)));
    let (noise, heads, left) = (sums(&is_noise), sums(&is_head), sums(&is_left));
    for element in &page.elements {
        let lines = &element.lines;
        let is_inside = lines.start >= region.start && lines.end <= region.end;
        if is_inside && noise.within(lines) > 0 && heads.within(lines) > 0 && left.within(lines) == 0 {
            lines::leave_out(verdicts, lines.clone(), Why::Heads);
        }
    }
}

/// Leaves out what follows the text and is not more of it: blocks with about as many links to other pages as sentences.
/// Blocks that look like the core's own are the rest of the text; pictures and files right beside it belong to it.
pub(super) fn drop_tail(page: &Page, verdicts: &mut [Verdict], region: &Region, core: usize) {
    let Some(core) = page.elements.get(core) else { return };
    let counts = Counts::of(page, verdicts);
    let tail = region.tail();
    let mut at = tail.start;
    while at < tail.end {
        let block = block_from(page, at, &tail);
        let lines = &page.elements[block].lines;
        let lines = if lines.start == at { lines.clone() } else { at..at + 1 };
        let count = counts.within(&lines);
        let is_text = !region.is_page && count.sentences > count.leads * 2;
        let is_same = page.elements[block].place == core.place || page.elements[block].parent == core.parent && is_text;
        let holds_contact = lines.clone().any(|at| verdicts[at] == Verdict::Contact);
        let is_beside = block == core.parent || page.elements[block].parent == core.parent;
        let is_attached = is_beside && lines.clone().all(|at| is_attachment(&page.lines[at]));
        at = lines.end.max(at + 1);
        if !is_text && !is_same && !holds_contact && !is_attached {
            lines::leave_out(verdicts, lines, Why::Outside);
        }
    }
}

/// Whether a line is nothing but pictures that lead nowhere, or files to download. Beside words, also such as are left
/// out, a picture is that of an author, say.
fn is_attachment(line: &Line) -> bool {
    let is_file = |anchor: &Anchor| anchor.target() == Target::File;
    let is_picture = line.text.is_empty() && line.anchors.is_empty();
    let is_download = !line.anchors.is_empty() && line.anchors.iter().all(is_file) && line.own_words() < PROSE;
    is_picture || is_download
}

/// The outermost element that starts with a line and stays within the tail; else the one that holds the line.
fn block_from(page: &Page, at: usize, tail: &Range<usize>) -> usize {
    let mut block = page.lines[at].element;
    while block != 0 {
        let parent = page.elements[block].parent;
        let lines = &page.elements[parent].lines;
        if lines.start < at || lines.end > tail.end {
            break;
        }
        block = parent;
    }
    block
}
