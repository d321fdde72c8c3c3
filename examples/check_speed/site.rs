//! The site that is checked: releases whose pages stay the same, carry new noise in every answer, or are edited.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use axum::http::{HeaderMap, Response, StatusCode};
use axum::routing::get;
use serde::Deserialize;

const ON_ONE_PAGE: usize = 50;
const ORDER: Ordering = Ordering::SeqCst;

/// What the site shows; counted are the requests for releases.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) releases: usize,
    pub(crate) bytes: usize,
    /// Whether answers are compressed for those who take it.
    pub(crate) gzip: bool,
    /// Whether answers carry an `ETag`, which is believed.
    pub(crate) validators: AtomicBool,
    /// Whether token, counter and teasers are others in every answer.
    pub(crate) noise: AtomicBool,
    /// Grows with each edit.
    pub(crate) edition: AtomicU64,
    /// Every so many releases one is edited.
    pub(crate) edited: AtomicUsize,
    pub(crate) requests: AtomicU64,
}

impl Site {
    pub(crate) fn new(releases: usize, bytes: usize, gzip: bool) -> Self {
        Self {
            releases,
            bytes,
            gzip,
            validators: AtomicBool::new(false),
            noise: AtomicBool::new(false),
            edition: AtomicU64::new(0),
            edited: AtomicUsize::new(1),
            requests: AtomicU64::new(0),
        }
    }

    /// The page of a release as the next request sees it.
    pub(crate) fn release_page(&self, number: usize) -> String {
        let request = self.requests.fetch_add(1, ORDER);
        let noise = if self.noise.load(ORDER) { request + 1 } else { 0 };
        let title = title(number);
        let text = self.text(number);
        self.page(noise, &title, &format!("<article><h1>{title}</h1><p class=\"date\">14 May 2026</p>{text}</article>"))
    }

    fn listing_page(&self, page: usize) -> Option<String> {
        let pages = self.releases.div_ceil(ON_ONE_PAGE);
        (1..=pages).contains(&page).then_some(())?;
        let numbers = ((page - 1) * ON_ONE_PAGE..page * ON_ONE_PAGE).take_while(|number| *number < self.releases);
        let items = numbers.map(|number| {
            format!("<li><span>14 May 2026</span> <a href=\"/news/{number}/\">{}</a></li>", title(number))
        });
        let items = items.collect::<String>();
        let next = (page < pages).then(|| format!("<a rel=\"next\" href=\"/news/?page={}\">Next</a>", page + 1));
        let next = next.unwrap_or_default();
        Some(self.page(
            0,
            "News",
            &format!("<h1>News</h1><ul class=\"list\">{items}</ul><p class=\"pages\">{next}</p>"),
        ))
    }

    /// Paragraphs of a release: about a third of its page. An edit gives one of them other words.
    fn text(&self, number: usize) -> String {
        let is_edited = number.is_multiple_of(self.edited.load(ORDER));
        let edition = if is_edited { self.edition.load(ORDER) } else { 0 };
        let signed = format!("<p>Captain {} signed for the ships.</p>", name(number as u64 * 1_009 + edition));
        let paragraph = |at: usize| {
            let (ships, tons) = (number * 37 + at * 11 + 3, number * 101 + at * 7 + 40);
            format!(
                "<p>On day {at} of season {number} the pilots met <strong>{ships} ships</strong>, which landed {tons} \
                 tons of grain, timber and salt. &quot;Nobody misses the old crane&quot;, said the harbour master, and \
                 the ferry lands at the western stairs until the quay is repaired.</p>\n"
            )
        };
        let count = self.bytes / 3 / paragraph(0).len();
        format!("<div class=\"text\">{signed}{}</div>", (0..count).map(paragraph).collect::<String>())
    }

    /// The page around a body: menus, and what may differ at every request.
    fn page(&self, noise: u64, title: &str, body: &str) -> String {
        let item = |at: usize| {
            format!(
                "<li class=\"nav__item nav__item--level-{}\"><div class=\"nav__box\"><a class=\"nav__link link\" \
                 href=\"/section/{at}/\" data-track=\"nav-{at}\"><span class=\"nav__label\">Section number \
                 {at}</span></a></div></li>\n",
                at % 3
            )
        };
        let menu = (0..self.bytes / 2 / item(0).len()).map(item).collect::<String>();
        let script = "window.site=window.site||{};site.push({event:\"view\",part:\"news\"});".repeat(self.bytes / 480);
        let first = usize::try_from(noise).unwrap_or(0);
        let teaser = |number: usize| format!("<li><a href=\"/news/{number}/\">{}</a></li>", self::title(number));
        let teasers = (0..3).map(|at| teaser((first + at) * 7 % self.releases)).collect::<String>();
        let token = noise.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        format!(
            "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"token\" content=\"{token:016x}\">\
             <title>{title} | Port</title><script>{script}</script></head><body><nav><ul>{menu}</ul></nav><main>{body}</main><aside><h2>Read \
             also</h2><ul>{teasers}</ul></aside><footer><p>{} visitors</p></footer></body></html>",
            token % 90_000
        )
    }
}

/// A word that no other number has.
fn name(mut number: u64) -> String {
    let mut name = String::new();
    while number > 0 || name.is_empty() {
        name.push(char::from(b"bdfgklmnprst"[usize::try_from(number % 12).unwrap_or(0)]));
        name.push(char::from(b"aeiou"[usize::try_from(number / 12 % 5).unwrap_or(0)]));
        number /= 60;
    }
    name
}

fn title(number: usize) -> String {
    format!("Report number {number} of the harbour board")
}

/// Serves the site on a free port of loopback, and tells which.
pub(crate) async fn serve(site: Arc<Site>) -> std::io::Result<u16> {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let port = listener.local_addr()?.port();
    let router = Router::new().route("/news/", get(listing)).route("/news/{number}/", get(release)).with_state(site);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(port)
}

/// `?page=2`
#[derive(Deserialize)]
struct Paging {
    page: Option<usize>,
}

async fn listing(State(site): State<Arc<Site>>, headers: HeaderMap, Query(paging): Query<Paging>) -> Response<Body> {
    match site.listing_page(paging.page.unwrap_or(1)) {
        Some(page) => answer(&site, &headers, page, None),
        None => status(StatusCode::NOT_FOUND),
    }
}

async fn release(State(site): State<Arc<Site>>, headers: HeaderMap, Path(number): Path<usize>) -> Response<Body> {
    if number >= site.releases {
        return status(StatusCode::NOT_FOUND);
    }
    let tag = site.validators.load(ORDER).then(|| format!("\"{number}-{}\"", site.edition.load(ORDER)));
    if tag.is_some() && headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()) == tag.as_deref() {
        site.requests.fetch_add(1, ORDER);
        return status(StatusCode::NOT_MODIFIED);
    }
    answer(&site, &headers, site.release_page(number), tag)
}

fn answer(site: &Site, headers: &HeaderMap, page: String, tag: Option<String>) -> Response<Body> {
    let mut response = Response::builder().header(CONTENT_TYPE, "text/html; charset=utf-8");
    if let Some(tag) = tag {
        response = response.header(ETAG, tag);
    }
    let takes_gzip =
        headers.get(ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains("gzip"));
    let body = if site.gzip && takes_gzip {
        response = response.header(CONTENT_ENCODING, "gzip").header(VARY, "Accept-Encoding");
        Body::from(compressed(&page))
    } else {
        Body::from(page)
    };
    response.body(body).expect("plain headers")
}

fn compressed(page: &str) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(page.as_bytes()).expect("memory takes what it is given");
    encoder.finish().expect("memory takes what it is given")
}

fn status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
