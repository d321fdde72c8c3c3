//! The file with the password's hash. A file that is there and cannot be read lets nobody in.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};

/// Fewest characters of a password.
const SHORTEST: usize = 10;
/// Most bytes of a password: hashing takes time for each.
const LONGEST: usize = 1_024;

/// Where the password of the review pages is kept.
#[derive(Clone, Debug)]
pub struct Passwords {
    path: PathBuf,
}

/// What can be wrong with a password or its file.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too easily guessed.
    #[error("a password needs at least {SHORTEST} characters and at most {LONGEST} bytes")]
    Length,
    /// The file cannot be used.
    #[error("{} cannot be used", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file holds something else.
    #[error("{} does not hold the hash of a password; set it again with `pressdiff passwd`", .0.display())]
    Damaged(PathBuf),
    /// The password could not be hashed.
    #[error("the password could not be hashed: {0}")]
    Hash(String),
}

impl Passwords {
    /// Kept beside the store at this path.
    pub fn beside(store: &Path) -> Self {
        let mut path = store.as_os_str().to_owned();
        path.push(".password");
        Self { path: path.into() }
    }

    /// The hash, if a password is set. Read anew each time, because `pressdiff passwd` is another process; the file is
    /// a line long.
    pub(in crate::web) fn read(&self) -> Result<Option<String>, PasswordError> {
        match fs::read_to_string(&self.path) {
            Ok(text) => match PasswordHash::new(text.trim()) {
                Ok(_) => Ok(Some(text.trim().to_owned())),
                Err(_) => Err(PasswordError::Damaged(self.path.clone())),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(PasswordError::Io { path: self.path.clone(), source }),
        }
    }

    /// Whether a password is set.
    pub fn is_set(&self) -> Result<bool, PasswordError> {
        Ok(self.read()?.is_some())
    }

    /// Sets the password; whoever was logged in with another one no longer is. Takes a while on purpose.
    pub fn set(&self, password: &str) -> Result<(), PasswordError> {
        if password.chars().count() < SHORTEST || password.len() > LONGEST {
            return Err(PasswordError::Length);
        }
        let hash = Argon2::default().hash_password(password.as_bytes());
        let hash = hash.map_err(|error| PasswordError::Hash(error.to_string()))?;
        let mut fresh = self.path.clone().into_os_string();
        fresh.push(".new");
        let fresh = PathBuf::from(fresh);
        let failed = |source| PasswordError::Io { path: fresh.clone(), source };
        write_private(&fresh, &format!("{hash}\n")).map_err(failed)?;
        fs::rename(&fresh, &self.path).map_err(failed)
    }

    /// Takes the password away; returns whether there was one.
    pub fn remove(&self) -> Result<bool, PasswordError> {
        match fs::remove_file(&self.path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(source) => Err(PasswordError::Io { path: self.path.clone(), source }),
        }
    }
}

/// Whether the hash is this password's. Takes a while on purpose.
pub(super) fn verify(password: &str, hash: &str) -> bool {
    let Ok(hash) = PasswordHash::new(hash) else { return false };
    password.len() <= LONGEST && Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()
}

/// Readable by its owner alone from the first byte on, and on disk when this returns.
fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_kept_as_argon2id_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let passwords = Passwords::beside(&folder.path().join("a.db"));
        assert!(passwords.read().unwrap().is_none());
        assert!(matches!(passwords.set("too short"), Err(PasswordError::Length)));
        passwords.set("a long enough one").unwrap();
        let hash = passwords.read().unwrap().unwrap();
        assert!(hash.starts_with("$argon2id$v=19$"), "{hash}");
        assert!(verify("a long enough one", &hash) && !verify("a long enough two", &hash));
        assert!(passwords.remove().unwrap() && !passwords.remove().unwrap());
    }

    #[test]
    fn a_damaged_file_lets_nobody_in() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("a.db");
        fs::write(folder.path().join("a.db.password"), "secret\n").unwrap();
        assert!(matches!(Passwords::beside(&store).read(), Err(PasswordError::Damaged(_))));
    }
}
