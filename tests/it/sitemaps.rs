//! Sitemaps name every page of a site, also those that stand below releases.

use std::fmt::Write as _;

use pressdiff::domain::model::EventKind;

use crate::support::server::{Answer, Server};
use crate::support::watched::Watched;

/// A site with a sitemap, and a source that watches it.
struct Mapped {
    server: Server,
    watched: Watched,
}

impl Mapped {
    async fn watching(include: &str) -> Self {
        let server = Server::start().await;
        let keys = format!("sitemaps = [\"{}\"]\n{include}", server.url("/sitemap.xml"));
        Self { server, watched: Watched::new(&keys).await }
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
        let report = self.watched.check().await;
        let events = report.events.into_iter().map(|recorded| recorded.event);
        events.map(|event| (event.kind, event.url.path().to_owned())).collect()
    }

    async fn paths(&self) -> Vec<String> {
        let releases = self.watched.store.list_releases(self.watched.source()).await.unwrap();
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
        let site = Mapped::watching(include).await;
        site.publish(&["/about/", "/news/story-2/gallery/", "/news/story-3/amp/"], 12);
        assert_eq!(site.check().await, []);
        assert_eq!(site.paths().await, STORIES, "{include}");
    }
}

#[tokio::test]
async fn a_story_stays_on_the_sitemap_when_a_page_appears_below_it() {
    for include in ["include = [\"/news/*/\"]", ""] {
        let site = Mapped::watching(include).await;
        site.publish(&["/about/"], 12);
        assert_eq!(site.check().await, []);
        let below = ["/about/", "/news/story-2/gallery/", "/news/story-2/video/", "/news/story-2/papers/"];
        site.publish(&below, 12);
        for _ in 0..4 {
            assert_eq!(site.check().await, [], "{include}");
        }
        site.server.on("/news/story-2/", Answer::html(page("/news/story-2/", 14)));
        assert_eq!(site.check().await, [(EventKind::Edited, "/news/story-2/".to_owned())], "{include}");
    }
}

/// An index of monthly sitemaps, the oldest first, each with a page that is no release but for some of them.
fn publish_months(site: &Mapped, months: usize, stories: &[(usize, &str)]) {
    let answer = |xml: String| Answer::with(200, &[("content-type", "application/xml")], xml);
    let mut index = String::new();
    for month in 0..months {
        let mut urls = format!("<url><loc>{}</loc></url>", site.server.url(&format!("/other/{month}/")));
        for (_, path) in stories.iter().filter(|(at, _)| *at == month) {
            site.server.on(path, Answer::html(page(path, 12)));
            write!(urls, "<url><loc>{}</loc></url>", site.server.url(path)).unwrap();
        }
        let path = format!("/sitemap-{month}.xml");
        site.server.on(&path, answer(format!("<urlset>{urls}</urlset>")));
        write!(index, "<sitemap><loc>{}</loc></sitemap>", site.server.url(&path)).unwrap();
    }
    site.server.on("/sitemap.xml", answer(format!("<sitemapindex>{index}</sitemapindex>")));
}

#[tokio::test]
async fn a_new_release_is_found_in_the_last_of_more_sitemaps_than_are_read() {
    let site = Mapped::watching("include = [\"/news/**\"]").await;
    let stories = [(0, "/news/oldest/"), (250, "/news/middle/"), (518, "/news/late/"), (519, "/news/latest/")];
    publish_months(&site, 520, &stories);
    assert_eq!(site.check().await, [(EventKind::Site, "/".to_owned())], "that not all are read is told");
    assert_eq!(site.paths().await, ["/news/late/", "/news/latest/", "/news/oldest/"]);
    publish_months(&site, 520, &[&stories[..], &[(519, "/news/brand-new/")]].concat());
    assert_eq!(site.check().await, [(EventKind::New, "/news/brand-new/".to_owned())]);
    // What moves into the part that is left out is not missed there.
    publish_months(&site, 545, &[&stories[..], &[(519, "/news/brand-new/")]].concat());
    for _ in 0..3 {
        assert_eq!(site.check().await, []);
    }
    publish_months(&site, 240, &[(3, "/news/oldest/"), (239, "/news/late/"), (238, "/news/latest/")]);
    let events = site.check().await;
    assert!(events.contains(&(EventKind::Site, "/".to_owned())), "it is over: {events:?}");
}

#[tokio::test]
async fn releases_behind_many_other_pages_of_a_sitemap_are_found() {
    let site = Mapped::watching("include = [\"/news/*/\"]").await;
    let others: Vec<String> =
        (0..60_000).map(|number| format!("{}\n", site.server.url(&format!("/o/{number}/")))).collect();
    let stories: Vec<String> = STORIES.iter().map(|path| format!("{}\n", site.server.url(path))).collect();
    STORIES.iter().for_each(|path| site.server.on(path, Answer::html(page(path, 12))));
    site.server
        .on("/sitemap.xml", Answer::with(200, &[("content-type", "text/plain")], others.concat() + &stories.concat()));
    assert_eq!(site.check().await, []);
    assert_eq!(site.paths().await, STORIES);
}
