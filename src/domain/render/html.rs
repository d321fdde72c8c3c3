//! A change as one page that needs nothing else: no script, no request, readable in the dark, on paper and
//! without seeing colours. Every text is escaped.

use std::fmt::Write as _;

use super::{Shown, fold, folded_note, harmless};
use crate::domain::diff::{BlockEdit, Change, ItemEdit, Span, SpanKind};
use crate::domain::model::{BlockKind, Image, Link, ShownDate};

/// What stands above the change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// Title of the release.
    pub title: String,
    /// Its address; it becomes a link only if it is http or https.
    pub url: String,
    /// What the old document is called, such as "version 1".
    pub old_label: String,
    /// What the new document is called.
    pub new_label: String,
}

const STYLE: &str = include_str!("page.css");

/// The change as a whole HTML page.
pub fn html(change: &Change, heading: &Heading) -> String {
    let title = escape(&heading.title);
    let (old, new) = (escape(&heading.old_label), escape(&heading.new_label));
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n<h1>{title}</h1>\n<p>{}</p>\n\
         <p><del>{old}</del> <ins>{new}</ins></p>\n</header>\n",
        address(&heading.url)
    );
    page.push_str(&headlines(change));
    page.push_str(&body(change));
    if change.coarse {
        page.push_str("<p class=\"note\">Too large to compare word by word everywhere.</p>\n");
    }
    page.push_str("</body>\n</html>\n");
    page
}

fn headlines(change: &Change) -> String {
    let mut rows = String::new();
    if let Some(title) = &change.title {
        add_row(&mut rows, "Title", &inline(&title.spans));
    }
    if let Some(date) = &change.date {
        let show = |date: &Option<ShownDate>| date.as_ref().map(|date| escape(&date.text));
        add_row(&mut rows, "Date", &before_after(show(&date.old), show(&date.new)));
    }
    let link = |link: &Link| format!("“{}” {}", escape(&link.text), escape(&link.target));
    let image = |image: &Image| format!("“{}” {}", escape(&image.alt), escape(&image.source));
    add_items(&mut rows, "Link", &change.links, link);
    add_items(&mut rows, "Picture", &change.images, image);
    add_items(&mut rows, "Contact", &change.contacts, |line| escape(line));
    if rows.is_empty() { rows } else { format!("<dl>\n{rows}</dl>\n") }
}

fn add_row(rows: &mut String, label: &str, value: &str) {
    let _ = writeln!(rows, "<dt>{label}</dt><dd>{value}</dd>");
}

fn add_items<T>(rows: &mut String, label: &str, edits: &[ItemEdit<T>], show: impl Fn(&T) -> String) {
    for edit in edits {
        let (old, new) = match edit {
            ItemEdit::Added { new } => (None, Some(show(new))),
            ItemEdit::Removed { old } => (Some(show(old)), None),
            ItemEdit::Replaced { old, new } => (Some(show(old)), Some(show(new))),
        };
        add_row(rows, label, &before_after(old, new));
    }
}

fn before_after(old: Option<String>, new: Option<String>) -> String {
    let parts = [old.map(|old| format!("<del>{old}</del>")), new.map(|new| format!("<ins>{new}</ins>"))];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn body(change: &Change) -> String {
    if change.blocks.iter().all(|block| matches!(block, BlockEdit::Equal { .. })) {
        return String::new();
    }
    let mut text = String::from("<main>\n");
    for shown in fold(&change.blocks, false) {
        let _ = match shown {
            Shown::Block(index, edit) => writeln!(text, "{}", block(index, edit)),
            Shown::Folded(count) => writeln!(text, "<p class=\"note\">{}</p>", folded_note(count)),
        };
    }
    text.push_str("</main>\n");
    text
}

fn block(index: usize, edit: &BlockEdit) -> String {
    let element = |class: &str, content: &str| {
        let kind = kind_class(edit.kind());
        format!("<p id=\"b{index}\" class=\"{class}{kind}\">{content}</p>")
    };
    match edit {
        BlockEdit::Equal { text, .. } => element("equal", &cells(text)),
        BlockEdit::Changed { spans, .. } => element("changed", &inline(spans)),
        BlockEdit::Added { text, .. } => element("added", &format!("<ins>{}</ins>", cells(text))),
        BlockEdit::Removed { text, .. } => element("removed", &format!("<del>{}</del>", cells(text))),
        BlockEdit::MovedAway { text, to, .. } => {
            let way = if *to > index { "down ↓" } else { "up ↑" };
            element("moved", &format!("<a href=\"#b{to}\">moved {way}</a> <span class=\"away\">{}</span>", cells(text)))
        }
        BlockEdit::MovedHere { spans, from, .. } => {
            let way = if *from < index { "above ↑" } else { "below ↓" };
            element("moved", &format!("<a href=\"#b{from}\">moved from {way}</a> {}", inline(spans)))
        }
    }
}

fn kind_class(kind: BlockKind) -> &'static str {
    match kind {
        BlockKind::Heading => " heading",
        BlockKind::ListItem => " item",
        BlockKind::Quote => " quote",
        BlockKind::TableRow => " row",
        BlockKind::Paragraph => "",
    }
}

fn inline(spans: &[Span]) -> String {
    let span = |span: &Span| match span.kind {
        SpanKind::Equal => cells(&span.text),
        SpanKind::Removed => format!("<del>{}</del>", cells(&span.text)),
        SpanKind::Added => format!("<ins>{}</ins>", cells(&span.text)),
    };
    spans.iter().map(span).collect()
}

/// Escaped text in which a bar stands between table cells.
fn cells(text: &str) -> String {
    escape(text).replace('\t', " <span class=\"bar\">|</span> ")
}

fn address(url: &str) -> String {
    let shown = escape(url);
    if url.starts_with("https://") || url.starts_with("http://") {
        return format!("<a href=\"{shown}\" rel=\"noreferrer\">{shown}</a>");
    }
    shown
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in harmless(text).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
