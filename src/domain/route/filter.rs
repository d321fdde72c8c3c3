//! What an alert is about: every part of a filter has to let an event through.

use unicode_segmentation::UnicodeSegmentation as _;

use crate::domain::model::{Event, EventKind, Reason, Significance, SourceId};
use crate::domain::normalize::canonical_text;

/// What an alert is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Sources that it is about; all when empty.
    pub sources: Vec<SourceId>,
    /// Kinds that it is about; all when empty.
    pub kinds: Vec<EventKind>,
    /// Least significance.
    pub min_significance: Significance,
    /// Reasons, one of which the event has; any event when empty.
    pub reasons: Vec<Reason>,
    /// Words or phrases, one of which is named; any event when empty.
    pub keywords: Vec<String>,
    /// Where they are looked for.
    pub keywords_in: KeywordPlace,
}

/// Where keywords are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeywordPlace {
    /// In title, summary and the words that changed.
    Change,
    /// Anywhere in the release, before or after.
    Release,
}

impl Default for Filter {
    /// Lets everything through.
    fn default() -> Self {
        Self {
            sources: Vec::new(),
            kinds: Vec::new(),
            min_significance: Significance::Minor,
            reasons: Vec::new(),
            keywords: Vec::new(),
            keywords_in: KeywordPlace::Change,
        }
    }
}

impl Filter {
    /// Whether all filters let the event through.
    pub fn wants(&self, event: &Event) -> bool {
        (self.sources.is_empty() || self.sources.contains(&event.source))
            && (self.kinds.is_empty() || self.kinds.contains(&event.kind))
            && event.significance >= self.min_significance
            && (self.reasons.is_empty() || self.reasons.iter().any(|reason| event.reasons.contains(reason)))
            && self.names_a_keyword(event)
    }

    fn names_a_keyword(&self, event: &Event) -> bool {
        if self.keywords.is_empty() {
            return true;
        }
        let texts = [folded(&event.title), folded(&event.summary)];
        self.keywords
            .iter()
            .map(|keyword| folded(keyword))
            .any(|keyword| texts.iter().any(|text| stands_in(&keyword, text)))
    }
}

/// Text as keywords are compared with it.
fn folded(text: &str) -> String {
    canonical_text(text).to_lowercase()
}

/// Whether a keyword stands in a text as whole words in a row. Scripts without spaces are words of one character,
/// so there it may stand anywhere; a keyword without letters, such as a currency sign, is looked for as it is.
fn stands_in(keyword: &str, text: &str) -> bool {
    let wanted: Vec<&str> = keyword.unicode_words().collect();
    if wanted.is_empty() {
        return !keyword.is_empty() && text.contains(keyword);
    }
    let words: Vec<&str> = text.unicode_words().collect();
    words.windows(wanted.len()).any(|row| row == wanted)
}
