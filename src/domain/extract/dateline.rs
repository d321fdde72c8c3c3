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
/// The same beside those of a line that says who wrote or published something, and nothing else.
const WORDS_OF_BYLINE: usize = 9;
/// Bytes of such a line.
const LONGEST_LINE: usize = 200;
/// Bytes of the word that it begins with.
const LONGEST_LABEL: usize = 32;
/// Dates in it.
const MOST_DATES: usize = 3;

/// What words begin with that say of a date that it is the one of the last change.
const CHANGED: [&str; 24] = [
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
    "最終更新",
    "最后更新",
    "最後更新",
    "수정",
    "기사수정",
];
/// The same, as whole words.
const CHANGED_WORDS: [&str; 3] = ["stand", "mis", "mise"];

/// What a line begins with that says who wrote.
const BY: [&str; 12] =
    ["by", "posted", "published", "written", "von", "par", "publié", "por", "publicado", "di", "автор", "текст"];
/// Small words between names.
const BETWEEN_NAMES: [&str; 20] = [
    "by", "on", "at", "in", "for", "of", "and", "the", "von", "van", "de", "und", "am", "um", "et", "le", "à", "y",
    "el", "и",
];
/// What stands beside times of day, and the names of their zones.
const CLOCK: [&str; 5] = ["am", "pm", "uhr", "hrs", "h"];
const ZONES: [&str; 20] = [
    "EST", "EDT", "ET", "CST", "CDT", "CT", "MST", "MDT", "PST", "PDT", "PT", "GMT", "UTC", "BST", "IST", "CET",
    "CEST", "MEZ", "MESZ", "MSK",
];

/// What lines begin with that say who published something, and when.
const PUBLISHED: [&str; 16] = [
    "submitted",
    "posted",
    "published",
    "written",
    "created",
    "added",
    "veröffentlicht",
    "erstellt",
    "eingestellt",
    "publié",
    "publicado",
    "pubblicato",
    "опубликован",
    "размещен",
    "добавлен",
    "опубліковано",
];

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
    let ranges = || dates.iter().map(|(range, _)| range);
    let most = if says_published(&line.text) { WORDS_OF_BYLINE } else { WORDS_BESIDE * dates.len() };
    let is_byline = || is_byline(&line.text, words_beside(&line.text, ranges()));
    is_one && (words_beside(&line.text, ranges()).count() <= most || is_byline())
}

/// Whether these words of a text are names of those who wrote it.
fn is_byline<'t>(text: &str, words: impl Iterator<Item = &'t str>) -> bool {
    let plain = |word: &str| word.trim_matches(|letter: char| !letter.is_alphanumeric()).to_lowercase();
    let is_name = |word: &str| word.starts_with(|first: char| first.is_uppercase() || first == '@');
    let is_said = text.split_whitespace().next().is_some_and(|first| BY.contains(&&*plain(first)));
    let mut count = 0;
    is_said
        && words.enumerate().all(|(at, word)| {
            count += 1;
            count <= WORDS_OF_BYLINE && (at == 0 || is_name(word) || BETWEEN_NAMES.contains(&&*plain(word)))
        })
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
    date.is_some_and(|(range, _)| words_beside(text, std::iter::once(&range)).next().is_none())
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
    !line.ends_with('.') && PUBLISHED.iter().any(|word| start.starts_with(word))
}

/// The words beside some places of a text, but for times of day.
fn words_beside<'t, 'r>(text: &'t str, dates: impl Iterator<Item = &'r Range<usize>>) -> impl Iterator<Item = &'t str> {
    let mut end = 0;
    let mut gaps: Vec<&str> = Vec::new();
    for range in dates {
        gaps.push(&text[end..range.start]);
        end = range.end;
    }
    gaps.push(&text[end..]);
    gaps.into_iter().flat_map(str::split_whitespace).filter(|word| word.contains(char::is_alphabetic) && !is_time(word))
}

/// `10:15pm`, `14h30`, `a.m.`, `Uhr`.
fn is_time(word: &str) -> bool {
    let letters: String = word.chars().filter(|letter| letter.is_alphabetic()).take(5).collect();
    let is_clock = CLOCK.contains(&&*letters.to_lowercase()) || ZONES.contains(&&*letters);
    is_clock || word.starts_with(|first: char| first.is_ascii_digit())
}
