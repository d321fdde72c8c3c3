//! The answer of a site as it came: for reading as plain text, and for keeping as a file. A browser never shows it as
//! a page, because it may be anything.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};

use super::App;
use super::answer::Fault;
use crate::domain::charset::decode;
use crate::domain::model::{Snapshot, SnapshotId};

/// Even if a browser took it for a page, it could do nothing.
const SANDBOX: (header::HeaderName, &str) = (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'");

/// Its bytes as text, in the encoding that they declare.
pub(super) async fn text(State(app): State<App>, Path(id): Path<i64>) -> Result<Response, Fault> {
    let fetched = find(&app, id).await?.fetched;
    let text = super::change::work(move || decode(&fetched.body, fetched.header("content-type")).text).await?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8"), SANDBOX], text).into_response())
}

/// Its bytes.
pub(super) async fn raw(State(app): State<App>, Path(id): Path<i64>) -> Result<Response, Fault> {
    let snapshot = find(&app, id).await?;
    let name = format!("attachment; filename=\"snapshot-{id}.bin\"");
    let headers = [(header::CONTENT_TYPE, "application/octet-stream"), SANDBOX];
    Ok((headers, [(header::CONTENT_DISPOSITION, name)], snapshot.fetched.body.clone()).into_response())
}

async fn find(app: &App, id: i64) -> Result<Snapshot, Fault> {
    let snapshot = app.store.find_snapshot(SnapshotId(id)).await?;
    snapshot.ok_or_else(|| Fault::missing("There is no such snapshot."))
}
