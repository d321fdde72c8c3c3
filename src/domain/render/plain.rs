//! A document as plain lines, one for each block, and two documents as a unified diff of these lines, which
//! `patch` can apply. The form is stable: tests and people's scripts rest on it.

use std::fmt::Write as _;

use similar::{Algorithm, TextDiff};

use super::harmless;
use crate::domain::model::{Block, BlockKind, Document};
use crate::domain::normalize::{canonical_body, clean_text, is_row};

/// Lines of unchanged text around a change.
const CONTEXT: usize = 3;

/// The document, one line for each block, field names before everything that is not text.
pub fn plain_text(document: &Document) -> String {
    let mut text = String::new();
    add_line(&mut text, "Title: ", &document.title);
    if let Some(date) = &document.date {
        add_line(&mut text, "Date: ", &date.text);
    }
    if !canonical_body(document).is_empty() {
        text.push('\n');
    }
    for block in &document.blocks {
        add_block(&mut text, block);
    }
    if !(document.links.is_empty() && document.images.is_empty() && document.contacts.is_empty()) {
        text.push('\n');
    }
    for link in &document.links {
        add_line(&mut text, "Link: ", &format!("{} <{}>", link.text, link.target));
    }
    for image in &document.images {
        add_line(&mut text, "Image: ", &format!("{} <{}>", image.alt, image.source));
    }
    for contact in &document.contacts {
        add_line(&mut text, "Contact: ", contact);
    }
    text
}

fn add_block(text: &mut String, block: &Block) {
    let mark = match block.kind {
        BlockKind::Heading => "# ",
        BlockKind::ListItem => "* ",
        BlockKind::Quote => "> ",
        BlockKind::Paragraph | BlockKind::TableRow => "",
    };
    if is_row(block.kind) {
        let cells: Vec<String> = block.text.split('\t').map(clean_text).collect();
        let _ = writeln!(text, "| {} |", harmless(&cells.join(" | ")));
    } else {
        add_line(text, mark, &block.text);
    }
}

/// One line, whatever the text is.
fn add_line(text: &mut String, mark: &str, line: &str) {
    let line = harmless(&clean_text(line));
    if !line.is_empty() {
        let _ = writeln!(text, "{mark}{line}");
    }
}

/// The difference of both plain texts as `diff -u` would tell it; empty when there is none.
pub fn unified(old: &Document, new: &Document, old_label: &str, new_label: &str) -> String {
    let (old, new) = (plain_text(old), plain_text(new));
    let label = |label: &str| harmless(&clean_text(label));
    TextDiff::configure()
        .algorithm(Algorithm::Patience)
        .diff_lines(&old, &new)
        .unified_diff()
        .context_radius(CONTEXT)
        .header(&label(old_label), &label(new_label))
        .to_string()
}
