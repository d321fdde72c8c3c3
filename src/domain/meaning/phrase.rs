//! Cuts a change into the single edits that are judged, each with the words around it. What a word tells beside its
//! neighbours is found in `class`.

mod class;

use self::class::Neighbourhood;
use crate::domain::diff::tokens::{Text, is_end};
use crate::domain::diff::{Span, SpanKind};
use crate::domain::meaning::words;
use crate::domain::normalize::canonical_text;

/// Characters of the text around an edit that are looked at.
const CONTEXT: usize = 60;

/// Characters of an edit that are judged; what is longer is no slip, whatever follows.
const MAX_JUDGED: usize = 20_000;

/// One edit: the words that went, the words that came, the words around them.
pub(super) struct Phrase {
    pub(super) removed: String,
    pub(super) added: String,
    /// Unchanged text before and after, on one line.
    pub(super) before: String,
    pub(super) after: String,
    /// Inside quotation marks.
    pub(super) quoted: bool,
    /// Nouns are spelled like names here.
    pub(super) german: bool,
}

/// A word of a phrase with what its neighbours tell about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// In lower case, in canonical spelling; numbers by their value.
    pub(super) key: String,
    pub(super) class: Class,
}

/// What a word tells by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Mark,
    Number,
    Money,
    Percentage,
    Date,
    Negation,
    Modal,
    Name,
    Light,
    Content,
}

/// The edits of one text, in order.
pub(super) fn phrases(spans: &[Span]) -> Vec<Phrase> {
    let german = words::is_german(&spans.iter().map(|span| span.text.as_str()).collect::<String>());
    let mut found: Vec<Phrase> = Vec::new();
    let (mut before, mut marks, mut open) = (String::new(), 0, false);
    for span in spans {
        if span.kind == SpanKind::Equal {
            if let Some(last) = found.last_mut().filter(|last| last.after.chars().count() < CONTEXT) {
                last.after.push_str(&first_characters(&span.text));
            }
            before.push_str(&span.text);
            before = last_characters(&before);
            open = false;
        } else {
            if !open {
                let (quoted, before) = (marks % 2 == 1, before.clone());
                let (removed, added, after) = (String::new(), String::new(), String::new());
                found.push(Phrase { removed, added, before, after, quoted, german });
                open = true;
            }
            if let Some(last) = found.last_mut() {
                let side = if span.kind == SpanKind::Removed { &mut last.removed } else { &mut last.added };
                side.push_str(&span.text);
            }
            before.push_str(span.new_text());
        }
        marks += canonical_text(span.new_text()).matches('"').count();
    }
    found
}

fn first_characters(text: &str) -> String {
    text.chars().take(CONTEXT).collect()
}

fn last_characters(text: &str) -> String {
    let skipped = text.chars().count().saturating_sub(CONTEXT);
    text.chars().skip(skipped).collect()
}

impl Phrase {
    /// Whether the edit begins where a sentence begins.
    pub(super) fn opens_sentence(&self) -> bool {
        let mut before = self.before.trim_end_matches([' ', '"', '”', '»']).chars();
        before.next_back().is_none_or(|last| last == '\t' || is_end(last.encode_utf8(&mut [0; 4])))
    }

    /// Whether the text goes on after the edit in the middle of a sentence.
    pub(super) fn is_followed(&self) -> bool {
        !self.after.trim_start_matches(['"', '”', '»']).trim_start().is_empty() && !self.after.starts_with('\t')
    }

    pub(super) fn removed_words(&self) -> Vec<Word> {
        self.words(&self.removed)
    }

    pub(super) fn added_words(&self) -> Vec<Word> {
        self.words(&self.added)
    }

    fn words(&self, text: &str) -> Vec<Word> {
        let (text, _) = text.split_at(text.char_indices().nth(MAX_JUDGED).map_or(text.len(), |(end, _)| end));
        let (before, text, after) =
            (Text::new(self.before.trim()), Text::new(text.trim()), Text::new(self.after.trim()));
        let mut keys = before.keys();
        let start = keys.len();
        keys.extend(text.keys());
        let end = keys.len();
        keys.extend(after.keys());
        let folded: Vec<String> = keys.iter().map(|key| key.to_lowercase()).collect();
        let word = |at| Neighbourhood { keys: &keys, folded: &folded, at, start, german: self.german }.word();
        (start..end).map(word).flat_map(without_contraction).collect()
    }
}

/// "Doesn't" is "does not", "we'll" is "we will".
fn without_contraction(word: Word) -> Vec<Word> {
    if let Some(verb) = words::negated(&word.key) {
        let class = if words::is_modal(verb) { Class::Modal } else { Class::Light };
        let not = Word { key: "not".to_owned(), class: Class::Negation };
        return vec![Word { key: verb.to_owned(), class }, not];
    }
    match word.key.strip_suffix("'ll") {
        Some(own) => {
            let will = Word { key: "will".to_owned(), class: Class::Modal };
            vec![Word { key: own.to_owned(), class: word.class }, will]
        }
        None => vec![word],
    }
}
