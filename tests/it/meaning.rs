//! The judgement on edits agrees with the labels that people gave them. `cargo run --example meaning` prints the
//! table and lists where it does not.

#[path = "../../examples/meaning/score.rs"]
mod score;

use std::collections::BTreeSet;

use score::{FIXTURE, Report, Tally, parse_edits};

/// What the judgement has reached once, it has to keep.
const SIGNIFICANCE: f64 = 0.99;
const REASON: f64 = 0.95;

#[test]
fn labelled_edits_are_judged_as_people_judge_them() {
    let edits = parse_edits(&std::fs::read_to_string(FIXTURE).unwrap()).unwrap();
    let languages: BTreeSet<&str> = edits.iter().map(|edit| edit.language.as_str()).collect();
    assert!(edits.len() >= 200 && languages.len() >= 7, "{} edits in {languages:?}", edits.len());
    let report = Report::new(&edits);
    let keeps = |tally: &Tally, least: f64| tally.precision() >= least && tally.recall() >= least;
    assert!(report.significance.iter().all(|(_, tally)| keeps(tally, SIGNIFICANCE)), "{report}");
    assert!(report.reasons.iter().all(|(_, tally)| keeps(tally, REASON)), "{report}");
}
