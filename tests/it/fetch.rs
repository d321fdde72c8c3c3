//! Fetching from a server that behaves, or does not.

use std::error::Error;
use std::io::Write;
use std::time::Duration;

use chrono::{DateTime, Utc};
use flate2::Compression;
use futures_util::future::join_all;
use pressdiff::clock::Clock;
use pressdiff::config::FetchConfig;
use pressdiff::domain::model::{Fetched, Redirect, Validators};
use pressdiff::fetch::{FetchError, Fetcher, Stage};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::Instant;
use url::Url;

use crate::support::server::{Answer, Server};

const TEXT: &str = "<p>The Council met on Tuesday and adopted the budget.</p>";

fn noon() -> DateTime<Utc> {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

/// No politeness, so that tests are quick; robots.txt only where a test is about it.
fn config() -> FetchConfig {
    FetchConfig {
        per_host_interval: Duration::ZERO,
        timeout: Duration::from_secs(20),
        robots: false,
        allow_private_addresses: true,
        ..FetchConfig::default()
    }
}

fn impatient() -> FetchConfig {
    FetchConfig { timeout: Duration::from_millis(200), ..config() }
}

fn with_robots() -> FetchConfig {
    FetchConfig { robots: true, ..config() }
}

fn fetcher(config: &FetchConfig) -> Fetcher {
    Fetcher::new(config, Clock::fixed(noon())).unwrap()
}

async fn fetch_with(config: &FetchConfig, url: &Url) -> Result<Fetched, FetchError> {
    fetcher(config).fetch(url, &Validators::default()).await
}

async fn fetch(server: &Server, path: &str) -> Result<Fetched, FetchError> {
    fetch_with(&config(), &server.url(path)).await
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn deflate(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// A Brotli stream of one uncompressed block (RFC 7932, section 9.2): window bits 16, length less one in four
/// nibbles, the bytes, and an empty last block.
fn brotli(text: &str) -> Vec<u8> {
    let header = ((u32::try_from(text.len()).unwrap() - 1) << 4) | 1 << 20;
    let mut stream = header.to_le_bytes()[..3].to_vec();
    stream.extend_from_slice(text.as_bytes());
    stream.push(0b11);
    stream
}

fn compressed() -> [(&'static str, Vec<u8>); 4] {
    let zstd = zstd::encode_all(TEXT.as_bytes(), 3).unwrap();
    [("gzip", gzip(TEXT)), ("br", brotli(TEXT)), ("zstd", zstd), ("deflate", deflate(TEXT))]
}

fn encoded(coding: &str, body: impl AsRef<[u8]>) -> Answer {
    Answer::with(200, &[("Content-Type", "text/html"), ("Content-Encoding", coding)], body)
}

#[tokio::test]
async fn an_answer_is_told_in_full() {
    let server = Server::start().await;
    let headers = [("Content-Type", "text/html"), ("X-Twice", "one"), ("X-Twice", "two"), ("ETag", "\"7\"")];
    server.on("/news?page=2", Answer::with(200, &headers, TEXT));
    let url = server.url("/news?page=2");
    let elsewhere = tokio::spawn(async move { fetch_with(&config(), &url).await });
    let fetched = elsewhere.await.unwrap().unwrap();
    assert_eq!((fetched.status, &fetched.body[..]), (200, TEXT.as_bytes()));
    assert_eq!(fetched.final_url, server.url("/news?page=2"));
    assert_eq!(fetched.fetched_at, noon());
    assert_eq!(fetched.validators().etag.as_deref(), Some("\"7\""));
    let twice: Vec<_> = fetched.headers.iter().filter(|(name, _)| name == "x-twice").map(|(_, value)| value).collect();
    assert_eq!(twice, ["one", "two"]);
}

#[tokio::test]
async fn any_final_status_is_an_answer() {
    let server = Server::start().await;
    for status in [403, 404, 410, 418, 501] {
        server.on("/page", Answer::with(status, &[], "why"));
        let fetched = fetch(&server, "/page").await.unwrap();
        assert_eq!((fetched.status, &fetched.body[..]), (status, &b"why"[..]));
    }
    assert_eq!(server.requests().len(), 5, "none of them is tried again");
}

#[tokio::test]
async fn the_server_learns_who_asks_and_for_what() {
    let server = Server::start().await;
    let config = FetchConfig { contact: Some("desk@example.org".into()), ..config() };
    fetch_with(&config, &server.url("/")).await.unwrap();
    let request = &server.requests()[0];
    let agent = format!("pressdiff/{} (+desk@example.org)", env!("CARGO_PKG_VERSION"));
    assert_eq!(request.header("user-agent"), Some(agent.as_str()));
    assert_eq!(request.header("accept"), Some("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"));
    assert_eq!((request.header("if-none-match"), request.header("cookie")), (None, None));
    for coding in ["gzip", "br", "zstd", "deflate"] {
        assert!(request.header("accept-encoding").unwrap().contains(coding), "{coding}");
    }
}

#[tokio::test]
async fn compressed_bodies_are_decoded() {
    let server = Server::start().await;
    for (coding, body) in compressed() {
        server.on("/page", encoded(coding, body));
        assert_eq!(fetch(&server, "/page").await.unwrap().body, TEXT, "{coding}");
    }
}

#[tokio::test]
async fn a_compression_bomb_is_stopped_at_the_limit() {
    let server = Server::start().await;
    let config = FetchConfig { max_body: 1 << 20, ..config() };
    server.on("/bomb", encoded("gzip", gzip(&"a".repeat(64 << 20))));
    server.on("/fits", Answer::html(" ".repeat(1 << 20)));
    server.on("/plain", Answer::html(" ".repeat((1 << 20) + 1)));
    for path in ["/bomb", "/plain"] {
        let error = fetch_with(&config, &server.url(path)).await.unwrap_err();
        assert!(matches!(error, FetchError::TooLarge { limit: 1_048_576, .. }), "{error:?}");
    }
    assert_eq!(fetch_with(&config, &server.url("/fits")).await.unwrap().body.len(), 1 << 20);
    assert_eq!(server.requests().len(), 3, "none of them is tried again");
}

#[tokio::test]
async fn codings_are_known_by_any_spelling_and_several_are_undone() {
    let server = Server::start().await;
    let twice = {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&gzip(TEXT)).unwrap();
        encoder.finish().unwrap()
    };
    let raw = {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(TEXT.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    for (coding, body) in [
        ("GZIP", gzip(TEXT)),
        ("x-gzip", gzip(TEXT)),
        ("X-Gzip", gzip(TEXT)),
        ("Br", brotli(TEXT)),
        ("Deflate", raw),
        ("gzip, gzip", twice),
        ("identity, GZIP", gzip(TEXT)),
        ("gzip,", gzip(TEXT)),
    ] {
        server.on("/page", encoded(coding, body));
        let fetched = fetch(&server, "/page").await.unwrap();
        assert_eq!((&fetched.body[..], fetched.header("content-encoding")), (TEXT.as_bytes(), None), "{coding}");
    }
    for coding in ["none", "identity", "UTF-8", "8bit"] {
        server.on("/page", encoded(coding, TEXT));
        assert_eq!(fetch(&server, "/page").await.unwrap().body, TEXT, "{coding}");
    }
    server.on("/page", Answer::with(404, &[("Content-Encoding", "GZIP")], ""));
    assert_eq!(fetch(&server, "/page").await.unwrap().status, 404);
    let config = FetchConfig { max_body: 1 << 20, ..config() };
    server.on("/bomb", encoded("x-gzip", gzip(&"a".repeat(64 << 20))));
    let error = fetch_with(&config, &server.url("/bomb")).await.unwrap_err();
    assert!(matches!(error, FetchError::TooLarge { limit: 1_048_576, .. }), "{error:?}");
    server.on("/page", encoded("x-gzip", TEXT));
    let error = fetch(&server, "/page").await.unwrap_err();
    assert!(matches!(error, FetchError::Decode { .. }) && error.source().is_some(), "{error:?}");
}

#[tokio::test]
async fn a_coding_that_nobody_knows_is_an_error_and_no_page() {
    let server = Server::start().await;
    for coding in ["snappy", "utf-8"] {
        server.on("/page", encoded(coding, gzip(TEXT)));
        match fetch(&server, "/page").await {
            Err(FetchError::UnknownCoding { coding: named, .. }) => assert_eq!(named, coding),
            other => panic!("{coding}: {other:?}"),
        }
    }
    server.on("/page", encoded("identity", TEXT));
    assert_eq!(fetch(&server, "/page").await.unwrap().body, TEXT);
}

#[tokio::test]
async fn a_mislabelled_body_is_asked_for_once_more_without_compression() {
    let server = Server::start().await;
    server.on_each("/page", [encoded("gzip", TEXT), Answer::html(TEXT)]);
    assert_eq!(fetch(&server, "/page").await.unwrap().body, TEXT);
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[1].header("accept-encoding"), Some("identity"));

    server.on("/page", encoded("gzip", TEXT));
    let error = fetch(&server, "/page").await.unwrap_err();
    assert!(matches!(error, FetchError::Decode { .. }), "{error:?}");
    assert!(!error.is_transient() && error.source().is_some());
    assert_eq!(server.requests().len(), 4);
}

#[tokio::test]
async fn a_compressed_body_without_its_end_is_never_taken() {
    let server = Server::start().await;
    for (coding, body) in compressed() {
        server.on("/page", encoded(coding, &body[..body.len() - 12]));
        let error = fetch(&server, "/page").await.unwrap_err();
        assert!(matches!(error, FetchError::Decode { .. }), "{coding}: {error:?}");
    }
}

#[tokio::test]
async fn a_body_that_is_cut_short_is_tried_again_and_never_taken() {
    let server = Server::start().await;
    server.on_each("/page", [Answer::html(TEXT).cut(9), Answer::html(TEXT)]);
    assert_eq!(fetch(&server, "/page").await.unwrap().body, TEXT);

    server.on("/page", Answer::html(TEXT).cut(9));
    let error = fetch(&server, "/page").await.unwrap_err();
    let all = TEXT.len() as u64;
    assert!(error.is_transient());
    match error {
        FetchError::Truncated { expected, got, .. } => assert_eq!((expected, got), (Some(all), all - 9)),
        other => panic!("{other:?}"),
    }
    assert_eq!(server.requests().len(), 2 + 3);
}

#[tokio::test]
async fn a_compressed_or_chunked_body_that_is_cut_short_is_no_answer_either() {
    let server = Server::start().await;
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n";
    server.on("/chunked", Answer::raw(chunked));
    server.on("/gzip", encoded("gzip", gzip(TEXT)).cut(30));
    for path in ["/chunked", "/gzip"] {
        let error = fetch(&server, path).await.unwrap_err();
        assert!(matches!(error, FetchError::Truncated { expected: None, .. }), "{path}: {error:?}");
    }
}

#[tokio::test]
async fn a_connection_that_breaks_before_the_answer_is_tried_again() {
    let server = Server::start().await;
    server.on_each("/page", [Answer::raw(""), Answer::raw("HTTP/1.1 200"), Answer::html(TEXT)]);
    assert_eq!(fetch(&server, "/page").await.unwrap().body, TEXT);
    server.on("/page", Answer::raw(""));
    let error = fetch(&server, "/page").await.unwrap_err();
    assert!(matches!(error, FetchError::Reset { .. }) && error.is_transient(), "{error:?}");
}

#[tokio::test]
async fn what_is_not_http_is_told_apart() {
    let server = Server::start().await;
    server.on("/ssh", Answer::raw("SSH-2.0-OpenSSH_9.9\r\n\r\n"));
    let endless = format!("HTTP/1.1 200 OK\r\n{}", "X-Line: a\r\n".repeat(100_000));
    server.on("/headers", Answer::raw(endless));
    for path in ["/ssh", "/headers"] {
        let error = fetch(&server, path).await.unwrap_err();
        assert!(matches!(error, FetchError::Malformed { .. }) && !error.is_transient(), "{path}: {error:?}");
    }
}

#[tokio::test]
async fn a_server_that_hangs_or_drips_is_given_up() {
    let server = Server::start().await;
    server.on("/hang", Answer::hang());
    server.on("/drip", Answer::drip(Duration::from_millis(10)));
    for (path, expected) in [("/hang", Stage::Waiting), ("/drip", Stage::Reading)] {
        let error = fetch_with(&impatient(), &server.url(path)).await.unwrap_err();
        assert!(error.is_transient());
        match error {
            FetchError::Timeout { stage, .. } => assert_eq!(stage, expected, "{path}"),
            other => panic!("{path}: {other:?}"),
        }
        assert_eq!(server.requests_for(path).len(), 3);
    }
}

#[tokio::test]
async fn a_closed_port_and_a_server_without_tls_are_told_apart() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let plain = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Plain HTTP only\r\n\r\n").await.unwrap();
        let _until_closed = stream.read_to_end(&mut Vec::new()).await;
    });
    let url = Url::parse(&format!("https://127.0.0.1:{port}/")).unwrap();
    let error = fetch_with(&config(), &url).await.unwrap_err();
    assert!(matches!(error, FetchError::Tls { .. }) && !error.is_transient(), "{error:?}");

    plain.await.unwrap();
    let error = fetch_with(&config(), &url).await.unwrap_err();
    assert!(matches!(error, FetchError::Connect { .. }) && error.is_transient(), "{error:?}");
}

#[tokio::test]
async fn a_busy_server_is_asked_again_when_it_says() {
    let server = Server::start().await;
    let busy = |status| Answer::with(status, &[("Retry-After", "0")], "busy");
    server.on_each("/page", [busy(503), busy(429), Answer::html(TEXT)]);
    assert_eq!(fetch(&server, "/page").await.unwrap().status, 200);

    server.on("/page", busy(503));
    let fetched = fetch(&server, "/page").await.unwrap();
    assert_eq!((fetched.status, &fetched.body[..]), (503, &b"busy"[..]));
    assert_eq!(server.requests().len(), 6);
}

#[tokio::test]
async fn a_host_that_asks_for_a_long_pause_gets_it() {
    let server = Server::start().await;
    server.on("/busy", Answer::with(429, &[("Retry-After", "7200")], ""));
    server.on("/page", Answer::html(TEXT));
    let clock = Clock::fixed(noon());
    let fetcher = Fetcher::new(&config(), clock.clone()).unwrap();
    let nothing = Validators::default();
    assert_eq!(fetcher.fetch(&server.url("/busy"), &nothing).await.unwrap().status, 429);

    let hour = Duration::from_hours(1);
    let error = fetcher.fetch(&server.url("/page"), &nothing).await.unwrap_err();
    assert!(matches!(error, FetchError::HostHeldBack { until, .. } if until == noon() + hour), "{error:?}");
    assert!(error.is_transient());
    assert_eq!(server.requests().len(), 1);

    clock.set(noon() + hour);
    assert_eq!(fetcher.fetch(&server.url("/page"), &nothing).await.unwrap().status, 200);
}

#[tokio::test]
async fn one_page_that_asks_for_a_long_pause_gets_it_while_its_host_answers_for_others() {
    let server = Server::start().await;
    for page in ["/busy", "/busy-too"] {
        server.on(page, Answer::with(503, &[("Retry-After", "7200")], ""));
    }
    server.on("/page", Answer::html(TEXT));
    let fetcher = fetcher(&config());
    let status = async |path: &str| match fetcher.fetch(&server.url(path), &Validators::default()).await {
        Ok(fetched) => fetched.status,
        Err(FetchError::HostHeldBack { .. }) => 0,
        Err(error) => panic!("{error:?}"),
    };
    for (path, expected) in [("/page", 200), ("/busy", 503), ("/busy", 0), ("/page", 200), ("/busy-too", 503)] {
        assert_eq!(status(path).await, expected, "{path}");
    }
    assert_eq!(status("/page").await, 200);
    assert_eq!(server.requests_for("/busy").len(), 1);
    // Two in a row speak for the host.
    let other = Server::start().await;
    for path in ["/page", "/busy", "/busy-too"] {
        let answer = if path == "/page" { Answer::html(TEXT) } else { Answer::with(503, &[("Retry-After", "61")], "") };
        other.on(path, answer);
        fetcher.fetch(&other.url(path), &Validators::default()).await.unwrap();
    }
    let error = fetcher.fetch(&other.url("/page"), &Validators::default()).await.unwrap_err();
    assert!(matches!(error, FetchError::HostHeldBack { .. }), "{error:?}");
}

#[tokio::test]
async fn a_busy_host_is_asked_more_rarely_until_it_has_recovered() {
    let server = Server::start().await;
    server.on("/busy", Answer::with(503, &[("Retry-After", "0")], ""));
    server.on("/page", Answer::html(TEXT));
    let interval = Duration::from_millis(4);
    let fetcher = fetcher(&FetchConfig { per_host_interval: interval, ..config() });
    let nothing = Validators::default();
    assert_eq!(fetcher.fetch(&server.url("/busy"), &nothing).await.unwrap().status, 503);
    fetcher.fetch(&server.url("/page"), &nothing).await.unwrap();
    assert!(fetcher.pace(&server.url("/other")) >= interval * 8, "three times busy");
    for _ in 0..24 {
        fetcher.fetch(&server.url("/page"), &nothing).await.unwrap();
    }
    // Only as slow as its answers by now, which a busy machine may make slow.
    assert!(fetcher.pace(&server.url("/other")) < interval * 9);
    let strained = fetcher.pace(&server.url("/other"));
    assert!(strained >= interval, "{strained:?}");
}

#[tokio::test]
async fn redirects_are_followed_and_recorded() {
    let server = Server::start().await;
    server.on("/a", Answer::redirect(301, "/b?x=1"));
    server.on("/b?x=1", Answer::redirect(307, server.url("/новости").as_str()));
    server.on(server.url("/новости").path(), Answer::with(200, &[("ETag", "\"7\"")], TEXT));
    let fetched = fetch(&server, "/a").await.unwrap();
    let [a, b, c] = ["/a", "/b?x=1", "/новости"].map(|path| server.url(path));
    assert_eq!((&fetched.url, &fetched.final_url, &fetched.body[..]), (&a, &c, TEXT.as_bytes()));
    let first = Redirect { status: 301, from: a, to: b.clone() };
    assert_eq!(fetched.redirects, [first, Redirect { status: 307, from: b, to: c }]);
    assert_eq!(fetched.validators(), Validators::default(), "the page behind is not this one");
}

#[tokio::test]
async fn redirects_that_lead_nowhere_are_errors() {
    let server = Server::start().await;
    server.on("/round", Answer::redirect(302, "/and-round"));
    server.on("/and-round", Answer::redirect(302, "/round#top"));
    server.on("/self", Answer::redirect(302, "/self"));
    for path in ["/round", "/self"] {
        let error = fetch(&server, path).await.unwrap_err();
        assert!(matches!(error, FetchError::RedirectLoop { .. }), "{error:?}");
    }
    server.on("/silent", Answer::status(302));
    server.on("/broken", Answer::redirect(302, "http://[broken/"));
    server.on("/empty", Answer::redirect(302, ""));
    for path in ["/silent", "/broken", "/empty"] {
        let error = fetch(&server, path).await.unwrap_err();
        assert!(matches!(error, FetchError::BadRedirect { status: 302, .. }), "{path}: {error:?}");
    }
    for number in 0..20 {
        server.on(&format!("/{number}"), Answer::redirect(302, &format!("/{}", number + 1)));
    }
    server.on("/20", Answer::html(TEXT));
    assert_eq!(fetch(&server, "/10").await.unwrap().redirects.len(), 10);
    let error = fetch(&server, "/9").await.unwrap_err();
    assert!(matches!(error, FetchError::TooManyRedirects { limit: 10, .. }), "{error:?}");
}

#[tokio::test]
async fn a_redirect_out_of_the_web_is_refused() {
    let server = Server::start().await;
    for target in ["file:///etc/hostname", "ftp://example.org/", "data:text/html,hello", "javascript:alert(1)"] {
        server.on("/away", Answer::redirect(302, target));
        let error = fetch(&server, "/away").await.unwrap_err();
        assert!(matches!(error, FetchError::Scheme { .. }), "{target}: {error:?}");
    }
}

#[tokio::test]
async fn private_addresses_are_refused_before_anything_is_sent() {
    let server = Server::start().await;
    let public_only = FetchConfig { allow_private_addresses: false, ..with_robots() };
    let port = server.url("/").port().unwrap();
    for host in ["127.0.0.1", "127.1", "2130706433", "localhost", "[::ffff:127.0.0.1]"] {
        let url = Url::parse(&format!("http://{host}:{port}/")).unwrap();
        let error = fetch_with(&public_only, &url).await.unwrap_err();
        assert!(matches!(error, FetchError::RefusedAddress { .. }) && !error.is_transient(), "{host}: {error:?}");
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_page_that_did_not_change_is_not_sent_again() {
    let server = Server::start().await;
    let validators = Validators {
        etag: Some("W/\"7\"".into()),
        last_modified: Some("Sun, 01 Mar 2026 11:00:00 GMT".into()),
        digest: None,
    };
    server.on("/page", Answer::status(304));
    let fetched = fetcher(&config()).fetch(&server.url("/page"), &validators).await.unwrap();
    assert_eq!((fetched.status, fetched.body.len()), (304, 0));
    let request = &server.requests()[0];
    assert_eq!(request.header("if-none-match"), validators.etag.as_deref());
    assert_eq!(request.header("if-modified-since"), validators.last_modified.as_deref());
}

#[tokio::test]
async fn validators_are_told_to_no_other_address() {
    let server = Server::start().await;
    let validators = Validators { etag: Some("\"7\"".into()), last_modified: None, digest: None };
    server.on("/a", Answer::redirect(302, "/b"));
    server.on_each("/b", [Answer::html(TEXT), Answer::status(304)]);
    let fetcher = fetcher(&config());
    assert_eq!(fetcher.fetch(&server.url("/a"), &validators).await.unwrap().status, 200);
    assert_eq!(server.requests_for("/b")[0].header("if-none-match"), None);
    let error = fetcher.fetch(&server.url("/a"), &validators).await.unwrap_err();
    assert!(matches!(error, FetchError::UnaskedNotModified { .. }), "{error:?}");
}

#[tokio::test]
async fn what_robots_txt_forbids_is_not_asked_for() {
    let server = Server::start().await;
    server.on("/robots.txt", Answer::html("User-agent: *\nDisallow: /private/\n"));
    server.on("/public", Answer::redirect(302, "/private/a?b"));
    let error = fetch_with(&with_robots(), &server.url("/public")).await.unwrap_err();
    assert!(matches!(&error, FetchError::ForbiddenByRobots { path, .. } if path == "/private/a?b"), "{error:?}");
    assert!(server.requests_for("/private/a?b").is_empty());
    assert_eq!(fetch(&server, "/private/a?b").await.unwrap().status, 404, "robots = false");
}

#[tokio::test]
async fn the_pace_is_that_of_the_configuration_or_of_robots_txt() {
    let server = Server::start().await;
    server.on("/robots.txt", Answer::html("User-agent: pressdiff\nCrawl-delay: 0.3\n"));
    let pace = Duration::from_millis(100);
    let begin = Instant::now();
    let own = fetcher(&FetchConfig { per_host_interval: pace, ..config() });
    let (url, nothing) = (server.url("/"), Validators::default());
    join_all((0..3).map(|_| own.fetch(&url, &nothing))).await;
    assert!(begin.elapsed() >= pace * 2);

    let begin = Instant::now();
    fetch_with(&with_robots(), &url).await.unwrap();
    assert!(begin.elapsed() >= pace * 3, "robots.txt, then the page");
}

#[tokio::test]
async fn fetches_that_begin_together_ask_for_robots_txt_once() {
    let server = Server::start().await;
    server.on("/page", Answer::html(TEXT));
    let fetcher = fetcher(&with_robots());
    let (url, nothing) = (server.url("/page"), Validators::default());
    for fetched in join_all((0..20).map(|_| fetcher.fetch(&url, &nothing))).await {
        assert_eq!(fetched.unwrap().status, 200, "no robots.txt, nothing forbidden");
    }
    assert_eq!((server.requests_for("/robots.txt").len(), server.requests_for("/page").len()), (1, 20));
}

#[tokio::test]
async fn without_knowing_robots_txt_nothing_is_fetched() {
    let server = Server::start().await;
    server.on("/page", Answer::html(TEXT));
    server.on("/robots.txt", Answer::with(503, &[("Retry-After", "0")], ""));
    let error = fetch_with(&with_robots(), &server.url("/page")).await.unwrap_err();
    assert!(matches!(error, FetchError::RobotsUnreachable { .. }) && error.is_transient(), "{error:?}");
    assert_eq!(error.source().unwrap().to_string(), "answered with status 503");
    assert_eq!(server.requests_for("/robots.txt").len(), 3);
    assert!(server.requests_for("/page").is_empty());
}

#[tokio::test]
async fn a_flaky_a_moved_or_an_endless_robots_txt_is_read_nevertheless() {
    let server = Server::start().await;
    let rules = "User-agent: *\nDisallow: /page\n";
    let endless = format!("{rules}{}", "# nothing\n".repeat(100_000));
    server.on("/rules", Answer::html(rules));
    for answers in
        [vec![Answer::raw(""), Answer::html(rules)], vec![Answer::redirect(301, "/rules")], vec![Answer::html(endless)]]
    {
        server.on_each("/robots.txt", answers);
        let error = fetch_with(&with_robots(), &server.url("/page")).await.unwrap_err();
        assert!(matches!(error, FetchError::ForbiddenByRobots { .. }), "{error:?}");
    }
    server.on("/robots.txt", Answer::redirect(302, "/robots.txt"));
    assert_eq!(fetch_with(&with_robots(), &server.url("/page")).await.unwrap().status, 404, "as if there were none");
}

#[test]
fn messages_name_the_host_and_no_more() {
    let error = FetchError::Truncated { host: "example.org".into(), expected: Some(20), got: 7 };
    assert_eq!(error.to_string(), "example.org: body cut short after 7 bytes of 20");
    let error = FetchError::Timeout { host: "example.org:8080".into(), stage: Stage::Waiting };
    assert_eq!(error.to_string(), "example.org:8080: timed out while waiting for the answer");
}
