//! What `pressdiff check` is measured against: a loop that downloads the same pages with the same client and does
//! nothing with them, and a parser that makes a tree of each page.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use reqwest::header::{ACCEPT, HeaderMap, HeaderValue, IF_NONE_MATCH};

/// Requests at once, as `fetch.concurrency` has it when nothing is configured.
const CONCURRENCY: usize = 8;

/// Asks for the pages of all releases, `rounds` times; the program of a child process, so that its CPU time is known.
/// With `edition` the releases are asked for on condition that they have changed since.
pub(crate) async fn download(port: u16, releases: usize, rounds: usize, edition: Option<u64>) -> usize {
    let accepted = HeaderValue::from_static("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
    let client = reqwest::Client::builder()
        .user_agent("pressdiff/0.1.0")
        .default_headers(HeaderMap::from_iter([(ACCEPT, accepted)]))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(Duration::from_secs(10))
        .timeout(Duration::from_secs(30))
        .build()
        .expect("a client");
    let requests = (0..rounds * releases).map(|request| {
        let number = request % releases;
        let mut request = client.get(format!("http://127.0.0.1:{port}/news/{number}/"));
        if let Some(edition) = edition {
            request = request.header(IF_NONE_MATCH, format!("\"{number}-{edition}\""));
        }
        async move { request.send().await.expect("an answer").bytes().await.expect("a body").len() }
    });
    stream::iter(requests).buffer_unordered(CONCURRENCY).fold(0, async |sum, length| sum + length).await
}

/// Nanoseconds of CPU that html5ever takes for these pages, building the tree of `scraper`.
pub(crate) fn parse(pages: &[String]) -> u64 {
    let before = thread_nanoseconds();
    let nodes: usize = pages.iter().map(|page| scraper::Html::parse_document(page).tree.values().len()).sum();
    assert!(nodes > pages.len());
    thread_nanoseconds() - before
}

fn thread_nanoseconds() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    text.split_whitespace().next().and_then(|number| number.parse().ok()).expect("a number")
}
