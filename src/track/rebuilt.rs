//! A page that is built in another way than the one of the latest version: a redesign. It brings other lines around
//! the text, other pictures and another way to write the day; what of it is an edit is settled as for captures of an
//! archive, where the page that is there now is all that comes later.

use std::sync::Arc;

use super::compare::{Compared, Comparison};
use super::reads::Context;
use super::{TrackError, Tracker};
use crate::domain::classify::{Against, Noise};
use crate::domain::hindsight::{Glimpse, Others, Settled, settle};
use crate::domain::model::{Document, Release, Snapshot, SnapshotId};

/// Nothing is known of other releases.
struct Nobody;

impl Others for Nobody {
    fn have(&self, _: &str) -> bool {
        false
    }
}

impl Tracker {
    /// The same comparison without what is only a redesign.
    pub(super) async fn without_redesign(
        &self,
        context: &Context<'_>,
        release: &Release,
        snapshot: &Arc<Snapshot>,
        compared: Comparison,
    ) -> Result<Compared, TrackError> {
        let (document, Against::Edited { old, .. }, _) = &compared else { return Ok(Ok(compared)) };
        let Some(after) = self.glimpse_at(context, Some(snapshot.id), Some(document)).await? else {
            return Ok(Ok(compared));
        };
        let latest = release.latest.as_ref().map(|latest| latest.snapshot);
        let Some(before) = self.glimpse_at(context, latest, Some(old)).await? else { return Ok(Ok(compared)) };
        if !before.is_rebuilt(&after) {
            return Ok(Ok(compared));
        }
        // What differs since the last look came after the redesign, if that had been seen then.
        let judged = self.glimpse_at(context, release.judged, None).await?;
        if judged.and_then(|judged| before.shown_on(&judged)).is_some_and(|judged| !judged.is_rebuilt(&after)) {
            return Ok(Ok(compared));
        }
        match settle(&before, &after, &[&after], &Nobody) {
            Settled::Edited(old, document) => self.edited(release, *old, *document).await,
            Settled::Rebuilt(document) => Ok(Ok((*document, Against::Technical, Some(Noise::Learned)))),
            Settled::Same | Settled::Passing => Ok(Ok((after.document, Against::Same, Some(Noise::Learned)))),
        }
    }

    /// A page with this document, or with what is found on it; nothing if it cannot be read any more.
    async fn glimpse_at(
        &self,
        context: &Context<'_>,
        snapshot: Option<SnapshotId>,
        document: Option<&Document>,
    ) -> Result<Option<Glimpse>, TrackError> {
        let Some(snapshot) = snapshot else { return Ok(None) };
        let Some(snapshot) = self.store.find_snapshot_left(snapshot).await? else { return Ok(None) };
        let read = self.extract_with(context.source, Arc::clone(&context.knowledge), &Arc::new(snapshot)).await?;
        let Ok(reading) = read else { return Ok(None) };
        let document = document.unwrap_or(&reading.extraction.document).clone();
        Ok(Some(Glimpse::of(&reading.page, document)))
    }
}
