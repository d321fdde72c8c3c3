//! One event: what changed, why it is told, on what it rests, and what the reader makes of it.

mod evidence;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Form};
use serde::Deserialize;

use self::evidence::Evidence;
use super::App;
use super::answer::{Fault, local_path, page, see_other};
use super::change::{self, Shown};
use super::guard::{Origin, Visitor};
use super::inbox::Row;
use super::layout::{Frame, Tab};
use super::words::{Choice, parse_word, spoken_list, verdict_text};
use crate::domain::model::{Event, EventId, Version};
use crate::domain::render::html;
use crate::domain::review::{ReviewVerdict, ReviewedEvent};
use crate::domain::word::{spoken, word};
use crate::store::{EventCursor, ReviewChange, Shelf, ShelfFilter};

/// Most characters of a note.
const LONGEST_NOTE: usize = 10_000;

#[derive(Template)]
#[template(path = "event.html")]
struct EventPage {
    frame: Frame,
    row: Row,
    event: Event,
    fields: String,
    shown: Option<Shown>,
    /// The text, where there is nothing to compare it with.
    text: Option<Vec<change::Line>>,
    text_number: u32,
    evidence: Vec<Evidence>,
    note: String,
    verdicts: Vec<Choice>,
    previous: Option<EventId>,
    following: Option<EventId>,
    /// The next event of the inbox.
    next: String,
    permalink: String,
}

/// The event.
pub(super) async fn show(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Extension(origin): Extension<Origin>,
    Path(id): Path<i64>,
) -> Result<Response, Fault> {
    let id = EventId(id);
    let reviewed = find(&app, id).await?;
    let event = reviewed.recorded.event.clone();
    let shown = match versions(&app, &event).await? {
        Some((old, new)) => Some(change::show(&app, visitor, old, new).await?),
        None => None,
    };
    let text_number = event.new_version.or(event.old_version).unwrap_or_default();
    let text = match (event.release, &shown) {
        (Some(release), None) => app.store.find_version(release, text_number).await?,
        _ => None,
    };
    let (previous, following) = match event.release {
        Some(release) => app.store.find_neighbours(release, id).await?,
        None => (None, None),
    };
    let title = format!("{} · {}", spoken(&event.kind), event.title);
    let choice = |verdict: &ReviewVerdict| Choice {
        value: word(verdict),
        label: verdict_text(*verdict).to_owned(),
        chosen: reviewed.review.verdict == Some(*verdict),
    };
    page(&EventPage {
        frame: Frame::of(&app, visitor, Tab::Inbox, title).await?.at(&format!("/events/{id}")),
        row: Row::of(&app, visitor, &reviewed),
        fields: spoken_list(&event.fields),
        shown,
        text: text.map(|version| change::lines(&version.document)),
        text_number,
        evidence: evidence::list(&app, visitor, &event).await?,
        note: reviewed.review.note.clone(),
        verdicts: ReviewVerdict::ALL.iter().map(choice).collect(),
        previous,
        following,
        next: next_in_inbox(&app, &reviewed).await?,
        permalink: format!("{origin}/events/{id}"),
        event,
    })
}

/// The change as one file that needs nothing else.
pub(super) async fn save(State(app): State<App>, Path(id): Path<i64>) -> Result<Response, Fault> {
    let event = find(&app, EventId(id)).await?.recorded.event;
    let versions = versions(&app, &event).await?;
    let (old, new) = versions.ok_or_else(|| Fault::missing("This event compares no two versions."))?;
    let heading = change::heading(&event.title, event.url.as_str(), &old, &new);
    let file = change::compare(old, new).await.map(|change| html(&change, &heading))?;
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"pressdiff-event-{id}.html\"")),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'; style-src 'unsafe-inline'".to_owned()),
    ];
    Ok((headers, file).into_response())
}

/// What a form about an event sends; buttons bring one part each.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ReviewForm {
    reviewed: String,
    star: String,
    note: Option<String>,
    verdict: String,
    next: String,
}

/// Changes the review of an event.
pub(super) async fn review(
    State(app): State<App>,
    Path(id): Path<i64>,
    Form(form): Form<ReviewForm>,
) -> Result<Response, Fault> {
    let mut changes = Vec::new();
    if let Some(note) = form.note {
        let note = note.replace("\r\n", "\n").chars().take(LONGEST_NOTE).collect();
        changes.push(ReviewChange::Noted { verdict: parse_word(&form.verdict), note });
    }
    match form.reviewed.as_str() {
        "1" => changes.push(ReviewChange::Reviewed),
        "0" => changes.push(ReviewChange::Unreviewed),
        _ => {}
    }
    if !form.star.is_empty() {
        changes.push(ReviewChange::Starred(form.star == "1"));
    }
    for change in changes {
        if !app.store.review(EventId(id), change, app.clock.now()).await? {
            return Err(Fault::missing("There is no such event."));
        }
    }
    Ok(see_other(&local_path(&form.next)))
}

async fn find(app: &App, id: EventId) -> Result<ReviewedEvent, Fault> {
    app.store.find_reviewed_event(id).await?.ok_or_else(|| Fault::missing("There is no such event."))
}

/// The versions before and after, where an event has both.
async fn versions(app: &App, event: &Event) -> Result<Option<(Version, Version)>, Fault> {
    let (Some(release), Some(old), Some(new)) = (event.release, event.old_version, event.new_version) else {
        return Ok(None);
    };
    if old == new {
        return Ok(None);
    }
    let old = app.store.find_version(release, old).await?;
    let new = app.store.find_version(release, new).await?;
    Ok(old.zip(new))
}

/// Where to go when this one is done: on in the order of the inbox, or back to it.
async fn next_in_inbox(app: &App, reviewed: &ReviewedEvent) -> Result<String, Fault> {
    let filter = ShelfFilter { shelf: Shelf::Inbox, weightiest_first: true, ..ShelfFilter::default() };
    let cursor = EventCursor { significance: reviewed.recorded.event.significance, event: reviewed.recorded.id };
    let listed = app.store.list_shelf(filter, Some(cursor), 1).await?;
    Ok(listed.events.first().map_or_else(|| "/".to_owned(), |event| format!("/events/{}", event.recorded.id)))
}
