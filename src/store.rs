//! The record: snapshots, versions, events and the outbox in one SQLite file. [`Store`] is the only place that
//! knows SQL; each of its methods is one use case in one transaction and speaks domain types only. Time is an
//! argument, addresses are compared by identities that the caller computes, and what an outcome means is decided
//! elsewhere.

mod addresses;
mod attempts;
mod backup;
mod bodies;
mod cache;
mod chain;
mod codec;
mod column;
mod documents;
mod error;
mod events;
mod figures;
mod headers;
mod identity;
mod imports;
mod listing_pages;
mod listings;
mod lock;
mod messages;
mod migrate;
mod moment;
mod presence;
mod prospects;
mod record;
mod release_lines;
mod releases;
mod remarks;
mod repack;
mod reviews;
mod runs;
mod search;
mod sessions;
mod shelf;
mod snapshots;
mod sources;
mod sqlite;
mod stamps;
mod targets;
mod thin;
mod tokens;
mod verify;
mod versions;
mod writer;

#[cfg(test)]
mod compact_tests;
#[cfg(test)]
mod documents_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod thin_tests;
#[cfg(test)]
mod verify_tests;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::Transaction;

pub use addresses::Address;
pub use attempts::Attempt;
pub use backup::CopyWatcher;
pub use error::{DatabaseError, StoreError};
pub use events::EventFilter;
pub use figures::OutboxFigures;
pub use imports::{ImportRecord, ImportStep};
pub use listing_pages::{ListingPageKey, ListingPageRecord};
pub use messages::{Claimed, Collecting, Failing, FallbackRule, Heartbeat, MessageCounts, MessageLine};
pub use record::{CheckOutcome, Router};
pub use release_lines::ReleaseLine;
pub use releases::NewRelease;
pub use repack::Repacked;
pub use reviews::{InboxCount, Marked, ReviewChange};
pub use search::{Find, Finds, Search, SearchScope};
pub use shelf::{EventCursor, Shelf, ShelfFilter, ShelfPage};
pub use snapshots::{Answer, Saved, SnapshotLine};
pub use sources::{CheckId, ReleaseCounts, SourceLine};
pub use stamps::{ChainLink, KeptStamp};
pub use thin::Thinned;
pub use tokens::AccessToken;
pub use verify::{Broken, ChainHead, Verification, VerifyWatcher};
pub use versions::VersionLine;

use cache::Cache;
use sqlite::Readers;
use writer::Writer;

/// The open record. Clones share one connection; dropping the last one waits for the writes under way and closes
/// the file.
#[derive(Clone, Debug)]
pub struct Store {
    shared: Arc<Shared>,
}

/// Dropped from top to bottom: the writer tidies up after the readers, and the lock is freed last.
#[derive(Debug)]
struct Shared {
    readers: Readers,
    writer: Option<Writer>,
    cache: Cache,
    _lock: Option<File>,
}

impl Store {
    /// Opens the store for this process alone: creates it if there is none (not its folder), brings an older one up
    /// to date. Blocks while it does.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let path = resolve(path)?;
        presence::refuse_rescued(&path)?;
        let lock = lock::lock(&path)?;
        let connection = sqlite::open_writer(&path).map_err(|error| error.at(&path))?;
        messages::release_leases(&connection).map_err(|error| error.at(&path))?;
        let readers = Readers::open(&path)?;
        let writer = Writer::start(connection, &path).map_err(|source| StoreError::Io { path, source })?;
        Ok(Self {
            shared: Arc::new(Shared { readers, writer: Some(writer), cache: Cache::default(), _lock: Some(lock) }),
        })
    }

    /// As [`Store::open`], and creates none.
    pub fn open_existing(path: &Path) -> Result<Self, StoreError> {
        refuse_missing(path)?;
        Self::open(path)
    }

    /// Opens an existing store for reading, also while another process writes to it.
    pub fn open_read(path: &Path) -> Result<Self, StoreError> {
        refuse_missing(path)?;
        let readers = Readers::open(path)?;
        Ok(Self { shared: Arc::new(Shared { readers, writer: None, cache: Cache::default(), _lock: None }) })
    }

    /// Opens an existing store for a small change while another process may be writing to it. What is under way there
    /// stays as it is. Blocks while it does.
    pub fn open_beside(path: &Path) -> Result<Self, StoreError> {
        let readers = Self::open_read(path)?.shared.readers.clone();
        let connection = sqlite::open_another_writer(path)?;
        let writer =
            Writer::start(connection, path).map_err(|source| StoreError::Io { path: path.to_owned(), source })?;
        Ok(Self { shared: Arc::new(Shared { readers, writer: Some(writer), cache: Cache::default(), _lock: None }) })
    }

    /// Looks for damage: what SQLite finds wrong with the file, and references to rows that are not there. Empty
    /// when all is well.
    pub async fn check_integrity(&self) -> Result<Vec<String>, StoreError> {
        self.read(|transaction| {
            let mut problems = list_damage(transaction)?;
            problems.extend(list_dangling(transaction)?);
            Ok(problems)
        })
        .await
    }

    async fn read<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let answer = self.shared.readers.run(work).await;
        if answer.is_err()
            && let Some(writer) = &self.shared.writer
        {
            // A reader that is opened after the file was deleted finds nothing there; the writer has it still.
            writer.check_presence().await?;
        }
        answer
    }

    async fn write<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        self.shared.writer.as_ref().ok_or(StoreError::ReadOnly)?.run(work).await
    }

    /// The same for what is small and comes often: it is committed with others that wait.
    async fn write_together<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        self.shared.writer.as_ref().ok_or(StoreError::ReadOnly)?.run_together(work).await
    }
}

fn refuse_missing(path: &Path) -> Result<(), StoreError> {
    match path.try_exists() {
        Ok(true) => Ok(()),
        Ok(false) => Err(StoreError::Missing(path.to_owned())),
        Err(source) => Err(StoreError::Io { path: path.to_owned(), source }),
    }
}

fn list_damage(transaction: &Transaction<'_>) -> Result<Vec<String>, StoreError> {
    let mut statement = transaction.prepare("PRAGMA integrity_check")?;
    let lines = statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    Ok(lines.into_iter().filter(|line| line != "ok").collect())
}

fn list_dangling(transaction: &Transaction<'_>) -> Result<Vec<String>, StoreError> {
    let mut statement = transaction.prepare("PRAGMA foreign_key_check")?;
    let lines = statement.query_map([], |row| {
        // Tables without row numbers have none to tell.
        let (table, row_id, parent): (String, Option<i64>, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let row = row_id.map_or_else(|| "a row".to_owned(), |id| format!("row {id}"));
        Ok(format!("{row} of {table} names a missing row of {parent}"))
    })?;
    Ok(lines.collect::<Result<_, _>>()?)
}

/// The path without links, so that one store has one lock however it is spelled.
fn resolve(path: &Path) -> Result<PathBuf, StoreError> {
    let failed = |source| StoreError::Io { path: path.to_owned(), source };
    match path.canonicalize() {
        Ok(resolved) => return Ok(resolved),
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        Err(_) => {}
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().ok_or_else(|| StoreError::NotAStore(path.to_owned()))?;
    match folder.canonicalize() {
        Ok(folder) => Ok(folder.join(name)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(StoreError::NoFolder(folder.to_owned())),
        Err(error) => Err(failed(error)),
    }
}
