//! The closed lists of words that an `[[alert]]` may use.

use crate::domain::model::{EventKind, Reason, Significance};
use crate::domain::route::KeywordPlace;

/// Kinds of channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Log,
    Email,
    Webhook,
}

pub(super) const CHANNELS: [(&str, Kind); 3] = [("email", Kind::Email), ("webhook", Kind::Webhook), ("log", Kind::Log)];

pub(super) const KINDS: [(&str, EventKind); 7] = [
    ("new", EventKind::New),
    ("edited", EventKind::Edited),
    ("removed", EventKind::Removed),
    ("restored", EventKind::Restored),
    ("moved", EventKind::Moved),
    ("unlisted", EventKind::Unlisted),
    ("site", EventKind::Site),
];

pub(super) const SIGNIFICANCES: [(&str, Significance); 2] =
    [("minor", Significance::Minor), ("major", Significance::Major)];

pub(super) const KEYWORD_PLACES: [(&str, KeywordPlace); 2] =
    [("change", KeywordPlace::Change), ("release", KeywordPlace::Release)];

pub(super) const REASONS: [(&str, Reason); 45] = [
    ("number", Reason::Number),
    ("money", Reason::Money),
    ("percentage", Reason::Percentage),
    ("date", Reason::Date),
    ("name", Reason::Name),
    ("negation", Reason::Negation),
    ("modal", Reason::Modal),
    ("quote", Reason::Quote),
    ("sentence-added", Reason::SentenceAdded),
    ("sentence-removed", Reason::SentenceRemoved),
    ("moved", Reason::Moved),
    ("wording", Reason::Wording),
    ("title", Reason::Title),
    ("rewritten", Reason::Rewritten),
    ("link", Reason::Link),
    ("image", Reason::Image),
    ("contact", Reason::Contact),
    ("spelling", Reason::Spelling),
    ("punctuation", Reason::Punctuation),
    ("case", Reason::Case),
    ("spacing", Reason::Spacing),
    ("reverted", Reason::Reverted),
    ("unstable", Reason::Unstable),
    ("not-found", Reason::NotFound),
    ("gone", Reason::Gone),
    ("legal-reasons", Reason::LegalReasons),
    ("soft-not-found", Reason::SoftNotFound),
    ("redirected-away", Reason::RedirectedAway),
    ("redirected", Reason::Redirected),
    ("same-text", Reason::SameText),
    ("canonical", Reason::Canonical),
    ("not-listed", Reason::NotListed),
    ("outage", Reason::Outage),
    ("blocked", Reason::Blocked),
    ("maintenance", Reason::Maintenance),
    ("empty-listing", Reason::EmptyListing),
    ("redesign", Reason::Redesign),
    ("boilerplate", Reason::Boilerplate),
    ("unreadable", Reason::Unreadable),
    ("unread", Reason::Unread),
    ("mass-removal", Reason::MassRemoval),
    ("recovered", Reason::Recovered),
    ("listing-failing", Reason::ListingFailing),
    ("unchecked", Reason::Unchecked),
    ("imported", Reason::Imported),
];

#[cfg(test)]
mod tests {
    use serde::Deserialize as _;
    use serde::de::value::{Error, StrDeserializer};

    use super::*;

    #[test]
    fn every_reason_of_the_event_list_can_be_asked_for() {
        let error = Reason::deserialize(StrDeserializer::<Error>::new("?")).unwrap_err().to_string();
        let known: Vec<&str> = error.split('`').skip(3).step_by(2).collect();
        assert_eq!(REASONS.map(|(word, _)| word).as_slice(), known);
        for (word, reason) in REASONS {
            assert_eq!(serde_json::to_value(reason).unwrap(), word);
        }
    }
}
