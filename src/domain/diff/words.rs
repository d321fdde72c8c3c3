//! Compares two texts word by word. Equal words may be spelled with other quotes, dashes or spaces; what
//! differs is told in as few and as natural pieces as [`super::tidy`] finds.

use std::ops::Range;

use similar::{Algorithm, DiffTag, capture_diff_slices};

use super::tidy::tidy;
use super::tokens::Text;
use super::{Span, SpanKind};

/// Texts that differ in more words than this on one side are replaced as a whole.
const MAX_WORDS: usize = 5_000;

/// Words of the old text and the words of the new text in their place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) old: Range<usize>,
    pub(super) new: Range<usize>,
}

/// The spans of two texts, one for each equal word, and whether the texts were too long to compare.
pub(super) fn compare(old: &str, new: &str) -> (Vec<Span>, bool) {
    let (old, new) = (Text::new(old), Text::new(new));
    let (mut edits, coarse) = find_edits(&old, &new);
    if !coarse {
        edits = tidy(&old, &new, edits);
    }
    let edits = with_spacing(&old, &new, edits);
    (emit(&old, &new, &edits), coarse)
}

/// Joins neighbours of one kind, but keeps apart what the old text spells differently.
pub(super) fn join_spans(spans: Vec<Span>) -> Vec<Span> {
    let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match joined.last_mut() {
            Some(last) if last.kind == span.kind && last.old.is_none() && span.old.is_none() => {
                last.text.push_str(&span.text);
            }
            _ => joined.push(span),
        }
    }
    joined
}

fn find_edits(old: &Text, new: &Text) -> (Vec<Edit>, bool) {
    let (old_keys, new_keys) = (old.keys(), new.keys());
    let head = old_keys.iter().zip(&new_keys).take_while(|(left, right)| left == right).count();
    let (old_rest, new_rest) = (&old_keys[head..], &new_keys[head..]);
    let tail = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(left, right)| left == right).count();
    let (old_rest, new_rest) = (&old_rest[..old_rest.len() - tail], &new_rest[..new_rest.len() - tail]);
    if old_rest.is_empty() && new_rest.is_empty() {
        return (Vec::new(), false);
    }
    if old_rest.len().max(new_rest.len()) > MAX_WORDS {
        return (vec![Edit { old: head..head + old_rest.len(), new: head..head + new_rest.len() }], true);
    }
    let edits = capture_diff_slices(Algorithm::Patience, old_rest, new_rest)
        .iter()
        .filter(|operation| operation.tag() != DiffTag::Equal)
        .map(|operation| Edit { old: shift(operation.old_range(), head), new: shift(operation.new_range(), head) })
        .collect();
    (join_edits(edits), false)
}

fn shift(range: Range<usize>, by: usize) -> Range<usize> {
    range.start + by..range.end + by
}

/// Joins edits that touch or overlap; they come in order.
fn join_edits(edits: Vec<Edit>) -> Vec<Edit> {
    let mut joined: Vec<Edit> = Vec::with_capacity(edits.len());
    for edit in edits {
        match joined.last_mut() {
            Some(last) if edit.old.start <= last.old.end && edit.new.start <= last.new.end => {
                last.old.end = last.old.end.max(edit.old.end);
                last.new.end = last.new.end.max(edit.new.end);
            }
            _ => joined.push(edit),
        }
    }
    joined
}

/// Equal words with a space between them in one text only are told with the words around the space.
fn with_spacing(old: &Text, new: &Text, edits: Vec<Edit>) -> Vec<Edit> {
    let mut all = Vec::with_capacity(edits.len());
    let (mut old_at, mut new_at) = (0, 0);
    let end = Edit { old: old.len()..old.len(), new: new.len()..new.len() };
    for edit in edits.into_iter().chain([end]) {
        for step in 1..edit.old.start.saturating_sub(old_at) {
            if old.is_spaced(old_at + step) != new.is_spaced(new_at + step) {
                let (before, after) = (step - 1, step + 1);
                all.push(Edit { old: old_at + before..old_at + after, new: new_at + before..new_at + after });
            }
        }
        (old_at, new_at) = (edit.old.end, edit.new.end);
        all.push(edit);
    }
    all.pop_if(|edit| edit.old.is_empty() && edit.new.is_empty());
    join_edits(all)
}

fn emit(old: &Text, new: &Text, edits: &[Edit]) -> Vec<Span> {
    let mut emitter = Emitter { old, new, old_byte: 0, new_byte: 0, spans: Vec::new() };
    let (mut old_at, mut new_at) = (0, 0);
    for edit in edits {
        emitter.equal(old_at..edit.old.start, new_at);
        emitter.edit(edit);
        (old_at, new_at) = (edit.old.end, edit.new.end);
    }
    emitter.equal(old_at..old.len(), new_at);
    emitter.spans
}

/// Copies both texts byte for byte into spans.
struct Emitter<'a> {
    old: &'a Text,
    new: &'a Text,
    old_byte: usize,
    new_byte: usize,
    spans: Vec<Span>,
}

impl Emitter<'_> {
    fn equal(&mut self, old_range: Range<usize>, new_start: usize) {
        let first = old_range.start;
        for old_index in old_range {
            let old_end = self.old.end(old_index);
            let new_end = self.new.end(new_start + old_index - first);
            self.push_equal(old_end, new_end);
        }
    }

    /// The white space on both sides of an edit belongs to it only as far as it differs.
    fn edit(&mut self, edit: &Edit) {
        let (old_end, new_end) = (self.old.start(edit.old.end), self.new.start(edit.new.end));
        if self.begins_with_space(old_end, new_end) {
            self.push_equal(self.old_byte + 1, self.new_byte + 1);
        }
        let removed = self.old.shown(self.old_byte..old_end);
        let added = self.new.shown(self.new_byte..new_end);
        let keep = usize::from(removed.ends_with(' ') && added.ends_with(' '));
        let (removed, added) = (&removed[..removed.len() - keep], &added[..added.len() - keep]);
        if !removed.is_empty() {
            self.spans.push(Span::new(SpanKind::Removed, removed));
        }
        if !added.is_empty() {
            self.spans.push(Span::new(SpanKind::Added, added));
        }
        (self.old_byte, self.new_byte) = (old_end - keep, new_end - keep);
    }

    fn begins_with_space(&self, old_end: usize, new_end: usize) -> bool {
        self.old.shown(self.old_byte..old_end).starts_with(' ')
            && self.new.shown(self.new_byte..new_end).starts_with(' ')
    }

    fn push_equal(&mut self, old_end: usize, new_end: usize) {
        let old = self.old.shown(self.old_byte..old_end);
        let text = self.new.shown(self.new_byte..new_end).to_owned();
        let old = (old != text).then(|| old.to_owned());
        self.spans.push(Span { kind: SpanKind::Equal, text, old });
        (self.old_byte, self.new_byte) = (old_end, new_end);
    }
}

#[cfg(test)]
pub(super) fn marked(spans: &[Span]) -> String {
    spans
        .iter()
        .map(|span| match span.kind {
            SpanKind::Equal => span.text.clone(),
            SpanKind::Removed => format!("[-{}-]", span.text),
            SpanKind::Added => format!("{{+{}+}}", span.text),
        })
        .collect()
}
