//! A source of which nothing can be watched says so: silence would look like a site on which nothing happens.

use crate::support::program::Desk;
use crate::support::server::{Answer, Server};

const LISTING: &str = "<html><body><h1>News</h1><ul>\
    <li><span>3 June 2026</span> <a href='/news/fog/'>Fog over the quay and the basin</a></li>\
    <li><span>2 June 2026</span> <a href='/news/frost/'>Frost over the quay and the basin</a></li>\
    <li><span>1 June 2026</span> <a href='/news/storm/'>Storm over the quay and the basin</a></li></ul></body></html>";
const SHELL: &str = "<html><head><title>Harbour office</title></head><body><div id='app'></div>\
    <noscript>This site is made for browsers that run scripts.</noscript></body></html>";
const RELEASES: [&str; 3] = ["/news/fog/", "/news/frost/", "/news/storm/"];

/// Kind, reasons and summary of the events of a check, and what it said of the source.
fn check(desk: &Desk) -> (Vec<String>, String) {
    let before = desk.log().lines().count();
    let said = tokio::task::block_in_place(|| desk.run(&["check"])).err;
    let log = desk.log();
    let events = log.lines().skip(before).map(|line| {
        let event: serde_json::Value = serde_json::from_str(line).unwrap();
        let reasons: Vec<&str> = event["reasons"].as_array().unwrap().iter().filter_map(|word| word.as_str()).collect();
        format!("{} {}: {}", event["kind"].as_str().unwrap(), reasons.join(" "), event["summary"].as_str().unwrap())
    });
    (events.collect(), said)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_that_shows_the_same_shell_at_every_address_is_told_of_at_once() {
    let server = Server::answering(|_| Answer::html(SHELL)).await;
    server.on("/robots.txt", Answer::status(404));
    server.on("/news/", Answer::html(LISTING));
    let desk = Desk::watching(&server.url("/news/"));
    let (events, said) = check(&desk);
    assert_eq!(
        events,
        ["site unreadable: none of 3 releases can be read: they show what the site shows at addresses that \
                         do not exist, as one does that needs a browser"]
    );
    assert!(said.contains("demo: unreadable since "), "{said}");
    assert_eq!(check(&desk).0, Vec::<String>::new(), "told once");
    for path in RELEASES {
        let text = format!(
            "<html><body><main><h1>{path} of the day</h1><p>The harbour office reports {path}, and asks all pilots to \
             wait outside the basin until there is no more {path} over the quay.</p></main></body></html>"
        );
        server.on(path, Answer::html(text));
    }
    assert_eq!(check(&desk).0, ["site unreadable recovered: the time without readable pages is over"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn releases_that_were_never_there_are_told_of_and_removed_ones_are_not() {
    let server = Server::start().await;
    server.on("/news/", Answer::html(LISTING));
    let desk = Desk::watching(&server.url("/news/"));
    let (events, _) = check(&desk);
    assert_eq!(
        events,
        ["site unreadable: none of 3 releases can be read: their addresses answer that there is nothing"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listing_in_which_no_releases_are_found_is_told_of_at_once() {
    let server = Server::start().await;
    server.on("/news/", Answer::html(SHELL));
    let desk = Desk::watching(&server.url("/news/"));
    let (events, said) = check(&desk);
    assert_eq!(
        events,
        ["site empty-listing: no releases were found on /news/: is it the page that lists them, and does it do so \
          without a browser?"]
    );
    assert!(said.contains("demo: empty-listing since "), "{said}");
    assert_eq!(check(&desk).0, Vec::<String>::new(), "told once");
}

fn feed(names: &[&str], server: &Server) -> Answer {
    let item = |name: &&str| {
        let url = server.url(&format!("/news/{name}/"));
        format!("<item><title>{name} over the quay</title><link>{url}</link><guid>{url}</guid></item>")
    };
    let items: String = names.iter().map(item).collect();
    let rss = format!("<rss version=\"2.0\"><channel><title>Harbour office</title>{items}</channel></rss>");
    Answer::with(200, &[("Content-Type", "application/rss+xml")], rss)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_names_nothing_any_more_is_told_of_if_nothing_else_names_releases() {
    let server = Server::start().await;
    server.on("/feed/", feed(&["fog", "frost"], &server));
    for name in ["fog", "frost"] {
        let text = format!(
            "<html><body><main><h1>{name} over the quay</h1><p>The harbour office reports {name}, and asks all pilots \
             to wait outside the basin until there is no more {name} over the quay.</p></main></body></html>"
        );
        server.on(&format!("/news/{name}/"), Answer::html(text));
    }
    let desk = Desk::configured(&format!(
        "[store]\npath = \"pressdiff.db\"\n[fetch]\nallow_private_addresses = true\nper_host_interval = \"1ms\"\n\
         [[source]]\nid = \"demo\"\nfeeds = [\"{}\"]\n[[alert]]\nname = \"log\"\nchannel = \"log\"\npath = \"events.jsonl\"\n",
        server.url("/feed/")
    ));
    assert_eq!(check(&desk).0, Vec::<String>::new());
    server.on("/feed/", feed(&[], &server));
    assert_eq!(check(&desk).0, ["site empty-listing: no releases on /feed/"]);
    server.on("/feed/", feed(&["fog", "frost"], &server));
    assert_eq!(check(&desk).0, ["site empty-listing recovered: the empty listing is over"]);
}
