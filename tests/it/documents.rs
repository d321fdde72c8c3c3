//! The documents for users name what the program knows, no more and no less.

use std::collections::BTreeSet;

use pressdiff::domain::model::{EventKind, Reason};
use serde::de::DeserializeOwned;

const EVENTS: &str = include_str!("../../docs/events.md");
const MODEL: &str = include_str!("../../src/domain/model/event.rs");

#[test]
fn every_reason_and_kind_of_event_is_explained() {
    check::<EventKind>("EventKind", "## Kinds");
    check::<Reason>("Reason", "## Reasons");
}

fn check<T: DeserializeOwned>(name: &str, heading: &str) {
    let section = EVENTS.split(heading).nth(1).unwrap().split("\n## ").next().unwrap();
    let explained: BTreeSet<String> = section.lines().filter_map(first_cell).collect();
    assert_eq!(explained, words_of(name), "under {heading:?}, against the words of {name}");
    for word in &explained {
        assert!(serde_json::from_str::<T>(&format!("{word:?}")).is_ok(), "{name} has no {word:?}");
    }
}

/// The word in code type that begins a row of a table.
fn first_cell(line: &str) -> Option<String> {
    Some(line.strip_prefix("| `")?.split_once('`')?.0.to_owned())
}

/// The variants of an enum of the model, as they are written.
fn words_of(name: &str) -> BTreeSet<String> {
    let body = MODEL.split(&format!("pub enum {name} {{\n")).nth(1).unwrap().split("\n}").next().unwrap();
    let variants = body.lines().map(str::trim).filter(|line| !line.starts_with("///") && !line.starts_with('#'));
    variants.map(|line| kebab(line.trim_end_matches(','))).collect()
}

fn kebab(variant: &str) -> String {
    let mut word = String::new();
    for character in variant.chars() {
        if character.is_uppercase() && !word.is_empty() {
            word.push('-');
        }
        word.extend(character.to_lowercase());
    }
    word
}
