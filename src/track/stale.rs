//! A text that is back soon after it was edited: most often a cache that has not heard of the edit. It is believed when
//! the answer before said the same, or when no cache would hold it for so long.

use std::sync::Arc;

use chrono::TimeDelta;

use super::reads::Context;
use super::{TrackError, Tracker};
use crate::domain::model::{ContentHash, Release, SnapshotId};
use crate::domain::normalize::content_hash;

/// How long caches are waited for.
const CACHED: TimeDelta = TimeDelta::hours(6);

impl Tracker {
    /// Whether an earlier version, with this hash, may be shown by a cache.
    pub(super) async fn may_be_stale(
        &self,
        context: &Context<'_>,
        release: &Release,
        answer: SnapshotId,
        hash: &ContentHash,
    ) -> Result<bool, TrackError> {
        let Some(changed_at) = release.changed_at.filter(|at| self.now() - *at < CACHED) else { return Ok(false) };
        let answers = self.store.list_snapshots(&release.url).await?;
        let before =
            answers.iter().filter(|line| line.id != answer && line.fetched_at > changed_at).max_by_key(|line| line.id);
        let Some(before) = before else { return Ok(true) };
        let Some(before) = self.store.find_snapshot_left(before.id).await? else { return Ok(true) };
        let reading = self.extract(context, &Arc::new(before)).await?;
        Ok(!reading.is_ok_and(|reading| content_hash(&reading.extraction.document) == *hash))
    }
}
