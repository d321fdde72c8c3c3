//! Pages of which nothing changed, from servers that cannot say so: the same bytes are not looked into, and
//! not kept once more; unless they may say something else than they did.

use std::path::Path;
use std::sync::Arc;

use chrono::TimeDelta;
use pressdiff::clock::Clock;
use pressdiff::config::Config;
use pressdiff::domain::model::{EventKind, Release};
use pressdiff::fetch::Fetcher;
use pressdiff::store::Store;
use pressdiff::track::Tracker;
use tempfile::TempDir;

use crate::support::server::{Answer, Server};

/// A source with one page, which the test sets.
struct Desk {
    server: Server,
    config: Config,
    store: Store,
    clock: Clock,
    _folder: TempDir,
}

const PATH: &str = "/notice/";

impl Desk {
    /// After the baseline.
    async fn watching() -> Self {
        let (server, folder) = (Server::start().await, tempfile::tempdir().unwrap());
        server.on(PATH, Answer::html(page("three")));
        let text = format!(
            "[fetch]\nper_host_interval = \"0s\"\nallow_private_addresses = true\n[[source]]\nid = \"quay\"\n\
             pages = [\"{}\"]\nconfirm_removal = {{ checks = 2, after = \"0s\" }}\n",
            server.url(PATH)
        );
        let config = Config::parse(&text, Path::new("pressdiff.toml")).unwrap();
        let store = Store::open(&folder.path().join("pressdiff.db")).unwrap();
        store.sync_sources(vec![(config.sources[0].id.clone(), "Quay".to_owned())]).await.unwrap();
        let clock = Clock::fixed("2026-06-01T08:00:00Z".parse().unwrap());
        let desk = Self { server, config, store, clock, _folder: folder };
        assert_eq!(desk.check().await, []);
        desk
    }

    /// What a check finds, an hour after the one before.
    async fn check(&self) -> Vec<EventKind> {
        self.clock.set(self.clock.now() + TimeDelta::hours(1));
        let report = self.tracker().check(&self.config.sources[0], &|_| {}).await.unwrap();
        report.events.iter().map(|recorded| recorded.event.kind).collect()
    }

    fn tracker(&self) -> Tracker {
        let fetcher = Fetcher::new(&self.config.fetch, self.clock.clone()).unwrap();
        Tracker::new(self.store.clone(), fetcher, self.clock.clone(), Vec::new(), 2)
    }

    async fn release(&self) -> Release {
        self.store.list_releases(&self.config.sources[0].id).await.unwrap().remove(0)
    }

    /// How many answers are kept.
    async fn kept(&self) -> usize {
        self.store.list_snapshots(&self.server.url(PATH)).await.unwrap().len()
    }
}

fn page(ships: &str) -> String {
    format!(
        "<!DOCTYPE html><html><head><title>Notice to mariners</title></head><body><main><h1>Notice to mariners</h1>\
         <p>At most {ships} ships may lie at the café’s pier until the quay has been repaired for good.</p>\
         <p>The harbour master asks all pilots to call the office before they enter the basin at night.</p>\
         </main></body></html>"
    )
}

#[tokio::test]
async fn the_same_bytes_are_neither_kept_nor_looked_into() {
    let desk = Desk::watching().await;
    let first = desk.release().await;
    for _ in 0..3 {
        assert_eq!(desk.check().await, []);
        assert_eq!(desk.kept().await, 1);
    }
    let release = desk.release().await;
    assert_eq!((release.judged, release.full_at), (first.judged, first.full_at));
    assert_eq!(release.seen_at, Some(desk.clock.now()));
    assert_eq!(release.looks.count, first.looks.count + 3);
    assert_eq!(desk.store.verify(Arc::new(|_, _| {})).await.unwrap().broken, None);
    desk.server.on(PATH, Answer::html(page("four")));
    assert_eq!(desk.check().await, [EventKind::Edited]);
    assert_eq!(desk.check().await, []);
}

#[tokio::test]
async fn the_same_bytes_are_read_once_a_day_all_the_same() {
    let desk = Desk::watching().await;
    let first = desk.release().await.judged;
    for _ in 0..23 {
        assert_eq!(desk.check().await, []);
    }
    assert_eq!(desk.release().await.judged, first);
    assert_eq!(desk.check().await, []);
    assert!(desk.release().await.judged > first);
}

#[tokio::test]
async fn the_same_bytes_of_another_type_are_read_again() {
    let desk = Desk::watching().await;
    let first = desk.release().await.judged;
    desk.server.on(PATH, Answer::with(200, &[("Content-Type", "text/html; charset=iso-8859-2")], page("three")));
    assert_eq!(desk.check().await, []);
    let second = desk.release().await.judged;
    assert!(second > first);
    assert_eq!((desk.check().await, desk.release().await.judged), (vec![], second));
}

#[tokio::test]
async fn the_same_bytes_after_a_removal_are_news() {
    let desk = Desk::watching().await;
    desk.server.on(PATH, Answer::status(404));
    assert_eq!((desk.check().await, desk.check().await), (vec![], vec![EventKind::Removed]));
    desk.server.on(PATH, Answer::html(page("three")));
    assert_eq!(desk.check().await, [EventKind::Restored]);
    desk.server.on(PATH, Answer::status(410));
    assert_eq!(desk.check().await, []);
    desk.server.on(PATH, Answer::html(page("three")));
    assert_eq!(desk.check().await, []);
    assert_eq!(desk.release().await.gone, None);
}

#[tokio::test]
async fn a_removed_page_is_asked_for_as_a_whole() {
    let desk = Desk::watching().await;
    let tagged =
        || Answer::with(200, &[("Content-Type", "text/html; charset=utf-8"), ("ETag", "\"a\"")], page("three"));
    desk.server.on_each(PATH, [tagged(), Answer::status(404), Answer::status(404), tagged()]);
    let found = [desk.check().await, desk.check().await, desk.check().await, desk.check().await];
    assert_eq!(found, [vec![], vec![], vec![EventKind::Removed], vec![EventKind::Restored]]);
    let asked = desk.server.requests_for(PATH);
    assert_eq!(asked.last().unwrap().header("if-none-match"), None);
    assert_eq!(desk.release().await.gone, None);
}

#[tokio::test]
async fn a_failure_that_goes_on_is_noted_once_a_day() {
    let desk = Desk::watching().await;
    let noted = async || desk.store.list_failures(&desk.config.sources[0].id, 100).await.unwrap().len();
    let check = async |times: usize| {
        for _ in 0..times {
            desk.check().await;
        }
    };
    desk.server.on(PATH, Answer::raw("no HTTP at all\r\n\r\n"));
    check(24).await;
    assert_eq!(noted().await, 1);
    check(1).await;
    assert_eq!(noted().await, 2);
    desk.server.on(PATH, Answer::html(page("three")));
    check(1).await;
    desk.server.on(PATH, Answer::raw("no HTTP at all\r\n\r\n"));
    check(2).await;
    assert_eq!(noted().await, 3, "another outage");
    assert_eq!(desk.store.verify(Arc::new(|_, _| {})).await.unwrap().broken, None);
}

#[tokio::test]
async fn what_was_read_by_other_rules_is_read_again() {
    let desk = Desk::watching().await;
    let first = desk.release().await.judged;
    assert_eq!((desk.check().await, desk.release().await.judged), (vec![], first));
    assert_eq!(desk.tracker().reextract(&desk.config.sources[0]).await.unwrap().changed, 0);
    assert_eq!(desk.check().await, []);
    assert!(desk.release().await.judged > first);
}

#[tokio::test]
async fn a_new_validator_of_the_same_bytes_is_sent_the_next_time() {
    let desk = Desk::watching().await;
    let tagged =
        |tag: &str| Answer::with(200, &[("Content-Type", "text/html; charset=utf-8"), ("ETag", tag)], page("three"));
    desk.server.on_each(PATH, [tagged("\"a\""), tagged("\"b\""), Answer::status(304)]);
    for _ in 0..3 {
        assert_eq!(desk.check().await, []);
    }
    let asked: Vec<_> = desk
        .server
        .requests_for(PATH)
        .iter()
        .map(|request| request.header("if-none-match").map(str::to_owned))
        .collect();
    assert_eq!(asked, [None, None, Some("\"a\"".to_owned()), Some("\"b\"".to_owned())]);
}
