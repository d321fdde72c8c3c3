//! Files that commands write where the user says, and never by mistake over something that is there.

use std::path::Path;

use super::failure::UsageError;

/// Refuses a file that cannot or should not be written: a folder, the store, and what is there already, unless
/// `force` says that it may be replaced.
pub(super) fn check_target(path: &Path, force: bool, store: &Path) -> Result<(), UsageError> {
    let file = path.display();
    if path.is_dir() {
        return Err(UsageError(format!("{file} is a folder; name a file in it")));
    }
    if path.canonicalize().is_ok_and(|path| store.canonicalize().is_ok_and(|store| path == store)) {
        return Err(UsageError(format!("{file} is the store itself")));
    }
    if !force && path.symlink_metadata().is_ok() {
        return Err(UsageError(format!("{file} is there already; --force replaces it")));
    }
    Ok(())
}
