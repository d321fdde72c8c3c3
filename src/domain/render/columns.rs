//! The change in two columns, the old text on the left and the new one on the right: which block stands beside
//! which. How the columns look is told in `side` for terminals and in `html` for browsers.

use super::Shown;
use crate::domain::diff::{BlockEdit, SpanKind};

/// One line of both columns.
pub(super) enum Line<'a> {
    Row(Row<'a>),
    Folded(std::ops::Range<usize>),
}

/// What stands on the left and on the right.
#[derive(Default)]
pub(super) struct Row<'a> {
    pub(super) old: Option<(usize, &'a BlockEdit)>,
    pub(super) new: Option<(usize, &'a BlockEdit)>,
}

/// Puts what went beside what came in its place.
pub(super) fn lines(shown: Vec<Shown<'_>>) -> Vec<Line<'_>> {
    let mut lines = Vec::with_capacity(shown.len());
    // The first line of the present run on which the right side is still empty.
    let mut open = 0;
    for part in shown {
        let (index, edit) = match part {
            Shown::Block(index, edit) => (index, edit),
            Shown::Folded(blocks) => {
                lines.push(Line::Folded(blocks));
                open = lines.len();
                continue;
            }
        };
        let here = Some((index, edit));
        match edit {
            BlockEdit::Equal { .. } | BlockEdit::Changed { .. } => {
                lines.push(Line::Row(Row { old: here, new: here }));
                open = lines.len();
            }
            BlockEdit::Removed { .. } | BlockEdit::MovedAway { .. } => {
                lines.push(Line::Row(Row { old: here, new: None }));
            }
            BlockEdit::Added { .. } | BlockEdit::MovedHere { .. } => {
                match lines.get_mut(open) {
                    Some(Line::Row(row)) => row.new = here,
                    _ => lines.push(Line::Row(Row { old: None, new: here })),
                }
                open += 1;
            }
        }
    }
    lines
}

/// What the left column shows of a block.
pub(super) fn old_parts(edit: &BlockEdit) -> Vec<(SpanKind, &str)> {
    match edit {
        BlockEdit::Equal { text, .. } | BlockEdit::MovedAway { text, .. } => vec![(SpanKind::Equal, text)],
        BlockEdit::Removed { text, .. } => vec![(SpanKind::Removed, text)],
        BlockEdit::Changed { spans, .. } | BlockEdit::MovedHere { spans, .. } => {
            let old = spans.iter().filter(|span| span.kind != SpanKind::Added);
            old.map(|span| (span.kind, span.old_text())).collect()
        }
        BlockEdit::Added { .. } => Vec::new(),
    }
}

/// What the right column shows of a block; what moved is shown with the edits that it took on the way.
pub(super) fn new_parts(edit: &BlockEdit) -> Vec<(SpanKind, &str)> {
    match edit {
        BlockEdit::Equal { text, .. } => vec![(SpanKind::Equal, text)],
        BlockEdit::Added { text, .. } => vec![(SpanKind::Added, text)],
        BlockEdit::MovedHere { spans, .. } => spans.iter().map(|span| (span.kind, span.text.as_str())).collect(),
        BlockEdit::Changed { spans, .. } => {
            let new = spans.iter().filter(|span| span.kind != SpanKind::Removed);
            new.map(|span| (span.kind, span.new_text())).collect()
        }
        BlockEdit::Removed { .. } | BlockEdit::MovedAway { .. } => Vec::new(),
    }
}

/// What a reader sees of a block in one column: both texts.
pub(super) fn all_parts(edit: &BlockEdit) -> Vec<(SpanKind, &str)> {
    match edit {
        BlockEdit::Changed { spans, .. } => spans.iter().map(|span| (span.kind, span.text.as_str())).collect(),
        BlockEdit::Removed { .. } | BlockEdit::MovedAway { .. } => old_parts(edit),
        BlockEdit::Equal { .. } | BlockEdit::Added { .. } | BlockEdit::MovedHere { .. } => new_parts(edit),
    }
}
