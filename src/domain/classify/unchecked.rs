//! A source that is not checked although it should be: no check finds that out, but the next one ends it.

use chrono::{DateTime, Utc};

use super::troubles::about_source;
use crate::domain::model::{Event, EventKind, Reason, Source, Trouble};

/// What is to be recorded of a source that has not been checked since then.
pub fn unchecked(source: &Source, since: DateTime<Utc>, now: DateTime<Utc>) -> (Trouble, Event) {
    let mut event = about_source(source, EventKind::Site, Reason::Unchecked, now);
    event.summary = format!("not checked since {}", since.format("%Y-%m-%d %H:%M UTC"));
    event.explanation = format!("pressdiff was running, and no check came to its end since {}", since.to_rfc3339());
    (Trouble { cause: Reason::Unchecked, since, told: true }, event)
}
