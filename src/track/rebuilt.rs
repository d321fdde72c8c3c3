//! A page that is built in another way than the one of the latest version: a redesign. It brings other lines around
//! the text, other pictures and another way to write the day; what of it is an edit is settled as for captures of an
//! archive, where the page that is there now is all that comes later.

use std::sync::Arc;

use super::compare::{Compared, Comparison};
use super::reads::Context;
use super::{TrackError, Tracker};
use crate::domain::classify::{Against, Noise};
use crate::domain::hindsight::{Glimpse, Others, Settled, settle};
use crate::domain::model::{Document, Release, Snapshot};

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
        let before = match &release.latest {
            Some(latest) => self.store.find_snapshot_left(latest.snapshot).await?.map(Arc::new),
            None => None,
        };
        let Some(before) = before else { return Ok(Ok(compared)) };
        let before = self.glimpse_at(context, &before, old).await?;
        let after = self.glimpse_at(context, snapshot, document).await?;
        let (Some(before), Some(after)) = (before, after) else { return Ok(Ok(compared)) };
        if !before.is_rebuilt(&after) {
            return Ok(Ok(compared));
        }
        match settle(&before, &after, &[&after], &Nobody) {
            Settled::Edited(old, document) => self.edited(release, *old, *document).await,
            Settled::Rebuilt(document) => Ok(Ok((*document, Against::Technical, Some(Noise::Learned)))),
            Settled::Same | Settled::Passing => Ok(Ok((after.document, Against::Same, Some(Noise::Learned)))),
        }
    }

    /// A page with what was found on it; nothing if it cannot be read.
    async fn glimpse_at(
        &self,
        context: &Context<'_>,
        snapshot: &Arc<Snapshot>,
        document: &Document,
    ) -> Result<Option<Glimpse>, TrackError> {
        let reading = self.extract_with(context.source, Arc::clone(&context.knowledge), snapshot).await?;
        Ok(reading.ok().map(|reading| Glimpse::of(&reading.page, document.clone())))
    }
}
