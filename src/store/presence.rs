//! Whether the file of the store is still the one that was opened. A file that was deleted under a running program
//! takes writes for as long as it runs, and all of them are lost when it ends.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rusqlite::Connection;

use super::StoreError;

/// The file as it was when it was opened.
#[derive(Debug)]
pub(super) struct Presence {
    path: PathBuf,
    file: Option<FileId>,
    /// Where its content is saved when it is gone; none inside when that failed.
    rescued: OnceLock<Option<PathBuf>>,
}

/// What tells a file from another one at the same path.
type FileId = (u64, u64);

impl Presence {
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        Ok(Self { path: path.to_owned(), file: file_id(path)?, rescued: OnceLock::new() })
    }

    /// Fails when the file is gone, or is another one. What it held is saved then, from the file that only this
    /// connection still has.
    pub(super) fn check(&self, connection: &Connection) -> Result<(), StoreError> {
        if file_id(&self.path).is_ok_and(|file| file == self.file) {
            return Ok(());
        }
        let rescued = self.rescued.get_or_init(|| save(connection, rescue_path(&self.path)));
        Err(StoreError::Vanished { path: self.path.clone(), rescued: rescued.clone() })
    }
}

/// Refuses to begin an empty store where one was deleted whose content has been saved beside it.
pub(super) fn refuse_rescued(path: &Path) -> Result<(), StoreError> {
    let rescued = rescue_path(path);
    if rescued.exists() && !path.exists() {
        return Err(StoreError::Rescued { path: path.to_owned(), rescued });
    }
    Ok(())
}

fn rescue_path(path: &Path) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(".rescued");
    path.into()
}

fn save(connection: &Connection, to: PathBuf) -> Option<PathBuf> {
    match connection.execute("VACUUM INTO ?1", [to.to_str()?]) {
        Ok(_) => Some(to),
        Err(error) => {
            tracing::error!(to = %to.display(), %error, "what the store held could not be saved");
            None
        }
    }
}

#[cfg(unix)]
fn file_id(path: &Path) -> io::Result<Option<FileId>> {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata(path).map(|file| Some((file.dev(), file.ino())))
}

/// Elsewhere a file that is open cannot be deleted.
#[cfg(not(unix))]
fn file_id(path: &Path) -> io::Result<Option<FileId>> {
    fs::metadata(path).map(|_| None)
}
