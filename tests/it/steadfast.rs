//! One host that is silent, one row that is damaged, one change that is too large: what is not concerned goes on.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::TimeDelta;
use pressdiff::clock::Clock;
use pressdiff::config::Config;
use pressdiff::fetch::Fetcher;
use pressdiff::store::Store;
use pressdiff::track::Tracker;

use crate::support::app::TestApp;
use crate::support::smtp::Closed;

#[tokio::test]
async fn a_host_that_left_several_requests_without_an_answer_is_asked_no_more_in_that_check() {
    let closed = Closed::new();
    let page = |number: usize| format!("\"http://127.0.0.1:{}/{number}\"", closed.port());
    let pages = (0..20).map(page).collect::<Vec<_>>().join(", ");
    let text = format!(
        "[fetch]\nper_host_interval = \"0s\"\nrobots = false\nallow_private_addresses = true\n\
         [[source]]\nid = \"quay\"\npages = [{pages}]\n"
    );
    let config = Config::parse(&text, Path::new("pressdiff.toml")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("pressdiff.db")).unwrap();
    let source = &config.sources[0];
    store.sync_sources(vec![(source.id.clone(), "Quay".to_owned())]).await.unwrap();
    let clock = Clock::fixed("2026-06-01T08:00:00Z".parse().unwrap());
    for checks in 1..=2 {
        clock.set(clock.now() + TimeDelta::hours(24));
        let fetcher = Fetcher::new(&config.fetch, clock.clone()).unwrap();
        let tracker = Tracker::new(store.clone(), fetcher, clock.clone(), Vec::new(), 2);
        let report = tracker.check(source, &|_| {}).await.unwrap();
        assert_eq!((report.state.answered, report.state.asked), (0, 20));
        let asked = store.list_failures(&source.id, 100).await.unwrap().len();
        assert!((5 * checks..=6 * checks).contains(&asked), "{asked} after {checks} checks");
    }
}

#[tokio::test]
async fn an_edit_of_a_release_whose_stored_page_is_damaged_is_told() {
    let app = TestApp::watching().await;
    let (slug, other) = (app.site.slug(3), app.site.slug(5));
    app.damage(&slug).await;
    for slug in [&slug, &other] {
        app.site.edit(slug, |release| release.paragraphs[1] = format!("The quay was closed to {slug} at noon."));
    }
    assert_eq!(app.check().await.len(), 2);
    assert_eq!(app.check().await, [""; 0]);
}

#[tokio::test]
async fn edits_for_which_a_check_has_no_room_are_told_by_the_next_ones() {
    let mut app = TestApp::watching().await;
    app.set_room(1);
    let edited: BTreeSet<String> = (0..6).map(|at| app.site.slug(at)).collect();
    for slug in &edited {
        app.site.edit(slug, |release| release.paragraphs[1] = format!("The quay was closed to {slug} at noon."));
    }
    let mut told = Vec::new();
    for _ in 0..=edited.len() {
        told.push(app.check().await.len());
    }
    assert_eq!(told, [1, 1, 1, 1, 1, 1, 0]);
}
