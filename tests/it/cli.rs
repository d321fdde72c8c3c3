//! The command line as its users meet it: the built program against a site on loopback.

use std::fs;
use std::io;
use std::process::Stdio;

use pressdiff::cli::demo_site::DemoSite;
use pressdiff::store::Store;
use url::Url;

use crate::support::program::{Desk, Ran};
use crate::support::server::{Answer, Server};

const EDITED: &str = "news/north-breakwater-tender/";

/// A site with a desk that has checked it at its first steps, one check each.
async fn checked(steps: usize) -> (DemoSite, Desk) {
    let site = DemoSite::start().await.unwrap();
    let desk = Desk::watching(&site.root().join("news/").unwrap());
    for step in 0..steps {
        site.set_step(step);
        desk.succeed(&["check"]);
    }
    (site, desk)
}

/// Kind and path of each line.
fn kinds_and_paths(lines: &str) -> Vec<(String, String)> {
    let read = |line: &str| {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        let url = Url::parse(event["url"].as_str().unwrap()).unwrap();
        (event["kind"].as_str().unwrap().to_owned(), url.path().to_owned())
    };
    lines.lines().map(read).collect()
}

fn ids(lines: &str) -> Vec<i64> {
    let id = |line: &str| serde_json::from_str::<serde_json::Value>(line).unwrap()["id"].as_i64().unwrap();
    lines.lines().map(id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn checks_report_exactly_what_the_site_changed() {
    let site = DemoSite::start().await.unwrap();
    let desk = Desk::watching(&site.root().join("news/").unwrap());
    let first = desk.run(&["check"]);
    assert_eq!((first.status, first.out.as_str()), (0, ""));
    assert!(
        first.err.contains("demo: the baseline is taken; later checks report what changes; 8 of 8 releases read"),
        "{}",
        first.err
    );
    let mut wanted = Vec::new();
    for step in 1..DemoSite::steps() {
        site.set_step(step);
        desk.succeed(&["check", "demo"]);
        let expected = DemoSite::expected(step).iter();
        let words = expected.map(|(kind, path)| (format!("{kind:?}").to_lowercase(), (*path).to_owned()));
        wanted.extend(words);
        let listed = desk.succeed(&["events", "--format", "jsonl"]);
        assert_eq!(kinds_and_paths(&listed), wanted, "step {step}: {}", DemoSite::describe(step));
        assert_eq!(desk.log(), listed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_filtered() {
    let (_site, desk) = checked(5).await;
    let listed = |arguments: &[&str]| ids(&desk.succeed(&[&["events", "--format", "jsonl"], arguments].concat()));
    let all = listed(&[]);
    assert_eq!(all.len(), 3);
    assert_eq!(listed(&["--after", &all[0].to_string()]), all[1..]);
    assert_eq!(listed(&["--kind", "new"]), all[1..2]);
    assert_eq!(listed(&["--kind", "removed", "--kind", "edited", "--limit", "1"]), all[..1]);
    assert_eq!(listed(&["--limit", "2", "--source", "demo"]), all[..2]);
    assert_eq!(listed(&["--since", "2d"]), all);
    assert_eq!(listed(&["--since", "2999-01-01"]), Vec::<i64>::new());
    let table = desk.succeed(&["events"]);
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 4, "{table}");
    assert!(lines[0].starts_with("ID  TIME (UTC)") && lines[1].contains("edited"), "{table}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_shown_in_every_form() {
    let (site, desk) = checked(3).await;
    let url = site.root().join(EDITED).unwrap();
    let id = ids(&desk.succeed(&["events", "--format", "jsonl"]))[0].to_string();
    let unified = desk.succeed(&["diff", &id]);
    assert!(unified.starts_with("--- version 1"), "{unified}");
    let line = |start: char, words: &str| unified.lines().any(|line| line.starts_with(start) && line.contains(words));
    assert!(line('-', "12.4 million") && line('+', "15.9 million"), "{unified}");
    assert_eq!(desk.succeed(&["diff", url.as_str()]), unified);
    assert_eq!(desk.succeed(&["diff", url.as_str(), "--from", "2", "--to", "2"]), "");
    assert!(desk.succeed(&["diff", &id, "--format", "html"]).starts_with("<!DOCTYPE html>"));
    let json: serde_json::Value = serde_json::from_str(&desk.succeed(&["diff", &id, "--format", "json"])).unwrap();
    assert_eq!(json["fields"], serde_json::json!(["body"]));
    let short = desk.succeed(&["diff", &id, "--format", "text"]);
    assert!(short.contains("12.4") && short.contains("15.9") && !short.contains('\u{1b}'), "{short}");
    let refused = desk.run(&["diff", &id, "--format", "html", "--full"]);
    assert!(refused.status == 2 && refused.err.contains("--full is for --format text only"), "{refused:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_is_found_by_any_spelling_of_its_address() {
    let (site, desk) = checked(3).await;
    let url = site.root().join(&format!("{EDITED}?utm_source=feed#top")).unwrap();
    let history = desk.succeed(&["history", url.as_str()]);
    for words in ["source demo, present", "by listing", "version 1", "version 2", "edited"] {
        assert!(history.contains(words), "{words}: {history}");
    }
    let text = desk.succeed(&["show", url.as_str()]);
    assert!(text.contains("15.9 million") && !text.contains("<p"), "{text}");
    assert!(desk.succeed(&["show", url.as_str(), "--version", "1"]).contains("12.4 million"));
    let raw = desk.succeed(&["show", url.as_str(), "--raw"]);
    assert!(raw.starts_with("<!") && raw.contains("15.9&nbsp;million"), "{raw}");
}

#[tokio::test(flavor = "multi_thread")]
async fn explain_tells_what_counts_and_what_does_not() {
    let (site, desk) = checked(3).await;
    let text = desk.succeed(&["explain", site.root().join(EDITED).unwrap().as_str()]);
    let line = |start: &str, words: &str| text.lines().any(|line| line.starts_with(start) && line.contains(words));
    assert!(line("T ", "Council invites bids"), "{text}");
    assert!(line("· ", "15.9 million"), "{text}");
    assert!(line("D ", "18 May 2026"), "{text}");
    assert!(line("- (navigation, aside or footer) ", "The office is closed on Whit Monday."), "{text}");
    assert!(text.contains("\nT title, D date, · text, C contact, - left out (why)\n"), "{text}");
    assert!(text.contains("last event: 1 edited"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_and_releases_tell_where_things_stand() {
    let (_site, desk) = checked(5).await;
    let sources = desk.succeed(&["sources"]);
    assert!(sources.contains("8 present, 1 removed") && sources.contains("UTC"), "{sources}");
    let removed = desk.succeed(&["releases", "--state", "removed", "--format", "jsonl"]);
    let line: serde_json::Value = serde_json::from_str(&removed).unwrap();
    assert_eq!((line["state"].as_str(), line["source"].as_str()), (Some("removed"), Some("demo")));
    assert_eq!(desk.succeed(&["releases"]).lines().count(), 10);
    assert_eq!(desk.succeed(&["releases", "--state", "suspect"]), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_cannot_be_reached_is_status_1_and_no_event() {
    let (site, desk) = checked(1).await;
    drop(site);
    // The port is free again once the site has stopped, or it is still closing; both answer nothing.
    let gone = desk.run(&["check"]);
    assert_eq!(gone.status, 1, "{gone:#?}");
    assert!(gone.err.contains("outage"), "{}", gone.err);
    assert_eq!(desk.succeed(&["events", "--format", "jsonl"]), "");
    assert!(desk.succeed(&["sources"]).contains("outage since"));
    desk.run(&["check"]);
    let compared = desk.run(&["diff", "1"]);
    let words = "event 1 (site) is about the source as a whole; there is nothing to compare";
    assert!(compared.status == 1 && compared.err.contains(words), "{compared:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_release_can_be_read_there_is_no_baseline() {
    let server = Server::start().await;
    let items = ["tides", "masts", "ropes"].map(|slug| {
        server.on(&format!("/news/{slug}/"), Answer::status(403));
        format!("<li><a href=/news/{slug}/>A year of {slug} in the harbour</a></li>")
    });
    server.on("/news/", Answer::html(format!("<h1>News</h1><ul>{}</ul>", items.concat())));
    let ran = Desk::watching(&server.url("/news/")).run(&["check"]);
    assert!(ran.err.contains("demo: no baseline yet: none of 3 releases could be read\n"), "{}", ran.err);
    assert!(!ran.err.contains("baseline is taken"), "{}", ran.err);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listing_that_fails_at_the_first_check_is_status_1() {
    let server = Server::start().await;
    server.on("/news/", Answer::status(403));
    let ran = Desk::watching(&server.url("/news/")).run(&["check"]);
    assert!(!ran.err.contains("baseline is taken"), "nothing was read: {}", ran.err);
    assert_eq!(ran.status, 1, "{ran:#?}");
    assert!(ran.err.contains("/news/"), "{}", ran.err);
}

#[test]
fn all_mistakes_of_a_configuration_are_told_at_once() {
    let desk = Desk::configured("[fetch]\nconcurency = 4\n[[source]]\nid = \"A b\"\nschedule = \"61 * * * *\"\n");
    let ran = desk.run(&["check"]);
    assert_eq!((ran.status, ran.out.as_str()), (2, ""));
    for words in ["pressdiff.toml:2:1", "concurency", "pressdiff.toml:4:", "pressdiff.toml:5:", "listings"] {
        assert!(ran.err.contains(words), "{words}: {}", ran.err);
    }
    assert!(!desk.path("pressdiff.db").exists());
}

#[test]
fn wrong_usage_is_status_2() {
    let desk = Desk::watching(&Url::parse("http://127.0.0.1:9/news/").unwrap());
    let status = |arguments: &[&str]| desk.run(arguments).status;
    assert_eq!(status(&[]), 2);
    assert_eq!(status(&["observe"]), 2);
    assert_eq!(status(&["events", "--kind", "odd"]), 2);
    assert_eq!(status(&["diff"]), 2);
    assert_eq!(status(&["passwd"]), 2, "an empty password is none");
    assert!(desk.run(&["events", "--after", "x"]).err.contains("the number of an event"));
    assert_eq!(status(&["--help"]), 0);
    assert_eq!(status(&["--version"]), 0);
    let unknown = desk.run(&["check", "harbor"]);
    assert_eq!(unknown.status, 2);
    assert!(unknown.err.contains("no source `harbor`") && unknown.err.contains("it has demo"), "{}", unknown.err);
    assert!(!desk.path("pressdiff.db").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_status_1_with_a_hint() {
    let (site, desk) = checked(1).await;
    let check = |arguments: &[&str], hint: &str| {
        let ran = desk.run(arguments);
        assert_eq!((ran.status, ran.out.as_str()), (1, ""), "{arguments:?}");
        assert!(ran.err.contains(hint), "{arguments:?}: {}", ran.err);
    };
    let url = site.root().join(EDITED).unwrap();
    check(&["history", "https://example.org/"], "pressdiff releases");
    check(&["diff", "17"], "no event 17");
    check(&["diff", url.as_str()], "one version only");
    check(&["show", url.as_str(), "--version", "3"], "the latest is 1");
    let fresh = Desk::watching(&url);
    let missing = fresh.run(&["events"]);
    assert_eq!(missing.status, 1);
    assert!(missing.err.contains("pressdiff check"), "{}", missing.err);
    assert!(fresh.succeed(&["sources"]).contains("never"));
    for command in ["reextract", "repack"] {
        let ran = fresh.run(&[command]);
        assert!(ran.status == 1 && ran.err.contains("no store at"), "{command}: {ran:#?}");
    }
    let answer = fresh.path("pressdiff.toml");
    assert_eq!(fresh.run(&["attest", "--answer", answer.to_str().unwrap()]).status, 1);
    assert!(!fresh.path("pressdiff.db").exists(), "none of them begins an empty store");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_process_writes_and_others_read() {
    let (_site, desk) = checked(3).await;
    let store = Store::open(&desk.path("pressdiff.db")).unwrap();
    let second = desk.run(&["check"]);
    assert_eq!(second.status, 1);
    assert!(second.err.contains("in use by process"), "{}", second.err);
    assert_eq!(ids(&desk.succeed(&["events", "--format", "jsonl"])).len(), 1);
    drop(store);
    desk.succeed(&["check"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_leaves_early_is_no_error() {
    let (_site, desk) = checked(3).await;
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    let child = desk.command(&["releases"]).stdout(Stdio::from(writer)).stderr(Stdio::piped()).spawn().unwrap();
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
}

#[test]
fn two_files_are_compared_as_pages_or_as_text() {
    let desk = Desk::configured("");
    let write = |name: &str, text: &str| {
        fs::write(desk.path(name), text).unwrap();
        desk.path(name).to_str().unwrap().to_owned()
    };
    let old = write("old.txt", "The pier opens in May.\n\nTwelve berths are free.\n");
    let new = write("new.txt", "The pier opens\nin May.\n\nTen berths are free.\n");
    let unified = desk.succeed(&["diff", "--files", &old, &new]);
    let changed: Vec<&str> = unified.lines().skip(2).filter(|line| line.starts_with(['-', '+'])).collect();
    assert_eq!(changed, ["-Twelve berths are free.", "+Ten berths are free."]);
    let page = |class: &str| {
        format!("<html><body><h1 class={class}>Pier</h1><p class={class}>The pier opens in May.</p></body></html>")
    };
    let (old, new) = (write("old.html", &page("a")), write("new.html", &page("b")));
    assert_eq!(desk.succeed(&["diff", "--files", &old, &new]), "");
    assert_eq!(desk.run(&["diff", "--files", &old, "nowhere.txt"]).status, 1);
}

#[test]
fn what_did_not_change_is_shown_on_demand() {
    let desk = Desk::configured("");
    let write = |name: &str, berths: &str| {
        let paragraphs = ["Pilots", "Masts", "Ropes", "Lamps", "Cranes", "Buoys", "Tugs", "Gates"];
        let text = paragraphs.map(|thing| format!("{thing} are counted each May by the harbour master.\n\n"));
        fs::write(desk.path(name), format!("{}{berths} berths are free.\n", text.concat())).unwrap();
        desk.path(name).to_str().unwrap().to_owned()
    };
    let (old, new) = (write("old.txt", "Twelve"), write("new.txt", "Ten"));
    let short = desk.succeed(&["diff", "--format", "text", "--files", &old, &new]);
    let full = desk.succeed(&["diff", "--full", "--files", &old, &new]);
    assert!(short.contains("Twelve") && !short.contains("Pilots"), "{short}");
    assert!(full.contains("Twelve") && full.contains("Pilots are counted"), "{full}");
}

#[test]
fn the_demo_prints_the_events_of_its_site() {
    let lines = Desk::configured("not even read").succeed(&["demo"]);
    let wanted: Vec<_> =
        (0..DemoSite::steps()).flat_map(DemoSite::expected).map(|(_, path)| (*path).to_owned()).collect();
    let paths: Vec<String> = kinds_and_paths(&lines).into_iter().map(|(_, path)| path).collect();
    assert_eq!(paths, wanted);
}
