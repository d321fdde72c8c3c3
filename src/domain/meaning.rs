//! Whether a change can alter what a reader believes, why, and what it is in one line. Rules and word lists,
//! no model: the same change always gets the same judgement, and a reader can be told the reason.
//!
//! `phrase` cuts a change into single edits and `judge` judges each; `words` and `spelling` are what
//! it knows about language; `summary` puts the result into words.

mod judge;
mod phrase;
mod spelling;
mod summary;
mod words;

use std::collections::BTreeSet;

use serde::Serialize;

use crate::domain::diff::{BlockEdit, Change, Span, SpanKind, TextEdit};
use crate::domain::model::{Reason, Significance};

/// A reason from this weight on makes a change major.
const MAJOR: f64 = 0.5;

/// A text of fewer words than this is reworded, not rewritten.
const MIN_REWRITTEN: usize = 30;

/// Spans that are judged one by one, within changed blocks: a release of 25 KB has 4,000 words.
const MAX_SPANS: usize = 20_000;

/// The judgement on a change.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Assessment {
    /// Whether it can alter what a reader believes.
    pub significance: Significance,
    /// Why, the weightiest first.
    pub reasons: Vec<Reason>,
    /// How much it matters, from 0 to 1; from 0.5 on it is major.
    pub score: f64,
    /// One line of at most 200 characters that names what changed.
    pub summary: String,
}

/// How much reasons weigh together, from 0 to 1: that of the weightiest, and a little for each other.
pub fn score(reasons: &[Reason]) -> f64 {
    let mut weights: Vec<f64> = reasons.iter().map(|reason| weight(*reason)).collect();
    weights.sort_by(|left, right| right.total_cmp(left));
    let heaviest = weights.first().copied().unwrap_or(0.0);
    // Several reasons weigh a little more than one, but trifles never add up to something.
    let others: f64 = weights.iter().skip(1).map(|weight| weight * 0.05).sum();
    (heaviest + others).min(if heaviest >= MAJOR { 1.0 } else { MAJOR - 0.01 })
}

/// Judges a change.
pub fn assess(change: &Change) -> Assessment {
    let mut reasons: Vec<Reason> = find_reasons(change).into_iter().collect();
    reasons.sort_by(|left, right| weight(*right).total_cmp(&weight(*left)).then(left.cmp(right)));
    let is_major = reasons.first().is_some_and(|reason| is_major(*reason));
    Assessment {
        significance: if is_major { Significance::Major } else { Significance::Minor },
        score: score(&reasons),
        reasons,
        summary: summary::summarize(change),
    }
}

/// Whether a reason alone makes a change major.
fn is_major(reason: Reason) -> bool {
    weight(reason) >= MAJOR
}

/// What each reason weighs; the rest of the closed list is never a reason of an edit.
fn weight(reason: Reason) -> f64 {
    match reason {
        // The sense is turned round.
        Reason::Negation => 0.98,
        // What is quoted from a release most often, and checked most often.
        Reason::Money => 0.97,
        Reason::Percentage => 0.96,
        Reason::Number => 0.95,
        // When something happens or happened is a fact like a number.
        Reason::Date => 0.93,
        // Somebody else is said to have done it.
        Reason::Name => 0.92,
        // A promise became a possibility.
        Reason::Modal => 0.9,
        // Somebody is said to have said something else.
        Reason::Quote => 0.88,
        // Another text under the same address.
        Reason::Rewritten => 0.86,
        // The first and often the only words that are read.
        Reason::Title => 0.85,
        // A wrong number rings at a stranger's.
        Reason::Contact => 0.8,
        // What is taken back is more telling than what is added.
        Reason::SentenceRemoved => 0.78,
        Reason::SentenceAdded => 0.75,
        // Words were exchanged, and nothing is known about them.
        Reason::Wording => 0.6,
        // All words are still there.
        Reason::Moved => 0.3,
        // The text does not say it.
        Reason::Link => 0.28,
        Reason::Image => 0.26,
        // The reader understands the same.
        Reason::Spelling => 0.2,
        Reason::Punctuation => 0.12,
        Reason::Case => 0.1,
        Reason::Spacing => 0.08,
        _ => 0.0,
    }
}

fn find_reasons(change: &Change) -> BTreeSet<Reason> {
    let mut reasons = BTreeSet::new();
    let mut left = MAX_SPANS;
    for block in &change.blocks {
        match left.checked_sub(spans_of(block)) {
            Some(rest) => {
                left = rest;
                reasons.extend(judge_block(block));
            }
            // So much cannot be trifles alone.
            None => {
                reasons.insert(Reason::Wording);
            }
        }
    }
    if is_rewritten(&change.blocks) {
        reasons.insert(Reason::Rewritten);
    }
    reasons.extend(change.title.iter().flat_map(judge_title));
    let fields = [
        (change.date.is_some(), Reason::Date),
        (!change.links.is_empty(), Reason::Link),
        (!change.images.is_empty(), Reason::Image),
        (!change.contacts.is_empty(), Reason::Contact),
    ];
    reasons.extend(fields.into_iter().filter_map(|(changed, reason)| changed.then_some(reason)));
    reasons
}

fn spans_of(block: &BlockEdit) -> usize {
    match block {
        BlockEdit::Changed { spans, .. } | BlockEdit::MovedHere { spans, .. } => spans.len(),
        BlockEdit::Equal { .. } | BlockEdit::Added { .. } | BlockEdit::Removed { .. } | BlockEdit::MovedAway { .. } => {
            0
        }
    }
}

fn judge_block(block: &BlockEdit) -> BTreeSet<Reason> {
    let has_words = |text: &str| text.chars().any(char::is_alphanumeric);
    let only = |reason| BTreeSet::from([reason]);
    match block {
        BlockEdit::Equal { .. } | BlockEdit::MovedAway { .. } => BTreeSet::new(),
        BlockEdit::Added { text, .. } => {
            only(if has_words(text) { Reason::SentenceAdded } else { Reason::Punctuation })
        }
        BlockEdit::Removed { text, .. } => {
            only(if has_words(text) { Reason::SentenceRemoved } else { Reason::Punctuation })
        }
        BlockEdit::Changed { spans, .. } => judge_spans(spans),
        BlockEdit::MovedHere { spans, .. } => {
            let mut reasons = judge_spans(spans);
            reasons.insert(Reason::Moved);
            reasons
        }
    }
}

fn judge_spans(spans: &[Span]) -> BTreeSet<Reason> {
    judge::judge_all(&phrase::phrases(spans)).into_iter().flatten().collect()
}

/// A headline counts as reworded unless it is only spelled in another way.
fn judge_title(title: &TextEdit) -> BTreeSet<Reason> {
    let mut reasons = judge_spans(&title.spans);
    let one_letter = title.old.len().max(title.new.len()) < 1_000 && strsim::osa_distance(&title.old, &title.new) <= 1;
    let spelled = |reason: &Reason| match reason {
        Reason::Case | Reason::Punctuation | Reason::Spacing => true,
        Reason::Spelling => one_letter,
        _ => false,
    };
    if !reasons.iter().all(spelled) {
        reasons.retain(|reason| {
            matches!(
                reason,
                Reason::Number | Reason::Money | Reason::Percentage | Reason::Date | Reason::Negation | Reason::Modal
            )
        });
        reasons.insert(Reason::Title);
    }
    reasons
}

/// Whether less than a third of the words stayed.
fn is_rewritten(blocks: &[BlockEdit]) -> bool {
    let (mut kept, mut old, mut new) = (0, 0, 0);
    let mut count = |kind, text: &str| {
        let words = text.split_whitespace().count();
        match kind {
            SpanKind::Equal => kept += words,
            SpanKind::Removed => old += words,
            SpanKind::Added => new += words,
        }
    };
    for block in blocks {
        match block {
            BlockEdit::Equal { text, .. } => count(SpanKind::Equal, text),
            BlockEdit::Added { text, .. } => count(SpanKind::Added, text),
            BlockEdit::Removed { text, .. } => count(SpanKind::Removed, text),
            BlockEdit::Changed { spans, .. } | BlockEdit::MovedHere { spans, .. } => {
                for span in spans {
                    count(span.kind, &span.text);
                }
            }
            BlockEdit::MovedAway { .. } => {}
        }
    }
    kept + old.min(new) >= MIN_REWRITTEN && kept * 2 < old.min(new)
}

#[cfg(test)]
mod tests;
