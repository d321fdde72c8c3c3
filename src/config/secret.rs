//! Passwords and keys: the configuration says where they are, and whoever needs one reads it there.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Where a password or key is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Secret {
    /// In this file; a relative path is joined with the folder of the configuration.
    File(PathBuf),
    /// In the environment variable of this name.
    Variable(String),
    /// In the file of this name in `$CREDENTIALS_DIRECTORY`, where systemd puts credentials.
    Credential(String),
}

/// A secret that is not where the configuration says.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be read.
    #[error("cannot read the secret in {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// There is no such variable, or it is no text.
    #[error("the environment has no variable {0} with the secret")]
    NoVariable(String),
    /// systemd handed over no credentials.
    #[error("no credential {0}: there is no $CREDENTIALS_DIRECTORY; write LoadCredential={0}:FILE into the unit")]
    NoCredentials(String),
    /// There is nothing in it.
    #[error("the secret in {0} is empty")]
    Empty(String),
}

impl Secret {
    /// The secret, without the line end that editors put after it.
    pub fn read(&self) -> Result<String, SecretError> {
        let (text, place) = match self {
            Self::File(path) => (read(path)?, path.display().to_string()),
            Self::Variable(name) => {
                let text = env::var(name).map_err(|_| SecretError::NoVariable(name.clone()))?;
                (text, format!("${name}"))
            }
            Self::Credential(name) => {
                let folder = env::var_os("CREDENTIALS_DIRECTORY");
                let folder = folder.ok_or_else(|| SecretError::NoCredentials(name.clone()))?;
                let path = Path::new(&folder).join(name);
                (read(&path)?, path.display().to_string())
            }
        };
        match text.trim_end_matches(['\n', '\r']) {
            "" => Err(SecretError::Empty(place)),
            secret => Ok(secret.to_owned()),
        }
    }
}

fn read(path: &Path) -> Result<String, SecretError> {
    fs::read_to_string(path).map_err(|source| SecretError::Unreadable { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_end_of_a_file_is_no_part_of_the_secret() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        fs::write(&path, " pass word \r\n").unwrap();
        assert_eq!(Secret::File(path.clone()).read().unwrap(), " pass word ");
        fs::write(&path, "\n").unwrap();
        assert!(matches!(Secret::File(path.clone()).read(), Err(SecretError::Empty(_))));
        let missing = Secret::File(path.with_extension("old")).read().unwrap_err().to_string();
        assert!(missing.contains("password.old"), "{missing}");
    }

    #[test]
    fn a_variable_that_is_not_there_is_named() {
        let missing = Secret::Variable("PRESSDIFF_NO_SUCH_VARIABLE".into()).read().unwrap_err().to_string();
        assert!(missing.contains("PRESSDIFF_NO_SUCH_VARIABLE"), "{missing}");
    }
}
