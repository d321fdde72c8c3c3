//! Where keywords are looked for: the words that changed, or the whole release. A keyword is found where it stands as
//! whole words in a row, at least one of which changed.

use unicode_segmentation::UnicodeSegmentation as _;

use crate::domain::diff::{BlockEdit, Change, ItemEdit, Span, SpanKind, TextEdit, diff};
use crate::domain::model::{Document, Event, Image, Link};
use crate::domain::normalize::canonical_text;

/// The texts that an event is about, beside its title and summary.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    change: Vec<Passage>,
    release: Vec<Passage>,
}

/// Words in a row, each with whether it changed.
#[derive(Clone, Debug, Default)]
struct Passage {
    words: Vec<(String, bool)>,
    /// For keywords that are no words, such as a currency sign.
    changed: String,
}

impl Texts {
    /// The texts of a release before and after; one that came or went is new or lost with every word.
    pub fn new(old: Option<&Document>, new: Option<&Document>) -> Self {
        let release: Vec<Passage> = [old, new].into_iter().flatten().flat_map(document).collect();
        let change = match (old, new) {
            (Some(old), Some(new)) => change(&diff(old, new)),
            _ => release.clone(),
        };
        Self { change, release }
    }

    pub(super) fn have(&self, keyword: &Keyword, anywhere: bool) -> bool {
        let passages = if anywhere { &self.release } else { &self.change };
        passages.iter().any(|passage| keyword.stands_in(passage))
    }
}

/// A keyword, ready to be looked for.
pub(super) struct Keyword {
    text: String,
    words: Vec<String>,
}

impl Keyword {
    pub(super) fn new(keyword: &str) -> Self {
        let text = folded(keyword);
        Self { words: text.unicode_words().map(str::to_owned).collect(), text }
    }

    /// Whether the event's own words have it.
    pub(super) fn is_named_by(&self, event: &Event) -> bool {
        [&event.title, &event.summary].into_iter().any(|text| self.stands_in(&Passage::whole(text)))
    }

    /// Scripts without spaces are words of one character, so there it may stand anywhere; a keyword without letters is
    /// looked for as it is.
    fn stands_in(&self, passage: &Passage) -> bool {
        if self.words.is_empty() {
            return !self.text.is_empty() && passage.changed.contains(&self.text);
        }
        let is_here = |row: &[(String, bool)]| {
            row.iter().zip(&self.words).all(|((word, _), wanted)| word == wanted)
                && row.iter().any(|(_, changed)| *changed)
        };
        passage.words.windows(self.words.len()).any(is_here)
    }
}

impl Passage {
    fn whole(text: &str) -> Self {
        let mut passage = Self::default();
        passage.add(text, true);
        passage
    }

    fn add(&mut self, text: &str, changed: bool) {
        let text = folded(text);
        self.words.extend(text.unicode_words().map(|word| (word.to_owned(), changed)));
        if changed {
            self.changed.push_str(&text);
        }
    }

    /// One side of a text that is told word by word.
    fn side(spans: &[Span], side: SpanKind) -> Self {
        let mut passage = Self::default();
        for span in spans.iter().filter(|span| span.kind == SpanKind::Equal || span.kind == side) {
            let text = if side == SpanKind::Removed { span.old_text() } else { span.new_text() };
            passage.add(text, span.kind != SpanKind::Equal);
        }
        passage
    }
}

/// Text as keywords are compared with it.
fn folded(text: &str) -> String {
    canonical_text(text).to_lowercase()
}

fn both_sides(spans: &[Span]) -> [Passage; 2] {
    [Passage::side(spans, SpanKind::Removed), Passage::side(spans, SpanKind::Added)]
}

fn document(document: &Document) -> Vec<Passage> {
    let links = document.links.iter().map(link);
    let images = document.images.iter().map(image);
    let date = document.date.iter().map(|date| date.text.clone());
    let texts = document.blocks.iter().map(|block| block.text.clone()).chain(document.contacts.iter().cloned());
    let texts = std::iter::once(document.title.clone()).chain(texts).chain(date).chain(links).chain(images);
    texts.map(|text| Passage::whole(&text)).collect()
}

fn change(change: &Change) -> Vec<Passage> {
    let mut passages: Vec<Passage> = change.title.iter().flat_map(|TextEdit { spans, .. }| both_sides(spans)).collect();
    let dates = change.date.iter().flat_map(|date| [&date.old, &date.new]).flatten();
    passages.extend(dates.map(|date| Passage::whole(&date.text)));
    for block in &change.blocks {
        match block {
            BlockEdit::Equal { .. } | BlockEdit::MovedAway { .. } => {}
            BlockEdit::Changed { spans, .. } | BlockEdit::MovedHere { spans, .. } => passages.extend(both_sides(spans)),
            BlockEdit::Added { text, .. } | BlockEdit::Removed { text, .. } => passages.push(Passage::whole(text)),
        }
    }
    passages.extend(items(&change.links, link));
    passages.extend(items(&change.images, image));
    passages.extend(items(&change.contacts, String::clone));
    passages
}

fn items<T>(edits: &[ItemEdit<T>], text: impl Fn(&T) -> String) -> Vec<Passage> {
    let mut passages = Vec::new();
    for edit in edits {
        let (old, new) = match edit {
            ItemEdit::Added { new } => (None, Some(new)),
            ItemEdit::Removed { old } => (Some(old), None),
            ItemEdit::Replaced { old, new } => (Some(old), Some(new)),
        };
        passages.extend([old, new].into_iter().flatten().map(|item| Passage::whole(&text(item))));
    }
    passages
}

fn link(link: &Link) -> String {
    format!("{} {}", link.text, link.target)
}

fn image(image: &Image) -> String {
    format!("{} {}", image.alt, image.source)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::model::{Block, BlockKind};

    fn text(paragraphs: &[&str]) -> Document {
        let block = |text: &&str| Block { kind: BlockKind::Paragraph, text: (*text).to_owned() };
        Document { title: "Harbour".into(), blocks: paragraphs.iter().map(block).collect(), ..Document::default() }
    }

    fn check(old: Option<&[&str]>, new: Option<&[&str]>, in_change: &[&str], only_in_release: &[&str]) {
        let (old, new) = (old.map(text), new.map(text));
        let texts = Texts::new(old.as_ref(), new.as_ref());
        for keyword in in_change {
            assert!(texts.have(&Keyword::new(keyword), false), "{keyword} in the change");
        }
        for keyword in only_in_release {
            assert!(!texts.have(&Keyword::new(keyword), false), "{keyword} not in the change");
            assert!(texts.have(&Keyword::new(keyword), true), "{keyword} in the release");
        }
    }

    const OLD: &str = "The pilots will guide forty ships through the northern channel at dawn.";

    #[test]
    fn the_words_that_changed_are_found_before_and_after() {
        let new = OLD.replace("forty", "sixty");
        check(
            Some(&[OLD, "The quay is closed."]),
            Some(&[&new, "The quay is closed."]),
            &["forty", "sixty", "sixty ships", "guide FORTY"],
            &["pilots", "northern channel", "quay", "harbour"],
        );
    }

    #[test]
    fn paragraphs_that_came_or_went_are_found() {
        check(Some(&[OLD, "The tug burned."]), Some(&[OLD]), &["tug"], &["pilots"]);
        check(Some(&[OLD]), Some(&[OLD, "Fares: € 12."]), &["fares", "€"], &["pilots"]);
    }

    #[test]
    fn all_of_a_release_that_came_or_went_is_new_or_lost() {
        check(None, Some(&[OLD]), &["pilots", "harbour", "northern channel"], &[]);
        check(Some(&[OLD]), None, &["pilots"], &[]);
    }
}
