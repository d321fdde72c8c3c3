//! Where on a page the release stands: the core that holds its words, and the region around it that may hold
//! more of it.

use std::ops::{Range, RangeInclusive};

use super::{PROSE, Verdict, Why};
use crate::domain::model::BlockKind;
use crate::domain::page::{Line, Page, Role, Target};
use crate::domain::template::Knowledge;

/// A number per line, summed up along the page.
pub(super) struct Sums(Vec<usize>);

impl Sums {
    pub(super) fn of(count: usize, value: impl Fn(usize) -> usize) -> Self {
        let mut sums = Vec::with_capacity(count + 1);
        sums.push(0);
        for at in 0..count {
            sums.push(sums[at] + value(at));
        }
        Self(sums)
    }

    pub(super) fn within(&self, lines: &Range<usize>) -> usize {
        self.0[lines.end].saturating_sub(self.0[lines.start])
    }

    pub(super) fn total(&self) -> usize {
        self.0.last().copied().unwrap_or_default()
    }
}

/// Words that may be text of the release. What stands above the headline has no weight: it is not the text under it;
/// unless hardly anything is under it. Labels, dates and names weigh less than sentences.
pub(super) fn weigh(page: &Page, verdicts: &[Verdict], title: Option<usize>) -> Sums {
    let weight = |at: usize| match page.lines[at].own_words() {
        _ if verdicts[at] != Verdict::Text => 0,
        words if words >= PROSE => words,
        words => words.div_ceil(3),
    };
    let all = Sums::of(page.lines.len(), weight);
    let Some(title) = title else { return all };
    let below = Sums::of(page.lines.len(), |at| if at > title { weight(at) } else { 0 });
    if below.total() * 5 >= all.total() { below } else { all }
}

/// The rule's article; else the place where the other pages have their text; else the innermost element with four
/// fifths of the words.
pub(super) fn find(page: &Page, knowledge: &Knowledge, weights: &Sums, title: Option<usize>) -> usize {
    if let Some(core) = join(page, page.articles.iter().copied()) {
        return core;
    }
    let known = (0..page.elements.len()).filter(|at| {
        let element = &page.elements[*at];
        knowledge.core_pages(element.place).is_some() && !element.lines.is_empty()
    });
    if let Some(core) = join(page, known) {
        return narrowed(page, weights, core);
    }
    if weights.total() == 0 {
        let beside_title = title.map(|line| page.elements[page.lines[line].element].parent);
        return beside_title.unwrap_or(0);
    }
    heart(page, weights, 0)
}

/// The innermost element within one that has four fifths of its words.
fn heart(page: &Page, weights: &Sums, outer: usize) -> usize {
    let words = |element: usize| weights.within(&page.elements[element].lines);
    let enough = |element: &usize| words(*element) * 5 >= words(outer) * 4 && page.contains(outer, *element);
    (outer..page.elements.len()).rev().find(enough).unwrap_or(outer)
}

/// Where the other pages have their text was found before it was known what they share. Long notes that all of them
/// bear, of cookies say, make it the whole page, and whatever rotates there would be text: where most words of a place
/// turned out to be no text, only its heart is one.
fn narrowed(page: &Page, weights: &Sums, core: usize) -> usize {
    let lines = &page.elements[core].lines;
    let all: usize = page.lines[lines.clone()].iter().map(Line::words).sum();
    let text = weights.within(lines);
    if text > 0 && text * 2 < all { heart(page, weights, core) } else { core }
}

fn join(page: &Page, mut elements: impl Iterator<Item = usize>) -> Option<usize> {
    let first = elements.next()?;
    Some(elements.fold(first, |joined, element| page.common_ancestor(joined, element)))
}

/// Two first verdicts do not hold within the core: a line of links that stands among paragraphs is a paragraph that is
/// a link, unless it reads like the headline of another story, and one that a sentence announces with a colon is part
/// of it, unless it ends a box of what is no text; and a short bulletin looks like a counter.
pub(super) fn reconsider(page: &Page, core: usize, verdicts: &mut [Verdict]) {
    let Some(lines) = page.elements.get(core).map(|element| element.lines.clone()) else { return };
    let mut spoken = vec![0_usize; page.elements.len()];
    let mut linked = vec![0_usize; page.elements.len()];
    for at in lines.clone() {
        let counts: &mut Vec<usize> = match verdicts[at] {
            Verdict::Text if page.lines[at].own_words() >= 5 => &mut spoken,
            Verdict::LeftOut(Why::Links) => &mut linked,
            _ => continue,
        };
        let element = page.lines[at].element;
        counts[element] += 1;
        counts[page.elements[element].parent] += 1;
    }
    let noise = Sums::of(page.lines.len(), |at| usize::from(is_noise(verdicts[at])));
    let texts = Sums::of(page.lines.len(), |at| usize::from(verdicts[at] == Verdict::Text));
    let mut is_announced = false;
    for at in lines {
        match verdicts[at] {
            Verdict::Text => is_announced = is_announcement(&page.lines[at]),
            Verdict::LeftOut(Why::Links) => {}
            _ => is_announced = false,
        }
        let element = page.lines[at].element;
        let is_alone = spoken[element] + linked[element] <= 1;
        let around = if is_alone { page.elements[element].parent } else { element };
        let stays = match verdicts[at] {
            Verdict::LeftOut(Why::Links) => {
                let own = &page.elements[element].lines;
                let is_of_noise = noise.within(own) > 0 && texts.within(own) == 0;
                let is_other = is_of_another(&page.lines[at]);
                let is_among = spoken[around] >= linked[around] && !is_other;
                // No sentence announces a picture that leads to another site.
                let is_called_for = is_announced && !(is_other && page.lines[at].text.is_empty());
                (is_called_for || is_among) && !is_of_noise && leads_anywhere(page, at)
            }
            Verdict::LeftOut(Why::Counter(_)) => true,
            _ => false,
        };
        if stays {
            verdicts[at] = Verdict::Text;
        }
    }
}

/// Whether a line is left out because of what other pages, or other fetches, show.
fn is_noise(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::LeftOut(Why::Repeated(_) | Why::Counter(_) | Why::Volatile | Why::Churned))
}

fn is_announcement(line: &Line) -> bool {
    line.text.ends_with(':') && line.level == 0 && line.own_words() >= 5
}

/// Words of a headline.
const HEADLINE: RangeInclusive<usize> = 4..=20;

/// Whether a paragraph that is nothing but a link belongs to what it leads to: it is worded as a headline of another
/// page is, or is a picture on the way to another site. Such paragraphs rotate.
fn is_of_another(line: &Line) -> bool {
    if line.text.is_empty() {
        return line.anchors.iter().all(|anchor| anchor.target() == Target::Elsewhere);
    }
    let is_whole = line.text.trim_end_matches(['"', '”', '»', ' ']).ends_with(['.', ':', ';', ',', '…', '。']);
    let is_paragraph = matches!(line.kind, BlockKind::Paragraph | BlockKind::Quote);
    is_paragraph && line.own_words() <= 1 && HEADLINE.contains(&line.words()) && !is_whole
}

fn leads_anywhere(page: &Page, at: usize) -> bool {
    page.lines[at].anchors.iter().any(|anchor| anchor.target() != Target::Nowhere)
}

/// The part of the page where lines may belong to the release.
pub(super) struct Region {
    pub(super) core: Range<usize>,
    all: Range<usize>,
    /// Whether nothing is known of what follows the core but that it is on the same page.
    pub(super) is_page: bool,
}

impl Region {
    /// From the headline to the end of the element that holds headline and core; where that is the core itself or the
    /// whole page, to the end of what stands right around the core.
    pub(super) fn of(page: &Page, verdicts: &[Verdict], core: usize, title: Option<usize>) -> Self {
        let Some(element) = page.elements.get(core) else { return Self { core: 0..0, all: 0..0, is_page: false } };
        let lines = element.lines.clone();
        let Some(title) = title.filter(|_| page.articles.is_empty()) else {
            return Self { core: lines.clone(), all: lines, is_page: false };
        };
        let open = Sums::of(page.lines.len(), |at| usize::from(verdicts[at] == Verdict::Text));
        let is_prose = |at: usize| verdicts[at] == Verdict::Text && page.lines[at].own_words() >= PROSE;
        let prose = Sums::of(page.lines.len(), |at| usize::from(is_prose(at)));
        let common = page.common_ancestor(core, page.lines[title].element);
        let is_inside = page.contains(core, common);
        let around = if is_inside || is_whole(page, &prose, common) { wrapper_of(page, &open, core) } else { common };
        let end = page.elements[around].lines.end.max(lines.end);
        let is_page = page.elements[around].role != Role::Main && is_whole(page, &prose, around);
        Self { all: title.min(lines.start)..end, core: lines, is_page }
    }

    pub(super) fn contains(&self, line: usize) -> bool {
        self.all.contains(&line) || self.core.contains(&line)
    }

    pub(super) fn lines(&self) -> Range<usize> {
        self.all.start.min(self.core.start)..self.all.end.max(self.core.end)
    }

    /// The lines after the core.
    pub(super) fn tail(&self) -> Range<usize> {
        self.core.end..self.all.end.max(self.core.end)
    }
}

/// Whether no running text stands outside an element. Menus, lists and labels come and go, so they do not count.
fn is_whole(page: &Page, prose: &Sums, element: usize) -> bool {
    prose.within(&page.elements[element].lines) == prose.total()
}

/// The first element around the core that holds more than it.
fn wrapper_of(page: &Page, open: &Sums, core: usize) -> usize {
    let own = open.within(&page.elements[core].lines);
    let mut wrapper = core;
    while wrapper != 0 && open.within(&page.elements[wrapper].lines) == own {
        wrapper = page.elements[wrapper].parent;
    }
    wrapper
}
