//! Says in one line what changed: the fields in order, within the text the weightiest edits first, with so
//! much of the words around a number or a "not" that it can be understood.

use std::collections::BTreeSet;

use super::judge::judge_all;
use super::phrase::{Phrase, phrases};
use super::weight;
use crate::domain::diff::{BlockEdit, Change, DateEdit, ItemEdit, Span};
use crate::domain::model::{Image, Link, Reason, ShownDate};

/// Longest summary, in characters.
const MAX_SUMMARY: usize = 200;

/// Longest quotation in it, in characters.
const MAX_QUOTE: usize = 70;
/// Most bytes of an address that are shown before the place where it differs.
const BEFORE: usize = 24;

/// Edits of the text that are told; the others are counted.
const MAX_EDITS: usize = 3;

/// Changed blocks that are searched for the weightiest edits, and edits in them.
const MAX_SEARCHED: usize = 500;
const MAX_DESCRIBED: usize = 5_000;

/// What changed, in one line.
pub(super) fn summarize(change: &Change) -> String {
    let mut parts = Vec::new();
    if let Some(title) = &change.title {
        parts.push(format!("title: {}", became(&title.old, &title.new)));
    }
    parts.extend(change.date.iter().map(date));
    parts.extend(body(&change.blocks));
    parts.extend(change.contacts.iter().map(contact));
    parts.extend(change.links.iter().map(link));
    parts.extend(change.images.iter().map(image));
    clip(&parts.join("; "), MAX_SUMMARY)
}

/// Cuts a text between two words and says so.
pub(super) fn clip(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let end = text.char_indices().nth(most - 1).map_or(text.len(), |(index, _)| index);
    let head = &text[..end];
    let cut = head.rfind(' ').filter(|space| *space * 2 > head.len()).unwrap_or(head.len());
    format!("{}…", head[..cut].trim_end_matches([' ', ',', ';', ':']))
}

fn quote(text: &str) -> String {
    format!("\"{}\"", clip(text.trim(), MAX_QUOTE).replace('\t', " | "))
}

fn became(old: &str, new: &str) -> String {
    match (old.trim().is_empty(), new.trim().is_empty()) {
        (true, _) => format!("{} added", quote(new)),
        (_, true) => format!("{} removed", quote(old)),
        _ => format!("{} became {}", quote(old), quote(new)),
    }
}

fn date(edit: &DateEdit) -> String {
    let show = |date: &ShownDate| clip(&date.text, MAX_QUOTE);
    match (&edit.old, &edit.new) {
        (Some(old), Some(new)) => format!("date: {} became {}", show(old), show(new)),
        (Some(old), None) => format!("date: {} removed", show(old)),
        (None, new) => format!("date: {} added", new.as_ref().map(show).unwrap_or_default()),
    }
}

fn contact(edit: &ItemEdit<String>) -> String {
    match edit {
        ItemEdit::Added { new } => format!("contacts: {} added", clip(new, MAX_QUOTE)),
        ItemEdit::Removed { old } => format!("contacts: {} removed", clip(old, MAX_QUOTE)),
        ItemEdit::Replaced { old, new } => {
            format!("contacts: {} became {}", clip(old, MAX_QUOTE), clip(new, MAX_QUOTE))
        }
    }
}

fn link(edit: &ItemEdit<Link>) -> String {
    match edit {
        ItemEdit::Added { new } => format!("links: {} now leads to {}", quote(&new.text), clip(&new.target, MAX_QUOTE)),
        ItemEdit::Removed { old } => format!("links: {} leads nowhere now", quote(&old.text)),
        ItemEdit::Replaced { old, new } if old.target == new.target => {
            format!("links: {} became {}", quote(&old.text), quote(&new.text))
        }
        ItemEdit::Replaced { old, new } => {
            format!("links: {} leads to {}", quote(&new.text), clip(&differing(&old.target, &new.target), MAX_QUOTE))
        }
    }
}

/// An address; of a long one the host, and the rest from right before the place where it differs.
fn differing(old: &str, new: &str) -> String {
    let shared: usize =
        old.chars().zip(new.chars()).take_while(|(old, new)| old == new).map(|(_, new)| new.len_utf8()).sum();
    let host = new.find("://").map_or(0, |at| at + 3);
    let path = new[host..].find('/').map_or(new.len(), |at| host + at + 1);
    let segment = new[..shared].rfind('/').filter(|at| shared - at <= BEFORE);
    let from = segment.unwrap_or_else(|| new.floor_char_boundary(shared.saturating_sub(BEFORE)));
    if new.chars().count() <= MAX_QUOTE || from <= path {
        return new.to_owned();
    }
    format!("{}…{}", &new[..path], &new[from..])
}

fn image(edit: &ItemEdit<Image>) -> String {
    match edit {
        ItemEdit::Added { .. } => "a picture added".to_owned(),
        ItemEdit::Removed { .. } => "a picture removed".to_owned(),
        ItemEdit::Replaced { .. } => "a picture replaced".to_owned(),
    }
}

fn body(blocks: &[BlockEdit]) -> Vec<String> {
    let (mut added, mut removed, mut moved, mut texts) = (Vec::new(), Vec::new(), 0, Vec::new());
    for block in blocks {
        match block {
            BlockEdit::Added { text, .. } => added.push(text.as_str()),
            BlockEdit::Removed { text, .. } => removed.push(text.as_str()),
            BlockEdit::Changed { spans, .. } => texts.push(spans),
            BlockEdit::MovedHere { spans, .. } => {
                moved += 1;
                texts.push(spans);
            }
            BlockEdit::Equal { .. } | BlockEdit::MovedAway { .. } => {}
        }
    }
    let mut parts: Vec<String> = words(&texts).into_iter().collect();
    parts.extend(paragraphs(&removed, "removed"));
    parts.extend(paragraphs(&added, "added"));
    match moved {
        0 => {}
        1 => parts.push("a paragraph moved".to_owned()),
        many => parts.push(format!("{} paragraphs moved", count(many))),
    }
    parts
}

/// The weightiest edits within paragraphs.
fn words(texts: &[&Vec<Span>]) -> Option<String> {
    let mut edits: Vec<(f64, String)> = Vec::new();
    for spans in texts.iter().take(MAX_SEARCHED) {
        if edits.len() < MAX_DESCRIBED {
            edits.extend(describe(spans));
        }
    }
    edits.sort_by(|left, right| right.0.total_cmp(&left.0));
    let told: Vec<&str> = edits.iter().take(MAX_EDITS).map(|(_, text)| text.as_str()).collect();
    let more = match edits.len().saturating_sub(MAX_EDITS) {
        0 => String::new(),
        1 => " and one more edit".to_owned(),
        more => format!(" and {more} more edits"),
    };
    (!told.is_empty()).then(|| format!("body: {}{more}", told.join(", ")))
}

fn paragraphs(texts: &[&str], what: &str) -> Option<String> {
    match texts {
        [] => None,
        [text] => Some(format!("a paragraph {what}: {}", quote(text))),
        many => Some(format!("{} paragraphs {what}", count(many.len()))),
    }
}

fn count(number: usize) -> String {
    let words = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    words.get(number).map_or_else(|| number.to_string(), |word| (*word).to_owned())
}

/// Each edit of a text with its weight.
fn describe(spans: &[Span]) -> Vec<(f64, String)> {
    let phrases = phrases(spans);
    let judged = judge_all(&phrases);
    phrases.iter().zip(&judged).filter_map(|(phrase, reasons)| describe_phrase(phrase, reasons)).collect()
}

fn describe_phrase(phrase: &Phrase, reasons: &BTreeSet<Reason>) -> Option<(f64, String)> {
    let heaviest = reasons.iter().map(|reason| weight(*reason)).fold(0.0, f64::max);
    let only = |reason| reasons.len() == 1 && reasons.contains(&reason);
    let text = if only(Reason::SentenceAdded) {
        format!("a sentence added: {}", quote(&phrase.added))
    } else if only(Reason::SentenceRemoved) {
        format!("a sentence removed: {}", quote(&phrase.removed))
    } else if only(Reason::Moved) {
        // It was told in both places.
        (!phrase.added.is_empty()).then(|| format!("a sentence moved: {}", quote(&phrase.added)))?
    } else {
        let (head, tail) = context(phrase);
        became(&format!("{head}{}{tail}", phrase.removed), &format!("{head}{}{tail}", phrase.added))
    };
    Some((heaviest, text))
}

/// The word before and the word after an edit that says little by itself, with the spaces between.
fn context(phrase: &Phrase) -> (&str, &str) {
    let few = |text: &str| text.split_whitespace().count() <= 2;
    let (removed, added) = (phrase.removed.trim(), phrase.added.trim());
    if !few(removed) || !few(added) {
        return ("", "");
    }
    let has_digit = |text: &str| text.bytes().any(|byte| byte.is_ascii_digit());
    let one_sided = removed.is_empty() || added.is_empty();
    let figures = has_digit(removed) && has_digit(added);
    let before = if one_sided { last_word(&phrase.before) } else { "" };
    let after = if one_sided || figures { first_word(&phrase.after) } else { "" };
    (before, after)
}

fn last_word(text: &str) -> &str {
    let end = text.trim_end_matches(' ').len();
    let start = text[..end].rfind([' ', '\t']).map_or(0, |space| space + 1);
    if text[..end].ends_with(char::is_alphanumeric) { &text[start..] } else { "" }
}

fn first_word(text: &str) -> &str {
    let start = text.len() - text.trim_start_matches(' ').len();
    let end = text[start..].find([' ', '\t']).map_or(text.len(), |space| start + space);
    if text.starts_with([',', '.', ';']) {
        return "";
    }
    text[..end].trim_end_matches(|mark: char| !mark.is_alphanumeric())
}
