//! Verdicts on single lines: chrome by markup, lines of links, echoes of the headline, headings of nothing.

use std::ops::Range;

use super::dateline::may_date;
use super::{PROSE, Verdict, Why, headline};
use crate::domain::model::BlockKind;
use crate::domain::normalize::canonical_text;
use crate::domain::page::{Element, Line, Page, Role, Target, count_words, has_words};
use crate::domain::template::Knowledge;

/// For each element, what its surroundings say.
pub(super) struct Surroundings {
    /// Why it is no text.
    whys: Vec<Option<Why>>,
    /// On how many pages the text stands in this place, if it does.
    cores: Vec<Option<u32>>,
}

impl Surroundings {
    /// Roles are inherited. They are overruled for elements that hold the headline, and where little is left without
    /// them: some sites wrap the whole page into something called a widget.
    pub(super) fn of(page: &Page, knowledge: &Knowledge) -> Self {
        let words = Words::of(page);
        let headline = headline::likely(page);
        let repeated = headline.and_then(|line| repeated_below(page, line));
        let mut whys: Vec<Option<Why>> = Vec::with_capacity(page.elements.len());
        let mut cores: Vec<Option<u32>> = Vec::with_capacity(page.elements.len());
        let mut in_main: Vec<bool> = Vec::with_capacity(page.elements.len());
        for (at, element) in page.elements.iter().enumerate() {
            let parent = (at != element.parent).then_some(element.parent);
            let is_in_main = element.role == Role::Main || parent.is_some_and(|parent| in_main[parent]);
            let stands_below = repeated.is_some_and(|line| element.lines.end <= line);
            let holds_headline = headline.is_some_and(|line| element.lines.contains(&line)) && !stands_below;
            let is_text = holds_headline || headline.is_some_and(|line| is_opening(page, element, line));
            let own = if is_text { None } else { words.objection(element, is_in_main) };
            whys.push(parent.and_then(|parent| whys[parent]).or(own));
            cores.push(parent.and_then(|parent| cores[parent]).or_else(|| knowledge.core_pages(element.place)));
            in_main.push(is_in_main);
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

/// The same words once more below a heading of a lower level, as text: where slides tease the release itself, that is
/// its headline.
fn repeated_below(page: &Page, headline: usize) -> Option<usize> {
    let Line { text, level, .. } = &page.lines[headline];
    let is_same = |line: &Line| line.level == 0 && line.anchors.is_empty() && line.text == *text;
    let below = page.lines.iter().enumerate().skip(headline + 1);
    below.filter(|(_, line)| *level > 1 && is_same(line)).map(|(at, _)| at).next()
}

/// Lines between a headline and the opening of its text, and lines of that.
const LINES_BEFORE: usize = 8;
const LINES_OF_OPENING: usize = 5;

/// Whether a teaser teases nothing else: it is the first to say something after the headline, and leads to no other
/// page.
fn is_opening(page: &Page, element: &Element, headline: usize) -> bool {
    let lines = &element.lines;
    let is_near = (headline + 1..=headline + LINES_BEFORE).contains(&lines.start) && lines.len() <= LINES_OF_OPENING;
    let leads = |line: &Line| line.anchors.iter().any(|anchor| anchor.target() == Target::Page);
    element.role == Role::Teaser
        && is_near
        && page.lines[headline + 1..lines.start].iter().all(|line| line.own_words() < PROSE || may_date(line))
        && !page.lines[lines.clone()].iter().any(leads)
}

/// Words outside links, summed up along the page.
struct Words {
    sums: Vec<usize>,
    /// Words of running text in elements of which nothing is said.
    plain: usize,
}

/// Words of running text that are a page's text even if more of them stand in a comment section.
const FEW_WORDS: usize = 25;

impl Words {
    fn of(page: &Page) -> Self {
        let mut named: Vec<bool> = Vec::with_capacity(page.elements.len());
        for (at, element) in page.elements.iter().enumerate() {
            let inherited = at != element.parent && named[element.parent];
            named.push(inherited || !matches!(element.role, Role::Plain | Role::Main));
        }
        let (mut sums, mut plain) = (vec![0], 0);
        for line in &page.lines {
            let own = line.own_words();
            sums.push(sums[sums.len() - 1] + own);
            if own >= PROSE && !named.get(line.element).copied().unwrap_or_default() {
                plain += own;
            }
        }
        Self { sums, plain }
    }

    /// What the role of an element says against its text, unless it holds what text there is.
    fn objection(&self, element: &Element, is_in_main: bool) -> Option<Why> {
        let total = self.sums[self.sums.len() - 1].max(1);
        let words = self.sums[element.lines.end] - self.sums[element.lines.start];
        let is_beside = self.plain >= FEW_WORDS;
        match element.role {
            Role::Chrome if is_beside || words * 5 < total * 3 => Some(Why::Chrome),
            Role::Apart | Role::Teaser if is_beside || words * 3 < total => Some(Why::Hinted),
            Role::Hinted if words * 3 < total => Some(Why::Hinted),
            Role::Header if words * 5 < total && !is_in_main => Some(Why::Chrome),
            _ => None,
        }
    }
}

/// Whether a line is nothing but links to other pages, dates and figures aside. Files are no pages: the link to the
/// full text of a document belongs to the release.
pub(super) fn is_link_line(line: &Line) -> bool {
    if line.anchors.is_empty() || has_content_link(line) {
        return false;
    }
    if line.text.is_empty() {
        return line.anchors.iter().any(|anchor| matches!(anchor.target(), Target::Page | Target::Elsewhere));
    }
    let own = own_words_without_figures(line);
    let mut linked = line.anchors.iter().map(|anchor| &line.text[anchor.range.clone()]);
    if own <= 1 { linked.any(has_words) } else { own * 4 <= linked.map(count_words).sum() }
}

fn has_content_link(line: &Line) -> bool {
    let has = |wanted: fn(Target) -> bool| line.anchors.iter().any(|anchor| wanted(anchor.target()));
    has(|target| matches!(target, Target::File | Target::Contact))
        || has(|target| matches!(target, Target::Elsewhere)) && line.words() >= 3
}

fn own_words_without_figures(line: &Line) -> usize {
    let is_word = |word: &&str| word.chars().any(char::is_alphabetic);
    line.unlinked().map(|text| text.split_whitespace().filter(is_word).count()).sum()
}

/// A second headline over the text, or a trail of links that ends in it.
pub(super) fn drop_echoes(page: &Page, verdicts: &mut [Verdict], title: &str, region: Range<usize>) {
    let title = canonical_text(title).to_lowercase();
    if title.is_empty() {
        return;
    }
    for at in region {
        let line = &page.lines[at];
        if verdicts[at] != Verdict::Text {
            continue;
        }
        if line.own_words() > 12 {
            break;
        }
        if is_echo(line, &title) {
            verdicts[at] = Verdict::LeftOut(Why::Echo);
        }
    }
}

/// Quotes that are looked at.
const MOST_QUOTES: usize = 40;
/// Words of a quote that is known again.
const FEWEST_QUOTED: usize = 5;

/// What is pulled out of the text to stand beside it in large letters: it comes and goes, and says nothing of its own.
pub(super) fn drop_pulled(page: &Page, verdicts: &mut [Verdict], region: Range<usize>) {
    let is_text = |verdicts: &[Verdict], at: usize| verdicts[at] == Verdict::Text;
    let is_quote = |at: usize| page.lines[at].kind == BlockKind::Quote;
    let quotes: Vec<usize> =
        region.clone().filter(|at| is_quote(*at) && is_text(verdicts, *at)).take(MOST_QUOTES).collect();
    if quotes.is_empty() {
        return;
    }
    let others = region.filter(|at| !is_quote(*at) && is_text(verdicts, *at));
    let texts: Vec<String> = others.map(|at| canonical_text(&page.lines[at].text)).collect();
    for at in quotes {
        let quote = canonical_text(&page.lines[at].text);
        let quote = quote.trim_matches(['"', '\'', ' ']);
        if count_words(quote) >= FEWEST_QUOTED && texts.iter().any(|text| text.contains(quote)) {
            verdicts[at] = Verdict::LeftOut(Why::Echo);
        }
    }
}

fn is_echo(line: &Line, title: &str) -> bool {
    let text = canonical_text(&line.text).to_lowercase();
    let is_trail = || !line.anchors.is_empty() && text.ends_with(title) && text.len() < title.len() + 160;
    text == title || is_trail()
}

/// Headings under which nothing is left ("Related news") are left out with what they head, outside the core.
pub(super) fn drop_heads(page: &Page, verdicts: &mut [Verdict], core: usize) {
    let core = page.elements.get(core).map_or(0..0, |element| element.lines.clone());
    let mut heads_nothing = false;
    for at in (0..verdicts.len()).rev() {
        match verdicts[at] {
            Verdict::LeftOut(
                Why::Links | Why::Teaser | Why::Repeated(_) | Why::Counter(_) | Why::Volatile | Why::Churned,
            ) => heads_nothing = true,
            Verdict::Text if heads_nothing && !core.contains(&at) && is_head(&page.lines[at]) => {
                verdicts[at] = Verdict::LeftOut(Why::Heads);
            }
            Verdict::LeftOut(_) => {}
            _ => heads_nothing = false,
        }
    }
}

/// Figures alone between lines that are left out say how often those were read, and change as they do.
pub(super) fn drop_figures(page: &Page, verdicts: &mut [Verdict]) {
    let is_left_out = |verdict: Option<&Verdict>| {
        matches!(
            verdict,
            Some(Verdict::LeftOut(Why::Links | Why::Teaser | Why::Repeated(_) | Why::Volatile | Why::Fickle))
        )
    };
    for at in 1..verdicts.len() {
        let line = &page.lines[at];
        let is_figure = line.images.is_empty() && !line.text.is_empty() && !line.text.contains(char::is_alphabetic);
        let is_between = || is_left_out(verdicts.get(at - 1)) && is_left_out(verdicts.get(at + 1));
        if verdicts[at] == Verdict::Text && line.kind == BlockKind::Paragraph && is_figure && is_between() {
            verdicts[at] = Verdict::LeftOut(Why::Fickle);
        }
    }
}

pub(super) fn is_head(line: &Line) -> bool {
    let is_bold = line.spans.iter().any(|span| span.start == 0 && span.end == line.text.len());
    (line.level > 1 || is_bold) && line.words() <= 6 && line.images.is_empty()
}

/// Leaves out the text of some lines.
pub(super) fn leave_out(verdicts: &mut [Verdict], lines: Range<usize>, why: Why) {
    for verdict in &mut verdicts[lines] {
        if *verdict == Verdict::Text {
            *verdict = Verdict::LeftOut(why);
        }
    }
}
