//! Connections: one writer on a thread of its own, so that writes never wait for each other inside the
//! database, and a few read-only ones for blocking threads. What is asked of them lives in the neighbours.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};
use tokio::sync::{Semaphore, oneshot};

use super::presence::Presence;
use super::{StoreError, chain, migrate};

const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const STATEMENTS: usize = 64;
const READERS: usize = 2;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// Opens a store for writing: creates it, or brings it up to date.
pub(super) fn open_writer(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let mut connection = connect(path, flags)?;
    // Before anything is written, so that a file that is not ours stays as it is.
    migrate::check(&connection, path)?;
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
    migrate::migrate(&mut connection)?;
    chain::catch_up(&mut connection)?;
    Ok(connection)
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

/// The thread that owns the one writing connection. Dropping it waits for the jobs that were sent before.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    path: PathBuf,
    presence: Arc<Presence>,
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(mut connection: Connection, path: &Path) -> std::io::Result<Self> {
        let presence = Arc::new(Presence::of(path)?);
        let (jobs, queue) = mpsc::channel::<Job>();
        let thread = thread::Builder::new().name("store".to_owned()).spawn(move || {
            for job in queue {
                job(&mut connection);
            }
            close(&connection);
        })?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread), path: path.to_owned(), presence })
    }

    /// Does the work in one transaction: committed when this returns, or nothing of it written. It is done even
    /// when nobody waits for the answer any more.
    pub(super) async fn run<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let (sender, answer) = oneshot::channel();
        let presence = Arc::clone(&self.presence);
        let job: Job = Box::new(move |connection| {
            let present = presence.check(connection);
            let done = present.and_then(|()| transact(connection, TransactionBehavior::Immediate, work));
            // A caller that went away needs no answer.
            drop(sender.send(done));
        });
        let jobs = self.jobs.as_ref().ok_or(StoreError::Stopped)?;
        jobs.send(job).map_err(|_| StoreError::Stopped)?;
        answer.await.map_err(|_| StoreError::Stopped)?.map_err(|error| error.at(&self.path))
    }
}

impl Writer {
    /// Fails when the file is gone or another one, and saves what it held.
    pub(super) async fn check_presence(&self) -> Result<(), StoreError> {
        let presence = Arc::clone(&self.presence);
        self.run_bare(move |connection| presence.check(connection)).await
    }

    /// Does work that no transaction can hold.
    pub(super) async fn run_bare<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (sender, answer) = oneshot::channel();
        let job: Job = Box::new(move |connection| drop(sender.send(work(connection))));
        let jobs = self.jobs.as_ref().ok_or(StoreError::Stopped)?;
        jobs.send(job).map_err(|_| StoreError::Stopped)?;
        answer.await.map_err(|_| StoreError::Stopped)?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take().filter(|thread| thread.thread().id() != thread::current().id()) {
            // Jobs catch their panics; what is left to fail here has nobody to be told.
            drop(thread.join());
        }
    }
}

/// Leaves one file behind; a failure costs nothing but the size of the log beside it.
fn close(connection: &Connection) {
    if let Err(error) = connection.execute_batch("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE);") {
        tracing::warn!(%error, "store was not tidied up on closing");
    }
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

fn transact<T>(
    connection: &mut Connection,
    behavior: TransactionBehavior,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let transaction = connection.transaction_with_behavior(behavior)?;
    // What the work leaves half done is rolled back with the transaction.
    let done = catch_unwind(AssertUnwindSafe(|| work(&transaction)));
    let answer = done.unwrap_or_else(|payload| Err(StoreError::panicked(payload.as_ref())))?;
    transaction.commit()?;
    Ok(answer)
}
