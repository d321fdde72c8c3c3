//! `keep` rules: what a user sees of pages that were thinned out.

use std::fs;
use std::path::Path;

use pressdiff::domain::address::identity;
use pressdiff::domain::model::{Discovery, Fetched, SourceId};
use pressdiff::store::{NewRelease, Store};
use pressdiff::warc::{WarcFile, capture_of};
use rusqlite::Connection;

use crate::support::program::Desk;

/// Days of 2019 on which the page was captured.
const DAYS: u32 = 60;

fn desk(keep: &str) -> Desk {
    Desk::configured(&format!(
        "[store]\npath = \"pressdiff.db\"\n\
         [[source]]\nid = \"harbour\"\nname = \"Harbour\"\nlistings = [\"https://harbour.example/news/\"]\n\
         include = [\"/news/*/\"]\nkeep = \"{keep}\"\n"
    ))
}

fn capture(day: u32) -> String {
    capture_of_ships(day, if day < 20 { 12 } else { 14 })
}

fn capture_of_ships(day: u32, ships: u32) -> String {
    let items = (0..60).map(|n| format!("<li><a href=\"/section/{n}/\">Section number {n}</a></li>"));
    let menu = items.collect::<Vec<_>>().concat();
    let body = format!(
        "<!doctype html><html><head><title>About pilots</title><meta name=\"token\" content=\"{day}\"></head><body>\
         <nav><ul>{menu}</ul></nav><main><h1>About pilots</h1><p>The harbour counted {ships} ships in the morning, and \
         the pilots went home early because of the fog.</p><p>Nobody was hurt, the master of the port said on Monday, \
         and the quay will open again tomorrow.</p></main></body></html>"
    );
    let http = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{body}");
    format!(
        "WARC/1.1\r\nWARC-Type: response\r\nWARC-Date: 2019-{:02}-{:02}T10:00:00Z\r\n\
         WARC-Target-URI: https://harbour.example/news/pilots/\r\nContent-Type: application/http; msgtype=response\r\n\
         Content-Length: {}\r\n\r\n{http}\r\n\r\n",
        1 + day / 28,
        1 + day % 28,
        http.len()
    )
}

fn import(desk: &Desk) {
    import_all(desk, (0..DAYS).map(capture).collect());
}

fn import_all(desk: &Desk, captures: String) {
    fs::write(desk.path("old.warc"), captures).unwrap();
    desk.succeed(&["import", "--source", "harbour", desk.path("old.warc").to_str().unwrap()]);
}

/// What an import leaves that is killed after its first transactions.
#[tokio::main]
async fn import_and_die(desk: &Desk) {
    fs::write(desk.path("old.warc"), (0..DAYS).map(capture).collect::<String>()).unwrap();
    let mut file = WarcFile::open(&desk.path("old.warc")).unwrap();
    let mut captures: Vec<Fetched> = Vec::new();
    while let Some(found) = file.next_record() {
        captures.push(capture_of(&file.read_at(found.unwrap().0).unwrap()).unwrap());
    }
    let (store, source) = (Store::open(&desk.path("pressdiff.db")).unwrap(), SourceId("harbour".to_owned()));
    store.sync_sources(vec![(source.clone(), "Harbour".to_owned())]).await.unwrap();
    let release = NewRelease {
        url: captures[0].url.clone(),
        identity: identity(&captures[0].url),
        title: String::new(),
        day: None,
        found_by: Discovery::Page,
        found_at: captures[0].fetched_at,
        announce: false,
    };
    store.add_releases(&source, vec![release]).await.unwrap();
    store.save_captures(&source, captures).await.unwrap();
}

fn number(desk: &Desk, sql: &str) -> u32 {
    Connection::open(desk.path("pressdiff.db")).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
}

fn export(desk: &Desk, file: &Path) -> (usize, String) {
    let ran = desk.run(&["export", "--format", "warc", "-o", file.to_str().unwrap()]);
    assert_eq!(ran.status, 0, "{ran:#?}");
    (fs::read_to_string(file).unwrap().matches("WARC-Type: response").count(), ran.err)
}

#[test]
fn nothing_is_thinned_out_unless_it_is_asked_for() {
    let desk = desk("forever");
    import(&desk);
    desk.succeed(&["repack"]);
    assert_eq!(number(&desk, "SELECT count(*) FROM bodies WHERE encoding = 2"), 0);
    let (records, told) = export(&desk, &desk.path("all.warc"));
    assert_eq!((records, told.contains("left out")), (60, false));
}

#[test]
fn a_rule_thins_out_what_made_no_version_and_the_record_says_so() {
    let desk = desk("90d");
    import(&desk);
    let ran = desk.run(&["repack"]);
    // Three runs are over; their first bodies stay, and the one that made the second version.
    assert!(ran.status == 0 && ran.err.contains("harbour: 44 bodies thinned out, by the rule to keep 90d"), "{ran:#?}");
    let again = desk.run(&["repack"]).err;
    assert!(again.contains("harbour: 0 bodies") && again.contains("nothing to pack yet"), "{again}");
    desk.succeed(&["verify"]);
    for version in ["1", "2"] {
        let raw = desk.succeed(&["show", "--raw", "--version", version, "https://harbour.example/news/pilots/"]);
        assert!(raw.contains(if version == "1" { "12 ships" } else { "14 ships" }));
    }
    desk.succeed(&["reextract"]);
    let (records, told) = export(&desk, &desk.path("left.warc"));
    assert!(records == 16 && told.contains("left.warc: 16 snapshots"), "{records} {told}");
    assert!(told.contains("44 snapshots left out: thinned out by a keep rule"), "{told}");
    // What was thinned out is still a link, and the thinning is one.
    assert_eq!(number(&desk, "SELECT count(*) FROM snapshots"), 60);
    let chain = desk.succeed(&["export", "--format", "chain"]);
    assert!(chain.contains("[\"thinning\",1,") && chain.contains("\"90d\""));
    let lost = "UPDATE bodies SET encoding = 2, data = x'', base = NULL, depth = 0 WHERE id = 60";
    Connection::open(desk.path("pressdiff.db")).unwrap().execute_batch(lost).unwrap();
    let ran = desk.run(&["verify"]);
    assert!(ran.status == 1 && (ran.out + &ran.err).contains("no rule thinned it out"));
}

#[test]
fn an_import_that_was_interrupted_goes_on_after_a_rule_has_been_at_work() {
    let desk = desk("90d");
    import_and_die(&desk);
    desk.succeed(&["repack"]);
    import(&desk);
    desk.succeed(&["verify"]);
    for (version, ships) in [("1", "12 ships"), ("2", "14 ships")] {
        let raw = desk.succeed(&["show", "--raw", "--version", version, "https://harbour.example/news/pilots/"]);
        assert!(raw.contains(ships), "{version}");
    }
}

#[test]
fn a_latest_page_without_bytes_ends_neither_an_import_nor_a_reextraction() {
    let desk = desk("forever");
    import_all(&desk, (0..21).map(capture).collect());
    let thinned = "UPDATE bodies SET encoding = 2, data = x'', base = NULL, depth = 0
        WHERE id = (SELECT s.body FROM versions v JOIN snapshots s ON s.id = v.snapshot ORDER BY v.number DESC LIMIT 1)";
    Connection::open(desk.path("pressdiff.db")).unwrap().execute_batch(thinned).unwrap();
    desk.succeed(&["reextract"]);
    import_all(&desk, (21..25).map(|day| capture_of_ships(day, 16)).collect());
    assert_eq!(number(&desk, "SELECT count(*) FROM versions"), 3);
    let shown = desk.succeed(&["show", "https://harbour.example/news/pilots/"]);
    assert!(shown.contains("16 ships"), "{shown}");
}
