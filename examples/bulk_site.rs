//! Serves many large releases on loopback, with noise that differs at every request, to measure a whole check:
//!
//!     cargo run --release --example bulk_site -- 1000 60000
//!
//! The arguments are the number of releases, the bytes of each page, and how many of them a page of the listing names,
//! 50 if nothing is said. `curl -X POST http://127.0.0.1:8799/edit`
//! edits every hundredth release. `benches/README.md` tells what to do with it.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Html;
use axum::routing::{get, post};
use serde::Deserialize;

const PORT: u16 = 8799;
/// Every so many releases one is edited.
const EDITED: usize = 100;

struct Site {
    releases: usize,
    bytes: usize,
    on_one_page: usize,
    edition: AtomicU64,
    requests: AtomicU64,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1).map(|argument| argument.parse());
    let releases = arguments.next().transpose()?.unwrap_or(1000);
    let bytes = arguments.next().transpose()?.unwrap_or(60_000);
    let on_one_page = arguments.next().transpose()?.unwrap_or(50).max(1);
    let site = Arc::new(Site { releases, bytes, on_one_page, edition: AtomicU64::new(0), requests: AtomicU64::new(0) });
    let router = Router::new()
        .route("/news/", get(listing))
        .route("/news/{number}/", get(release))
        .route("/edit", post(edit))
        .with_state(site);
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", PORT)).await?;
    writeln!(std::io::stderr(), "http://127.0.0.1:{PORT}/news/: {releases} releases of {bytes} bytes")?;
    Ok(axum::serve(listener, router).await?)
}

async fn edit(State(site): State<Arc<Site>>) -> String {
    site.edition.fetch_add(1, Ordering::SeqCst);
    let (edited, asked) = (site.releases.div_ceil(EDITED), site.requests.swap(0, Ordering::SeqCst));
    format!("edited {edited} releases; {asked} pages were served since the last time\n")
}

/// `?page=2`
#[derive(Deserialize)]
struct Paging {
    page: Option<usize>,
}

async fn listing(State(site): State<Arc<Site>>, Query(paging): Query<Paging>) -> Result<Html<String>, StatusCode> {
    let page = paging.page.unwrap_or(1);
    let pages = site.releases.div_ceil(site.on_one_page);
    if !(1..=pages).contains(&page) {
        return Err(StatusCode::NOT_FOUND);
    }
    let first = (page - 1) * site.on_one_page;
    let numbers = (first..first + site.on_one_page).take_while(|number| *number < site.releases);
    let items = numbers
        .map(|number| format!("<li><span>14 May 2026</span> <a href=\"/news/{number}/\">{}</a></li>", title(number)));
    let items = items.collect::<Vec<_>>().join("\n");
    let next = if page < pages {
        format!("<a rel=\"next\" href=\"/news/?page={}\">Next</a>", page + 1)
    } else {
        String::new()
    };
    Ok(Html(site.page("News", &format!("<h1>News</h1><ul class=\"list\">{items}</ul><p class=\"pages\">{next}</p>"))))
}

async fn release(State(site): State<Arc<Site>>, Path(number): Path<usize>) -> Result<Html<String>, StatusCode> {
    if number >= site.releases {
        return Err(StatusCode::NOT_FOUND);
    }
    let title = title(number);
    let text = site.text(number);
    let body =
        format!("<article><h1>{title}</h1><p class=\"date\">14 May 2026</p><div class=\"text\">{text}</div></article>");
    Ok(Html(site.page(&title, &body)))
}

fn title(number: usize) -> String {
    format!("Report number {number} of the harbour board")
}

impl Site {
    /// Paragraphs of a release: about four fifths of its page.
    fn text(&self, number: usize) -> String {
        let edition = if number.is_multiple_of(EDITED) { self.edition.load(Ordering::SeqCst) } else { 0 };
        let first = format!("<p>The board met {} times on matter {number}.</p>", 3 + edition);
        let paragraph = |at: usize| {
            let (ships, tons) = (number * 37 + at * 11 + 3, number * 101 + at * 7 + 40);
            format!(
                "<p>On day {at} of season {number} the pilots met {ships} ships, which landed {tons} tons of grain, \
                 timber and salt. \"Nobody misses the old crane\", said the harbour master, and the ferry lands at the \
                 western stairs until the quay is repaired.</p>"
            )
        };
        let count = self.bytes / 5 * 4 / paragraph(0).len();
        std::iter::once(first).chain((0..count).map(paragraph)).collect::<Vec<_>>().join("\n")
    }

    /// The page around a body: menus, and what differs at every request.
    fn page(&self, title: &str, body: &str) -> String {
        let request = self.requests.fetch_add(1, Ordering::SeqCst);
        let noise = request.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let item = |at: usize| format!("<li><a href=\"/section/{at}/\">Section number {at}</a></li>");
        let menu = (0..self.bytes / 600).map(item).collect::<Vec<_>>().join("\n");
        let first = usize::try_from(request).unwrap_or(0);
        let teaser = |number: usize| format!("<li><a href=\"/news/{number}/\">{}</a></li>", self::title(number));
        let teasers = (0..3).map(|at| teaser((first + at) * 7 % self.releases)).collect::<Vec<_>>().join("\n");
        format!(
            "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"token\" content=\"{noise:016x}\">\
             <title>{title} | Port</title></head><body><nav><ul>{menu}</ul></nav><main>{body}</main><aside><h2>Read \
             also</h2><ul>{teasers}</ul></aside><footer><p>{} visitors</p></footer></body></html>",
            noise % 90_000
        )
    }
}
