//! The headline of a release.

use std::ops::RangeInclusive;

use super::dateline::{is_date_alone, may_date, shown};
use super::shown_day::may_surround;
use super::{PROSE, Verdict, Why};
use crate::domain::model::ShownDate;
use crate::domain::normalize::{canonical_text, clean_text};
use crate::domain::page::{Line, Page, count_words, has_words};
use crate::domain::template::Knowledge;

/// The headline: its words, the line that shows them, and the date inside that line.
pub(super) struct Headline {
    pub(super) text: String,
    pub(super) line: Option<usize>,
    pub(super) date: Option<ShownDate>,
}

/// Lines, shown or not, that are passed on the way.
const MOST_LINES: usize = 60;
/// Words of the name of a site, which some pages bear for a title.
const NAME_WORDS: usize = 2;
/// Fewest words of a headline that no title names.
const FEWEST_WORDS: usize = 3;

/// The first-level heading that the title of the page names; else another heading or line that it names; else the
/// title of the page itself, without the name of the site.
pub(super) fn find(page: &Page, verdicts: &[Verdict], knowledge: &Knowledge) -> Headline {
    let named = Named::of(page);
    let heading = best_heading(page, verdicts, knowledge, &named);
    let is_plain = |at: usize| page.lines[at].level > 1 && named.share(&page.lines[at].text) < 1.0;
    let line = match heading {
        // Teasers have headings, too, and some are nearly the title.
        Some(at) if is_plain(at) => {
            named_line(page, verdicts, &named).filter(|line| named.is_closer(page, *line, at)).or(heading)
        }
        Some(_) => heading,
        None => named_line(page, verdicts, &named),
    };
    let line = line.map(|at| own_headline(page, verdicts, knowledge, at).unwrap_or(at));
    let title = title_of(page);
    let is_site_name = count_words(&title) <= NAME_WORDS;
    let line = line.or_else(|| heading_over_text(page, verdicts, knowledge).filter(|_| is_site_name));
    match line {
        Some(at) => {
            let (text, date) = without_date(&page.lines[at]);
            Headline { text: without_kicker(&page.lines[at], &named).unwrap_or(text), line: Some(at), date }
        }
        None => Headline { text: title, line: None, date: None },
    }
}

/// What the head of the page calls it, as words.
struct Named {
    titles: Vec<Vec<String>>,
}

impl Named {
    fn of(page: &Page) -> Self {
        let head = &page.head;
        let titles = [Some(&head.social_title), Some(&head.title), head.headline.as_ref()];
        let titles = titles.into_iter().flatten().filter(|title| !title.is_empty()).map(|title| words(title)).collect();
        Self { titles }
    }

    /// The share of a line's words that a title names, 0 to 1.
    fn share(&self, line: &str) -> f64 {
        let words = words(line);
        self.titles.iter().map(|title| share_of(&words, title)).fold(0.0, f64::max)
    }

    /// How well a line and a title name each other, 0 to 1: the name of the site is in the title too, but it is not
    /// all of it.
    fn likeness(&self, line: &str) -> f64 {
        let words = words(line);
        self.titles.iter().map(|title| share_of(&words, title) * share_of(title, &words)).fold(0.0, f64::max)
    }

    /// Whether a line is named in full, and better than another.
    fn is_closer(&self, page: &Page, line: usize, other: usize) -> bool {
        let text = |at: usize| page.lines[at].text.as_str();
        self.share(text(line)) >= 1.0 && self.likeness(text(line)) > self.likeness(text(other))
    }
}

/// `Title | Site`: the part that is longer, without looking for the site's name.
fn title_of(page: &Page) -> String {
    let head = &page.head;
    if let Some(headline) = head.headline.as_ref().filter(|headline| !headline.is_empty()) {
        return headline.clone();
    }
    if !head.social_title.is_empty() {
        return head.social_title.clone();
    }
    let parts = [" | ", " — ", " – ", " :: ", " · ", " - "].iter().find_map(|mark| {
        head.title.contains(mark).then(|| head.title.split(mark).max_by_key(|part| count_words(part)))
    });
    clean_text(parts.flatten().unwrap_or(&head.title))
}

fn share_of(words: &[String], others: &[String]) -> f64 {
    let found = words.iter().filter(|word| others.contains(word)).count();
    #[expect(clippy::cast_precision_loss, reason = "counts of words of a line")]
    let share = found as f64 / words.len().max(1) as f64;
    share
}

/// Words of a title that are compared: at most 60, so that a hostile title costs nothing.
fn words(text: &str) -> Vec<String> {
    let text = canonical_text(text.get(..text.floor_char_boundary(1_000)).unwrap_or(text)).to_lowercase();
    let words = text.split(|character: char| !character.is_alphanumeric());
    words.filter(|word| !word.is_empty()).flat_map(pairs_of).take(60).collect()
}

/// Where a script sets no spaces, each two letters are a word.
fn pairs_of(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().take(60).collect();
    if letters.len() < 2 || !letters.iter().any(|letter| ('\u{2e80}'..'\u{a000}').contains(letter)) {
        return vec![word.to_owned()];
    }
    letters.windows(2).map(|pair| pair.iter().collect()).collect()
}

fn may_head(page: &Page, verdicts: &[Verdict], at: usize) -> bool {
    let line = &page.lines[at];
    let is_open = !matches!(verdicts[at], Verdict::LeftOut(Why::Ignored | Why::Chrome | Why::Hinted | Why::Teaser));
    is_open && line.words() > 0 && line.text.len() <= 1_000
}

/// The heading that the titles of the page name best, the first one of equals; none if they name none.
fn best_named(page: &Page, headings: impl Iterator<Item = usize>, named: &Named) -> Option<(f64, usize)> {
    let mut best: Option<(f64, usize)> = None;
    for at in headings {
        let text = without_date(&page.lines[at]).0;
        let likeness = named.likeness(&text);
        if named.share(&text) >= 0.6 && best.is_none_or(|(other, _)| likeness > other) {
            best = Some((likeness, at));
        }
    }
    best
}

/// The line that is the headline if names and places of elements are left out of account.
pub(super) fn likely(page: &Page) -> Option<usize> {
    let named = Named::of(page);
    let headings = |levels: RangeInclusive<u8>| {
        let is_heading =
            move |line: &Line| levels.contains(&line.level) && line.words() > 0 && line.text.len() <= 1_000;
        (0..page.lines.len()).filter(move |at| is_heading(&page.lines[*at])).take(200)
    };
    let first_level = best_named(page, headings(1..=1), &named).map(|(_, at)| at).or_else(|| headings(1..=1).next());
    first_level.or_else(|| best_named(page, headings(2..=4), &named).map(|(_, at)| at))
}

fn best_heading(page: &Page, verdicts: &[Verdict], knowledge: &Knowledge, named: &Named) -> Option<usize> {
    let headings = |level: u8| {
        (0..page.lines.len())
            .filter(move |at| page.lines[*at].level == level && may_head(page, verdicts, *at))
            .take(200)
    };
    let is_own = |at: &usize| knowledge.recurring(page, &page.lines[*at], None).is_none();
    let first_level: Vec<usize> = headings(1).collect();
    let named_first = best_named(page, first_level.iter().copied(), named);
    let is_named = |at: &usize| named.share(&page.lines[*at].text) >= 0.8 && is_own(at);
    let lower = best_named(page, (2..=3).flat_map(headings).filter(is_named), named);
    let named_lower = lower.or_else(|| best_named(page, headings(4).filter(is_named), named));
    match (named_first, named_lower) {
        (Some(first), Some(lower)) if lower.0 > 0.5 && (lower.0 > first.0 * 2.0 || !is_own(&first.1)) => Some(lower.1),
        (Some(first), _) => Some(first.1),
        (None, Some(lower)) if !first_level.iter().any(is_own) => Some(lower.1),
        (None, _) => first_level.iter().copied().find(is_own).or_else(|| first_level.first().copied()),
    }
}

/// On sites that give all pages the same title: the heading of this page alone that stands last before the text.
fn heading_over_text(page: &Page, verdicts: &[Verdict], knowledge: &Knowledge) -> Option<usize> {
    let is_text = |at: &usize| verdicts[*at] == Verdict::Text && page.lines[*at].own_words() >= PROSE;
    let is_heading = |at: &usize| {
        let line = &page.lines[*at];
        let is_one = (2..=4).contains(&line.level) && may_head(page, verdicts, *at);
        is_one && line.own_words() >= FEWEST_WORDS && knowledge.recurring(page, line, None).is_none()
    };
    let first = (0..page.lines.len()).find(is_heading)?;
    let text = (first..page.lines.len()).find(|at| page.lines[*at].level == 0 && is_text(at))?;
    (first..text).rev().take(MOST_LINES).find(is_heading)
}

/// Words of a headline that is no heading.
const HEADLINE: RangeInclusive<usize> = 2..=25;

/// Where all pages have one heading and one title, the name of the site: the first line of the page's own, if it looks
/// like a headline over a date.
fn own_headline(page: &Page, verdicts: &[Verdict], knowledge: &Knowledge, heading: usize) -> Option<usize> {
    let titles = [&page.head.title, &page.head.social_title];
    let is_of_site = knowledge.recurring(page, &page.lines[heading], None).is_some()
        && page.head.headline.is_none()
        && titles.iter().all(|title| title.is_empty() || words(title) == words(&page.lines[heading].text));
    is_of_site.then_some(())?;
    let is_date = |at: usize| may_surround(verdicts[at], &page.lines[at]) && may_date(&page.lines[at]);
    let is_shown = |at: &usize| verdicts[*at] == Verdict::Text || is_date(*at);
    let mut own = (heading + 1..page.lines.len()).take(MOST_LINES).filter(is_shown);
    let first = own.next().filter(|at| verdicts[*at] == Verdict::Text)?;
    let line = &page.lines[first];
    let is_headline =
        HEADLINE.contains(&line.words()) && line.anchors.is_empty() && !line.text.ends_with(['.', ':', ';']);
    (is_headline && !is_date(first) && own.take(2).any(is_date)).then_some(first)
}

/// Sites without headings: the line that says best what the title says, the first one of equals. The name of the site
/// may stand in the title, too.
fn named_line(page: &Page, verdicts: &[Verdict], named: &Named) -> Option<usize> {
    let is_named = |at: &usize| {
        may_head(page, verdicts, *at)
            && (3..=40).contains(&page.lines[*at].words())
            && named.share(&page.lines[*at].text) >= 0.9
            && page.lines[*at].anchors.is_empty()
    };
    let lines = (0..page.lines.len()).take(400).filter(is_named);
    let rated = lines.map(|at| (named.likeness(&page.lines[at].text), at));
    rated.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, at)| at)
}

/// A headline without the date that some templates put into it, in an element of its own.
fn without_date(line: &Line) -> (String, Option<ShownDate>) {
    for span in &line.spans {
        let at_edge = span.start == 0 || span.end == line.text.len();
        let inner = line.text[span.clone()].trim();
        if at_edge && is_date_alone(inner) {
            let rest = format!("{} {}", &line.text[..span.start], &line.text[span.end..]);
            return (clean_text(&rest), Some(shown(inner)));
        }
    }
    (line.text.clone(), None)
}

/// A headline without the words over or after it, in an element of their own, that no title of the page names, while
/// each of the rest is named: a rubric, the name of the site.
fn without_kicker(line: &Line, named: &Named) -> Option<String> {
    line.spans.iter().find_map(|span| {
        let (kicker, rest) = match (span.start, span.end) {
            (0, end) => (&line.text[..end], &line.text[end..]),
            (start, end) if end == line.text.len() => (&line.text[start..], &line.text[..start]),
            _ => return None,
        };
        // "Not all schools close" is one sentence, whatever is stressed in it.
        let begins = |text: &str| !text.trim_start().starts_with(char::is_lowercase);
        let is_other = has_words(kicker) && named.share(kicker) == 0.0 && begins(kicker) && begins(rest);
        (is_other && count_words(rest) >= FEWEST_WORDS && named.share(rest) >= 1.0).then(|| clean_text(rest))
    })
}
