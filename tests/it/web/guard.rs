//! Who is let in, and what every answer carries.

use std::time::Duration;

use pressdiff::config::WebConfig;
use pressdiff::web::{Web, WebError, fresh_token};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::site::{Pages, hostile_day, location, noon};

/// How the path of a feed ends.
const FEED: &str = ".atom";
const PASSWORD: &str = "correct horse battery";

/// Every path of the pages with something in place of what varies.
fn paths() -> Vec<String> {
    let filled = |path: &&str| path.replace("{id}", "1").replace("{name}", "x").replace("{number}", "1");
    Web::paths().iter().map(filled).collect()
}

/// What an access token opens, as the routes spell it; all of it for reading only.
fn is_for_programs(path: &str) -> bool {
    path.starts_with("/api/v1/") || path.ends_with(FEED)
}

/// What somebody without a session is answered, whatever else is right with the request.
fn stranger(path: &str) -> u16 {
    if is_for_programs(path) || path.starts_with("/api/") { 401 } else { 303 }
}

#[tokio::test]
async fn nothing_but_the_log_in_is_shown_to_strangers() {
    let pages = Pages::open().await;
    pages.passwords.set(PASSWORD).unwrap();
    let mut tried = paths();
    tried.extend(
        ["/nowhere", "/metrics/", "/api/v1/nowhere", "/login/", "//login", "/%6cogin", "/LOGIN", "/x/events.atom/y"]
            .map(str::to_owned),
    );
    for path in tried.iter().filter(|path| *path != "/login" && !path.starts_with("/assets/")) {
        let read = pages.request(path).send().await.unwrap();
        assert_eq!(read.status(), stranger(path), "{path}");
        if read.status() == 303 {
            assert!(location(&read).starts_with("/login?next="), "{path}");
        } else {
            assert!(
                path.contains("nowhere") || read.headers()["www-authenticate"].to_str().unwrap().starts_with("Bearer")
            );
        }
        let sent = pages.form(path, &[]).send().await.unwrap().status();
        assert_eq!(sent, if path.starts_with("/api/") { 405 } else { 401 }, "{path}");
    }
}

/// A token that is good.
async fn token(pages: &Pages, name: &str) -> String {
    let (token, hash) = fresh_token().unwrap();
    assert!(pages.store.add_token(name.to_owned(), hash, noon()).await.unwrap());
    token
}

#[tokio::test]
async fn a_token_reads_what_is_for_programs_and_nothing_else() {
    let pages = Pages::open().await;
    hostile_day(&pages.store, 1).await;
    pages.passwords.set(PASSWORD).unwrap();
    let token = token(&pages, "grafana").await;
    for path in paths().iter().filter(|path| *path != "/login" && !path.starts_with("/assets/")) {
        let bearer = format!("Bearer {token}");
        let read = pages.request(path).header("Authorization", &bearer).send().await.unwrap().status().as_u16();
        let head = pages.head(path).header("Authorization", &bearer).send().await.unwrap().status().as_u16();
        let in_address = pages.request(&format!("{path}?token={token}")).send().await.unwrap().status().as_u16();
        let sent = pages.form(path, &[]).header("Authorization", &bearer).send().await.unwrap().status().as_u16();
        assert_eq!(sent, if path.starts_with("/api/") { 405 } else { 401 }, "POST {path}");
        if is_for_programs(path) {
            assert!(matches!(read, 200 | 400 | 404) && head == read, "{path}: {read} {head}");
        } else {
            assert_eq!((read, head), (303, 401), "{path}");
        }
        assert_eq!(in_address, if path.ends_with(FEED) { read } else { stranger(path) }, "{path}");
    }
}

#[tokio::test]
async fn a_wrong_or_revoked_token_opens_nothing() {
    let pages = Pages::open().await;
    pages.passwords.set(PASSWORD).unwrap();
    let revoked = token(&pages, "old").await;
    assert!(pages.store.revoke_token("old".into()).await.unwrap());
    for path in paths().iter().filter(|path| *path != "/login" && !path.starts_with("/assets/")) {
        for wrong in [revoked.as_str(), "pressdiff_guessed", ""] {
            let asked = pages.request(path).header("Authorization", format!("Bearer {wrong}"));
            let status = asked.send().await.unwrap().status().as_u16();
            let is_refused = status == stranger(path) || (is_for_programs(path) && status == 429);
            assert!(is_refused, "{path} {wrong}: {status}");
        }
    }
}

#[tokio::test]
async fn wrong_tokens_are_slowed_down_and_lock_nobody_out() {
    let pages = Pages::open().await;
    pages.passwords.set(PASSWORD).unwrap();
    let token = token(&pages, "reader").await;
    let ask = async |token: &str| pages.request(&format!("/events.atom?token={token}")).send().await.unwrap();
    for _ in 0..5 {
        assert_eq!(ask("pressdiff_guessed").await.status(), 401);
    }
    let refused = ask("pressdiff_guessed").await;
    assert_eq!((refused.status().as_u16(), &refused.headers()["retry-after"]), (429, &"21".parse().unwrap()));
    assert_eq!(ask(&token).await.status(), 200);
    assert_eq!(pages.form("/login", &[("password", PASSWORD)]).send().await.unwrap().status(), 303);
    let listed = pages.store.list_tokens().await.unwrap();
    assert_eq!((listed[0].name.as_str(), listed[0].used_at), ("reader", Some(noon())));
}

#[tokio::test]
async fn figures_are_read_with_a_token() {
    let pages = Pages::open().await;
    pages.passwords.set(PASSWORD).unwrap();
    let token = token(&pages, "prometheus").await;
    assert_eq!(pages.request("/metrics").send().await.unwrap().status(), 401);
    assert_eq!(pages.request(&format!("/metrics?token={token}")).send().await.unwrap().status(), 401);
    let answer = pages.request("/metrics").header("Authorization", format!("Bearer {token}")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn whoever_knows_the_password_is_let_in_until_it_changes_or_they_log_out() {
    let pages = Pages::open().await;
    pages.passwords.set(PASSWORD).unwrap();
    let wrong = pages.form("/login", &[("password", "wrong")]).send().await.unwrap();
    assert_eq!(wrong.status(), 401);
    assert!(!wrong.headers().contains_key("set-cookie"));
    let log_in = || pages.form("/login", &[("password", PASSWORD), ("next", "/?kind=edited")]).send();
    let answer = log_in().await.unwrap();
    assert_eq!((answer.status().as_u16(), location(&answer).as_str()), (303, "/?kind=edited"));
    let line = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(line.ends_with("; HttpOnly; SameSite=Lax"), "{line}");
    let cookie = line.split(';').next().unwrap().to_owned();
    let status = async |cookie: &str| pages.request("/").header("Cookie", cookie).send().await.unwrap().status();
    assert_eq!(status(&cookie).await, 200);
    assert_eq!(status("pressdiff=guessed").await, 303);
    pages.passwords.set("another good password").unwrap();
    assert_eq!(status(&cookie).await, 303);
    pages.passwords.set(PASSWORD).unwrap();
    let fresh = log_in().await.unwrap().headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    pages.form("/logout", &[]).header("Cookie", &fresh).send().await.unwrap();
    assert_eq!(status(&fresh).await, 303);
}

#[tokio::test]
async fn guessing_is_slowed_down() {
    let pages = Pages::open().await;
    pages.passwords.set(PASSWORD).unwrap();
    let guess = async || pages.form("/login", &[("password", "a guess")]).send().await.unwrap();
    for _ in 0..5 {
        assert_eq!(guess().await.status(), 401);
    }
    let refused = guess().await;
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()["retry-after"], "21");
}

#[tokio::test]
async fn connections_that_ask_for_nothing_keep_nobody_out() {
    let pages = Pages::open().await;
    let connect = async |said: &[u8]| {
        let mut stream = TcpStream::connect(pages.address).await.unwrap();
        stream.write_all(said).await.unwrap();
        stream
    };
    let (request, mut answer) = (format!("GET /login HTTP/1.1\r\nHost: {}\r\n\r\n", pages.address), [0; 15]);
    let mut idle = Vec::new();
    for number in 0..300 {
        // Silent ones, ones that do not end their request, and ones that keep a connection on which they were answered.
        let said: [&[u8]; 3] = [b"", b"GET / HTTP/1.1\r\nHost:", request.as_bytes()];
        let mut stream = connect(said[number % 3]).await;
        if number % 3 == 2 {
            stream.read_exact(&mut answer).await.unwrap();
            assert_eq!(&answer, b"HTTP/1.1 200 OK");
        }
        idle.push(stream);
    }
    // Less than an idle connection has.
    let answered = timeout(Duration::from_secs(10), pages.request("/login").send()).await;
    assert_eq!(answered.expect("an answer in time").unwrap().status(), 200);
}

#[tokio::test]
async fn a_name_that_was_made_to_lead_here_is_refused() {
    let pages = Pages::with(|config| config.url = Some("http://127.0.0.1:1/".parse().unwrap()), Vec::new()).await;
    for (host, status) in [("localhost:9", 200), ("127.0.0.1", 200), ("[::1]:9", 200), ("rebound.example", 421)] {
        assert_eq!(pages.request("/").header("Host", host).send().await.unwrap().status(), status, "{host}");
    }
}

#[tokio::test]
async fn only_forms_of_these_pages_change_anything() {
    let pages = Pages::open().await;
    let host = format!("http://{}", pages.address);
    let cases: &[(&[(&str, &str)], u16)] = &[
        (&[], 403),
        (&[("Origin", "null")], 403),
        (&[("Origin", "https://evil.example")], 403),
        (&[("Origin", &host), ("Sec-Fetch-Site", "cross-site")], 403),
        (&[("Origin", &host)], 303),
    ];
    for (headers, status) in cases {
        let mut request = pages.bare_form("/logout", &[]);
        for (name, value) in *headers {
            request = request.header(*name, *value);
        }
        assert_eq!(request.send().await.unwrap().status(), *status, "{headers:?}");
    }
}

#[tokio::test]
async fn every_answer_forbids_what_the_pages_do_not_need() {
    let pages = Pages::open().await;
    for path in ["/", "/login", "/nowhere"] {
        let answer = pages.request(path).send().await.unwrap();
        let headers = answer.headers();
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
        assert_eq!(headers["referrer-policy"], "same-origin", "{path}");
    }
}

#[tokio::test]
async fn without_a_password_nobody_else_can_read_the_pages() {
    let folder = tempfile::tempdir().unwrap();
    let away = WebConfig { listen: "0.0.0.0:0".parse().unwrap(), ..WebConfig::default() };
    let url = Some("https://changes.example.org/".parse().unwrap());
    let proxied = WebConfig { listen: "127.0.0.1:0".parse().unwrap(), url, ..WebConfig::default() };
    for config in [away, proxied] {
        let parts = super::site::parts(folder.path());
        let refused = Web::bind(&config, parts, axum::Router::new()).await.err().unwrap();
        assert!(matches!(refused, WebError::NoPassword(_)), "{refused}");
    }
}

#[tokio::test]
async fn a_password_that_is_taken_away_opens_nothing_to_others() {
    let folder = tempfile::tempdir().unwrap();
    let parts = super::site::parts(folder.path());
    let passwords = parts.passwords.clone();
    passwords.set("a long pass phrase").unwrap();
    let url = Some("https://changes.example.org/".parse().unwrap());
    let config = WebConfig { listen: "127.0.0.1:0".parse().unwrap(), url, ..WebConfig::default() };
    let web = Web::bind(&config, parts, axum::Router::new()).await.unwrap();
    let address = web.address();
    let (_stop, stopped) = tokio::sync::watch::channel(false);
    tokio::spawn(web.serve(stopped));
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let ask = async |path: &str| {
        let request = client.get(format!("http://{address}{path}")).header("Host", "changes.example.org");
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!((ask("/").await, ask("/api/v1/events").await), (303, 401));
    assert!(passwords.remove().unwrap());
    assert_eq!((ask("/").await, ask("/api/v1/events").await), (303, 401));
}
