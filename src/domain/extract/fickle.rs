//! Lines that change by themselves: how many comments, how long ago, when last changed, what to read next. They are on the page of a
//! release and no part of it.

use super::dateline::{is_stamp, may_date};
use crate::domain::model::BlockKind;
use crate::domain::normalize::canonical;
use crate::domain::page::{Line, Target};

/// Words of a line that is only a counter or the time since something.
const SHORT_LINE: usize = 8;
/// Words outside links of a line that only hints to another page.
const HINT_WORDS: usize = 5;

/// What is counted beside a text, as starts of words.
const COUNTED: [&str; 16] = [
    "comment",
    "kommentar",
    "комментар",
    "view",
    "aufruf",
    "просмотр",
    "share",
    "like",
    "лайк",
    "read",
    "lesezeit",
    "gelesen",
    "min",
    "мин",
    "commentaire",
    "comentario",
];

/// Words that are on neither side of the count.
const BESIDE: [&str; 9] = ["mal", "of", "time", "reading", "чтения", "время", "ca", "no", "the"];

/// What hints to other pages start with.
const HINTS: [&str; 22] = [
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
    if !is_short && !may_hint(line) {
        return false;
    }
    let text = canonical(&line.text);
    if is_short {
        let text = text.to_lowercase();
        return is_counter(&text) || is_since(&text, line.time.is_some()) || is_hint(line, &text);
    }
    is_hint(line, &text[..text.floor_char_boundary(LONGEST_HINT)].to_lowercase())
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// `12 comments`, `5 min read`: a number and nothing but what is counted.
fn is_counter(text: &str) -> bool {
    let is_number = |word: &str| word.starts_with(|first: char| first.is_ascii_digit());
    let is_counted = |word: &str| COUNTED.iter().any(|counted| word.starts_with(counted));
    words(text).any(is_counted)
        && words(text).filter(|word| is_number(word)).count() == 1
        && words(text).all(|word| is_number(word) || is_counted(word) || BESIDE.contains(&word))
}

/// `5 minutes ago`, `vor 5 Minuten`, `5 минут назад`.
fn is_since(text: &str, is_time: bool) -> bool {
    let mut last = "";
    let mut is_counted_back = false;
    for word in words(text) {
        is_counted_back |= last == "vor" && word.starts_with(|first: char| first.is_ascii_digit());
        last = word;
    }
    let has_number = is_time || text.contains(|character: char| character.is_ascii_digit());
    has_number && (matches!(last, "ago" | "назад") || is_counted_back && is_span_of_time(last))
}

fn is_span_of_time(word: &str) -> bool {
    ["sekunde", "minute", "stunde", "tag", "woche", "monat"].iter().any(|unit| word.starts_with(unit))
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
    fn what_counts_or_ages_is_fickle() {
        assert!(is_counter("12 comments") && is_counter("5 min read") && is_counter("комментарии: 7"));
        assert!(!is_counter("12 shares of the company") && !is_counter("comments"));
        assert!(
            is_since("updated 5 minutes ago", false)
                && is_since("two days ago", true)
                && is_since("vor 3 stunden", false)
        );
        assert!(!is_since("long ago", false) && !is_since("vor 3 gerichten", false));
    }
}
