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

/// Requests in a row that brought no answer, after which a host is asked for few pages more: each of them may have
/// taken minutes, and other sources wait for their turn.
const MOST_UNANSWERED: u32 = 5;
/// The same for all requests of a round, in a row or not, after which it is asked for none.
const MOST_UNANSWERED_IN_ALL: u32 = 30;

/// The visits of one round.
pub(super) struct Round {
    pub(super) template: Mutex<Template>,
    room: AtomicUsize,
    hosts: std::sync::Mutex<HashMap<String, Silence>>,
}

/// How a host leaves requests without an answer.
#[derive(Default)]
struct Silence {
    in_row: u32,
    in_all: u32,
    /// Pages that are skipped between two that it is asked for all the same.
    distance: u32,
    skipped: u32,
}

impl Round {
    pub(super) fn new(template: Template) -> Self {
        Self { template: Mutex::new(template), room: AtomicUsize::new(HELD), hosts: std::sync::Mutex::default() }
    }

    /// Whether to ask for a page, as far as the host of its address is not silent. A few pages that do not answer may
    /// stand beside each other, so pages further and further away are still asked for, if they answered the last time.
    pub(super) fn may_ask(&self, url: &Url, has_answered: bool) -> bool {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        hosts.get_mut(host_of(url)).is_none_or(|silence| silence.may_ask(has_answered))
    }

    /// Whether the host of an address answers again, so that what was skipped may be asked for.
    pub(super) fn is_answering(&self, url: &Url) -> bool {
        let hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        hosts.get(host_of(url)).is_none_or(|silence| !silence.is_long() && silence.in_row < MOST_UNANSWERED)
    }

    /// Notes whether a request brought an answer, whatever it was.
    pub(super) fn note(&self, url: &Url, is_answered: bool) {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(silence) = hosts.get_mut(host_of(url)) else {
            let unanswered = u32::from(!is_answered);
            let silence = Silence { in_row: unanswered, in_all: unanswered, ..Silence::default() };
            hosts.insert(host_of(url).to_owned(), silence);
            return;
        };
        if is_answered {
            *silence = Silence { in_all: silence.in_all, ..Silence::default() };
        } else {
            silence.in_row += 1;
            silence.in_all += 1;
        }
    }

    /// Holds an answer, as long as there is room.
    pub(super) fn hold(&self, snapshot: Snapshot) -> Option<Snapshot> {
        let size = snapshot.fetched.body.len();
        let taken = self.room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |room| room.checked_sub(size));
        taken.is_ok().then_some(snapshot)
    }
}

impl Silence {
    fn is_long(&self) -> bool {
        self.in_all >= MOST_UNANSWERED_IN_ALL
    }

    fn may_ask(&mut self, has_answered: bool) -> bool {
        if self.in_row < MOST_UNANSWERED || self.is_long() {
            return !self.is_long();
        }
        if !has_answered {
            return false;
        }
        if self.skipped < self.distance {
            self.skipped += 1;
            return false;
        }
        (self.skipped, self.distance) = (0, (self.distance * 2).max(1));
        true
    }
}

fn host_of(url: &Url) -> &str {
    &url[Position::BeforeHost..Position::AfterPort]
}
