//! Collects mistakes and knows where in the text they stand.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::Mistake;

/// What is wrong with a value, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) message: String,
    pub(super) mend: String,
}

impl Problem {
    pub(super) fn new(message: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { message: message.into(), mend: mend.into() }
    }
}

/// The mistakes found so far, whoever found them.
pub(super) struct Report<'a> {
    text: &'a str,
    line_starts: Vec<usize>,
    /// Lines that are no TOML; what they hold was guessed at.
    broken_lines: BTreeSet<usize>,
    mistakes: RefCell<Vec<Mistake>>,
}

impl<'a> Report<'a> {
    /// Begins with what is wrong with the file as TOML.
    pub(super) fn new(text: &'a str, errors: &[toml::de::Error]) -> Self {
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let mut report = Self { text, line_starts, broken_lines: BTreeSet::new(), mistakes: RefCell::default() };
        for error in errors {
            let at = error.span().map_or(0, |span| span.start);
            report.add(at, "", &syntax_problem(error.message()));
        }
        report.broken_lines = report.mistakes.borrow().iter().map(|mistake| mistake.line).collect();
        report
    }

    /// Whether parts of the file could not be read, so that what seems to be missing may be there.
    pub(super) fn is_partial(&self) -> bool {
        !self.broken_lines.is_empty()
    }

    /// All mistakes, in the order of the file.
    pub(super) fn into_mistakes(self) -> Vec<Mistake> {
        let mut mistakes = self.mistakes.into_inner();
        mistakes.sort();
        mistakes.dedup();
        mistakes
    }

    /// The line of this byte, from 1.
    pub(super) fn line(&self, at: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= at)
    }

    /// Adds a mistake that stands at this byte of the text.
    pub(super) fn add(&self, at: usize, key: &str, problem: &Problem) {
        let line = self.line(at);
        if self.broken_lines.contains(&line) {
            return;
        }
        let before = self.text.get(self.line_starts[line - 1]..at).unwrap_or_default();
        let Problem { message, mend } = problem.clone();
        let mistake = Mistake { line, column: before.chars().count() + 1, key: key.to_owned(), message, mend };
        self.mistakes.borrow_mut().push(mistake);
    }
}

fn syntax_problem(message: &str) -> Problem {
    match message.split_once(", expected ") {
        Some((message @ "string values must be quoted", _)) => Problem::new(message, "put it in quotes"),
        Some((message, expected)) => Problem::new(message, format!("expected {expected}")),
        None if message == "duplicate key" => Problem::new(message, "keep one of the two"),
        None => Problem::new(message, ""),
    }
}
