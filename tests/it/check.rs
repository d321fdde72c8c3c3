//! Checks of a news site that changes: an event for every change that a reader would see, and none for anything
//! else.

use std::time::Duration;

use pressdiff::domain::model::ReleaseState;

use crate::support::app::{PATIENT, TestApp};
use crate::support::evolving::{Fate, Look, Trouble};

const NOTHING: [&str; 0] = [];

/// Replaces the first number of a text by another one.
fn change_a_number(paragraphs: &mut [String]) {
    let has_number = |paragraph: &&mut String| paragraph.contains(char::is_numeric);
    let paragraph = paragraphs.iter_mut().find(has_number).unwrap();
    let start = paragraph.find(char::is_numeric).unwrap();
    let end = paragraph[start..].find(|character: char| !character.is_numeric()).unwrap() + start;
    paragraph.replace_range(start..end, "4711");
}

#[tokio::test]
async fn the_first_check_reports_nothing_and_records_everything() {
    let app = TestApp::start().await;
    let report = app.report().await;
    assert!(report.events.is_empty() && report.problems.is_empty(), "{report:?}");
    assert_eq!((report.state.answered, report.state.asked), (14, 14));
    let releases = app.releases().await;
    assert_eq!(releases.len(), 14);
    assert!(releases.iter().all(|release| release.state == ReleaseState::Present && !release.title.is_empty()));
}

#[tokio::test]
async fn a_release_is_recorded_as_it_reads() {
    let app = TestApp::watching().await;
    for at in 0..14 {
        let slug = app.site.slug(at);
        let mut shown = None;
        app.site.edit(&slug, |release| shown = Some(release.clone()));
        let (shown, versions) = (shown.unwrap(), app.versions(&slug).await);
        let document = &versions[0].document;
        let blocks: Vec<&String> = document.blocks.iter().map(|block| &block.text).collect();
        assert_eq!((&document.title, blocks), (&shown.title, shown.paragraphs.iter().collect()));
        assert_eq!(document.date.as_ref().unwrap().text, shown.day);
    }
}

#[tokio::test]
async fn counters_tokens_and_teasers_are_nothing() {
    let app = TestApp::watching().await;
    for _ in 0..4 {
        assert_eq!(app.check().await, NOTHING);
    }
    assert_eq!(app.versions(&app.site.slug(3)).await.len(), 1);
}

#[tokio::test]
async fn counters_and_teasers_that_stand_with_the_text_are_nothing() {
    let app = TestApp::start().await;
    app.site.set_crowded(true);
    for _ in 0..4 {
        assert_eq!(app.check().await, NOTHING);
    }
    let slug = app.site.slug(3);
    app.site.edit(&slug, |release| change_a_number(&mut release.paragraphs));
    assert_eq!(app.check().await, [format!("edited /news/{slug}/ body")]);
}

#[tokio::test]
async fn teasers_that_come_to_stand_with_the_text_are_nothing() {
    let app = TestApp::watching().await;
    app.site.set_crowded(true);
    assert_eq!(app.check().await, NOTHING);
    app.site.set_crowded(false);
    assert_eq!(app.check().await, NOTHING);
}

#[tokio::test]
async fn an_edit_is_told_with_what_it_changed() {
    let app = TestApp::watching().await;
    let [text, title, both, day] = [0, 4, 7, 13].map(|at| app.site.slug(at));
    app.site.edit(&text, |release| change_a_number(&mut release.paragraphs));
    app.site.edit(&title, |release| release.title = "Pilots refuse the new tariff".to_owned());
    app.site.edit(&both, |release| {
        release.title.push_str(" again");
        release.paragraphs.push("The board regrets the error in an earlier text.".to_owned());
    });
    app.site.edit(&day, |release| release.day = "29 April 2026".to_owned());
    let mut expected = [
        format!("edited /news/{text}/ body"),
        format!("edited /news/{title}/ title"),
        format!("edited /news/{both}/ title body"),
        format!("edited /news/{day}/ date"),
    ];
    expected.sort();
    assert_eq!(app.check_sorted().await, expected);
    assert_eq!(app.check().await, NOTHING);
    assert_eq!(app.versions(&text).await.len(), 2);
    assert_eq!(app.release(&title).await.title, "Pilots refuse the new tariff");
}

#[tokio::test]
async fn a_paragraph_that_goes_from_one_release_and_comes_to_another_is_two_edits() {
    let app = TestApp::start().await;
    let [one, other] = [1, 5].map(|at| app.site.slug(at));
    let verdict = "The harbour master was found guilty of selling the old crane twice.".to_owned();
    app.site.edit(&one, |release| release.paragraphs.push(verdict.clone()));
    app.report().await;
    app.site.edit(&one, |release| drop(release.paragraphs.pop()));
    app.site.edit(&other, |release| release.paragraphs.push(verdict.clone()));
    let mut expected = [format!("edited /news/{one}/ body"), format!("edited /news/{other}/ body")];
    expected.sort();
    assert_eq!(app.check_sorted().await, expected);
    let acquitted = verdict.replace("found guilty", "acquitted");
    app.site.edit(&other, |release| *release.paragraphs.last_mut().unwrap() = acquitted);
    assert_eq!(app.check().await, [format!("edited /news/{other}/ body")]);
}

#[tokio::test]
async fn figures_that_change_on_most_releases_at_once_are_told_once_and_one_alone_as_an_edit() {
    let app = TestApp::start().await;
    let slugs: Vec<String> = (0..14).map(|at| app.site.slug(at)).collect();
    let fee = |at: usize, year: usize| format!("The fee for this quay is {} crowns a day.", 100 * year + at);
    for (at, slug) in slugs.iter().enumerate() {
        app.site.edit(slug, |release| release.paragraphs.push(fee(at, 1)));
    }
    app.report().await;
    let raise = |at: usize, year: usize| {
        app.site.edit(&slugs[at], |release| *release.paragraphs.last_mut().unwrap() = fee(at, year));
    };
    (0..14).for_each(|at| raise(at, 2));
    assert_eq!(app.check().await, ["site / boilerplate"]);
    assert_eq!(app.check().await, NOTHING);
    raise(3, 9);
    assert_eq!(app.check().await, [format!("edited /news/{}/ body", slugs[3])]);
}

#[tokio::test]
async fn an_edit_that_is_taken_back_is_told_twice_and_known_again() {
    let app = TestApp::watching().await;
    let slug = app.site.slug(2);
    let mut before = Vec::new();
    app.site.edit(&slug, |release| {
        before.clone_from(&release.paragraphs);
        change_a_number(&mut release.paragraphs);
    });
    assert_eq!(app.check().await, [format!("edited /news/{slug}/ body")]);
    app.site.edit(&slug, |release| release.paragraphs = before);
    assert_eq!(app.check().await, NOTHING, "a cache may be behind");
    let report = app.report().await;
    assert_eq!(report.events.len(), 1);
    assert!(report.events[0].event.summary.starts_with("back to version 1"), "{}", report.events[0].event.summary);
    let versions = app.versions(&slug).await;
    assert_eq!((versions.len(), &versions[0].hash), (3, &versions[2].hash));
}

#[tokio::test]
async fn new_releases_are_told_once() {
    let app = TestApp::watching().await;
    app.site.publish_any("a-fresh-release");
    app.site.publish("a-bulletin", "Bulletin of the day", &["The water stands at 412 centimetres."]);
    assert_eq!(app.check_sorted().await, ["new /news/a-bulletin/", "new /news/a-fresh-release/"]);
    assert_eq!(app.check().await, NOTHING);
}

#[tokio::test]
async fn many_new_releases_that_push_others_off_their_page_are_all_told() {
    let app = TestApp::watching().await;
    let slugs: Vec<String> = (0..9).map(|number| format!("a-fresh-release-{number}")).collect();
    for slug in &slugs {
        app.site.publish_any(slug);
    }
    let expected: Vec<String> = slugs.iter().map(|slug| format!("new /news/{slug}/")).collect();
    assert_eq!(app.check_sorted().await, expected);
    assert_eq!(app.check().await, NOTHING);
}

#[tokio::test]
async fn what_a_walk_newly_reaches_at_the_end_is_no_news() {
    let app = TestApp::with("listing_depth = 1").await;
    assert_eq!(app.check().await, NOTHING);
    assert_eq!(app.releases().await.len(), 6);
    let gone = app.site.slug(1);
    app.site.unlist(&gone);
    app.check().await;
    assert_eq!(app.releases().await.len(), 7, "the listing has moved up by one");
    assert!(app.releases().await.iter().all(|release| !release.announce));
}

#[tokio::test]
async fn a_removal_is_told_after_two_checks() {
    let app = TestApp::watching().await;
    let [missing, gone] = [5, 9].map(|at| app.site.slug(at));
    app.site.set_fate(&missing, Fate::Status(404));
    app.site.set_fate(&gone, Fate::Status(410));
    assert_eq!(app.check().await, NOTHING);
    let mut expected = [format!("removed /news/{missing}/ not-found"), format!("removed /news/{gone}/ gone")];
    expected.sort();
    assert_eq!(app.check_sorted().await, expected);
    assert_eq!(app.check().await, NOTHING);
}

#[tokio::test]
async fn a_removal_that_is_taken_back_in_time_is_nothing() {
    let app = TestApp::watching().await;
    let slug = app.site.slug(5);
    for fate in [Fate::Status(404), Fate::There, Fate::Status(404), Fate::There] {
        app.site.set_fate(&slug, fate);
        assert_eq!(app.check().await, NOTHING);
    }
}

#[tokio::test]
async fn a_page_that_says_that_there_is_nothing_is_a_removal() {
    let app = TestApp::watching().await;
    let slug = app.site.slug(6);
    app.site.set_fate(&slug, Fate::Soft);
    assert_eq!(app.check().await, NOTHING);
    assert_eq!(app.check().await, [format!("removed /news/{slug}/ soft-not-found")]);
    assert_eq!(app.check().await, NOTHING);
}

#[tokio::test]
async fn a_redirect_to_the_listing_is_a_removal() {
    let app = TestApp::watching().await;
    for (at, status) in [(3, 301), (10, 302)] {
        let slug = app.site.slug(at);
        app.site.set_fate(&slug, Fate::Redirect(status, "/news/".to_owned()));
        assert_eq!(app.check().await, NOTHING);
        assert_eq!(app.check().await, [format!("removed /news/{slug}/ redirected-away")]);
    }
    assert_eq!(app.check().await, NOTHING);
}

#[tokio::test]
async fn a_redirect_to_another_release_is_a_removal() {
    let app = TestApp::watching().await;
    let [slug, other] = [3, 8].map(|at| app.site.slug(at));
    app.site.set_fate(&slug, Fate::Redirect(301, format!("/news/{other}/")));
    assert_eq!(app.check().await, NOTHING);
    assert_eq!(app.check().await, [format!("removed /news/{slug}/ redirected-away")]);
}

#[tokio::test]
async fn a_removed_release_that_returns_is_restored() {
    let app = TestApp::watching().await;
    let [same, edited] = [1, 8].map(|at| app.site.slug(at));
    for slug in [&same, &edited] {
        app.site.set_fate(slug, Fate::Status(404));
    }
    app.check().await;
    assert_eq!(app.check().await.len(), 2);
    app.site.set_fate(&same, Fate::There);
    app.site.set_fate(&edited, Fate::There);
    app.site.edit(&edited, |release| change_a_number(&mut release.paragraphs));
    let mut expected = [format!("restored /news/{same}/"), format!("restored /news/{edited}/ body")];
    expected.sort();
    assert_eq!(app.check_sorted().await, expected);
    assert_eq!(app.check().await, NOTHING);
}

#[tokio::test]
async fn a_permanent_redirect_to_the_same_text_is_a_move() {
    let app = TestApp::watching().await;
    let slug = app.site.slug(4);
    let id = app.release(&slug).await.id;
    app.site.move_to(&slug, "a-better-address");
    assert_eq!(app.check().await, [format!("moved /news/a-better-address/ from /news/{slug}/")]);
    assert_eq!(app.check().await, NOTHING);
    assert_eq!(app.release("a-better-address").await.id, id);
    app.site.edit("a-better-address", |release| change_a_number(&mut release.paragraphs));
    assert_eq!(app.check().await, ["edited /news/a-better-address/ body"]);
    assert_eq!(app.versions("a-better-address").await.len(), 2);
}

#[tokio::test]
async fn a_release_that_is_gone_and_found_elsewhere_has_moved() {
    let app = TestApp::watching().await;
    let slug = app.site.slug(7);
    app.site.readdress(&slug, "the-same-elsewhere", Fate::Status(404));
    assert_eq!(app.check().await, [format!("moved /news/the-same-elsewhere/ from /news/{slug}/")]);
    assert_eq!(app.check().await, NOTHING);
    assert_eq!(app.check().await, NOTHING);
}

#[tokio::test]
async fn a_release_that_stands_at_both_addresses_for_a_while_has_moved() {
    let app = TestApp::watching().await;
    let slug = app.site.slug(7);
    app.site.copy_to(&slug, "the-same-elsewhere");
    assert_eq!(app.check().await, NOTHING, "a second address is no news");
    assert_eq!(app.check().await, NOTHING);
    app.site.set_fate(&slug, Fate::Status(404));
    assert_eq!(app.check().await, [format!("moved /news/the-same-elsewhere/ from /news/{slug}/")]);
    assert_eq!(app.check().await, NOTHING);
    app.site.edit("the-same-elsewhere", |release| change_a_number(&mut release.paragraphs));
    assert_eq!(app.check().await, ["edited /news/the-same-elsewhere/ body"]);
}

#[tokio::test]
async fn an_edit_of_a_release_and_its_copy_is_one_edit() {
    let app = TestApp::watching().await;
    let slug = app.site.slug(7);
    app.site.copy_to(&slug, "the-same-elsewhere");
    assert_eq!(app.check().await, NOTHING);
    for address in [slug.as_str(), "the-same-elsewhere"] {
        app.site.edit(address, |release| change_a_number(&mut release.paragraphs));
    }
    assert_eq!(app.check().await, [format!("edited /news/{slug}/ body")]);
    assert_eq!(app.check().await, NOTHING);
}

#[tokio::test]
async fn a_copy_that_goes_its_own_way_is_new() {
    let app = TestApp::watching().await;
    app.site.copy_to(&app.site.slug(7), "a-template");
    assert_eq!(app.check().await, NOTHING);
    app.site.edit("a-template", |release| change_a_number(&mut release.paragraphs));
    assert_eq!(app.check().await, ["new /news/a-template/"]);
    assert_eq!(app.check().await, NOTHING);
}

#[tokio::test]
async fn a_release_that_moved_and_was_edited_is_one_event() {
    let app = TestApp::watching().await;
    let slug = app.site.slug(7);
    app.site.move_to(&slug, "moved-and-edited");
    app.site.edit("moved-and-edited", |release| change_a_number(&mut release.paragraphs));
    assert_eq!(app.check().await, [format!("moved /news/moved-and-edited/ from /news/{slug}/ body")]);
    assert_eq!(app.check().await, NOTHING);
}

#[tokio::test]
async fn a_release_that_leaves_the_listing_is_unlisted_after_two_walks() {
    let app = TestApp::watching().await;
    let slug = app.site.slug(8);
    app.site.unlist(&slug);
    assert_eq!(app.check().await, NOTHING);
    assert_eq!(app.check().await, [format!("unlisted /news/{slug}/")]);
    assert_eq!(app.check().await, NOTHING);
}

#[tokio::test]
async fn typography_is_nothing() {
    let app = TestApp::watching().await;
    app.site.set_typeset(true);
    assert_eq!(app.check().await, NOTHING);
    app.site.set_typeset(false);
    assert_eq!(app.check().await, NOTHING);
}

#[tokio::test]
async fn an_outage_removes_nothing_and_is_told_once() {
    for trouble in [Trouble::Down, Trouble::Reset] {
        let app = TestApp::watching().await;
        app.site.set_trouble(Some(trouble));
        assert_eq!(app.check().await, NOTHING, "one failed check is nobody's business");
        assert_eq!(app.check().await, ["site / outage"], "{trouble:?}");
        assert_eq!(app.check().await, NOTHING);
        app.site.set_trouble(None);
        assert_eq!(app.check().await, ["site / outage recovered"]);
        assert_eq!(app.check().await, NOTHING);
    }
}

#[tokio::test]
async fn a_site_that_never_answers_is_an_outage() {
    let mut app = TestApp::watching().await;
    app.site.set_trouble(Some(Trouble::Hang));
    app.set_timeout(Duration::from_millis(200));
    assert_eq!(app.check().await, NOTHING);
    assert_eq!(app.check().await, ["site / outage"]);
    app.site.set_trouble(None);
    app.set_timeout(PATIENT);
    assert_eq!(app.check().await, ["site / outage recovered"]);
}

#[tokio::test]
async fn a_removal_is_neither_counted_nor_forgotten_during_an_outage() {
    let app = TestApp::watching().await;
    let slug = app.site.slug(5);
    app.site.set_fate(&slug, Fate::Status(404));
    assert_eq!(app.check().await, NOTHING);
    app.site.set_trouble(Some(Trouble::Down));
    assert_eq!(app.check().await, NOTHING);
    app.site.set_trouble(None);
    assert_eq!(app.check().await, [format!("removed /news/{slug}/ not-found")]);
}

#[tokio::test]
async fn an_edit_during_an_outage_is_found_after_it() {
    let app = TestApp::watching().await;
    let slug = app.site.slug(5);
    app.site.set_trouble(Some(Trouble::Down));
    assert_eq!(app.check().await, NOTHING);
    app.site.edit(&slug, |release| change_a_number(&mut release.paragraphs));
    app.site.set_trouble(None);
    assert_eq!(app.check().await, [format!("edited /news/{slug}/ body")]);
}

#[tokio::test]
async fn one_release_that_fails_is_nothing() {
    let app = TestApp::watching().await;
    let slug = app.site.slug(5);
    for status in [503, 403] {
        app.site.fail(&slug, status);
        assert_eq!(app.check().await, NOTHING);
        assert_eq!(app.check().await, NOTHING);
    }
    app.site.set_fate(&slug, Fate::There);
    assert_eq!(app.check().await, NOTHING);
}

#[tokio::test]
async fn a_page_of_maintenance_in_place_of_everything_is_one_event() {
    let app = TestApp::watching().await;
    app.site.set_trouble(Some(Trouble::Notice));
    assert_eq!(app.check().await, ["site / maintenance"]);
    assert_eq!(app.check().await, NOTHING);
    app.site.set_trouble(None);
    assert_eq!(app.check().await, ["site / maintenance recovered"]);
    assert_eq!(app.check().await, NOTHING);
}

#[tokio::test]
async fn an_empty_listing_is_one_event() {
    let app = TestApp::watching().await;
    app.site.set_trouble(Some(Trouble::EmptyListing));
    assert_eq!(app.check().await, ["site / empty-listing"]);
    assert_eq!(app.check().await, NOTHING);
    assert_eq!(app.check().await, NOTHING);
    app.site.set_trouble(None);
    assert_eq!(app.check().await, ["site / empty-listing recovered"]);
    assert_eq!(app.check().await, NOTHING);
}

#[tokio::test]
async fn a_redesign_edits_no_release() {
    let app = TestApp::watching().await;
    app.site.set_look(Look::Second);
    let told = app.check().await;
    assert!(told.iter().all(|event| event == "site / redesign"), "{told:?}");
    assert_eq!(app.check().await, NOTHING);
    let slug = app.site.slug(9);
    app.site.edit(&slug, |release| change_a_number(&mut release.paragraphs));
    assert_eq!(app.check().await, [format!("edited /news/{slug}/ body")]);
}

#[tokio::test]
async fn an_edit_under_a_redesign_is_found() {
    let app = TestApp::watching().await;
    app.site.set_look(Look::Second);
    let slug = app.site.slug(9);
    app.site.edit(&slug, |release| change_a_number(&mut release.paragraphs));
    let mut told = app.check().await;
    told.retain(|event| event != "site / redesign");
    assert_eq!(told, [format!("edited /news/{slug}/ body")]);
    assert_eq!(app.check().await, NOTHING);
}

#[tokio::test]
async fn what_the_baseline_could_not_read_is_no_news_later() {
    let app = TestApp::start().await;
    let slug = app.site.slug(6);
    app.site.fail(&slug, 503);
    assert_eq!(app.check().await, NOTHING);
    app.site.set_fate(&slug, Fate::There);
    assert_eq!(app.check().await, NOTHING);
    assert_eq!(app.versions(&slug).await.len(), 1);
    app.site.edit(&slug, |release| change_a_number(&mut release.paragraphs));
    assert_eq!(app.check().await, [format!("edited /news/{slug}/ body")]);
}

#[tokio::test]
async fn what_a_listing_names_before_it_can_be_read_is_news_when_it_can() {
    let app = TestApp::watching().await;
    app.site.publish_any("not-ready-yet");
    app.site.fail("not-ready-yet", 503);
    assert_eq!(app.check().await, NOTHING);
    app.site.set_fate("not-ready-yet", Fate::There);
    assert_eq!(app.check().await, ["new /news/not-ready-yet/"]);
}

#[tokio::test]
async fn a_site_that_knows_what_has_not_changed_is_asked_so_and_stays_quiet() {
    let app = TestApp::start().await;
    app.site.set_validators(true);
    let slug = app.site.slug(2);
    for _ in 0..3 {
        assert_eq!(app.check().await, NOTHING);
    }
    let asked: Vec<bool> =
        app.site.requests_for(&slug).iter().map(|request| request.header("if-none-match").is_some()).collect();
    assert_eq!(asked, [false, true, true]);
    app.site.edit(&slug, |release| change_a_number(&mut release.paragraphs));
    assert_eq!(app.check().await, [format!("edited /news/{slug}/ body")]);
}

#[tokio::test]
async fn a_whole_page_is_asked_for_once_a_day_whatever_the_validators_say() {
    let app = TestApp::start().await;
    app.site.set_validators(true);
    for _ in 0..26 {
        assert_eq!(app.check().await, NOTHING);
    }
    let whole = |request: &&crate::support::server::Request| request.header("if-none-match").is_none();
    assert_eq!(app.site.requests_for(&app.site.slug(2)).iter().filter(whole).count(), 2);
}

#[tokio::test]
async fn the_order_of_the_answers_does_not_matter() {
    let mut told = Vec::new();
    for held in [[0, 1, 2, 3], [6, 2, 9, 4], [13, 12, 11, 10]] {
        let app = TestApp::start().await;
        let slugs = held.map(|at| app.site.slug(at));
        app.site.hold(&slugs);
        assert_eq!(app.check().await, NOTHING);
        let [edited, removed, moved] = [2, 3, 11].map(|at| app.site.slug(at));
        app.site.edit(&edited, |release| change_a_number(&mut release.paragraphs));
        app.site.set_fate(&removed, Fate::Status(404));
        app.site.readdress(&moved, "moved", Fate::Status(404));
        app.site.publish_any("new");
        app.site.hold(&slugs.map(|slug| if slug == moved { "moved".to_owned() } else { slug }));
        let mut events = app.check().await;
        events.extend(app.check().await);
        told.push(events);
    }
    assert_eq!(told[0].len(), 4, "{:?}", told[0]);
    assert!(told.iter().all(|events| *events == told[0]), "{told:?}");
}

#[tokio::test]
async fn two_releases_that_lead_to_one_address_harm_nothing() {
    let app = TestApp::watching().await;
    let (one, other) = (app.site.slug(4), app.site.slug(6));
    for slug in [&one, &other] {
        app.site.edit(slug, |release| release.paragraphs = vec!["Both say the very same of one matter.".to_owned()]);
    }
    assert_eq!(app.check().await.len(), 2);
    app.site.readdress(&one, "joined", Fate::Redirect(301, "/news/joined/".to_owned()));
    app.site.set_fate(&other, Fate::Redirect(301, "/news/joined/".to_owned()));
    let events = app.check().await;
    assert_eq!(events.iter().filter(|event| event.starts_with("moved")).count(), 1, "{events:?}");
    app.check().await;
}

#[tokio::test]
async fn a_release_that_moves_back_is_the_same_still() {
    let app = TestApp::watching().await;
    let slug = app.site.slug(4);
    app.site.readdress(&slug, "elsewhere", Fate::Redirect(301, "/news/elsewhere/".to_owned()));
    assert_eq!(app.check().await.len(), 1);
    app.site.readdress("elsewhere", &slug, Fate::Status(404));
    assert_eq!(app.check().await.len(), 1);
    assert_eq!(app.release(&slug).await.url.path(), format!("/news/{slug}/"));
    assert_eq!(app.check().await, NOTHING);
}

#[tokio::test]
async fn tombstones_on_a_few_releases_are_edits() {
    let app = TestApp::watching().await;
    for at in [2, 5, 8] {
        app.site.edit(&app.site.slug(at), |release| {
            release.title = "Statement withdrawn".to_owned();
            release.paragraphs = vec!["This statement was withdrawn by the press office of the port.".to_owned()];
        });
    }
    let events = app.check().await;
    assert_eq!(events.iter().filter(|event| event.starts_with("edited")).count(), 3, "{events:?}");
}

#[tokio::test]
async fn the_same_sentence_in_a_few_releases_is_an_edit_of_each() {
    let app = TestApp::watching().await;
    for at in [2, 5, 8] {
        let sentence = "The harbour master did not take part in any of the meetings.".to_owned();
        app.site.edit(&app.site.slug(at), |release| release.paragraphs.push(sentence));
    }
    let events = app.check().await;
    assert_eq!(events.iter().filter(|event| event.starts_with("edited")).count(), 3, "{events:?}");
    assert_eq!(events.len(), 3, "{events:?}");
}
