//! What every store has to do, whatever database it is made of. Only [`Scratch`] knows that it is a file.

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use futures_util::FutureExt as _;
use pressdiff::domain::classify::ReleaseOutcome;
use pressdiff::domain::discover::ListingPlace;
use pressdiff::domain::message::MessageId;
use pressdiff::domain::model::{
    Addressee, AlertState, Block, BlockKind, ContentHash, Discovery, Document, Event, EventId, EventKind, Fetched,
    Field, GoneStreak, Image, Link, ListingRecord, Reason, RecordedEvent, Redirect, Release, ReleaseId, ReleaseState,
    ShownDate, Significance, SnapshotId, SourceId, SourceState, Standing, Trouble, Validators, Version, VersionHead,
};
use pressdiff::domain::recheck::Looks;
use pressdiff::domain::route::{Dispatch, Form};
use pressdiff::domain::template::Template;
use pressdiff::store::{CheckOutcome, EventFilter, FallbackRule, NewRelease, Router, Store, StoreError};
use tempfile::TempDir;
use url::Url;

/// A place for one store.
struct Scratch {
    folder: TempDir,
}

impl Scratch {
    fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("record.db")
    }

    fn open(&self) -> Store {
        Store::open(&self.path()).unwrap()
    }
}

/// A store that knows one source.
async fn store(scratch: &Scratch) -> Store {
    let store = scratch.open();
    store.sync_sources(vec![(source(), "Alliance".to_owned())]).await.unwrap();
    store
}

fn source() -> SourceId {
    SourceId("alliance".to_owned())
}

/// Minutes after a morning in November.
fn minute(minutes: i64) -> DateTime<Utc> {
    "2026-11-21T10:15:00.125Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minutes)
}

fn url(path: &str) -> Url {
    Url::parse("https://alliance.example/").unwrap().join(path).unwrap()
}

fn fetched(path: &str, body: &'static str) -> Fetched {
    Fetched {
        url: url(path),
        final_url: url("/final"),
        redirects: vec![Redirect { status: 301, from: url(path), to: url("/final") }],
        status: 200,
        headers: vec![("etag".to_owned(), "W/\"1\"".to_owned()), ("set-cookie".to_owned(), "a=1; b=\"ü\"".to_owned())],
        body: Bytes::from_static(body.as_bytes()),
        fetched_at: minute(0),
    }
}

fn new_release(path: &str) -> NewRelease {
    NewRelease {
        url: url(path),
        identity: format!("alliance.example{path}"),
        title: format!("About {path}"),
        day: NaiveDate::from_ymd_opt(2026, 11, 20),
        found_by: Discovery::Feed,
        found_at: minute(1),
        announce: true,
    }
}

async fn add(store: &Store, path: &str) -> Release {
    store.add_releases(&source(), vec![new_release(path)]).await.unwrap().remove(0)
}

fn document(text: &str) -> Document {
    Document {
        title: "Exercise in June".to_owned(),
        date: Some(ShownDate { text: "1 June".to_owned(), day: None }),
        blocks: vec![Block { kind: BlockKind::TableRow, text: format!("{text}\t600") }],
        links: vec![Link { text: "map".to_owned(), target: "https://alliance.example/map".to_owned() }],
        images: vec![Image { source: "https://alliance.example/a.jpg".to_owned(), alt: String::new() }],
        contacts: vec!["press@alliance.example".to_owned()],
    }
}

fn version(release: ReleaseId, number: u32, snapshot: SnapshotId, hash: &str) -> Version {
    Version {
        release,
        number,
        snapshot,
        extractor: 3,
        hash: ContentHash(hash.to_owned()),
        recorded_at: minute(2),
        document: document(hash),
        technical: number == 2,
    }
}

fn event(kind: EventKind, release: Option<ReleaseId>, at: DateTime<Utc>) -> Event {
    Event {
        at,
        kind,
        source: source(),
        url: url("/news/a"),
        old_url: Some(url("/old/a")),
        title: "Exercise in June".to_owned(),
        fields: vec![Field::Body, Field::Links],
        significance: Significance::Major,
        reasons: vec![Reason::Number, Reason::SentenceAdded],
        summary: "600 became 700".to_owned(),
        old_version: Some(1),
        new_version: Some(2),
        explanation: "Both snapshots are readable.".to_owned(),
        evidence: vec![SnapshotId(7), SnapshotId(9)],
        release,
    }
}

fn listing(path: &str) -> ListingRecord {
    ListingRecord {
        url: url(path),
        kind: Discovery::Listing,
        whole_depth: 4,
        whole_at: Some(minute(1)),
        entries: 40,
        place: Some(ListingPlace(-7)),
        first_page: 10,
        failures: 2,
        problem: Some("status 503".to_owned()),
    }
}

fn desk() -> Addressee {
    Addressee { alert: "desk".to_owned(), recipient: "desk@example.org".to_owned() }
}

/// An outcome in which nothing happened and of which nobody is told.
fn quiet() -> CheckOutcome {
    CheckOutcome::quiet(source(), minute(3), SourceState::default())
}

fn unchanged(release: Release) -> ReleaseOutcome {
    ReleaseOutcome::of(release)
}

/// Records site events that the desk is told of.
async fn tell_desk(store: &Store, count: usize) -> Vec<RecordedEvent> {
    let events = vec![event(EventKind::Site, None, minute(2)); count];
    store.record(CheckOutcome { events, alerts: single(vec![desk()]), ..quiet() }).await.unwrap()
}

/// Tells each event to everybody at once.
fn single(addressees: Vec<Addressee>) -> Router {
    Box::new(move |events| {
        let to = |addressee: &Addressee| {
            let dispatch = |event| Dispatch {
                addressee: addressee.clone(),
                form: Form::Single,
                due_at: minute(3),
                events: vec![event],
            };
            (0..events.len()).map(dispatch).collect::<Vec<_>>()
        };
        addressees.iter().flat_map(to).collect()
    })
}

/// Tells all events to the desk in one message.
fn together(form: Form, due_at: DateTime<Utc>) -> Router {
    Box::new(move |events| vec![Dispatch { addressee: desk(), form, due_at, events: (0..events.len()).collect() }])
}

#[tokio::test]
async fn an_answer_comes_back_as_it_was_received() {
    let scratch = Scratch::new();
    let store = store(&scratch).await;
    let sent = fetched("/news/a", "<p>Some 600 soldiers</p>");
    let id = store.save_snapshot(&source(), &sent).await.unwrap();

    let snapshot = store.find_snapshot(id).await.unwrap().unwrap();
    assert_eq!(*snapshot.fetched, sent);
    assert_eq!(snapshot.sha256, "79a338dcb3f75d0d7b9b518ae1e3b913e6dfdf40201e6894a714480247a8c2f0");
    assert_eq!(store.find_snapshot(SnapshotId(id.0 + 1)).await.unwrap(), None);
}

#[tokio::test]
async fn an_empty_and_a_large_body_come_back() {
    let scratch = Scratch::new();
    let store = store(&scratch).await;
    // Bytes that do not compress, from a fixed recurrence.
    let mut state = 1_u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    })
    .take(3 << 20)
    .collect();
    for body in [Bytes::new(), Bytes::from(noise)] {
        let sent = Fetched { body, ..fetched("/news/a", "") };
        let id = store.save_snapshot(&source(), &sent).await.unwrap();
        assert!(store.find_snapshot(id).await.unwrap().unwrap().fetched.body == sent.body);
    }
}

#[tokio::test]
async fn snapshots_are_listed_by_the_address_asked_for() {
    let scratch = Scratch::new();
    let store = store(&scratch).await;
    let first = store.save_snapshot(&source(), &fetched("/news/a", "same")).await.unwrap();
    store.save_snapshot(&source(), &fetched("/news/b", "same")).await.unwrap();
    let second = store.save_snapshot(&source(), &fetched("/news/a", "same")).await.unwrap();

    let lines = store.list_snapshots(&url("/news/a")).await.unwrap();
    assert_eq!(lines.iter().map(|line| line.id).collect::<Vec<_>>(), [first, second]);
    assert_eq!((lines[0].status, lines[0].length, lines[0].fetched_at), (200, 4, minute(0)));
    assert_eq!(lines[0].sha256, lines[1].sha256);
}

#[tokio::test]
async fn the_last_failed_attempt_is_found() {
    let scratch = Scratch::new();
    let store = store(&scratch).await;
    assert_eq!(store.find_failure(&url("/a")).await.unwrap(), None);
    store.record_failure(&source(), &url("/a"), minute(0), "timeout", "no answer").await.unwrap();
    store.record_failure(&source(), &url("/a"), minute(1), "dns", "no such host").await.unwrap();
    store.record_failure(&source(), &url("/b"), minute(2), "tls", "certificate expired").await.unwrap();

    let attempt = store.find_failure(&url("/a")).await.unwrap().unwrap();
    assert_eq!((attempt.at, attempt.kind.as_str(), attempt.message.as_str()), (minute(1), "dns", "no such host"));
}

#[tokio::test]
async fn a_release_is_added_once() {
    let scratch = Scratch::new();
    let store = store(&scratch).await;
    let first = add(&store, "/news/a").await;
    assert_eq!((first.state, first.announce, first.found_by), (ReleaseState::Found, true, Discovery::Feed));
    assert_eq!((first.found_at, first.day), (minute(1), NaiveDate::from_ymd_opt(2026, 11, 20)));

    let later = NewRelease { title: "Another title".to_owned(), announce: false, ..new_release("/news/a") };
    let both = store.add_releases(&source(), vec![later, new_release("/news/b")]).await.unwrap();
    assert_eq!(both[0], first);
    assert_ne!(both[1].id, first.id);
    assert_eq!(store.list_releases(&source()).await.unwrap(), both);
}

#[tokio::test]
async fn two_sources_may_watch_one_address() {
    let scratch = Scratch::new();
    let store = store(&scratch).await;
    let other = SourceId("registry".to_owned());
    store.sync_sources(vec![(other.clone(), "Registry".to_owned())]).await.unwrap();
    let first = add(&store, "/news/a").await;
    let second = store.add_releases(&other, vec![new_release("/news/a")]).await.unwrap().remove(0);
    assert_ne!(first.id, second.id);
    assert_eq!(store.find_release("alliance.example/news/a").await.unwrap(), Some(first));
    assert_eq!(store.find_release("alliance.example/news/z").await.unwrap(), None);
}

#[tokio::test]
async fn what_is_kept_of_a_release_comes_back() {
    let scratch = Scratch::new();
    let store = store(&scratch).await;
    let snapshot = store.save_snapshot(&source(), &fetched("/news/a", "text")).await.unwrap();
    let found = add(&store, "/news/a").await;
    let release = Release {
        title: "A “better” title".to_owned(),
        day: None,
        announce: false,
        state: ReleaseState::Suspect,
        gone: Some(GoneStreak { reason: Reason::SoftNotFound, first_at: minute(2), last_at: minute(3), checks: 2 }),
        unlisted: true,
        latest: Some(VersionHead { number: 1, snapshot, hash: ContentHash("h1".to_owned()), extractor: 3 }),
        judged: Some(snapshot),
        validators: Validators {
            etag: Some("W/\"1\"".to_owned()),
            last_modified: Some("Sat".to_owned()),
            digest: Some([7; 32]),
        },
        full_at: Some(minute(2)),
        seen_at: Some(minute(3)),
        changed_at: Some(minute(4)),
        looks: Looks { count: 7, changes: 2, last_at: Some(minute(3)) },
        ..found
    };
    let version = version(release.id, 1, snapshot, "h1");
    let outcome = ReleaseOutcome { versions: vec![version], ..unchanged(release.clone()) };
    store.record(CheckOutcome { releases: vec![outcome], ..quiet() }).await.unwrap();
    assert_eq!(store.list_releases(&source()).await.unwrap(), [release]);
}

#[tokio::test]
async fn of_a_release_as_before_only_the_look_is_written() {
    let scratch = Scratch::new();
    let store = store(&scratch).await;
    let found = add(&store, "/news/a").await;
    let looks = Looks { count: 8, changes: 0, last_at: Some(minute(5)) };
    let looked_at = Release { seen_at: Some(minute(5)), looks, ..found.clone() };
    let elsewhere = Release { title: "Another title".to_owned(), ..looked_at.clone() };

    let outcome = ReleaseOutcome { is_as_before: true, ..unchanged(elsewhere) };
    store.record(CheckOutcome { releases: vec![outcome], ..quiet() }).await.unwrap();
    assert_eq!(store.list_releases(&source()).await.unwrap(), std::slice::from_ref(&looked_at));

    let unknown = Release { id: ReleaseId(found.id.0 + 1), ..looked_at };
    let outcome = ReleaseOutcome { is_as_before: true, ..unchanged(unknown) };
    let refused = store.record(CheckOutcome { releases: vec![outcome], ..quiet() }).await;
    assert!(matches!(refused, Err(StoreError::UnknownRelease(_))), "{refused:?}");
}

#[tokio::test]
async fn versions_are_numbered_without_gaps() {
    let scratch = Scratch::new();
    let store = store(&scratch).await;
    let snapshot = store.save_snapshot(&source(), &fetched("/news/a", "text")).await.unwrap();
    let release = add(&store, "/news/a").await;
    let versions = [(1, "h1"), (2, "h2"), (3, "h1")].map(|(number, hash)| version(release.id, number, snapshot, hash));
    for version in versions.clone() {
        let outcome = ReleaseOutcome { versions: vec![version], ..unchanged(release.clone()) };
        store.record(CheckOutcome { releases: vec![outcome], ..quiet() }).await.unwrap();
    }

    let lines = store.list_versions(release.id).await.unwrap();
    let shown: Vec<_> = lines.iter().map(|line| (line.number, line.hash.0.as_str(), line.technical)).collect();
    assert_eq!(shown, [(1, "h1", false), (2, "h2", true), (3, "h1", false)]);
    assert_eq!(store.find_version(release.id, 2).await.unwrap().as_ref(), Some(&versions[1]));
    assert_eq!(store.find_version(release.id, 4).await.unwrap(), None);
    let latest = store.find_version_by_hash(release.id, &ContentHash("h1".to_owned())).await.unwrap();
    assert_eq!(latest, Some(3));
    assert_eq!(store.find_version_by_hash(release.id, &ContentHash("h9".to_owned())).await.unwrap(), None);

    for number in [3, 5] {
        let versions = vec![version(release.id, number, snapshot, "h4")];
        let outcome = ReleaseOutcome { versions, ..unchanged(release.clone()) };
        let refused = store.record(CheckOutcome { releases: vec![outcome], ..quiet() }).await;
        assert!(matches!(refused, Err(StoreError::OutOfOrder { .. })), "{refused:?}");
    }
}

#[tokio::test]
async fn events_get_ids_in_the_order_given() {
    let scratch = Scratch::new();
    let store = store(&scratch).await;
    let release = add(&store, "/news/a").await;
    let events = vec![
        event(EventKind::Moved, Some(release.id), minute(2)),
        event(EventKind::Edited, Some(release.id), minute(2)),
    ];
    let site = event(EventKind::Site, None, minute(5));
    let outcome = ReleaseOutcome { events: events.clone(), ..unchanged(release.clone()) };
    let outcome = CheckOutcome { releases: vec![outcome], events: vec![site.clone()], ..quiet() };
    let recorded = store.record(outcome).await.unwrap();

    assert_eq!(
        recorded.iter().map(|recorded| recorded.event.clone()).collect::<Vec<_>>(),
        [&events[..], &[site]].concat()
    );
    assert!(recorded.is_sorted_by_key(|recorded| recorded.id));
    assert_eq!(store.list_events(EventFilter::default()).await.unwrap(), recorded);
    assert_eq!(store.find_event(recorded[1].id).await.unwrap().as_ref(), Some(&recorded[1]));
    assert_eq!(store.find_event(EventId(recorded[2].id.0 + 1)).await.unwrap(), None);
}

#[tokio::test]
async fn events_are_filtered_by_every_part_together() {
    let scratch = Scratch::new();
    let store = store(&scratch).await;
    let release = add(&store, "/news/a").await;
    let about = |kind, minutes| event(kind, Some(release.id), minute(minutes));
    let events = vec![about(EventKind::New, 2), about(EventKind::Edited, 3), about(EventKind::Edited, 4)];
    let outcome = ReleaseOutcome { events, ..unchanged(release.clone()) };
    let site = event(EventKind::Site, None, minute(5));
    let ids: Vec<_> =
        store.record(CheckOutcome { releases: vec![outcome], events: vec![site], ..quiet() }).await.unwrap();
    let ids: Vec<_> = ids.iter().map(|recorded| recorded.id).collect();

    let all = EventFilter::default();
    let cases = [
        (EventFilter { source: Some(source()), ..all.clone() }, &ids[..]),
        (EventFilter { source: Some(SourceId("other".to_owned())), ..all.clone() }, &[]),
        (EventFilter { kind: Some(EventKind::Edited), ..all.clone() }, &ids[1..3]),
        (EventFilter { since: Some(minute(4)), ..all.clone() }, &ids[2..]),
        (EventFilter { after: Some(ids[0]), ..all.clone() }, &ids[1..]),
        (EventFilter { release: Some(release.id), ..all.clone() }, &ids[..3]),
        (EventFilter { limit: Some(2), ..all.clone() }, &ids[..2]),
        (EventFilter { kind: Some(EventKind::Edited), after: Some(ids[1]), limit: Some(5), ..all }, &ids[2..3]),
    ];
    for (filter, expected) in cases {
        let found = store.list_events(filter.clone()).await.unwrap();
        assert_eq!(found.iter().map(|recorded| recorded.id).collect::<Vec<_>>(), expected, "{filter:?}");
    }
}

#[tokio::test]
async fn the_state_of_a_source_comes_back() {
    let scratch = Scratch::new();
    let store = store(&scratch).await;
    let release = add(&store, "/news/a").await;
    assert_eq!(store.find_source_state(&source()).await.unwrap(), SourceState::default());
    assert_eq!(store.find_template(&source()).await.unwrap(), Template::default());

    let listing = listing("/news/");
    let standing =
        Standing { listing: url("/news/"), release: release.id, position: 3, named_at: minute(1), missed: 0 };
    let trouble = Trouble { cause: Reason::EmptyListing, since: minute(1), told: true };
    let state =
        SourceState { troubles: vec![trouble], checked_at: Some(minute(3)), answered: 7, asked: 9, forbidden: 1 };
    let learned: Template = serde_json::from_str(r#"{"groups": {"3": {}}}"#).unwrap();
    let outcome = |missed, template: Option<&Template>| CheckOutcome {
        listings: vec![listing.clone()],
        standings: vec![Standing { missed, ..standing.clone() }],
        state: state.clone(),
        template: template.cloned(),
        ..quiet()
    };
    store.record(outcome(0, Some(&learned))).await.unwrap();
    store.record(outcome(2, None)).await.unwrap();

    assert_eq!(store.find_source_state(&source()).await.unwrap(), state);
    assert_eq!(store.find_template(&source()).await.unwrap(), learned);
    assert_eq!(store.list_listings(&source()).await.unwrap(), std::slice::from_ref(&listing));
    let standings = store.list_standings(&source(), HashSet::new()).await.unwrap();
    assert_eq!(standings, [Standing { missed: 2, ..standing.clone() }]);
}

#[tokio::test]
async fn sources_are_listed_with_their_last_check() {
    let scratch = Scratch::new();
    let store = store(&scratch).await;
    let first = store.begin_check(&source(), minute(0)).await.unwrap();
    store.finish_check(first, minute(1), "2 new".to_owned()).await.unwrap();
    add(&store, "/news/a").await;
    let read = Release { state: ReleaseState::Present, ..add(&store, "/news/b").await };
    store.record(CheckOutcome { releases: vec![unchanged(read)], ..quiet() }).await.unwrap();

    let line = store.list_sources().await.unwrap().remove(0);
    assert_eq!(
        (line.started_at, line.finished_at, line.summary.as_deref()),
        (Some(minute(0)), Some(minute(1)), Some("2 new"))
    );
    assert_eq!((line.releases.found, line.releases.present, line.releases.removed), (1, 1, 0));

    store.begin_check(&source(), minute(2)).await.unwrap();
    store.sync_sources(vec![(source(), "The Alliance".to_owned())]).await.unwrap();
    let line = store.list_sources().await.unwrap().remove(0);
    assert_eq!((line.name.as_str(), line.started_at, line.finished_at), ("The Alliance", Some(minute(2)), None));
}

#[tokio::test]
async fn a_moved_release_is_found_by_both_addresses() {
    let scratch = Scratch::new();
    let store = store(&scratch).await;
    let release = Release { url: url("/new/a"), ..add(&store, "/news/a").await };
    let new_address = Some(url("/new/a"));
    let outcome = ReleaseOutcome { new_address, ..unchanged(release.clone()) };
    store.record(CheckOutcome { releases: vec![outcome], ..quiet() }).await.unwrap();

    for identity in ["alliance.example/news/a", "alliance.example/new/a"] {
        assert_eq!(store.find_release(identity).await.unwrap().as_ref(), Some(&release), "{identity}");
    }
}

#[tokio::test]
async fn a_release_found_again_elsewhere_becomes_one_with_the_old_one() {
    let scratch = Scratch::new();
    let store = store(&scratch).await;
    let old = add(&store, "/news/a").await;
    let found = add(&store, "/new/a").await;
    let standing = |release, listing: &str, position| Standing {
        listing: url(listing),
        release,
        position,
        named_at: minute(1),
        missed: 0,
    };
    let standings = vec![standing(old.id, "/news/", 9), standing(found.id, "/news/", 0)];
    let listings = ["/news/", "/feed"].map(listing).to_vec();
    store.record(CheckOutcome { listings, standings, ..quiet() }).await.unwrap();

    let release = Release { url: url("/new/a"), ..old };
    let moved = ReleaseOutcome {
        new_address: Some(url("/new/a")),
        merged: Some(found.id),
        events: vec![event(EventKind::Moved, Some(release.id), minute(3))],
        ..unchanged(release.clone())
    };
    // The walk of this check still knows it as the release that was found.
    let standings = vec![standing(found.id, "/feed", 1)];
    store.record(CheckOutcome { releases: vec![moved], standings, ..quiet() }).await.unwrap();

    assert_eq!(store.list_releases(&source()).await.unwrap(), std::slice::from_ref(&release));
    assert_eq!(store.find_release("alliance.example/new/a").await.unwrap().as_ref(), Some(&release));
    assert_eq!(add(&store, "/new/a").await, release);
    let expected = [standing(release.id, "/feed", 1), standing(release.id, "/news/", 0)];
    assert_eq!(store.list_standings(&source(), HashSet::new()).await.unwrap(), expected);
}

#[tokio::test]
async fn a_release_cannot_take_the_address_of_another() {
    let scratch = Scratch::new();
    let store = store(&scratch).await;
    let (first, second) = (add(&store, "/news/a").await, add(&store, "/news/b").await);
    let new_address = Some(url("/news/b"));
    let outcome = ReleaseOutcome { new_address, ..unchanged(first) };
    let refused = store.record(CheckOutcome { releases: vec![outcome], ..quiet() }).await;
    assert!(matches!(refused, Err(StoreError::AddressTaken { owner, .. }) if owner == second.id), "{refused:?}");
}

#[tokio::test]
async fn an_outcome_is_recorded_whole_or_not_at_all() {
    let scratch = Scratch::new();
    let store = store(&scratch).await;
    let snapshot = store.save_snapshot(&source(), &fetched("/news/a", "text")).await.unwrap();
    let release = add(&store, "/news/a").await;
    let outcome = || {
        let changed = Release { title: "Changed".to_owned(), ..release.clone() };
        let versions = vec![version(release.id, 1, snapshot, "h1")];
        let events = vec![event(EventKind::New, Some(release.id), minute(2))];
        let state = SourceState { asked: 1, ..SourceState::default() };
        CheckOutcome { releases: vec![ReleaseOutcome { versions, events, ..unchanged(changed) }], state, ..quiet() }
    };
    let panics = CheckOutcome { alerts: Box::new(|_| panic!("a faulty route")), ..outcome() };
    let refused = store.record(panics).await;
    assert!(matches!(&refused, Err(StoreError::Panicked(words)) if words == "a faulty route"), "{refused:?}");
    let unknown = Release { id: ReleaseId(999), ..release.clone() };
    let mut fails = outcome();
    fails.releases.push(unchanged(unknown));
    let refused = store.record(fails).await;
    assert!(matches!(refused, Err(StoreError::UnknownRelease(ReleaseId(999)))), "{refused:?}");

    assert_eq!(store.list_releases(&source()).await.unwrap(), std::slice::from_ref(&release));
    assert_eq!(store.list_versions(release.id).await.unwrap(), []);
    assert_eq!(store.list_events(EventFilter::default()).await.unwrap(), []);
    assert_eq!(store.find_source_state(&source()).await.unwrap(), SourceState::default());

    assert_eq!(store.record(outcome()).await.unwrap().len(), 1);
    assert_eq!(store.list_versions(release.id).await.unwrap().len(), 1);
}

const LEASE: Duration = Duration::from_mins(10);

/// Claims of the desk's messages until there are no more: their numbers.
async fn claim_all(store: &Store, minutes: i64) -> Vec<i64> {
    let mut claimed = Vec::new();
    while let Some(message) = store.claim_message("desk", minute(minutes), LEASE).await.unwrap() {
        claimed.push(message.id.0);
    }
    claimed
}

#[tokio::test]
async fn an_addressee_is_told_once_of_an_event() {
    let scratch = Scratch::new();
    let store = store(&scratch).await;
    let log = Addressee { alert: "log".to_owned(), recipient: "-".to_owned() };
    let events = vec![event(EventKind::Site, None, minute(2))];
    let outcome = CheckOutcome { events, alerts: single(vec![desk(), log.clone(), desk()]), ..quiet() };
    let recorded = store.record(outcome).await.unwrap();

    let messages = store.list_messages(None).await.unwrap();
    assert_eq!(messages.iter().map(|message| message.addressee.clone()).collect::<Vec<_>>(), [desk(), log]);
    assert_eq!(store.list_told(messages[0].id).await.unwrap(), recorded);
    assert_eq!((messages[0].state, messages[0].attempts, messages[0].events), (AlertState::Pending, 0, 1));
    assert_eq!((messages[0].due_at, messages[0].error.as_deref()), (minute(3), None));
    assert_eq!(store.list_due_alerts(minute(3)).await.unwrap(), ["desk", "log"]);
}

#[tokio::test]
async fn a_claimed_message_is_left_to_its_deliverer_until_the_lease_ends() {
    let scratch = Scratch::new();
    let store = store(&scratch).await;
    tell_desk(&store, 3).await;

    assert_eq!(claim_all(&store, 2).await, [0; 0], "not due yet");
    let first = store.claim_message("desk", minute(3), LEASE).await.unwrap().unwrap();
    assert_eq!((first.id.0, first.attempts, first.waits_from), (1, 1, minute(3)));
    assert_eq!(claim_all(&store, 3).await, [2, 3]);
    assert_eq!(claim_all(&store, 12).await, [0; 0]);
    assert_eq!(store.list_due_alerts(minute(12)).await.unwrap(), [""; 0]);

    store.mark_sent(first.id, minute(12)).await.unwrap();
    let again = store.claim_message("desk", minute(13), LEASE).await.unwrap().unwrap();
    assert_eq!((again.id.0, again.attempts), (2, 2));
    assert_eq!(again.store, first.store);
    assert!(first.store.len() >= 16 && first.store.bytes().all(|byte| byte.is_ascii_hexdigit()), "{}", first.store);
}

#[tokio::test]
async fn a_message_is_sent_retried_or_given_up() {
    let scratch = Scratch::new();
    let store = store(&scratch).await;
    tell_desk(&store, 3).await;
    claim_all(&store, 3).await;
    let [sent, later, failed] = [1, 2, 3].map(MessageId);
    store.mark_sent(sent, minute(4)).await.unwrap();
    store.mark_retry(later, minute(20), "connection refused").await.unwrap();
    store.mark_failed(failed, minute(4), "no such mailbox").await.unwrap();

    let states =
        async |state| store.list_messages(Some(state)).await.unwrap().iter().map(|line| line.id).collect::<Vec<_>>();
    assert_eq!(states(AlertState::Sent).await, [sent]);
    assert_eq!(states(AlertState::Pending).await, [later]);
    assert_eq!(states(AlertState::Failed).await, [failed]);
    let counts = store.count_messages().await.unwrap();
    assert_eq!((counts.sent, counts.pending, counts.failed), (1, 1, 1));
    assert_eq!(claim_all(&store, 19).await, [0; 0]);
    let due = store.claim_message("desk", minute(20), LEASE).await.unwrap().unwrap();
    assert_eq!((due.id, due.attempts), (later, 2));

    store.retry(failed, minute(21)).await.unwrap();
    let due = store.claim_message("desk", minute(21), LEASE).await.unwrap().unwrap();
    assert_eq!((due.id, due.attempts, due.waits_from), (failed, 1, minute(21)));
    for refused in [store.retry(sent, minute(21)).await, store.mark_retry(sent, minute(21), "late").await] {
        assert!(matches!(refused, Err(StoreError::UnknownMessage(id)) if id == sent), "{refused:?}");
    }
    store.mark_failed(failed, minute(22), "no such mailbox").await.unwrap();
    assert_eq!(store.retry_all(minute(23)).await.unwrap(), 2);
    assert_eq!(claim_all(&store, 23).await, [2, 3]);
}

#[tokio::test]
async fn events_join_a_message_that_waits_and_none_that_was_tried() {
    let scratch = Scratch::new();
    let store = store(&scratch).await;
    let record = async |form, due_at| {
        let events = vec![event(EventKind::Site, None, minute(2)); 2];
        store.record(CheckOutcome { events, alerts: together(form, due_at), ..quiet() }).await.unwrap();
    };
    let events = async || {
        let messages = store.list_messages(None).await.unwrap();
        messages.iter().map(|message| (message.form, message.events)).collect::<Vec<_>>()
    };
    record(Form::Digest, minute(60)).await;
    record(Form::Digest, minute(60)).await;
    record(Form::Quiet, minute(60)).await;
    record(Form::Digest, minute(90)).await;
    record(Form::Burst, minute(3)).await;
    record(Form::Burst, minute(3)).await;
    let before = [(Form::Digest, 4), (Form::Quiet, 2), (Form::Digest, 2), (Form::Burst, 2), (Form::Burst, 2)];
    assert_eq!(events().await, before);

    assert_eq!(claim_all(&store, 60).await, [1, 2, 4, 5]);
    store.mark_retry(MessageId(1), minute(60), "cut").await.unwrap();
    record(Form::Digest, minute(60)).await;
    assert_eq!(events().await[..5], before, "what was tried stays as it is");
    assert_eq!(events().await[5], (Form::Digest, 2));
}

#[tokio::test]
async fn what_collects_events_can_be_given_another_time_until_it_is_tried() {
    let scratch = Scratch::new();
    let store = store(&scratch).await;
    for (form, due_at) in [(Form::Digest, 60), (Form::Single, 60), (Form::Quiet, 90), (Form::Digest, 90)] {
        let events = vec![event(EventKind::Site, None, minute(2))];
        store.record(CheckOutcome { events, alerts: together(form, minute(due_at)), ..quiet() }).await.unwrap();
    }
    let collecting = async || {
        let messages = store.list_collecting().await.unwrap().into_iter();
        messages.map(|message| (message.id.0, message.due_at)).collect::<Vec<_>>()
    };
    assert_eq!(collecting().await, [(1, minute(60)), (3, minute(90)), (4, minute(90))]);
    let tried = store.claim_message("desk", minute(60), LEASE).await.unwrap().unwrap();
    let times = vec![(tried.id, minute(500)), (MessageId(3), minute(70))];
    store.reschedule(times).await.unwrap();
    assert_eq!(collecting().await, [(3, minute(70)), (4, minute(90))]);
    store.mark_retry(tried.id, minute(65), "cut").await.unwrap();
    assert_eq!(claim_all(&store, 70).await, [1, 2, 3]);
}

#[tokio::test]
async fn a_message_tells_a_thousand_events_at_most() {
    let scratch = Scratch::new();
    let store = store(&scratch).await;
    for _ in 0..3 {
        let events = vec![event(EventKind::Site, None, minute(2)); 400];
        let alerts = together(Form::Digest, minute(60));
        store.record(CheckOutcome { events, alerts, ..quiet() }).await.unwrap();
    }
    let messages = store.list_messages(None).await.unwrap();
    assert_eq!(messages.iter().map(|message| message.events).collect::<Vec<_>>(), [800, 400]);
}

#[tokio::test]
async fn a_clock_set_back_holds_no_message_for_ever() {
    let scratch = Scratch::new();
    let store = store(&scratch).await;
    let year = 365 * 24 * 60;
    for (form, due_at) in [(Form::Single, year), (Form::Quiet, year + 60), (Form::Digest, year + 60)] {
        let events = vec![event(EventKind::Site, None, minute(year))];
        let alerts = together(form, minute(due_at));
        store.record(CheckOutcome { events, at: minute(year), alerts, ..quiet() }).await.unwrap();
    }
    // Claimed, and then the clock is right again.
    store.claim_message("desk", minute(year), LEASE).await.unwrap().unwrap();
    store.note_failure("desk", None, "cut", minute(year), |_| TimeDelta::minutes(30)).await.unwrap();
    assert_eq!(claim_all(&store, 0).await, [1, 2, 3]);
}

#[tokio::test]
async fn who_cannot_be_reached_is_not_asked_and_holds_up_nobody_else() {
    let scratch = Scratch::new();
    let store = store(&scratch).await;
    let other = Addressee { recipient: "ann@example.org".to_owned(), ..desk() };
    let events = vec![event(EventKind::Site, None, minute(2)); 2];
    store.record(CheckOutcome { events, alerts: single(vec![desk(), other]), ..quiet() }).await.unwrap();
    let wait = |failures: u32| TimeDelta::minutes(10 * i64::from(failures));
    store.note_failure("desk", Some("desk@example.org"), "greylisted", minute(3), wait).await.unwrap();
    assert_eq!(claim_all(&store, 3).await, [3, 4]);
    store.note_failure("desk", None, "refused", minute(13), wait).await.unwrap();
    store.note_failure("desk", None, "refused again", minute(14), wait).await.unwrap();
    assert_eq!(claim_all(&store, 33).await, [0; 0]);

    let failing = store.list_failing().await.unwrap();
    let told: Vec<_> = failing.iter().map(|line| (line.recipient.as_deref(), line.failures, line.waiting)).collect();
    assert_eq!(told, [(None, 2, 4), (Some("desk@example.org"), 1, 2)]);
    assert_eq!((failing[0].since, failing[0].retry_at), (minute(13), minute(34)));
    assert_eq!(store.list_messages(None).await.unwrap()[0].due_at, minute(34));

    assert_eq!(claim_all(&store, 34).await, [1, 2, 3, 4]);
    store.mark_sent(MessageId(1), minute(35)).await.unwrap();
    assert_eq!(store.list_failing().await.unwrap(), []);
}

#[tokio::test]
async fn failures_in_a_row_are_counted_since_the_last_delivery() {
    let scratch = Scratch::new();
    let store = store(&scratch).await;
    tell_desk(&store, 2).await;
    for minutes in 3..6 {
        store.note_failure("desk", None, "refused", minute(minutes), |_| TimeDelta::zero()).await.unwrap();
    }
    let log = Addressee { alert: "log".to_owned(), recipient: "-".to_owned() };
    let fallback =
        FallbackRule { alert: "desk".to_owned(), to: vec![log], burst_limit: 9, patience: TimeDelta::minutes(1) };
    assert_eq!(store.pass_on(fallback, minute(6)).await.unwrap(), 2, "others are told that it fails");
    store.mark_sent(MessageId(1), minute(7)).await.unwrap();
    store.note_failure("desk", None, "refused", minute(8), |_| TimeDelta::zero()).await.unwrap();
    let [failing] = store.list_failing().await.unwrap().try_into().unwrap();
    assert_eq!((failing.failures, failing.since), (1, minute(3)), "and not that it is over and begins again");
}

#[tokio::test]
async fn a_retry_can_be_asked_for_beside_the_daemon() {
    let scratch = Scratch::new();
    let store = store(&scratch).await;
    tell_desk(&store, 2).await;
    claim_all(&store, 3).await;
    store.mark_failed(MessageId(1), minute(4), "no such mailbox").await.unwrap();
    let beside = Store::open_beside(&scratch.path()).unwrap();
    beside.retry(MessageId(1), minute(5)).await.unwrap();
    drop(beside);
    assert_eq!(claim_all(&store, 5).await, [1], "what is under way stays leased");
}

#[tokio::test]
async fn one_writes_while_others_read() {
    let scratch = Scratch::new();
    let store = store(&scratch).await;
    let refused = Store::open(&scratch.path()).unwrap_err();
    assert!(
        matches!(&refused, StoreError::Locked { holder: Some(id), .. } if *id == std::process::id()),
        "{refused:?}"
    );
    assert!(refused.to_string().contains("record.db"), "{refused}");

    let reader = Store::open_read(&scratch.path()).unwrap();
    let release = add(&store, "/news/a").await;
    assert_eq!(reader.list_releases(&source()).await.unwrap(), [release]);
    let refused = reader.sync_sources(Vec::new()).await;
    assert!(matches!(refused, Err(StoreError::ReadOnly)), "{refused:?}");
}

#[tokio::test]
async fn what_was_written_is_there_after_reopening() {
    let scratch = Scratch::new();
    let first = store(&scratch).await;
    let release = add(&first, "/news/a").await;
    let clone = first.clone();
    drop(first);
    add(&clone, "/news/b").await;
    drop(clone);

    let again = scratch.open();
    assert_eq!(again.list_releases(&source()).await.unwrap().len(), 2);
    assert_eq!(again.find_release("alliance.example/news/a").await.unwrap(), Some(release));
    assert_eq!(again.check_integrity().await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn a_write_is_finished_even_when_nobody_waits_for_it() {
    let scratch = Scratch::new();
    let store = store(&scratch).await;
    // Asked for once and then given up, as by a caller that is cancelled.
    store.begin_check(&source(), minute(0)).now_or_never();
    drop(store);
    assert_eq!(scratch.open().list_sources().await.unwrap()[0].started_at, Some(minute(0)));
}

#[test]
fn a_missing_store_or_folder_is_named() {
    let scratch = Scratch::new();
    let missing = Store::open_read(&scratch.path()).unwrap_err().to_string();
    assert!(missing.contains("record.db") && missing.contains("pressdiff check"), "{missing}");
    let nowhere = Store::open(&scratch.folder.path().join("none/record.db")).unwrap_err();
    assert!(matches!(&nowhere, StoreError::NoFolder(folder) if folder.ends_with("none")), "{nowhere:?}");
}
