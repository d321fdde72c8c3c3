//! Answers that several pages give, and what went wrong in words.

use askama::Template;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use chrono::TimeDelta;

use super::access::AccessError;
use super::layout::Assets;
use crate::store::StoreError;

/// Why there is no page.
#[derive(Debug)]
pub(super) struct Fault {
    status: StatusCode,
    message: String,
    /// After how many seconds it is worth another try.
    retry_after: Option<i64>,
}

#[derive(Template)]
#[template(path = "fault.html")]
struct FaultPage<'a> {
    assets: Assets,
    title: &'a str,
    message: &'a str,
}

impl Fault {
    /// The request is not one that is answered.
    pub(super) fn refused(status: StatusCode, message: &str) -> Self {
        Self { status, message: message.to_owned(), retry_after: None }
    }

    /// There is nothing at this address.
    pub(super) fn missing(message: &str) -> Self {
        Self::refused(StatusCode::NOT_FOUND, message)
    }

    /// Somebody asks too often.
    pub(super) fn too_many(message: &str, wait: TimeDelta) -> Self {
        let refused = Self::refused(StatusCode::TOO_MANY_REQUESTS, message);
        Self { retry_after: Some(wait.num_seconds() + 1), ..refused }
    }

    /// The answer took too long.
    pub(super) fn slow() -> Self {
        Self::refused(StatusCode::SERVICE_UNAVAILABLE, "The answer took too long. Try again in a moment.")
    }

    /// Something of ours failed; the log has it, the reader need not know more.
    pub(super) fn internal(what: &str, error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error, "review pages: {what}");
        Self::refused(StatusCode::INTERNAL_SERVER_ERROR, "Something failed here; the log of pressdiff says what.")
    }

    fn headers(&self) -> HeaderMap {
        let wait = self.retry_after.map(|seconds| (header::RETRY_AFTER, HeaderValue::from(seconds)));
        wait.into_iter().collect()
    }

    /// The same for programs.
    pub(super) fn into_json(self) -> Response {
        let body = serde_json::json!({ "error": self.message }).to_string();
        (self.status, self.headers(), [(header::CONTENT_TYPE, "application/json")], body).into_response()
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        if let StoreError::Thinned { .. } = error {
            return Self::refused(StatusCode::GONE, &format!("There are no bytes any more: {error}."));
        }
        Self::internal("the store failed", &error)
    }
}

impl From<AccessError> for Fault {
    fn from(error: AccessError) -> Self {
        Self::internal("nobody can be let in", &error)
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let title = self.status.canonical_reason().unwrap_or("Not possible");
        let page = FaultPage { assets: Assets, title, message: &self.message };
        (self.status, self.headers(), Html(page.render().unwrap_or_default())).into_response()
    }
}

/// A page from its template.
pub(super) fn page(template: &impl Template) -> Result<Response, Fault> {
    match template.render() {
        Ok(html) => Ok(Html(html).into_response()),
        Err(error) => Err(Fault::internal("a template failed", &error)),
    }
}

/// Sends the reader on, by GET.
pub(super) fn see_other(path: &str) -> Response {
    match HeaderValue::from_str(path) {
        Ok(path) => (StatusCode::SEE_OTHER, [(header::LOCATION, path)]).into_response(),
        Err(_) => Fault::refused(StatusCode::BAD_REQUEST, "That is not an address.").into_response(),
    }
}

/// The same with a cookie.
pub(super) fn see_other_with_cookie(path: &str, cookie: &str) -> Response {
    let mut answer = see_other(path);
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        answer.headers_mut().append(header::SET_COOKIE, cookie);
    }
    answer
}

/// The answer to an address that no route has.
pub(super) async fn not_found() -> Fault {
    Fault::missing("There is nothing at this address.")
}

/// Only a path of these pages: a form leads nobody elsewhere.
pub(super) fn local_path(next: &str) -> String {
    let is_local = next.starts_with('/')
        && !next.starts_with("//")
        && next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_local { next.to_owned() } else { "/".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_leads_nobody_elsewhere() {
        for next in ["", "https://evil.example/", "//evil.example/", "/\\evil.example", "/a\r\nSet-Cookie: b", "a"] {
            assert_eq!(local_path(next), "/", "{next:?}");
        }
        assert_eq!(local_path("/search?q=%C3%A9"), "/search?q=%C3%A9");
    }
}
