//! Short texts that lead to other pages: cards of other stories, boxes of links. They rotate, so that a page whose
//! text never changes would seem to change at every fetch.

use std::ops::Range;

use super::core::{Region, Sums};
use super::{PROSE, Verdict, Why, contacts, lines};
use crate::domain::page::{Page, Target};

/// Words of a card beside its link, and its lines.
const CARD_WORDS: usize = 50;
const CARD_LINES: usize = 10;
/// Cards side by side that make a list of them.
const FEWEST_CARDS: usize = 3;
/// Words of running text that must be left without the cards.
const FEWEST_WORDS: usize = 25;

/// Counts along the lines of a page.
struct Counts {
    /// Lines that are links to other pages.
    leads: Sums,
    /// Lines that may be text.
    texts: Sums,
    /// Their words outside links.
    words: Sums,
    /// Those that are running text, in words.
    prose: Sums,
    /// Those that are running text, in lines.
    sentences: Sums,
    /// First-level headings.
    headlines: Sums,
    /// Headings that lead nowhere: what follows them is told here.
    headings: Sums,
}

impl Counts {
    fn of(page: &Page, verdicts: &[Verdict]) -> Self {
        let count = page.lines.len();
        let is_text = |at: usize| verdicts[at] == Verdict::Text;
        let words = |at: usize| if is_text(at) { page.lines[at].own_words() } else { 0 };
        Self {
            leads: Sums::of(count, |at| usize::from(is_lead(page, verdicts, at))),
            texts: Sums::of(count, |at| usize::from(is_text(at))),
            words: Sums::of(count, words),
            prose: Sums::of(count, |at| if words(at) >= PROSE { words(at) } else { 0 }),
            sentences: Sums::of(count, |at| usize::from(words(at) >= PROSE)),
            headings: Sums::of(count, |at| usize::from(page.lines[at].level > 0 && words(at) > 0)),
            headlines: Sums::of(count, |at| usize::from(page.lines[at].level == 1)),
        }
    }

    fn is_card(&self, lines: &Range<usize>) -> bool {
        (2..=CARD_LINES).contains(&lines.len())
            && self.leads.within(lines) > 0
            && self.texts.within(lines) > 0
            && self.words.within(lines) <= CARD_WORDS
            && self.headings.within(lines) == 0
    }

    /// A box of links with a few labels.
    fn is_box(&self, lines: &Range<usize>) -> bool {
        self.leads.within(lines) >= 2
            && self.texts.within(lines) > 0
            && self.prose.within(lines) == 0
            && self.texts.within(lines) <= self.leads.within(lines) * 2
            && self.headlines.within(lines) == 0
    }
}

fn is_lead(page: &Page, verdicts: &[Verdict], at: usize) -> bool {
    verdicts[at] == Verdict::LeftOut(Why::Links)
        && page.lines[at].anchors.iter().any(|anchor| matches!(anchor.target, Target::Page(_) | Target::Elsewhere(_)))
}

/// Leaves out cards that stand side by side, as long as the page has text without them.
pub(super) fn drop_cards(page: &Page, verdicts: &mut [Verdict]) {
    let counts = Counts::of(page, verdicts);
    let mut cards: Vec<usize> = vec![0; page.elements.len()];
    let is_card: Vec<bool> = page.elements.iter().map(|element| counts.is_card(&element.lines)).collect();
    for (at, element) in page.elements.iter().enumerate() {
        cards[element.parent] += usize::from(is_card[at] && at != element.parent);
    }
    let mut dropped: Vec<usize> = Vec::new();
    let mut end = 0;
    for (at, element) in page.elements.iter().enumerate() {
        if is_card[at] && element.lines.start >= end && cards[element.parent] >= FEWEST_CARDS {
            end = element.lines.end;
            dropped.extend(element.lines.clone().filter(|at| verdicts[*at] == Verdict::Text));
        }
    }
    let prose = |at: &usize| counts.prose.within(&(*at..*at + 1));
    if counts.prose.total() >= dropped.iter().map(prose).sum::<usize>() + FEWEST_WORDS {
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
    let is_noise = |at: usize| matches!(verdicts[at], Verdict::LeftOut(Why::Volatile | Why::Counter(_)));
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

/// Leaves out what follows the text and is not more of it: blocks with about as many links to other
/// pages as sentences. Blocks that look like the core's own are the rest of the text.
pub(super) fn drop_tail(page: &Page, verdicts: &mut [Verdict], region: &Region, core: usize) {
    let Some(core) = page.elements.get(core) else { return };
    let counts = Counts::of(page, verdicts);
    let tail = region.tail();
    let mut at = tail.start;
    while at < tail.end {
        let block = block_from(page, at, &tail);
        let lines = &page.elements[block].lines;
        let lines = if lines.start == at { lines.clone() } else { at..at + 1 };
        let sentences = counts.sentences.within(&lines);
        let is_text = !region.is_page && sentences > counts.leads.within(&lines) * 2;
        let is_same = page.elements[block].place == core.place || page.elements[block].parent == core.parent && is_text;
        let holds_contact = lines.clone().any(|at| verdicts[at] == Verdict::Contact);
        at = lines.end.max(at + 1);
        if !is_text && !is_same && !holds_contact {
            lines::leave_out(verdicts, lines, Why::Outside);
        }
    }
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
