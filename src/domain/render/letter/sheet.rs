//! Writes the two bodies of a letter at once, so that they cannot say different things.

use std::fmt::Write as _;

use super::super::harmless;
use super::super::html::text::{address, escape};
use super::super::mail::{Ink, Mail, QUIET, TEXT, change_text};
use super::super::wrap::{Styled, display_width, wrap};
use crate::domain::diff::Change;

const WIDTH: usize = 72;

/// Characters of one paragraph; what is longer is cut.
const MOST_IN_LINE: usize = 2_000;

/// Other colours in the dark, for programs that take styles from the head; the others choose their own.
const STYLE: &str = include_str!("letter.css");

/// A fact about an event.
pub(super) enum Fact<'a> {
    Words(String),
    /// A web address.
    Link(&'a str),
}

/// Both bodies, growing.
pub(super) struct Sheet {
    text: String,
    html: Mail,
}

impl Sheet {
    pub(super) fn new() -> Self {
        Self { text: String::new(), html: Mail::new() }
    }

    /// Bytes of HTML.
    pub(super) fn len(&self) -> usize {
        self.html.len()
    }

    pub(super) fn append(&mut self, other: &Self) {
        self.text.push_str(&other.text);
        self.html.append(&other.html);
    }

    /// What the letter, or a part of it, is about.
    pub(super) fn heading(&mut self, heading: &str) {
        let heading = one_line(heading);
        let _ = writeln!(self.text, "{}", wrapped(&heading, "", ""));
        let bold = format!("<strong style=\"font-size:20px;line-height:1.3\">{}</strong>", escape(&heading));
        self.html.row(TEXT, "padding:0 0 4px", &bold);
    }

    /// The name of a source above what is told of it.
    pub(super) fn section(&mut self, name: &str) {
        let name = one_line(name);
        let rule = "=".repeat(display_width(&name).min(WIDTH));
        let _ = write!(self.text, "\n\n{name}\n{rule}\n");
        let bold = format!("<strong style=\"font-size:24px;line-height:1.3\">{}</strong>", escape(&name));
        self.html.row(TEXT, "padding:36px 0 0", &bold);
    }

    /// A paragraph.
    pub(super) fn line(&mut self, ink: Ink, line: &str) {
        let line = one_line(line);
        self.text.push_str(&wrapped(&line, "", ""));
        self.html.row(ink, "padding:0 0 8px", &escape(&line));
    }

    /// What the next entries of a list have in common.
    pub(super) fn group(&mut self, name: &str) {
        let name = one_line(name);
        let _ = write!(self.text, "\n{}", wrapped(&name, "", ""));
        self.html.row(QUIET, "padding:8px 0 4px", &escape(&name));
    }

    /// One entry of a list.
    pub(super) fn item(&mut self, item: &str) {
        let item = one_line(item);
        self.text.push_str(&wrapped(&item, "  ", "     "));
        self.html.row(TEXT, "padding:0 0 4px 12px", &escape(&item));
    }

    /// Facts, each under its name.
    pub(super) fn facts(&mut self, facts: &[(&str, Fact<'_>)]) {
        let mut cell = String::new();
        self.text.push('\n');
        for (name, fact) in facts {
            let (text, html) = match fact {
                Fact::Words(words) => (one_line(words), escape(&one_line(words))),
                Fact::Link(link) => (one_line(link), address(&one_line(link))),
            };
            self.text.push_str(&wrapped(&format!("{name:<9}{text}"), "", "         "));
            let end = if cell.is_empty() { "" } else { "<br>" };
            let _ = write!(cell, "{end}{name}: {html}");
        }
        self.html.row(QUIET, "padding:0 0 16px", &cell);
    }

    /// What changed; `whole` is where all of it can be seen.
    pub(super) fn change(&mut self, change: &Change, whole: &str) {
        self.text.push('\n');
        self.text.push_str(&change_text(change, whole));
        self.html.change(change, whole);
    }

    /// Ends what stands above.
    pub(super) fn rule(&mut self) {
        let _ = write!(self.text, "\n{}\n", "-".repeat(WIDTH));
        self.html.row(QUIET, "padding:16px 0 8px", "<div style=\"border-top:1px solid #9aa0a6;height:1px\"></div>");
    }

    /// The plain text, and the table in a page of its own.
    pub(super) fn finish(self, title: &str) -> (String, String) {
        let html = format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <meta name=\"supported-color-schemes\" content=\"light dark\">\n\
             <title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body style=\"margin:0;padding:16px\">\n{}</body>\n</html>\n",
            escape(title),
            self.html.finish()
        );
        (self.text.trim_start_matches('\n').to_owned(), html)
    }
}

/// Text on one line, cut where it is endless, with nothing in it that anything obeys.
pub(super) fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = harmless(&words.join(" "));
    match line.char_indices().nth(MOST_IN_LINE) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}

/// Lines of 72 columns, the first with one indent and the others with another.
fn wrapped(line: &str, first: &str, others: &str) -> String {
    let parts = [Styled { text: line, open: "", close: "", marks_shown: false }];
    let lines = wrap(&parts, others, WIDTH, false);
    format!("{first}{}", lines.strip_prefix(others).unwrap_or(&lines))
}
