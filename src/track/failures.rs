//! Failures to fetch or to read, noted in the record when they begin, and once a day while they last: an outage of a
//! week is no reason for a hundred thousand rows.

use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

use super::{TrackError, Tracker};
use crate::domain::model::{Fetched, Source};

/// How often a failure that goes on is noted.
const NOTED_EVERY: TimeDelta = TimeDelta::hours(24);

/// Kinds that say little without their message.
const SPOKEN: [&str; 2] = ["listing", "unreadable"];

impl Tracker {
    /// Notes a failure, unless the last one at this address was the same, is not a day old, and the address was not
    /// readable since; whether it was noted. `kind` is one word, and `seen_at` is when the address was last readable,
    /// as far as that is known.
    pub(super) async fn note_failure(
        &self,
        source: &Source,
        url: &Url,
        seen_at: Option<DateTime<Utc>>,
        (kind, problem): (&str, &str),
    ) -> Result<bool, TrackError> {
        let now = self.now();
        let goes_on = self.store.find_failure(url).await?.is_some_and(|last| {
            // Messages may name a time or a length that is another one each time.
            let is_same = last.kind == kind && (last.message == problem || !SPOKEN.contains(&kind));
            // A clock that was set back tells nothing of how long ago it was.
            let is_recent = last.at <= now && now - last.at < NOTED_EVERY;
            is_same && is_recent && seen_at.is_none_or(|seen_at| seen_at < last.at)
        });
        if !goes_on {
            self.store.record_failure(&source.id, url, now, kind, problem).await?;
        }
        Ok(!goes_on)
    }

    /// Notes that an answer is no page that can be read, and tells so when it is noted; whether it was.
    pub(super) async fn note_unreadable(
        &self,
        source: &Source,
        url: &Url,
        seen_at: Option<DateTime<Utc>>,
        problem: &str,
    ) -> Result<bool, TrackError> {
        let is_noted = self.note_failure(source, url, seen_at, ("unreadable", problem)).await?;
        if is_noted {
            tracing::warn!(source = %source.id, %url, problem, "answer not read");
        }
        Ok(is_noted)
    }

    /// The same for a listing, whose answers are kept only when they could not be read.
    pub(super) async fn keep_unreadable(
        &self,
        source: &Source,
        fetched: &Fetched,
        problem: &str,
    ) -> Result<(), TrackError> {
        if self.note_unreadable(source, &fetched.url, None, problem).await? {
            self.store.save_snapshot(&source.id, fetched).await?;
        }
        Ok(())
    }
}
