//! Lines that say when a release was published. Many say as well when it was last changed: that is a stamp of the
//! site's software, often without an edit, and no part of the release.

use std::ops::Range;

mod words;

use words::{
    BESIDE_CHANGE, BETWEEN_NAMES, BY, CHANGED, CHANGED_WORDS, CLOCK, LAST, LEADS, PUBLISHED, SAYS_WHEN, WHOM, ZONES,
};

use crate::domain::dates::{find_date as date_in, find_dates, turned};
use crate::domain::model::ShownDate;
use crate::domain::normalize::{canonical, clean_text};
use crate::domain::page::{Line, Page, count_words};
use crate::domain::template::Knowledge;

/// Words that may stand beside each date of a line of its own.
const WORDS_BESIDE: usize = 4;
/// The same beside those of a line that says who wrote or published something, or when it was changed, and nothing
/// else.
const WORDS_OF_BYLINE: usize = 9;
/// Bytes of such a line.
const LONGEST_LINE: usize = 200;
/// Bytes of the words that it begins with.
const LONGEST_LABEL: usize = 32;
/// Dates in it.
const MOST_DATES: usize = 3;

/// Whether a line is little but the date of the release, perhaps with that of its last change.
pub(super) fn may_date(line: &Line) -> bool {
    let is_short_link = |range: &Range<usize>| count_words(&line.text[range.clone()]) <= WORDS_BESIDE;
    // Every line of a page is asked: most tell at once.
    let is_short = line.text.len() <= LONGEST_LINE && may_have_figures(&line.text);
    if !is_short || !line.anchors.iter().all(|anchor| is_short_link(&anchor.range)) {
        return false;
    }
    let dates = find_dates(&line.text);
    let is_one = match dates.len() {
        1 => true,
        2..=MOST_DATES => own_dates(&line.text, &dates).count() == 1,
        _ => false,
    };
    let ranges = || dates.iter().map(|(range, _)| range);
    let is_said = says_published(&line.text) || own_dates(&line.text, &dates).next().is_none();
    let most = if is_said { WORDS_OF_BYLINE } else { WORDS_BESIDE * dates.len() };
    let is_byline = || is_byline(&line.text, words_beside(&line.text, ranges()));
    if is_sentence(&line.text, words_beside(&line.text, ranges())) {
        return false;
    }
    if is_labelled(&line.text, &dates) || dated_part(line).is_some() {
        return true;
    }
    is_one && (words_beside(&line.text, ranges()).count() <= most || is_byline())
}

/// Beyond ASCII there are figures of many scripts.
fn may_have_figures(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit() || !byte.is_ascii())
}

/// Whether a line is a row of labels and values, of which the first is the date of the release: `Published: 12.03.2024
/// Source: Desk Views: 17`.
fn is_labelled<D>(text: &str, dates: &[(Range<usize>, D)]) -> bool {
    let [(range, _)] = dates else { return false };
    let label = text[..range.start].trim().trim_end_matches([':', '：']).to_lowercase();
    let is_label = label.split_whitespace().all(|word| is_label_word(word) || SAYS_WHEN.contains(&word));
    let labels = text[range.end..].split_whitespace().filter(|word| word.ends_with(':') || word.contains('：')).count();
    is_label && !text.ends_with('.') && labels >= if label.is_empty() { 2 } else { 1 }
}

/// The date of a line that is made of several elements, of which one is a date and nothing else.
fn dated_part(line: &Line) -> Option<Range<usize>> {
    let anchors = line.anchors.iter().map(|anchor| &anchor.range);
    let parts = || line.spans.iter().chain(anchors.clone());
    let mut dated = line.spans.iter().filter(|span| is_date_alone(line.text[(*span).clone()].trim()));
    let date = dated.next()?;
    let is_same = |other: &Range<usize>| other.contains(&date.start) || date.contains(&other.start);
    dated.all(is_same).then_some(())?;
    let is_in = |at: usize| date.contains(&at) || parts().any(|part| part.contains(&at) && !is_same(part));
    let mut letters = line.text.char_indices().filter(|(_, letter)| letter.is_alphanumeric());
    let words = words_beside(&line.text, std::iter::once(date)).take(WORDS_OF_BYLINE + 1).count();
    let is_made_of_parts = words <= WORDS_OF_BYLINE && !line.text.ends_with('.') && letters.all(|(at, _)| is_in(at));
    is_made_of_parts.then(|| date.clone())
}

/// Whether a line says who wrote the text, and nothing else: "By Jane Doe".
pub(crate) fn is_byline_alone(text: &str) -> bool {
    is_byline(text, text.split_whitespace()) && text.split_whitespace().nth(1).is_some()
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
    let dates = find_dates(&line.text);
    !dates.is_empty() && own_dates(&line.text, &dates).next().is_none()
}

/// The date of the release in a line that [`may_date`].
pub(super) fn shown_in(line: &Line) -> ShownDate {
    let dates = find_dates(&line.text);
    let own = own_dates(&line.text, &dates).next().filter(|_| dates.len() > 1).cloned().or_else(|| dated_part(line));
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

/// Whether the words before a date are those of a stamp: `Last updated on`, `Diese Seite wurde zuletzt geändert am`. A
/// sentence with a subject of its own, as `Tariffs were changed on`, is none.
fn says_changed(label: &str) -> bool {
    let label = canonical(label);
    let is_label = label.trim_end().ends_with([':', '：']);
    let clause = label.trim_end().trim_end_matches(CLAUSE_ENDS).rsplit(CLAUSE_ENDS).next().unwrap_or_default();
    let mut has_change = false;
    for word in clause.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let lower = word.to_lowercase();
        if is_change(&lower) {
            has_change = true;
        } else if !is_label && !is_label_word(&lower) && (!has_change || !is_name_or_small(word)) {
            return false;
        }
    }
    has_change
}

/// What ends the part of a line that a date does not belong to.
const CLAUSE_ENDS: [char; 10] = ['|', '·', '•', '–', '—', ',', ';', '/', '(', '.'];
/// Letters of a word that is not small.
const FEWEST_LETTERS: usize = 4;

fn is_change(word: &str) -> bool {
    CHANGED.iter().any(|changed| word.starts_with(changed)) || CHANGED_WORDS.contains(&word)
}

fn is_name_or_small(word: &str) -> bool {
    word.starts_with(char::is_uppercase) || word.chars().count() < FEWEST_LETTERS
}

/// Whether a word, in small letters, is one of those that say when something was published or changed.
pub(super) fn is_label_word(word: &str) -> bool {
    let is_lead = || LEADS.contains(&word) || LAST.iter().any(|last| word.starts_with(last));
    let is_published = || PUBLISHED.iter().any(|published| word.starts_with(published));
    BESIDE_CHANGE.contains(&word) || is_change(word) || is_lead() || is_published()
}

/// Whether a line says something of its own that happened on the day: it has a subject and a verb, and ends as
/// sentences do.
fn is_sentence<'t>(text: &str, beside: impl Iterator<Item = &'t str>) -> bool {
    let plain = |word: &'t str| word.trim_matches(|letter: char| !letter.is_alphanumeric());
    let mut words = beside.map(plain);
    let is_other = |word: &str| !is_label_word(&word.to_lowercase()) && !BY.contains(&&*word.to_lowercase());
    let begins = words.next().is_some_and(|first| text.starts_with(first) && is_other(first));
    let is_verb = |word: &str| is_change(word) || !is_name_or_small(word) && is_other(word);
    text.ends_with('.') && begins && !text.contains(": ") && words.any(is_verb)
}

fn says_published(line: &str) -> bool {
    let start = line[..line.floor_char_boundary(LONGEST_LABEL)].to_lowercase();
    let mut words = start.split_whitespace();
    let is_label = words.next().is_some_and(|word| PUBLISHED.contains(&word));
    is_label && words.next().is_some_and(|word| WHOM.contains(&word)) && !line.ends_with('.')
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_says_when_the_page_was_changed() {
        for label in [
            "Updated ",
            "Last updated on ",
            "Updated: ",
            "This page was last modified on ",
            "Page last changed: ",
            "Updated by Jane Doe on ",
            "Jane Doe, updated ",
            "Desk | Updated ",
            "Stand: ",
            "Zuletzt geändert am ",
            "Diese Seite wurde zuletzt aktualisiert am ",
            "Dernière mise à jour le ",
            "Mis à jour le ",
            "Última actualización ",
            "Ultimo aggiornamento: ",
            "Ostatnia aktualizacja ",
            "Дата последнего изменения ",
            "Страница обновлена ",
            "最終更新日：",
        ] {
            assert!(says_changed(label), "{label}");
        }
    }

    #[test]
    fn a_sentence_about_a_change_is_no_stamp() {
        for label in [
            "Tariffs were changed on ",
            "Updated rules apply from ",
            "Geänderte Tarife gelten ab ",
            "Тарифы изменены с ",
            "Изменения вступят в силу ",
            "Les tarifs ont été modifiés le ",
        ] {
            assert!(!says_changed(label), "{label}");
        }
    }
}
