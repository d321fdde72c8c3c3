//! What a receiver answers beside its status: a hostile text of any length, of which the start may help to find out
//! what is wrong, and how long it wants to be left alone.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::Response;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use tokio::time::timeout;

use crate::domain::render::is_harmful;

/// Bytes of the body that are read.
const MOST_BYTES: usize = 4 << 10;
/// Characters of it that are told.
const MOST_CHARACTERS: usize = 300;
/// How long it may take; the status is known by then.
const PATIENCE: Duration = Duration::from_secs(2);

/// The start of the body on one line, empty when there is none or it does not come.
pub(super) async fn plain_start(mut response: Response) -> String {
    let mut start = Vec::new();
    let read = async {
        while start.len() < MOST_BYTES
            && let Ok(Some(chunk)) = response.chunk().await
        {
            let room = MOST_BYTES - start.len();
            start.extend_from_slice(&chunk[..chunk.len().min(room)]);
        }
    };
    // What came in time is told.
    let _ = timeout(PATIENCE, read).await;
    plain(&String::from_utf8_lossy(&start))
}

fn plain(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line: String = words.join(" ").chars().filter(|character| !is_harmful(*character)).collect();
    match line.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// Retry-After in either of its forms (RFC 9110, section 10.2.3).
pub(super) fn asked_to_wait(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = DateTime::parse_from_rfc2822(value).ok()?;
    (until.with_timezone(&Utc) - now).to_std().ok()
}
