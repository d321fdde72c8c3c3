//! Compares the judgement on labelled edits with their labels. The test in `tests/it/meaning.rs` uses it too.

use std::collections::BTreeSet;
use std::fmt;

use anyhow::Context as _;
use pressdiff::domain::diff::diff;
use pressdiff::domain::meaning::assess;
use pressdiff::domain::model::{Block, BlockKind, Document, Reason, Significance};
use serde::Deserialize;

/// The labelled edits of this repository.
pub(crate) const FIXTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/meaning/edits.jsonl");

/// One line of the file: a text before and after, and what a person thinks of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Edit {
    pub(crate) language: String,
    #[serde(default)]
    part: Part,
    old: String,
    new: String,
    significance: Significance,
    reasons: BTreeSet<Reason>,
}

/// Where the text stands.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Part {
    /// Each line is a paragraph.
    #[default]
    Body,
    /// The text is the headline.
    Title,
}

/// Reads JSON Lines.
pub(crate) fn parse_edits(text: &str) -> anyhow::Result<Vec<Edit>> {
    let edit = |(index, line)| serde_json::from_str(line).with_context(|| format!("line {}", index + 1));
    text.lines().enumerate().map(edit).collect()
}

impl Edit {
    fn document(&self, text: &str) -> Document {
        match self.part {
            Part::Title => Document { title: text.to_owned(), ..Document::default() },
            Part::Body => {
                let block = |line: &str| Block { kind: BlockKind::Paragraph, text: line.to_owned() };
                Document { blocks: text.lines().map(block).collect(), ..Document::default() }
            }
        }
    }
}

/// How often a label was found, missed, or found where a person does not see it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    found: u32,
    missed: u32,
    wrong: u32,
}

impl Tally {
    fn count(&mut self, expected: bool, found: bool) {
        match (expected, found) {
            (true, true) => self.found += 1,
            (true, false) => self.missed += 1,
            (false, true) => self.wrong += 1,
            (false, false) => {}
        }
    }

    /// Which share of what was found is right, from 0 to 1.
    pub(crate) fn precision(&self) -> f64 {
        share(self.found, self.wrong)
    }

    /// Which share of what is right was found, from 0 to 1.
    pub(crate) fn recall(&self) -> f64 {
        share(self.found, self.missed)
    }
}

fn share(right: u32, other: u32) -> f64 {
    if right + other == 0 { 1.0 } else { f64::from(right) / f64::from(right + other) }
}

/// The labels, each with its tally, and the edits that were judged in another way.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) edits: usize,
    pub(crate) significance: Vec<(Significance, Tally)>,
    pub(crate) reasons: Vec<(Reason, Tally)>,
    differences: Vec<String>,
}

impl Report {
    /// Judges every edit.
    pub(crate) fn new(edits: &[Edit]) -> Self {
        let labels: BTreeSet<Reason> = edits.iter().flat_map(|edit| edit.reasons.iter().copied()).collect();
        let mut report = Self {
            edits: edits.len(),
            significance: [Significance::Minor, Significance::Major].map(|label| (label, Tally::default())).to_vec(),
            reasons: labels.into_iter().map(|label| (label, Tally::default())).collect(),
            differences: Vec::new(),
        };
        for edit in edits {
            report.judge(edit);
        }
        report
    }

    fn judge(&mut self, edit: &Edit) {
        let found = assess(&diff(&edit.document(&edit.old), &edit.document(&edit.new)));
        let reasons: BTreeSet<Reason> = found.reasons.into_iter().collect();
        for (label, tally) in &mut self.significance {
            tally.count(edit.significance == *label, found.significance == *label);
        }
        for (label, tally) in &mut self.reasons {
            tally.count(edit.reasons.contains(label), reasons.contains(label));
        }
        if found.significance != edit.significance || reasons != edit.reasons {
            self.differences.push(format!(
                "{} {:?}\n   {:?}\n   {:?} {:?}, not {:?} {:?}",
                edit.language, edit.old, edit.new, found.significance, reasons, edit.significance, edit.reasons
            ));
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{} edits\n", self.edits)?;
        writeln!(out, "{:<18}{:>10}{:>8}{:>7}{:>8}{:>7}", "", "precision", "recall", "found", "missed", "wrong")?;
        let mut row = |label: &str, tally: &Tally| {
            let (precision, recall) = (tally.precision(), tally.recall());
            let Tally { found, missed, wrong } = tally;
            writeln!(out, "{label:<18}{precision:>10.3}{recall:>8.3}{found:>7}{missed:>8}{wrong:>7}")
        };
        for (label, tally) in &self.significance {
            row(&format!("{label:?}"), tally)?;
        }
        for (label, tally) in &self.reasons {
            row(&format!("{label:?}"), tally)?;
        }
        writeln!(out, "\n{} edits are judged in another way:\n", self.differences.len())?;
        self.differences.iter().try_for_each(|difference| writeln!(out, "{difference}"))
    }
}
