//! The values that every part of the program speaks of: source, release, snapshot, document, version,
//! event, alert. Plain data; what is done with it lives in the neighbouring modules.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::domain::cadence::Cadence;
use crate::domain::discover::ListingPlace;
use crate::domain::recheck::{Looks, Recheck};
use crate::domain::rule::{ExtractionRule, PathPattern};

macro_rules! row_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }
    )+};
}

row_id! {
    /// Row of a release.
    ReleaseId,
    /// Row of a snapshot.
    SnapshotId,
    /// Row of an event; rises with time, so `--after ID` continues where a reader stopped.
    EventId,
}

/// The `id` that the configuration gives a source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SourceId(pub String);

impl fmt::Display for SourceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

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

/// One step of a redirect chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redirect {
    /// 301, 302, 303, 307 or 308.
    pub status: u16,
    /// The address that answered.
    pub from: Url,
    /// The address it named.
    pub to: Url,
}

/// A complete answer of a server, whatever its status. The body is as sent, after content decoding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The address that was asked for.
    pub url: Url,
    /// The address that answered in the end.
    pub final_url: Url,
    /// The way from the one to the other, in order.
    pub redirects: Vec<Redirect>,
    /// Status of the last answer.
    pub status: u16,
    /// Header lines of the last answer: lower-case names, in order, repeated names kept.
    pub headers: Vec<(String, String)>,
    /// Body, empty for 304.
    pub body: Bytes,
    /// When the last answer was complete.
    pub fetched_at: DateTime<Utc>,
}

impl Fetched {
    /// The first header line of this (lower-case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// What to send back the next time to learn whether the body changed; nothing after a redirect, since a
    /// validator belongs to the address that gave it.
    pub fn validators(&self) -> Validators {
        if !self.redirects.is_empty() {
            return Validators::default();
        }
        Validators {
            etag: self.header("etag").map(str::to_owned),
            last_modified: self.header("last-modified").map(str::to_owned),
        }
    }
}

/// ETag and Last-Modified of an earlier answer (RFC 9110, section 8.8).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators {
    /// As sent, quotes and `W/` included.
    pub etag: Option<String>,
    /// As sent.
    pub last_modified: Option<String>,
}

/// A stored answer of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Its row.
    pub id: SnapshotId,
    /// SHA-256 of the body, 64 hexadecimal digits.
    pub sha256: String,
    /// The answer itself.
    pub fetched: Fetched,
}

/// What a reader gets from a release, without the page around it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Headline.
    pub title: String,
    /// Date of publication as the page shows it.
    pub date: Option<ShownDate>,
    /// The text, in reading order.
    pub blocks: Vec<Block>,
    /// Links within the text, in reading order.
    pub links: Vec<Link>,
    /// Pictures within the text, in reading order.
    pub images: Vec<Image>,
    /// Lines of the contact block: phones, e-mail addresses, the names beside them.
    pub contacts: Vec<String>,
}

/// A date with the words that showed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownDate {
    /// As the page writes it.
    pub text: String,
    /// As understood, if it was.
    pub day: Option<NaiveDate>,
}

/// One paragraph, heading, item or table row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// Its text on one line; the cells of a table row are separated by tabs.
    pub text: String,
}

/// Kinds of text blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BlockKind {
    /// A heading inside the text.
    Heading,
    /// Running text.
    Paragraph,
    /// One item of a list.
    ListItem,
    /// A quotation set apart.
    Quote,
    /// One row of a table, cells separated by tabs.
    TableRow,
}

/// A link inside the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The words that are linked.
    pub text: String,
    /// Absolute address.
    pub target: String,
}

/// A picture inside the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// Absolute address.
    pub source: String,
    /// Alternative text.
    pub alt: String,
}

/// A distinct document of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The release.
    pub release: ReleaseId,
    /// 1 for the first one seen, then rising by one.
    pub number: u32,
    /// The snapshot it was extracted from.
    pub snapshot: SnapshotId,
    /// Revision of the extractor.
    pub extractor: u32,
    /// Hash of the canonical document.
    pub hash: ContentHash,
    /// When it was first seen.
    pub recorded_at: DateTime<Utc>,
    /// The document.
    pub document: Document,
    /// True when only our own reading of the page changed: no edit by the publisher.
    pub technical: bool,
}

/// SHA-256 of a canonical document, 64 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContentHash(pub String);

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

/// Consecutive checks that found a release gone.
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
    /// The present run of checks that found it gone.
    pub gone: Option<GoneStreak>,
    /// True when reported as no longer listed.
    pub unlisted: bool,
    /// Latest version.
    pub latest: Option<VersionHead>,
    /// The snapshot that was judged last; only its validators are sent, so that an interrupted check is repeated.
    pub judged: Option<SnapshotId>,
    /// Validators of the judged snapshot.
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

/// What a listing says of one release, from walk to walk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Address of the listing as configured.
    pub listing: Url,
    /// The release.
    pub release: ReleaseId,
    /// Place in the last walk that named it, 0 first.
    pub position: u32,
    /// When a walk last named it.
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

/// What happened; the words of the event list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    /// A release seen for the first time, after the baseline.
    New,
    /// Its text, title, date, links, images or contacts changed for a reader.
    Edited,
    /// It is gone, confirmed.
    Removed,
    /// It is back.
    Restored,
    /// The same release under another address.
    Moved,
    /// Reachable, but on no listing any more.
    Unlisted,
    /// Something about the source as a whole.
    Site,
}

impl EventKind {
    /// The word for it in event lists, addresses and figures.
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Edited => "edited",
            Self::Removed => "removed",
            Self::Restored => "restored",
            Self::Moved => "moved",
            Self::Unlisted => "unlisted",
            Self::Site => "site",
        }
    }
}

/// Parts of a document that can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Field {
    /// Headline.
    Title,
    /// Date of publication.
    Date,
    /// Text.
    Body,
    /// Links in the text.
    Links,
    /// Pictures in the text.
    Images,
    /// Contact block.
    Contacts,
}

/// Whether a change can alter what a reader believes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Significance {
    /// Spelling, punctuation, spacing and the like.
    Minor,
    /// Everything else.
    Major,
}

/// Why an event has the significance that it has, or what it rests on: the closed list of the event list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// A number changed, in figures or in words.
    Number,
    /// A sum of money changed.
    Money,
    /// A share in per cent changed.
    Percentage,
    /// A date or a time changed.
    Date,
    /// A name of a person, place or body changed to another one.
    Name,
    /// "Not" came or went.
    Negation,
    /// "Will", "may", "must" came, went or were exchanged.
    Modal,
    /// The words of a quotation changed.
    Quote,
    /// At least a whole sentence is new.
    SentenceAdded,
    /// At least a whole sentence is gone.
    SentenceRemoved,
    /// Text stands in another place.
    Moved,
    /// Words were exchanged.
    Wording,
    /// The headline was reworded.
    Title,
    /// The text has little in common with what it was.
    Rewritten,
    /// A link leads elsewhere, came or went.
    Link,
    /// A picture was exchanged, came or went.
    Image,
    /// A phone number, an address or a contact person changed.
    Contact,
    /// Letters within a word.
    Spelling,
    /// Punctuation.
    Punctuation,
    /// Capital letters.
    Case,
    /// Joined or split words.
    Spacing,
    /// The text returned to an earlier version.
    Reverted,
    /// The text keeps returning to earlier versions; from now on that is only shown in the history.
    Unstable,
    /// Status 404.
    NotFound,
    /// Status 410.
    Gone,
    /// Status 200 with the page that the site shows for addresses that do not exist.
    SoftNotFound,
    /// Redirected to a page that is not the release.
    RedirectedAway,
    /// Permanent redirect to the same release.
    Redirected,
    /// The same text under another address.
    SameText,
    /// `rel=canonical` names another address of the same release.
    Canonical,
    /// On none of the listings it was on.
    NotListed,
    /// The source does not answer.
    Outage,
    /// The source refuses us (403, 429, robots) or asks for a proof that we are human.
    Blocked,
    /// Every page shows the same notice.
    Maintenance,
    /// A listing names nothing although it used to.
    EmptyListing,
    /// The pages are built in another way.
    Redesign,
    /// The same edit on many releases.
    Boilerplate,
    /// The answer is no page that can be read.
    Unreadable,
    /// Most releases are gone at once; removals are withheld.
    MassRemoval,
    /// A trouble is over.
    Recovered,
    /// A listing could not be read whole for several checks.
    ListingFailing,
    /// The source was not checked for several of its times.
    Unchecked,
    /// Found in captures that were recorded elsewhere and taken in later.
    Imported,
}

/// Something that happened, ready to be recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// When it was found out.
    pub at: DateTime<Utc>,
    /// What happened.
    pub kind: EventKind,
    /// Where.
    pub source: SourceId,
    /// Address of the release, or of the site for `site`.
    pub url: Url,
    /// For `moved`: the address before.
    pub old_url: Option<Url>,
    /// Title of the release, or the name of the source for `site`.
    pub title: String,
    /// What changed.
    pub fields: Vec<Field>,
    /// How much it matters.
    pub significance: Significance,
    /// Why.
    pub reasons: Vec<Reason>,
    /// One line of prose.
    pub summary: String,
    /// Version before.
    pub old_version: Option<u32>,
    /// Version after.
    pub new_version: Option<u32>,
    /// What was seen, in a sentence or two.
    #[serde(skip)]
    pub explanation: String,
    /// The snapshots that it rests on.
    #[serde(skip)]
    pub evidence: Vec<SnapshotId>,
    /// The release; none for `site`.
    #[serde(skip)]
    pub release: Option<ReleaseId>,
}

/// An event in the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecordedEvent {
    /// Its row.
    pub id: EventId,
    /// The event.
    #[serde(flatten)]
    pub event: Event,
}

/// Who is told: one channel with one recipient, as routed for an event.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Addressee {
    /// Name of the `[[alert]]`.
    pub alert: String,
    /// A mail address, a file, a URL; `-` for standard output.
    pub recipient: String,
}

/// How far a message has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlertState {
    /// To be delivered, at its due time.
    Pending,
    /// Delivered.
    Sent,
    /// Given up.
    Failed,
}
