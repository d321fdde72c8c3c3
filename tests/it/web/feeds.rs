//! Feeds as the pages serve them: found from every page, the same events as the list, made again only for news.

use std::fs;
use std::path::Path;

use feed_rs::model::Feed;

use super::site::{Pages, hostile_day, source};

async fn read(pages: &Pages, path: &str) -> Feed {
    let answer = pages.request(path).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    assert_eq!(answer.headers()["content-type"], "application/atom+xml; charset=utf-8");
    feed_rs::parser::parse(answer.bytes().await.unwrap().as_ref()).unwrap()
}

/// For the check against the grammar of RFC 4287 in `.ci/run`.
async fn keep(pages: &Pages, path: &str, name: &str) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("feeds");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(name), pages.page(path).await).unwrap();
}

fn link<'f>(links: &'f [feed_rs::model::Link], relation: &str) -> &'f str {
    let link = links.iter().find(|link| link.rel.as_deref() == Some(relation));
    &link.unwrap_or_else(|| panic!("no {relation} in {links:?}")).href
}

async fn day() -> Pages {
    let pages = Pages::with(|_| {}, vec![source()]).await;
    hostile_day(&pages.store, 2).await;
    pages
}

#[tokio::test]
async fn every_page_names_the_feeds() {
    let pages = day().await;
    let all = "<link rel=\"alternate\" type=\"application/atom+xml\" title=\"pressdiff\" href=\"/events.atom\">";
    for path in
        ["/", "/events/1", "/releases/1", "/sources", "/sources/harbour", "/search", "/alerts", "/keys", "/feeds"]
    {
        assert!(pages.page(path).await.contains(all), "{path}");
    }
    let narrow = pages.page("/?kind=edited&order=newest&from=2026-06-01").await;
    assert!(narrow.contains("href=\"/inbox.atom?kind=edited&#38;from=2026-06-01&#38;zone=UTC\""), "{narrow}");
    assert!(pages.page("/sources/harbour").await.contains("href=\"/sources/harbour/events.atom\""));
    for line in pages.page("/feeds").await.lines().filter(|line| line.starts_with("<dt>")) {
        let path = line.split("href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&#38;", "&");
        read(&pages, &path).await;
    }
}

#[tokio::test]
async fn an_entry_leads_to_its_review_and_to_the_page() {
    let pages = day().await;
    let feed = read(&pages, "/events.atom").await;
    assert_eq!(feed.entries.len(), 4);
    assert_eq!(link(&feed.links, "self"), pages.url("/events.atom"));
    assert_eq!(link(&feed.links, "alternate"), pages.url("/?shelf=all"));
    let entry = &feed.entries[0];
    assert_eq!(link(&entry.links, "alternate"), pages.url("/events/4"));
    assert!(link(&entry.links, "related").starts_with("https://harbour.example/news/"));
    let html = entry.content.as_ref().unwrap().body.as_ref().unwrap();
    assert!(html.contains(">15.9</ins>") && !html.contains("<script"), "{html}");
    assert_eq!(entry.id, read(&pages, "/sources/harbour/events.atom").await.entries[0].id, "an event is one entry");
    keep(&pages, "/inbox.atom?kind=edited&words=release", "served.atom").await;
    assert_eq!(pages.request("/sources/nobody/events.atom").send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn the_feed_of_a_list_has_what_the_list_has() {
    let pages = day().await;
    for (query, entries) in [("", 4), ("?kind=edited", 2), ("?kind=edited&words=release+1", 1), ("?shelf=starred", 0)] {
        assert_eq!(read(&pages, &format!("/inbox.atom{query}")).await.entries.len(), entries, "{query}");
    }
    pages.submit("/events/2/review", &[("star", "1"), ("reviewed", "1")]).await;
    for (query, entries) in [("", 3), ("?shelf=all", 4), ("?shelf=starred", 1), ("?to=2026-06-02", 0)] {
        assert_eq!(read(&pages, &format!("/inbox.atom{query}")).await.entries.len(), entries, "{query}");
    }
    let feed = read(&pages, "/inbox.atom?kind=edited&token=secret").await;
    assert_eq!(feed.title.unwrap().content, "pressdiff: inbox, kind edited");
    assert_eq!(link(&feed.links, "self"), pages.url("/inbox.atom?kind=edited"), "without the token");
}

#[tokio::test]
async fn a_reader_that_has_everything_gets_nothing() {
    let pages = day().await;
    let path = "/inbox.atom";
    let first = pages.request(path).send().await.unwrap();
    let tag = first.headers()["etag"].to_str().unwrap().to_owned();
    let at = first.headers()["last-modified"].to_str().unwrap().to_owned();
    assert_eq!(at, "Wed, 03 Jun 2026 11:00:00 GMT");
    let ask = async |name: &str, value: &str| {
        let answer = pages.request(path).header(name, value).send().await.unwrap();
        let status = answer.status().as_u16();
        assert!(status == 200 || answer.headers()["etag"] == tag.as_str());
        assert!(status == 200 || answer.text().await.unwrap().is_empty());
        status
    };
    let strong = tag.trim_start_matches("W/").to_owned();
    for (name, value) in [
        ("If-None-Match", tag.clone()),
        ("If-None-Match", strong),
        ("If-None-Match", format!("\"other\", {tag}")),
        ("If-None-Match", "*".to_owned()),
        ("If-Modified-Since", at.clone()),
    ] {
        assert_eq!(ask(name, &value).await, 304, "{name}: {value}");
    }
    assert_eq!(ask("If-None-Match", "\"other\"").await, 200);
    assert_eq!(ask("If-Modified-Since", "Wed, 03 Jun 2026 12:00:00 GMT").await, 200, "it was never told");
    pages.submit("/events/4/review", &[("reviewed", "1")]).await;
    assert_eq!(ask("If-None-Match", &tag).await, 200, "the list is another one now");
}

#[tokio::test]
async fn a_feed_without_events_is_a_feed() {
    let pages = Pages::open().await;
    let feed = read(&pages, "/events.atom").await;
    assert!(feed.entries.is_empty() && feed.updated.is_some());
}
