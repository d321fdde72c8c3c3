//! Words that somebody looks for, and where they stand in a text. The index cuts text into words at spaces and signs;
//! scripts that write none between words are cut into single letters here, so that any part of a text is found as a
//! run of them. The same cut is made of what is put into the index, of what is asked for and of what is shown.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::domain::model::Document;

/// Most terms of a query, and most characters of one.
const MOST_TERMS: usize = 12;
const LONGEST_TERM: usize = 100;
/// Fewest letters of a beginning: fewer are in so many texts that the index takes a quarter of a second for a million.
const SHORTEST_BEGINNING: usize = 4;
/// Characters of a passage around the first find.
const PASSAGE: usize = 280;

/// What is looked for: every term has to be there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    terms: Vec<Term>,
}

/// A word or several in a row; the last one may be a beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    words: Vec<String>,
    is_beginning: bool,
}

/// A stretch of a passage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Whether it is what was looked for.
    pub is_found: bool,
    /// The text.
    pub text: String,
}

impl Query {
    /// Reads words, "words in a row" and beginnings*; what is beyond the bounds is left out.
    pub fn parse(text: &str) -> Self {
        let mut terms = Vec::new();
        let mut is_quoted = false;
        for part in text.split(['"', '“', '”', '„', '«', '»']) {
            let parts: Vec<&str> = if is_quoted { vec![part] } else { part.split_whitespace().collect() };
            terms.extend(parts.into_iter().filter_map(Term::parse));
            is_quoted = !is_quoted;
        }
        terms.truncate(MOST_TERMS);
        Self { terms }
    }

    /// Whether nothing is looked for.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether words have to stand in a row somewhere.
    pub fn has_rows(&self) -> bool {
        self.terms.iter().any(|term| term.words.len() > 1)
    }

    /// In the language of SQLite's FTS5. Every word stands in quotes, so that none is taken for an operator.
    pub fn to_fts(&self) -> String {
        let terms = self.terms.iter().map(|term| {
            let star = if term.is_beginning { " *" } else { "" };
            format!("\"{}\"{star}", term.words.join(" "))
        });
        terms.collect::<Vec<_>>().join(" ")
    }

    /// The passage of a document that has most of what is looked for, with what was found; empty when nothing is.
    pub fn passage(&self, document: &Document) -> Vec<Stretch> {
        let texts = document.blocks.iter().map(|block| block.text.as_str());
        let texts = texts.chain([document.title.as_str()]).chain(document.contacts.iter().map(String::as_str));
        let mut best: Option<(usize, &str, Vec<Range<usize>>)> = None;
        for text in texts {
            let (terms, found) = self.find(text);
            if terms > best.as_ref().map_or(0, |(terms, ..)| *terms) {
                best = Some((terms, text, found));
            }
        }
        best.map(|(_, text, found)| cut(text, &found)).unwrap_or_default()
    }

    /// How many terms stand in a text, and where, in order and without overlaps.
    fn find(&self, text: &str) -> (usize, Vec<Range<usize>>) {
        let words = words(text);
        let mut found = Vec::new();
        let mut terms = 0;
        for term in &self.terms {
            let before = found.len();
            let starts = (0..words.len()).filter(|start| term.stands_at(&words[*start..]));
            found.extend(starts.map(|start| words[start].0.start..words[start + term.words.len() - 1].0.end));
            terms += usize::from(found.len() > before);
        }
        found.sort_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
        let mut end = 0;
        found.retain(|range| {
            let is_free = range.start >= end;
            end = end.max(range.end);
            is_free
        });
        (terms, found)
    }
}

impl Term {
    fn parse(text: &str) -> Option<Self> {
        let text: String = text.chars().take(LONGEST_TERM).collect();
        let words: Vec<String> = words(&text).into_iter().map(|(_, word)| word).collect();
        let last = words.last()?;
        let is_long = last.chars().count() >= SHORTEST_BEGINNING;
        Some(Self { is_beginning: text.trim_end().ends_with('*') && is_long, words })
    }

    fn stands_at(&self, words: &[(Range<usize>, String)]) -> bool {
        let last = self.words.len() - 1;
        words.len() > last
            && self.words.iter().zip(words).enumerate().all(|(at, (wanted, (_, word)))| {
                if at == last && self.is_beginning { word.starts_with(wanted.as_str()) } else { word == wanted }
            })
    }
}

/// The words of a document as they go into the index, separated by spaces.
pub fn index_text(document: &Document) -> String {
    let date = document.date.iter().map(|date| date.text.as_str());
    let images = document.images.iter().map(|image| image.alt.as_str());
    let blocks = document.blocks.iter().map(|block| block.text.as_str());
    let contacts = document.contacts.iter().map(String::as_str);
    let mut text = String::new();
    for part in [document.title.as_str()].into_iter().chain(date).chain(blocks).chain(contacts).chain(images) {
        for (_, word) in words(part) {
            text.push_str(&word);
            text.push(' ');
        }
    }
    text
}

/// The words of a text with their places: runs of letters and figures, folded; single letters where a script has no
/// spaces.
fn words(text: &str) -> Vec<(Range<usize>, String)> {
    let mut words: Vec<(Range<usize>, String)> = Vec::new();
    let mut is_open = false;
    for (at, character) in text.char_indices() {
        let end = at + character.len_utf8();
        if is_combining_mark(character) {
            // Belongs to the letter before it, which keeps its place and loses the mark.
            if let Some((range, _)) = words.last_mut().filter(|(range, _)| range.end == at) {
                range.end = end;
            }
            continue;
        }
        if !character.is_alphanumeric() {
            is_open = false;
            continue;
        }
        let is_single = is_unspaced(character);
        match words.last_mut() {
            Some((range, word)) if is_open && !is_single => {
                range.end = end;
                word.extend(fold(character));
            }
            _ => words.push((at..end, fold(character).collect())),
        }
        is_open = !is_single;
    }
    words
}

/// Small letters without accents, so that é is found by e; also for letters that are spelled as two characters.
fn fold(character: char) -> impl Iterator<Item = char> {
    std::iter::once(character).nfkd().filter(|part| !is_combining_mark(*part)).flat_map(char::to_lowercase)
}

/// Letters of scripts that write no spaces between words, and of Korean, whose endings are glued to the words.
fn is_unspaced(character: char) -> bool {
    matches!(u32::from(character),
        0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x2E80..=0x2FDF | 0x3005..=0x30FF | 0x3130..=0x318F
        | 0x31A0..=0x31FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xAC00..=0xD7AF | 0xF900..=0xFAFF
        | 0xFF66..=0xFF9F | 0x20000..=0x3FFFF)
}

/// The part of a text around the first find, as stretches.
fn cut(text: &str, found: &[Range<usize>]) -> Vec<Stretch> {
    let first = found.first().map_or(0, |range| range.start);
    let before = text[..first].char_indices().rev().nth(PASSAGE / 3).map_or(0, |(at, _)| at);
    let start = text[before..first].find(' ').filter(|_| before > 0).map_or(before, |space| before + space + 1);
    let end = text[start..].char_indices().nth(PASSAGE).map_or(text.len(), |(at, _)| start + at);
    let mut stretches = Vec::new();
    let mut add = |is_found, text: &str| {
        if !text.is_empty() {
            stretches.push(Stretch { is_found, text: text.replace('\t', " | ") });
        }
    };
    add(false, if start > 0 { "… " } else { "" });
    let mut at = start;
    for range in found.iter().filter(|range| range.start >= start && range.end <= end) {
        add(false, &text[at..range.start]);
        add(true, &text[range.clone()]);
        at = range.end;
    }
    add(false, &text[at..end]);
    add(false, if end < text.len() { " …" } else { "" });
    stretches
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::model::{Block, BlockKind};

    fn document(texts: &[&str]) -> Document {
        let block = |text: &&str| Block { kind: BlockKind::Paragraph, text: (*text).to_owned() };
        Document { title: "A title".to_owned(), blocks: texts.iter().map(block).collect(), ..Document::default() }
    }

    fn check(query: &str, fts: &str) {
        assert_eq!(Query::parse(query).to_fts(), fts, "{query}");
    }

    fn shown(query: &str, texts: &[&str]) -> String {
        let stretches = Query::parse(query).passage(&document(texts));
        let mark =
            |stretch: &Stretch| if stretch.is_found { format!("[{}]", stretch.text) } else { stretch.text.clone() };
        stretches.iter().map(mark).collect()
    }

    #[test]
    fn words_phrases_and_beginnings_are_told_apart_and_nothing_is_an_operator() {
        check("harbour council", r#""harbour" "council""#);
        check(r#""harbour council" break*"#, r#""harbour council" "break" *"#);
        check("foo-bar NEAR(a b) AND NOT title:x ^y", r#""foo bar" "near a" "b" "and" "not" "title x" "y""#);
        check("Ёлка café abc* abcd*", r#""елка" "cafe" "abc" "abcd" *"#);
        check("北京", r#""北 京""#);
        check("* - \" \" ''", "");
    }

    #[test]
    fn the_passage_has_the_words_marked_as_they_are_written() {
        let texts = ["Nothing here.", "The Harbour-Council of Eastmere met on Café Street."];
        assert_eq!(
            shown("\"harbour council\" cafe", &texts),
            "The [Harbour-Council] of Eastmere met on [Café] Street."
        );
        assert_eq!(shown("east*", &texts), "The Harbour-Council of [Eastmere] met on Café Street.");
        assert_eq!(shown("京市", &["北京市政府"]), "北[京市]政府");
        assert_eq!(shown("nowhere", &texts), "");
    }

    #[test]
    fn a_long_text_is_cut_around_the_find() {
        let text = format!("{}needle{}", "hay ".repeat(200), " straw".repeat(200));
        let shown = shown("needle", &[&text]);
        assert!(shown.starts_with("… hay ") && shown.ends_with(" …") && shown.contains("[needle]"), "{shown}");
        assert!(shown.chars().count() < PASSAGE + 10, "{shown}");
    }

    proptest! {
        #[test]
        fn any_text_can_be_cut_and_found(text in any::<String>(), query in any::<String>()) {
            let query = Query::parse(&query);
            let document = document(&[&text]);
            let passage = query.passage(&document);
            prop_assert!(passage.iter().all(|stretch| !stretch.text.is_empty()));
            prop_assert!(!index_text(&document).contains('"'));
        }
    }
}
