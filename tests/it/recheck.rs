//! Checks as the daemon makes them: few releases are asked for, and the same is told as if all had been.

use chrono::TimeDelta;
use pressdiff::track::CheckReport;

use crate::support::app::TestApp;
use crate::support::evolving::{Fate, Look, Trouble};

const NOTHING: [&str; 0] = [];
/// Releases of the site in these tests.
const RELEASES: usize = 44;
/// Quiet releases are looked at in turn, so many at least.
const FEWEST: u32 = 8;

/// Forty-four releases that have been quiet for two years, after their baseline.
async fn quiet(lines: &str) -> TestApp {
    let app = TestApp::with(&format!("listing_depth = 20\n{lines}")).await;
    for at in 14..RELEASES {
        app.site.publish_any(&format!("quiet-{at}"));
    }
    for at in 0..RELEASES {
        app.site.edit(&app.site.slug(at), |release| "3 March 2024".clone_into(&mut release.day));
    }
    assert_eq!(app.check().await, NOTHING, "the first check is the baseline");
    assert_eq!(app.releases().await.len(), RELEASES);
    app
}

fn asked(report: &CheckReport) -> u32 {
    report.state.asked
}

/// A release that the next check has no reason to look at.
async fn undisturbed(app: &TestApp) -> String {
    let report = app.report_due(TimeDelta::hours(1)).await;
    assert_eq!(asked(&report), FEWEST);
    let mut releases = app.releases().await;
    releases.sort_by_key(|release| release.looks.last_at);
    releases.last().unwrap().url.path().trim_matches('/').rsplit_once('/').unwrap().1.to_owned()
}

#[tokio::test]
async fn quiet_releases_are_looked_at_in_turn() {
    let app = quiet("").await;
    for _ in 0..6 {
        let report = app.report_due(TimeDelta::hours(1)).await;
        assert_eq!((asked(&report), report.events.len()), (FEWEST, 0));
    }
    let looked_at = app.releases().await.iter().filter(|release| release.looks.count > 0).count();
    assert_eq!(looked_at, RELEASES, "each had its turn");
}

#[tokio::test]
async fn all_are_looked_at_when_the_source_says_so() {
    let app = quiet("recheck = \"always\"").await;
    assert_eq!(asked(&app.report_due(TimeDelta::hours(1)).await), 44);
}

#[tokio::test]
async fn a_check_by_hand_looks_at_everything() {
    let app = quiet("").await;
    assert_eq!(asked(&app.report().await), 44);
}

#[tokio::test]
async fn no_release_is_left_alone_for_longer_than_the_source_allows() {
    let app = quiet("schedule = \"@hourly\"\nmax_recheck_age = \"4h\"").await;
    for _ in 0..6 {
        let before = app.releases().await;
        let report = app.report_due(TimeDelta::hours(1)).await;
        let now = report.state.checked_at.unwrap();
        for release in before {
            assert!(now - release.looks.last_at.unwrap() <= TimeDelta::hours(4), "{}", release.url);
        }
    }
}

#[tokio::test]
async fn a_release_that_changed_is_looked_at_each_time() {
    let app = quiet("").await;
    let slug = app.site.slug(40);
    app.site.edit(&slug, |release| release.paragraphs[0].push_str(" The ferry is late by 40 minutes."));
    assert_eq!(app.check().await, [format!("edited /news/{slug}/ body")]);
    for minutes in [41, 42, 43] {
        app.site.edit(&slug, |release| {
            let text = release.paragraphs[0].rsplit_once(" The ferry").unwrap().0;
            release.paragraphs[0] = format!("{text} The ferry is late by {minutes} minutes.");
        });
        assert_eq!(app.check_due().await, [format!("edited /news/{slug}/ body")]);
    }
    assert_eq!(app.release(&slug).await.looks.changes, 4);
}

#[tokio::test]
async fn a_new_release_is_read_at_once() {
    let app = quiet("").await;
    app.site.publish_any("a-fresh-release");
    assert_eq!(app.check_due().await, ["new /news/a-fresh-release/"]);
}

#[tokio::test]
async fn a_move_is_no_new_release() {
    let app = quiet("").await;
    let slug = undisturbed(&app).await;
    app.site.readdress(&slug, "at-a-new-place", Fate::Status(404));
    assert_eq!(app.check_due().await, [format!("moved /news/at-a-new-place/ from /news/{slug}/")]);
    let slug = undisturbed(&app).await;
    app.site.move_to(&slug, "at-another-place");
    assert_eq!(app.check_due().await, [format!("moved /news/at-another-place/ from /news/{slug}/")]);
}

#[tokio::test]
async fn a_removal_is_confirmed_by_the_next_check() {
    let app = quiet("").await;
    let slug = undisturbed(&app).await;
    app.site.set_fate(&slug, Fate::Status(410));
    app.site.unlist(&slug);
    assert_eq!(app.check_due().await, NOTHING);
    assert_eq!(app.check_due().await, [format!("removed /news/{slug}/ gone")]);
}

#[tokio::test]
async fn a_release_that_leaves_the_listing_is_looked_at() {
    let app = quiet("").await;
    let slug = undisturbed(&app).await;
    app.site.unlist(&slug);
    assert_eq!(app.check_due().await, NOTHING);
    assert_eq!(app.check_due().await, [format!("unlisted /news/{slug}/")]);
    assert!(app.release(&slug).await.unlisted);
}

#[tokio::test]
async fn the_same_line_on_all_releases_is_seen_on_all_of_them() {
    let app = quiet("").await;
    for at in 0..RELEASES {
        app.site.edit(&app.site.slug(at), |release| release.paragraphs.push("The office is closed on Mondays.".into()));
    }
    let report = app.report_due(TimeDelta::hours(1)).await;
    assert_eq!((asked(&report), report.events.len()), (44, 0), "it is the template's: {:#?}", report.events);
}

#[tokio::test]
async fn two_edits_are_told_when_their_neighbours_have_none() {
    let app = quiet("").await;
    for at in [3, 30] {
        app.site
            .edit(&app.site.slug(at), |release| release.paragraphs[0].push_str(" The ferry is late by 40 minutes."));
    }
    let mut told = Vec::new();
    for _ in 0..6 {
        told.extend(app.check_due().await);
    }
    told.sort();
    let mut expected = [3, 30].map(|at| format!("edited /news/{}/ body", app.site.slug(at)));
    expected.sort();
    assert_eq!(told, expected);
}

#[tokio::test]
async fn a_redesign_is_nothing() {
    let app = quiet("").await;
    app.site.set_look(Look::Second);
    for _ in 0..8 {
        assert_eq!(app.check_due().await, NOTHING);
    }
}

#[tokio::test]
async fn teasers_that_come_to_stand_with_the_text_are_nothing() {
    let app = quiet("").await;
    app.site.set_crowded(true);
    for _ in 0..4 {
        assert_eq!(app.check_due().await, NOTHING);
    }
    app.site.set_crowded(false);
    for _ in 0..8 {
        assert_eq!(app.check_due().await, NOTHING);
    }
}

#[tokio::test]
async fn after_an_outage_everything_is_looked_at() {
    let app = quiet("").await;
    app.site.set_trouble(Some(Trouble::Notice));
    assert_eq!(app.check_due().await, ["site / maintenance"]);
    let report = app.report_due(TimeDelta::hours(1)).await;
    assert!(asked(&report) < 44, "a site in trouble is not asked for everything: {}", asked(&report));
    app.site.set_trouble(None);
    let report = app.report_due(TimeDelta::hours(1)).await;
    assert_eq!((asked(&report), report.events.len()), (44, 1), "{:#?}", report.events);
}

#[tokio::test]
async fn a_wave_of_removals_is_withheld() {
    let app = quiet("").await;
    for at in 0..RELEASES {
        app.site.set_fate(&app.site.slug(at), Fate::Status(404));
    }
    assert_eq!(app.check_due().await, ["site / mass-removal"]);
    assert_eq!(app.check_due().await, NOTHING);
}
