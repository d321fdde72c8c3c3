//! Lines that change by themselves: how many comments, how long ago, when last changed, what to read next, what is
//! advertised, whose it is in this year. They are on the page of a release and no part of it.

mod age;
mod counter;
mod label;
mod rights;

use self::age::{is_day, is_since, is_since_and_day};
use self::counter::is_counter;
use self::label::{is_label_of_advert, is_label_of_player};
use self::rights::is_note_of_rights;
use super::dateline::{is_stamp, may_date};
use crate::domain::model::BlockKind;
use crate::domain::normalize::canonical;
use crate::domain::page::{Line, Target};

/// Words of a line that is only a counter or the time since something.
const SHORT_LINE: usize = 8;
/// Words outside links of a line that only hints to another page.
const HINT_WORDS: usize = 5;

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
        return changes_by_itself(&text, line.time.is_some()) || is_of_parts(line) || is_hint(line, &text);
    }
    is_hint(line, &text[..text.floor_char_boundary(LONGEST_HINT)].to_lowercase())
}

/// Whether a short text is a count, an age, or a label.
fn changes_by_itself(text: &str, is_time: bool) -> bool {
    let is_of_day = || is_since(text, is_time) || is_day(text) || is_since_and_day(text);
    is_counter(text) || is_of_day() || is_label_of_advert(text) || is_label_of_player(text)
}

/// Whether a line is made of elements each of which changes by itself: `3 days ago` and `Listen, 4:36`.
fn is_of_parts(line: &Line) -> bool {
    let is_in_part = |at: usize| line.spans.iter().any(|span| span.contains(&at));
    let mut letters = line.text.char_indices().filter(|(_, letter)| letter.is_alphanumeric());
    let mut parts = line.spans.iter().map(|span| canonical(&line.text[span.clone()]).to_lowercase());
    line.spans.len() > 1 && parts.all(|part| changes_by_itself(&part, false)) && letters.all(|(at, _)| is_in_part(at))
}

/// Whether a line says how long ago the release was published, or that it was on this day: sites do so for some days,
/// and show the date then.
pub(crate) fn tells_age(line: &Line) -> bool {
    let is_short = line.kind == BlockKind::Paragraph && line.words() <= SHORT_LINE;
    let parts = || line.spans.iter().map(|span| &line.text[span.clone()]).chain([line.text.as_str()]);
    let is_age = |text: &str| {
        let text = canonical(text).to_lowercase();
        is_since(&text, line.time.is_some()) || is_day(&text)
    };
    is_short && parts().any(is_age)
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty())
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
