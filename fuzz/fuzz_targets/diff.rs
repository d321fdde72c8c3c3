//! Two documents, divided by a line `===`: a change applied to the old text gives the new one, and back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pressdiff::domain::diff::{BlockEdit, Change, Span, SpanKind, diff};
use pressdiff::domain::meaning::assess;
use pressdiff::domain::model::{Block, BlockKind, Document, Field};
use pressdiff::domain::normalize::{canonical_body, clean_text, content_hash};

fn document(text: &str) -> Document {
    let block = |line: &str| {
        let (kind, text) = match line.split_at_checked(2) {
            Some(("# ", text)) => (BlockKind::Heading, text),
            Some(("* ", text)) => (BlockKind::ListItem, text),
            Some(("| ", text)) => (BlockKind::TableRow, text),
            Some(("> ", text)) => (BlockKind::Quote, text),
            _ => (BlockKind::Paragraph, line),
        };
        Block { kind, text: clean_text(text) }
    };
    Document { blocks: text.lines().map(block).collect(), ..Document::default() }
}

/// The text on one side, from the pieces of a change.
fn replay(change: &Change, is_new: bool) -> Document {
    let side = |spans: &[Span]| -> String {
        let hidden = if is_new { SpanKind::Removed } else { SpanKind::Added };
        spans.iter().filter(|span| span.kind != hidden).map(|span| span.text.as_str()).collect()
    };
    let mut blocks = Vec::new();
    for edit in &change.blocks {
        let text = match edit {
            BlockEdit::Equal { text, .. } => Some(text.clone()),
            BlockEdit::Changed { spans, .. } => Some(side(spans)),
            BlockEdit::Added { text, .. } => is_new.then(|| text.clone()),
            BlockEdit::Removed { text, .. } | BlockEdit::MovedAway { text, .. } => (!is_new).then(|| text.clone()),
            BlockEdit::MovedHere { spans, .. } => is_new.then(|| side(spans)),
        };
        let kind = edit.kind();
        blocks.extend(text.map(|text| Block { kind, text }));
    }
    Document { blocks, ..Document::default() }
}

fuzz_target!(|input: &str| {
    let (old, new) = input.split_once("\n===\n").unwrap_or((input, ""));
    let (old, new) = (document(old), document(new));
    let change = diff(&old, &new);
    assert_eq!(change.is_empty(), content_hash(&old) == content_hash(&new));
    assert_eq!(canonical_body(&replay(&change, true)), canonical_body(&new));
    if change.fields().contains(&Field::Body) && !canonical_body(&old).is_empty() {
        assert_eq!(canonical_body(&replay(&change, false)), canonical_body(&old));
    }
    let _ = assess(&change);
    assert!(diff(&new, &new).is_empty());
});
