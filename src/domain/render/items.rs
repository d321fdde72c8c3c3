//! Links, pictures and contact lines before and after: what both have is written once.

use crate::domain::diff::{ItemEdit, Span, SpanKind};

/// An item as its words and its address, either of which may be empty.
pub(super) type Item = [String; 2];

/// Words in quotation marks, if there are any.
pub(super) fn quoted([open, close]: [char; 2], words: &str) -> String {
    if words.is_empty() { String::new() } else { format!("{open}{words}{close}") }
}

/// What became of an item, as stretches of one line.
pub(super) fn item_spans<T>(edit: &ItemEdit<T>, show: impl Fn(&T) -> Item) -> Vec<Span> {
    let (old, new) = match edit {
        ItemEdit::Added { new } => return vec![Span::new(SpanKind::Added, line(&show(new)))],
        ItemEdit::Removed { old } => return vec![Span::new(SpanKind::Removed, line(&show(old)))],
        ItemEdit::Replaced { old, new } => (show(old), show(new)),
    };
    let has_both = !new.iter().any(String::is_empty);
    match ([&old[0], &old[1]], new) {
        ([words, address], [new_words, new_address]) if has_both && *words == new_words => {
            let kept = Span::new(SpanKind::Equal, format!("{new_words} "));
            std::iter::once(kept).chain(replacement(address, new_address)).collect()
        }
        ([words, address], [new_words, new_address]) if has_both && *address == new_address => {
            let kept = Span::new(SpanKind::Equal, format!(" {new_address}"));
            replacement(words, new_words).into_iter().chain([kept]).collect()
        }
        (_, new) => replacement(line(&old), line(&new)).into(),
    }
}

/// One text in place of another.
pub(super) fn replacement(old: impl Into<String>, new: impl Into<String>) -> [Span; 3] {
    [Span::new(SpanKind::Removed, old), Span::new(SpanKind::Equal, " "), Span::new(SpanKind::Added, new)]
}

fn line(item: &Item) -> String {
    item.join(" ").trim().to_owned()
}
