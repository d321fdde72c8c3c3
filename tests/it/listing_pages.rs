//! Pages of listings that answer with the bytes of the walk before are remembered, not read again; unless they would be
//! read in another way.

use std::path::Path;

use chrono::TimeDelta;
use pressdiff::clock::Clock;
use pressdiff::config::Config;
use pressdiff::domain::discover::{Entry, ListingPage, ListingPlace};
use pressdiff::domain::model::{SourceId, SourceState};
use pressdiff::fetch::Fetcher;
use pressdiff::store::{CheckOutcome, ListingPageKey, ListingPageRecord, Store};
use pressdiff::track::Tracker;
use rusqlite::Connection;
use tempfile::TempDir;
use url::Url;

use crate::support::server::{Answer, Server};

const QUAY: &str = "quay";

struct Desk {
    server: Server,
    store: Store,
    clock: Clock,
    folder: TempDir,
}

impl Desk {
    async fn new() -> Self {
        let (server, folder) = (Server::start().await, tempfile::tempdir().unwrap());
        for name in ["fog", "frost", "storm", "tide", "notice"] {
            server.on(&format!("/news/{name}/"), Answer::html(release(name)));
            server.on(&format!("/events/{name}/"), Answer::html(release(name)));
        }
        let store = Store::open(&folder.path().join("pressdiff.db")).unwrap();
        store.sync_sources(vec![(SourceId(QUAY.to_owned()), "Quay".to_owned())]).await.unwrap();
        Self { server, store, clock: Clock::fixed("2026-06-01T08:00:00Z".parse().unwrap()), folder }
    }

    /// Checks the source an hour later, with more keys in its configuration; what happened.
    async fn check(&self, keys: &str) -> Vec<String> {
        self.clock.set(self.clock.now() + TimeDelta::hours(1));
        let text = format!(
            "[fetch]\nper_host_interval = \"0s\"\nallow_private_addresses = true\n[[source]]\nid = \"{QUAY}\"\n\
             listings = [\"{}\"]\n{keys}\n",
            self.server.url("/news/")
        );
        let config = Config::parse(&text, Path::new("pressdiff.toml")).unwrap();
        let fetcher = Fetcher::new(&config.fetch, self.clock.clone()).unwrap();
        let tracker = Tracker::new(self.store.clone(), fetcher, self.clock.clone(), Vec::new(), 2);
        let report = tracker.check(&config.sources[0], &|_| {}).await.unwrap();
        report
            .events
            .iter()
            .map(|recorded| format!("{:?} {}", recorded.event.kind, recorded.event.url.path()))
            .collect()
    }

    async fn releases(&self) -> usize {
        self.store.list_releases(&SourceId(QUAY.to_owned())).await.unwrap().len()
    }
}

fn release(name: &str) -> String {
    format!(
        "<html><head><title>{name} over the quay</title></head><body><main><h1>{name} over the quay</h1>\
         <p>The harbour office reports {name} over the quay, and asks all pilots to wait outside the basin.</p>\
         <p>Ships that carry {name} in their papers may enter by daylight, one after the other.</p></main></body></html>"
    )
}

fn listing(paths: &[&str]) -> String {
    let item =
        |path: &&str| format!("<li><span>1 June 2026</span> <a href=\"{path}\">Report on {path} of the day</a></li>");
    format!("<html><body><h1>News</h1><ul>{}</ul></body></html>", paths.iter().map(item).collect::<String>())
}

#[tokio::test]
async fn a_listing_that_stayed_the_same_names_the_same_and_one_that_changed_is_read() {
    let desk = Desk::new().await;
    desk.server.on("/news/", Answer::html(listing(&["/news/fog/", "/news/frost/", "/news/storm/"])));
    for _ in 0..3 {
        assert_eq!(desk.check("").await, Vec::<String>::new());
        assert_eq!(desk.releases().await, 3);
    }
    desk.server.on("/news/", Answer::html(listing(&["/news/tide/", "/news/fog/", "/news/frost/", "/news/storm/"])));
    assert_eq!(desk.check("").await, ["New /news/tide/"]);
    desk.server.on("/news/", Answer::html(listing(&["/news/tide/", "/news/fog/", "/news/storm/"])));
    assert_eq!((desk.check("").await, desk.check("").await), (vec![], vec!["Unlisted /news/frost/".to_owned()]));
}

#[tokio::test]
async fn the_same_bytes_are_read_again_when_they_are_read_in_another_way() {
    let desk = Desk::new().await;
    let paths = ["/news/fog/", "/news/frost/", "/news/storm/", "/events/notice/"];
    desk.server.on("/news/", Answer::html(listing(&paths)));
    desk.check("include = [\"/news/**\"]").await;
    assert_eq!(desk.releases().await, 3);
    desk.check("include = [\"/news/**\", \"/events/**\"]").await;
    assert_eq!(desk.releases().await, 4);
}

#[tokio::test]
async fn what_is_remembered_is_what_the_last_walk_came_by() {
    let desk = Desk::new().await;
    let source = SourceId(QUAY.to_owned());
    let page = |name: &str| ListingPage {
        entries: vec![Entry {
            url: Url::parse("https://quay.example/news/fog/").unwrap(),
            title: name.to_owned(),
            day: "2026-06-01".parse().ok(),
        }],
        next: Url::parse("https://quay.example/news/?page=2").ok(),
        feeds: vec![Url::parse("https://quay.example/feed/").unwrap()],
        place: Some(ListingPlace(-7)),
        is_cut: true,
    };
    let key = |number| ListingPageKey([number; 32]);
    let record = async |listing_pages| {
        let quiet = CheckOutcome::quiet(source.clone(), desk.clock.now(), SourceState::default());
        desk.store.record(CheckOutcome { listing_pages, ..quiet }).await.unwrap();
    };
    let find = async |number| desk.store.find_listing_page(&source, key(number)).await.unwrap();

    let read = |number, name| ListingPageRecord { key: key(number), page: Some(page(name)) };
    record(Some(vec![read(1, "Fog"), read(2, "Frost")])).await;
    record(None).await;
    assert_eq!((find(1).await, find(2).await), (Some(page("Fog")), Some(page("Frost"))));
    record(Some(vec![read(3, "Storm"), ListingPageRecord { key: key(2), page: None }])).await;
    assert_eq!((find(1).await, find(2).await, find(3).await), (None, Some(page("Frost")), Some(page("Storm"))));

    let beside = Connection::open(desk.folder.path().join("pressdiff.db")).unwrap();
    beside.execute("UPDATE listing_pages SET page = substr(page, 1, 20)", []).unwrap();
    assert_eq!(find(2).await, None, "what is damaged is read again");
}
