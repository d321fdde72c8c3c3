//! Pages of listings that answer with the bytes of the walk before are remembered, not read again; unless they would be
//! read in another way.

use pressdiff::domain::discover::{Entry, ListingPage, ListingPlace};
use pressdiff::domain::model::SourceState;
use pressdiff::store::{CheckOutcome, ListingPageKey, ListingPageRecord};
use rusqlite::Connection;
use url::Url;

use crate::support::server::{Answer, Server};
use crate::support::watched::Watched;

/// A site with a listing, and a source that watches it.
struct Listed {
    server: Server,
    watched: Watched,
}

impl Listed {
    async fn new() -> Self {
        let server = Server::start().await;
        for name in ["fog", "frost", "storm", "tide", "notice"] {
            server.on(&format!("/news/{name}/"), Answer::html(release(name)));
            server.on(&format!("/events/{name}/"), Answer::html(release(name)));
        }
        let watched = Watched::new(&keys(&server, "")).await;
        Self { server, watched }
    }

    /// Checks the source an hour later, with more keys in its configuration; what happened.
    async fn check(&mut self, more: &str) -> Vec<String> {
        self.watched.configure(&keys(&self.server, more));
        let report = self.watched.check().await;
        let events = report.events.iter().map(|recorded| &recorded.event);
        events.map(|event| format!("{:?} {}", event.kind, event.url.path())).collect()
    }

    async fn releases(&self) -> usize {
        self.watched.store.list_releases(self.watched.source()).await.unwrap().len()
    }
}

fn keys(server: &Server, more: &str) -> String {
    format!("listings = [\"{}\"]\n{more}", server.url("/news/"))
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
    let mut site = Listed::new().await;
    site.server.on("/news/", Answer::html(listing(&["/news/fog/", "/news/frost/", "/news/storm/"])));
    for _ in 0..3 {
        assert_eq!(site.check("").await, Vec::<String>::new());
        assert_eq!(site.releases().await, 3);
    }
    site.server.on("/news/", Answer::html(listing(&["/news/tide/", "/news/fog/", "/news/frost/", "/news/storm/"])));
    assert_eq!(site.check("").await, ["New /news/tide/"]);
    site.server.on("/news/", Answer::html(listing(&["/news/tide/", "/news/fog/", "/news/storm/"])));
    assert_eq!((site.check("").await, site.check("").await), (vec![], vec!["Unlisted /news/frost/".to_owned()]));
}

#[tokio::test]
async fn the_same_bytes_are_read_again_when_they_are_read_in_another_way() {
    let mut site = Listed::new().await;
    let paths = ["/news/fog/", "/news/frost/", "/news/storm/", "/events/notice/"];
    site.server.on("/news/", Answer::html(listing(&paths)));
    site.check("include = [\"/news/**\"]").await;
    assert_eq!(site.releases().await, 3);
    site.check("include = [\"/news/**\", \"/events/**\"]").await;
    assert_eq!(site.releases().await, 4);
}

#[tokio::test]
async fn what_is_remembered_is_what_the_last_walk_came_by() {
    let site = Listed::new().await;
    let source = site.watched.source().clone();
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
        let quiet = CheckOutcome::quiet(source.clone(), site.watched.clock.now(), SourceState::default());
        site.watched.store.record(CheckOutcome { listing_pages, ..quiet }).await.unwrap();
    };
    let find = async |number| site.watched.store.find_listing_page(&source, key(number)).await.unwrap();

    let read = |number, name| ListingPageRecord { key: key(number), page: Some(page(name)) };
    record(Some(vec![read(1, "Fog"), read(2, "Frost")])).await;
    record(None).await;
    assert_eq!((find(1).await, find(2).await), (Some(page("Fog")), Some(page("Frost"))));
    record(Some(vec![read(3, "Storm"), ListingPageRecord { key: key(2), page: None }])).await;
    assert_eq!((find(1).await, find(2).await, find(3).await), (None, Some(page("Frost")), Some(page("Storm"))));

    let beside = Connection::open(site.watched.path("pressdiff.db")).unwrap();
    beside.execute("UPDATE listing_pages SET page = substr(page, 1, 20)", []).unwrap();
    assert_eq!(find(2).await, None, "what is damaged is read again");
}
