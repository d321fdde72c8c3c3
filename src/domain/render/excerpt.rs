//! What can be left out where there is little room: long unchanged passages around the edits of a paragraph, and the
//! rest of a change after its first screens.

use std::borrow::Cow;

use super::Shown;
use super::columns::all_parts;
use crate::domain::diff::{BlockEdit, SpanKind};

/// Unchanged text of a changed paragraph that is kept on each side of an edit, in characters.
const KEPT: usize = 240;

/// Parts of a text, perhaps shortened.
pub(super) type Parts<'a> = Vec<(SpanKind, Cow<'a, str>)>;

/// Leaves out the middle of what did not change, unless all is wanted.
pub(super) fn shorten<'a>(edit: &BlockEdit, parts: Vec<(SpanKind, &'a str)>, full: bool) -> Parts<'a> {
    let count = parts.len();
    let changed = matches!(edit, BlockEdit::Changed { .. } | BlockEdit::MovedHere { .. });
    let cut = |(index, (kind, text)): (usize, (SpanKind, &'a str))| {
        if full || kind != SpanKind::Equal {
            return (kind, Cow::Borrowed(text));
        }
        // A paragraph that stayed, or that only moved, is known by its beginning.
        let head = if changed && count > 1 && index == 0 { 0 } else { KEPT };
        let tail = if count > 1 && index + 1 == count || !changed || count == 1 { 0 } else { KEPT };
        (kind, without_middle(text, head, tail))
    };
    parts.into_iter().enumerate().map(cut).collect()
}

/// The first and the last characters, cut between words, if that saves more than a few.
fn without_middle(text: &str, head: usize, tail: usize) -> Cow<'_, str> {
    let characters = text.chars().count();
    if characters <= head + tail + KEPT / 2 {
        return Cow::Borrowed(text);
    }
    let place = |character: usize| text.char_indices().nth(character).map_or(text.len(), |(at, _)| at);
    let (start, end) = (place(head), place(characters - tail));
    let start = text[..start].rfind(' ').map_or(start, |space| space + 1);
    let end = text[end..].find(' ').map_or(end, |space| end + space);
    Cow::Owned(format!("{}…{}", &text[..start], &text[end..]))
}

/// As many of the shown blocks as fit into so many characters, at least one that changed, and how many changed
/// ones are left.
pub(super) fn first_screens(shown: Vec<Shown<'_>>, most: usize) -> (Vec<Shown<'_>>, usize) {
    let (mut kept, mut used, mut left, mut told) = (Vec::new(), 0, 0, false);
    for part in shown {
        let (size, changed) = match &part {
            Shown::Folded(_) => (40, false),
            Shown::Block(_, edit) => (size(edit), !matches!(edit, BlockEdit::Equal { .. })),
        };
        if left > 0 || told && used + size > most {
            left += usize::from(changed);
            // What only leads to a change that is left out is left out too.
            used = most;
        } else {
            used += size;
            told |= changed;
            kept.push(part);
        }
    }
    (kept, left)
}

/// Characters that a block takes when it is shortened.
fn size(edit: &BlockEdit) -> usize {
    shorten(edit, all_parts(edit), false).iter().map(|(_, text)| text.chars().count()).sum::<usize>() + 20
}

/// The parts up to so many characters.
pub(super) fn clip(parts: Parts<'_>, most: usize) -> Parts<'_> {
    let mut left = most;
    let mut clipped = Vec::with_capacity(parts.len());
    for (kind, text) in parts {
        let length = text.chars().count();
        if length > left {
            let head: String = text.chars().take(left).collect();
            clipped.push((kind, Cow::Owned(format!("{}…", head.trim_end()))));
            return clipped;
        }
        left -= length;
        clipped.push((kind, text));
    }
    clipped
}
