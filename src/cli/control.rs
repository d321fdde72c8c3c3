//! How commands speak to the daemon that runs with a store: over a socket beside the store. Nobody answers on the
//! socket of a daemon that is gone, so no process that merely has its number is ever disturbed.
//!
//! A request is one line; the answer is one line of JSON.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio::time::timeout;

/// The one request there is.
const RELOAD: &str = "reload\n";
/// How long the other side may take to say or hear something.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long the daemon may take to change over.
const LONGEST_RELOAD: Duration = Duration::from_mins(1);

/// What the daemon says about a reload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "outcome")]
pub(super) enum ReloadOutcome {
    /// The new configuration is in force.
    Taken {
        /// Sources that are watched now.
        sources: usize,
        /// What of it is not in force yet, in sentences.
        notes: Vec<String>,
    },
    /// It has mistakes; the old one is in force.
    Refused {
        /// All of them.
        mistakes: String,
    },
    /// It has none, but cannot be used; the old one is in force.
    Failed {
        /// Why.
        error: String,
    },
}

/// The daemon's end. Without a socket, signals still work.
pub(super) struct Control {
    socket: Option<(UnixListener, PathBuf)>,
}

/// Somebody who asked for a reload and waits for the answer.
pub(super) struct Asked {
    stream: UnixStream,
}

impl Control {
    /// Listens beside a store that this process has locked: a socket that is there was left by one that was killed.
    pub(super) fn open(store: &Path) -> Self {
        let path = socket_path(store);
        match listen(&path) {
            Ok(listener) => Self { socket: Some((listener, path)) },
            Err(error) => {
                tracing::warn!(socket = %path.display(), %error, "`pressdiff reload` will not reach this process; SIGHUP does");
                Self { socket: None }
            }
        }
    }

    /// Waits for the next request.
    pub(super) async fn asked(&mut self) -> Asked {
        let Some((listener, _)) = &self.socket else { return std::future::pending().await };
        loop {
            match listener.accept().await {
                Ok((mut stream, _)) => {
                    if timeout(PATIENCE, is_reload(&mut stream)).await.is_ok_and(|is_reload| is_reload) {
                        return Asked { stream };
                    }
                }
                // Too many open files, say; it passes.
                Err(_) => tokio::time::sleep(PATIENCE).await,
            }
        }
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        if let Some((_, path)) = &self.socket {
            // One that stays is taken over by the next daemon.
            let _ = fs::remove_file(path);
        }
    }
}

impl Asked {
    /// Answers; whoever asked may have gone.
    pub(super) async fn answer(mut self, answer: &ReloadOutcome) {
        let line = serde_json::to_string(answer).unwrap_or_default() + "\n";
        let _ = timeout(PATIENCE, self.stream.write_all(line.as_bytes())).await;
    }
}

/// Asks the daemon of a store to read its configuration again; none when there is no daemon.
pub(super) fn ask_to_reload(store: &Path) -> io::Result<Option<ReloadOutcome>> {
    let path = socket_path(store);
    let mut stream = match std::os::unix::net::UnixStream::connect(path) {
        Ok(stream) => stream,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    stream.set_read_timeout(Some(LONGEST_RELOAD))?;
    stream.write_all(RELOAD.as_bytes())?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    Ok(Some(serde_json::from_str(&line)?))
}

fn socket_path(store: &Path) -> PathBuf {
    let mut path = store.canonicalize().unwrap_or_else(|_| store.to_owned()).into_os_string();
    path.push(".control");
    path.into()
}

fn listen(path: &Path) -> io::Result<UnixListener> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

async fn is_reload(stream: &mut UnixStream) -> bool {
    let mut request = [0; RELOAD.len()];
    stream.read_exact(&mut request).await.is_ok() && request == *RELOAD.as_bytes()
}
