//! The demo site does what its steps say, and never sends the same bytes twice.

use pressdiff::cli::demo_site::DemoSite;
use pressdiff::domain::model::EventKind;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::Url;

/// Connections that a site which is stopping may still take.
const MOST_TRIES: usize = 10_000;

#[tokio::test]
async fn no_two_requests_get_the_same_bytes() {
    let site = DemoSite::start().await.unwrap();
    for path in ["/", "/news/", "/news/?page=2", "/news/budget-adopted/", "/nowhere"] {
        assert_ne!(get(&site, path).await.1, get(&site, path).await.1, "{path}");
    }
}

#[tokio::test]
async fn the_listing_has_two_pages_of_five() {
    let site = DemoSite::start().await.unwrap();
    assert_eq!(listed(&site, "/news/").await.len(), 5);
    assert_eq!(listed(&site, "/news/?page=1").await, listed(&site, "/news/").await);
    assert_eq!(listed(&site, "/news/?page=2").await.len(), 3);
    for path in ["/news/?page=0", "/news/?page=3", "/news/no-such-release/", "/favicon.ico"] {
        assert_eq!(get(&site, path).await.0, 404, "{path}");
    }
}

#[tokio::test]
async fn every_step_changes_what_it_says_and_nothing_else() {
    let site = DemoSite::start().await.unwrap();
    let mut before = releases(&site).await;
    for step in 1..DemoSite::steps() {
        site.set_step(step);
        let after = releases(&site).await;
        let mut events = Vec::new();
        for (path, text) in &after {
            match before.iter().find(|(old, _)| old == path) {
                Some((_, old)) if old == text => {}
                Some(_) => events.push((EventKind::Edited, path.as_str())),
                None => events.push((EventKind::New, path.as_str())),
            }
        }
        for (path, _) in before.iter().filter(|(path, _)| !after.iter().any(|(new, _)| new == path)) {
            assert_eq!(get(&site, path).await.0, 404);
            events.push((EventKind::Removed, path.as_str()));
        }
        assert_eq!(events, DemoSite::expected(step), "step {step}: {}", DemoSite::describe(step));
        before = after;
    }
}

#[tokio::test]
async fn a_refresh_changes_the_markup_around_a_text_that_stays() {
    let site = DemoSite::start().await.unwrap();
    let path = "/news/budget-adopted/";
    let before = get(&site, path).await.1;
    site.set_step(1);
    let after = get(&site, path).await.1;
    assert!(!before.contains("Whit Monday") && after.contains("Whit Monday"));
    assert!(!before.contains("&nbsp;") && after.contains("&nbsp;"));
}

#[tokio::test]
async fn teasers_rotate() {
    let site = DemoSite::start().await.unwrap();
    let mut teasers = Vec::new();
    for _ in 0..8 {
        let page = get(&site, "/news/budget-adopted/").await.1;
        teasers.push(page.split_once("Also on this site").unwrap().1.split_once("</a>").unwrap().0.to_owned());
    }
    teasers.sort();
    teasers.dedup();
    assert!(teasers.len() > 2, "{teasers:?}");
}

#[tokio::test]
async fn the_site_stops_when_it_is_dropped() {
    let site = DemoSite::start().await.unwrap();
    let address = address(&site.root());
    drop(site);
    for _ in 0..MOST_TRIES {
        if TcpStream::connect(&address).await.is_err() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("{address} still answers");
}

#[test]
fn the_gate_expects_the_events_of_the_steps() {
    let script = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/.ci/demo")).unwrap();
    let expected = script.split("<<'EVENTS'\n").nth(1).unwrap().split("EVENTS\n").next().unwrap();
    let events: Vec<String> = (0..DemoSite::steps())
        .flat_map(DemoSite::expected)
        .map(|(kind, path)| format!("{} {path}", serde_json::to_value(kind).unwrap().as_str().unwrap()))
        .collect();
    assert_eq!(expected.lines().collect::<Vec<_>>(), events);
}

/// Path and text of every listed release, typography made plain.
async fn releases(site: &DemoSite) -> Vec<(String, String)> {
    let mut releases = Vec::new();
    for listing in ["/news/", "/news/?page=2"] {
        for path in listed(site, listing).await {
            let (status, page) = get(site, &path).await;
            assert_eq!(status, 200, "{path}");
            let text = page.split_once("<div class=\"text\">").unwrap().1.split_once("</div>").unwrap().0;
            releases.push((path, text.replace("&nbsp;", " ").replace(['‘', '’'], "'")));
        }
    }
    releases
}

/// The addresses in the list of a listing page.
async fn listed(site: &DemoSite, path: &str) -> Vec<String> {
    let (status, page) = get(site, path).await;
    assert_eq!(status, 200, "{path}");
    let list = page.split_once("<ul class=\"news-list\">").unwrap().1.split_once("</ul>").unwrap().0;
    list.split("href=\"").skip(1).map(|link| link.split_once('"').unwrap().0.to_owned()).collect()
}

fn address(root: &Url) -> String {
    format!("{}:{}", root.host_str().unwrap(), root.port().unwrap())
}

/// Status and body, by hand.
async fn get(site: &DemoSite, path: &str) -> (u16, String) {
    let address = address(&site.root());
    let mut stream = TcpStream::connect(&address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}
