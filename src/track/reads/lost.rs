//! Releases that are gone, and may stand at a new address.

use crate::domain::classify::{Observation, Sighting};
use crate::domain::model::{Document, ReleaseId, ReleaseState};
use crate::track::{TrackError, Tracker};

/// Lost releases that are looked for under new addresses.
const MOST_LOST: usize = 500;

impl Tracker {
    /// The latest documents of releases that are gone, if there are new ones that they may have become.
    pub(super) async fn find_lost(&self, sightings: &[Sighting]) -> Result<Vec<(ReleaseId, Document)>, TrackError> {
        let is_first = |sighting: &Sighting| sighting.seen().is_some_and(|seen| seen.against.is_first());
        if !sightings.iter().any(is_first) {
            return Ok(Vec::new());
        }
        let is_lost = |sighting: &&Sighting| {
            let was_lost = matches!(sighting.release.state, ReleaseState::Suspect | ReleaseState::Removed);
            match sighting.observation {
                Observation::Gone { .. } => true,
                Observation::Seen(_) | Observation::NotModified { .. } | Observation::Postponed => false,
                Observation::Duplicate { .. }
                | Observation::Unreadable { .. }
                | Observation::Forbidden
                | Observation::Unasked { .. }
                | Observation::Unreachable { .. } => was_lost,
            }
        };
        let mut lost = Vec::new();
        for sighting in sightings.iter().rev().filter(is_lost).take(MOST_LOST) {
            let document = self.latest_document(&sighting.release).await?;
            lost.extend(document.map(|document| (sighting.release.id, document)));
        }
        Ok(lost)
    }
}
