//! A release that several sources have: watched twice, or by a source that has another name now.

use std::fs;

use crate::support::program::Desk;
use crate::support::server::{Answer, Server};

const STORIES: [&str; 4] = ["fog", "frost", "storm", "tide"];

fn source(id: &str, listing: &str) -> String {
    format!("[[source]]\nid = \"{id}\"\nlistings = [\"{listing}\"]\ninclude = [\"/news/*/\"]\n")
}

fn config(sources: &str) -> String {
    format!(
        "[store]\npath = \"pressdiff.db\"\n[fetch]\nallow_private_addresses = true\nper_host_interval = \"1ms\"\n{sources}"
    )
}

fn publish(server: &Server, ships: u32) {
    let item =
        |name: &&str| format!("<li><time>3 March 2026</time> <a href='/news/{name}/'>About the {name} at sea</a></li>");
    let items: String = STORIES.iter().map(item).collect();
    for listing in ["/news/", "/press/"] {
        server
            .on(listing, Answer::html(format!("<html><body><main><h1>News</h1><ul>{items}</ul></main></body></html>")));
    }
    for name in STORIES {
        let ships = if name == "storm" { ships } else { 12 };
        let text =
            format!("The quay counted {ships} ships before the {name}, and the pilots of the {name} went home early.");
        let page = format!("<html><body><main><h1>About the {name} at sea</h1><p>{text}</p></main></body></html>");
        server.on(&format!("/news/{name}/"), Answer::html(page));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_of_two_watched_sources_is_told_of_one_and_the_other_is_named() {
    let server = Server::start().await;
    publish(&server, 12);
    let sources = source("first", server.url("/news/").as_str()) + &source("second", server.url("/press/").as_str());
    let desk = Desk::configured(&config(&sources));
    desk.succeed(&["check"]);
    let url = server.url("/news/storm/");
    for command in ["history", "explain", "show"] {
        let ran = desk.run(&[command, url.as_str()]);
        assert!(ran.status == 0 && ran.err.contains("source first; also watched as one of: second"), "{ran:#?}");
    }
    for id in ["first", "second"] {
        let file = desk.path(&format!("{id}.warc"));
        desk.succeed(&["export", "--format", "warc", "--source", id, "-o", file.to_str().unwrap()]);
        let text = String::from_utf8_lossy(&fs::read(&file).unwrap()).to_ascii_lowercase();
        let owners: Vec<&str> =
            text.lines().filter_map(|line| line.strip_prefix("warc-x-pressdiff-source: ")).collect();
        assert_eq!(owners, [id; 4]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_is_told_as_that_of_the_source_that_is_still_watched() {
    let server = Server::start().await;
    publish(&server, 12);
    let listing = server.url("/news/");
    let desk = Desk::configured(&config(&source("old", listing.as_str())));
    desk.succeed(&["check"]);
    fs::write(desk.path("pressdiff.toml"), config(&source("new", listing.as_str()))).unwrap();
    desk.succeed(&["check"]);
    publish(&server, 15);
    desk.succeed(&["check"]);
    let url = server.url("/news/storm/");
    let history = desk.run(&["history", url.as_str()]);
    assert!(history.out.contains("source new,") && history.out.contains("version 2"), "{history:#?}");
    assert_eq!(history.err, "", "nobody else watches it");
    assert!(desk.succeed(&["diff", url.as_str()]).contains("15"));
    assert!(desk.succeed(&["show", url.as_str()]).contains("15 ships"));
    assert!(desk.succeed(&["explain", url.as_str()]).contains("source new,"));
    // What only an earlier source had is still told.
    fs::write(desk.path("pressdiff.toml"), config(&source("other", server.url("/empty/").as_str()))).unwrap();
    assert!(desk.succeed(&["history", url.as_str()]).contains("source old,"));
}
