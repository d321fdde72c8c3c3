//! Which alert is sent in place of another: it has to be there, and the way from one to the next has to end.

use std::collections::{BTreeMap, BTreeSet};

use super::super::report::{Problem, Report};
use super::super::section::Entry;
use super::super::source::Taken;
use super::super::value::{nearest, quoted};

/// `fallback` of one alert.
pub(super) struct Fallback<'a> {
    /// Name of the alert, if it has a usable one.
    pub(super) from: Option<String>,
    /// What it names.
    pub(super) to: String,
    pub(super) entry: Entry<'a>,
}

/// Reports names that no alert has, and circles, each where it begins.
pub(super) fn check(fallbacks: &[Fallback<'_>], names: &Taken, report: &Report<'_>) {
    let next: BTreeMap<&str, &str> =
        fallbacks.iter().filter_map(|fallback| Some((fallback.from.as_deref()?, fallback.to.as_str()))).collect();
    let mut told = BTreeSet::new();
    for fallback in fallbacks {
        if !names.contains(&fallback.to) && !report.is_partial() {
            fallback.entry.wrong(&unknown(&fallback.to, names));
        } else if let Some(from) = fallback.from.as_deref()
            && let Some(circle) = circle(from, &next)
            && told.insert(circle.iter().copied().min())
        {
            let message = format!("goes round in a circle: {from} → {}", circle.join(" → "));
            fallback.entry.wrong(&Problem::new(message, "let one of them have no fallback"));
        }
    }
}

/// The alerts after this one, until it comes itself.
fn circle<'n>(from: &str, next: &BTreeMap<&str, &'n str>) -> Option<Vec<&'n str>> {
    let mut passed = Vec::new();
    let mut at = from;
    while let Some(name) = next.get(at).copied().filter(|name| !passed.contains(name)) {
        passed.push(name);
        if name == from {
            return Some(passed);
        }
        at = name;
    }
    None
}

fn unknown(name: &str, names: &Taken) -> Problem {
    let mend = match nearest(name, names.names()) {
        Some(near) => format!("write {near:?}"),
        None => format!("write one of {}", names.names().collect::<Vec<_>>().join(", ")),
    };
    Problem::new(format!("{}: no such alert", quoted(name)), mend)
}
