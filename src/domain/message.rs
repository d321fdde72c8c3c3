//! A message as a channel sends it: what is told of one release, a digest or burst of several, or a word about
//! pressdiff itself. Who gets which message is decided in `route`; how it looks is the affair of each channel.

mod fold;

use std::fmt;

use chrono::{DateTime, Utc};

pub use self::fold::{Fold, fold};
use super::diff::Change;
use super::model::{Addressee, RecordedEvent};

/// Identifies a message in the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId(pub i64);

impl fmt::Display for MessageId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// One message to one recipient, the same at every attempt to deliver it.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Its row in the outbox.
    pub id: MessageId,
    /// Never the same for two messages, also not of two stores: the local part of the Message-ID of a mail, and what a
    /// webhook's receiver knows a repetition by. Letters, digits, `-` and `.` only.
    pub key: String,
    /// Which `[[alert]]`, and whom.
    pub addressee: Addressee,
    /// What it says.
    pub content: Content,
    /// When the first of its events was recorded, or the notice written.
    pub created_at: DateTime<Utc>,
    /// Deliveries tried, this one included.
    pub attempts: u32,
}

/// What a message says.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// One event, told at once.
    Event(Box<Told>),
    /// Several releases, or several events of one: most significant first within each source.
    Summary {
        /// Why they come together.
        occasion: Occasion,
        /// The releases, grouped by source.
        told: Vec<Told>,
    },
    /// About pressdiff itself.
    Notice(Notice),
}

/// Why several events come in one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// It is the time of the digest.
    Digest,
    /// One check found more than the alert wants to hear of one by one.
    Burst,
    /// They waited for the end of the quiet hours.
    QuietHours,
}

/// What is told of one release, or of a source as a whole.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// What happened, oldest first; never empty. In a digest several edits of one release stand together.
    pub events: Vec<RecordedEvent>,
    /// Name of the source, for people.
    pub source_name: String,
    /// From the version before the first event to the version after the last; none where no text changed.
    pub change: Option<Change>,
    /// The same for all events of one release, of its whole life: by it mails are put into one thread. Made like
    /// [`Message::key`].
    pub thread: String,
}

/// A word about pressdiff itself.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case", tag = "notice")]
pub enum Notice {
    /// It is still there.
    Heartbeat {
        /// Releases under watch.
        releases: u64,
        /// Sources under watch.
        sources: u64,
        /// Events since the last heartbeat.
        events: u64,
        /// Names of the sources that are in trouble, with the trouble in words.
        troubles: Vec<String>,
    },
    /// Another alert cannot be delivered.
    ChannelFailing {
        /// Name of that alert.
        alert: String,
        /// Since when.
        since: DateTime<Utc>,
        /// Messages that wait or were given up.
        waiting: u64,
        /// What the last attempt said.
        error: String,
    },
    /// Another alert is delivered again.
    ChannelRecovered {
        /// Name of that alert.
        alert: String,
        /// Since when it had failed.
        since: DateTime<Utc>,
    },
    /// `pressdiff test-alert`.
    Sample,
}

impl Notice {
    /// What kind of notice it is, in words.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Heartbeat { .. } => "heartbeat",
            Self::ChannelFailing { .. } => "channel failing",
            Self::ChannelRecovered { .. } => "channel recovered",
            Self::Sample => "sample",
        }
    }
}
