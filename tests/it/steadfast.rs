//! One host that is silent, one row that is damaged, one change that is too large: what is not concerned goes on.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::TimeDelta;

use crate::support::app::TestApp;
use crate::support::evolving::Fate;
use crate::support::smtp::Closed;
use crate::support::watched::Watched;

#[tokio::test]
async fn a_host_that_left_several_requests_without_an_answer_is_asked_no_more_in_that_check() {
    let closed = Closed::new();
    let page = |number: usize| format!("\"http://127.0.0.1:{}/{number}\"", closed.port());
    let pages = (0..20).map(page).collect::<Vec<_>>().join(", ");
    let mut watched = Watched::new(&format!("pages = [{pages}]")).await;
    watched.config.fetch.robots = false;
    for checks in 1..=2 {
        watched.wait(TimeDelta::hours(23));
        let report = watched.check().await;
        let asked = watched.store.list_failures(watched.source(), 100).await.unwrap().len();
        assert!((5 * checks..=6 * checks).contains(&asked), "{asked} after {checks} checks");
        // What was not asked for is told as that, and not as something that did not answer.
        let of_check = (report.state.asked as usize, report.problems[0].to_string());
        let told = format!(
            "{} releases were not asked for: the host left requests without an answer, or asked for a pause",
            20 - of_check.0
        );
        assert!(report.state.answered == 0 && (5..=6).contains(&of_check.0), "{of_check:?}");
        assert_eq!(of_check.1, told);
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

/// Edits a release behind others that are in a bad way; what the next three checks tell.
async fn told_behind(fate: Fate, bad: std::ops::Range<usize>, edited: usize) -> Vec<String> {
    let mut app = TestApp::watching().await;
    app.set_timeout(Duration::from_millis(200));
    for at in bad {
        app.site.set_listed_fate(&app.site.slug(at), fate.clone());
    }
    let slug = app.site.slug(edited);
    app.site.edit(&slug, |release| "The quay was closed at noon.".clone_into(&mut release.paragraphs[1]));
    let mut told = Vec::new();
    for _ in 0..3 {
        told.extend(app.check().await);
    }
    told.retain(|event| !event.contains(&slug) || event.starts_with("edited"));
    told.iter().map(|event| event.replace(&slug, "SLUG")).collect()
}

#[tokio::test]
async fn releases_that_never_answer_do_not_keep_the_others_from_being_asked_for() {
    for (bad, edited) in [(0..6, 9), (0..5, 5), (8..14, 2), (1..13, 0)] {
        let told = told_behind(Fate::Hang, bad.clone(), edited).await;
        let edits = told.iter().filter(|event| event.starts_with("edited")).count();
        assert_eq!(edits, 1, "{bad:?}: {told:?}");
        // Most of them do not answer in one case only.
        assert_eq!(told.len() > 1, bad == (1..13), "{bad:?}: {told:?}");
    }
}

#[tokio::test]
async fn a_page_for_which_a_host_asks_for_a_pause_does_not_keep_the_others_from_being_asked_for() {
    for at in [0, 6, 13] {
        let told = told_behind(Fate::Busy, at..at + 1, 3).await;
        assert_eq!(told.len(), 1, "{at}: {told:?}");
    }
}
