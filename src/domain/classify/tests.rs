use std::time::Duration;

use chrono::TimeDelta;
use chrono_tz::Tz;

use super::*;
use crate::domain::cadence::Cadence;
use crate::domain::model::{
    Block, BlockKind, ConfirmRemoval, Discovery, GoneStreak, Image, Reason, ReleaseState, ShownDate, SnapshotId,
    SourceId, Trouble, Validators, VersionHead,
};
use crate::domain::recheck::{Looks, Recheck};
use crate::domain::rule::ExtractionRule;

fn url(path: &str) -> Url {
    Url::parse("https://example.org").unwrap().join(path).unwrap()
}

fn at(hour: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_780_000_000, 0).unwrap() + TimeDelta::hours(hour)
}

fn source() -> Source {
    Source {
        id: SourceId("harbour".to_owned()),
        name: "Harbour".to_owned(),
        listings: vec![url("/news/")],
        feeds: Vec::new(),
        sitemaps: Vec::new(),
        pages: Vec::new(),
        include: Vec::new(),
        listing_depth: 5,
        keep: None,
        schedule: Cadence::parse("@hourly").unwrap(),
        timezone: Tz::UTC,
        recheck: Recheck::default(),
        confirm_removal: ConfirmRemoval { checks: 2, after: Duration::from_hours(1) },
        extract: ExtractionRule::default(),
    }
}

fn document(text: &str) -> Document {
    let block = |text: &str| Block { kind: BlockKind::Paragraph, text: text.to_owned() };
    Document { title: "A title".to_owned(), blocks: text.split('|').map(block).collect(), ..Document::default() }
}

/// A release with one version, in a state.
fn release(id: i64, state: ReleaseState) -> Release {
    let is_known = state != ReleaseState::Found;
    let latest = VersionHead {
        number: 1,
        snapshot: SnapshotId(id),
        hash: content_hash(&document("The pier is open.")),
        extractor: 1,
    };
    let streak = GoneStreak { reason: Reason::NotFound, first_at: at(-1), last_at: at(-1), checks: 1 };
    Release {
        id: ReleaseId(id),
        source: SourceId("harbour".to_owned()),
        url: url(&format!("/news/{id}/")),
        title: "A title".to_owned(),
        day: None,
        found_by: Discovery::Listing,
        found_at: at(-9),
        announce: true,
        state,
        gone: matches!(state, ReleaseState::Suspect | ReleaseState::Removed).then_some(streak),
        unlisted: false,
        latest: is_known.then_some(latest),
        judged: None,
        validators: Validators::default(),
        full_at: None,
        seen_at: None,
        changed_at: None,
        looks: Looks::default(),
    }
}

fn sighting(id: i64, state: ReleaseState, observation: Observation) -> Sighting {
    Sighting { release: Box::new(release(id, state)), observation }
}

fn seen(text: &str, against: Against) -> Observation {
    let seen = Seen {
        snapshot: SnapshotId(99),
        validators: Validators::default(),
        document: document(text),
        against,
        noise: None,
        moved_to: None,
    };
    Observation::Seen(Box::new(seen))
}

fn edited(old: &str, new: &str) -> Observation {
    seen(new, Against::Edited { old: Box::new(document(old)), returns_to: None })
}

fn gone() -> Observation {
    Observation::Gone { reason: Reason::NotFound, snapshot: SnapshotId(99) }
}

fn unreachable() -> Observation {
    Observation::Unreachable { detail: "no answer".to_owned() }
}

fn judge_all(sightings: Vec<Sighting>) -> Judgement {
    judge_with(sightings, Vec::new(), SourceState::default())
}

fn judge_with(sightings: Vec<Sighting>, lost: Vec<(ReleaseId, Document)>, state: SourceState) -> Judgement {
    let source = source();
    judge(Facts {
        source: &source,
        state,
        sightings,
        lost,
        leads: Vec::new(),
        walks: Vec::new(),
        listings: Vec::new(),
        standings: Vec::new(),
        watched: Watched::SOME,
        now: at(0),
    })
}

fn kinds(judgement: &Judgement) -> Vec<EventKind> {
    let own = judgement.releases.iter().flat_map(|outcome| &outcome.events);
    own.chain(&judgement.events).map(|event| event.kind).collect()
}

/// What one observation makes of one release among five others that answer.
fn check(state: ReleaseState, observation: Observation) -> (ReleaseState, Vec<EventKind>) {
    let others = (2..7).map(|id| sighting(id, ReleaseState::Present, Observation::NotModified { renewed: None }));
    let judgement = judge_all([sighting(1, state, observation)].into_iter().chain(others).collect());
    let after = judgement.releases.iter().find(|outcome| outcome.release.id == ReleaseId(1));
    (after.map_or(state, |outcome| outcome.release.state), kinds(&judgement))
}

#[test]
fn states_of_a_release() {
    use EventKind::{Edited, New, Removed, Restored};
    use ReleaseState::{Found, Present, Suspect};
    let gone_state = ReleaseState::Removed;
    let unreadable = || Observation::Unreadable { reason: Reason::Blocked, detail: String::new() };
    let change = || edited("The pier is open.", "The pier is closed.");
    let table = [
        (Found, seen("New.", Against::First), Present, vec![New]),
        (Found, gone(), Found, vec![]),
        (Found, unreachable(), Found, vec![]),
        (Present, Observation::NotModified { renewed: None }, Present, vec![]),
        (Present, seen("The pier is open.", Against::Same), Present, vec![]),
        (Present, seen("The pier is open.", Against::Technical), Present, vec![]),
        (Present, change(), Present, vec![Edited]),
        (Present, gone(), Suspect, vec![]),
        (Present, unreachable(), Present, vec![]),
        (Present, unreadable(), Present, vec![]),
        (Suspect, gone(), gone_state, vec![Removed]),
        (Suspect, unreachable(), Suspect, vec![]),
        (Suspect, unreadable(), Suspect, vec![]),
        (Suspect, Observation::NotModified { renewed: None }, Present, vec![]),
        (Suspect, change(), Present, vec![Edited]),
        (gone_state, gone(), gone_state, vec![]),
        (gone_state, unreachable(), gone_state, vec![]),
        (gone_state, seen("The pier is open.", Against::Same), Present, vec![Restored]),
        (gone_state, change(), Present, vec![Restored]),
    ];
    for (before, observation, after, events) in table {
        let label = format!("{before:?} {observation:?}");
        assert_eq!(check(before, observation), (after, events), "{label}");
    }
}

#[test]
fn a_removal_takes_as_long_as_it_is_told_to() {
    let mut early = sighting(1, ReleaseState::Suspect, gone());
    early.release.gone.as_mut().unwrap().first_at = at(0) - TimeDelta::minutes(59);
    let others = (2..7).map(|id| sighting(id, ReleaseState::Present, Observation::NotModified { renewed: None }));
    let judgement = judge_all([early].into_iter().chain(others).collect());
    assert_eq!(kinds(&judgement), []);
}

#[test]
fn a_source_in_trouble_has_removed_nothing() {
    for trouble in [unreachable(), gone()] {
        let others = (2..9).map(|id| sighting(id, ReleaseState::Present, trouble.clone()));
        let judgement = judge_all([sighting(1, ReleaseState::Suspect, gone())].into_iter().chain(others).collect());
        assert!(!kinds(&judgement).contains(&EventKind::Removed), "{trouble:?}");
        assert_eq!(judgement.state.troubles.len(), 1);
        assert!(judgement.releases.is_empty(), "nothing that is gone is counted");
    }
}

/// What is told of one release among five others, after so many checks in which it could not be read.
fn tell_unread(checks: u32, hours: std::ops::Range<i64>, observation: Observation) -> (Option<u32>, Vec<String>) {
    let mut one = sighting(1, ReleaseState::Present, observation);
    let streak = GoneStreak { reason: Reason::Blocked, first_at: at(hours.start), last_at: at(hours.end), checks };
    one.release.gone = (checks > 0).then_some(streak);
    let others = (2..7).map(|id| sighting(id, ReleaseState::Present, Observation::NotModified { renewed: None }));
    let judgement = judge_all([one].into_iter().chain(others).collect());
    let after = judgement.releases.iter().find(|outcome| outcome.release.id == ReleaseId(1)).unwrap();
    assert_eq!((after.release.state, after.events.len()), (ReleaseState::Present, 0));
    let told = judgement.events.iter().map(|event| event.summary.clone()).collect();
    (after.release.gone.as_ref().map(|streak| streak.checks), told)
}

#[test]
fn a_release_that_no_check_can_read_for_a_day_is_told_once_and_once_when_it_can() {
    let refused = || Observation::Unreadable { reason: Reason::Blocked, detail: "answers 403".to_owned() };
    assert_eq!(tell_unread(0, 0..0, refused()), (Some(1), vec![]));
    assert_eq!(tell_unread(1, -24..-24, refused()), (Some(2), vec![]));
    let lost = "1 release cannot be read any more: /news/1/ (answers 403)".to_owned();
    assert_eq!(tell_unread(2, -24..-1, refused()), (Some(3), vec![lost.clone()]));
    let closed = lost.replace("answers 403", "robots.txt asks us to stay away");
    assert_eq!(tell_unread(2, -24..-1, Observation::Forbidden), (Some(3), vec![closed]));
    assert_eq!(tell_unread(3, -25..-1, refused()), (Some(4), vec![]));
    assert_eq!(tell_unread(2, -2..-1, Observation::NotModified { renewed: None }), (None, vec![]));
    let back = "1 release can be read again: /news/1/".to_owned();
    assert_eq!(tell_unread(9, -30..-1, Observation::NotModified { renewed: None }), (None, vec![back]));
}

#[test]
fn a_trouble_that_lasts_withholds_no_removal_for_ever() {
    let refused = || Observation::Unreadable { reason: Reason::Blocked, detail: String::new() };
    let removed_after = |hours: i64, reason| {
        let gone = Observation::Gone { reason, snapshot: SnapshotId(99) };
        let mut sightings = vec![sighting(1, ReleaseState::Suspect, gone)];
        sightings.extend((2..5).map(|id| sighting(id, ReleaseState::Present, refused())));
        sightings
            .extend((5..7).map(|id| sighting(id, ReleaseState::Present, Observation::NotModified { renewed: None })));
        let trouble = Trouble { cause: Reason::Blocked, since: at(-hours), told: true };
        let judgement =
            judge_with(sightings, Vec::new(), SourceState { troubles: vec![trouble], ..SourceState::default() });
        kinds(&judgement) == [EventKind::Removed]
    };
    assert!(!removed_after(23, Reason::NotFound));
    assert!(removed_after(24, Reason::NotFound) && removed_after(24, Reason::LegalReasons));
    assert!(!removed_after(24 * 60, Reason::SoftNotFound), "the page may be the one that refuses us");
}

#[test]
fn a_trouble_is_told_once_and_once_when_it_is_over() {
    let down = || (1..6).map(|id| sighting(id, ReleaseState::Present, unreachable())).collect::<Vec<_>>();
    let up = (1..6).map(|id| sighting(id, ReleaseState::Present, Observation::NotModified { renewed: None })).collect();
    let mut told = Vec::new();
    let mut state = SourceState::default();
    for sightings in [down(), down(), down(), up] {
        let judgement = judge_with(sightings, Vec::new(), state);
        told.push(judgement.events.iter().map(|event| event.reasons.clone()).collect::<Vec<_>>());
        state = judgement.state;
    }
    let recovered = vec![Reason::Outage, Reason::Recovered];
    assert_eq!(told, [vec![], vec![vec![Reason::Outage]], vec![], vec![recovered]]);
}

#[test]
fn a_listing_that_keeps_failing_is_told_once() {
    let source = source();
    let (mut state, mut listings, mut told) = (SourceState::default(), Vec::new(), Vec::new());
    let failed = Some("status 503".to_owned());
    for problem in [failed.clone(), failed.clone(), failed.clone(), failed, None] {
        let walk = Walk {
            listing: url("/news/"),
            kind: Discovery::Listing,
            entries: vec![ReleaseId(1)],
            page_starts: Vec::new(),
            place: None,
            first_page: 1,
            pages: 1,
            reached_end: true,
            problem,
            cut: None,
        };
        let judgement = judge(Facts {
            source: &source,
            state,
            sightings: vec![sighting(1, ReleaseState::Present, Observation::NotModified { renewed: None })],
            lost: Vec::new(),
            leads: Vec::new(),
            walks: vec![walk],
            listings,
            standings: Vec::new(),
            watched: Watched::SOME,
            now: at(0),
        });
        told.push(judgement.events.iter().map(|event| event.reasons.clone()).collect::<Vec<_>>());
        (state, listings) = (judgement.state, judgement.listings);
    }
    let over = vec![Reason::ListingFailing, Reason::Recovered];
    assert_eq!(told, [vec![], vec![], vec![vec![Reason::ListingFailing]], vec![], vec![over]]);
}

#[test]
fn a_lost_text_at_a_new_address_has_moved() {
    let text = "The harbour council opened the new pier to the public on Monday after two years of work.";
    let arrival = sighting(2, ReleaseState::Found, seen(text, Against::First));
    let others = || (3..9).map(|id| sighting(id, ReleaseState::Present, Observation::NotModified { renewed: None }));
    let lost = sighting(1, ReleaseState::Present, gone());
    let sightings = [lost, arrival.clone()].into_iter().chain(others()).collect();
    let judgement = judge_with(sightings, vec![(ReleaseId(1), document(text))], SourceState::default());
    assert_eq!(kinds(&judgement), [EventKind::Moved]);
    let moved = judgement.releases.iter().find(|outcome| outcome.release.id == ReleaseId(1)).unwrap();
    assert_eq!((moved.merged, &moved.release.url), (Some(ReleaseId(2)), &url("/news/2/")));

    let still_there = sighting(1, ReleaseState::Present, Observation::NotModified { renewed: None });
    let judgement = judge_all([still_there, arrival].into_iter().chain(others()).collect());
    assert_eq!(kinds(&judgement), [EventKind::New], "a release that resembles one that is there is new");
}

#[test]
fn one_edit_on_many_releases_is_one_event() {
    let sightings = (1..6).map(|id| {
        let own = if id == 3 { "Own words were new." } else { "Own words." };
        let observation = edited("Own words.|Office hours: nine to noon.", &format!("{own}|Office hours: ten to one."));
        sighting(id, ReleaseState::Present, observation)
    });
    let judgement = judge_all(sightings.collect());
    assert_eq!(kinds(&judgement), [EventKind::Edited, EventKind::Site]);
    assert!(judgement.releases.iter().all(|outcome| outcome.versions.len() == 1 || outcome.versions.len() == 2));
}

/// The kinds of events when releases with a date and a picture show others.
fn kinds_of_change(count: i64, change: impl Fn(&mut Document, &mut Document, i64)) -> Vec<EventKind> {
    let sightings = (1..=count).map(|id| {
        let (mut old, mut new) = (document("The pier is open."), document("The pier is open."));
        change(&mut old, &mut new, id);
        let Observation::Seen(mut seen) = edited("", "") else { unreachable!() };
        (seen.document, seen.against) = (new, Against::Edited { old: Box::new(old), returns_to: None });
        sighting(id, ReleaseState::Present, Observation::Seen(seen))
    });
    kinds(&judge_all(sightings.collect()))
}

#[test]
fn the_day_that_it_is_on_all_pages_is_no_date_of_any() {
    let shown = |text: String| Some(ShownDate { text, day: None });
    let clock = |old: &mut Document, new: &mut Document, _: i64| {
        (old.date, new.date) = (shown("22.11.2026".into()), shown("23.11.2026".into()));
    };
    assert!(kinds_of_change(5, clock).is_empty());
    let own = |old: &mut Document, new: &mut Document, id: i64| {
        (old.date, new.date) = (shown(format!("{id}.11.2026")), shown(format!("1{id}.11.2026")));
    };
    assert_eq!(kinds_of_change(2, own), [EventKind::Edited; 2]);
}

#[test]
fn pictures_at_other_addresses_on_all_releases_are_one_event() {
    let image =
        |folder: &str, id: i64| Image { source: url(&format!("/{folder}/{id}.jpg")).to_string(), alt: String::new() };
    let change = |old: &mut Document, new: &mut Document, id: i64| {
        (old.images, new.images) = (vec![image("media", id)], vec![image("files/large", id + 70)]);
    };
    assert_eq!(kinds_of_change(5, change), [EventKind::Site]);
    assert_eq!(kinds_of_change(2, change), [EventKind::Edited; 2]);
}

#[test]
fn what_an_old_address_is_known_by_says_nothing_about_the_new_one() {
    let mut observation = seen("A text.", Against::Same);
    if let Observation::Seen(seen) = &mut observation {
        seen.validators.etag = Some("\"a\"".to_owned());
        seen.moved_to = Some((url("/news/2"), Reason::Canonical));
    }
    let moved = judge_all(vec![sighting(1, ReleaseState::Present, observation)]);
    assert_eq!(kinds(&moved), [EventKind::Moved]);
    assert_eq!(moved.releases[0].release.validators, Validators::default());
}

/// A new template shows the box about the author no more; each author has several releases.
#[test]
fn what_a_template_says_of_each_author_is_no_edit_of_their_releases() {
    let text = |id: i64, rest: &str| format!("Release {id} has a text of its own, about pier {id}.{rest}");
    let author = |id: i64| format!("|About {}", ["Ada", "Bela", "Cleo"][usize::try_from(id % 3).unwrap()]);
    let lost = |id: i64| sighting(id, ReleaseState::Present, edited(&text(id, &author(id)), &text(id, "")));
    let all = judge_all((1..=12).map(lost).collect());
    assert_eq!(kinds(&all), [EventKind::Site]);
    assert!(all.events[0].reasons.contains(&Reason::Boilerplate), "{:?}", all.events);
    let same = |id: i64| sighting(id, ReleaseState::Present, Observation::NotModified { renewed: None });
    let few = judge_all((1..=12).map(|id| if id <= 6 { lost(id) } else { same(id) }).collect());
    assert_eq!(kinds(&few), vec![EventKind::Edited; 6]);
}

/// Some of the releases say what the organisation is; it has a new head.
#[test]
fn a_paragraph_that_became_another_one_on_several_releases_is_one_event() {
    let text =
        |id: i64, head: &str| format!("Release {id} has a text of its own, about pier {id}.|{head} leads the office.");
    let judge = |edited_until: i64| {
        let sight = |id: i64| match id {
            id if id <= edited_until => edited(&text(id, "Ada"), &text(id, "Bela")),
            _ => Observation::NotModified { renewed: None },
        };
        judge_all((1..=20).map(|id| sighting(id, ReleaseState::Present, sight(id))).collect())
    };
    assert_eq!(kinds(&judge(5)), [EventKind::Site]);
    assert_eq!(kinds(&judge(4)), [EventKind::Edited; 4], "an editor may do that");
}

/// A new template says below each release who wrote it and when.
#[test]
fn a_stamp_that_comes_to_all_releases_is_no_edit_of_any() {
    let text = |id: i64| format!("Release {id} has a text of its own, about the pier.");
    let stamp = |id: i64| format!("{}|Saved by the desk, {id} March 2024 - 18:5{}", text(id), id % 10);
    let all =
        judge_all((1..=12).map(|id| sighting(id, ReleaseState::Present, edited(&text(id), &stamp(id)))).collect());
    assert_eq!(kinds(&all), [EventKind::Site]);
    assert!(all.events[0].reasons.contains(&Reason::Boilerplate), "{:?}", all.events);
    // Figures that are edited are edits, however many.
    let ships = |id: i64, count: i64| format!("{}|In the year there were {} ships", text(id), 100 * id + count);
    let edit = |id: i64| sighting(id, ReleaseState::Present, edited(&ships(id, 7), &ships(id, 9)));
    assert_eq!(kinds(&judge_all((1..=12).map(edit).collect())), vec![EventKind::Edited; 12]);
}

#[test]
fn bylines_that_come_to_several_releases_at_once_are_no_edits() {
    const AUTHORS: [&str; 3] = ["Ruth Adeyemi", "Tomas Havel", "Ingrid Solberg"];
    let text = |id: i64| format!("Release {id} has a text of its own, about the pier.");
    let signed = |id: i64, step: i64| {
        let author = AUTHORS[usize::try_from(id + step).unwrap() % AUTHORS.len()];
        format!("By {author}|{}", text(id))
    };
    let idle = (5..=12).map(|id| sighting(id, ReleaseState::Present, Observation::NotModified { renewed: None }));
    let idle: Vec<Sighting> = idle.collect();
    let of = |edit: &dyn Fn(i64) -> Observation, count: i64| {
        let edits = (1..=count).map(|id| sighting(id, ReleaseState::Present, edit(id)));
        kinds(&judge_all(edits.chain(idle.clone()).collect()))
    };
    assert_eq!(of(&|id| edited(&text(id), &signed(id, 0)), 4), [EventKind::Site]);
    assert_eq!(of(&|id| edited(&signed(id, 0), &text(id)), 4), [EventKind::Site]);
    assert_eq!(of(&|id| edited(&text(id), &signed(id, 0)), 2), [EventKind::Edited; 2], "signed by hand");
    assert_eq!(of(&|id| edited(&signed(id, 0), &signed(id, 1)), 4), [EventKind::Edited; 4], "others wrote it");
}

#[test]
fn the_same_judgement_in_any_order() {
    let sightings = || {
        vec![
            sighting(1, ReleaseState::Present, gone()),
            sighting(2, ReleaseState::Found, seen("Something new.", Against::First)),
            sighting(3, ReleaseState::Present, edited("One number: 12.", "One number: 13.")),
            sighting(4, ReleaseState::Suspect, Observation::NotModified { renewed: None }),
            sighting(5, ReleaseState::Present, Observation::NotModified { renewed: None }),
        ]
    };
    let told = |sightings: Vec<Sighting>| {
        let mut releases = judge_all(sightings).releases;
        releases.sort_by_key(|outcome| outcome.release.id);
        let states = releases.iter().map(|outcome| (outcome.release.id, outcome.release.state, outcome.events.clone()));
        states.collect::<Vec<_>>()
    };
    let mut reversed = sightings();
    reversed.reverse();
    assert_eq!(told(sightings()), told(reversed));
}

/// What a walk tells that left something out, and the record of the listing after it.
fn after_cut(entries: &[i64], listings: Vec<ListingRecord>) -> (Vec<String>, ListingRecord) {
    let source = source();
    let walk = Walk { cut: Some("names too much".to_owned()), ..walk(entries, false) };
    let sightings = (1..10).map(|id| sighting(id, ReleaseState::Present, Observation::NotModified { renewed: None }));
    let facts = Facts { walks: vec![walk], listings, ..Facts::about(&source, sightings.collect(), at(0)) };
    let judgement = judge(facts);
    let summaries = judgement.events.into_iter().map(|event| event.summary).collect();
    (summaries, judgement.listings.into_iter().next().unwrap())
}

#[test]
fn what_a_listing_names_beyond_a_bound_is_told_and_no_emptiness() {
    let (told, record) = after_cut(&[1, 2, 3], Vec::new());
    assert_eq!(told, ["/news/: names too much"]);
    assert_eq!((record.problem.as_deref(), record.failures, record.entries), (Some("names too much"), 0, 3));
    let (told, record) = after_cut(&[], vec![record]);
    assert_eq!(told, ["/news/: names too much"], "it may name releases in what was left out");
    assert_eq!((record.problem.as_deref(), record.entries), (Some("names too much"), 3));
}

fn walk(entries: &[i64], reached_end: bool) -> Walk {
    Walk {
        listing: url("/news/"),
        kind: Discovery::Listing,
        entries: entries.iter().map(|id| ReleaseId(*id)).collect(),
        page_starts: Vec::new(),
        place: None,
        first_page: 0,
        pages: 1,
        reached_end,
        problem: None,
        cut: None,
    }
}

/// The releases that are unlisted after walks of one listing.
fn unlisted_after(walks: &[(&[i64], bool)]) -> Vec<i64> {
    unlisted_after_walks(walks.iter().map(|(entries, reached_end)| walk(entries, *reached_end)).collect())
}

fn unlisted_after_walks(walks: Vec<Walk>) -> Vec<i64> {
    let source = source();
    let (mut listings, mut standings) = (Vec::new(), Vec::<Standing>::new());
    let mut unlisted = Vec::new();
    for walk in walks {
        let sightings =
            (1..10).map(|id| sighting(id, ReleaseState::Present, Observation::NotModified { renewed: None })).collect();
        let walks = vec![walk];
        let state = SourceState::default();
        let facts = Facts {
            source: &source,
            state,
            sightings,
            lost: Vec::new(),
            leads: Vec::new(),
            walks,
            listings,
            standings: standings.clone(),
            watched: Watched::SOME,
            now: at(0),
        };
        let judgement = judge(facts);
        let events = judgement.releases.iter().flat_map(|outcome| &outcome.events);
        let reported = events.filter(|event| event.kind == EventKind::Unlisted).filter_map(|event| event.release);
        unlisted = reported.map(|release| release.0).collect();
        listings = judgement.listings;
        standings.retain(|known| judgement.standings.iter().all(|other| other.release != known.release));
        standings.extend(judgement.standings);
    }
    unlisted
}

#[test]
fn a_release_is_unlisted_when_two_whole_walks_miss_it() {
    let all: &[i64] = &[1, 2, 3, 4, 5];
    let without_3: &[i64] = &[1, 2, 4, 5];
    assert_eq!(unlisted_after(&[(all, true), (without_3, true)]), [0_i64; 0]);
    assert_eq!(unlisted_after(&[(all, true), (without_3, true), (without_3, true)]), [3]);
    assert_eq!(unlisted_after(&[(all, true), (&[], true), (&[], true)]), [0_i64; 0], "an empty listing lists nothing");
    assert_eq!(unlisted_after(&[(all, false), (without_3, false), (without_3, false)]), [3]);
}

#[test]
fn what_was_left_out_of_a_walk_is_not_missed() {
    let cut = |entries: &[i64]| Walk { cut: Some("names too much".to_owned()), ..walk(entries, false) };
    let all = || walk(&[1, 2, 3, 4, 5, 6], true);
    let without_3 = || cut(&[1, 2, 4, 5, 6]);
    assert_eq!(unlisted_after_walks(vec![all(), without_3(), without_3(), without_3()]), [0; 0]);
    let named_again = || cut(&[6, 1, 5, 2, 3]);
    assert_eq!(unlisted_after_walks(vec![without_3(), named_again(), without_3(), without_3(), without_3()]), [0; 0]);
}

#[test]
fn a_listing_that_shows_another_choice_each_time_unlists_nothing() {
    let choices: [&[i64]; 5] = [&[1, 2, 3, 4, 5, 6], &[3, 4, 5], &[1, 2, 5], &[3, 4, 6], &[1, 2, 6]];
    for count in 1..=choices.len() {
        let walks: Vec<(&[i64], bool)> = choices.iter().take(count).map(|choice| (*choice, true)).collect();
        assert_eq!(unlisted_after(&walks), [0; 0], "{count} walks");
    }
}

#[test]
fn behind_the_last_page_that_is_walked_is_nothing() {
    let pushed: &[i64] = &[6, 1, 2, 3, 4];
    assert_eq!(unlisted_after(&[(&[1, 2, 3, 4, 5], false), (pushed, false), (pushed, false)]), [0_i64; 0]);
}

#[test]
fn what_newer_ones_push_off_a_listing_of_the_latest_is_nothing() {
    let pushed: &[i64] = &[7, 6, 1, 2, 3];
    assert_eq!(unlisted_after(&[(&[1, 2, 3, 4, 5], true), (pushed, true), (pushed, true)]), [0_i64; 0]);
    let other: &[i64] = &[6, 7, 8, 9];
    assert_eq!(unlisted_after(&[(&[1, 2, 3, 4, 5], true), (other, true), (other, true)]), [0_i64; 0]);
    let filled_up: &[i64] = &[1, 2, 3, 4, 6];
    assert_eq!(unlisted_after(&[(&[1, 2, 3, 4, 5], true), (filled_up, true), (filled_up, true)]), [5]);
    let grown: &[i64] = &[7, 6, 1, 2, 3, 4];
    assert_eq!(unlisted_after(&[(&[1, 2, 3, 4, 5], true), (grown, true), (grown, true)]), [5]);
    let other_gone: &[i64] = &[6, 1, 3, 4];
    assert_eq!(unlisted_after(&[(&[1, 2, 3, 4, 5], true), (other_gone, true), (other_gone, true)]), [2]);
}

fn record(whole_depth: u32) -> ListingRecord {
    ListingRecord {
        url: url("/news/"),
        kind: Discovery::Listing,
        whole_depth,
        whole_at: Some("2026-05-10T23:00:00Z".parse().unwrap()),
        entries: 9,
        place: None,
        first_page: 5,
        failures: 0,
        problem: None,
    }
}

#[test]
fn where_all_is_new_the_day_tells_what_is_news() {
    let day = |day| chrono::NaiveDate::from_ymd_opt(2026, 5, day);
    assert!(!announces_unknown(None, 1, day(12), true), "the first walk is the baseline");
    assert!(!announces_unknown(Some(&record(0)), 1, day(12), true));
    assert!(announces_unknown(Some(&record(2)), 2, day(10), true));
    assert!(!announces_unknown(Some(&record(2)), 1, day(9), true), "it was there before, and not listed");
    assert!(!announces_unknown(Some(&record(2)), 3, day(12), true), "deeper than before");
    assert!(announces_unknown(Some(&record(2)), 1, None, false));
    assert!(!announces_unknown(Some(&record(2)), 2, None, false), "nothing tells how old it is");
    assert!(!announces_unknown(Some(&record(2)), 1, None, true), "others have a day");
}

#[test]
fn what_an_old_listing_newly_shows_at_its_end_is_old() {
    assert!(!announces(None, 1, true), "the first walk is the baseline");
    assert!(!announces(Some(&record(0)), 1, true));
    assert!(announces(Some(&record(2)), 1, true));
    assert!(announces(Some(&record(2)), 2, true), "in the middle of the last page");
    assert!(!announces(Some(&record(2)), 2, false), "at the end of it");
    assert!(!announces(Some(&record(2)), 3, true), "deeper than before");
    assert!(announces(Some(&record(u32::MAX)), 7, false), "the end was known");
}
