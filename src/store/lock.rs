//! Only one process writes to a store: it holds a lock on a file beside it, which says who it is.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::StoreError;

/// Takes the lock; it is held until the file is dropped, and freed by the system when the process ends.
pub(super) fn lock(store: &Path) -> Result<File, StoreError> {
    let path = lock_path(store);
    let failed = |source: io::Error| StoreError::Io { path: path.clone(), source };
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => sign(&file).map(|()| file).map_err(failed),
        Err(TryLockError::WouldBlock) => Err(StoreError::Locked { path: store.to_owned(), holder: holder(&path) }),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

fn lock_path(store: &Path) -> PathBuf {
    let mut path = store.as_os_str().to_owned();
    path.push(".lock");
    path.into()
}

fn sign(mut file: &File) -> io::Result<()> {
    file.set_len(0)?;
    writeln!(file, "{}", std::process::id())
}

fn holder(path: &Path) -> Option<u32> {
    std::fs::read_to_string(path).ok()?.trim().parse().ok()
}
