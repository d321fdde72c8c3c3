//! Answers as they were fetched.

use std::sync::Arc;

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

    /// BLAKE3 of the body and of what says how it is to be read, its `Content-Type`. Every page is hashed at every
    /// check, mostly to find that it is the same, and SHA-256, by which bodies are known in the record, takes four
    /// times as long.
    pub fn digest(&self) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.body).update(&[0]).update(self.header("content-type").unwrap_or_default().as_bytes());
        hasher.finalize().into()
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
            digest: None,
        }
    }
}

/// What tells whether an answer is an earlier one: ETag and Last-Modified (RFC 9110, section 8.8) ask the server, the
/// digest tells without it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators {
    /// As sent, quotes and `W/` included.
    pub etag: Option<String>,
    /// As sent.
    pub last_modified: Option<String>,
    /// [`Fetched::digest`]. Whoever sets it knows that the same answer tells nothing new.
    pub digest: Option<[u8; 32]>,
}

impl Validators {
    /// Whether the server can be asked for nothing but what has changed.
    pub fn ask_server(&self) -> bool {
        self.etag.is_some() || self.last_modified.is_some()
    }
}

/// A stored answer of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Its row.
    pub id: SnapshotId,
    /// SHA-256 of the body, 64 hexadecimal digits.
    pub sha256: String,
    /// The answer itself.
    pub fetched: Arc<Fetched>,
}
