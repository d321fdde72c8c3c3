//! What can go wrong with the store, in words for the person who has to put it right.

use std::any::Any;
use std::error::Error;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{ErrorCode, ffi};
use url::Url;

use crate::domain::message::MessageId;
use crate::domain::model::{ReleaseId, SnapshotId, SourceId};

/// A store that could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder of a new store does not exist.
    #[error("folder {} for the store does not exist", .0.display())]
    NoFolder(PathBuf),
    /// There is nothing to read yet.
    #[error("no store at {}; run `pressdiff check` first", .0.display())]
    Missing(PathBuf),
    /// Another process writes to this store.
    #[error(
        "store {} is in use by {}: a running daemon, or another command; stop it first, or wait for it",
        path.display(),
        holder.map_or("another process".to_owned(), |id| format!("process {id}"))
    )]
    Locked {
        /// The store.
        path: PathBuf,
        /// Process id of the holder, if it could be read.
        holder: Option<u32>,
    },
    /// The file is something else.
    #[error("{} is not a pressdiff store", .0.display())]
    NotAStore(PathBuf),
    /// A later release of pressdiff wrote this store.
    #[error(
        "store {} has schema version {found}, this pressdiff knows up to {known}; use a newer pressdiff",
        path.display()
    )]
    Newer {
        /// The store.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The latest version known here.
        known: u32,
    },
    /// An earlier release wrote this store, and it is only being read.
    #[error(
        "store {} has schema version {found}, this pressdiff needs {known}; \
         `pressdiff check` or `pressdiff run` brings it up to date",
        path.display()
    )]
    Older {
        /// The store.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The version needed here.
        known: u32,
    },
    /// A migration did not succeed; the store is as it was.
    #[error("migration of the store to schema version {version} failed")]
    Migration {
        /// The version that was not reached.
        version: u32,
        /// What failed.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A write to a store opened with [`Store::open_read`](super::Store::open_read).
    #[error("the store is open for reading only")]
    ReadOnly,
    /// A file operation beside the database failed.
    #[error("{} cannot be used", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The database refused.
    #[error("the database of the store refused")]
    Database(#[from] DatabaseError),
    /// The stored bytes of a snapshot are not the bytes that were received.
    #[error("body of snapshot {snapshot} is damaged: {problem}")]
    Corrupt {
        /// The snapshot.
        snapshot: SnapshotId,
        /// What does not fit.
        problem: String,
    },
    /// The bytes of a snapshot are gone because the configuration asked for it.
    #[error(
        "snapshot {snapshot} was thinned out by the keep rule of its source: no version and no event rests on it, and \
         of its body only the SHA-256 is left, {sha256}"
    )]
    Thinned {
        /// The snapshot.
        snapshot: SnapshotId,
        /// The hash of its body, 64 hexadecimal digits.
        sha256: String,
    },
    /// A copy of the store is not what the store is.
    #[error("the copy is damaged: {0}")]
    Damaged(String),
    /// No source has this id.
    #[error("source {0} is not in the store")]
    UnknownSource(SourceId),
    /// No release has this id.
    #[error("no release {0}")]
    UnknownRelease(ReleaseId),
    /// No message has this id, or it has been sent or given up.
    #[error("no message {0} is waiting")]
    UnknownMessage(MessageId),
    /// A release cannot move to an address that belongs to another release of its source.
    #[error("address {url} belongs to release {owner} already")]
    AddressTaken {
        /// The address.
        url: Url,
        /// The release that has it.
        owner: ReleaseId,
    },
    /// Versions of a release are numbered without gaps.
    #[error("version {number} of release {release} is out of order")]
    OutOfOrder {
        /// The release.
        release: ReleaseId,
        /// The number that was to be written.
        number: u32,
    },
    /// A row that was written cannot be taken into the chain; nothing was written.
    #[error("{0} cannot be linked: {1}")]
    Unlinkable(String, String),
    /// The file was deleted or replaced while it was open.
    #[error("store {} was deleted or replaced while in use; {}", path.display(), saved(rescued.as_deref()))]
    Vanished {
        /// Where it was.
        path: PathBuf,
        /// Where what it held has been saved.
        rescued: Option<PathBuf>,
    },
    /// There is no store, but what the last one held when it was deleted.
    #[error("store {} was deleted while in use; move {} into its place", path.display(), rescued.display())]
    Rescued {
        /// Where it was.
        path: PathBuf,
        /// What it held.
        rescued: PathBuf,
    },
    /// A job panicked; nothing of it was written.
    #[error("store job panicked: {0}")]
    Panicked(String),
    /// The writer has ended.
    #[error("the store is closed")]
    Stopped,
}

/// An error of the database, opaque so that callers do not depend on which database it is.
#[derive(Debug, thiserror::Error)]
#[error("{}{error}{}", place(path.as_deref()), advice(error))]
pub struct DatabaseError {
    error: rusqlite::Error,
    path: Option<PathBuf>,
}

fn saved(rescued: Option<&Path>) -> String {
    match rescued {
        Some(rescued) => {
            format!("what it held is saved as {}: move it into its place and start again", rescued.display())
        }
        None => "what it held could not be saved: restore a backup".to_owned(),
    }
}

fn place(path: Option<&Path>) -> String {
    path.map(|path| format!("{}: ", path.display())).unwrap_or_default()
}

fn again(error: &rusqlite::Error) -> rusqlite::Error {
    match error {
        rusqlite::Error::SqliteFailure(code, words) => rusqlite::Error::SqliteFailure(*code, words.clone()),
        other => failure(ffi::SQLITE_ABORT, other.to_string()),
    }
}

fn failure(code: i32, words: String) -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(ffi::Error::new(code), Some(words))
}

/// What the person can do who reads it.
fn advice(error: &rusqlite::Error) -> &'static str {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "; make room on its disk: nothing is lost, the next check records the same",
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            "; let this user write to the file and to its folder"
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "; another program holds it: end that, nothing is lost, the next check records the same"
        }
        Some(ErrorCode::SystemIoFailure) => "; its disk or a limit refuses: look at space, quota and the system's log",
        Some(ErrorCode::DatabaseCorrupt) => "; the file is damaged: restore a backup",
        _ => "",
    }
}

impl StoreError {
    /// Whether it is about one outcome that does not fit the record, not about the record itself.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::AddressTaken { .. } | Self::UnknownRelease(_) | Self::OutOfOrder { .. })
    }

    /// Whether the same call may succeed later: when another program is done, or somebody has made room.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Database(DatabaseError { error, .. }) => matches!(
                error.sqlite_error_code(),
                Some(
                    ErrorCode::DatabaseBusy
                        | ErrorCode::DatabaseLocked
                        | ErrorCode::DiskFull
                        | ErrorCode::SystemIoFailure
                )
            ),
            _ => false,
        }
    }

    /// The same error with the file that it is about.
    pub(super) fn at(self, path: &Path) -> Self {
        match self {
            Self::Database(DatabaseError { error, .. }) => {
                Self::Database(DatabaseError { error, path: Some(path.to_owned()) })
            }
            other => other,
        }
    }

    /// The same error for another who met it, for all that the database says and for a file that is gone.
    pub(super) fn again(&self) -> Self {
        match self {
            Self::Database(DatabaseError { error, path }) => {
                Self::Database(DatabaseError { error: again(error), path: path.clone() })
            }
            Self::Vanished { path, rescued } => Self::Vanished { path: path.clone(), rescued: rescued.clone() },
            other => failure(ffi::SQLITE_ABORT, other.to_string()).into(),
        }
    }

    /// The words that a panic carried.
    pub(super) fn panicked(payload: &(dyn Any + Send)) -> Self {
        let words = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let words = words.or_else(|| payload.downcast_ref::<String>().cloned());
        Self::Panicked(words.unwrap_or_else(|| "without a message".to_owned()))
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(DatabaseError { error, path: None })
    }
}
