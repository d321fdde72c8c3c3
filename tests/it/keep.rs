//! `keep` rules: what a user sees of pages that were thinned out.

use std::fs;
use std::path::Path;

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
    let items = (0..60).map(|n| format!("<li><a href=\"/section/{n}/\">Section number {n}</a></li>"));
    let menu = items.collect::<Vec<_>>().concat();
    let ships = if day < 20 { 12 } else { 14 };
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
    fs::write(desk.path("old.warc"), (0..DAYS).map(capture).collect::<String>()).unwrap();
    desk.succeed(&["import", "--source", "harbour", desk.path("old.warc").to_str().unwrap()]);
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
    assert_eq!(number(&desk, "SELECT count(*) FROM bodies WHERE encoding = 'thinned'"), 0);
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
    assert!(desk.run(&["repack"]).err.contains("harbour: 0 bodies"));
    desk.succeed(&["verify"]);
    for version in ["1", "2"] {
        let raw = desk.succeed(&["show", "--raw", "--version", version, "https://harbour.example/news/pilots/"]);
        assert!(raw.contains(if version == "1" { "12 ships" } else { "14 ships" }));
    }
    desk.succeed(&["reextract"]);
    let (records, told) = export(&desk, &desk.path("left.warc"));
    assert_eq!(records, 16);
    assert!(told.contains("44 snapshots left out: they were thinned out by a keep rule"), "{told}");
    // What was thinned out is still a link, and the thinning is one.
    assert_eq!(number(&desk, "SELECT count(*) FROM snapshots"), 60);
    let chain = desk.succeed(&["export", "--format", "chain"]);
    assert!(chain.contains("[\"thinning\",1,") && chain.contains("\"90d\""));
    let lost = "UPDATE bodies SET encoding = 'thinned', data = x'', base = NULL, depth = 0 WHERE id = 60";
    Connection::open(desk.path("pressdiff.db")).unwrap().execute_batch(lost).unwrap();
    let ran = desk.run(&["verify"]);
    assert!(ran.status == 1 && (ran.out + &ran.err).contains("no rule thinned it out"));
}
