//! Lines that say when a release was published. Many say as well when it was last changed: that is a stamp of the
//! site's software, often without an edit, and no part of the release.

use std::ops::Range;

use crate::domain::dates::{find_date as date_in, find_dates, turned};
use crate::domain::model::ShownDate;
use crate::domain::normalize::{canonical, clean_text};
use crate::domain::page::{Line, Page, count_words};
use crate::domain::template::Knowledge;

/// Words that may stand beside each date of a line of its own.
const WORDS_BESIDE: usize = 4;
/// The same beside those of a line that begins with what was done on that day, and by whom.
const WORDS_OF_BYLINE: usize = 9;
/// Bytes of such a line.
const LONGEST_LINE: usize = 200;
/// Bytes of the words that it begins with.
const LONGEST_LABEL: usize = 32;
/// Dates in it.
const MOST_DATES: usize = 3;

/// What words begin with that say of a date that it is the one of the last change.
const CHANGED: [&str; 19] = [
    "updat",
    "modif",
    "changed",
    "revised",
    "aktualis",
    "geändert",
    "bearbeitet",
    "actualis",
    "actualiz",
    "aggiornat",
    "atualiza",
    "aktualiz",
    "zmodyfikowan",
    "обновл",
    "измен",
    "оновлен",
    "змінен",
    "更新",
    "修改",
];
/// The same, as whole words.
const CHANGED_WORDS: [&str; 3] = ["stand", "mis", "mise"];

/// What lines begin with that say who published something, and when: "Submitted by".
const PUBLISHED: [&str; 13] = [
    "submitted",
    "posted",
    "published",
    "written",
    "created",
    "added",
    "veröffentlicht",
    "erstellt",
    "eingestellt",
    "geschrieben",
    "publié",
    "publicado",
    "pubblicato",
];
/// What follows these.
const BY: [&str; 6] = ["by", "von", "durch", "par", "por", "da"];

/// Whether a line is little but the date of the release, perhaps with that of its last change.
pub(super) fn may_date(line: &Line) -> bool {
    let is_short_link = |range: &Range<usize>| count_words(&line.text[range.clone()]) <= WORDS_BESIDE;
    if line.text.len() > LONGEST_LINE || !line.anchors.iter().all(|anchor| is_short_link(&anchor.range)) {
        return false;
    }
    let dates = find_dates(&line.text);
    let is_one = match dates.len() {
        1 => true,
        2..=MOST_DATES => own_dates(&line.text, &dates).count() == 1,
        _ => false,
    };
    let most = if says_published(&line.text) { WORDS_OF_BYLINE } else { WORDS_BESIDE * dates.len() };
    is_one && words_beside(&line.text, dates.iter().map(|(range, _)| range)) <= most
}

/// Whether the only date of a line is that of the last change.
pub(super) fn is_stamp(line: &Line) -> bool {
    own_dates(&line.text, &find_dates(&line.text)).next().is_none()
}

/// The date of the release in a line that [`may_date`].
pub(super) fn shown_in(line: &Line) -> ShownDate {
    let dates = find_dates(&line.text);
    let own = own_dates(&line.text, &dates).next().filter(|_| dates.len() > 1).cloned();
    let mut shown = own.map_or_else(|| shown(&line.text), |range| shown(&line.text[range]));
    if shown.day.is_none() {
        shown.day = line.time.as_deref().and_then(date_in).map(|(_, day)| day);
    }
    shown
}

/// A date of which only the other pages, or what the page says to programs, tell whether the day or the month is first.
pub(super) fn in_order(date: ShownDate, page: &Page, knowledge: &Knowledge) -> ShownDate {
    let Some(other) = date.day.and_then(|day| turned(&date.text, day)) else { return date };
    let published = page.head.published.as_deref().and_then(date_in).map(|(_, day)| day);
    let is_other = published == Some(other) || published != date.day && knowledge.is_month_first();
    ShownDate { day: if is_other { Some(other) } else { date.day }, ..date }
}

/// The first date of a text, in its words.
pub(super) fn shown(text: &str) -> ShownDate {
    let found = date_in(text);
    let words = found.as_ref().map_or(text, |(range, _)| &text[range.clone()]);
    ShownDate { text: clean_text(words), day: found.map(|(_, day)| day) }
}

/// Whether a text is a date and nothing else. Times of day count as part of the date.
pub(super) fn is_date_alone(text: &str) -> bool {
    let date = date_in(text.get(..text.floor_char_boundary(LONGEST_LINE)).unwrap_or(text));
    date.is_some_and(|(range, _)| words_beside(text, std::iter::once(&range)) == 0)
}

/// The dates of a text of which the words before them do not say that something was changed then.
fn own_dates<'t, D>(text: &'t str, dates: &'t [(Range<usize>, D)]) -> impl Iterator<Item = &'t Range<usize>> {
    let ends = std::iter::once(0).chain(dates.iter().map(|(range, _)| range.end));
    let own = ends.zip(dates).filter(|(end, (range, _))| !says_changed(&text[*end..range.start]));
    own.map(|(_, (range, _))| range)
}

fn says_changed(label: &str) -> bool {
    let label = canonical(label).to_lowercase();
    let mut words = label.split(|character: char| !character.is_alphanumeric());
    words.any(|word| CHANGED.iter().any(|changed| word.starts_with(changed)) || CHANGED_WORDS.contains(&word))
}

fn says_published(line: &str) -> bool {
    let start = line[..line.floor_char_boundary(LONGEST_LABEL)].to_lowercase();
    let mut words = start.split_whitespace();
    let is_label = words.next().is_some_and(|word| PUBLISHED.contains(&word));
    is_label && words.next().is_some_and(|word| BY.contains(&word)) && !line.ends_with('.')
}

fn words_beside<'t>(text: &str, dates: impl Iterator<Item = &'t Range<usize>>) -> usize {
    let (mut end, mut words) = (0, 0);
    let count = |text: &str| text.split_whitespace().filter(|word| word.contains(char::is_alphabetic)).count();
    for range in dates {
        words += count(&text[end..range.start]);
        end = range.end;
    }
    words + count(&text[end..])
}
