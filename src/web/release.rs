//! One release: its whole life on a time line, any two versions compared, the text of one and the text at a date.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeZone as _, Timelike as _};
use serde::Deserialize;

use super::App;
use super::answer::{Fault, page, see_other};
use super::change::{self, Line, Shown};
use super::guard::Visitor;
use super::layout::{Frame, Moment, Tab};
use super::words::{spoken_list, state_text};
use crate::domain::model::{Release, ReleaseId, Version};
use crate::domain::word::{spoken, word};
use crate::store::VersionLine;

/// Versions and events that the time line goes back.
const MOST: usize = 300;

#[derive(Template)]
#[template(path = "release.html")]
struct ReleasePage {
    frame: Frame,
    release: Release,
    source: String,
    standing: &'static str,
    found: Moment,
    seen: Option<Moment>,
    addresses: Vec<(String, bool, Moment)>,
    life: Vec<Station>,
    is_cut: bool,
    /// The latest version, 0 before the first, and the one before it.
    latest: u32,
    earlier: u32,
    today: String,
}

/// A point on the time line.
struct Station {
    at: Moment,
    when: chrono::DateTime<chrono::Utc>,
    /// Versions before events of the same moment are below them.
    event: Option<i64>,
    version: Option<u32>,
    class: String,
    what: String,
    more: String,
}

/// The release.
pub(super) async fn show(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<i64>,
) -> Result<Response, Fault> {
    let release = find(&app, id).await?;
    let moment = |at| Moment::new(at, visitor.zone, app.clock.now());
    let latest = release.latest.as_ref().map_or(0, |latest| latest.number);
    let older = latest.saturating_sub(u32::try_from(MOST).unwrap_or(u32::MAX));
    let versions = app.store.list_versions_after(release.id, older, u32::MAX).await?;
    let mut life = events(&app, visitor, &release).await?;
    let is_cut = older > 0 || life.len() == MOST;
    life.extend(versions.iter().map(|version| station(version, moment(version.recorded_at))));
    life.sort_by_key(|station| std::cmp::Reverse((station.when, station.event, station.version)));
    let addresses = app.store.list_addresses_of(release.id).await?;
    page(&ReleasePage {
        frame: Frame::of(&app, visitor, Tab::None, &release.title).await?.at(&format!("/releases/{id}")),
        source: app.source_name(&release.source),
        standing: state_text(release.state),
        found: moment(release.found_at),
        seen: release.seen_at.map(moment),
        addresses: addresses.into_iter().map(|a| (a.url.to_string(), a.is_current, moment(a.since))).collect(),
        life,
        is_cut,
        latest,
        earlier: latest.saturating_sub(1).max(1),
        today: app.clock.now().with_timezone(&visitor.zone).format("%Y-%m-%d").to_string(),
        release,
    })
}

async fn events(app: &App, visitor: Visitor, release: &Release) -> Result<Vec<Station>, Fault> {
    let limit = u32::try_from(MOST).unwrap_or(u32::MAX);
    let events = app.store.list_release_events(release.id, limit).await?;
    let station = |recorded: crate::domain::model::RecordedEvent| {
        let event = recorded.event;
        Station {
            at: Moment::new(event.at, visitor.zone, app.clock.now()),
            when: event.at,
            event: Some(recorded.id.0),
            version: None,
            class: word(&event.kind),
            what: format!(
                "{}{}",
                spoken(&event.kind),
                if event.reasons.is_empty() { String::new() } else { format!(" ({})", spoken_list(&event.reasons)) }
            ),
            more: event.summary,
        }
    };
    Ok(events.into_iter().map(station).collect())
}

fn station(version: &VersionLine, at: Moment) -> Station {
    let more = if version.technical { "The page was read anew; no edit by the publisher." } else { "" };
    Station {
        at,
        when: version.recorded_at,
        event: None,
        version: Some(version.number),
        class: "version".to_owned(),
        what: format!("version {}", version.number),
        more: more.to_owned(),
    }
}

#[derive(Template)]
#[template(path = "version.html")]
struct VersionPage {
    frame: Frame,
    release: Release,
    version: Version,
    at: Moment,
    lines: Vec<Line>,
    /// The number of the latest version.
    latest: u32,
    said: String,
}

/// The text of one version.
pub(super) async fn version(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Path((id, number)): Path<(i64, u32)>,
    Query(asked): Query<AtQuery>,
) -> Result<Response, Fault> {
    let release = find(&app, id).await?;
    let version = find_version(&app, release.id, number).await?;
    let title = format!("Version {number} · {}", release.title);
    page(&VersionPage {
        frame: Frame::of(&app, visitor, Tab::None, title).await?.at(&format!("/releases/{id}/versions/{number}")),
        at: Moment::new(version.recorded_at, visitor.zone, app.clock.now()),
        lines: change::lines(&version.document),
        latest: release.latest.as_ref().map_or(number, |latest| latest.number),
        said: asked.date,
        release,
        version,
    })
}

/// `?date=2026-06-03&time=12:00`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AtQuery {
    date: String,
    time: String,
}

/// Leads to the version that stood at a time of the reader's zone; at the end of the day when no time is given.
pub(super) async fn at(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<i64>,
    Query(asked): Query<AtQuery>,
) -> Result<Response, Fault> {
    let release = find(&app, id).await?;
    let wrong = || Fault::refused(axum::http::StatusCode::BAD_REQUEST, "Write the date as 2026-06-03.");
    let day = NaiveDate::parse_from_str(&asked.date, "%Y-%m-%d").map_err(|_| wrong())?;
    // To the end of the minute or of the day: whatever the pages tell as of then stood by then.
    let time = NaiveTime::parse_from_str(&asked.time, "%H:%M").ok();
    let time = time.and_then(|time| time.with_second(59)).or(NaiveTime::from_hms_opt(23, 59, 59)).unwrap_or_default();
    let time = time.with_nanosecond(999_999_999).unwrap_or(time);
    let at = visitor.zone.from_local_datetime(&NaiveDateTime::new(day, time)).latest().ok_or_else(wrong)?;
    match app.store.find_version_at(release.id, at.to_utc()).await? {
        Some(number) => Ok(see_other(&format!("/releases/{id}/versions/{number}?date={day}"))),
        None => Err(Fault::missing("This release had not been read by then; the time line tells when it first was.")),
    }
}

/// `?from=1&to=2`
#[derive(Debug, Deserialize)]
pub(super) struct PairQuery {
    from: u32,
    to: u32,
}

#[derive(Template)]
#[template(path = "compare.html")]
struct ComparePage {
    frame: Frame,
    release: Release,
    shown: Shown,
}

/// Two versions compared.
pub(super) async fn compare(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<i64>,
    Query(PairQuery { from, to }): Query<PairQuery>,
) -> Result<Response, Fault> {
    let release = find(&app, id).await?;
    let old = find_version(&app, release.id, from).await?;
    let new = find_version(&app, release.id, to).await?;
    let title = format!("Versions {from} and {to} · {}", release.title);
    let here = format!("/releases/{id}/compare?from={from}&to={to}");
    let shown = change::show(&app, visitor, old, new).await?;
    page(&ComparePage { frame: Frame::of(&app, visitor, Tab::None, title).await?.at(&here), release, shown })
}

pub(super) async fn find(app: &App, id: i64) -> Result<Release, Fault> {
    let release = app.store.find_release_by_id(ReleaseId(id)).await?;
    release.ok_or_else(|| Fault::missing("There is no such release."))
}

pub(super) async fn find_version(app: &App, release: ReleaseId, number: u32) -> Result<Version, Fault> {
    let version = app.store.find_version(release, number).await?;
    version.ok_or_else(|| Fault::missing("This release has no such version."))
}
