//! A change for a mail. As HTML it is a table with inline styles, which is what Gmail, Outlook and Apple Mail agree
//! on; as text it has lines of 72 columns. A short change is shown whole, of a long one the first screens.

use std::fmt::Write as _;

use super::columns::all_parts;
use super::excerpt::{Parts, clip, first_screens, shorten};
use super::html::Heading;
use super::html::text::{Marks, address, escape};
use super::terminal::{Page, TerminalOptions, moved_note};
use super::{COARSE, Shown, fold, folded_note, has_edits};
use crate::domain::diff::{BlockEdit, Change, ItemEdit, SpanKind};
use crate::domain::model::{BlockKind, Image, Link, ShownDate};

/// Characters of text in one mail, about three screens.
const MOST_TEXT: usize = 6_000;

/// Links, pictures and contacts that one mail lists.
const MOST_ITEMS: usize = 20;

/// Characters of one block, so that a huge one does not hide what follows.
const MOST_IN_BLOCK: usize = 3_000;

const WIDTH: usize = 72;

/// Mail programs that make their own dark colours need both colours to be named.
const MARKS: Marks = Marks {
    del: "<del style=\"background:#fbdcdc;color:#7a1a1a;text-decoration:line-through\">",
    ins: "<ins style=\"background:#d3f2d6;color:#14501f;text-decoration:underline\">",
    between: " ",
};

const FONT: &str = "font:16px/1.5 Georgia,'Times New Roman',serif";
const QUIET: &str = "font:13px/1.5 Arial,sans-serif;color:#5f6368";

/// The change as a table, to be put into the body of a message.
pub fn mail_html(change: &Change, heading: &Heading) -> String {
    let mut mail = Mail(String::from(
        "<table role=\"presentation\" width=\"640\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\" \
         style=\"width:100%;max-width:640px;border-collapse:collapse\">\n",
    ));
    let (old, new) = (escape(&heading.old_label), escape(&heading.new_label));
    mail.row(FONT, "padding:0 0 4px", &format!("<strong style=\"font-size:20px\">{}</strong>", escape(&heading.title)));
    mail.row(QUIET, "padding:0 0 12px", &format!("{}<br>{old} became {new}", address(&heading.url)));
    mail.headlines(change);
    let mut left = 0;
    if has_edits(&change.blocks) {
        let (shown, rest) = first_screens(fold(&change.blocks, false), MOST_TEXT);
        left = rest;
        mail.body(&shown);
    }
    for note in closing_notes(change, heading, left) {
        mail.row(QUIET, "padding:12px 0 0", &escape(&note));
    }
    mail.0 + "</table>\n"
}

/// The change as lines of text.
pub fn mail_text(change: &Change, heading: &Heading) -> String {
    let options = TerminalOptions { width: WIDTH, color: false, full: false, side_by_side: false };
    let short = Change { blocks: Vec::new(), ..with_few_items(change) };
    let mut page = Page::new(&options);
    let line = |text: &str| super::harmless(&text.replace(['\n', '\t'], " "));
    page.headlines(&short);
    let mut left = 0;
    if has_edits(&change.blocks) {
        let (shown, rest) = first_screens(fold(&change.blocks, false), MOST_TEXT);
        left = rest;
        page.body(shown);
    }
    let mut text = format!("{}\n", line(&heading.title));
    if !heading.url.is_empty() {
        let _ = writeln!(text, "{}", line(&heading.url));
    }
    let _ = writeln!(text, "{} became {}\n", line(&heading.old_label), line(&heading.new_label));
    text.push_str(&page.text);
    for note in closing_notes(change, heading, left) {
        let _ = write!(text, "\n{}\n", line(&note));
    }
    text
}

fn with_few_items(change: &Change) -> Change {
    fn few<T: Clone>(items: &[ItemEdit<T>]) -> Vec<ItemEdit<T>> {
        items.iter().take(MOST_ITEMS).cloned().collect()
    }
    let (links, images, contacts) = (few(&change.links), few(&change.images), few(&change.contacts));
    Change {
        title: change.title.clone(),
        date: change.date.clone(),
        blocks: Vec::new(),
        links,
        images,
        contacts,
        coarse: false,
    }
}

/// What the mail does not show, and where it is.
fn closing_notes(change: &Change, heading: &Heading, left: usize) -> Vec<String> {
    let mut notes = Vec::new();
    if change.coarse {
        notes.push(COARSE.to_owned());
    }
    let items = [change.links.len(), change.images.len(), change.contacts.len()];
    let left = left + items.iter().map(|items| items.saturating_sub(MOST_ITEMS)).sum::<usize>();
    if left > 0 {
        let more = if left == 1 { "One more change is".to_owned() } else { format!("{left} more changes are") };
        let target = if heading.url.is_empty() { "" } else { " " };
        notes.push(format!("{more} not shown here. All of them: pressdiff diff{target}{}", heading.url));
    }
    notes
}

struct Mail(String);

impl Mail {
    fn row(&mut self, font: &str, cell: &str, content: &str) {
        let _ = writeln!(self.0, "<tr><td dir=\"auto\" style=\"{cell};{font}\">{content}</td></tr>");
    }

    fn headlines(&mut self, change: &Change) {
        if let Some(title) = &change.title {
            let parts: Vec<(SpanKind, &str)> = title.spans.iter().map(|span| (span.kind, span.text.as_str())).collect();
            self.field("Title", &MARKS.inline(&parts));
        }
        if let Some(date) = &change.date {
            let text = |date: &Option<ShownDate>| date.as_ref().map(|date| date.text.clone());
            self.field("Date", &before_after(text(&date.old), text(&date.new)));
        }
        self.items("Link", &change.links, |link: &Link| format!("“{}” {}", link.text, link.target));
        self.items("Picture", &change.images, |image: &Image| format!("“{}” {}", image.alt, image.source));
        self.items("Contact", &change.contacts, String::clone);
    }

    fn items<T>(&mut self, label: &str, edits: &[ItemEdit<T>], show: impl Fn(&T) -> String) {
        for edit in edits.iter().take(MOST_ITEMS) {
            let value = match edit {
                ItemEdit::Added { new } => before_after(None, Some(show(new))),
                ItemEdit::Removed { old } => before_after(Some(show(old)), None),
                ItemEdit::Replaced { old, new } => before_after(Some(show(old)), Some(show(new))),
            };
            self.field(label, &value);
        }
    }

    fn field(&mut self, label: &str, value: &str) {
        self.row(FONT, "padding:0 0 6px", &format!("<span style=\"{QUIET}\">{label}</span>&nbsp; {value}"));
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
        let (line, color) = match edit {
            BlockEdit::Equal { .. } => ("0 solid", "#5f6368"),
            BlockEdit::Changed { .. } => ("3px solid #9aa0a6", "#1b1b1b"),
            BlockEdit::Added { .. } => ("3px double #14501f", "#1b1b1b"),
            BlockEdit::Removed { .. } => ("3px dotted #7a1a1a", "#1b1b1b"),
            BlockEdit::MovedAway { .. } => ("3px dashed #2c5aa0", "#5f6368"),
            BlockEdit::MovedHere { .. } => ("3px dashed #2c5aa0", "#1b1b1b"),
        };
        let note = moved_note(index, edit)
            .map(|note| format!("<span style=\"font:13px/1.5 Arial,sans-serif;color:#2c5aa0\">{note}</span> "));
        let text = MARKS.inline(&parts(edit));
        let text = if edit.kind() == BlockKind::Heading { format!("<strong>{text}</strong>") } else { text };
        let mark = if edit.kind() == BlockKind::ListItem { "•&nbsp;" } else { "" };
        let indent = if matches!(edit, BlockEdit::Equal { .. }) { 15 } else { 12 };
        let cell = format!("padding:6px 0 6px {indent}px;border-left:{line}");
        self.row(&format!("{FONT};color:{color}"), &cell, &format!("{}{mark}{text}", note.unwrap_or_default()));
    }

    fn table(&mut self, rows: &[Shown<'_>]) {
        let mut table =
            String::from("<table cellpadding=\"4\" cellspacing=\"0\" border=\"1\" style=\"border-collapse:collapse\">");
        for part in rows {
            let Shown::Block(_, edit) = part else { continue };
            let cells = MARKS.cells(&parts(edit));
            table.push_str("<tr>");
            for cell in &cells {
                let _ = write!(table, "<td style=\"padding:4px 8px;{FONT}\">{cell}</td>");
            }
            table.push_str("</tr>");
        }
        self.row(FONT, "padding:6px 0 6px 12px", &(table + "</table>"));
    }
}

fn is_row(part: &Shown<'_>) -> bool {
    matches!(part, Shown::Block(_, edit) if edit.kind() == BlockKind::TableRow)
}

fn parts(edit: &BlockEdit) -> Parts<'_> {
    clip(shorten(edit, all_parts(edit), false), MOST_IN_BLOCK)
}

fn before_after(old: Option<String>, new: Option<String>) -> String {
    let old = old.map(|old| MARKS.part(SpanKind::Removed, &old));
    let new = new.map(|new| MARKS.part(SpanKind::Added, &new));
    old.into_iter().chain(new).collect::<Vec<_>>().join(" ")
}
