//! A change for a terminal: what changed beside the text first, then the text itself, with unchanged
//! paragraphs folded away. Without colour, `[-removed-]` and `{+added+}` mark the words.

use std::fmt::Write as _;

use super::wrap::{Styled, wrap};
use super::{Shown, fold, folded_note, harmless};
use crate::domain::diff::{BlockEdit, Change, DateEdit, ItemEdit, Span, SpanKind};
use crate::domain::model::{BlockKind, Image, Link};

/// How a change is shown on a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TerminalOptions {
    /// Columns; lines break between words.
    pub width: usize,
    /// Whether colours mark the words instead of brackets.
    pub color: bool,
    /// Whether unchanged paragraphs are shown too.
    pub full: bool,
}

const RESET: &str = "\u{1b}[0m";
const RED: &str = "\u{1b}[9;31m";
const GREEN: &str = "\u{1b}[1;32m";
const DIM: &str = "\u{1b}[2m";

/// Narrower terminals are written to as if they had this many columns.
const MIN_WIDTH: usize = 20;

/// The change as lines of text, each at most as wide as the terminal unless a single word is wider.
pub fn terminal(change: &Change, options: &TerminalOptions) -> String {
    let mut page = Page { options, text: String::new() };
    page.headlines(change);
    let body = change.blocks.iter().any(|block| !matches!(block, BlockEdit::Equal { .. }));
    if body || options.full {
        if !page.text.is_empty() {
            page.text.push('\n');
        }
        for shown in fold(&change.blocks, options.full) {
            match shown {
                Shown::Block(index, block) => page.block(index, block),
                Shown::Folded(count) => page.note(&folded_note(count)),
            }
        }
    }
    if change.coarse {
        page.note("(Too large to compare word by word everywhere.)");
    }
    page.text
}

struct Page<'a> {
    options: &'a TerminalOptions,
    text: String,
}

impl Page<'_> {
    fn headlines(&mut self, change: &Change) {
        if let Some(title) = &change.title {
            self.labelled("Title:    ", &title.spans);
        }
        if let Some(date) = &change.date {
            self.labelled("Date:     ", &date_spans(date));
        }
        self.items("Links:    ", &change.links, |link: &Link| format!("\"{}\" <{}>", link.text, link.target));
        self.items("Images:   ", &change.images, |image: &Image| format!("\"{}\" <{}>", image.alt, image.source));
        self.items("Contacts: ", &change.contacts, String::clone);
    }

    fn items<T>(&mut self, label: &str, edits: &[ItemEdit<T>], show: impl Fn(&T) -> String) {
        for edit in edits {
            let spans = match edit {
                ItemEdit::Added { new } => vec![Span::new(SpanKind::Added, show(new))],
                ItemEdit::Removed { old } => vec![Span::new(SpanKind::Removed, show(old))],
                ItemEdit::Replaced { old, new } => replacement(show(old), show(new)),
            };
            self.labelled(label, &spans);
        }
    }

    fn labelled(&mut self, label: &str, spans: &[Span]) {
        let mut all = vec![Span::new(SpanKind::Equal, label)];
        all.extend_from_slice(spans);
        self.spans(&all, "");
    }

    fn block(&mut self, index: usize, block: &BlockEdit) {
        let one = |kind, text: &str| vec![Span::new(kind, format!("{}{text}", bullet(block.kind())))];
        match block {
            BlockEdit::Equal { text, .. } => self.spans(&one(SpanKind::Equal, text), "  "),
            BlockEdit::Added { text, .. } => self.spans(&one(SpanKind::Added, text), "+ "),
            BlockEdit::Removed { text, .. } => self.spans(&one(SpanKind::Removed, text), "- "),
            BlockEdit::Changed { spans, kind } => self.bulleted(*kind, spans, "~ "),
            BlockEdit::MovedAway { text, to, .. } => {
                self.note(if *to > index { "moved down from here:" } else { "moved up from here:" });
                self.spans(&one(SpanKind::Equal, text), "< ");
            }
            BlockEdit::MovedHere { spans, from, kind } => {
                self.note(if *from < index { "moved down to here:" } else { "moved up to here:" });
                self.bulleted(*kind, spans, "> ");
            }
        }
    }

    fn bulleted(&mut self, kind: BlockKind, spans: &[Span], indent: &str) {
        let mut all = vec![Span::new(SpanKind::Equal, bullet(kind))];
        all.extend_from_slice(spans);
        self.spans(&all, indent);
    }

    fn spans(&mut self, spans: &[Span], indent: &str) {
        let texts: Vec<(SpanKind, String)> = spans
            .iter()
            .filter(|span| !span.text.is_empty())
            .map(|span| (span.kind, harmless(&span.text).replace('\t', " | ")))
            .collect();
        let parts: Vec<Styled<'_>> = texts.iter().map(|(kind, text)| self.style(*kind, text)).collect();
        let lines = wrap(&parts, indent, self.options.width.max(MIN_WIDTH));
        self.text.push_str(&lines);
    }

    fn style<'a>(&self, kind: SpanKind, text: &'a str) -> Styled<'a> {
        let (open, close) = match (kind, self.options.color) {
            (SpanKind::Equal, _) => ("", ""),
            (SpanKind::Removed, true) => (RED, RESET),
            (SpanKind::Added, true) => (GREEN, RESET),
            (SpanKind::Removed, false) => ("[-", "-]"),
            (SpanKind::Added, false) => ("{+", "+}"),
        };
        Styled { text, open, close, marks_shown: !self.options.color }
    }

    fn note(&mut self, text: &str) {
        let (open, close) = if self.options.color { (DIM, RESET) } else { ("", "") };
        let _ = writeln!(self.text, "  {open}{text}{close}");
    }
}

fn bullet(kind: BlockKind) -> &'static str {
    match kind {
        BlockKind::Heading => "# ",
        BlockKind::ListItem => "* ",
        BlockKind::Quote => "> ",
        BlockKind::Paragraph | BlockKind::TableRow => "",
    }
}

fn date_spans(date: &DateEdit) -> Vec<Span> {
    match (&date.old, &date.new) {
        (Some(old), Some(new)) => replacement(old.text.clone(), new.text.clone()),
        (Some(old), None) => vec![Span::new(SpanKind::Removed, old.text.as_str())],
        (None, Some(new)) => vec![Span::new(SpanKind::Added, new.text.as_str())],
        (None, None) => Vec::new(),
    }
}

fn replacement(old: String, new: String) -> Vec<Span> {
    vec![Span::new(SpanKind::Removed, old), Span::new(SpanKind::Equal, " "), Span::new(SpanKind::Added, new)]
}
