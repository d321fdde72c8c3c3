//! Two documents in, the change for a reader out: which words, blocks, links, pictures and contacts differ.
//!
//! Documents are compared by their canonical text and shown in their own: a difference that `normalize` folds
//! away is none. `tokens` cuts text into words, `words` compares two texts and `tidy` makes the result
//! readable; `align` finds which block became which and `body` tells it; `items` does the rest.
//! Whether a change matters is decided in `meaning`, how it looks in `render`.

mod align;
mod body;
mod items;
mod likeness;
mod order;
mod pair;
mod rows;
mod tidy;
pub(crate) mod tokens;
mod words;

use serde::Serialize;

use crate::domain::model::{BlockKind, Document, Field, Image, Link, ShownDate};
use crate::domain::normalize::{canonical_body, canonical_date, canonical_text, clean_text};

/// What a reader of the new document finds different from the old one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The headline, if it changed.
    pub title: Option<TextEdit>,
    /// The date, if it changed.
    pub date: Option<DateEdit>,
    /// The whole text in reading order, unchanged blocks included.
    pub blocks: Vec<BlockEdit>,
    /// Links that came, went or lead elsewhere, unless they came or went with their words.
    pub links: Vec<ItemEdit<Link>>,
    /// Pictures that came, went or were exchanged.
    pub images: Vec<ItemEdit<Image>>,
    /// Contact lines that came, went or changed.
    pub contacts: Vec<ItemEdit<String>>,
    /// True when the texts were too large to compare word by word everywhere.
    pub coarse: bool,
}

/// One line of text before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TextEdit {
    /// Before.
    pub old: String,
    /// After.
    pub new: String,
    /// Both, word by word.
    pub spans: Vec<Span>,
}

/// The date before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DateEdit {
    /// Before, if there was one.
    pub old: Option<ShownDate>,
    /// After, if there is one.
    pub new: Option<ShownDate>,
}

/// What became of one block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "edit", rename_all = "kebab-case")]
pub enum BlockEdit {
    /// Reads the same.
    Equal {
        /// What it is now.
        kind: BlockKind,
        /// Its text now.
        text: String,
    },
    /// Same place, other words.
    Changed {
        /// What it is now.
        kind: BlockKind,
        /// Old and new text, word by word; a tab inside separates table cells.
        spans: Vec<Span>,
    },
    /// Only in the new document.
    Added {
        /// What it is.
        kind: BlockKind,
        /// Its text.
        text: String,
    },
    /// Only in the old document.
    Removed {
        /// What it was.
        kind: BlockKind,
        /// Its text.
        text: String,
    },
    /// Stood here; stands elsewhere now.
    MovedAway {
        /// What it was.
        kind: BlockKind,
        /// Its old text.
        text: String,
        /// Where in [`Change::blocks`] its `MovedHere` is.
        to: usize,
    },
    /// Stands here; stood elsewhere.
    MovedHere {
        /// What it is now.
        kind: BlockKind,
        /// Where in [`Change::blocks`] its `MovedAway` is.
        from: usize,
        /// Old and new text, word by word; all equal when it moved as it was.
        spans: Vec<Span>,
    },
}

/// A stretch of text that two texts share or that only one of them has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Span {
    /// Whose it is.
    pub kind: SpanKind,
    /// The text; of the new document for equal spans.
    pub text: String,
    /// How the old document spells an equal span, where typography differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
}

/// Whose a span is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpanKind {
    /// Both texts have it.
    Equal,
    /// Only the old text has it.
    Removed,
    /// Only the new text has it.
    Added,
}

/// What became of a link, a picture or a contact line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "edit", rename_all = "kebab-case")]
pub enum ItemEdit<T> {
    /// Only the new document has it.
    Added {
        /// The new one.
        new: T,
    },
    /// Only the old document has it.
    Removed {
        /// The old one.
        old: T,
    },
    /// One took the place of the other.
    Replaced {
        /// Before.
        old: T,
        /// After.
        new: T,
    },
}

/// Compares two documents; the same pair always gives the same answer, however busy the machine is.
pub fn diff(old: &Document, new: &Document) -> Change {
    let same_body = canonical_body(old) == canonical_body(new);
    let (blocks, coarse) = if same_body { (body::unchanged(new), false) } else { body::compare(old, new) };
    let links = if same_body { items::links(old, new) } else { items::links_beside_text(old, new, &blocks) };
    Change {
        title: title_edit(&old.title, &new.title),
        date: date_edit(old, new),
        blocks,
        links,
        images: items::images(old, new),
        contacts: items::contacts(old, new),
        coarse,
    }
}

fn title_edit(old: &str, new: &str) -> Option<TextEdit> {
    (canonical_text(old) != canonical_text(new)).then(|| {
        let (old, new) = (clean_text(old), clean_text(new));
        let (spans, _) = words::compare(&old, &new);
        TextEdit { spans: words::join_spans(spans), old, new }
    })
}

fn date_edit(old: &Document, new: &Document) -> Option<DateEdit> {
    // A date without words and no date hash the same.
    let canonical = |document| canonical_date(document).unwrap_or_default();
    let shown = |document: &Document| {
        let date = document.date.clone().filter(|date| !date.text.is_empty())?;
        Some(ShownDate { text: clean_text(&date.text), day: date.day })
    };
    (canonical(old) != canonical(new)).then(|| DateEdit { old: shown(old), new: shown(new) })
}

impl Change {
    /// Whether both documents read the same.
    pub fn is_empty(&self) -> bool {
        self.fields().is_empty()
    }

    /// What changed, in the order of [`Field`].
    pub fn fields(&self) -> Vec<Field> {
        let body = self.blocks.iter().any(|block| !matches!(block, BlockEdit::Equal { .. }));
        let parts = [
            (self.title.is_some(), Field::Title),
            (self.date.is_some(), Field::Date),
            (body, Field::Body),
            (!self.links.is_empty(), Field::Links),
            (!self.images.is_empty(), Field::Images),
            (!self.contacts.is_empty(), Field::Contacts),
        ];
        parts.into_iter().filter_map(|(changed, field)| changed.then_some(field)).collect()
    }
}

impl Span {
    pub(crate) fn new(kind: SpanKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into(), old: None }
    }

    /// The text in the old document, empty for added spans.
    pub fn old_text(&self) -> &str {
        match self.kind {
            SpanKind::Equal => self.old.as_deref().unwrap_or(&self.text),
            SpanKind::Removed => &self.text,
            SpanKind::Added => "",
        }
    }

    /// The text in the new document, empty for removed spans.
    pub fn new_text(&self) -> &str {
        if self.kind == SpanKind::Removed { "" } else { &self.text }
    }
}

impl BlockEdit {
    /// What the block is, or was if it is gone.
    pub fn kind(&self) -> BlockKind {
        match self {
            Self::Equal { kind, .. }
            | Self::Changed { kind, .. }
            | Self::Added { kind, .. }
            | Self::Removed { kind, .. }
            | Self::MovedAway { kind, .. }
            | Self::MovedHere { kind, .. } => *kind,
        }
    }
}

#[cfg(test)]
mod tests;
