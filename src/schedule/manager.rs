//! What the service manager is told, by the protocol of `sd_notify(3)`: readiness, reloads, one line on how things are,
//! and signs of life. Without a manager that listens (`NOTIFY_SOCKET`) nothing happens, and one that is slow to listen
//! holds nothing up: a thread of its own does the talking.

use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use sd_notify::NotifyState;

/// Words that wait for the manager; beyond them, words are dropped.
const MOST_WAITING: usize = 64;

/// The service manager, if there is one.
#[derive(Clone, Debug)]
pub struct Manager {
    told: Arc<Mutex<Told>>,
    words: Option<SyncSender<Word>>,
}

#[derive(Debug)]
enum Word {
    Ready,
    Reloading,
    Stopping,
    Alive,
    Status(String),
}

impl Default for Manager {
    fn default() -> Self {
        let words = std::env::var_os("NOTIFY_SOCKET").and_then(|_| start());
        Self { told: Arc::default(), words }
    }
}

#[derive(Debug, Default)]
struct Told {
    status: String,
    /// What went wrong with the last reload.
    complaint: Option<String>,
}

impl Manager {
    /// The daemon does its work from now on; also after a reload.
    pub fn ready(&self) {
        self.say(Word::Ready);
    }

    /// The configuration is read again; [`Manager::ready`] has to follow.
    pub fn reloading(&self) {
        self.say(Word::Reloading);
    }

    /// The end has begun.
    pub fn stopping(&self) {
        self.say(Word::Stopping);
    }

    /// The daemon is alive and can write.
    pub fn alive(&self) {
        self.say(Word::Alive);
    }

    /// How often the manager wants to hear that; none when it does not care.
    pub fn watchdog(&self) -> Option<Duration> {
        sd_notify::watchdog_enabled()
    }

    /// How things are, in one line; said only when it is another line than before.
    pub fn status(&self, status: &str) {
        self.tell(|told| status.clone_into(&mut told.status));
    }

    /// Adds to the line what went wrong with the last reload, until one succeeds.
    pub fn complain(&self, complaint: Option<String>) {
        self.tell(|told| told.complaint = complaint);
    }

    fn tell(&self, change: impl FnOnce(&mut Told)) {
        let line = {
            let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
            let before = told.line();
            change(&mut told);
            Some(told.line()).filter(|line| *line != before)
        };
        if let Some(line) = line {
            self.say(Word::Status(line));
        }
    }

    fn say(&self, word: Word) {
        if let Some(words) = &self.words {
            // A manager that does not listen misses something.
            let _ = words.try_send(word);
        }
    }
}

fn start() -> Option<SyncSender<Word>> {
    let (words, waiting) = sync_channel(MOST_WAITING);
    let talk = move || {
        let mut has_failed = false;
        for word in waiting {
            let said = say(&word);
            // Once is enough: the socket does not come back.
            if let (Err(error), false) = (&said, has_failed) {
                tracing::warn!(%error, "the service manager cannot be told");
            }
            has_failed |= said.is_err();
        }
    };
    thread::Builder::new().name("manager".to_owned()).spawn(talk).ok().map(|_| words)
}

fn say(word: &Word) -> std::io::Result<()> {
    match word {
        Word::Ready => sd_notify::notify(&[NotifyState::Ready]),
        Word::Reloading => sd_notify::notify(&[NotifyState::Reloading, NotifyState::monotonic_usec_now()?]),
        Word::Stopping => sd_notify::notify(&[NotifyState::Stopping, NotifyState::Status("stopping")]),
        Word::Alive => sd_notify::notify(&[NotifyState::Watchdog]),
        Word::Status(line) => sd_notify::notify(&[NotifyState::Status(line)]),
    }
}

impl Told {
    /// A line end would begin another message.
    fn line(&self) -> String {
        let complaint = self.complaint.as_deref().map(|text| format!("; {text}")).unwrap_or_default();
        format!("{}{complaint}", self.status).replace(['\n', '\r'], " ")
    }
}
