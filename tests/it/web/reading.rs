//! What readers see of a day of changes, and what they do with it.

use chrono::TimeDelta;
use pressdiff::domain::model::NextCheck;

use super::site::{Pages, fail_to_deliver, hostile_day, location, noon, remove_release};

/// The rows of a list, as the ids of their events.
fn rows(page: &str) -> Vec<i64> {
    page.split("data-event=\"").skip(1).map(|rest| rest.split('"').next().unwrap().parse().unwrap()).collect()
}

#[tokio::test]
async fn an_empty_store_says_what_will_appear() {
    let pages = Pages::open().await;
    assert!(pages.page("/").await.contains("Nothing is watched yet"));
    assert!(pages.page("/sources").await.contains("appears here"));
    assert!(pages.page("/search").await.contains("Finds words in every version"));
    assert_eq!(pages.request("/events/1").send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn the_inbox_is_emptied_one_by_one_and_all_at_once() {
    let pages = Pages::open().await;
    hostile_day(&pages.store, 3).await;
    let page = pages.page("/").await;
    assert_eq!(rows(&page), [6, 4, 2, 5, 3, 1], "major ones first, then the newest");
    assert!(page.contains("6 not reviewed"), "{page}");
    assert_eq!(rows(&pages.page("/?order=newest").await), [6, 5, 4, 3, 2, 1]);
    assert_eq!(rows(&pages.page("/?kind=edited&significance=major").await), [6, 4, 2]);
    assert_eq!(rows(&pages.page("/?words=RELEASE+2").await), [4, 3]);
    assert_eq!(rows(&pages.page("/?from=2026-06-04").await), [0; 0]);
    assert_eq!(
        pages.submit("/events/4/review", &[("reviewed", "1"), ("next", "/?order=newest")]).await,
        "/?order=newest"
    );
    pages.submit("/events/2/review", &[("star", "1"), ("next", "//evil.example")]).await;
    assert_eq!(rows(&pages.page("/").await), [6, 2, 5, 3, 1]);
    assert_eq!(rows(&pages.page("/?shelf=starred").await), [2]);
    assert_eq!(rows(&pages.page("/?shelf=all").await), [6, 5, 4, 3, 2, 1]);
    pages.submit("/events/4/review", &[("reviewed", "0")]).await;
    assert!(pages.page("/").await.contains("6 not reviewed"));
    let led = pages.submit("/reviewed", &[("kind", "edited"), ("newest", "4")]).await;
    assert_eq!(led, "/?kind=edited&marked=2");
    assert_eq!(rows(&pages.page("/").await), [6, 5, 3, 1], "what came later is left");
    pages.submit("/reviewed", &[("newest", "6")]).await;
    assert!(pages.page("/").await.contains("Everything is reviewed"));
}

#[tokio::test]
async fn pages_of_the_inbox_follow_each_other_without_gaps() {
    let pages = Pages::open().await;
    hostile_day(&pages.store, 60).await;
    for order in ["", "newest"] {
        let (mut path, mut seen) = (format!("/?order={order}"), Vec::new());
        loop {
            let page = pages.page(&path).await;
            seen.extend(rows(&page));
            let Some((_, rest)) = page.split_once("rel=\"next\" href=\"") else { break };
            path = rest.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&");
        }
        assert_eq!(seen.len(), 120, "{order}");
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 120, "{order}");
    }
}

#[tokio::test]
async fn an_event_shows_the_words_the_evidence_and_the_way_on() {
    let pages = Pages::open().await;
    hostile_day(&pages.store, 2).await;
    let page = pages.page("/events/2").await;
    for words in
        ["<del>12.4</del>", "<ins>15.9</ins>", "SHA-256", "data-next=\"/events/3\"", "Change before", "Side by side"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    pages.submit("/events/2/review", &[("note", "asked\r\nthem"), ("verdict", "follow-up")]).await;
    let page = pages.page("/events/2").await;
    assert!(page.contains("asked\nthem</textarea>") && page.contains("value=\"follow-up\" selected"), "{page}");
    let saved = pages.request("/events/2/change.html").send().await.unwrap();
    assert!(saved.headers()["content-disposition"].to_str().unwrap().starts_with("attachment"));
    assert!(saved.headers()["content-security-policy"].to_str().unwrap().starts_with("sandbox"));
    assert!(saved.text().await.unwrap().contains("<ins>15.9</ins>"));
}

#[tokio::test]
async fn a_release_shows_its_life_its_versions_and_its_text_at_a_date() {
    let pages = Pages::open().await;
    hostile_day(&pages.store, 1).await;
    let page = pages.page("/releases/1").await;
    assert!(page.contains("version 2</a>") && page.contains("href=\"/events/2\""), "{page}");
    assert!(pages.page("/releases/1/compare?from=2&to=1").await.contains("<ins>12.4</ins>"));
    assert!(pages.page("/releases/1/versions/1").await.contains("12.4 million"));
    let minute = pages.request("/releases/1/at?date=2026-06-03&time=11:00").send().await.unwrap();
    assert_eq!(location(&minute), "/releases/1/versions/2?date=2026-06-03");
    let at = pages.request("/releases/1/at?date=2026-06-03").send().await.unwrap();
    assert_eq!(location(&at), "/releases/1/versions/2?date=2026-06-03");
    assert_eq!(pages.request("/releases/1/at?date=2026-05-03").send().await.unwrap().status(), 404);
    for path in ["/releases/1/compare?from=1&to=9", "/releases/2", "/releases/1/versions/7"] {
        assert_eq!(pages.request(path).send().await.unwrap().status(), 404, "{path}");
    }
}

#[tokio::test]
async fn snapshots_are_never_shown_as_pages() {
    let pages = Pages::open().await;
    hostile_day(&pages.store, 1).await;
    for (path, kind) in
        [("/snapshots/1", "text/plain; charset=utf-8"), ("/snapshots/1/raw", "application/octet-stream")]
    {
        let answer = pages.request(path).send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], kind);
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        assert!(answer.headers()["content-security-policy"].to_str().unwrap().starts_with("sandbox"), "{path}");
        assert!(answer.text().await.unwrap().contains("<script>"), "{path}");
    }
}

#[tokio::test]
async fn nothing_that_a_site_says_is_taken_for_markup() {
    let pages = Pages::open().await;
    hostile_day(&pages.store, 2).await;
    while pages.store.index_versions(100).await.unwrap() > 0 {}
    let paths = [
        "/",
        "/?shelf=all",
        "/events/2",
        "/events/1",
        "/releases/1",
        "/releases/1/versions/1",
        "/search?q=million",
        "/releases/1/compare?from=1&to=2",
        "/sources",
        "/sources/harbour",
        "/search?q=%3Cscript%3Ealert(1)%3C/script%3E",
        "/?words=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
    ];
    for path in paths {
        let page = pages.page(path).await;
        let scripts = page.matches("<script").count();
        assert_eq!(
            (scripts, page.matches("<img").count(), page.matches("onerror=\"").count()),
            (1, 0, 0),
            "{path}: {page}"
        );
        assert!(!page.contains("javascript:alert") || !page.contains("href=\"javascript:"), "{path}");
    }
}

#[tokio::test]
async fn words_are_found_also_where_they_were_taken_away() {
    let pages = Pages::open().await;
    hostile_day(&pages.store, 1).await;
    while pages.store.index_versions(1).await.unwrap() > 0 {}
    let page = pages.page("/search?q=%2212.4+million%22").await;
    assert!(page.contains("<mark>12.4 million</mark>") && page.contains("<strong>removed</strong> in"), "{page}");
    assert!(pages.page("/search?q=15.9+milli*").await.contains("<mark>15.9</mark> <mark>million</mark>"));
    assert!(pages.page("/search?q=12.4&in=present").await.contains("Nothing found"));
    assert!(pages.page("/search?q=council&in=removed").await.contains("Nothing found"));
    for words in ["京市", "市", "крон", "ЁЛКА"] {
        assert!(pages.page(&format!("/search?q={words}")).await.contains("<mark>"), "{words}");
    }
    for words in ["%22", "*", "NEAR(", "a%22%22b*", "-", "text:x OR"] {
        pages.page(&format!("/search?q={words}")).await;
    }
}

#[tokio::test]
async fn what_a_removed_release_said_is_removed_text() {
    let pages = Pages::open().await;
    hostile_day(&pages.store, 1).await;
    while pages.store.index_versions(1).await.unwrap() > 0 {}
    assert!(pages.page("/search?q=15.9&in=removed").await.contains("Nothing found"));
    remove_release(&pages.store).await;
    assert!(pages.page("/search?q=15.9&in=removed").await.contains("the release was <strong>removed</strong>"));
    assert!(pages.page("/search?q=15.9&in=present").await.contains("Nothing found"));
}

#[tokio::test]
async fn a_source_is_checked_when_somebody_asks() {
    let mut pages = Pages::with(|_| {}, vec![super::site::source()]).await;
    hostile_day(&pages.store, 1).await;
    let page = pages.page("/sources/harbour").await;
    assert!(page.contains("Check now") && page.contains("1 in 52 weeks") || page.contains("2 in 52 weeks"), "{page}");
    assert_eq!(pages.submit("/sources/harbour/check", &[]).await, "/sources/harbour?wanted=1");
    assert_eq!(pages.wanted.recv().await.unwrap().0, "harbour");
    assert_eq!(pages.form("/sources/nobody/check", &[]).send().await.unwrap().status(), 404);
    for _ in 0..4 {
        pages.submit("/sources/harbour/check", &[]).await;
    }
    assert_eq!(pages.submit("/sources/harbour/check", &[]).await, "/sources/harbour?wanted=0");
}

#[tokio::test]
async fn what_could_not_be_delivered_is_shown_and_tried_again() {
    let pages = Pages::open().await;
    assert!(pages.page("/alerts").await.contains("Nothing waits and nothing has failed"));
    hostile_day(&pages.store, 1).await;
    fail_to_deliver(&pages.store, "desk@example.org").await;
    let page = pages.page("/alerts").await;
    assert!(page.contains("Given up") && page.contains("550 no such mailbox"), "{page}");
    assert!(page.contains("desk@example.org") && !page.contains("<script>alert"), "{page}");
    assert_eq!(pages.submit("/alerts/1/retry", &[]).await, "/alerts?retried=1");
    let page = pages.page("/alerts?retried=1").await;
    assert!(
        page.contains("1 message is due now") && page.contains("Waiting") && !page.contains("Given up</h2>"),
        "{page}"
    );
    assert_eq!(pages.form("/alerts/99/retry", &[]).send().await.unwrap().status(), 404);
    assert_eq!(pages.submit("/alerts/retry", &[]).await, "/alerts?retried=0");
}

#[tokio::test]
async fn the_secret_address_of_a_webhook_is_not_shown() {
    let pages = Pages::open().await;
    hostile_day(&pages.store, 1).await;
    fail_to_deliver(&pages.store, "https://hooks.example.com/services/T000/B000/s3cret?key=s3cret").await;
    let page = pages.page("/alerts").await;
    assert!(page.contains("https://hooks.example.com/…") && !page.contains("s3cret"), "{page}");
}

#[tokio::test]
async fn the_next_check_is_the_one_that_the_daemon_plans() {
    let source = super::site::source();
    let id = source.id.clone();
    let pages = Pages::with(|_| {}, vec![source]).await;
    hostile_day(&pages.store, 1).await;
    assert!(pages.page("/sources/harbour").await.contains("no daemon runs here"));
    for (planned, shown) in [
        (NextCheck::UnderWay, "a check is under way"),
        (NextCheck::At(noon()), "the next check begins in a moment"),
        (NextCheck::At(noon() + TimeDelta::minutes(7)), "12:07</time>."),
        (NextCheck::Never, "its schedule has no more times"),
    ] {
        pages.planned.send_replace([(id.clone(), planned)].into());
        for path in ["/sources", "/sources/harbour"] {
            let page = pages.page(path).await;
            assert!(page.contains(shown), "{path} {shown}: {page}");
        }
    }
}

#[tokio::test]
async fn times_are_told_in_the_zone_that_the_reader_chose() {
    let pages = Pages::open().await;
    hostile_day(&pages.store, 1).await;
    assert!(pages.page("/").await.contains(">11:00</time>"));
    let answer = pages.form("/zone", &[("zone", "Asia/Kolkata"), ("next", "/")]).send().await.unwrap();
    let cookie = answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let page = pages.request("/").header("Cookie", cookie).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("title=\"2026-06-03 16:30:00 IST (2026-06-03T11:00:00Z)\">16:30</time>"), "{page}");
    assert_eq!(pages.form("/zone", &[("zone", "Nowhere")]).send().await.unwrap().status(), 400);
}
