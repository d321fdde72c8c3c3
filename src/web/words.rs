//! The words of closed lists, read from addresses and written for people.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde::de::value::{Error, StrDeserializer};

use crate::domain::model::{EventKind, Reason, ReleaseState};
use crate::domain::review::ReviewVerdict;
use crate::domain::word::{spoken, word};

/// A word of a closed list; nothing when it is none.
pub(super) fn parse_word<T: DeserializeOwned>(text: &str) -> Option<T> {
    T::deserialize(StrDeserializer::<Error>::new(text)).ok()
}

/// Several, with commas between them.
pub(super) fn spoken_list<T: Serialize>(values: &[T]) -> String {
    values.iter().map(spoken).collect::<Vec<_>>().join(", ")
}

pub(super) const KINDS: [EventKind; 7] = [
    EventKind::New,
    EventKind::Edited,
    EventKind::Removed,
    EventKind::Restored,
    EventKind::Moved,
    EventKind::Unlisted,
    EventKind::Site,
];

/// The reasons that a reader may want to see by themselves.
pub(super) const REASONS: [Reason; 24] = [
    Reason::Number,
    Reason::Money,
    Reason::Percentage,
    Reason::Date,
    Reason::Name,
    Reason::Negation,
    Reason::Modal,
    Reason::Quote,
    Reason::SentenceAdded,
    Reason::SentenceRemoved,
    Reason::Wording,
    Reason::Title,
    Reason::Rewritten,
    Reason::Reverted,
    Reason::Link,
    Reason::Image,
    Reason::Contact,
    Reason::Spelling,
    Reason::Punctuation,
    Reason::NotFound,
    Reason::SoftNotFound,
    Reason::RedirectedAway,
    Reason::Outage,
    Reason::Boilerplate,
];

/// A choice in a list.
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) label: String,
    pub(super) chosen: bool,
}

/// The choices of a list, with the chosen one marked.
pub(super) fn choices<T: Serialize>(values: &[T], chosen: Option<&T>) -> Vec<Choice> {
    let chosen = chosen.map(word);
    let choice = |value: &T| {
        let (value, label) = (word(value), spoken(value));
        Choice { chosen: chosen.as_deref() == Some(&value), value, label }
    };
    values.iter().map(choice).collect()
}

/// What a reader may think of an event.
pub(super) fn verdict_text(verdict: ReviewVerdict) -> &'static str {
    match verdict {
        ReviewVerdict::Important => "It matters",
        ReviewVerdict::Harmless => "It does not matter",
        ReviewVerdict::FollowUp => "To be followed up",
        ReviewVerdict::FalseAlarm => "False alarm",
    }
}

/// Where a release stands, for people.
pub(super) fn state_text(state: ReleaseState) -> &'static str {
    match state {
        ReleaseState::Found => "found, not read yet",
        ReleaseState::Present => "on the site",
        ReleaseState::Suspect => "missing, not confirmed yet",
        ReleaseState::Removed => "removed",
    }
}
