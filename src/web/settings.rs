//! What a reader chooses, and what the keys do.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::{Extension, Form};
use chrono::TimeDelta;
use chrono_tz::Tz;
use serde::Deserialize;

use super::App;
use super::answer::{Fault, local_path, page, see_other_with_cookie};
use super::guard::{self, Visitor, ZONE_COOKIE};
use super::layout::{Frame, Tab};

/// What the form at the foot of each page sends.
#[derive(Debug, Deserialize)]
pub(super) struct ZoneForm {
    zone: String,
    #[serde(default)]
    next: String,
}

/// Remembers the zone of the times, in this browser.
pub(super) async fn set_zone(State(app): State<App>, Form(form): Form<ZoneForm>) -> Result<Response, Fault> {
    let zone: Tz = form.zone.trim().parse().map_err(|_| {
        Fault::refused(StatusCode::BAD_REQUEST, "No such time zone; write a name such as Europe/Moscow or UTC.")
    })?;
    let cookie = guard::set_cookie(&app, ZONE_COOKIE, &zone.name().replace('/', "."), TimeDelta::days(365));
    Ok(see_other_with_cookie(&local_path(&form.next), &cookie))
}

#[derive(Template)]
#[template(path = "keys.html")]
struct KeysPage {
    frame: Frame,
}

/// What the keys do.
pub(super) async fn keys(State(app): State<App>, Extension(visitor): Extension<Visitor>) -> Result<Response, Fault> {
    page(&KeysPage { frame: Frame::of(&app, visitor, Tab::None, "Keys").await?.at("/keys") })
}
