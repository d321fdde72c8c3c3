//! Holds the sources to the table "who may use whom": no module names another that it must not know, and
//! SQL, the network and the system clock stay where they belong. Comments, doc links, string literals and
//! `#[cfg(test)]` modules are not code here.

mod scan;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each top-level module with those that it may use. Beyond the table of the design, whoever has to know the
/// time may have the clock.
const MAY_USE: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("config", &["domain"]),
    ("clock", &["domain"]),
    ("metrics", &["domain"]),
    ("fetch", &["domain", "config", "clock", "metrics"]),
    ("store", &["domain", "config"]),
    ("warc", &["domain"]),
    ("feed", &["domain", "store"]),
    ("notify", &["domain", "config", "store", "clock", "feed"]),
    ("track", &["domain", "fetch", "store", "clock"]),
    ("schedule", &["domain", "config", "clock", "metrics", "fetch", "store", "track", "notify"]),
    ("web", &["domain", "config", "clock", "metrics", "store", "feed"]),
    ("cli", &["domain", "config", "clock", "metrics", "fetch", "store", "track", "notify", "schedule", "warc", "web"]),
];

/// What only some modules may name, anywhere in a path: the name, then those modules.
const RESERVED: &[(&[&str], &[&str])] = &[
    (&["rusqlite"], &["store"]),
    (&["reqwest"], &["fetch", "notify"]),
    (&["Utc", "now"], &["clock"]),
    (&["Local", "now"], &["clock"]),
    (&["SystemTime", "now"], &["clock"]),
];

/// What the pure part of the program never names.
const NOT_IN_DOMAIN: &[&[&str]] = &[
    &["tokio"],
    &["std", "fs"],
    &["std", "net"],
    &["std", "env"],
    &["std", "thread"],
    &["std", "process"],
    &["async"],
];

#[test]
fn every_module_uses_only_what_it_may() {
    let mut faults = Vec::new();
    for file in rust_files(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))) {
        let source = fs::read_to_string(&file).unwrap();
        faults.extend(
            faults_of(&module_of(&file), &source).into_iter().map(|fault| format!("{}: {fault}", file.display())),
        );
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_module_is_in_the_table_and_none_is_a_mod_file() {
    for file in rust_files(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))) {
        assert_ne!(file.file_name().unwrap(), "mod.rs", "{}", file.display());
        let module = module_of(&file);
        let known = ["lib", "main"].contains(&module.as_str()) || MAY_USE.iter().any(|(name, _)| *name == module);
        assert!(known, "`{module}` is not in the table of tests/it/architecture.rs");
    }
}

#[test]
fn a_forbidden_edge_is_found_however_it_is_written() {
    check("domain", "use crate::config::Config;", &["uses `config`"]);
    check("domain", "fn f() { crate::store::open(); }", &["uses `store`"]);
    check("store", "use crate::{domain::model::Event, notify::{self, log}};", &["uses `notify`"]);
    check("config", "use super::fetch::Fetcher;", &["uses `fetch`"]);
    check("domain", "use super::super::clock::Clock;", &["uses `clock`"]);
    check("main", "fn main() { pressdiff::store::open() }", &["uses `store`"]);
}

#[test]
fn a_reserved_name_is_found_however_it_is_written() {
    check("track", "use rusqlite::{Connection, params};", &["names `rusqlite`"]);
    check("track", "type Client = reqwest::Client;", &["names `reqwest`"]);
    check("store", "let now = chrono::Utc::now();", &["names `Utc::now`"]);
    check("domain", "use std::{fmt, fs::File};", &["names `std::fs`"]);
    check("domain", "async fn f() {}", &["names `async`"]);
}

#[test]
fn what_is_allowed_or_no_code_is_left_alone() {
    check("track", "use crate::{domain::model::Event, fetch::Fetcher, store::Store, track::page};", &[]);
    check(
        "domain",
        "//! See [`crate::store`].\n/* crate::fetch /* nested */ crate::cli */ use super::model::Event;",
        &[],
    );
    check(
        "domain",
        r##"let a = "crate::fetch \" tokio"; let b = r#"std::fs " "#; let c = '"'; let d: &'static str = e;"##,
        &[],
    );
    check(
        "domain",
        "#[cfg(test)] mod tests { use crate::config::Config; fn f() { {} } } use crate::domain::model;",
        &[],
    );
    check("clock", "Utc::now()", &[]);
}

fn check(module: &str, source: &str, faults: &[&str]) {
    assert_eq!(faults_of(module, source), faults, "in {module}: {source}");
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && path.file_stem().is_some_and(|stem| stem != "tests")
        {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// `src/domain/model.rs` belongs to `domain`.
fn module_of(file: &Path) -> String {
    let inside = file.strip_prefix(concat!(env!("CARGO_MANIFEST_DIR"), "/src")).unwrap();
    let first = inside.components().next().unwrap().as_os_str().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

fn faults_of(module: &str, source: &str) -> Vec<String> {
    let mut faults = BTreeSet::new();
    for path in &scan::paths(source) {
        if let Some(used) = used_module(path).filter(|used| !may_use(module, used)) {
            faults.insert(format!("uses `{used}`"));
        }
        for (reserved, owners) in RESERVED {
            if !owners.contains(&module) && contains(path, reserved) {
                faults.insert(format!("names `{}`", reserved.join("::")));
            }
        }
        for forbidden in NOT_IN_DOMAIN.iter().filter(|forbidden| module == "domain" && starts_with(path, forbidden)) {
            faults.insert(format!("names `{}`", forbidden.join("::")));
        }
    }
    faults.into_iter().collect()
}

/// The top-level module that a path leads to, if it leaves the file by `crate`, by `super` or by the crate's name.
fn used_module(path: &[String]) -> Option<&str> {
    if !matches!(path.first()?.as_str(), "crate" | "super" | "pressdiff") {
        return None;
    }
    let next = path.iter().skip(1).find(|part| *part != "super")?;
    MAY_USE.iter().map(|(name, _)| *name).find(|name| name == next)
}

fn may_use(module: &str, used: &str) -> bool {
    match module {
        "lib" => true,
        "main" => used == "cli",
        _ => module == used || MAY_USE.iter().any(|(name, uses)| *name == module && uses.contains(&used)),
    }
}

fn starts_with(path: &[String], start: &[&str]) -> bool {
    path.len() >= start.len() && path.iter().zip(start).all(|(part, wanted)| part == wanted)
}

fn contains(path: &[String], part: &[&str]) -> bool {
    (0..path.len()).any(|at| starts_with(&path[at..], part))
}
