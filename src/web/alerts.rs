//! The outbox: what waits to be delivered, what was given up, and another try.

use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::App;
use super::answer::{Fault, page, see_other};
use super::guard::Visitor;
use super::layout::{Frame, Moment, Tab};
use crate::domain::counted::counted;
use crate::domain::discreet::discreet;
use crate::domain::message::MessageId;
use crate::domain::model::AlertState;
use crate::store::{MessageLine, StoreError};

/// Messages of one state that are shown.
const MOST: u32 = 200;

/// A message as a row.
struct Row {
    id: i64,
    alert: String,
    recipient: String,
    tells: String,
    attempts: u32,
    /// When it is tried next, or was given up.
    at: Moment,
    is_due: bool,
    error: Option<String>,
}

/// The messages of one state.
struct Group {
    heading: &'static str,
    id: &'static str,
    /// What the time of a row means.
    time: &'static str,
    rows: Vec<Row>,
    /// How many there are, shown or not.
    in_all: u64,
}

#[derive(Template)]
#[template(path = "alerts.html")]
struct AlertsPage {
    frame: Frame,
    groups: [Group; 2],
    sent: u64,
}

/// `?retried=1`
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AlertsQuery {
    retried: String,
}

/// What waits and what was given up, the oldest first.
pub(super) async fn show(
    State(app): State<App>,
    Extension(visitor): Extension<Visitor>,
    Query(query): Query<AlertsQuery>,
) -> Result<Response, Fault> {
    let now = app.clock.now();
    let row = |line: MessageLine| Row {
        id: line.id.0,
        tells: line.tells(),
        attempts: line.attempts,
        at: Moment::new(line.finished_at.unwrap_or(line.due_at), visitor.zone, now),
        is_due: line.state == AlertState::Pending && line.due_at <= now,
        alert: line.addressee.alert,
        recipient: discreet(&line.addressee.recipient),
        error: line.error,
    };
    let failed = app.store.list_messages_up_to(Some(AlertState::Failed), MOST).await?;
    let pending = app.store.list_messages_up_to(Some(AlertState::Pending), MOST).await?;
    let counts = app.store.count_messages().await?;
    let mut frame = Frame::of(&app, visitor, Tab::Alerts, "Alerts").await?.at("/alerts");
    if let Ok(retried) = query.retried.parse::<u32>() {
        let messages = counted(retried, "message is", "messages are");
        frame.notice = format!("{messages} due now; the daemon sends within seconds.");
    }
    let group = |(heading, id, time), lines: Vec<MessageLine>, in_all| Group {
        heading,
        id,
        time,
        rows: lines.into_iter().map(row).collect(),
        in_all,
    };
    let groups = [
        group(("Given up", "failed", "given up"), failed, counts.failed),
        group(("Waiting", "pending", "next try"), pending, counts.pending),
    ];
    page(&AlertsPage { frame, groups, sent: counts.sent })
}

/// Tries one message again at once.
pub(super) async fn retry(State(app): State<App>, Path(id): Path<i64>) -> Result<Response, Fault> {
    match app.store.retry(MessageId(id), app.clock.now()).await {
        Err(StoreError::UnknownMessage(_)) => {
            Err(Fault::refused(StatusCode::NOT_FOUND, "There is no such message that could be tried again."))
        }
        retried => retried.map(|()| see_other("/alerts?retried=1")).map_err(Fault::from),
    }
}

/// Tries everything again that failed or waits after a failure.
pub(super) async fn retry_all(State(app): State<App>) -> Result<Response, Fault> {
    let retried = app.store.retry_all(app.clock.now()).await?;
    Ok(see_other(&format!("/alerts?retried={retried}")))
}
