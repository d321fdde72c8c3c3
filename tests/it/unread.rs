//! Releases that cannot be read any more, though nothing says that they are gone.

use chrono::TimeDelta;

use crate::support::app::TestApp;
use crate::support::evolving::{Fate, Trouble};

/// The events of so many hourly checks.
async fn after(app: &TestApp, checks: usize) -> Vec<String> {
    let mut told = Vec::new();
    for _ in 0..checks {
        told.extend(app.check().await);
    }
    told
}

#[tokio::test]
async fn one_release_that_is_refused_for_a_day_is_told_once_and_once_when_it_is_back() {
    let app = TestApp::watching().await;
    let slug = app.site.slug(2);
    app.site.fail(&slug, 403);
    assert_eq!(after(&app, 24).await, [""; 0]);
    let told = after(&app, 48).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("site") && told[0].contains("unread"), "{told:?}");
    app.site.set_fate(&slug, Fate::There);
    let told = after(&app, 3).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("recovered"), "{told:?}");
}

#[tokio::test]
async fn what_is_refused_and_listed_no_more_is_unlisted() {
    let app = TestApp::watching().await;
    let slug = app.site.slug(2);
    app.site.fail(&slug, 403);
    app.site.unlist(&slug);
    let told = after(&app, 6).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("unlisted") && told[0].contains(&slug), "{told:?}");
}

#[tokio::test]
async fn what_is_withheld_for_legal_reasons_is_removed() {
    let app = TestApp::watching().await;
    let slug = app.site.slug(2);
    app.site.fail(&slug, 451);
    let told = after(&app, 4).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("removed") && told[0].contains("legal-reasons"), "{told:?}");
}

#[tokio::test]
async fn while_a_listing_is_empty_for_days_a_removal_is_told_late_but_told() {
    let app = TestApp::watching().await;
    app.site.set_trouble(Some(Trouble::EmptyListing));
    assert_eq!(after(&app, 3).await.len(), 1, "the empty listing");
    app.site.set_fate(&app.site.slug(2), Fate::Status(404));
    assert_eq!(after(&app, 3).await, [""; 0]);
    app.jump(TimeDelta::hours(24));
    let told = after(&app, 3).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains("removed"), "{told:?}");
}
