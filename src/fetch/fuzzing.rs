//! Parsers of what servers send that are nobody else's business, open to the fuzz targets alone: built with
//! `--cfg fuzzing`, and in no other way.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{HeaderMap, HeaderValue, RETRY_AFTER};
use url::Url;

use super::{retry, robots};

/// Whether a robots.txt allows an address, and the pace that it asks for.
pub fn ask_robots(text: &[u8], url: &Url) -> (bool, Duration) {
    let rules = robots::Rules::parse(text);
    (rules.allows(url), rules.crawl_delay())
}

/// How long a value of Retry-After asks to wait; none for one that could be no header, or says nothing.
pub fn retry_after(value: &[u8], now: DateTime<Utc>) -> Option<Duration> {
    let value = HeaderValue::from_bytes(value).ok()?;
    retry::retry_after(&HeaderMap::from_iter([(RETRY_AFTER, value)]), now)
}
