//! What to do after a request: take its outcome, or try again, and when. A fetch has three tries in all,
//! however many redirects it follows, and waits at most a minute between two of them.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{HeaderMap, RETRY_AFTER};
use url::Url;

use super::client::Answer;
use super::error::FetchError;

const MAX_TRIES: u32 = 3;
/// The longest Retry-After that a fetch waits for.
const MAX_WAIT: Duration = Duration::from_mins(1);
/// The longest Retry-After that is believed.
pub(super) const MAX_HOLD: Duration = Duration::from_hours(1);

/// The tries of one fetch.
#[derive(Debug)]
pub(super) struct Tries {
    made: u32,
    back_off: Duration,
    identity: bool,
}

/// What comes after a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Next {
    /// How long the host wants to be left alone by everybody.
    pub(super) pause: Option<Pause>,
    /// How long to wait before the next try; none when the outcome stands.
    pub(super) again: Option<Duration>,
}

/// What a host asked for with Retry-After.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pause {
    /// Short enough to wait for.
    Short(Duration),
    /// Requests before that time fail at once.
    Long(Duration),
}

impl Tries {
    /// No try made yet. The first back-off is as long as the pace of the host allows: 0.1 to 1 s.
    pub(super) fn new(per_host_interval: Duration) -> Self {
        let back_off = per_host_interval.clamp(Duration::from_millis(100), Duration::from_secs(1));
        Self { made: 0, back_off, identity: false }
    }

    /// Whether the server has shown that it cannot label a compressed body.
    pub(super) fn identity(&self) -> bool {
        self.identity
    }

    /// Decides on the outcome of a try at this address.
    pub(super) fn next(&mut self, url: &Url, outcome: &Result<Answer, FetchError>, now: DateTime<Utc>) -> Next {
        match outcome {
            Ok(answer) if matches!(answer.status, 429 | 500 | 502 | 503 | 504) => {
                self.after_status(url, retry_after(&answer.headers, now))
            }
            Err(FetchError::Decode { .. } | FetchError::UnknownCoding { .. }) if !self.identity => {
                self.identity = true;
                Next { pause: None, again: Some(Duration::ZERO) }
            }
            // A held back host and an unreadable robots.txt are transient too, but not within this fetch.
            Err(
                FetchError::Lookup { .. }
                | FetchError::Connect { .. }
                | FetchError::Timeout { .. }
                | FetchError::Reset { .. }
                | FetchError::Truncated { .. },
            ) => Next { pause: None, again: self.back_off(url) },
            Ok(_) | Err(_) => Next::STOP,
        }
    }

    fn after_status(&mut self, url: &Url, asked: Option<Duration>) -> Next {
        let back_off = self.back_off(url);
        match asked {
            None => Next { pause: None, again: back_off },
            Some(pause) if pause > MAX_WAIT => Next { pause: Some(Pause::Long(pause.min(MAX_HOLD))), again: None },
            // The queue of the host does the waiting.
            Some(pause) => Next { pause: Some(Pause::Short(pause)), again: back_off.map(|_| Duration::ZERO) },
        }
    }

    /// Doubles with each try, plus up to a quarter that differs between addresses, so that pages which failed
    /// together do not come back together.
    fn back_off(&mut self, url: &Url) -> Option<Duration> {
        self.made += 1;
        (self.made < MAX_TRIES).then(|| {
            let pause = self.back_off * 2_u32.pow(self.made - 1);
            pause + pause.mul_f64(f64::from(spread(url, self.made)) / 1024.0)
        })
    }
}

impl Next {
    const STOP: Self = Self { pause: None, again: None };
}

/// A number below 256 that the address and the try decide.
fn spread(url: &Url, made: u32) -> u8 {
    let mut hasher = DefaultHasher::new();
    (url.as_str(), made).hash(&mut hasher);
    hasher.finish().to_le_bytes()[0]
}

/// Seconds, or a date that is compared with our clock (RFC 9110, section 10.2.3).
pub(super) fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let date = DateTime::parse_from_rfc2822(value).ok()?;
    Some((date.to_utc() - now).to_std().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use reqwest::header::HeaderValue;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn url() -> Url {
        Url::parse("https://example.org/a").unwrap()
    }

    fn noon() -> DateTime<Utc> {
        "2026-03-01T12:00:00Z".parse().unwrap()
    }

    fn next_when_busy(tries: &mut Tries, url: &Url, retry_after: Option<&'static str>) -> Next {
        let after = retry_after.map(|value| (RETRY_AFTER, HeaderValue::from_static(value)));
        let busy = Answer { status: 503, headers: HeaderMap::from_iter(after), body: Bytes::new() };
        tries.next(url, &Ok(busy), noon())
    }

    #[test]
    fn three_tries_then_the_outcome_stands() {
        let mut tries = Tries::new(SECOND);
        let first = next_when_busy(&mut tries, &url(), None).again.unwrap();
        let second = next_when_busy(&mut tries, &url(), None).again.unwrap();
        assert!((SECOND..SECOND * 5 / 4).contains(&first), "{first:?}");
        assert!((SECOND * 2..SECOND * 5 / 2).contains(&second), "{second:?}");
        assert_eq!(next_when_busy(&mut tries, &url(), None), Next::STOP);
    }

    #[test]
    fn pages_that_failed_together_come_back_apart() {
        let wait = |url: &str| next_when_busy(&mut Tries::new(SECOND), &Url::parse(url).unwrap(), None).again;
        assert_ne!(wait("https://example.org/a"), wait("https://example.org/b"));
        assert_eq!(wait("https://example.org/a"), wait("https://example.org/a"));
    }

    #[test]
    fn retry_after_is_understood_in_both_forms() {
        for (value, pause) in [
            ("0", Pause::Short(Duration::ZERO)),
            ("60", Pause::Short(MAX_WAIT)),
            ("61", Pause::Long(Duration::from_secs(61))),
            ("99999999999999999999999", Pause::Long(MAX_HOLD)),
            ("Sun, 01 Mar 2026 12:00:30 GMT", Pause::Short(Duration::from_secs(30))),
            ("Sun, 01 Mar 2026 11:00:00 GMT", Pause::Short(Duration::ZERO)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Pause::Long(MAX_HOLD)),
        ] {
            let next = next_when_busy(&mut Tries::new(SECOND), &url(), Some(value));
            assert_eq!(next.pause, Some(pause), "{value}");
            assert_eq!(next.again.is_some(), matches!(pause, Pause::Short(_)), "{value}");
        }
        for nonsense in ["soon", "", "-5", "1.5"] {
            let next = next_when_busy(&mut Tries::new(SECOND), &url(), Some(nonsense));
            assert_eq!(next.pause, None, "{nonsense}");
        }
    }

    #[test]
    fn a_refusal_is_not_tried_again() {
        let refused = Err(FetchError::RefusedAddress { host: "example.org".into() });
        assert_eq!(Tries::new(SECOND).next(&url(), &refused, noon()), Next::STOP);
    }
}
