//! The feeds: all events, those of a source, and whatever list the inbox shows. Feed readers ask often and for nothing
//! new, so that an answer is made only when there is something that they do not have yet.

use std::collections::BTreeMap;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};

use super::App;
use super::answer::{Fault, page};
use super::guard::{Origin, Visitor};
use super::inbox::FilterQuery;
use super::layout::{Frame, Tab};
use crate::domain::hex::hex;
use crate::domain::model::{RecordedEvent, SourceId};
use crate::feed::{Feed, name_of, title_of};

/// Events in a feed.
const MOST: usize = 100;
/// A time counts to the second, so that one of just now tells nothing: more may happen within it.
const SETTLED: TimeDelta = TimeDelta::minutes(1);
const ATOM: &str = "application/atom+xml; charset=utf-8";

/// Where the feed of all events is.
pub(super) const ALL: &str = "/events.atom";

/// Where the feed of a source is.
pub(super) fn address_of(source: &str) -> String {
    format!("/sources/{source}/events.atom")
}

/// What is asked for.
struct Asked {
    /// What the feed's id is made of.
    name: String,
    title: String,
    /// Path and query, without what belongs to the reader.
    path: String,
    /// The page with the same events.
    page: String,
}

/// All events.
pub(super) async fn all(
    State(app): State<App>,
    Extension(origin): Extension<Origin>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let events = app.store.list_newest_events(None, limit()).await?;
    let asked =
        Asked { name: name_of(None), title: title_of(None), path: ALL.to_owned(), page: "/?shelf=all".to_owned() };
    answer(&app, &origin, &headers, &asked, &events).await
}

/// Those of a source.
pub(super) async fn of_source(
    State(app): State<App>,
    Extension(origin): Extension<Origin>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let source = SourceId(id);
    let names = app.store.list_source_names().await?;
    let name = names.get(&source).ok_or_else(|| Fault::missing("There is no such source."))?;
    let events = app.store.list_newest_events(Some(source.clone()), limit()).await?;
    let asked = Asked {
        name: name_of(Some(&source)),
        title: title_of(Some(name)),
        path: address_of(&source.0),
        page: format!("/sources/{source}"),
    };
    answer(&app, &origin, &headers, &asked, &events).await
}

/// Those that the inbox shows with the same query, always the newest first.
pub(super) async fn inbox(
    State(app): State<App>,
    Extension(origin): Extension<Origin>,
    Extension(visitor): Extension<Visitor>,
    Query(query): Query<FilterQuery>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let mut filter = query.filter(visitor.zone);
    filter.weightiest_first = false;
    let listed = app.store.list_shelf(filter, None, MOST).await?;
    let events: Vec<RecordedEvent> = listed.events.into_iter().map(|event| event.recorded).collect();
    let path = query.feed_address(visitor.zone);
    let asked = Asked {
        name: path.trim_start_matches('/').to_owned(),
        title: title_of(Some(&query.describe())),
        path,
        page: query.address(None),
    };
    answer(&app, &origin, &headers, &asked, &events).await
}

/// The feed, or word that the reader has it already.
async fn answer(
    app: &App,
    origin: &Origin,
    headers: &HeaderMap,
    asked: &Asked,
    events: &[RecordedEvent],
) -> Result<Response, Fault> {
    let names: BTreeMap<SourceId, String> = app.store.list_source_names().await?.into_iter().collect();
    let tag = tag(origin, asked, events, &names);
    let changed_at = changed_at(events, app.clock.now());
    let mut validators = HeaderMap::new();
    for (name, value) in [(header::ETAG, Some(&tag)), (header::LAST_MODIFIED, changed_at.as_ref())] {
        if let Some(value) = value.and_then(|value| value.parse().ok()) {
            validators.insert(name, value);
        }
    }
    if is_known(headers, &tag, changed_at.as_deref()) {
        return Ok((StatusCode::NOT_MODIFIED, validators).into_response());
    }
    let feed = Feed {
        name: asked.name.clone(),
        title: asked.title.clone(),
        self_url: Some(format!("{origin}{}", asked.path)),
        page_url: Some(format!("{origin}{}", asked.page)),
        pages: Some(origin.to_string()),
        names: &names,
        now: app.clock.now(),
    };
    let text = app.feeds.render(&feed, events).await?;
    Ok((validators, [(header::CONTENT_TYPE, ATOM)], text).into_response())
}

/// Everything that a feed is made of, weakly: one without events tells the present time.
fn tag(origin: &Origin, asked: &Asked, events: &[RecordedEvent], names: &BTreeMap<SourceId, String>) -> String {
    let mut digest = Sha256::new();
    let mut add = |part: &str| {
        digest.update(part.len().to_be_bytes());
        digest.update(part);
    };
    for part in [env!("CARGO_PKG_VERSION"), &origin.to_string(), &asked.name, &asked.title] {
        add(part);
    }
    for recorded in events {
        add(&recorded.id.to_string());
        add(names.get(&recorded.event.source).map_or("", String::as_str));
    }
    format!("W/\"{}\"", &hex(&digest.finalize())[..32])
}

/// When the newest event was found out, as HTTP writes it.
fn changed_at(events: &[RecordedEvent], now: DateTime<Utc>) -> Option<String> {
    let at = events.first()?.event.at;
    (now - at >= SETTLED).then(|| at.format("%a, %d %b %Y %H:%M:%S GMT").to_string())
}

/// Whether the reader has it. A time has to be the very one that was told: a list can lose its newest event, too.
fn is_known(headers: &HeaderMap, tag: &str, changed_at: Option<&str>) -> bool {
    let text = |name| headers.get(name).and_then(|value: &axum::http::HeaderValue| value.to_str().ok());
    match text(header::IF_NONE_MATCH) {
        Some(known) => {
            let plain = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
            known.trim() == "*" || known.split(',').any(|known| plain(known) == plain(tag))
        }
        None => changed_at.is_some() && text(header::IF_MODIFIED_SINCE) == changed_at,
    }
}

fn limit() -> u32 {
    u32::try_from(MOST).unwrap_or(u32::MAX)
}

/// One feed that can be subscribed to.
struct Offer {
    title: String,
    path: String,
}

#[derive(Template)]
#[template(path = "feeds.html")]
struct FeedsPage {
    frame: Frame,
    origin: String,
    offers: Vec<Offer>,
}

/// What can be subscribed to, and how.
pub(super) async fn show(
    State(app): State<App>,
    Extension(origin): Extension<Origin>,
    Extension(visitor): Extension<Visitor>,
) -> Result<Response, Fault> {
    let offer = |title: &str, path: &str| Offer { title: title.to_owned(), path: path.to_owned() };
    let mut offers = vec![offer("All events", ALL), offer("Inbox: what nobody has reviewed yet", "/inbox.atom")];
    offers.push(offer("Starred events", "/inbox.atom?shelf=starred"));
    offers.push(offer("Major events", "/inbox.atom?shelf=all&significance=major"));
    offers.extend(app.source_names().into_iter().map(|(id, name)| Offer { title: name, path: address_of(&id) }));
    let frame = Frame::of(&app, visitor, Tab::None, "Feeds").await?.at("/feeds");
    page(&FeedsPage { frame, origin: origin.to_string(), offers })
}
