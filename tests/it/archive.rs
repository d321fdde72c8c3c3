//! Histories taken in from archives, given out again, and proven: the program as a user runs it.

mod choice;
mod revisits;
mod round;

use std::fs;
use std::process::{Command, Stdio};

use rusqlite::Connection;
use serde_json::Value;

use crate::support::program::{Desk, Ran};

fn desk() -> Desk {
    Desk::configured(
        "[store]\npath = \"pressdiff.db\"\n\
         [[source]]\nid = \"harbour\"\nname = \"Harbour\"\nlistings = [\"https://harbour.example/news/\"]\n\
         include = [\"/news/*/\"]\nconfirm_removal = { checks = 2, after = \"1h\" }\n\
         [[alert]]\nname = \"log\"\nchannel = \"log\"\npath = \"events.jsonl\"\n",
    )
}

fn page(slug: &str, ships: u32, token: u32) -> String {
    let line = |n: u32| format!("<li><a href=\"/section/{n}/\">Section number {n}</a></li>");
    let menu = (0..60).map(line).collect::<Vec<_>>().concat();
    format!(
        "<!doctype html><html><head><title>About {slug}</title><meta name=\"token\" content=\"{token}\"></head><body>\
         <nav><ul>{menu}</ul></nav><main><h1>About {slug}</h1><p>The harbour of {slug} counted {ships} ships in the \
         morning, and the pilots went home early because of the fog.</p><p>Nobody was hurt, the master of the port \
         said on Monday, and the quay will open again tomorrow.</p></main><footer>Printed for visitor {token}</footer>\
         </body></html>"
    )
}

fn record(kind: &str, at: &str, path: &str, fields: &str, http: &str) -> String {
    format!(
        "WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Date: {at}\r\nWARC-Target-URI: https://harbour.example{path}\r\n{fields}\
         Content-Type: application/http; msgtype=response\r\nContent-Length: {}\r\n\r\n{http}\r\n\r\n",
        http.len()
    )
}

fn answer(status: u16, body: &str) -> String {
    format!("HTTP/1.1 {status} Words\r\nContent-Type: text/html; charset=utf-8\r\nX-Served-By: quay 7\r\n\r\n{body}")
}

/// Captures of two releases, not in the order of time: an edit, a revisit, a removal, and what is no release.
fn archive() -> String {
    let release = |at: &str, slug: &str, ships: u32, token: u32| {
        let digest = format!("WARC-Payload-Digest: sha256:{slug}{ships}{token}\r\n");
        record("response", at, &format!("/news/{slug}/"), &digest, &answer(200, &page(slug, ships, token)))
    };
    [
        "WARC/1.1\r\nWARC-Type: warcinfo\r\nWARC-Date: 2019-01-01T00:00:00Z\r\nContent-Length: 4\r\n\r\na: b\r\n\r\n"
            .to_owned(),
        release("2019-03-03T10:00:00Z", "pilots", 14, 3),
        release("2019-03-01T10:00:00Z", "pilots", 12, 1),
        release("2019-03-02T10:00:00Z", "pilots", 12, 2),
        release("2019-03-01T11:00:00Z", "cranes", 5, 4),
        record("revisit", "2019-03-04T10:00:00Z", "/news/pilots/", "WARC-Payload-Digest: sha256:pilots143\r\n", ""),
        record("response", "2019-03-05T10:00:00Z", "/news/cranes/", "", &answer(404, "gone")),
        record("response", "2019-03-06T10:00:00Z", "/news/cranes/", "", &answer(404, "gone")),
        record("response", "2019-03-01T10:00:00Z", "/about/", "", &answer(200, "<p>About us</p>")),
    ]
    .concat()
}

fn events(desk: &Desk) -> Vec<Value> {
    let lines = desk.succeed(&["events", "--format", "jsonl"]);
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What an export says of snapshots, without the numbers of rows.
fn snapshots(desk: &Desk) -> Vec<Value> {
    let lines = desk.succeed(&["export", "--format", "jsonl"]);
    let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut snapshots: Vec<Value> = lines.filter(|line| line["type"] == "snapshot").collect();
    snapshots.iter_mut().for_each(|line| line["id"] = Value::Null);
    snapshots
}

fn imported() -> Desk {
    let desk = desk();
    fs::write(desk.path("a.warc"), archive()).unwrap();
    let file = desk.path("a.warc");
    desk.succeed(&["import", "--source", "harbour", file.to_str().unwrap()]);
    desk
}

#[test]
fn an_archive_becomes_history_and_nobody_is_alerted() {
    let desk = imported();
    let told: Vec<String> = events(&desk)
        .iter()
        .map(|event| {
            let words = |key: &str| event[key].as_str().unwrap().to_owned();
            format!("{} {} {}", words("at"), words("kind"), words("url"))
        })
        .collect();
    assert_eq!(
        told,
        [
            "2019-03-03T10:00:00Z edited https://harbour.example/news/pilots/",
            "2019-03-06T10:00:00Z removed https://harbour.example/news/cranes/",
        ]
    );
    assert!(events(&desk).iter().all(|event| event["reasons"][0] == "imported"));
    let history = desk.succeed(&["history", "https://harbour.example/news/pilots/"]);
    assert!(
        history.contains("2019-03-01 10:00") && history.contains("version 2") && !history.contains("version 3"),
        "{history}"
    );
    let diff = desk.succeed(&["diff", "https://harbour.example/news/pilots/"]);
    assert!(diff.contains("12") && diff.contains("14"), "{diff}");
    assert_eq!(desk.log(), "", "nobody is alerted");
    assert_eq!(snapshots(&desk).len(), 7);
}

#[test]
fn the_same_archive_again_changes_nothing() {
    let desk = imported();
    let before = (snapshots(&desk), events(&desk));
    let file = desk.path("a.warc");
    let ran = desk.run(&["import", "--source", "harbour", file.to_str().unwrap()]);
    assert!(ran.status == 0 && ran.err.contains("0 captures taken in") && ran.err.contains("7 were known"), "{ran:#?}");
    assert_eq!((snapshots(&desk), events(&desk)), before);
}

#[test]
fn captures_older_than_the_history_are_kept_without_versions() {
    let desk = imported();
    let older = record("response", "2018-01-01T00:00:00Z", "/news/pilots/", "", &answer(200, &page("pilots", 3, 9)));
    fs::write(desk.path("older.warc"), older).unwrap();
    let file = desk.path("older.warc");
    let ran = desk.run(&["import", "--source", "harbour", file.to_str().unwrap()]);
    assert!(ran.status == 0 && ran.err.contains("1 are older"), "{ran:#?}");
    assert_eq!((snapshots(&desk).len(), events(&desk).len()), (8, 2));
}

#[test]
fn a_broken_record_is_named_and_the_rest_is_taken_in() {
    let desk = desk();
    let broken = "WARC/1.1\r\nWARC-Type: response\r\nContent-Length: many\r\n\r\n\r\n\r\n";
    fs::write(desk.path("a.warc"), format!("{broken}{}", archive())).unwrap();
    let file = desk.path("a.warc");
    let ran = desk.run(&["import", "--source", "harbour", file.to_str().unwrap()]);
    assert!(ran.status == 1 && ran.err.contains("a.warc: the record at byte 0 is broken"), "{ran:#?}");
    assert_eq!(snapshots(&desk).len(), 7);
}

#[test]
fn an_export_taken_in_again_is_the_same_record() {
    let (desk, other) = (imported(), desk());
    let file = other.path("b.warc.gz");
    desk.succeed(&["export", "--format", "warc", "--output", file.to_str().unwrap()]);
    other.succeed(&["import", "--source", "harbour", file.to_str().unwrap()]);
    assert_eq!(snapshots(&other), snapshots(&desk));
    let without_ids = |desk: &Desk| {
        let mut events = events(desk);
        events.iter_mut().for_each(|event| event["id"] = Value::Null);
        events
    };
    assert_eq!(without_ids(&other), without_ids(&desk));
}

#[test]
fn what_is_there_is_replaced_only_by_force() {
    let desk = imported();
    let file = desk.path("mine.txt");
    let name = file.to_str().unwrap();
    for command in [vec!["export", "--format", "csv", "-o", name], vec!["attest", "--request", name]] {
        fs::write(&file, "mine").unwrap();
        let refused = desk.run(&command);
        assert!(refused.status == 2 && refused.err.contains("is there already; --force replaces it"), "{refused:#?}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
        let forced = desk.run(&[command.as_slice(), &["--force"]].concat());
        assert!(forced.status == 0 && forced.err.contains(&format!("wrote {name}")), "{forced:#?}");
        assert_ne!(fs::read(&file).unwrap(), b"mine");
    }
    let store = desk.path("pressdiff.db");
    let over_store = desk.run(&["export", "--format", "csv", "--force", "-o", store.to_str().unwrap()]);
    assert!(over_store.status == 2 && over_store.err.contains("the store itself"), "{over_store:#?}");
}

#[test]
fn an_export_replaces_no_pipe_and_no_file_of_others() {
    let desk = imported();
    let expected = desk.succeed(&["export", "--format", "csv"]);
    assert_eq!(desk.succeed(&["export", "--format", "csv", "-o", "-"]), expected);
    let pipe = desk.path("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for force in [None, Some("--force")] {
        let reader = Command::new("cat").arg(&pipe).stdout(Stdio::piped()).spawn().unwrap();
        let arguments = ["export", "--format", "csv", "-o", pipe.to_str().unwrap()].into_iter().chain(force);
        desk.succeed(&arguments.collect::<Vec<_>>());
        assert_eq!(String::from_utf8(reader.wait_with_output().unwrap().stdout).unwrap(), expected);
        assert!(fs::metadata(&pipe).is_ok_and(|what| !what.is_file()), "it is still a pipe");
    }
    let (file, mine) = (desk.path("out.csv"), desk.path("out.csv.part"));
    fs::write(&mine, "mine").unwrap();
    desk.succeed(&["export", "--format", "csv", "-o", file.to_str().unwrap()]);
    assert_eq!((fs::read_to_string(&file).unwrap(), fs::read_to_string(&mine).unwrap()), (expected, "mine".to_owned()));
}

#[test]
fn an_export_tells_how_much_it_wrote() {
    let desk = imported();
    for (format, told) in
        [("csv", ": 4 rows\n"), ("jsonl", " lines\n"), ("warc", ": 7 snapshots\n"), ("chain", " links\n")]
    {
        let file = desk.path(format);
        let ran = desk.run(&["export", "--format", format, "-o", file.to_str().unwrap()]);
        assert!(ran.status == 0 && ran.err.contains(told), "{format}: {ran:#?}");
        if matches!(format, "jsonl" | "chain") {
            let lines = fs::read_to_string(&file).unwrap().lines().count();
            assert!(ran.err.contains(&format!(": {lines} ")), "{format}: {ran:#?}");
        }
    }
}

#[test]
fn csv_has_releases_and_events() {
    let csv = imported().succeed(&["export", "--format", "csv"]);
    let rows: Vec<&str> = csv.split("\r\n").collect();
    assert!(rows[0].starts_with("row,id,source,at,kind,url"));
    assert_eq!(rows.iter().filter(|row| row.starts_with("release,")).count(), 2);
    assert_eq!(rows.iter().filter(|row| row.starts_with("event,")).count(), 2);
}

#[test]
fn the_record_is_proven_and_damage_is_named() {
    let desk = imported();
    let report = desk.succeed(&["verify"]);
    assert!(report.contains("7  snapshots") && report.contains("all is sound"), "{report}");
    let head = desk.succeed(&["attest"]);
    let link = head.lines().find_map(|line| line.strip_prefix("head   ")).unwrap();
    assert!(desk.succeed(&["verify", "--link", link]).contains(link));
    let other = desk.run(&["verify", "--link", &link.replace(['a', '1'], "2")]);
    assert!(other.status == 1 && other.err.contains("sound in itself, but link"), "{other:#?}");
    assert!(!other.out.contains("all is sound"), "{other:#?}");
    let malformed = desk.run(&["verify", "--link", "12ab"]);
    assert_eq!((malformed.status, malformed.out.as_str()), (2, ""), "it is refused before anything is verified");

    let connection = Connection::open(desk.path("pressdiff.db")).unwrap();
    connection.execute_batch("DROP TRIGGER events_stay; UPDATE events SET summary = 'nothing' WHERE id = 1").unwrap();
    drop(connection);
    let ran = desk.run(&["verify"]);
    assert!(ran.status == 1 && ran.err.contains("event 1 is not as it was recorded"), "{ran:#?}");
}

/// The answer of a command that may not be there.
fn outside(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn an_outsider_computes_the_same_chain() {
    let desk = imported();
    fs::write(desk.path("chain.jsonl"), desk.succeed(&["export", "--format", "chain"])).unwrap();
    let head = desk.succeed(&["attest"]);
    let document = include_str!("../../docs/evidence.md");
    let script = document.split("python3 -c '").nth(1).unwrap().split("'\n").next().unwrap();
    let script = script.lines().map(|line| line.strip_prefix("    ").unwrap_or(line)).collect::<Vec<_>>().join("\n");
    let script = script.replace("sys.stdin", &format!("open({:?}, encoding='utf-8')", desk.path("chain.jsonl")));
    let Some(computed) = outside("python3", &["-c", &script]) else { return };
    assert!(head.contains(computed.trim()) && computed.trim().len() == 64, "{head} {computed}");
}

#[test]
fn a_request_for_a_time_stamp_is_one_that_others_read() {
    let desk = imported();
    let file = desk.path("head.tsq");
    let head = desk.succeed(&["attest", "--request", file.to_str().unwrap()]);
    let link = head.lines().find_map(|line| line.strip_prefix("head   ")).unwrap();
    let Some(read) = outside("openssl", &["ts", "-query", "-in", file.to_str().unwrap(), "-text"]) else { return };
    let digits: String = read
        .lines()
        .filter_map(|line| line.trim().split_once(" - "))
        .flat_map(|(_, bytes)| bytes.chars().take(48))
        .filter(char::is_ascii_hexdigit)
        .collect();
    assert!(read.contains("sha256") && read.contains("Nonce: 0x"), "{read}");
    assert_eq!(digits, link);

    // Something else than an answer.
    let ran = desk.run(&["attest", "--answer", file.to_str().unwrap()]);
    assert!(ran.status == 1 && ran.err.contains("does not grant a time stamp"), "{ran:#?}");
}

#[test]
fn an_answer_is_kept_only_if_it_is_signed_and_about_this_record() {
    let desk = imported();
    let fixture = |name: &str| format!("{}/tests/fixtures/stamp/{name}", env!("CARGO_MANIFEST_DIR"));
    let keep = |ca: &str| desk.run(&["attest", "--answer", &fixture("answer.tsr"), "--ca", &fixture(ca)]);
    let stranger = keep("stranger.pem");
    assert!(stranger.status == 1 && stranger.err.contains("proves nothing"), "{stranger:#?}");
    let other = keep("root.pem");
    assert!(other.status == 1 && other.err.contains("no link of this record is 0707"), "{other:#?}");
}

#[test]
fn answers_that_are_kept_are_given_out_as_they_came() {
    let desk = imported();
    let head = desk.succeed(&["attest"]);
    let link = head.lines().find_map(|line| line.strip_prefix("head   ")).unwrap();
    let bytes: Vec<u8> = (0..64).step_by(2).map(|at| u8::from_str_radix(&link[at..at + 2], 16).unwrap()).collect();
    // An answer about this link; whether somebody signed it, nobody asks here.
    let mut answer = fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/stamp/answer.tsr")).unwrap();
    let at = answer.windows(32).position(|window| window == [7; 32]).unwrap();
    answer[at..at + 32].copy_from_slice(&bytes);
    let (file, folder) = (desk.path("head.tsr"), desk.path("stamps"));
    fs::write(&file, &answer).unwrap();
    desk.succeed(&["attest", "--answer", file.to_str().unwrap()]);
    // Twice, because what is there already is no obstacle.
    for _ in 0..2 {
        let told = desk.succeed(&["attest", "--kept", folder.to_str().unwrap()]);
        let (name, given) = (told.trim().rsplit(' ').next().unwrap(), fs::read_dir(&folder).unwrap().count());
        assert!(told.contains(link) && given == 1, "{told}");
        assert_eq!(fs::read(name).unwrap(), answer);
    }
    fs::write(folder.join(fs::read_dir(&folder).unwrap().next().unwrap().unwrap().file_name()), "other").unwrap();
    let ran = desk.run(&["attest", "--kept", folder.to_str().unwrap()]);
    assert!(ran.status == 1 && ran.err.contains("cannot write"), "{ran:?}");
}
