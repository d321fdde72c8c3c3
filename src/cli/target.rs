//! Files that commands write where the user says, and never by mistake over something that is there.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::failure::UsageError;
use crate::config::{Channel, Config, Secret};

/// What SQLite, the lock, the daemon and a rescue put beside the store.
const BESIDE_STORE: [&str; 7] = ["", "-wal", "-shm", "-journal", ".lock", ".control", ".rescued"];

/// What a command may write to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A file that is not there, or may be replaced.
    File,
    /// A pipe, a device or the like, which is written to and stays what it is.
    Stream,
}

/// Refuses a file that cannot or should not be written: a folder, a file of the store or of the configuration, and what
/// is there already, unless `force` says that it may be replaced.
pub(super) fn check_target(path: &Path, force: bool, config: &Config) -> Result<Target, UsageError> {
    let file = path.display();
    if path.is_dir() {
        return Err(UsageError(format!("{file} is a folder; name a file in it")));
    }
    let place = place_of(path);
    if place == place_of(&config.store.path) {
        return Err(UsageError(format!("{file} is the store itself")));
    }
    if files_of_store(&config.store.path).iter().any(|own| place_of(own) == place) {
        return Err(UsageError(format!("{file} is a file of the store")));
    }
    if files_of_config(config).iter().any(|own| place_of(own) == place) {
        return Err(UsageError(format!("{file} is a file that the configuration names, or itself")));
    }
    if path.metadata().is_ok_and(|what| !what.is_file()) {
        return Ok(Target::Stream);
    }
    if !force && path.symlink_metadata().is_ok() {
        return Err(UsageError(format!("{file} is there already; --force replaces it")));
    }
    Ok(Target::File)
}

/// Where a file is, or would be, whatever links lead there.
fn place_of(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let would_be = || Some(folder.canonicalize().ok()?.join(path.file_name()?));
    path.canonicalize().ok().or_else(would_be).unwrap_or_else(|| path.to_owned())
}

/// They stand beside the name of the store, and beside the file that a link of that name leads to.
fn files_of_store(store: &Path) -> Vec<PathBuf> {
    let beside = |store: &Path| {
        BESIDE_STORE.map(|end| {
            let mut name = OsString::from(store);
            name.push(end);
            PathBuf::from(name)
        })
    };
    [beside(store), beside(&place_of(store))].concat()
}

/// The configuration, the secrets and keys that it names, and the logs that the daemon writes.
fn files_of_config(config: &Config) -> Vec<PathBuf> {
    let mut files = vec![config.path.clone()];
    let mut secrets = Vec::new();
    if let Some(smtp) = &config.smtp {
        files.extend(smtp.ca_file.clone());
        files.extend(smtp.dkim.as_ref().map(|dkim| dkim.key_file.clone()));
        secrets.extend(smtp.login.as_ref().map(|login| &login.password));
    }
    for alert in &config.alerts {
        match &alert.channel {
            Channel::Log { path } => files.extend(path.clone()),
            Channel::Webhook { secret, .. } => secrets.extend(secret),
            Channel::Email { .. } => {}
        }
    }
    files.extend(secrets.into_iter().filter_map(|secret| match secret {
        Secret::File(path) => Some(path.clone()),
        Secret::Variable(_) | Secret::Credential(_) => None,
    }));
    files
}
