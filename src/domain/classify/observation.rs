//! What a fetch of a release came to, before anything is made of it.

use url::Url;

use crate::domain::model::{Document, Reason, Release, ReleaseId, SnapshotId, Validators};

/// What a check saw of one release.
#[derive(Clone, Debug)]
pub struct Sighting {
    /// The release as it was before the check.
    pub release: Box<Release>,
    /// What was seen.
    pub observation: Observation,
}

impl Sighting {
    /// The reading of the release, if there was one.
    pub fn seen(&self) -> Option<&Seen> {
        if let Observation::Seen(seen) = &self.observation { Some(seen) } else { None }
    }
}

/// What a fetch of a release came to.
#[derive(Clone, Debug)]
pub enum Observation {
    /// The release, read.
    Seen(Box<Seen>),
    /// Status 304, or the very bytes that were judged last.
    NotModified {
        /// The validators that came with the same bytes, if they are others than before.
        renewed: Option<Validators>,
    },
    /// The release, changed, of which nothing is made before the next check: so much else has changed.
    Postponed,
    /// An answer that says that it is not there.
    Gone {
        /// Which answer.
        reason: Reason,
        /// The answer.
        snapshot: SnapshotId,
    },
    /// Another address of a release that is known: it shows the same words, or names the other as canonical.
    Duplicate {
        /// That release.
        of: ReleaseId,
    },
    /// An answer that says nothing about the release: a block page, a notice, an error, no HTML.
    Unreadable {
        /// What kind of answer.
        reason: Reason,
        /// What was seen, for people.
        detail: String,
    },
    /// The site's robots.txt asks us to stay away from it: nothing was asked for.
    Forbidden,
    /// Nothing was asked for: the host leaves requests without an answer, or wants to be left alone.
    Unasked {
        /// Why not, for people.
        detail: String,
    },
    /// No answer.
    Unreachable {
        /// What went wrong, for people.
        detail: String,
    },
}

/// A release that was read.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The answer.
    pub snapshot: SnapshotId,
    /// Its validators.
    pub validators: Validators,
    /// The document, as extracted now.
    pub document: Document,
    /// How it compares with the latest version.
    pub against: Against,
    /// What was left out of that comparison, if anything was.
    pub noise: Option<Noise>,
    /// Where a permanent redirect or the page itself says that the release is now, and which of the two.
    pub moved_to: Option<(Url, Reason)>,
}

/// How a document compares with the latest version of its release.
#[derive(Clone, Debug)]
pub enum Against {
    /// There is no version yet.
    First,
    /// The same for a reader.
    Same,
    /// Only our reading differs: the old page, read again, says the same.
    Technical,
    /// It differs.
    Edited {
        /// The latest version, read as the new one was.
        old: Box<Document>,
        /// The earlier version that the new one is equal to, if there is one.
        returns_to: Option<Return>,
    },
}

impl Against {
    /// Whether it is kept as a version.
    pub fn makes_version(&self) -> bool {
        !matches!(self, Self::Same)
    }

    /// Whether there was no version before.
    pub fn is_first(&self) -> bool {
        matches!(self, Self::First)
    }

    /// Whether the text differs.
    pub fn is_edited(&self) -> bool {
        matches!(self, Self::Edited { .. })
    }
}

/// Why what differs does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noise {
    /// With what is known now, the page of the latest version reads in the same way.
    Learned,
    /// It stands where most releases show something else since they were last read.
    Churned,
    /// It differs between two fetches within seconds.
    Restless,
    /// It is what the release said before it was edited not long ago, as a cache may say for a while.
    Stale,
}

/// A text that is back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Return {
    /// The version that it is equal to.
    pub version: u32,
    /// How often a return was reported for this release lately.
    pub reported: u32,
}

impl Return {
    /// Reports of returns after which further ones are nobody's news.
    const MOST_REPORTS: u32 = 2;

    /// Whether it is worth an event; the version is kept all the same.
    pub(super) fn is_news(self) -> bool {
        self.reported < Self::MOST_REPORTS
    }

    /// Whether its event is the last one.
    pub(super) fn is_last(self) -> bool {
        self.reported + 1 == Self::MOST_REPORTS
    }
}
