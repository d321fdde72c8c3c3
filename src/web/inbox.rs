//! The inbox: what happened and nobody has looked at yet; the same list with the events that have a star, or all.

mod query;
mod row;

use std::time::Duration;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use axum::{Extension, Form};
use tokio::time::sleep;

pub(super) use self::query::FilterQuery;
pub(super) use self::row::Row;
use super::App;
use super::answer::{Fault, page, see_other};
use super::guard::Visitor;
use super::layout::{Frame, Tab};
use super::words::{Choice, KINDS, REASONS, choices};
use crate::domain::model::{EventId, Significance};
use crate::feed::title_of;
use crate::store::{EventCursor, EventFilter, InboxCount, Shelf, ShelfFilter};

/// Events on a page.
const ON_A_PAGE: usize = 50;
/// Batches of events that are marked before a form is answered; the others are marked afterwards.
const BATCHES: usize = 8;
/// Pause between batches, in which others may write.
const BREATH: Duration = Duration::from_millis(5);

#[derive(Template)]
#[template(path = "inbox.html")]
struct InboxPage {
    frame: Frame,
    query: FilterQuery,
    rows: Vec<Row>,
    /// Events that wait and fit, where that is known.
    fitting: Option<u64>,
    newest: i64,
    next: Option<String>,
    is_cut: bool,
    is_first: bool,
    sources: Vec<Choice>,
    kinds: Vec<Choice>,
    reasons: Vec<Choice>,
    significances: Vec<Choice>,
    /// Whether anything was ever recorded, and is watched at all.
    has_events: bool,
    watched: Vec<String>,
    /// Where the feed of this list is.
    feed: String,
}

/// The events that wait, or another shelf.
pub(super) async fn show(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Query(query): Query<FilterQuery>,
) -> Result<Response, Fault> {
    let filter = query.filter(visitor.zone);
    let counts = app.store.count_inbox().await?;
    let listed = app.store.list_shelf(filter.clone(), query.cursor(), ON_A_PAGE).await?;
    let title = match filter.shelf {
        Shelf::Inbox => "Inbox",
        Shelf::Starred => "Starred",
        Shelf::All => "All events",
    };
    let feed = query.feed_address(visitor.zone);
    let mut frame = Frame::of(&app, visitor, Tab::Inbox, title).await?.at(&query.address(query.cursor()));
    frame.feed = Some((title_of(Some(&query.describe())), feed.clone()));
    let more = if query.marked.ends_with('+') { "; the rest is being marked" } else { "" };
    if let Ok(marked) = query.marked.trim_end_matches('+').parse::<usize>() {
        frame.notice = format!("{marked} marked as reviewed{more}.");
    }
    let names = app.source_names();
    let is_known = |id: &str| filter.source.as_ref().is_some_and(|source| source.0 == id);
    let sources =
        names.iter().map(|(id, name)| Choice { value: id.clone(), label: name.clone(), chosen: is_known(id) });
    let first = EventFilter { limit: Some(1), ..EventFilter::default() };
    let has_events = !listed.events.is_empty() || !app.store.list_events(first).await?.is_empty();
    page(&InboxPage {
        rows: listed.events.iter().map(|event| Row::of(&app, visitor, event)).collect(),
        fitting: fitting(&counts, &filter),
        newest: app.store.last_event_id().await?.map_or(0, |id| id.0),
        next: listed.next.map(|place| query.address(Some(place))),
        is_cut: listed.is_cut,
        is_first: query.cursor().is_none(),
        sources: sources.collect(),
        kinds: choices(&KINDS, filter.kind.as_ref()),
        reasons: choices(&REASONS, filter.reason.as_ref()),
        significances: choices(&[Significance::Major, Significance::Minor], filter.significance.as_ref()),
        has_events,
        watched: app.sources.borrow().iter().map(|source| source.name.clone()).collect(),
        feed,
        frame,
        query,
    })
}

/// Counted as events come and go, by source, kind and significance; other filters are not counted.
fn fitting(counts: &[InboxCount], filter: &ShelfFilter) -> Option<u64> {
    let is_counted = filter.shelf == Shelf::Inbox
        && filter.reason.is_none()
        && filter.since.is_none()
        && filter.until.is_none()
        && filter.words.is_empty();
    let fits = |count: &&InboxCount| {
        filter.source.as_ref().is_none_or(|source| count.source == *source)
            && filter.kind.is_none_or(|kind| count.kind == kind)
            && filter.significance.is_none_or(|significance| count.significance == significance)
    };
    is_counted.then(|| counts.iter().filter(fits).map(|count| count.count).sum())
}

/// Marks all that fit as reviewed: the first ones at once, the rest beside everything else.
pub(super) async fn review_all(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Form(query): Form<FilterQuery>,
) -> Result<Response, Fault> {
    let newest = EventId(query.newest.parse().unwrap_or_default());
    let filter = query.filter(visitor.zone);
    let (mut count, mut after) = (0, None);
    for _ in 0..BATCHES {
        let marked = app.store.review_all(filter.clone(), newest, after, app.clock.now()).await?;
        count += marked.count;
        after = marked.next;
        if after.is_none() {
            break;
        }
    }
    let more = if after.is_some() { "+" } else { "" };
    if after.is_some() {
        tokio::spawn(review_rest(app, filter, newest, after));
    }
    Ok(see_other(&query.marked_address(&format!("{count}{more}"))))
}

/// Goes on after `after`, in batches. What a stop of the process cuts off stays in the inbox.
async fn review_rest(app: App, filter: ShelfFilter, newest: EventId, mut after: Option<EventCursor>) {
    // Two of them would only wait for each other.
    let Ok(_turn) = app.marking.acquire().await else { return };
    while after.is_some() {
        match app.store.review_all(filter.clone(), newest, after, app.clock.now()).await {
            Ok(marked) => after = marked.next,
            Err(error) => {
                let error: &dyn std::error::Error = &error;
                tracing::warn!(error, "not all events of a filter were marked as reviewed");
                return;
            }
        }
        sleep(BREATH).await;
    }
}
