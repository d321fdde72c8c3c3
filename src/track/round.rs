//! What the visits of one round share: the template that they teach, the answers that are not read yet, and which hosts
//! are silent. Some of the answers are held, so that the store need not unpack them again.

use std::collections::HashMap;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Mutex;
use url::{Position, Url};

use crate::domain::model::Snapshot;
use crate::domain::template::Template;

/// Bytes of bodies that are held until they are read; the store remembers as many again.
const HELD: usize = 16 << 20;

/// Requests in a row that brought no answer, after which a host is asked no more: each of them may have taken minutes,
/// and other sources wait for their turn.
const MOST_UNANSWERED: u32 = 5;

/// The visits of one round.
pub(super) struct Round {
    pub(super) template: Mutex<Template>,
    room: AtomicUsize,
    /// Requests in a row that brought no answer, by host.
    unanswered: std::sync::Mutex<HashMap<String, u32>>,
}

impl Round {
    pub(super) fn new(template: Template) -> Self {
        Self { template: Mutex::new(template), room: AtomicUsize::new(HELD), unanswered: std::sync::Mutex::default() }
    }

    /// Whether the host of an address has left so many requests without an answer that another one is in vain.
    pub(super) fn is_silent(&self, url: &Url) -> bool {
        let unanswered = self.unanswered.lock().unwrap_or_else(PoisonError::into_inner);
        unanswered.get(host_of(url)).is_some_and(|count| *count >= MOST_UNANSWERED)
    }

    /// Notes whether a request brought an answer, whatever it was.
    pub(super) fn note(&self, url: &Url, is_answered: bool) {
        let mut unanswered = self.unanswered.lock().unwrap_or_else(PoisonError::into_inner);
        if is_answered {
            unanswered.remove(host_of(url));
        } else {
            *unanswered.entry(host_of(url).to_owned()).or_default() += 1;
        }
    }

    /// Holds an answer, as long as there is room.
    pub(super) fn hold(&self, snapshot: Snapshot) -> Option<Snapshot> {
        let size = snapshot.fetched.body.len();
        let taken = self.room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |room| room.checked_sub(size));
        taken.is_ok().then_some(snapshot)
    }
}

fn host_of(url: &Url) -> &str {
    &url[Position::BeforeHost..Position::AfterPort]
}
