//! The line that is being written: its text, links, pictures and spans, and how it ends.

use std::sync::Arc;

use ego_tree::NodeRef;
use html5ever::local_name;
use scraper::Node;
use scraper::node::Element as Tag;

use super::{MOST_SPANS, Reader};
use crate::domain::model::{BlockKind, Image};
use crate::domain::normalize::{STRUCK, clean_text, cleaned, is_invisible};
use crate::domain::page::markup::{attr, known_attr, picture_source};
use crate::domain::page::target::{LONGEST_NAME, Lead, join};
use crate::domain::page::{Anchor, Line, Page, PageError, count_words};

impl Reader<'_> {
    pub(super) fn open_cell(&mut self) {
        let is_first = self.line.text.is_empty() && self.line.images.is_empty();
        while self.line.text.ends_with(' ') {
            self.line.text.pop();
        }
        if !is_first {
            self.line.text.push('\t');
        }
    }

    pub(super) fn break_line(&mut self) -> Result<(), PageError> {
        if self.table.is_some() {
            self.push_str(" ");
            return Ok(());
        }
        self.flush()
    }

    pub(super) fn open_anchor(&mut self, tag: &Tag) {
        let lead = Lead::new(known_attr(tag, &local_name!("href")), self.base.as_ref());
        self.anchor = Some((self.line.text.len(), Arc::new(lead)));
    }

    pub(super) fn close_anchor(&mut self) {
        if let Some((start, lead)) = self.anchor.take() {
            self.end_anchor(start, lead);
        }
    }

    /// Writes an anchor that is open since `start` down for the text that it has in this line.
    fn end_anchor(&mut self, start: usize, lead: Arc<Lead>) {
        let end = self.line.text.trim_end().len();
        let start = start + self.line.text.get(start..).map_or(0, |text| text.len() - text.trim_start().len());
        if start < end || !self.line.images.is_empty() {
            self.line.anchors.push(Anchor { range: start.min(end)..end, lead });
        }
    }

    pub(super) fn close_inline(&mut self) {
        let Some(start) = self.inline.pop() else { return };
        let end = self.line.text.trim_end().len();
        if start < end && self.line.spans.len() < MOST_SPANS {
            self.line.spans.push(start..end);
        }
    }

    pub(super) fn push_text(&mut self, text: &str) -> Result<(), PageError> {
        if self.preformatted == 0 {
            self.push_str(text);
            return Ok(());
        }
        let mut before = "";
        for (index, row) in text.split('\n').enumerate() {
            if index > 0 && goes_on(before, row) {
                self.push_str(" ");
            } else if index > 0 {
                self.flush()?;
            }
            self.push_str(row);
            before = row;
        }
        Ok(())
    }

    /// Adds text with its white space collapsed across the borders of elements.
    pub(super) fn push_str(&mut self, text: &str) {
        let line = &mut self.line.text;
        let may_space = !line.is_empty() && !line.ends_with([' ', '\t']);
        // What nobody sees stands before and after spaces, too.
        let seen = text.trim_matches(|edge: char| !edge.is_whitespace() && is_invisible(edge));
        if may_space && seen.starts_with(|first: char| first.is_whitespace()) {
            line.push(' ');
        }
        let cleaned = cleaned(text);
        if self.struck > 0 && !self.is_struck && !cleaned.is_empty() {
            line.push_str(STRUCK);
            self.is_struck = true;
        }
        line.push_str(&cleaned);
        if !cleaned.is_empty() && seen.ends_with(|last: char| last.is_whitespace()) {
            line.push(' ');
        }
    }

    /// Marks the end of what is struck out.
    pub(super) fn end_struck(&mut self) {
        if !self.is_struck || self.struck > 0 {
            return;
        }
        self.is_struck = false;
        let end = self.line.text.trim_end().len();
        self.line.text.insert_str(end, STRUCK);
    }

    pub(super) fn push_image(&mut self, node: NodeRef<'_, Node>, tag: &Tag) {
        let is_pixel = ["width", "height"].iter().any(|name| matches!(attr(tag, name), Some("0" | "1" | "2")));
        let source = picture_source(node, tag).filter(|source| source.len() <= LONGEST_NAME);
        let Some(source) = source else { return };
        let Some(source) = self.base.as_ref().and_then(|base| join(base, source.trim())) else { return };
        if !is_pixel && self.line.images.len() < 64 {
            let alt = clean_text(attr(tag, "alt").unwrap_or_default());
            self.line.images.push(Image { source, alt });
        }
    }

    /// Ends the line, if there is one; what stays open goes on in the next.
    pub(super) fn flush(&mut self) -> Result<(), PageError> {
        if self.line.text.is_empty() && self.line.images.is_empty() {
            return Ok(());
        }
        let struck = std::mem::take(&mut self.struck);
        self.end_struck();
        self.struck = struck;
        if let Some((start, lead)) = self.anchor.take() {
            self.end_anchor(start, Arc::clone(&lead));
            self.anchor = Some((0, lead));
        }
        let mut line = std::mem::replace(&mut self.line, empty_line());
        // The address of an empty list is nowhere, and processors take long to write nothing there.
        if !self.inline.is_empty() {
            self.inline.fill(0);
        }
        line.text.truncate(line.text.trim_end().len());
        if line.text.is_empty() && line.images.is_empty() {
            // A <time> without text yet belongs to what follows.
            self.line.time = line.time;
            return Ok(());
        }
        if self.page.lines.len() >= Page::MOST_LINES {
            return Err(PageError::TooLong);
        }
        line.spans.retain(|span| span.end <= line.text.len());
        line.anchors.retain(|anchor| anchor.range.end <= line.text.len());
        line.element = self.blocks.last().copied().unwrap_or(0);
        line.level = self.levels.last().copied().unwrap_or(0);
        line.kind = self.kind(&line);
        line.ignored = self.ignored > 0;
        line.words = count_words(&line.text);
        line.own_words = if line.anchors.is_empty() { line.words } else { line.unlinked().map(count_words).sum() };
        self.page.lines.push(line);
        Ok(())
    }

    fn kind(&self, line: &Line) -> BlockKind {
        if self.table.is_some() {
            BlockKind::TableRow
        } else if line.level > 0 {
            BlockKind::Heading
        } else if self.items > 0 {
            BlockKind::ListItem
        } else if self.quotes > 0 {
            BlockKind::Quote
        } else {
            BlockKind::Paragraph
        }
    }
}

/// Letters of a row that ends where the margin is, and not where its author ended it.
const FULL_ROW: usize = 50;

/// Whether a row of preformatted text is the rest of a paragraph that was broken at the margin: then it may be broken
/// elsewhere tomorrow.
fn goes_on(before: &str, row: &str) -> bool {
    let begins_anew = |first: char| first.is_whitespace() || matches!(first, '-' | '*' | '+' | '|' | '•' | '=' | '_');
    let is_full = before.trim().chars().take(FULL_ROW).count() == FULL_ROW;
    is_full && !before.trim().contains("   ") && !row.is_empty() && !row.starts_with(begins_anew)
}

pub(super) fn empty_line() -> Line {
    Line {
        element: 0,
        kind: BlockKind::Paragraph,
        level: 0,
        text: String::new(),
        anchors: Vec::new(),
        images: Vec::new(),
        spans: Vec::new(),
        time: None,
        ignored: false,
        words: 0,
        own_words: 0,
    }
}
