//! How long ago something was, and days as they are called from today: what such a line says is another tomorrow.

use super::words;
use crate::domain::dates::find_dates;
use crate::domain::extract::dateline::is_label_word;

/// Spans of time, as starts of words, and their short forms.
const SPANS: [&str; 58] = [
    "second",
    "minut",
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
    "seconde",
    "heure",
    "jour",
    "semaine",
    "mois",
    "année",
    "segundo",
    "hora",
    "día",
    "dia",
    "semana",
    "meses",
    "mês",
    "año",
    "ano",
    "giorn",
    "settiman",
    "mese",
    "ann",
    "uren",
    "dagen",
    "weken",
    "maand",
    "jaar",
    "godzin",
    "dni",
    "tygodni",
    "miesi",
    "timm",
    "timer",
    "veck",
    "månad",
];
const SHORT_SPANS: [&str; 30] = [
    "s", "sec", "secs", "m", "min", "mins", "h", "hr", "hrs", "d", "w", "yr", "yrs", "сек", "мин", "ч", "an", "ans",
    "mes", "ora", "ore", "uur", "dag", "dagar", "dage", "lat", "rok", "år", "gg", "hs",
];
/// What stands behind a span that ended now, before it, and beside the two.
const BACK: [&str; 10] = ["ago", "назад", "тому", "fa", "atrás", "geleden", "temu", "sedan", "siden", "önce"];
const SINCE: [&str; 4] = ["vor", "hace", "há", "ilya"];
const WITH_BACK: [&str; 2] = ["för", "for"];
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

/// `5 minutes ago`, `Updated vor 5 Minuten`, `Jane Doe · 5 минут назад`: a span of time until now, and nothing beside
/// it but what says of what. A sentence that ends so has a subject. Where the page marks a time for programs, all that
/// ends so is one.
pub(super) fn is_since(text: &str, is_time: bool) -> bool {
    let text = text.rsplit(SEPARATORS).find(|part| !part.trim().is_empty()).unwrap_or(text);
    let text = &text.replace("il y a ", "ilya ");
    let mut last = "";
    let (mut is_back, mut is_counted, mut is_stamp) = (false, false, true);
    for word in words(text) {
        let is_number = word.starts_with(|first: char| first.is_ascii_digit());
        is_back |= BACK.contains(&word) || SINCE.contains(&last) && (is_number || ABOUT.contains(&word));
        is_counted |= is_number;
        is_stamp &= is_number || is_label_word(word) || is_of_span(word);
        last = word;
    }
    let ends_back = BACK.contains(&last) || is_back && is_span(last);
    ends_back && (is_time || is_counted && is_stamp) || is_counted && is_aged(text)
}

/// `1 week ago` with a day beside it, as of two elements between which styles alone make room: `1 week ago6 May 2019`.
pub(super) fn is_since_and_day(text: &str) -> bool {
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
pub(super) fn is_day(text: &str) -> bool {
    let is_number = |word: &str| word.starts_with(|first: char| first.is_ascii_digit());
    let is_beside = |word| is_number(word) || OF_DAY.contains(&word) || is_label_word(word);
    let is_of_day = |word| DAYS.contains(&word) || is_beside(word);
    words(text).all(is_of_day) && words(text).any(|word| DAYS.contains(&word))
}

fn is_of_span(word: &str) -> bool {
    is_span(word) || [&ABOUT[..], &BACK, &SINCE, &WITH_BACK].iter().any(|list| list.contains(&word))
}

fn is_span(word: &str) -> bool {
    SHORT_SPANS.contains(&word) || SPANS.iter().any(|span| word.starts_with(span))
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
            "il y a 3 heures",
            "publié il y a 2 jours",
            "hace 5 minutos",
            "actualizado hace 3 días",
            "3 ore fa",
            "há 2 semanas",
            "4 uur geleden",
            "2 godziny temu",
            "för 3 timmar sedan",
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
            "il y a 3 ports dans la baie",
            "le traité a été signé il y a 20 ans.",
            "há 3 barcos no porto",
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
