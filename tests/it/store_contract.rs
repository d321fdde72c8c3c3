//! What every store has to do, whatever database it is made of. Only [`Scratch`] knows that it is a file.

use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use futures_util::FutureExt as _;
use pressdiff::domain::classify::ReleaseOutcome;
use pressdiff::domain::discover::ListingPlace;
use pressdiff::domain::model::{
    Addressee, AlertState, Block, BlockKind, ContentHash, Discovery, Document, Event, EventId, EventKind, Fetched,
    Field, GoneStreak, Image, Link, ListingRecord, Reason, RecordedEvent, Redirect, Release, ReleaseId, ReleaseState,
    ShownDate, Significance, SnapshotId, SourceId, SourceState, Standing, Trouble, Validators, Version, VersionHead,
};
use pressdiff::domain::recheck::Looks;
use pressdiff::store::{CheckOutcome, EventFilter, NewRelease, Store, StoreError};
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

fn desk() -> Addressee {
    Addressee { alert: "desk".to_owned(), recipient: "desk@example.org".to_owned() }
}

/// An outcome in which nothing happened and of which nobody is told.
fn quiet() -> CheckOutcome {
    CheckOutcome {
        source: source(),
        at: minute(3),
        releases: Vec::new(),
        events: Vec::new(),
        listings: Vec::new(),
        standings: Vec::new(),
        state: SourceState::default(),
        template: None,
        alerts: Box::new(|_| Vec::new()),
    }
}

fn unchanged(release: Release) -> ReleaseOutcome {
    ReleaseOutcome { release, versions: Vec::new(), new_address: None, merged: None, events: Vec::new() }
}

/// Records site events that the desk is told of.
async fn tell_desk(store: &Store, count: usize) -> Vec<RecordedEvent> {
    let events = vec![event(EventKind::Site, None, minute(2)); count];
    store.record(CheckOutcome { events, alerts: Box::new(|_| vec![desk()]), ..quiet() }).await.unwrap()
}

#[tokio::test]
async fn an_answer_comes_back_as_it_was_received() {
    let scratch = Scratch::new();
    let store = store(&scratch).await;
    let sent = fetched("/news/a", "<p>Some 600 soldiers</p>");
    let id = store.save_snapshot(&source(), &sent).await.unwrap();

    let snapshot = store.find_snapshot(id).await.unwrap().unwrap();
    assert_eq!(snapshot.fetched, sent);
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
        validators: Validators { etag: Some("W/\"1\"".to_owned()), last_modified: Some("Sat".to_owned()) },
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
    assert_eq!(store.find_template(&source()).await.unwrap(), None);

    let listing = ListingRecord {
        url: url("/news/"),
        kind: Discovery::Listing,
        whole_depth: 4,
        whole_at: Some(minute(1)),
        entries: 40,
        place: Some(ListingPlace(-7)),
        first_page: 10,
        failures: 2,
        problem: Some("status 503".to_owned()),
    };
    let standing =
        Standing { listing: url("/news/"), release: release.id, position: 3, named_at: minute(1), missed: 0 };
    let trouble = Trouble { cause: Reason::EmptyListing, since: minute(1), told: true };
    let state =
        SourceState { troubles: vec![trouble], checked_at: Some(minute(3)), answered: 7, asked: 9, forbidden: 1 };
    let outcome = |missed, template: Option<&str>| CheckOutcome {
        listings: vec![listing.clone()],
        standings: vec![Standing { missed, ..standing.clone() }],
        state: state.clone(),
        template: template.map(str::to_owned),
        ..quiet()
    };
    store.record(outcome(0, Some("{\"blocks\":1}"))).await.unwrap();
    store.record(outcome(2, None)).await.unwrap();

    assert_eq!(store.find_source_state(&source()).await.unwrap(), state);
    assert_eq!(store.find_template(&source()).await.unwrap().as_deref(), Some("{\"blocks\":1}"));
    assert_eq!(store.list_listings(&source()).await.unwrap(), std::slice::from_ref(&listing));
    assert_eq!(store.list_standings(&source()).await.unwrap(), [Standing { missed: 2, ..standing.clone() }]);
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
    store.record(CheckOutcome { standings, ..quiet() }).await.unwrap();

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
    assert_eq!(store.list_standings(&source()).await.unwrap(), expected);
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

#[tokio::test]
async fn an_addressee_is_told_once_of_an_event() {
    let scratch = Scratch::new();
    let store = store(&scratch).await;
    let log = Addressee { alert: "log".to_owned(), recipient: "-".to_owned() };
    let addressees = vec![desk(), log.clone(), desk()];
    let events = vec![event(EventKind::Site, None, minute(2))];
    let outcome = CheckOutcome { events, alerts: Box::new(move |_| addressees.clone()), ..quiet() };
    let recorded = store.record(outcome).await.unwrap();

    let alerts = store.list_alerts(None).await.unwrap();
    assert_eq!(alerts.iter().map(|alert| alert.addressee.clone()).collect::<Vec<_>>(), [desk(), log]);
    assert_eq!((&alerts[0].event, alerts[0].state, alerts[0].attempts), (&recorded[0], AlertState::Pending, 0));
    assert_eq!((alerts[0].due_at, alerts[0].error.as_deref()), (minute(3), None));
}

#[tokio::test]
async fn a_claimed_alert_is_left_to_its_deliverer_until_the_lease_ends() {
    let scratch = Scratch::new();
    let store = store(&scratch).await;
    tell_desk(&store, 3).await;
    let lease = Duration::from_mins(10);
    let claim = async |minutes, limit| store.claim_alerts(minute(minutes), lease, limit).await.unwrap();

    assert_eq!(claim(2, 10).await, [], "not due yet");
    let first = claim(3, 2).await;
    assert_eq!(first.iter().map(|alert| (alert.id.0, alert.attempts)).collect::<Vec<_>>(), [(1, 1), (2, 1)]);
    assert_eq!(claim(3, 10).await.iter().map(|alert| alert.id.0).collect::<Vec<_>>(), [3]);
    assert_eq!(claim(12, 10).await, []);

    store.mark_sent(first[0].id, minute(12)).await.unwrap();
    let again = claim(13, 10).await;
    assert_eq!(again.iter().map(|alert| (alert.id.0, alert.attempts)).collect::<Vec<_>>(), [(2, 2), (3, 2)]);
}

#[tokio::test]
async fn an_alert_is_sent_retried_or_given_up() {
    let scratch = Scratch::new();
    let store = store(&scratch).await;
    tell_desk(&store, 3).await;
    let lease = Duration::from_mins(10);
    let claimed = store.claim_alerts(minute(3), lease, 10).await.unwrap();
    let [sent, later, failed] = [0, 1, 2].map(|place: usize| claimed[place].id);
    store.mark_sent(sent, minute(4)).await.unwrap();
    store.mark_retry(later, minute(20), "connection refused").await.unwrap();
    store.mark_failed(failed, minute(4), "no such mailbox").await.unwrap();

    let states =
        async |state| store.list_alerts(Some(state)).await.unwrap().iter().map(|alert| alert.id).collect::<Vec<_>>();
    assert_eq!(states(AlertState::Sent).await, [sent]);
    assert_eq!(states(AlertState::Pending).await, [later]);
    assert_eq!(states(AlertState::Failed).await, [failed]);
    assert_eq!(store.claim_alerts(minute(19), lease, 10).await.unwrap(), []);
    let due = store.claim_alerts(minute(20), lease, 10).await.unwrap();
    assert_eq!((due[0].id, due[0].attempts, due[0].error.as_deref()), (later, 2, Some("connection refused")));

    store.retry_alert(failed, minute(21)).await.unwrap();
    let due = store.claim_alerts(minute(21), lease, 10).await.unwrap();
    assert_eq!((due[0].id, due[0].attempts, due[0].error.as_deref()), (failed, 1, Some("no such mailbox")));
    for refused in [store.retry_alert(sent, minute(21)).await, store.mark_retry(sent, minute(21), "late").await] {
        assert!(matches!(refused, Err(StoreError::UnknownAlert(id)) if id == sent), "{refused:?}");
    }
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
