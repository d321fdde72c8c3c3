//! Pages of which nothing changed, from servers that cannot say so: the same bytes are not looked into, and
//! not kept once more; unless they may say something else than they did.

use std::sync::Arc;

use pressdiff::domain::model::{EventKind, Release};

use crate::support::server::{Answer, Server};
use crate::support::watched::Watched;

/// A source with one page, which the test sets.
struct Notice {
    server: Server,
    watched: Watched,
}

const PATH: &str = "/notice/";

impl Notice {
    /// After the baseline.
    async fn watching() -> Self {
        let server = Server::start().await;
        server.on(PATH, Answer::html(page("three")));
        let keys = format!("pages = [\"{}\"]\nconfirm_removal = {{ checks = 2, after = \"0s\" }}", server.url(PATH));
        let notice = Self { server, watched: Watched::new(&keys).await };
        assert_eq!(notice.check().await, []);
        notice
    }

    /// What a check finds, an hour after the one before.
    async fn check(&self) -> Vec<EventKind> {
        let report = self.watched.check().await;
        report.events.iter().map(|recorded| recorded.event.kind).collect()
    }

    async fn release(&self) -> Release {
        self.watched.store.list_releases(self.watched.source()).await.unwrap().remove(0)
    }

    /// How many answers are kept.
    async fn kept(&self) -> usize {
        self.watched.store.list_snapshots(&self.server.url(PATH)).await.unwrap().len()
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
    let notice = Notice::watching().await;
    let first = notice.release().await;
    for _ in 0..3 {
        assert_eq!(notice.check().await, []);
        assert_eq!(notice.kept().await, 1);
    }
    let release = notice.release().await;
    assert_eq!((release.judged, release.full_at), (first.judged, first.full_at));
    assert_eq!(release.seen_at, Some(notice.watched.clock.now()));
    assert_eq!(release.looks.count, first.looks.count + 3);
    assert_eq!(notice.watched.store.verify(Arc::new(|_, _| {})).await.unwrap().broken, None);
    notice.server.on(PATH, Answer::html(page("four")));
    assert_eq!(notice.check().await, [EventKind::Edited]);
    assert_eq!(notice.check().await, []);
}

#[tokio::test]
async fn the_same_bytes_are_read_once_a_day_all_the_same() {
    let notice = Notice::watching().await;
    let first = notice.release().await.judged;
    for _ in 0..23 {
        assert_eq!(notice.check().await, []);
    }
    assert_eq!(notice.release().await.judged, first);
    assert_eq!(notice.check().await, []);
    assert!(notice.release().await.judged > first);
}

#[tokio::test]
async fn the_same_bytes_of_another_type_are_read_again() {
    let notice = Notice::watching().await;
    let first = notice.release().await.judged;
    notice.server.on(PATH, Answer::with(200, &[("Content-Type", "text/html; charset=iso-8859-2")], page("three")));
    assert_eq!(notice.check().await, []);
    let second = notice.release().await.judged;
    assert!(second > first);
    assert_eq!((notice.check().await, notice.release().await.judged), (vec![], second));
}

#[tokio::test]
async fn the_same_bytes_after_a_removal_are_news() {
    let notice = Notice::watching().await;
    notice.server.on(PATH, Answer::status(404));
    assert_eq!((notice.check().await, notice.check().await), (vec![], vec![EventKind::Removed]));
    notice.server.on(PATH, Answer::html(page("three")));
    assert_eq!(notice.check().await, [EventKind::Restored]);
    notice.server.on(PATH, Answer::status(410));
    assert_eq!(notice.check().await, []);
    notice.server.on(PATH, Answer::html(page("three")));
    assert_eq!(notice.check().await, []);
    assert_eq!(notice.release().await.gone, None);
}

#[tokio::test]
async fn a_removed_page_is_asked_for_as_a_whole() {
    let notice = Notice::watching().await;
    let tagged =
        || Answer::with(200, &[("Content-Type", "text/html; charset=utf-8"), ("ETag", "\"a\"")], page("three"));
    notice.server.on_each(PATH, [tagged(), Answer::status(404), Answer::status(404), tagged()]);
    let found = [notice.check().await, notice.check().await, notice.check().await, notice.check().await];
    assert_eq!(found, [vec![], vec![], vec![EventKind::Removed], vec![EventKind::Restored]]);
    let asked = notice.server.requests_for(PATH);
    assert_eq!(asked.last().unwrap().header("if-none-match"), None);
    assert_eq!(notice.release().await.gone, None);
}

#[tokio::test]
async fn a_failure_that_goes_on_is_noted_once_a_day() {
    let notice = Notice::watching().await;
    let noted = async || notice.watched.store.list_failures(notice.watched.source(), 100).await.unwrap().len();
    let check = async |times: usize| {
        for _ in 0..times {
            notice.check().await;
        }
    };
    notice.server.on(PATH, Answer::raw("no HTTP at all\r\n\r\n"));
    check(24).await;
    assert_eq!(noted().await, 1);
    check(1).await;
    assert_eq!(noted().await, 2);
    notice.server.on(PATH, Answer::html(page("three")));
    check(1).await;
    notice.server.on(PATH, Answer::raw("no HTTP at all\r\n\r\n"));
    check(2).await;
    assert_eq!(noted().await, 3, "another outage");
    assert_eq!(notice.watched.store.verify(Arc::new(|_, _| {})).await.unwrap().broken, None);
}

#[tokio::test]
async fn what_was_read_by_other_rules_is_read_again() {
    let notice = Notice::watching().await;
    let first = notice.release().await.judged;
    assert_eq!((notice.check().await, notice.release().await.judged), (vec![], first));
    assert_eq!(notice.watched.tracker().reextract(&notice.watched.config.sources[0]).await.unwrap().changed, 0);
    assert_eq!(notice.check().await, []);
    assert!(notice.release().await.judged > first);
}

#[tokio::test]
async fn a_new_validator_of_the_same_bytes_is_sent_the_next_time() {
    let notice = Notice::watching().await;
    let tagged =
        |tag: &str| Answer::with(200, &[("Content-Type", "text/html; charset=utf-8"), ("ETag", tag)], page("three"));
    notice.server.on_each(PATH, [tagged("\"a\""), tagged("\"b\""), Answer::status(304)]);
    for _ in 0..3 {
        assert_eq!(notice.check().await, []);
    }
    let asked: Vec<_> = notice
        .server
        .requests_for(PATH)
        .iter()
        .map(|request| request.header("if-none-match").map(str::to_owned))
        .collect();
    assert_eq!(asked, [None, None, Some("\"a\"".to_owned()), Some("\"b\"".to_owned())]);
}
