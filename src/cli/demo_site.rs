//! A small news site on loopback that changes step by step, so that `pressdiff demo` and the tests can watch
//! something real without a network. It knows nothing of the program that watches it.

mod content;
mod page;

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use url::Url;

use self::content::{STEPS, Step};
use self::page::Visit;
use crate::domain::model::EventKind;

/// The running site; it stops when this is dropped.
#[derive(Debug)]
pub struct DemoSite {
    root: Url,
    counters: Arc<Counters>,
    _stop: oneshot::Sender<()>,
}

#[derive(Debug, Default)]
struct Counters {
    step: AtomicUsize,
    requests: AtomicU64,
}

impl DemoSite {
    /// Starts the site at its first step, on a free port of loopback and on the present Tokio runtime.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let root = Url::parse(&format!("http://{}/", listener.local_addr()?)).map_err(io::Error::other)?;
        let counters = Arc::new(Counters::default());
        let (stop, stopped) = oneshot::channel();
        let server = axum::serve(listener, router(Arc::clone(&counters))).with_graceful_shutdown(async {
            // The sender is never used, only dropped.
            let _ = stopped.await;
        });
        tokio::spawn(server.into_future());
        Ok(Self { root, counters, _stop: stop })
    }

    /// Address of the front page; the listing is `news/` below it.
    pub fn root(&self) -> Url {
        self.root.clone()
    }

    /// Goes to a step, the last one at most; every request from now on gets what the site says then.
    pub fn set_step(&self, step: usize) {
        self.counters.step.store(step.min(STEPS.len() - 1), Ordering::SeqCst);
    }

    /// How many steps there are, the baseline being step 0.
    pub fn steps() -> usize {
        STEPS.len()
    }

    /// What happens at this step, in one line for people; empty beyond the last.
    pub fn describe(step: usize) -> &'static str {
        STEPS.get(step).map_or("", |step| step.description)
    }

    /// The events that a watcher has to report at this step, with the paths of the releases, and no others.
    pub fn expected(step: usize) -> &'static [(EventKind, &'static str)] {
        STEPS.get(step).map_or(&[], |step: &Step| step.expected)
    }
}

impl Counters {
    fn visit(&self) -> Visit {
        Visit { step: self.step.load(Ordering::SeqCst), number: self.requests.fetch_add(1, Ordering::SeqCst) }
    }
}

fn router(counters: Arc<Counters>) -> Router {
    Router::new()
        .route("/", get(home))
        .route("/news/", get(listing))
        .route("/news/{slug}/", get(release))
        .route("/media/{name}", get(picture))
        .route("/robots.txt", get(|| async { "User-agent: *\nDisallow: /share\nDisallow: /print\n" }))
        .fallback(missing)
        .with_state(counters)
}

async fn home(State(counters): State<Arc<Counters>>) -> Response {
    answer(counters.visit(), |visit| Some(visit.home()))
}

/// `?page=2`
#[derive(Deserialize)]
struct Paging {
    page: Option<usize>,
}

async fn listing(State(counters): State<Arc<Counters>>, Query(paging): Query<Paging>) -> Response {
    answer(counters.visit(), |visit| visit.listing(paging.page.unwrap_or(1)))
}

async fn release(State(counters): State<Arc<Counters>>, Path(slug): Path<String>) -> Response {
    answer(counters.visit(), |visit| visit.release(&slug))
}

async fn missing(State(counters): State<Arc<Counters>>) -> Response {
    answer(counters.visit(), |_| None)
}

async fn picture() -> Response {
    let drawing = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 8 4\">\
                   <path d=\"M1 2h6l-1 1.500h-4z\" fill=\"#357\"/></svg>";
    ([(header::CONTENT_TYPE, "image/svg+xml")], drawing).into_response()
}

fn answer(visit: Visit, page: impl FnOnce(Visit) -> Option<String>) -> Response {
    match page(visit) {
        Some(page) => Html(page).into_response(),
        None => (StatusCode::NOT_FOUND, Html(visit.missing())).into_response(),
    }
}
