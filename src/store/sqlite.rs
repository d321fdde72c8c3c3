//! Connections: one that writes, which its `writer` has for itself, and a few read-only ones for blocking threads. What
//! is asked of them lives in the neighbours.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};
use tokio::sync::Semaphore;

use super::{StoreError, chain, migrate};

const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const STATEMENTS: usize = 64;
const READERS: usize = 2;

/// Opens a store for writing: creates it, or brings it up to date.
pub(super) fn open_writer(path: &Path) -> Result<Connection, StoreError> {
    create_private(path);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let mut connection = connect(path, flags)?;
    // Before anything is written, so that a file that is not ours stays as it is.
    migrate::check(&connection, path)?;
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
    migrate::migrate(&mut connection)?;
    chain::catch_up(&mut connection)?;
    Ok(connection)
}

/// A new store is for its owner alone: it holds mail addresses, and addresses of webhooks, which are as good as
/// passwords. What SQLite puts beside it has the same mode. Whatever keeps it from being made, SQLite meets and tells.
fn create_private(path: &Path) {
    let _ = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
}

/// Opens an existing store of the present version for writing beside another writer.
pub(super) fn open_another_writer(path: &Path) -> Result<Connection, StoreError> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    migrate::check_current(&connection, path)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(connection)
}

/// Opens an existing store of the present version for reading.
pub(super) fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    migrate::check_current(&connection, path)?;
    Ok(connection)
}

fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, StoreError> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Otherwise a statement is prepared again whenever it is given other values, which costs more than running it.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}

/// Whether the file is no database at all.
pub(super) fn is_foreign(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::NotADatabase)
}

/// Read-only connections, opened when needed and kept.
#[derive(Clone, Debug)]
pub(super) struct Readers {
    path: PathBuf,
    idle: Arc<Mutex<Vec<Connection>>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    /// Opens the first connection, so that a store that cannot be read is known at once.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let first = open_reader(path).map_err(|error| error.at(path))?;
        let idle = Arc::new(Mutex::new(vec![first]));
        Ok(Self { path: path.to_owned(), idle, permits: Arc::new(Semaphore::new(READERS)) })
    }

    /// Does the work on one consistent state of the store.
    pub(super) async fn run<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| StoreError::Stopped)?;
        let readers = self.clone();
        let job = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let mut connection = readers.take()?;
            let answer = transact(&mut connection, TransactionBehavior::Deferred, work);
            readers.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            answer
        });
        job.await.map_err(|_| StoreError::Stopped)?.map_err(|error| error.at(&self.path))
    }

    fn take(&self) -> Result<Connection, StoreError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| open_reader(&self.path), Ok)
    }
}

/// Does the work in one transaction: what it leaves half done is rolled back.
pub(super) fn transact<T>(
    connection: &mut Connection,
    behavior: TransactionBehavior,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let transaction = connection.transaction_with_behavior(behavior)?;
    let answer = guarded(|| work(&transaction))?;
    transaction.commit()?;
    Ok(answer)
}

/// The outcome of work, a panic being one. Whoever calls it rolls back what the work has written.
pub(super) fn guarded<T>(work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    let done = catch_unwind(AssertUnwindSafe(work));
    done.unwrap_or_else(|payload| Err(StoreError::panicked(payload.as_ref())))
}
