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

/// What only some modules may name, anywhere in a path: the name, then those modules, or files of them. Addresses are
/// values that everybody may know; whoever opens a connection or takes one is here.
const RESERVED: &[(&[&str], &[&str])] = &[
    (&["rusqlite"], &["store"]),
    (&["reqwest"], &["fetch", "notify"]),
    // The configuration reads addresses of mail, and sends none.
    (&["lettre"], &["notify", "config"]),
    (&["lettre", "transport"], &["notify"]),
    // A site of its own, a socket between two processes of ours, and the question whether the daemon is well.
    (&["tokio", "net"], &["fetch", "notify", "web", "cli/control", "cli/demo_site"]),
    (&["std", "net", "TcpStream"], &["cli/health"]),
    (&["std", "net", "TcpListener"], &[]),
    (&["std", "net", "UdpSocket"], &[]),
    (&["std", "net", "ToSocketAddrs"], &[]),
    (&["std", "os", "unix", "net"], &["cli/control"]),
    (&["std", "net", "*"], &[]),
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
        let faults_here = faults_of(&place_of(&file), &source);
        faults.extend(faults_here.into_iter().map(|fault| format!("{}: {fault}", file.display())));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_module_is_in_the_table_and_none_is_a_mod_file() {
    for file in rust_files(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))) {
        assert_ne!(file.file_name().unwrap(), "mod.rs", "{}", file.display());
        let place = place_of(&file);
        let module = module_of(&place);
        let known = ["lib", "main"].contains(&module) || MAY_USE.iter().any(|(name, _)| *name == module);
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
    check("track", "let stream = tokio::net::TcpStream::connect(address);", &["names `tokio::net`"]);
    check("schedule", "use std::net::{IpAddr, TcpStream};", &["names `std::net::TcpStream`"]);
    check("config", "use lettre::transport::smtp::Error;", &["names `lettre::transport`"]);
    check("cli/diff", "use std::os::unix::net::UnixStream;", &["names `std::os::unix::net`"]);
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
    check("config", "use std::net::SocketAddr; use lettre::message::Mailbox;", &[]);
    check("cli/demo_site/page", "use tokio::net::TcpListener;", &[]);
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

/// `src/domain/model.rs` is at `domain/model`.
fn place_of(file: &Path) -> String {
    let inside = file.strip_prefix(concat!(env!("CARGO_MANIFEST_DIR"), "/src")).unwrap();
    inside.with_extension("").to_str().unwrap().to_owned()
}

/// `domain/model` belongs to `domain`.
fn module_of(place: &str) -> &str {
    place.split('/').next().unwrap_or(place)
}

/// Whether a place is this module or file, or below it.
fn is_in(place: &str, owner: &str) -> bool {
    place.strip_prefix(owner).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn faults_of(place: &str, source: &str) -> Vec<String> {
    let module = module_of(place);
    let mut faults = BTreeSet::new();
    for path in &scan::paths(source) {
        if let Some(used) = used_module(path).filter(|used| !may_use(module, used)) {
            faults.insert(format!("uses `{used}`"));
        }
        for (reserved, owners) in RESERVED {
            if !owners.iter().any(|owner| is_in(place, owner)) && contains(path, reserved) {
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
