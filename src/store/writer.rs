//! The thread that owns the one writing connection, so that writes never wait for each other inside the database. What
//! is small and comes often is committed together: a disk takes as long to make sure of one answer as of fifty.

use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread::{self, JoinHandle};

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::oneshot;

use super::StoreError;
use super::presence::Presence;
use super::sqlite::{guarded, transact};

/// Jobs that are committed together at most; those behind them wait as long.
const MOST_TOGETHER: usize = 64;

/// Work in a transaction that others share, or that could not be begun.
type Shared = dyn FnOnce(Result<&Transaction<'_>, StoreError>) -> Outcome + Send;

enum Job {
    /// Has the connection for itself.
    Alone(Box<dyn FnOnce(&mut Connection) + Send>),
    /// Shares its transaction with those that wait beside it.
    Together(Box<Shared>),
}

/// What a job that shares its transaction has come to. Nobody is told before the transaction is.
struct Outcome {
    /// Why the database gave up the whole transaction, as it does when its disk is full.
    broken: Option<StoreError>,
    tell: Box<dyn FnOnce(Result<(), StoreError>)>,
}

/// The thread. Dropping it waits for the jobs that were sent before.
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
        let witness = Arc::clone(&presence);
        let thread = thread::Builder::new().name("store".to_owned()).spawn(move || {
            let mut next = queue.recv().ok();
            while let Some(job) = next {
                next = match job {
                    Job::Alone(work) => {
                        work(&mut connection);
                        None
                    }
                    Job::Together(_) => write_together(&mut connection, &witness, job, &queue),
                };
                next = next.or_else(|| queue.recv().ok());
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
        let presence = Arc::clone(&self.presence);
        let done = self.run_bare(move |connection| {
            presence.check(connection)?;
            transact(connection, TransactionBehavior::Immediate, work)
        });
        done.await.map_err(|error| error.at(&self.path))
    }

    /// The same for what is small and comes often: it shares its transaction with others that wait. Work that fails is
    /// taken back by itself.
    pub(super) async fn run_together<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let (sender, answer) = oneshot::channel();
        let job = Job::Together(Box::new(move |transaction| {
            let (done, is_sound) = match transaction {
                Ok(transaction) => within_savepoint(transaction, work),
                Err(error) => (Err(error), false),
            };
            let broken = done.as_ref().err().filter(|_| !is_sound).map(StoreError::again);
            // A caller that went away needs no answer.
            Outcome { broken, tell: Box::new(move |all| drop(sender.send(all.and(done)))) }
        }));
        self.send(job)?;
        answer.await.map_err(|_| StoreError::Stopped)?.map_err(|error| error.at(&self.path))
    }

    /// Fails when the file is gone or another one, and saves what it held.
    pub(super) async fn check_presence(&self) -> Result<(), StoreError> {
        let presence = Arc::clone(&self.presence);
        self.run_bare(move |connection| presence.check(connection)).await
    }

    /// Does work that no transaction can hold.
    pub(super) async fn run_bare<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (sender, answer) = oneshot::channel();
        self.send(Job::Alone(Box::new(move |connection| drop(sender.send(work(connection))))))?;
        answer.await.map_err(|_| StoreError::Stopped)?
    }

    fn send(&self, job: Job) -> Result<(), StoreError> {
        let jobs = self.jobs.as_ref().ok_or(StoreError::Stopped)?;
        jobs.send(job).map_err(|_| StoreError::Stopped)
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

/// Does this job and those that wait behind it in one transaction, and tells each when all of it is on disk. Returns
/// the job that it came upon and that cannot share it.
fn write_together(
    connection: &mut Connection,
    presence: &Presence,
    first: Job,
    queue: &mpsc::Receiver<Job>,
) -> Option<Job> {
    let (mut next, mut outcomes) = (Some(first), Vec::new());
    let transaction = presence
        .check(connection)
        .and_then(|()| Ok(connection.transaction_with_behavior(TransactionBehavior::Immediate)?));
    let mut broken = None;
    while broken.is_none()
        && let Some(Job::Together(work)) = next.take_if(|job| matches!(job, Job::Together(_)))
    {
        let outcome = work(transaction.as_ref().map_err(StoreError::again));
        broken = outcome.broken;
        outcomes.push(outcome.tell);
        let has_room = transaction.is_ok() && outcomes.len() < MOST_TOGETHER;
        next = has_room.then(|| queue.try_recv().ok()).flatten();
    }
    let done = match broken {
        Some(error) => Err(error),
        None => transaction.and_then(|transaction| Ok(transaction.commit()?)),
    };
    outcomes.into_iter().for_each(|tell| tell(done.as_ref().copied().map_err(StoreError::again)));
    next
}

/// Does work of which nothing is left if it fails, and whether the transaction can still be committed: not if it is
/// gone, as after a full disk, or if what was half done could not be taken back.
fn within_savepoint<T>(
    transaction: &Transaction<'_>,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
) -> (Result<T, StoreError>, bool) {
    let run = |sql: &str| transaction.prepare_cached(sql)?.execute([]).map(drop);
    if let Err(error) = run("SAVEPOINT job") {
        return (Err(error.into()), false);
    }
    let done = guarded(|| work(transaction));
    let taken_back = if done.is_err() { run("ROLLBACK TO job") } else { Ok(()) };
    match taken_back.and_then(|()| run("RELEASE job")) {
        Ok(()) => (done, true),
        Err(error) => (done.and(Err(error.into())), false),
    }
}

/// Leaves one file behind; a failure costs nothing but the size of the log beside it.
fn close(connection: &Connection) {
    if let Err(error) = connection.execute_batch("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE);") {
        tracing::warn!(%error, "store was not tidied up on closing");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::Sender;

    use rusqlite::{ErrorCode, ffi};

    use super::*;

    /// A writer on a file with a table of notes, of the same pages as a store.
    fn writer(folder: &Path) -> Writer {
        let path = folder.join("notes.db");
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE notes (text TEXT NOT NULL UNIQUE)").unwrap();
        Writer::start(connection, &path).unwrap()
    }

    /// Keeps the thread busy until the sender is dropped, so that what is sent meanwhile waits side by side.
    fn hold(writer: &Writer) -> Sender<()> {
        let (held, release) = mpsc::channel();
        writer.send(Job::Alone(Box::new(move |_| assert!(release.recv().is_err())))).unwrap();
        held
    }

    async fn note(writer: &Writer, text: String) -> Result<usize, StoreError> {
        writer.run_together(move |transaction| Ok(transaction.execute("INSERT INTO notes VALUES (?1)", [text])?)).await
    }

    async fn notes(writer: &Writer) -> Vec<String> {
        let list = |connection: &mut Connection| -> Result<Vec<String>, StoreError> {
            let mut statement = connection.prepare("SELECT substr(text, 1, 9) FROM notes ORDER BY rowid")?;
            Ok(statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
        };
        writer.run_bare(list).await.unwrap()
    }

    #[tokio::test]
    async fn of_jobs_that_are_committed_together_one_that_fails_takes_nothing_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let writer = writer(folder.path());
        let held = hold(&writer);
        let panics = writer.run_together::<(), _>(|transaction| {
            transaction.execute("INSERT INTO notes VALUES ('half done')", [])?;
            panic!("out of range")
        });
        let release = async { drop(held) };
        let first = note(&writer, "first".to_owned());
        let (first, again, panicked, last, ()) =
            tokio::join!(first, note(&writer, "first".to_owned()), panics, note(&writer, "last".to_owned()), release);
        assert_eq!((first.unwrap(), last.unwrap()), (1, 1));
        assert!(again.unwrap_err().to_string().contains("database"), "a note twice is refused");
        assert!(panicked.unwrap_err().to_string().contains("out of range"));
        assert_eq!(notes(&writer).await, ["first", "last"]);
    }

    #[tokio::test]
    async fn when_the_disk_is_full_all_that_share_the_transaction_hear_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let writer = writer(folder.path());
        let pages = |pages: u32| {
            move |connection: &mut Connection| Ok(connection.pragma_update(None, "max_page_count", pages)?)
        };
        writer.run_bare(pages(20)).await.unwrap();
        let held = hold(&writer);
        let release = async { drop(held) };
        let (first, large, after, ()) = tokio::join!(
            note(&writer, "first".to_owned()),
            note(&writer, "x".repeat(1 << 20)),
            note(&writer, "after".to_owned()),
            release
        );
        for lost in [first, large] {
            let error = lost.unwrap_err();
            assert!(error.is_transient(), "{error}");
        }
        assert_eq!(after.unwrap(), 1);
        assert_eq!(notes(&writer).await, ["after"]);
        writer.run_bare(pages(u32::MAX / 4)).await.unwrap();
        assert_eq!(note(&writer, "x".repeat(1 << 20)).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn what_cannot_be_taken_back_is_not_committed() {
        let folder = tempfile::tempdir().unwrap();
        let writer = writer(folder.path());
        let held = hold(&writer);
        let stuck = writer.run_together::<(), _>(|transaction| {
            transaction.execute_batch("INSERT INTO notes VALUES ('half done'); RELEASE job")?;
            Err(StoreError::Stopped)
        });
        let release = async { drop(held) };
        let (first, stuck, after, ()) =
            tokio::join!(note(&writer, "first".to_owned()), stuck, note(&writer, "after".to_owned()), release);
        assert!(first.is_err() && stuck.is_err());
        assert_eq!(after.unwrap(), 1);
        assert_eq!(notes(&writer).await, ["after"]);
    }

    #[test]
    fn an_error_told_twice_says_the_same() {
        let full = rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_FULL), Some("disk is full".to_owned()));
        assert_eq!(full.sqlite_error_code(), Some(ErrorCode::DiskFull));
        let error = StoreError::from(full).at(Path::new("a.db"));
        assert_eq!(format!("{:?}", error.again()), format!("{error:?}"));
    }
}
