//! Lines that change by themselves: how many comments, how long ago, when last changed, what to read next, what is
//! advertised, whose it is in this year. They are on the page of a release and no part of it.

mod counter;
mod label;
mod rights;

use self::counter::is_counter;
use self::label::{is_label_of_advert, is_label_of_player};
use self::rights::is_note_of_rights;
use super::dateline::{is_label_word, is_stamp, may_date};
use crate::domain::dates::find_dates;
use crate::domain::model::BlockKind;
use crate::domain::normalize::canonical;
use crate::domain::page::{Line, Target};

/// Words of a line that is only a counter or the time since something.
const SHORT_LINE: usize = 8;
/// Words outside links of a line that only hints to another page.
const HINT_WORDS: usize = 5;

/// Spans of time, as starts of words, and their short forms.
const SPANS: [&str; 26] = [
    "second",
    "minute",
    "hour",
    "day",
    "week",
    "month",
    "year",
    "sekunde",
    "stunde",
    "tag",
    "woche",
    "monat",
    "jahr",
    "секунд",
    "минут",
    "час",
    "день",
    "дня",
    "дней",
    "недел",
    "месяц",
    "год",
    "лет",
    "хвилин",
    "годин",
    "тижн",
];
const SHORT_SPANS: [&str; 16] =
    ["s", "sec", "secs", "m", "min", "mins", "h", "hr", "hrs", "d", "w", "yr", "yrs", "сек", "мин", "ч"];
/// What stands in place of the number of a span, or before it.
const ABOUT: [&str; 28] = [
    "a",
    "an",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "few",
    "several",
    "about",
    "around",
    "over",
    "almost",
    "less",
    "more",
    "than",
    "ca",
    "circa",
    "etwa",
    "einer",
    "einem",
    "около",
    "примерно",
];
/// Days that are others tomorrow, and what stands beside the time of such a day.
const DAYS: [&str; 19] = [
    "today",
    "yesterday",
    "now",
    "heute",
    "gestern",
    "вчера",
    "сегодня",
    "вчора",
    "сьогодні",
    "hoy",
    "ayer",
    "oggi",
    "ieri",
    "hoje",
    "ontem",
    "vandaag",
    "gisteren",
    "dzisiaj",
    "wczoraj",
];
const OF_DAY: [&str; 12] = ["just", "at", "alle", "um", "uhr", "в", "о", "à", "a", "am", "pm", "om"];
/// What sets the time apart from a name or a rubric in the same line.
const SEPARATORS: [char; 4] = ['|', '·', '•', '—'];

/// What hints to other pages, also by the rubrics of the text, and lines for sharing it start with.
const HINTS: [&str; 41] = [
    "also read",
    "read also",
    "read more",
    "see also",
    "related",
    "you may also like",
    "you might also like",
    "recommended",
    "more on this",
    "more on this story",
    "lesen sie auch",
    "lesen sie mehr",
    "lesen sie dazu",
    "mehr zum thema",
    "auch interessant",
    "siehe auch",
    "читайте также",
    "читать также",
    "смотрите также",
    "по теме",
    "à lire aussi",
    "lire aussi",
    "filed under",
    "posted in",
    "tags",
    "tagged",
    "topics",
    "categories",
    "schlagwörter",
    "schlagworte",
    "themen",
    "mots-clés",
    "etiquetas",
    "теги",
    "метки",
    "рубрики",
    "share this",
    "share on",
    "diesen artikel teilen",
    "partager cet article",
    "поделиться",
];

/// Bytes of a line that tell whether it starts with one of them.
const LONGEST_HINT: usize = 64;

/// Whether a line is one of these.
pub(super) fn is_fickle(line: &Line) -> bool {
    if line.kind == BlockKind::TableRow || line.text.len() > 400 || line.text.is_empty() {
        return false;
    }
    let is_short = line.kind == BlockKind::Paragraph && line.words() <= SHORT_LINE;
    if matches!(line.kind, BlockKind::Paragraph | BlockKind::ListItem) && may_date(line) && is_stamp(line) {
        return true;
    }
    if is_note_of_rights(line) {
        return true;
    }
    let is_item = line.kind == BlockKind::ListItem && line.words() <= SHORT_LINE;
    if !is_short && !is_item && !may_hint(line) {
        return false;
    }
    let text = canonical(&line.text);
    if is_item {
        // A list may name advertising, and days.
        let text = text.to_lowercase();
        return is_counter(&text)
            || is_since(&text, line.time.is_some())
            || is_label_of_player(&text)
            || is_hint(line, &text);
    }
    if is_short {
        let text = text.to_lowercase();
        let is_of_day = || is_since(&text, line.time.is_some()) || is_day(&text) || is_since_and_day(&text);
        let is_label = || is_label_of_advert(&text) || is_label_of_player(&text);
        return is_counter(&text) || is_of_day() || is_label() || is_hint(line, &text);
    }
    is_hint(line, &text[..text.floor_char_boundary(LONGEST_HINT)].to_lowercase())
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// `5 minutes ago`, `Updated vor 5 Minuten`, `Jane Doe · 5 минут назад`: a span of time until now, and nothing beside it
/// but what says of what. A sentence that ends so has a subject. Where the page marks a time for programs, all that ends
/// so is one.
fn is_since(text: &str, is_time: bool) -> bool {
    let text = text.rsplit(SEPARATORS).find(|part| !part.trim().is_empty()).unwrap_or(text);
    let mut last = "";
    let (mut is_back, mut is_counted, mut is_stamp) = (false, false, true);
    for word in words(text) {
        let is_number = word.starts_with(|first: char| first.is_ascii_digit());
        is_back |= matches!(word, "ago" | "назад" | "тому") || last == "vor" && (is_number || ABOUT.contains(&word));
        is_counted |= is_number;
        is_stamp &= is_number || is_label_word(word) || is_of_span(word);
        last = word;
    }
    let ends_back = matches!(last, "ago" | "назад" | "тому") || is_back && is_span(last);
    ends_back && (is_time || is_counted && is_stamp) || is_counted && is_aged(text)
}

/// `1 week ago` with a day beside it, as of two elements between which styles alone make room: `1 week ago6 May 2019`.
fn is_since_and_day(text: &str) -> bool {
    let mut spaced = String::with_capacity(text.len() + 2);
    for character in text.chars() {
        if character.is_ascii_digit() && spaced.ends_with(char::is_alphabetic) {
            spaced.push(' ');
        }
        spaced.push(character);
    }
    let dates = find_dates(&spaced);
    let [(range, _)] = &dates[..] else { return false };
    let rest = format!("{} {}", &spaced[..range.start], &spaced[range.end..]);
    let rest = rest.trim_matches(|character: char| !character.is_alphanumeric());
    is_since(rest, false) || is_day(rest)
}

/// `This article is more than 5 years old`.
fn is_aged(text: &str) -> bool {
    let is_number = |word: &str| word.starts_with(|first: char| first.is_ascii_digit());
    let is_of_age = |word| matches!(word, "is" | "ist" | "älter" | "als" | "dieser" | "artikel" | "beitrag" | "old");
    let is_stamp = |word| is_of_age(word) || is_number(word) || is_label_word(word) || is_of_span(word);
    words(text).any(|word| matches!(word, "old" | "älter")) && words(text).any(is_span) && words(text).all(is_stamp)
}

/// `Yesterday, 14:05`: a day as it is called from today, and nothing beside it.
fn is_day(text: &str) -> bool {
    let is_number = |word: &str| word.starts_with(|first: char| first.is_ascii_digit());
    let is_beside = |word| is_number(word) || OF_DAY.contains(&word) || is_label_word(word);
    let is_of_day = |word| DAYS.contains(&word) || is_beside(word);
    words(text).all(is_of_day) && words(text).any(|word| DAYS.contains(&word))
}

fn is_of_span(word: &str) -> bool {
    is_span(word) || ABOUT.contains(&word) || matches!(word, "ago" | "назад" | "тому" | "vor")
}

fn is_span(word: &str) -> bool {
    SHORT_SPANS.contains(&word) || SPANS.iter().any(|span| word.starts_with(span))
}

/// `Read also: …` with little but a link to another page.
fn is_hint(line: &Line, text: &str) -> bool {
    let is_end = |rest: &str| rest.is_empty() || rest.starts_with([':', ' ', '-', '.', '»', '>']);
    let starts = || HINTS.iter().any(|hint| text.strip_prefix(hint).is_some_and(is_end));
    let leads = || line.anchors.iter().any(|anchor| matches!(anchor.target(), Target::Page | Target::Elsewhere));
    may_hint(line) && starts() && leads()
}

/// Whether there is a link with little beside it, and the first letter of a hint.
fn may_hint(line: &Line) -> bool {
    let first = line.text.chars().next().and_then(|first| first.to_lowercase().next());
    let has_first = |hint: &&str| hint.chars().next() == first;
    !line.anchors.is_empty() && line.own_words() <= HINT_WORDS && HINTS.iter().any(has_first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ages_is_fickle() {
        for since in [
            "updated 5 minutes ago",
            "20 years ago",
            "posted about 3 hours ago",
            "politics · 5 hours ago",
            "last updated: 2 h ago",
            "vor 3 stunden",
            "zuletzt aktualisiert vor 3 stunden",
            "veröffentlicht vor 2 tagen",
            "обновлено 5 минут назад",
            "this article is more than 5 years old",
            "dieser artikel ist älter als 2 jahre",
        ] {
            assert!(is_since(since, false), "{since}");
        }
        assert!(is_since("two days ago", true) && is_since("by jane doe, 5 minutes ago", true));
        for day in
            ["yesterday", "just now", "today at 10:15", "updated yesterday, 14:05", "сегодня в 10:15", "oggi alle 9"]
        {
            assert!(is_day(day), "{day}");
        }
        for both in
            ["1 week ago26 june 2016", "yesterday10.05.2015", "vor 3 stunden | 6. mai 2019", "3 days ago 2019-05-06"]
        {
            assert!(is_since_and_day(both), "{both}");
        }
        for text in ["26 june 2016", "signed 26 june 2016", "the treaty of 26 june 2016 was signed 20 years ago"] {
            assert!(!is_since_and_day(text), "{text}");
        }
    }

    #[test]
    fn short_sentences_with_a_span_of_time_are_text() {
        for text in [
            "long ago",
            "vor 3 gerichten",
            "the treaty was signed 20 years ago.",
            "she left the town 20 years ago.",
            "договор подписан 20 лет назад.",
            "der vertrag endete vor 20 tagen.",
            "the minister is 50 years old",
            "the bridge is more than 100 years old.",
        ] {
            assert!(!is_since(text, false), "{text}");
        }
        for text in ["10:15", "the harbour today", "who is here now?", "at 5 pm", "updated"] {
            assert!(!is_day(text), "{text}");
        }
    }
}
