//! A record that came of checks, given out and taken in elsewhere.

use super::*;
use crate::support::server::{Answer, Server};

fn run(desk: &Desk, arguments: &[&str]) -> Ran {
    tokio::task::block_in_place(|| desk.run(arguments))
}

/// Four releases: two stand in an archive to which their addresses lead.
fn publish(server: &Server, ships: u32) {
    let links = (0..4).map(|n| format!("<li><a href=\"/news/story-{n}/\">The story number {n}</a></li>"));
    let links = links.collect::<Vec<_>>().concat();
    server.on("/news/", Answer::html(format!("<html><body><h1>News</h1><ul>{links}</ul></body></html>")));
    for number in 0..2 {
        server.on(&format!("/news/story-{number}/"), Answer::redirect(302, &format!("/archive/{number}.html")));
        server.on(&format!("/archive/{number}.html"), Answer::html(page(&format!("story {number}"), ships, 1)));
    }
    for number in 2..4 {
        server.on(&format!("/news/story-{number}/"), Answer::html(page(&format!("story {number}"), ships, 1)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_checks_recorded_is_taken_in_as_it_was_also_behind_redirects() {
    let server = Server::start().await;
    let [desk, other] = ["news", "press"].map(|folder| {
        Desk::configured(&format!(
            "[store]\npath = \"pressdiff.db\"\n\
             [fetch]\nallow_private_addresses = true\nper_host_interval = \"1ms\"\ntimeout = \"20s\"\n\
             [[source]]\nid = \"harbour\"\nname = \"Harbour\"\nlistings = [\"{}\"]\n\
             include = [\"/{folder}/*/\"]\n",
            server.url("/news/")
        ))
    });
    for ships in [12, 14] {
        publish(&server, ships);
        let ran = run(&desk, &["check"]);
        assert_eq!(ran.status, 0, "{ran:#?}");
    }
    assert_eq!(snapshots(&desk).len(), 8);
    let file = other.path("b.warc.gz");
    run(&desk, &["export", "--format", "warc", "--output", file.to_str().unwrap()]);
    let ran = run(&other, &["import", file.to_str().unwrap()]);
    assert_eq!(ran.status, 0, "{ran:#?}");
    // Pages that are asked for at once answer in any order.
    let sorted = |desk: &Desk| {
        let mut snapshots = snapshots(desk);
        snapshots.sort_by_key(ToString::to_string);
        snapshots
    };
    assert_eq!(sorted(&other), sorted(&desk), "{ran:#?}");
    let told = |desk: &Desk| {
        let events = events(desk).into_iter();
        let mut told: Vec<String> =
            events.map(|event| format!("{} {} {}", event["kind"], event["url"], event["summary"])).collect();
        told.sort();
        told
    };
    assert_eq!(told(&desk).len(), 4, "{:#?}", told(&desk));
    assert_eq!(told(&other), told(&desk));

    // The source may have moved to another site since.
    let moved = Desk::configured(
        "[store]\npath = \"pressdiff.db\"\n[[source]]\nid = \"harbour\"\nlistings = [\"https://harbour.example/news/\"]\n",
    );
    let ran = run(&moved, &["import", file.to_str().unwrap()]);
    assert_eq!(sorted(&moved), sorted(&desk), "{ran:#?}");
    assert!(ran.err.contains("records of other sites that are taken in, because an export of this source has them"));

    let older = record("response", "2018-01-01T00:00:00Z", "/news/story-2/", "", &answer(200, &page("story 2", 3, 9)));
    let older = older.replace("https://harbour.example/", server.url("/").as_str());
    fs::write(desk.path("older.warc"), older).unwrap();
    let ran = run(&desk, &["import", desk.path("older.warc").to_str().unwrap()]);
    let warned = "1 captures are from before their releases were first read, and make no versions";
    assert!(ran.status == 0 && ran.err.starts_with(warned), "{ran:#?}");
}
