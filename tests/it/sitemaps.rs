//! Sitemaps name every page of a site, also those that stand below releases.

use std::fmt::Write as _;
use std::path::Path;

use chrono::TimeDelta;
use pressdiff::clock::Clock;
use pressdiff::config::Config;
use pressdiff::domain::model::EventKind;
use pressdiff::fetch::Fetcher;
use pressdiff::store::Store;
use pressdiff::track::Tracker;
use tempfile::TempDir;

use crate::support::server::{Answer, Server};

struct Desk {
    server: Server,
    config: Config,
    store: Store,
    clock: Clock,
    _folder: TempDir,
}

impl Desk {
    async fn watching(include: &str) -> Self {
        let (server, folder) = (Server::start().await, tempfile::tempdir().unwrap());
        let text = format!(
            "[fetch]\nper_host_interval = \"0s\"\nallow_private_addresses = true\n[[source]]\nid = \"quay\"\n\
             sitemaps = [\"{}\"]\n{include}\n",
            server.url("/sitemap.xml")
        );
        let config = Config::parse(&text, Path::new("pressdiff.toml")).unwrap();
        let store = Store::open(&folder.path().join("pressdiff.db")).unwrap();
        store.sync_sources(vec![(config.sources[0].id.clone(), "Quay".to_owned())]).await.unwrap();
        let clock = Clock::fixed("2026-06-01T08:00:00Z".parse().unwrap());
        Self { server, config, store, clock, _folder: folder }
    }

    /// Five stories, and what else there is on the site.
    fn publish(&self, others: &[&str], ships: u32) {
        let stories: Vec<String> = (0..5).map(|number| format!("/news/story-{number}/")).collect();
        let paths = stories.iter().map(String::as_str).chain(others.iter().copied());
        let named = paths.map(|path| {
            self.server.on(path, Answer::html(page(path, ships)));
            format!("<url><loc>{}</loc></url>", self.server.url(path))
        });
        let sitemap = format!("<urlset>{}</urlset>", named.collect::<Vec<_>>().concat());
        self.server.on("/sitemap.xml", Answer::with(200, &[("content-type", "application/xml")], sitemap));
    }

    /// What a check finds, an hour after the one before: kinds and paths.
    async fn check(&self) -> Vec<(EventKind, String)> {
        self.clock.set(self.clock.now() + TimeDelta::hours(1));
        let fetcher = Fetcher::new(&self.config.fetch, self.clock.clone()).unwrap();
        let tracker = Tracker::new(self.store.clone(), fetcher, self.clock.clone(), Vec::new(), 2);
        let report = tracker.check(&self.config.sources[0], &|_| {}).await.unwrap();
        let events = report.events.into_iter().map(|recorded| recorded.event);
        events.map(|event| (event.kind, event.url.path().to_owned())).collect()
    }

    async fn paths(&self) -> Vec<String> {
        let releases = self.store.list_releases(&self.config.sources[0].id).await.unwrap();
        let mut paths: Vec<String> = releases.iter().map(|release| release.url.path().to_owned()).collect();
        paths.sort();
        paths
    }
}

fn page(path: &str, ships: u32) -> String {
    format!(
        "<html><body><main><h1>About {path}</h1><p>The quay of {path} counted {ships} ships in the morning, and the \
         pilots went home early because of the fog.</p><p>Nobody was hurt at {path}, and it will open again \
         tomorrow.</p></main></body></html>"
    )
}

const STORIES: [&str; 5] = ["/news/story-0/", "/news/story-1/", "/news/story-2/", "/news/story-3/", "/news/story-4/"];

#[tokio::test]
async fn a_story_is_watched_whatever_stands_below_it() {
    for include in ["include = [\"/news/*/\"]", ""] {
        let desk = Desk::watching(include).await;
        desk.publish(&["/about/", "/news/story-2/gallery/", "/news/story-3/amp/"], 12);
        assert_eq!(desk.check().await, []);
        assert_eq!(desk.paths().await, STORIES, "{include}");
    }
}

#[tokio::test]
async fn a_story_stays_on_the_sitemap_when_a_page_appears_below_it() {
    for include in ["include = [\"/news/*/\"]", ""] {
        let desk = Desk::watching(include).await;
        desk.publish(&["/about/"], 12);
        assert_eq!(desk.check().await, []);
        let below = ["/about/", "/news/story-2/gallery/", "/news/story-2/video/", "/news/story-2/papers/"];
        desk.publish(&below, 12);
        for _ in 0..4 {
            assert_eq!(desk.check().await, [], "{include}");
        }
        desk.server.on("/news/story-2/", Answer::html(page("/news/story-2/", 14)));
        assert_eq!(desk.check().await, [(EventKind::Edited, "/news/story-2/".to_owned())], "{include}");
    }
}

/// An index of monthly sitemaps, the oldest first, each with a page that is no release but for some of them.
fn publish_months(desk: &Desk, months: usize, stories: &[(usize, &str)]) {
    let answer = |xml: String| Answer::with(200, &[("content-type", "application/xml")], xml);
    let mut index = String::new();
    for month in 0..months {
        let mut urls = format!("<url><loc>{}</loc></url>", desk.server.url(&format!("/other/{month}/")));
        for (_, path) in stories.iter().filter(|(at, _)| *at == month) {
            desk.server.on(path, Answer::html(page(path, 12)));
            write!(urls, "<url><loc>{}</loc></url>", desk.server.url(path)).unwrap();
        }
        let path = format!("/sitemap-{month}.xml");
        desk.server.on(&path, answer(format!("<urlset>{urls}</urlset>")));
        write!(index, "<sitemap><loc>{}</loc></sitemap>", desk.server.url(&path)).unwrap();
    }
    desk.server.on("/sitemap.xml", answer(format!("<sitemapindex>{index}</sitemapindex>")));
}

#[tokio::test]
async fn a_new_release_is_found_in_the_last_of_more_sitemaps_than_are_read() {
    let desk = Desk::watching("include = [\"/news/**\"]").await;
    let stories = [(0, "/news/oldest/"), (250, "/news/middle/"), (518, "/news/late/"), (519, "/news/latest/")];
    publish_months(&desk, 520, &stories);
    assert_eq!(desk.check().await, [(EventKind::Site, "/".to_owned())], "that not all are read is told");
    assert_eq!(desk.paths().await, ["/news/late/", "/news/latest/", "/news/oldest/"]);
    publish_months(&desk, 520, &[&stories[..], &[(519, "/news/brand-new/")]].concat());
    assert_eq!(desk.check().await, [(EventKind::New, "/news/brand-new/".to_owned())]);
    // What moves into the part that is left out is not missed there.
    publish_months(&desk, 545, &[&stories[..], &[(519, "/news/brand-new/")]].concat());
    for _ in 0..3 {
        assert_eq!(desk.check().await, []);
    }
    publish_months(&desk, 240, &[(3, "/news/oldest/"), (239, "/news/late/"), (238, "/news/latest/")]);
    let events = desk.check().await;
    assert!(events.contains(&(EventKind::Site, "/".to_owned())), "it is over: {events:?}");
}

#[tokio::test]
async fn releases_behind_many_other_pages_of_a_sitemap_are_found() {
    let desk = Desk::watching("include = [\"/news/*/\"]").await;
    let others: Vec<String> =
        (0..60_000).map(|number| format!("{}\n", desk.server.url(&format!("/o/{number}/")))).collect();
    let stories: Vec<String> = STORIES.iter().map(|path| format!("{}\n", desk.server.url(path))).collect();
    STORIES.iter().for_each(|path| desk.server.on(path, Answer::html(page(path, 12))));
    desk.server
        .on("/sitemap.xml", Answer::with(200, &[("content-type", "text/plain")], others.concat() + &stories.concat()));
    assert_eq!(desk.check().await, []);
    assert_eq!(desk.paths().await, STORIES);
}
