//! What has to be right in a store of millions of rows, shown on hundreds: counts that are kept as rows come and go,
//! pages that go on where the last one ended, and what a check reads of the many releases of a source.

use std::collections::{BTreeSet, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use pressdiff::domain::classify::ReleaseOutcome;
use pressdiff::domain::model::{
    Addressee, AlertState, Discovery, Event, EventId, EventKind, ListingRecord, Reason, RecordedEvent, Release,
    ReleaseId, ReleaseState, Significance, SourceId, SourceState, Standing,
};
use pressdiff::domain::recheck::{DUE_FROM, Looks, MAX_AGE, Plan};
use pressdiff::domain::route::{Dispatch, Form};
use pressdiff::store::{CheckOutcome, EventCursor, NewRelease, ReviewChange, Shelf, ShelfFilter, Store};
use tempfile::TempDir;
use url::Url;

const KINDS: [EventKind; 3] = [EventKind::Edited, EventKind::New, EventKind::Moved];
const REASONS: [Reason; 4] = [Reason::Number, Reason::Spelling, Reason::Name, Reason::Quote];

fn open(folder: &TempDir) -> Store {
    Store::open(&folder.path().join("pressdiff.db")).unwrap()
}

async fn store(folder: &TempDir) -> Store {
    let store = open(folder);
    store
        .sync_sources(["harbour", "island"].map(|id| (SourceId(id.to_owned()), id.to_owned())).to_vec())
        .await
        .unwrap();
    store
}

fn harbour() -> SourceId {
    SourceId("harbour".to_owned())
}

fn noon() -> DateTime<Utc> {
    "2026-06-03T12:00:00Z".parse().unwrap()
}

fn url(number: usize) -> Url {
    Url::parse(&format!("https://harbour.example/news/{number}")).unwrap()
}

fn quiet() -> CheckOutcome {
    CheckOutcome::quiet(harbour(), noon(), SourceState::default())
}

/// The events of two sources over a hundred days, of all sorts; captures of long ago were imported in between.
fn event(number: usize) -> Event {
    let is_imported = number % 13 == 5;
    let days = i64::try_from(number % 100).unwrap() + if is_imported { 2_000 } else { 0 };
    let reasons = REASONS.into_iter().enumerate().filter(|(at, _)| number.is_multiple_of(at + 2));
    Event {
        at: noon() - TimeDelta::days(days),
        kind: KINDS[number % 3],
        source: SourceId(if number % 5 == 4 { "island" } else { "harbour" }.to_owned()),
        url: url(number),
        old_url: None,
        title: format!("No. {number}: {}", if number.is_multiple_of(7) { "The Ferry" } else { "the bridge" }),
        fields: Vec::new(),
        significance: if number.is_multiple_of(4) { Significance::Major } else { Significance::Minor },
        reasons: reasons.map(|(_, reason)| reason).collect(),
        summary: String::new(),
        old_version: None,
        new_version: None,
        explanation: String::new(),
        evidence: Vec::new(),
        release: None,
    }
}

async fn record(store: &Store, events: usize) -> Vec<RecordedEvent> {
    let events = (0..events).map(event).collect();
    store.record(CheckOutcome { events, ..quiet() }).await.unwrap()
}

fn filters() -> Vec<ShelfFilter> {
    let any = ShelfFilter::default();
    let since = Some(noon() - TimeDelta::days(30));
    let until = Some(noon() - TimeDelta::days(10));
    let (kind, reason) = (Some(EventKind::Edited), Some(Reason::Spelling));
    let one = vec![
        any.clone(),
        ShelfFilter { source: Some(harbour()), ..any.clone() },
        ShelfFilter { kind, ..any.clone() },
        ShelfFilter { significance: Some(Significance::Minor), ..any.clone() },
        ShelfFilter { reason, ..any.clone() },
        ShelfFilter { since, ..any.clone() },
        ShelfFilter { until, ..any.clone() },
        ShelfFilter { words: "the FERRY".to_owned(), ..any.clone() },
        ShelfFilter { source: Some(harbour()), kind, reason, ..any.clone() },
        ShelfFilter { reason, since, until, ..any.clone() },
        ShelfFilter { significance: Some(Significance::Major), reason, words: "bridge".to_owned(), ..any.clone() },
        ShelfFilter { reason: Some(Reason::Outage), ..any },
    ];
    let shelves = [Shelf::Inbox, Shelf::Starred, Shelf::All];
    let all = one.into_iter().flat_map(|filter| shelves.map(|shelf| ShelfFilter { shelf, ..filter.clone() }));
    all.flat_map(|filter| [false, true].map(|weightiest_first| ShelfFilter { weightiest_first, ..filter.clone() }))
        .collect()
}

fn fits(filter: &ShelfFilter, event: &Event) -> bool {
    filter.source.as_ref().is_none_or(|source| event.source == *source)
        && filter.kind.is_none_or(|kind| event.kind == kind)
        && filter.significance.is_none_or(|significance| event.significance == significance)
        && filter.reason.is_none_or(|reason| event.reasons.contains(&reason))
        && filter.since.is_none_or(|since| event.at >= since)
        && filter.until.is_none_or(|until| event.at < until)
        && event.title.to_lowercase().contains(&filter.words.to_lowercase())
}

/// All events of a shelf, page by page.
async fn shelf(store: &Store, filter: &ShelfFilter) -> Vec<RecordedEvent> {
    let (mut events, mut after) = (Vec::new(), None);
    loop {
        let page = store.list_shelf(filter.clone(), after, 17).await.unwrap();
        assert!(page.is_cut || page.events.len() == 17 || page.next.is_none());
        events.extend(page.events.into_iter().map(|event| event.recorded));
        match page.next {
            Some(next) => after = Some(next),
            None => return events,
        }
    }
}

#[tokio::test]
async fn page_by_page_every_event_that_fits_comes_once_and_in_order() {
    let folder = TempDir::new().unwrap();
    let store = store(&folder).await;
    let events = record(&store, 399).await;
    for id in (1..399).step_by(3) {
        store.review(EventId(id), ReviewChange::Reviewed, noon()).await.unwrap();
        store.review(EventId(id + 1), ReviewChange::Starred(true), noon()).await.unwrap();
    }
    for filter in filters() {
        let is_there = |id: i64| match filter.shelf {
            Shelf::Inbox => id % 3 != 1,
            Shelf::Starred => id % 3 == 2,
            Shelf::All => true,
        };
        let is_dated = filter.shelf != Shelf::Starred && (filter.since.is_some() || filter.until.is_some());
        let mut expected: Vec<&RecordedEvent> =
            events.iter().filter(|event| is_there(event.id.0) && fits(&filter, &event.event)).collect();
        expected.sort_by_key(|recorded| {
            let weight = filter.weightiest_first.then_some(recorded.event.significance);
            std::cmp::Reverse((weight, is_dated.then_some(recorded.event.at), recorded.id))
        });
        let found = shelf(&store, &filter).await;
        let ids = |events: Vec<&RecordedEvent>| events.into_iter().map(|event| event.id.0).collect::<Vec<_>>();
        assert_eq!(ids(found.iter().collect()), ids(expected), "{filter:?}");
    }
}

#[tokio::test]
async fn a_page_on_which_nothing_fits_ends_and_the_next_one_goes_on() {
    let folder = TempDir::new().unwrap();
    let store = store(&folder).await;
    record(&store, 1_200).await;
    let filter = ShelfFilter { words: "no. 3:".to_owned(), ..ShelfFilter::default() };
    let first = store.list_shelf(filter.clone(), None, 10).await.unwrap();
    assert_eq!((first.events.len(), first.is_cut), (0, true));
    let second = store.list_shelf(filter, first.next, 10).await.unwrap();
    assert_eq!((second.events.len(), second.is_cut, second.next), (1, false, None));
}

#[tokio::test]
async fn all_that_fit_are_marked_batch_by_batch_and_the_counts_stay_right() {
    let folder = TempDir::new().unwrap();
    let store = store(&folder).await;
    record(&store, 1_600).await;
    store.review(EventId(1_599), ReviewChange::Reviewed, noon()).await.unwrap();
    let filter = ShelfFilter { reason: Some(Reason::Number), ..ShelfFilter::default() };
    let (mut count, mut batches, mut after) = (0, 0, None::<EventCursor>);
    loop {
        let marked = store.review_all(filter.clone(), EventId(1_500), after, noon()).await.unwrap();
        (count, batches, after) = (count + marked.count, batches + 1, marked.next);
        if after.is_none() {
            break;
        }
    }
    assert_eq!((count, batches), (750, 2), "every second one of those up to the newest that was seen");
    let left = shelf(&store, &filter).await;
    assert_eq!((left.len(), left.last().unwrap().id.0), (49, 1_501), "what came later stays");
    assert_eq!(waiting(&store).await, (850 - 1, 850 - 1));
    store.review(EventId(1), ReviewChange::Unreviewed, noon()).await.unwrap();
    store.review(EventId(1), ReviewChange::Unreviewed, noon()).await.unwrap();
    assert_eq!(waiting(&store).await, (850, 850));
}

/// Events of the inbox as they are counted, and as they are there.
async fn waiting(store: &Store) -> (u64, usize) {
    let counted = store.count_inbox().await.unwrap().iter().map(|count| count.count).sum();
    (counted, shelf(store, &ShelfFilter::default()).await.len())
}

async fn add(store: &Store, numbers: std::ops::Range<usize>) -> Vec<Release> {
    let release = |number| NewRelease {
        url: url(number),
        identity: format!("harbour.example/news/{number}"),
        title: String::new(),
        day: None,
        found_by: Discovery::Listing,
        found_at: noon() - TimeDelta::days(400),
        announce: false,
    };
    store.add_releases(&harbour(), numbers.map(release).collect()).await.unwrap()
}

fn outcome(release: Release) -> ReleaseOutcome {
    ReleaseOutcome::of(release)
}

async fn put(store: &Store, releases: Vec<ReleaseOutcome>) {
    store.record(CheckOutcome { releases, ..quiet() }).await.unwrap();
}

#[tokio::test]
async fn releases_are_counted_as_they_come_change_and_become_one() {
    let folder = TempDir::new().unwrap();
    let store = store(&folder).await;
    let releases = add(&store, 0..6).await;
    let states = [ReleaseState::Present, ReleaseState::Present, ReleaseState::Removed, ReleaseState::Suspect];
    let read = releases.iter().zip(states).map(|(release, state)| outcome(Release { state, ..release.clone() }));
    put(&store, read.collect()).await;
    let back = outcome(Release { state: ReleaseState::Present, ..releases[2].clone() });
    let moved = Release { state: ReleaseState::Present, ..releases[0].clone() };
    let moved = ReleaseOutcome { merged: Some(releases[5].id), ..outcome(moved) };
    put(&store, vec![back, moved]).await;
    let counts = store.count_releases(&harbour()).await.unwrap();
    assert_eq!((counts.found, counts.present, counts.suspect, counts.removed, counts.total()), (1, 3, 1, 0, 5));
    assert_eq!(store.list_releases(&harbour()).await.unwrap().len(), 5);
}

#[tokio::test]
async fn messages_are_counted_as_they_are_sent_given_up_and_tried_again() {
    let folder = TempDir::new().unwrap();
    let store = store(&folder).await;
    let addressee = Addressee { alert: "desk".to_owned(), recipient: "desk@paper.example".to_owned() };
    let to = addressee.clone();
    let alerts = Box::new(move |events: &[RecordedEvent]| {
        let one = |at| Dispatch { addressee: to.clone(), form: Form::Single, due_at: noon(), events: vec![at] };
        (0..events.len()).map(one).collect()
    });
    store.record(CheckOutcome { events: (0..5).map(event).collect(), alerts, ..quiet() }).await.unwrap();
    let lines = store.list_messages(None).await.unwrap();
    store.mark_sent(lines[0].id, noon()).await.unwrap();
    store.mark_failed(lines[1].id, noon(), "no such mailbox").await.unwrap();
    store.mark_failed(lines[2].id, noon(), "no such mailbox").await.unwrap();
    store.retry(lines[1].id, noon()).await.unwrap();
    let counts = store.count_messages().await.unwrap();
    assert_eq!((counts.pending, counts.sent, counts.failed), (3, 1, 1));
    for (state, count) in [(AlertState::Pending, 3), (AlertState::Sent, 1), (AlertState::Failed, 1)] {
        assert_eq!(store.list_messages(Some(state)).await.unwrap().len(), count, "{state:?}");
    }
}

fn plan(now: DateTime<Utc>) -> Plan {
    Plan { max_age: MAX_AGE, now, gap: TimeDelta::minutes(15), budget: usize::MAX, due_from: DUE_FROM }
}

async fn known(store: &Store, plan: &Plan, signs: &[ReleaseId]) -> BTreeSet<ReleaseId> {
    let signs: BTreeSet<ReleaseId> = signs.iter().copied().collect();
    let prospects = store.list_prospects(&harbour(), plan.wanted(signs)).await.unwrap();
    prospects.into_iter().map(|prospect| prospect.id).collect()
}

/// Three hundred releases that were looked at a moment ago and rest, and a plan for now.
async fn resting(store: &Store) -> Vec<Release> {
    let looks = Looks { count: 9, changes: 0, last_at: Some(noon()) };
    let state = ReleaseState::Present;
    let releases = add(store, 0..300).await.into_iter().map(|release| Release { looks, state, ..release });
    let releases: Vec<Release> = releases.collect();
    put(store, releases.iter().cloned().map(outcome).collect()).await;
    let plan = plan(noon());
    assert_eq!(known(store, &plan, &[]).await.len(), 300, "nobody has thought about them yet");
    let prospects = store.list_prospects(&harbour(), plan.wanted(BTreeSet::new())).await.unwrap();
    let chosen = plan.choose(&prospects, &BTreeSet::new());
    store.rest(&plan.resting(&prospects, &chosen)).await.unwrap();
    releases
}

#[tokio::test]
async fn a_check_reads_only_what_may_be_due() {
    let folder = TempDir::new().unwrap();
    let store = store(&folder).await;
    let releases = resting(&store).await;
    let soon = plan(noon() + TimeDelta::hours(1));
    let few = known(&store, &soon, &[]).await;
    assert!(few.len() < 50, "{}", few.len());

    let sign = releases.iter().map(|release| release.id).find(|id| !few.contains(id)).unwrap();
    assert!(known(&store, &soon, &[sign]).await.contains(&sign), "something speaks of it");
    let looked_at = releases.iter().find(|release| release.id == sign).unwrap().clone();
    put(&store, vec![ReleaseOutcome { is_as_before: true, ..outcome(looked_at.clone()) }]).await;
    assert!(!known(&store, &soon, &[]).await.contains(&sign), "a look that changed nothing leaves its rest");
    let changed = Release { title: "Another title".to_owned(), ..looked_at };
    put(&store, vec![outcome(changed)]).await;
    assert!(known(&store, &soon, &[]).await.contains(&sign), "what changed about it ends its rest");
}

#[tokio::test]
async fn no_release_is_overlooked_when_its_time_comes_the_longest_age_shrinks_or_the_clock_is_set_back() {
    let folder = TempDir::new().unwrap();
    let store = store(&folder).await;
    resting(&store).await;
    let shorter = Plan { max_age: std::time::Duration::from_hours(2), ..plan(noon() + TimeDelta::hours(2)) };
    for plan in [plan(noon() + TimeDelta::days(7)), shorter, plan(noon() - TimeDelta::days(3))] {
        assert_eq!(known(&store, &plan, &[]).await.len(), 300, "{plan:?}");
    }
}

#[tokio::test]
async fn of_the_listings_only_what_they_name_now_is_read() {
    let folder = TempDir::new().unwrap();
    let store = store(&folder).await;
    let releases = add(&store, 0..40).await;
    let listing = Url::parse("https://harbour.example/news/").unwrap();
    let standing = |(at, release): (usize, &Release)| Standing {
        listing: listing.clone(),
        release: release.id,
        position: if at < 30 { u32::MAX } else { u32::try_from(at).unwrap() },
        named_at: noon(),
        missed: 0,
    };
    let standings: Vec<Standing> = releases.iter().enumerate().map(standing).collect();
    let record = ListingRecord {
        url: listing.clone(),
        kind: Discovery::Listing,
        whole_depth: 1,
        whole_at: None,
        entries: 10,
        place: None,
        first_page: 10,
        failures: 0,
        problem: None,
    };
    store.record(CheckOutcome { listings: vec![record], standings: standings.clone(), ..quiet() }).await.unwrap();
    assert_eq!(store.list_standings(&harbour(), HashSet::new()).await.unwrap(), standings[30..]);
    let named = HashSet::from([releases[3].id, releases[35].id]);
    let mut expected = standings[30..].to_vec();
    expected.push(standings[3].clone());
    assert_eq!(store.list_standings(&harbour(), named).await.unwrap(), expected);
    let identities = HashSet::from(["harbour.example/news/3", "harbour.example/news/99"].map(str::to_owned));
    let known = store.list_identities(&harbour(), identities).await.unwrap();
    assert_eq!(known, HashSet::from(["harbour.example/news/3".to_owned()]));
}
