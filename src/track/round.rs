//! What the visits of one round share: the template that they teach, and the answers that are not read yet. Some of
//! these are held, so that the store need not unpack them again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Mutex;

use crate::domain::model::Snapshot;
use crate::domain::template::Template;

/// Bytes of bodies that are held until they are read; the store remembers as many again.
const HELD: usize = 16 << 20;

/// The visits of one round.
pub(super) struct Round {
    pub(super) template: Mutex<Template>,
    room: AtomicUsize,
}

impl Round {
    pub(super) fn new(template: Template) -> Self {
        Self { template: Mutex::new(template), room: AtomicUsize::new(HELD) }
    }

    /// Holds an answer, as long as there is room.
    pub(super) fn hold(&self, snapshot: Arc<Snapshot>) -> Option<Arc<Snapshot>> {
        let size = snapshot.fetched.body.len();
        let taken = self.room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |room| room.checked_sub(size));
        taken.is_ok().then_some(snapshot)
    }
}
