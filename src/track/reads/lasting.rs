//! How long an address has shown something other than its release. Faults pass; what lasts a day is believed.

use chrono::TimeDelta;

use crate::domain::model::Release;
use crate::track::{TrackError, Tracker};

/// How long a fault of single pages is waited out.
const PATIENCE: TimeDelta = TimeDelta::hours(24);

impl Tracker {
    /// Whether answers other than the release have come for so long that they are to be believed; of a release that was
    /// never read, any answers.
    pub(in crate::track) async fn is_lasting(&self, release: &Release) -> Result<bool, TrackError> {
        if release.seen_at.is_none() && release.latest.is_some() {
            return Ok(true);
        }
        let answers = self.store.list_snapshots(&release.url).await?;
        let began = answers
            .iter()
            .map(|answer| answer.fetched_at)
            .filter(|at| release.seen_at.is_none_or(|seen_at| *at > seen_at))
            .min();
        Ok(began.is_some_and(|began| self.now() - began >= PATIENCE))
    }
}
