//! The one layer that every request passes, whatever it asks for: it denies what it does not know to be allowed. In
//! order: the name it was called by (another site's name that leads here is refused), the form of the request, whether
//! a change was asked for by these pages themselves, and whether whoever asks is logged in or, where programs read,
//! shows an access token.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use chrono::TimeDelta;
use chrono_tz::Tz;
use tokio::time::timeout;
use url::form_urlencoded;

use super::App;
use super::access::{Admission, Pass, shown_token};
use super::answer::{Fault, see_other};
use super::server::Peer;

/// What strangers may ask for; everything else needs a session where there is a password.
const PUBLIC: &[&str] = &["/login", "/healthz", "/readyz"];
/// What strangers may ask for below a folder: style and script, which are the same for everybody.
const PUBLIC_FOLDER: &str = "/assets/";
/// Where programs ask.
const API: &str = "/api/";
/// What else an access token opens, for reading; below a source its feed, too.
const BY_TOKEN: &[&str] = &["/metrics", "/events.atom", "/inbox.atom"];
/// Feed readers can send no header, so that the addresses of feeds may hold a token.
const FEED: &str = ".atom";
/// Most bytes of path and query.
const LONGEST_ADDRESS: usize = 4 << 10;
/// How long an answer may take.
const ANSWER_TIME: Duration = Duration::from_secs(30);
/// Nothing but our own style and script, no frames, no forms elsewhere.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
     connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Who asks, for whoever answers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Visitor {
    /// Whether there is a session to end.
    pub(super) logged_in: bool,
    /// The zone of the times.
    pub(super) zone: Tz,
}

/// Where these pages are for whoever asks: the address that the configuration gives them, or the one they were asked
/// by. Without a slash at the end.
#[derive(Clone, Debug)]
pub(super) struct Origin(String);

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Lets a request through or answers it.
pub(super) async fn guard(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with(API);
    let mut answer = match admit(&app, &mut request).await {
        Ok(None) => timeout(ANSWER_TIME, next.run(request)).await.unwrap_or_else(|_| Fault::slow().into_response()),
        Ok(Some(answer)) => answer,
        Err(fault) if is_api => fault.into_json(),
        Err(fault) => fault.into_response(),
    };
    add_headers(answer.headers_mut());
    answer
}

/// Nothing, when the request may go on.
async fn admit(app: &App, request: &mut Request) -> Result<Option<Response>, Fault> {
    let host = host(request).ok_or_else(|| Fault::refused(StatusCode::BAD_REQUEST, "The request names no host."))?;
    if !is_our_name(app, host.host()) {
        return Err(Fault::refused(StatusCode::MISDIRECTED_REQUEST, "These pages are not served under this name."));
    }
    if request.uri().path_and_query().is_some_and(|address| address.as_str().len() > LONGEST_ADDRESS) {
        return Err(Fault::refused(StatusCode::URI_TOO_LONG, "The address is too long."));
    }
    let is_api = request.uri().path().starts_with(API);
    match *request.method() {
        Method::GET | Method::HEAD => {}
        Method::POST if is_api => return Ok(Some(not_allowed("GET, HEAD"))),
        Method::POST if is_from_here(app, request.headers(), &host) => {}
        Method::POST => return Err(Fault::refused(StatusCode::FORBIDDEN, "The form was not sent from these pages.")),
        _ => return Ok(Some(not_allowed(if is_api { "GET, HEAD" } else { "GET, HEAD, POST" }))),
    }
    let token = session_token(app, request.headers());
    let admission = app.access.admission(&app.store, token.as_deref(), app.clock.now()).await?;
    let path = request.uri().path();
    let is_public = PUBLIC.contains(&path) || path.starts_with(PUBLIC_FOLDER);
    if admission == Admission::Stranger && !is_public {
        let is_let_in = match shown(request) {
            Some((token, peer)) => may_read(app, &token, peer).await?,
            None => false,
        };
        if !is_let_in {
            return Ok(Some(turn_away(request)));
        }
    }
    let zone = cookie(request.headers(), ZONE_COOKIE).and_then(|name| name.replace('.', "/").parse().ok());
    let visitor = Visitor { logged_in: admission == Admission::LoggedIn, zone: zone.unwrap_or(app.config.timezone) };
    request.extensions_mut().insert(visitor);
    request.extensions_mut().insert(origin(app, &host));
    Ok(None)
}

/// The access token that a request shows, and who shows it; none where no token opens anything.
fn shown(request: &Request) -> Option<(String, IpAddr)> {
    let is_reading = matches!(*request.method(), Method::GET | Method::HEAD);
    let path = request.uri().path();
    if !is_reading || !is_for_programs(path) {
        return None;
    }
    let token = shown_token(request.headers(), request.uri(), path.ends_with(FEED))?;
    let Peer(peer) = request.extensions().get()?;
    Some((token, peer.ip()))
}

/// Whether an access token opens the door.
async fn may_read(app: &App, token: &str, peer: IpAddr) -> Result<bool, Fault> {
    match app.access.pass(&app.store, token, peer, app.clock.now()).await? {
        Pass::Valid => Ok(true),
        Pass::Wrong => {
            tracing::warn!(%peer, "access token refused");
            Ok(false)
        }
        Pass::TooMany(wait) => Err(Fault::too_many("Too many wrong access tokens.", wait)),
    }
}

/// Whether programs read at this path, with an access token.
fn is_for_programs(path: &str) -> bool {
    let source = path.strip_prefix("/sources/").and_then(|rest| rest.strip_suffix("/events.atom"));
    path.starts_with(API) || BY_TOKEN.contains(&path) || source.is_some_and(|id| !id.contains('/'))
}

fn origin(app: &App, host: &Authority) -> Origin {
    Origin(app.config.url.as_ref().map_or_else(|| format!("http://{host}"), |url| url.origin().ascii_serialization()))
}

fn not_allowed(allowed: &'static str) -> Response {
    let fault = Fault::refused(StatusCode::METHOD_NOT_ALLOWED, "This is not done here.");
    ([(header::ALLOW, allowed)], fault).into_response()
}

/// A reader is sent to the log-in, a program gets a status.
fn turn_away(request: &Request) -> Response {
    let challenge = [(header::WWW_AUTHENTICATE, "Bearer realm=\"pressdiff\"")];
    if request.uri().path().starts_with(API) {
        let fault = Fault::refused(StatusCode::UNAUTHORIZED, "Log in, or send an access token.");
        return (challenge, fault.into_json()).into_response();
    }
    if is_for_programs(request.uri().path()) {
        let words = "This needs an access token, which `pressdiff token create` makes, or a log-in.";
        return (challenge, Fault::refused(StatusCode::UNAUTHORIZED, words)).into_response();
    }
    if *request.method() != Method::GET {
        return Fault::refused(StatusCode::UNAUTHORIZED, "Log in first.").into_response();
    }
    let wanted = request.uri().path_and_query().map_or("/", |wanted| wanted.as_str());
    // An access token opens no page, and must not be handed on in an address.
    let wanted = if wanted.contains("token=") { request.uri().path() } else { wanted };
    let next: String = form_urlencoded::byte_serialize(wanted.as_bytes()).collect();
    see_other(&format!("/login?next={next}"))
}

fn host(request: &Request) -> Option<Authority> {
    let mut lines = request.headers().get_all(header::HOST).iter();
    match (lines.next(), lines.next()) {
        (Some(host), None) => host.to_str().ok()?.parse().ok(),
        _ => None,
    }
}

/// A site whose name was made to lead here has its own name, never an address or one of ours.
fn is_our_name(app: &App, host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let public = app.config.url.as_ref().and_then(|url| url.host_str());
    address.is_ok()
        || host.eq_ignore_ascii_case("localhost")
        || public.is_some_and(|ours| ours.eq_ignore_ascii_case(host))
}

/// Browsers say with each POST where its form came from. What says nothing is no browser, and has no business here.
fn is_from_here(app: &App, headers: &HeaderMap, host: &Authority) -> bool {
    let text = |name: header::HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let site = headers.get("sec-fetch-site").map(|value| value.to_str().unwrap_or("?"));
    let ours = app.config.url.as_ref().map(|url| url.origin().ascii_serialization());
    let is_ours = |origin: &str| {
        ours.as_deref() == Some(origin) || origin.split_once("://").is_some_and(|(_, asked)| asked == host.as_str())
    };
    site.is_none_or(|site| site == "same-origin") && text(header::ORIGIN).is_some_and(is_ours)
}

/// What every answer carries, unless the answer says otherwise.
fn add_headers(headers: &mut HeaderMap) {
    let always = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Not no-referrer, which would hide from us where a form came from.
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::CACHE_CONTROL, "private, no-cache"),
        (header::HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in always {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}

/// The name of the cookie with the reader's zone; `/` is spelled as a dot in it.
pub(super) const ZONE_COOKIE: &str = "pressdiff_zone";

/// Where readers come by https, a cookie that no neighbour under the same name can set.
fn session_name(app: &App) -> &'static str {
    if is_secure(app) { "__Host-pressdiff" } else { "pressdiff" }
}

fn is_secure(app: &App) -> bool {
    app.config.url.as_ref().is_some_and(|url| url.scheme() == "https")
}

/// The token of the session that a request belongs to.
pub(super) fn session_token(app: &App, headers: &HeaderMap) -> Option<String> {
    cookie(headers, session_name(app)).filter(|token| !token.is_empty() && token.len() <= 64).map(str::to_owned)
}

/// The line that begins a session, or ends it when it lasts no time.
pub(super) fn session_cookie(app: &App, token: &str, lasting: TimeDelta) -> String {
    set_cookie(app, session_name(app), token, lasting)
}

/// A cookie for these pages alone, out of reach of scripts.
pub(super) fn set_cookie(app: &App, name: &str, value: &str, lasting: TimeDelta) -> String {
    let secure = if is_secure(app) { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{secure}", lasting.num_seconds())
}

fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.into_iter().find(|(key, _)| *key == name).map(|(_, value)| value)
}
