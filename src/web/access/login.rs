//! The log-in form, and what it does.

use askama::Template;
use axum::Form;
use axum::extract::{Extension, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use super::{AccessError, SESSION, hash, password};
use crate::web::answer::{Fault, local_path, page, see_other, see_other_with_cookie};
use crate::web::server::Peer;
use crate::web::{App, guard};

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    assets: crate::web::layout::Assets,
    problem: String,
    next: String,
}

/// What the form sends.
#[derive(Deserialize)]
pub(crate) struct LoginForm {
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

/// Where to go afterwards.
#[derive(Deserialize)]
pub(crate) struct Next {
    #[serde(default)]
    next: String,
}

/// The form.
pub(crate) async fn show_login(axum::extract::Query(query): axum::extract::Query<Next>) -> Result<Response, Fault> {
    page(&LoginPage { assets: crate::web::layout::Assets, problem: String::new(), next: local_path(&query.next) })
}

/// Begins a session if the password is right.
pub(crate) async fn log_in(
    State(app): State<App>,
    Extension(Peer(peer)): Extension<Peer>,
    Form(form): Form<LoginForm>,
) -> Result<Response, Fault> {
    let next = local_path(&form.next);
    let Some(kept) = app.access.passwords.read().map_err(AccessError::from)? else {
        if !app.access.is_exposed {
            return Ok(see_other(&next));
        }
        let problem = "No password is set. `pressdiff passwd` sets one.".to_owned();
        let answer = page(&LoginPage { assets: crate::web::layout::Assets, problem, next })?;
        return Ok((StatusCode::UNAUTHORIZED, answer).into_response());
    };
    if let Err(wait) = app.access.limiter.take(peer.ip(), app.clock.now()) {
        let seconds = wait.num_seconds() + 1;
        let problem = format!("Too many attempts. Try again in {seconds} seconds.");
        let answer = page(&LoginPage { assets: crate::web::layout::Assets, problem, next })?;
        return Ok(
            (StatusCode::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, seconds.to_string())], answer).into_response()
        );
    }
    let permit = app.access.verifying.acquire().await;
    let given = form.password;
    let is_right = {
        let kept = kept.clone();
        tokio::task::spawn_blocking(move || password::verify(&given, &kept)).await.unwrap_or(false)
    };
    drop(permit);
    if !is_right {
        tracing::warn!(peer = %peer.ip(), "log-in to the review pages refused");
        let answer = page(&LoginPage {
            assets: crate::web::layout::Assets,
            problem: "That is not the password.".to_owned(),
            next,
        })?;
        return Ok((StatusCode::UNAUTHORIZED, answer).into_response());
    }
    let token = fresh_session().map_err(|error| Fault::internal("no random numbers", &error))?;
    let now = app.clock.now();
    app.store.add_session(hash(&token), hash(&kept), now, now + SESSION).await?;
    Ok(see_other_with_cookie(&next, &guard::session_cookie(&app, &token, SESSION)))
}

/// Ends the session.
pub(crate) async fn log_out(State(app): State<App>, headers: HeaderMap) -> Result<Response, Fault> {
    if let Some(token) = guard::session_token(&app, &headers) {
        app.store.end_session(hash(&token)).await?;
    }
    Ok(see_other_with_cookie("/login", &guard::session_cookie(&app, "", chrono::TimeDelta::zero())))
}

fn fresh_session() -> Result<String, getrandom::Error> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
