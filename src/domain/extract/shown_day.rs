//! The date beside the headline of a release.

use super::core::Region;
use super::dateline::{is_stamp, may_date, shown_in};
use super::fickle::tells_age;
use super::headline::Headline;
use super::{PROSE, Verdict, Why};
use crate::domain::dates::find_date as date_in;
use crate::domain::model::{BlockKind, ShownDate};
use crate::domain::page::{Line, Page};

/// Lines beside the headline in which the date is looked for.
const LINES_ABOVE: usize = 3;
const LINES_BELOW: usize = 5;
/// Lines, shown or not, that are passed on the way.
const MOST_LINES: usize = 60;
/// Lines of links that may stand between a date and the headline under it; over a menu stands the day of today.
const LINES_OF_TRAIL: usize = 6;

/// The date in the headline; else the line nearest to the headline that is little but a date, or else one right after
/// the text; else what the head of the page says. The line is taken out of the text.
pub(super) fn find(page: &Page, verdicts: &mut [Verdict], title: &Headline, region: &Region) -> Option<ShownDate> {
    let start = title.line.unwrap_or(region.lines().start);
    let is_shown = |at: &usize| Some(*at) != title.line && may_surround(verdicts[*at], &page.lines[*at]);
    let mut of_menu = 0;
    let is_near = |at: &usize| {
        of_menu += usize::from(is_of_menu(verdicts[*at]));
        of_menu <= LINES_OF_TRAIL
    };
    let above = (0..start).rev().take(MOST_LINES).take_while(is_near).filter(is_shown).take(LINES_ABOVE);
    let below = (start..page.lines.len()).take(MOST_LINES).filter(is_shown).take(LINES_BELOW);
    let near: Vec<usize> = below.chain(above).collect();
    // Where the headline says how long ago that was, a date under the text is that of something else.
    let is_aged = page.lines.iter().skip(start + 1).take(LINES_BELOW).any(tells_age);
    let is_prose = |at: &usize| verdicts[*at] == Verdict::Text && page.lines[*at].own_words() >= PROSE;
    let text = (start + 1..page.lines.len()).find(is_prose).filter(|_| is_aged);
    let is_beside = |at: &usize| may_date(&page.lines[*at]) && text.is_none_or(|text| *at < text);
    let mut lines: Vec<usize> = near.iter().copied().filter(is_beside).collect();
    lines.sort_by_key(|at| (is_stamp(&page.lines[*at]), at.abs_diff(start), *at < start));
    let after = || if is_aged { None } else { last_line(page, verdicts, region) };
    let line = if title.date.is_some() { None } else { lines.first().copied().or_else(after) };
    let is_own = |at: &usize| !(may_date(&page.lines[*at]) && is_stamp(&page.lines[*at]));
    let told =
        || near.iter().filter(|at| is_own(at)).find_map(|at| timed(&page.lines[*at])).or_else(|| published(page));
    // What the page tells programs is older than the stamp of a change.
    let told = line.is_none_or(|at| !is_own(&at)).then(told).flatten();
    let line = line.filter(|_| told.is_none());
    if let Some(at) = line {
        verdicts[at] = Verdict::Date;
    }
    // The day of a change stands in for that of the publication, and changes without an edit: it has no words.
    let shown_at = |at: usize| {
        let shown = shown_in(&page.lines[at]);
        if is_own(&at) { shown } else { ShownDate { text: String::new(), ..shown } }
    };
    let shown = told.or_else(|| line.map(shown_at));
    title.date.clone().or(shown).or_else(|| near.iter().find_map(|at| timed(&page.lines[*at])))
}

/// The line among the first after the last sentence of the text that says when it was published.
fn last_line(page: &Page, verdicts: &[Verdict], region: &Region) -> Option<usize> {
    let is_text = |at: &usize| verdicts[*at] == Verdict::Text;
    let is_dated = |at: &usize| may_date(&page.lines[*at]);
    let is_prose = |at: &usize| is_text(at) && page.lines[*at].own_words() >= PROSE && !is_dated(at);
    let end = region.core.clone().rfind(is_prose).map_or(region.core.end, |at| at + 1);
    let mut shown = (end..region.lines().end).take(MOST_LINES).filter(is_text).take(LINES_ABOVE);
    // A footnote in a list says when something else was published.
    shown.find(|at| is_dated(at) && !is_stamp(&page.lines[*at]) && page.lines[*at].kind == BlockKind::Paragraph)
}

fn is_of_menu(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::LeftOut(Why::Chrome | Why::Hinted | Why::Links | Why::Repeated(_)))
}

/// Whether a line is one that a reader sees around the headline, or may be its date; labels and buttons that are on all
/// pages stand between the two.
pub(super) fn may_surround(verdict: Verdict, line: &Line) -> bool {
    match verdict {
        Verdict::LeftOut(Why::Links | Why::Repeated(_)) => may_date(line),
        // Counters and share bars come and go, and must not move the date out of sight.
        Verdict::LeftOut(Why::Fickle | Why::Hinted) => may_date(line) || line.time.is_some(),
        Verdict::Text => true,
        Verdict::LeftOut(why) => matches!(why, Why::Outside | Why::Counter(_) | Why::Volatile | Why::Churned),
        Verdict::Title | Verdict::Date | Verdict::Contact => false,
    }
}

/// What a line gives for programs, as where it says "three hours ago".
fn timed(line: &Line) -> Option<ShownDate> {
    let time = line.time.as_deref()?;
    let (range, day) = date_in(time)?;
    Some(ShownDate { text: time[range].to_owned(), day: Some(day) })
}

fn published(page: &Page) -> Option<ShownDate> {
    let (range, day) = date_in(page.head.published.as_deref()?)?;
    Some(ShownDate { text: page.head.published.as_deref()?[range].to_owned(), day: Some(day) })
}
