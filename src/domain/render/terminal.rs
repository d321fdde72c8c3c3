//! A change for a terminal: what changed beside the text first, then the text itself, with unchanged
//! paragraphs folded away. Without colour, `[-removed-]` and `{+added+}` mark the words.

use std::fmt::Write as _;

use super::columns::all_parts;
use super::excerpt::shorten;
use super::items::{Item, item_spans, quoted, replacement};
use super::wrap::{Styled, wrap};
use super::{COARSE, Shown, fold, folded_note, harmless, has_edits};
use crate::domain::diff::{BlockEdit, Change, DateEdit, ItemEdit, Span, SpanKind};
use crate::domain::model::{BlockKind, Image, Link};

/// How a change is shown on a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TerminalOptions {
    /// Columns; lines break between words.
    pub width: usize,
    /// Whether colours mark the words instead of brackets.
    pub color: bool,
    /// Whether unchanged paragraphs, and long unchanged passages in others, are shown too.
    pub full: bool,
    /// Whether old and new text stand in two columns.
    pub side_by_side: bool,
}

pub(super) const RESET: &str = "\u{1b}[0m";
const RED: &str = "\u{1b}[9;31m";
const GREEN: &str = "\u{1b}[1;32m";
pub(super) const DIM: &str = "\u{1b}[2m";

/// Narrower terminals are written to as if they had this many columns.
const MIN_WIDTH: usize = 20;

/// The change as lines of text, each at most as wide as the terminal unless a single word is wider.
pub fn terminal(change: &Change, options: &TerminalOptions) -> String {
    let mut page = Page::new(options);
    page.headlines(change);
    if has_edits(&change.blocks) || options.full {
        page.body(fold(&change.blocks, options.full));
    }
    if change.coarse {
        page.note(&format!("({COARSE})"));
    }
    page.text
}

pub(super) struct Page<'a> {
    pub(super) options: &'a TerminalOptions,
    pub(super) text: String,
}

impl<'a> Page<'a> {
    pub(super) fn new(options: &'a TerminalOptions) -> Self {
        Self { options, text: String::new() }
    }

    /// The text, after an empty line if something stands above it.
    pub(super) fn body(&mut self, shown: Vec<Shown<'_>>) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        if self.options.side_by_side {
            self.columns(shown);
            return;
        }
        for part in shown {
            match part {
                Shown::Block(index, block) => self.block(index, block),
                Shown::Folded(blocks) => self.note(&folded_note(blocks.len())),
            }
        }
    }

    /// What changed beside the text.
    pub(super) fn headlines(&mut self, change: &Change) {
        if let Some(title) = &change.title {
            self.labelled("Title:    ", &title.spans);
        }
        if let Some(date) = &change.date {
            self.labelled("Date:     ", &date_spans(date));
        }
        self.items("Links:    ", &change.links, |link: &Link| {
            [quoted(['"', '"'], &link.text), format!("<{}>", link.target)]
        });
        self.items("Images:   ", &change.images, |image: &Image| {
            [quoted(['"', '"'], &image.alt), format!("<{}>", image.source)]
        });
        self.items("Contacts: ", &change.contacts, |line: &String| [line.clone(), String::new()]);
    }

    fn items<T>(&mut self, label: &str, edits: &[ItemEdit<T>], show: impl Fn(&T) -> Item) {
        for edit in edits {
            self.labelled(label, &item_spans(edit, &show));
        }
    }

    fn labelled(&mut self, label: &str, spans: &[Span]) {
        let mut parts = vec![(SpanKind::Equal, label)];
        parts.extend(spans.iter().map(|span| (span.kind, span.text.as_str())));
        self.parts(&parts, "");
    }

    fn block(&mut self, index: usize, block: &BlockEdit) {
        let indent = match block {
            BlockEdit::Equal { .. } => "  ",
            BlockEdit::Added { .. } => "+ ",
            BlockEdit::Removed { .. } => "- ",
            BlockEdit::Changed { .. } => "~ ",
            BlockEdit::MovedAway { .. } => "< ",
            BlockEdit::MovedHere { .. } => "> ",
        };
        if let Some(note) = moved_note(index, block) {
            self.note(note);
        }
        let shown = shorten(block, all_parts(block), self.options.full);
        let mut parts = vec![(shown.first().map_or(SpanKind::Equal, |(kind, _)| *kind), bullet(block.kind()))];
        if matches!(block, BlockEdit::Changed { .. } | BlockEdit::MovedHere { .. }) {
            parts[0].0 = SpanKind::Equal;
        }
        parts.extend(shown.iter().map(|(kind, text)| (*kind, text.as_ref())));
        self.parts(&join(&parts), indent);
    }

    fn parts(&mut self, parts: &[(SpanKind, impl AsRef<str>)], indent: &str) {
        let lines = self.wrapped(parts, indent, self.options.width.max(MIN_WIDTH), false);
        self.text.push_str(&lines);
    }

    /// The text in lines, harmless and marked.
    pub(super) fn wrapped(
        &self,
        parts: &[(SpanKind, impl AsRef<str>)],
        indent: &str,
        width: usize,
        hard: bool,
    ) -> String {
        let texts: Vec<(SpanKind, String)> =
            parts.iter().flat_map(|(kind, text)| by_cells(*kind, text.as_ref())).collect();
        let styled: Vec<Styled<'_>> = texts.iter().map(|(kind, text)| self.style(*kind, text)).collect();
        wrap(&styled, indent, width, hard)
    }

    fn style<'b>(&self, kind: SpanKind, text: &'b str) -> Styled<'b> {
        let (open, close) = match (kind, self.options.color) {
            (SpanKind::Equal, _) => ("", ""),
            (SpanKind::Removed, true) => (RED, RESET),
            (SpanKind::Added, true) => (GREEN, RESET),
            (SpanKind::Removed, false) => ("[-", "-]"),
            (SpanKind::Added, false) => ("{+", "+}"),
        };
        Styled { text, open, close, marks_shown: !self.options.color }
    }

    pub(super) fn note(&mut self, text: &str) {
        let (open, close) = if self.options.color { (DIM, RESET) } else { ("", "") };
        let _ = writeln!(self.text, "  {open}{text}{close}");
    }
}

/// A part cut where table cells end, so that each cell has its own marks.
fn by_cells(kind: SpanKind, text: &str) -> impl Iterator<Item = (SpanKind, String)> {
    let bar = |at| (at > 0).then(|| (SpanKind::Equal, " | ".to_owned()));
    let cell = move |(at, cell): (usize, &str)| bar(at).into_iter().chain([(kind, harmless(cell))]);
    text.split('\t').enumerate().flat_map(cell).filter(|(_, text)| !text.is_empty())
}

/// Where a moved block stands now, or stood.
pub(super) fn moved_note(index: usize, block: &BlockEdit) -> Option<&'static str> {
    match block {
        BlockEdit::MovedAway { to, .. } => {
            Some(if *to > index { "moved down from here:" } else { "moved up from here:" })
        }
        BlockEdit::MovedHere { from, .. } => {
            Some(if *from < index { "moved down to here:" } else { "moved up to here:" })
        }
        BlockEdit::Equal { .. } | BlockEdit::Changed { .. } | BlockEdit::Added { .. } | BlockEdit::Removed { .. } => {
            None
        }
    }
}

/// A bullet that is as new as its text is written within the same marks.
fn join<'b>(parts: &[(SpanKind, &'b str)]) -> Vec<(SpanKind, std::borrow::Cow<'b, str>)> {
    let mut joined: Vec<(SpanKind, std::borrow::Cow<'b, str>)> = Vec::with_capacity(parts.len());
    for (kind, text) in parts {
        match joined.last_mut() {
            Some((last, all)) if last == kind => all.to_mut().push_str(text),
            _ => joined.push((*kind, (*text).into())),
        }
    }
    joined
}

pub(super) fn bullet(kind: BlockKind) -> &'static str {
    match kind {
        BlockKind::Heading => "# ",
        BlockKind::ListItem => "* ",
        BlockKind::Quote => "> ",
        BlockKind::Paragraph | BlockKind::TableRow => "",
    }
}

fn date_spans(date: &DateEdit) -> Vec<Span> {
    match (&date.old, &date.new) {
        (Some(old), Some(new)) => replacement(old.text.as_str(), new.text.as_str()).into(),
        (Some(old), None) => vec![Span::new(SpanKind::Removed, old.text.as_str())],
        (None, Some(new)) => vec![Span::new(SpanKind::Added, new.text.as_str())],
        (None, None) => Vec::new(),
    }
}
