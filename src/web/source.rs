//! The sources: how each is, what it names, how much happens there, what was learned of its pages, and a check now.

mod learned;
mod plot;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use axum::{Extension, Form};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

use self::learned::Learned;
use self::plot::Plot;
use super::App;
use super::answer::{Fault, local_path, page, see_other};
use super::feeds;
use super::guard::Visitor;
use super::layout::{Frame, Moment, Tab};
use super::words::{parse_word, state_text};
use crate::domain::model::{NextCheck, ReleaseId, ReleaseState, Source, SourceId};
use crate::domain::word::spoken;
use crate::feed::title_of;
use crate::store::{ReleaseLine, SourceLine};

/// Releases on a page.
const ON_A_PAGE: u32 = 50;
/// Failed attempts that are shown.
const FAILURES: u32 = 10;

/// How a source is.
struct Health {
    id: String,
    name: String,
    is_watched: bool,
    last: Option<Moment>,
    next: Next,
    troubles: Vec<(String, Moment)>,
    failing: usize,
    counts: Vec<(&'static str, &'static str, u32)>,
}

#[derive(Template)]
#[template(path = "sources.html")]
struct SourcesPage {
    frame: Frame,
    sources: Vec<Health>,
}

/// All of them.
pub(super) async fn list(State(app): State<App>, Extension(visitor): Extension<Visitor>) -> Result<Response, Fault> {
    let lines = app.store.list_sources().await?;
    let sources = lines.iter().map(|line| health(&app, visitor, line)).collect();
    page(&SourcesPage { frame: Frame::of(&app, visitor, Tab::Sources, "Sources").await?.at("/sources"), sources })
}

fn health(app: &App, visitor: Visitor, line: &SourceLine) -> Health {
    let now = app.clock.now();
    let moment = |at| Moment::new(at, visitor.zone, now);
    let watched = app.sources.borrow().iter().find(|source| source.id == line.id).cloned();
    let counts = &line.releases;
    let counts = [
        (ReleaseState::Present, "present", counts.present),
        (ReleaseState::Found, "found", counts.found),
        (ReleaseState::Suspect, "suspect", counts.suspect),
        (ReleaseState::Removed, "removed", counts.removed),
    ];
    Health {
        id: line.id.0.clone(),
        name: line.name.clone(),
        is_watched: watched.is_some(),
        last: line.state.checked_at.map(moment),
        next: Next::of(app, watched.as_ref(), line.state.checked_at, moment),
        troubles: line.state.troubles.iter().map(|t| (spoken(&t.cause), moment(t.since))).collect(),
        failing: line.listings.iter().filter(|listing| listing.problem.is_some()).count(),
        counts: counts.into_iter().map(|(state, word, count)| (state_text(state), word, count)).collect(),
    }
}

/// When a source is checked again, and who says so.
enum Next {
    /// Nobody watches it any more.
    Unwatched,
    /// The daemon is at it.
    UnderWay,
    /// The daemon begins within moments; at most a few sources are checked at once.
    Due,
    /// The daemon begins then.
    At(Moment),
    /// Its schedule has no more times.
    Never,
    /// So says the schedule; no daemon runs in this process.
    Scheduled(Option<Moment>),
}

impl Next {
    fn of(
        app: &App,
        source: Option<&Source>,
        checked_at: Option<DateTime<Utc>>,
        moment: impl Fn(DateTime<Utc>) -> Moment,
    ) -> Self {
        let Some(source) = source else { return Self::Unwatched };
        match app.planned.borrow().get(&source.id) {
            Some(NextCheck::UnderWay) => Self::UnderWay,
            Some(NextCheck::At(at)) if *at <= app.clock.now() => Self::Due,
            Some(NextCheck::At(at)) => Self::At(moment(*at)),
            Some(NextCheck::Never) => Self::Never,
            None => {
                let next = checked_at.and_then(|checked_at| source.schedule.next_after(checked_at, source.timezone));
                Self::Scheduled(next.map(moment))
            }
        }
    }
}

/// One listing of a source.
struct Listing {
    url: String,
    kind: String,
    entries: u32,
    pages: u32,
    whole_at: Option<Moment>,
    problem: Option<String>,
}

#[derive(Template)]
#[template(path = "source.html")]
struct SourcePage {
    frame: Frame,
    health: Health,
    asked: u32,
    answered: u32,
    summary: Option<String>,
    listings: Vec<Listing>,
    plot: Plot,
    releases: Vec<(ReleaseLine, &'static str, Option<Moment>)>,
    state: String,
    older: Option<ReleaseId>,
    failures: Vec<(String, Moment, String)>,
    learned: Option<Learned>,
}

/// `?state=removed&before=17&asked=1`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SourceQuery {
    state: String,
    before: String,
    wanted: String,
}

/// One source.
pub(super) async fn show(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
    Query(query): Query<SourceQuery>,
) -> Result<Response, Fault> {
    let id = SourceId(id);
    let lines = app.store.list_sources().await?;
    let line =
        lines.into_iter().find(|line| line.id == id).ok_or_else(|| Fault::missing("There is no such source."))?;
    let now = app.clock.now();
    let moment = |at| Moment::new(at, visitor.zone, now);
    let before = query.before.parse().ok().map(ReleaseId);
    let state = parse_word(&query.state);
    let releases = app.store.list_release_lines(Some(id.clone()), state, before, ON_A_PAGE).await?;
    let older = releases.last().filter(|_| releases.len() == ON_A_PAGE as usize).map(|line| line.id);
    let today = now.date_naive();
    let days = app.store.count_event_days(&id, today - TimeDelta::weeks(plot::WEEKS)).await?;
    let failures = app.store.list_failures(&id, FAILURES).await?;
    let mut frame = Frame::of(&app, visitor, Tab::Sources, &line.name).await?.at(&format!("/sources/{id}"));
    frame.feed = Some((title_of(Some(&line.name)), feeds::address_of(&id.0)));
    match query.wanted.as_str() {
        "1" => "The check begins now; what it finds appears here and in the inbox.".clone_into(&mut frame.notice),
        "0" => "The daemon has enough wishes already; try again in a minute.".clone_into(&mut frame.notice),
        _ => {}
    }
    let listing = |record: crate::domain::model::ListingRecord| Listing {
        url: record.url.to_string(),
        kind: spoken(&record.kind),
        entries: record.entries,
        pages: record.whole_depth,
        whole_at: record.whole_at.map(moment),
        problem: record.problem,
    };
    page(&SourcePage {
        frame,
        health: health(&app, visitor, &line),
        asked: line.state.asked,
        answered: line.state.answered,
        summary: line.summary.clone(),
        learned: learned::find(&app, &id).await?,
        listings: line.listings.into_iter().map(listing).collect(),
        plot: Plot::of(&days, today),
        releases: releases
            .into_iter()
            .map(|release| {
                let (standing, changed) = (state_text(release.state), release.changed_at.map(moment));
                (release, standing, changed)
            })
            .collect(),
        state: query.state,
        older,
        failures: failures.into_iter().map(|f| (f.url.to_string(), moment(f.at), f.message)).collect(),
    })
}

/// What the button sends.
#[derive(Debug, Deserialize)]
pub(super) struct CheckForm {
    #[serde(default)]
    next: String,
}

/// Asks the daemon to check a source now.
pub(super) async fn check_now(
    State(app): State<App>,
    Path(id): Path<String>,
    Form(form): Form<CheckForm>,
) -> Result<Response, Fault> {
    if app.source_names().iter().all(|(known, _)| *known != id) {
        return Err(Fault::missing("This source is not watched."));
    }
    let is_taken = app.wanted.try_send(SourceId(id.clone())).is_ok();
    let next = if form.next.is_empty() { format!("/sources/{id}") } else { local_path(&form.next) };
    Ok(see_other(&format!("{next}?wanted={}", u8::from(is_taken))))
}
