//! Answers as they were fetched.

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use url::Url;

use super::ids::SnapshotId;

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
