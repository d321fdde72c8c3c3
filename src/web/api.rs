//! The read-only API: events, releases, versions and changes as JSON, the same data as the commands give. What can be
//! asked is described in `api/openapi.json`, which is served beside it.

use std::ops::RangeInclusive;

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::App;
use super::answer::Fault;
use super::words::parse_word;
use crate::domain::jsonl::event_line;
use crate::domain::model::{EventId, RecordedEvent, Release, ReleaseId, SourceId};
use crate::domain::render;
use crate::domain::word::word;
use crate::store::{EventFilter, ReleaseLine, VersionLine};

/// The description of all this.
pub(crate) const OPENAPI: &str = include_str!("api/openapi.json");
/// How many entries a list may have.
const LIMITS: RangeInclusive<u32> = 1..=1_000;
/// How many a list has when nobody says.
const LIMIT: u32 = 100;

/// Why there is no data, told as JSON.
pub(super) struct ApiFault(Fault);

impl<F: Into<Fault>> From<F> for ApiFault {
    fn from(fault: F) -> Self {
        Self(fault.into())
    }
}

impl IntoResponse for ApiFault {
    fn into_response(self) -> Response {
        self.0.into_json()
    }
}

type ApiResult = Result<Response, ApiFault>;
type Id<T = i64> = Result<Path<T>, PathRejection>;
type Asked<T> = Result<Query<T>, QueryRejection>;

/// The description.
pub(super) async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], OPENAPI).into_response()
}

/// `?source=&kind=&after=&limit=`
#[derive(Debug, Default, Deserialize)]
pub(super) struct ListQuery {
    source: Option<String>,
    kind: Option<String>,
    state: Option<String>,
    after: Option<i64>,
    before: Option<i64>,
    limit: Option<u32>,
}

impl ListQuery {
    fn limit(&self) -> Result<u32, ApiFault> {
        within_limits(self.limit)
    }

    fn after(&self) -> Result<Option<EventId>, ApiFault> {
        Ok(id(self.after, "after is the number of an event")?.map(EventId))
    }

    fn before(&self) -> Result<Option<ReleaseId>, ApiFault> {
        Ok(id(self.before, "before is the number of a release")?.map(ReleaseId))
    }

    fn source(&self) -> Option<SourceId> {
        self.source.clone().map(SourceId)
    }
}

fn within_limits(limit: Option<u32>) -> Result<u32, ApiFault> {
    let limit = limit.unwrap_or(LIMIT);
    if LIMITS.contains(&limit) { Ok(limit) } else { Err(wrong("limit is a number from 1 to 1000")) }
}

fn id(given: Option<i64>, mistake: &'static str) -> Result<Option<i64>, ApiFault> {
    if given.is_some_and(i64::is_negative) { Err(wrong(mistake)) } else { Ok(given) }
}

/// Events, oldest first.
pub(super) async fn events(State(app): State<App>, asked: Asked<ListQuery>) -> ApiResult {
    let asked = read(asked)?;
    let filter = EventFilter {
        source: asked.source(),
        kind: maybe_word(asked.kind.as_deref(), "kind is none that the description lists")?,
        after: asked.after()?,
        limit: Some(asked.limit()?),
        ..EventFilter::default()
    };
    let events = app.store.list_events(filter).await?;
    let after = events.last().filter(|_| events.len() == asked.limit().unwrap_or(LIMIT) as usize).map(|last| last.id);
    Ok(give(&json!({ "events": events.iter().map(event).collect::<Vec<_>>(), "next_after": after })))
}

/// One event.
pub(super) async fn one_event(State(app): State<App>, id: Id) -> ApiResult {
    let found = find_event(&app, path(id)?).await?;
    let mut told = event(&found);
    told["explanation"] = json!(found.event.explanation);
    told["evidence"] = json!(found.event.evidence);
    Ok(give(&told))
}

/// What changed in an event.
pub(super) async fn event_change(State(app): State<App>, id: Id) -> ApiResult {
    let event = find_event(&app, path(id)?).await?.event;
    match (event.release, event.old_version, event.new_version) {
        (Some(release), Some(old), Some(new)) => change(&app, release, old, new).await,
        _ => Err(Fault::missing("This event compares no two versions.").into()),
    }
}

/// Releases, newest first.
pub(super) async fn releases(State(app): State<App>, asked: Asked<ListQuery>) -> ApiResult {
    let asked = read(asked)?;
    let state = maybe_word(asked.state.as_deref(), "state is found, present, suspect or removed")?;
    let before = asked.before()?;
    let limit = asked.limit()?;
    let lines = app.store.list_release_lines(asked.source(), state, before, limit).await?;
    let next = lines.last().filter(|_| lines.len() == limit as usize).map(|last| last.id);
    Ok(give(&json!({ "releases": lines.iter().map(release_line).collect::<Vec<_>>(), "next_before": next })))
}

/// One release.
pub(super) async fn one_release(State(app): State<App>, id: Id) -> ApiResult {
    let release = super::release::find(&app, path(id)?).await?;
    Ok(give(&release_json(&release)))
}

/// `?after=&limit=`
#[derive(Debug, Default, Deserialize)]
pub(super) struct VersionsQuery {
    after: Option<u32>,
    limit: Option<u32>,
}

/// The versions of a release, oldest first.
pub(super) async fn versions(State(app): State<App>, id: Id, asked: Asked<VersionsQuery>) -> ApiResult {
    let id = path(id)?;
    let VersionsQuery { after, limit } = read(asked)?;
    let limit = within_limits(limit)?;
    let release = super::release::find(&app, id).await?;
    let versions = app.store.list_versions_after(release.id, after.unwrap_or_default(), limit).await?;
    let next = versions.last().filter(|_| versions.len() == limit as usize).map(|last| last.number);
    Ok(give(&json!({ "versions": versions.iter().map(version_line).collect::<Vec<_>>(), "next_after": next })))
}

/// One version with its document.
pub(super) async fn one_version(State(app): State<App>, id: Id<(i64, u32)>) -> ApiResult {
    let (id, number) = path(id)?;
    let release = super::release::find(&app, id).await?;
    let version = super::release::find_version(&app, release.id, number).await?;
    let line = VersionLine {
        number: version.number,
        snapshot: version.snapshot,
        recorded_at: version.recorded_at,
        hash: version.hash,
        extractor: version.extractor,
        technical: version.technical,
    };
    let mut told = version_line(&line);
    told["document"] = json!(version.document);
    Ok(give(&told))
}

/// `?from=1&to=2`
#[derive(Debug, Deserialize)]
pub(super) struct PairQuery {
    from: u32,
    to: u32,
}

/// What changed between two versions of a release.
pub(super) async fn release_change(State(app): State<App>, id: Id, asked: Asked<PairQuery>) -> ApiResult {
    let id = path(id)?;
    let PairQuery { from, to } = read(asked)?;
    let release = super::release::find(&app, id).await?;
    change(&app, release.id, from, to).await
}

async fn change(app: &App, release: ReleaseId, old: u32, new: u32) -> ApiResult {
    let old = super::release::find_version(app, release, old).await?;
    let new = super::release::find_version(app, release, new).await?;
    Ok(give(&render::json(&super::change::compare(old, new).await?)))
}

async fn find_event(app: &App, id: i64) -> Result<RecordedEvent, ApiFault> {
    Ok(app.store.find_event(EventId(id)).await?.ok_or_else(|| Fault::missing("There is no such event."))?)
}

/// The members of the event list, and the release that it is about.
fn event(recorded: &RecordedEvent) -> Value {
    let mut event: Value = serde_json::from_str(&event_line(recorded)).unwrap_or_default();
    event["release"] = json!(recorded.event.release);
    event
}

fn release_line(line: &ReleaseLine) -> Value {
    json!({
        "id": line.id, "source": line.source, "url": line.url, "title": line.title, "day": line.day,
        "state": line.state, "found_at": time(line.found_at), "changed_at": line.changed_at.map(time),
    })
}

fn release_json(release: &Release) -> Value {
    json!({
        "id": release.id, "source": release.source, "url": release.url, "title": release.title, "day": release.day,
        "state": release.state, "found_at": time(release.found_at), "changed_at": release.changed_at.map(time),
        "found_by": word(&release.found_by), "seen_at": release.seen_at.map(time), "unlisted": release.unlisted,
        "latest_version": release.latest.as_ref().map(|latest| latest.number),
    })
}

fn version_line(line: &VersionLine) -> Value {
    json!({
        "number": line.number, "snapshot": line.snapshot, "recorded_at": time(line.recorded_at), "hash": line.hash,
        "extractor": line.extractor, "technical": line.technical,
    })
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn give(value: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

fn wrong(message: &str) -> ApiFault {
    Fault::refused(StatusCode::BAD_REQUEST, message).into()
}

fn path<T>(id: Id<T>) -> Result<T, ApiFault> {
    id.map(|Path(id)| id).map_err(|_| Fault::missing("There is nothing at this address.").into())
}

fn read<T>(asked: Asked<T>) -> Result<T, ApiFault> {
    asked.map(|Query(asked)| asked).map_err(|rejection| wrong(&rejection.body_text()))
}

fn maybe_word<T: serde::de::DeserializeOwned>(text: Option<&str>, problem: &str) -> Result<Option<T>, ApiFault> {
    text.map(|text| parse_word(text).ok_or_else(|| wrong(problem))).transpose()
}
