//! A source as it is configured, and how it is.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use url::Url;

use super::event::Reason;
use super::ids::SourceId;
use crate::domain::cadence::Cadence;
use crate::domain::recheck::Recheck;
use crate::domain::rule::{ExtractionRule, PathPattern};

/// A publisher that is watched.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its key in the configuration, the store and the command line.
    pub id: SourceId,
    /// Its name for people.
    pub name: String,
    /// Paginated pages that name releases.
    pub listings: Vec<Url>,
    /// RSS, Atom or JSON feeds.
    pub feeds: Vec<Url>,
    /// Sitemaps or sitemap indexes.
    pub sitemaps: Vec<Url>,
    /// Documents watched by their own address.
    pub pages: Vec<Url>,
    /// Which addresses are releases; learned from the listings when empty.
    pub include: Vec<PathPattern>,
    /// How many pages of a listing are walked.
    pub listing_depth: u32,
    /// When the source is checked.
    pub schedule: Cadence,
    /// The time zone of the schedule.
    pub timezone: Tz,
    /// Which releases the daemon looks at.
    pub recheck: Recheck,
    /// How long snapshots are kept that made no version; for ever when absent.
    pub keep: Option<Keep>,
    /// What it takes to believe a removal.
    pub confirm_removal: ConfirmRemoval,
    /// What somebody wrote down about the pages of this source.
    pub extract: ExtractionRule,
}

impl Source {
    /// What is walked or watched, in this order: listings, feeds, sitemaps, pages.
    pub fn places(&self) -> impl Iterator<Item = &Url> {
        self.listings.iter().chain(&self.feeds).chain(&self.sitemaps).chain(&self.pages)
    }
}

/// A removal is reported after this many checks found the release gone, the last one this long after the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfirmRemoval {
    /// Checks, at least 1.
    pub checks: u32,
    /// Time between the first and the last of them.
    pub after: Duration,
}

/// What the daemon has in mind for a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextCheck {
    /// It is being checked.
    UnderWay,
    /// It waits for this time.
    At(DateTime<Utc>),
    /// Its schedule has no more times.
    Never,
}

/// How long raw snapshots are kept on which no version and no event rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// Days, at least 1.
    pub days: u32,
}

impl Keep {
    /// What was fetched before this time may be thinned out.
    pub fn before(self, now: DateTime<Utc>) -> DateTime<Utc> {
        now.checked_sub_signed(TimeDelta::days(self.days.into())).unwrap_or(DateTime::<Utc>::MIN_UTC)
    }
}

impl fmt::Display for Keep {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}d", self.days)
    }
}

/// Health of a source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceState {
    /// What is wrong with the source as a whole, and since when; each is told once, and once when it ends.
    #[serde(default)]
    pub troubles: Vec<Trouble>,
    /// When the last check ended.
    #[serde(default)]
    pub checked_at: Option<DateTime<Utc>>,
    /// Releases that the last check read, and that it tried to read.
    #[serde(default)]
    pub answered: u32,
    /// See `answered`.
    #[serde(default)]
    pub asked: u32,
    /// Releases that the robots.txt of the site forbids; they are watched on the listings only.
    #[serde(default)]
    pub forbidden: u32,
}

/// Something about a source as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// Its cause.
    pub cause: Reason,
    /// When it was first seen.
    pub since: DateTime<Utc>,
    /// Whether a `site` event told it.
    pub told: bool,
}
