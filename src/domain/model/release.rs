//! A release, where it was found and how it is; the listings that name it.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use url::Url;

use super::document::ContentHash;
use super::event::Reason;
use super::ids::{ReleaseId, SnapshotId, SourceId};
use super::snapshot::Validators;
use crate::domain::discover::ListingPlace;
use crate::domain::recheck::Looks;

/// How a release was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Discovery {
    /// A paginated page.
    Listing,
    /// RSS, Atom or JSON Feed.
    Feed,
    /// Sitemap.
    Sitemap,
    /// Named in the configuration.
    Page,
}

/// Where a release stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReleaseState {
    /// Found, not read yet.
    Found,
    /// Readable.
    Present,
    /// Gone, not confirmed yet.
    Suspect,
    /// Gone, confirmed and reported.
    Removed,
}

/// Consecutive checks that found a release gone, or that could not read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoneStreak {
    /// What was seen.
    pub reason: Reason,
    /// When it was seen first and last.
    pub first_at: DateTime<Utc>,
    /// See `first_at`.
    pub last_at: DateTime<Utc>,
    /// In how many checks.
    pub checks: u32,
}

impl GoneStreak {
    /// Whether the release was said to be gone; otherwise it only could not be read.
    pub fn is_gone(&self) -> bool {
        self.reason.is_status() || matches!(self.reason, Reason::SoftNotFound | Reason::RedirectedAway)
    }
}

/// The latest version of a release, without its document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionHead {
    /// Number of the version.
    pub number: u32,
    /// Its snapshot.
    pub snapshot: SnapshotId,
    /// Hash of the canonical document.
    pub hash: ContentHash,
    /// Revision of the extractor.
    pub extractor: u32,
}

/// One published item: what is kept of it from check to check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// Its row.
    pub id: ReleaseId,
    /// Its source.
    pub source: SourceId,
    /// Canonical address; earlier ones stay findable in the store.
    pub url: Url,
    /// Title of the latest version, or what the listing said.
    pub title: String,
    /// Date of publication of the latest version, or what the listing said.
    pub day: Option<NaiveDate>,
    /// How it was found first.
    pub found_by: Discovery,
    /// When it was found.
    pub found_at: DateTime<Utc>,
    /// Whether its first reading is news: false for what the first walk of a listing named.
    pub announce: bool,
    /// Where it stands.
    pub state: ReleaseState,
    /// The present run of checks that found it gone, or could not read it.
    pub gone: Option<GoneStreak>,
    /// True when reported as no longer listed.
    pub unlisted: bool,
    /// Latest version.
    pub latest: Option<VersionHead>,
    /// The snapshot that was judged last; only its validators are sent, so that an interrupted check is repeated.
    pub judged: Option<SnapshotId>,
    /// Validators of the judged snapshot, or of a later answer with the same bytes.
    pub validators: Validators,
    /// When a full body was last received.
    pub full_at: Option<DateTime<Utc>>,
    /// When it was last readable.
    pub seen_at: Option<DateTime<Utc>>,
    /// When its text last changed.
    pub changed_at: Option<DateTime<Utc>>,
    /// The looks at it since it was first read.
    pub looks: Looks,
}

impl Release {
    /// Up to when its history is told: what an archive captured later is still to be judged.
    pub fn judged_until(&self) -> Option<DateTime<Utc>> {
        let gone_at = self.gone.as_ref().map(|streak| streak.last_at);
        self.full_at.max(self.seen_at).max(gone_at)
    }
}

/// What a listing says of one release, from walk to walk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Address of the listing as configured.
    pub listing: Url,
    /// The release.
    pub release: ReleaseId,
    /// Place in the last walk that named it, 0 first.
    pub position: u32,
    /// When a walk first named it at this place.
    pub named_at: DateTime<Utc>,
    /// Whole walks since then that should have named it.
    pub missed: u32,
}

/// What is kept of a listing from walk to walk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListingRecord {
    /// Its address as configured.
    pub url: Url,
    /// Paginated page, feed or sitemap.
    pub kind: Discovery,
    /// Pages of the deepest whole walk; 0 before the first one, which is the baseline.
    pub whole_depth: u32,
    /// When it was last walked whole.
    pub whole_at: Option<DateTime<Utc>>,
    /// How many releases that walk named.
    pub entries: u32,
    /// Where on its pages the entries stand, if that was learned.
    pub place: Option<ListingPlace>,
    /// How many releases its first page names.
    pub first_page: u32,
    /// Consecutive walks that failed or named nothing.
    pub failures: u32,
    /// What went wrong last, if it did.
    pub problem: Option<String>,
}
