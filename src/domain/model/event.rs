//! What happened, why, and who is told.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use url::Url;

use super::ids::{EventId, ReleaseId, SnapshotId, SourceId};

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
    /// Status 451: withheld for legal reasons (RFC 7725).
    LegalReasons,
    /// Status 200 with the page that the site shows for addresses that do not exist.
    SoftNotFound,
    /// Redirected to a page that is not the release, or shows another release.
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
    /// Single releases that could not be read for a day, while others could.
    Unread,
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

impl Reason {
    /// Whether the status of an answer says that a release is gone, whatever page comes with it.
    pub fn is_status(self) -> bool {
        matches!(self, Self::NotFound | Self::Gone | Self::LegalReasons)
    }
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
