//! What a reader made of an event: whether it was looked at, a star, a verdict and a note. The event itself stays
//! as it was recorded.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::model::RecordedEvent;

/// A reader's word on an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReviewVerdict {
    /// It matters.
    Important,
    /// It does not.
    Harmless,
    /// Somebody has to ask or to look again.
    FollowUp,
    /// It should not have been reported.
    FalseAlarm,
}

impl ReviewVerdict {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Important, Self::Harmless, Self::FollowUp, Self::FalseAlarm];
}

/// What was made of one event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Review {
    /// When it was put aside; none while it is in the inbox.
    pub reviewed_at: Option<DateTime<Utc>>,
    /// Whether it was marked to be found again.
    pub starred: bool,
    /// What the reader thinks of it.
    pub verdict: Option<ReviewVerdict>,
    /// What the reader wrote.
    pub note: String,
}

/// An event with what was made of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReviewedEvent {
    /// The event.
    #[serde(flatten)]
    pub recorded: RecordedEvent,
    /// The review.
    pub review: Review,
}
