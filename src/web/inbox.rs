//! The inbox: what happened and nobody has looked at yet.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;

use super::App;
use super::answer::{Fault, page};
use super::guard::Visitor;
use super::layout::{Frame, Tab};

#[derive(Template)]
#[template(path = "inbox.html")]
struct InboxPage {
    frame: Frame,
}

/// The events that wait.
pub(super) async fn show(State(app): State<App>, Extension(visitor): Extension<Visitor>) -> Result<Response, Fault> {
    page(&InboxPage { frame: Frame::of(&app, visitor, Tab::Inbox, "Inbox").await? })
}
