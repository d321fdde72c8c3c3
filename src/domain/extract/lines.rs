//! Verdicts on single lines: chrome by markup, lines of links, echoes of the headline, headings of nothing.

use std::ops::Range;

use super::{Verdict, Why};
use crate::domain::normalize::canonical_text;
use crate::domain::page::{Line, Page, Role, Target, count_words};
use crate::domain::template::Knowledge;

/// For each element, what its surroundings say.
pub(super) struct Surroundings {
    /// Why it is no text.
    whys: Vec<Option<Why>>,
    /// On how many pages the text stands in this place, if it does.
    cores: Vec<Option<u32>>,
}

impl Surroundings {
    /// Roles are inherited. They are overruled for elements that hold the headline or a large part of all words:
    /// some sites wrap the whole page into something called a widget.
    pub(super) fn of(page: &Page, knowledge: &Knowledge) -> Self {
        let mut sums = vec![0];
        for line in &page.lines {
            sums.push(sums[sums.len() - 1] + line.own_words());
        }
        let total = sums.last().copied().unwrap_or_default().max(1);
        let headline = page.lines.iter().position(|line| line.level == 1 && count_words(&line.text) > 0);
        let mut whys: Vec<Option<Why>> = Vec::with_capacity(page.elements.len());
        let mut cores: Vec<Option<u32>> = Vec::with_capacity(page.elements.len());
        for (at, element) in page.elements.iter().enumerate() {
            let inherited = if at == element.parent { None } else { whys[element.parent] };
            let words = sums[element.lines.end] - sums[element.lines.start];
            let holds_headline = headline.is_some_and(|line| element.lines.contains(&line));
            let own = match element.role {
                _ if holds_headline => None,
                Role::Chrome if words * 5 < total * 3 => Some(Why::Chrome),
                Role::Hinted if words * 3 < total => Some(Why::Hinted),
                Role::Header if words * 5 < total && !is_in_main(page, at) => Some(Why::Chrome),
                _ => None,
            };
            whys.push(inherited.or(own));
            let outer = if at == element.parent { None } else { cores[element.parent] };
            cores.push(outer.or_else(|| knowledge.core_pages(element.place)));
        }
        Self { whys, cores }
    }

    pub(super) fn why(&self, element: usize) -> Option<Why> {
        self.whys.get(element).copied().flatten()
    }

    pub(super) fn core(&self, element: usize) -> Option<u32> {
        self.cores.get(element).copied().flatten()
    }
}

fn is_in_main(page: &Page, element: usize) -> bool {
    page.ancestors(element).into_iter().any(|at| page.elements[at].role == Role::Main)
}

/// Whether a line is nothing but links to other pages, dates and figures aside. Files are no pages: the link to the
/// full text of a document belongs to the release.
pub(super) fn is_link_line(line: &Line) -> bool {
    if line.anchors.is_empty() || line.anchors.iter().any(|anchor| is_content(line, &anchor.target)) {
        return false;
    }
    if line.text.is_empty() {
        return line.anchors.iter().any(|anchor| matches!(anchor.target, Target::Page(_)));
    }
    let linked: usize = line.anchors.iter().map(|anchor| count_words(&line.text[anchor.range.clone()])).sum();
    let own = own_words_without_figures(line);
    linked > 0 && own * 4 <= linked.max(4)
}

fn is_content(line: &Line, target: &Target) -> bool {
    match target {
        Target::File(_) | Target::Contact(_) => true,
        Target::Elsewhere(_) => count_words(&line.text) >= 3,
        Target::Page(_) | Target::Nowhere => false,
    }
}

fn own_words_without_figures(line: &Line) -> usize {
    let mut own = line.text.clone();
    for anchor in line.anchors.iter().rev() {
        own.replace_range(anchor.range.clone(), " ");
    }
    own.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic)).count()
}

/// A second headline over the text, or a trail of links that ends in it.
pub(super) fn drop_echoes(page: &Page, verdicts: &mut [Verdict], title: &str, region: Range<usize>) {
    let title = canonical_text(title).to_lowercase();
    let first_text = region.clone().find(|at| verdicts[*at] == Verdict::Text && page.lines[*at].own_words() > 12);
    for at in region.start..first_text.unwrap_or(region.end) {
        let text = canonical_text(&page.lines[at].text).to_lowercase();
        if verdicts[at] == Verdict::Text
            && !title.is_empty()
            && (text == title || is_trail(&page.lines[at], &text, &title))
        {
            verdicts[at] = Verdict::LeftOut(Why::Echo);
        }
    }
}

fn is_trail(line: &Line, text: &str, title: &str) -> bool {
    !line.anchors.is_empty() && text.ends_with(title) && text.len() < title.len() + 160
}

/// Headings under which nothing is left ("Related news") are left out with what they head, outside the core.
pub(super) fn drop_heads(page: &Page, verdicts: &mut [Verdict], core: usize) {
    let core = page.elements.get(core).map_or(0..0, |element| element.lines.clone());
    let mut heads_nothing = false;
    for at in (0..verdicts.len()).rev() {
        match verdicts[at] {
            Verdict::LeftOut(Why::Links | Why::Repeated(_) | Why::Counter(_)) => heads_nothing = true,
            Verdict::Text if heads_nothing && !core.contains(&at) && is_head(&page.lines[at]) => {
                verdicts[at] = Verdict::LeftOut(Why::Heads);
            }
            Verdict::LeftOut(_) => {}
            _ => heads_nothing = false,
        }
    }
}

fn is_head(line: &Line) -> bool {
    let is_bold = line.spans.iter().any(|span| span.start == 0 && span.end == line.text.len());
    (line.level > 1 || is_bold) && count_words(&line.text) <= 6 && line.images.is_empty()
}
