//! A change as one page that needs nothing else: no script, no request, readable in the dark, on paper and
//! without seeing colours. The reader chooses between one column and two. Every text is escaped.

mod body;
pub(super) mod text;

use std::fmt::Write as _;

use self::text::{Marks, address, escape};
use super::items::{Item, item_spans, quoted};
use super::{COARSE, has_edits};
use crate::domain::diff::{Change, ItemEdit, Span, SpanKind};
use crate::domain::model::{Image, Link, ShownDate};

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

/// The change as a whole HTML page, in one column until the reader asks for two.
pub fn html(change: &Change, heading: &Heading) -> String {
    let title = escape(&heading.title);
    let (old, new) = (escape(&heading.old_label), escape(&heading.new_label));
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<header>\n<h1 dir=\"auto\">{title}</h1>\n\
         <p class=\"address\">{}</p>\n<p class=\"legend\"><del>{old}</del> <span>became</span> <ins>{new}</ins></p>\n</header>\n",
        address(&heading.url)
    );
    let Fragment { headlines, text, note } = fragment(change, &heading.old_label, &heading.new_label);
    page.push_str(&headlines);
    if let Some((one, two)) = text {
        page.push_str(SWITCH);
        let _ = write!(page, "<main class=\"one\">\n{one}</main>\n<section class=\"two\">\n{two}</section>\n");
    }
    if let Some(note) = note {
        let _ = writeln!(page, "<p class=\"note\">{note}</p>");
    }
    page.push_str("</body>\n</html>\n");
    page
}

/// The change as parts of a page, escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// What changed beside the text, as a definition list; empty when nothing did.
    pub headlines: String,
    /// The text in one column and in two, if it changed.
    pub text: Option<(String, String)>,
    /// What has to be known about the comparison.
    pub note: Option<&'static str>,
}

/// The change for a page that has a frame of its own; the labels say what old and new are called.
pub fn fragment(change: &Change, old_label: &str, new_label: &str) -> Fragment {
    let sides = || body::side_by_side(&change.blocks, &escape(old_label), &escape(new_label));
    Fragment {
        headlines: headlines(change),
        text: has_edits(&change.blocks).then(|| (body::inline(&change.blocks), sides())),
        note: change.coarse.then_some(COARSE),
    }
}

/// Chooses between both forms of the text without a script.
const SWITCH: &str = "\
<input type=\"radio\" name=\"columns\" id=\"one\" checked><label for=\"one\">One column</label>\n\
<input type=\"radio\" name=\"columns\" id=\"two\"><label for=\"two\">Side by side</label>\n";

const MARKS: Marks = Marks { del: "<del>", ins: "<ins>", between: "" };

fn headlines(change: &Change) -> String {
    let mut rows = String::new();
    if let Some(title) = &change.title {
        add_row(&mut rows, "Title", &inline(&title.spans));
    }
    if let Some(date) = &change.date {
        let show = |date: &Option<ShownDate>| date.as_ref().map(|date| escape(&date.text));
        add_row(&mut rows, "Date", &before_after(show(&date.old), show(&date.new)));
    }
    let link = |link: &Link| [quoted(['“', '”'], &link.text), link.target.clone()];
    let image = |image: &Image| [quoted(['“', '”'], &image.alt), image.source.clone()];
    add_items(&mut rows, "Link", &change.links, link);
    add_items(&mut rows, "Picture", &change.images, image);
    add_items(&mut rows, "Contact", &change.contacts, |line| [line.clone(), String::new()]);
    if rows.is_empty() { rows } else { format!("<dl>\n{rows}</dl>\n") }
}

fn add_row(rows: &mut String, label: &str, value: &str) {
    let _ = writeln!(rows, "<dt>{label}</dt><dd dir=\"auto\">{value}</dd>");
}

fn add_items<T>(rows: &mut String, label: &str, edits: &[ItemEdit<T>], show: impl Fn(&T) -> Item) {
    for edit in edits {
        add_row(rows, label, &inline(&item_spans(edit, &show)));
    }
}

fn before_after(old: Option<String>, new: Option<String>) -> String {
    let parts = [old.map(|old| format!("<del>{old}</del>")), new.map(|new| format!("<ins>{new}</ins>"))];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn inline(spans: &[Span]) -> String {
    let parts: Vec<(SpanKind, &str)> = spans.iter().map(|span| (span.kind, span.text.as_str())).collect();
    MARKS.inline(&parts)
}
