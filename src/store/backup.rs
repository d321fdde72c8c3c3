//! Copies the store while others write to it: everything as it stands at one moment, checked before anybody can take it
//! for a backup.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::ops::ControlFlow;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags, Transaction};

use super::{Store, StoreError, list_damage, list_dangling};

/// Pages that are copied between two words about the progress: 4 MiB.
const STEP: i32 = 1024;
/// The wait for a file that is held by somebody.
const PAUSE: Duration = Duration::from_millis(50);

/// Hears how many pages of how many are copied, and says whether to go on.
pub type CopyWatcher = Box<dyn Fn(u64, u64) -> ControlFlow<()> + Send>;

impl Store {
    /// Writes a copy of the store to a file, which appears whole and checked or not at all, in place of what may be
    /// there. Returns its size in bytes; none when the watcher stopped it. Readable for its owner only.
    ///
    /// Writers go on meanwhile; their log grows until the copy is done, because its moment has to be kept.
    pub async fn back_up(&self, to: &Path, watcher: CopyWatcher) -> Result<Option<u64>, StoreError> {
        let to = to.to_owned();
        self.read(move |transaction| {
            let failed = |source| StoreError::Io { path: to.clone(), source };
            let part = Part::create(&to).map_err(failed)?;
            if copy(transaction, &part.path, &watcher)?.is_break() {
                return Ok(None);
            }
            part.keep_as(&to).map(Some).map_err(failed)
        })
        .await
    }
}

fn copy(transaction: &Transaction<'_>, to: &Path, watcher: &CopyWatcher) -> Result<ControlFlow<()>, StoreError> {
    // The first reading fixes the moment.
    transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut copy = Connection::open_with_flags(to, flags)?;
    // Nothing has to be restored of a copy that fails.
    copy.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")?;
    let backup = Backup::new(transaction, &mut copy)?;
    loop {
        let result = backup.step(STEP)?;
        let progress = backup.progress();
        let pages = |count: i32| u64::try_from(count).unwrap_or(0);
        let (total, left) = (pages(progress.pagecount), pages(progress.remaining));
        if watcher(total - left, total).is_break() {
            return Ok(ControlFlow::Break(()));
        }
        match result {
            StepResult::Done => break,
            StepResult::More => {}
            // Somebody holds the file for a moment.
            _ => thread::sleep(PAUSE),
        }
    }
    drop(backup);
    check(&mut copy)?;
    Ok(ControlFlow::Continue(()))
}

/// One file without a log beside it, and nothing wrong with it.
fn check(copy: &mut Connection) -> Result<(), StoreError> {
    copy.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
    let transaction = copy.transaction()?;
    let mut problems = list_damage(&transaction)?;
    problems.extend(list_dangling(&transaction)?);
    if problems.is_empty() { Ok(()) } else { Err(StoreError::Damaged(problems.join("; "))) }
}

/// The unfinished copy, which goes when it does not become the backup. What a process leaves that was killed, the next
/// one finds under the same name.
struct Part {
    path: PathBuf,
    /// Locked while the copy is made.
    file: File,
}

impl Part {
    fn create(target: &Path) -> io::Result<Self> {
        let path = beside(target, ".part");
        let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(io::Error::other("another backup is being written there")),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        let part = Self { path, file };
        part.remove_logs();
        part.file.set_len(0)?;
        Ok(part)
    }

    /// On the disk before it has the name, so that the name never stands for less.
    fn keep_as(self, target: &Path) -> io::Result<u64> {
        self.file.sync_all()?;
        fs::rename(&self.path, target)?;
        let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder)?.sync_all()?;
        Ok(self.file.metadata()?.len())
    }

    /// What SQLite would take for changes to the copy.
    fn remove_logs(&self) {
        for end in ["-wal", "-shm", "-journal"] {
            let _ = fs::remove_file(beside(&self.path, end));
        }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // It is not there any more when it has become the backup.
        if fs::remove_file(&self.path).is_ok() {
            self.remove_logs();
        }
    }
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}
