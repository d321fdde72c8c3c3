//! The table that a mail is: one column, inline styles, and a class for each ink, by which the head of a whole message
//! gives other colours in the dark. What is not ours is escaped on its way in.

use std::fmt::Write as _;

use super::{MOST_IN_BLOCK, MOST_TEXT, beside_the_text, closing_notes};
use crate::domain::diff::{BlockEdit, Change, ItemEdit, Span, SpanKind};
use crate::domain::model::{BlockKind, Image, Link, ShownDate};
use crate::domain::render::columns::all_parts;
use crate::domain::render::excerpt::{Parts, clip, first_screens, shorten};
use crate::domain::render::html::text::{Marks, escape};
use crate::domain::render::items::{Item, item_spans, quoted};
use crate::domain::render::terminal::moved_note;
use crate::domain::render::{Shown, fold, folded_note, has_edits};

/// Mail programs that make their own dark colours need both colours to be named.
const MARKS: Marks = Marks {
    del: "<del class=\"d\" style=\"background:#fbdcdc;color:#7a1a1a;text-decoration:line-through\">",
    ins: "<ins class=\"i\" style=\"background:#d3f2d6;color:#14501f;text-decoration:underline\">",
    between: " ",
};

/// How letters look. The style stands in each cell, for programs that know nothing else; by the class a whole message
/// gives other colours in the dark.
#[derive(Clone, Copy)]
pub(in crate::domain::render) struct Ink {
    pub(in crate::domain::render) class: &'static str,
    pub(in crate::domain::render) style: &'static str,
}

macro_rules! serif {
    ($color:literal) => {
        concat!("font:16px/1.5 Georgia,'Times New Roman',serif;color:", $color)
    };
}

pub(in crate::domain::render) const TEXT: Ink = Ink { class: "t", style: serif!("#1b1b1b") };
pub(in crate::domain::render) const CONTEXT: Ink = Ink { class: "q", style: serif!("#5f6368") };
pub(in crate::domain::render) const QUIET: Ink =
    Ink { class: "q", style: "font:13px/1.5 Arial,sans-serif;color:#5f6368" };
const MOVE: Ink = Ink { class: "m", style: "font:13px/1.5 Arial,sans-serif;color:#2c5aa0" };

/// Breaks what is wider than a phone, such as an address.
const CELL: &str = "overflow-wrap:anywhere;word-break:break-word";

/// A table of one column, which is what mail programs lay out alike.
pub(in crate::domain::render) struct Mail(String);

impl Mail {
    pub(in crate::domain::render) fn new() -> Self {
        Self(String::from(
            "<table role=\"presentation\" width=\"640\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" \
             style=\"width:100%;max-width:640px;border-collapse:collapse\">\n",
        ))
    }

    pub(in crate::domain::render) fn finish(self) -> String {
        self.0 + "</table>\n"
    }

    /// Bytes so far.
    pub(in crate::domain::render) fn len(&self) -> usize {
        self.0.len()
    }

    /// Adds the rows of another table.
    pub(in crate::domain::render) fn append(&mut self, rows: &Self) {
        self.0.push_str(rows.0.split_once('\n').map_or("", |(_, rows)| rows));
    }

    /// Adds a row; the content is HTML.
    pub(in crate::domain::render) fn row(&mut self, ink: Ink, cell: &str, content: &str) {
        let Ink { class, style } = ink;
        let _ = writeln!(
            self.0,
            "<tr><td dir=\"auto\" class=\"{class}\" style=\"{cell};{CELL};{style}\">{content}</td></tr>"
        );
    }

    /// Adds what changed; `whole` is where all of it can be seen.
    pub(in crate::domain::render) fn change(&mut self, change: &Change, whole: &str) {
        self.headlines(&beside_the_text(change));
        let mut left = 0;
        if has_edits(&change.blocks) {
            let (shown, rest) = first_screens(fold(&change.blocks, false), MOST_TEXT);
            left = rest;
            self.body(&shown);
        }
        for note in closing_notes(change, whole, left) {
            self.row(QUIET, "padding:12px 0 0", &escape(&note));
        }
    }

    fn headlines(&mut self, change: &Change) {
        if let Some(title) = &change.title {
            self.field("Title", &inline(&title.spans));
        }
        if let Some(date) = &change.date {
            let text = |date: &Option<ShownDate>| date.as_ref().map(|date| date.text.clone());
            self.field("Date", &before_after(text(&date.old), text(&date.new)));
        }
        self.items("Link", &change.links, |link: &Link| [quoted(['“', '”'], &link.text), link.target.clone()]);
        self.items("Picture", &change.images, |image: &Image| [quoted(['“', '”'], &image.alt), image.source.clone()]);
        self.items("Contact", &change.contacts, |line: &String| [line.clone(), String::new()]);
    }

    fn items<T>(&mut self, label: &str, edits: &[ItemEdit<T>], show: impl Fn(&T) -> Item) {
        for edit in edits {
            self.field(label, &inline(&item_spans(edit, &show)));
        }
    }

    fn field(&mut self, label: &str, value: &str) {
        let Ink { class, style } = QUIET;
        let label = format!("<span class=\"{class}\" style=\"{style}\">{label}</span>");
        self.row(TEXT, "padding:0 0 6px", &format!("{label}&nbsp; {value}"));
    }

    fn body(&mut self, shown: &[Shown<'_>]) {
        let mut rest = shown;
        while let Some(part) = rest.first() {
            let mut taken = 1;
            match part {
                Shown::Folded(blocks) => self.row(QUIET, "padding:6px 0;text-align:center", &folded_note(blocks.len())),
                Shown::Block(_, edit) if edit.kind() == BlockKind::TableRow => {
                    taken = rest.iter().take_while(|next| is_row(next)).count();
                    self.table(&rest[..taken]);
                }
                Shown::Block(index, edit) => self.block(*index, edit),
            }
            rest = &rest[taken..];
        }
    }

    fn block(&mut self, index: usize, edit: &BlockEdit) {
        let (line, ink) = match edit {
            BlockEdit::Equal { .. } => ("0 solid", CONTEXT),
            BlockEdit::Changed { .. } => ("3px solid #9aa0a6", TEXT),
            BlockEdit::Added { .. } => ("3px double #2f8f46", TEXT),
            BlockEdit::Removed { .. } => ("3px dotted #c0504d", TEXT),
            BlockEdit::MovedAway { .. } => ("3px dashed #5b8bd0", CONTEXT),
            BlockEdit::MovedHere { .. } => ("3px dashed #5b8bd0", TEXT),
        };
        let Ink { class, style } = MOVE;
        let note =
            moved_note(index, edit).map(|note| format!("<span class=\"{class}\" style=\"{style}\">{note}</span> "));
        let text = MARKS.inline(&parts(edit));
        let text = if edit.kind() == BlockKind::Heading { format!("<strong>{text}</strong>") } else { text };
        let mark = if edit.kind() == BlockKind::ListItem { "•&nbsp;" } else { "" };
        let indent = if matches!(edit, BlockEdit::Equal { .. }) { 15 } else { 12 };
        let cell = format!("padding:6px 0 6px {indent}px;border-left:{line}");
        self.row(ink, &cell, &format!("{}{mark}{text}", note.unwrap_or_default()));
    }

    fn table(&mut self, rows: &[Shown<'_>]) {
        let mut table =
            String::from("<table cellpadding=\"4\" cellspacing=\"0\" border=\"1\" style=\"border-collapse:collapse\">");
        for part in rows {
            let Shown::Block(_, edit) = part else { continue };
            let cells = MARKS.cells(&parts(edit));
            table.push_str("<tr>");
            for cell in &cells {
                let Ink { class, style } = TEXT;
                let _ = write!(table, "<td class=\"{class}\" style=\"padding:4px 8px;{style}\">{cell}</td>");
            }
            table.push_str("</tr>");
        }
        self.row(TEXT, "padding:6px 0 6px 12px", &(table + "</table>"));
    }
}

fn is_row(part: &Shown<'_>) -> bool {
    matches!(part, Shown::Block(_, edit) if edit.kind() == BlockKind::TableRow)
}

fn parts(edit: &BlockEdit) -> Parts<'_> {
    clip(shorten(edit, all_parts(edit), false), MOST_IN_BLOCK)
}

fn inline(spans: &[Span]) -> String {
    let parts: Vec<(SpanKind, &str)> = spans.iter().map(|span| (span.kind, span.text.as_str())).collect();
    MARKS.inline(&parts)
}

fn before_after(old: Option<String>, new: Option<String>) -> String {
    let old = old.map(|old| MARKS.part(SpanKind::Removed, &old));
    let new = new.map(|new| MARKS.part(SpanKind::Added, &new));
    old.into_iter().chain(new).collect::<Vec<_>>().join(" ")
}
