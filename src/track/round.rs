//! What the visits of one round share: the template that they teach, and the answers that are not done with. Answers
//! whose bytes are known are kept many in one transaction; nothing is made of them before. Of the others some are
//! held until they are read, so that the store need not unpack them again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Mutex;

use super::{TrackError, Tracker};
use crate::domain::model::{Fetched, Snapshot, Source};
use crate::domain::template::Template;

/// Known answers that are kept at once.
const BATCH: usize = 64;
/// Bytes of their bodies.
const BATCH_BYTES: usize = 8 << 20;
/// Bytes of bodies that are held until they are read; the store remembers as many again.
const HELD: usize = 16 << 20;

/// The visits of one round.
pub(super) struct Round {
    pub(super) template: Mutex<Template>,
    known: Mutex<Known>,
    room: AtomicUsize,
}

/// Answers whose bytes the store has, each with the hash of its body.
#[derive(Default)]
struct Known {
    answers: Vec<(Fetched, [u8; 32])>,
    bytes: usize,
}

impl Round {
    pub(super) fn new(template: Template) -> Self {
        Self { template: Mutex::new(template), known: Mutex::default(), room: AtomicUsize::new(HELD) }
    }

    /// Holds an answer, as long as there is room.
    pub(super) fn hold(&self, snapshot: Arc<Snapshot>) -> Option<Arc<Snapshot>> {
        let size = snapshot.fetched.body.len();
        let taken = self.room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |room| room.checked_sub(size));
        taken.is_ok().then_some(snapshot)
    }
}

impl Tracker {
    /// Takes an answer to those that are kept together.
    pub(super) async fn keep_known(
        &self,
        source: &Source,
        round: &Round,
        fetched: Fetched,
        sha256: [u8; 32],
    ) -> Result<(), TrackError> {
        let full = {
            let mut known = round.known.lock().await;
            known.bytes += fetched.body.len();
            known.answers.push((fetched, sha256));
            let is_full = known.answers.len() >= BATCH || known.bytes >= BATCH_BYTES;
            if is_full { std::mem::take(&mut *known) } else { Known::default() }
        };
        self.save_known(source, full).await
    }

    /// Keeps what is left, and gives back what the template has learned.
    pub(super) async fn finish_round(&self, source: &Source, round: Round) -> Result<Template, TrackError> {
        self.save_known(source, round.known.into_inner()).await?;
        Ok(round.template.into_inner())
    }

    async fn save_known(&self, source: &Source, known: Known) -> Result<(), TrackError> {
        if !known.answers.is_empty() {
            self.store.save_equal(&source.id, known.answers).await?;
        }
        Ok(())
    }
}
