//! Text for HTML: escaped, with the words that went and came in `<del>` and `<ins>`, cut into table cells.

use crate::domain::diff::SpanKind;
use crate::domain::render::harmless;

/// How the tags for words that went and came are written.
pub(in crate::domain::render) struct Marks {
    pub(in crate::domain::render) del: &'static str,
    pub(in crate::domain::render) ins: &'static str,
    /// What stands between words and the words that took their place.
    pub(in crate::domain::render) between: &'static str,
}

impl Marks {
    /// Running text; bars stand between what were cells.
    pub(in crate::domain::render) fn inline(&self, parts: &[(SpanKind, impl AsRef<str>)]) -> String {
        let bar = " <span class=\"bar\">|</span> ";
        let mut html = String::new();
        for (kind, text) in parts {
            self.add(&mut html, *kind, &self.part(*kind, text.as_ref()).replace('\t', bar));
        }
        html
    }

    /// The cells of a table row.
    pub(in crate::domain::render) fn cells(&self, parts: &[(SpanKind, impl AsRef<str>)]) -> Vec<String> {
        let mut cells = vec![String::new()];
        for (kind, text) in parts {
            for (index, piece) in text.as_ref().split('\t').enumerate() {
                if index > 0 {
                    cells.push(String::new());
                }
                if let Some(cell) = cells.last_mut().filter(|_| !piece.is_empty()) {
                    self.add(cell, *kind, &self.part(*kind, piece));
                }
            }
        }
        cells
    }

    fn add(&self, html: &mut String, kind: SpanKind, part: &str) {
        if kind == SpanKind::Added && html.ends_with("</del>") {
            html.push_str(self.between);
        }
        html.push_str(part);
    }

    pub(in crate::domain::render) fn part(&self, kind: SpanKind, text: &str) -> String {
        match kind {
            SpanKind::Equal => escape(text),
            SpanKind::Removed => format!("{}{}</del>", self.del, escape(text)),
            SpanKind::Added => format!("{}{}</ins>", self.ins, escape(text)),
        }
    }
}

/// A link, if it leads to a web page.
pub(in crate::domain::render) fn address(url: &str) -> String {
    let shown = escape(url);
    if url.starts_with("https://") || url.starts_with("http://") {
        return format!("<a href=\"{shown}\" rel=\"noreferrer\">{shown}</a>");
    }
    shown
}

/// Text without anything that HTML, a terminal or the direction of writing would obey.
pub(in crate::domain::render) fn escape(text: &str) -> String {
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
