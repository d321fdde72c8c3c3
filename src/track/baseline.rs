//! The first check of a source. It compares nothing, so once all pages were asked for, and it is known what they
//! share, they are read, judged and recorded part by part. Only the last part brings the listings and the time of the
//! check; killed before that, the source has had no baseline yet. No later check can be cut like this: whether an edit
//! is one of many, or a page that is gone has moved or went with most others, shows only when all of them are there.

use std::collections::HashSet;
use std::sync::Arc;

use super::look::{Look, knowledge_of};
use super::reads::ReadAll;
use super::visit::{Answer, Visit};
use super::{CheckContext, TrackError, Tracker};
use crate::domain::classify::{Facts, Observation, Sighting, judge};
use crate::domain::model::{ReleaseId, Source, SourceState};
use crate::domain::template::Knowledge;
use crate::store::CheckOutcome;

/// Releases that are read and recorded at once: as many documents are held.
const PART: usize = 100;

impl Tracker {
    /// The first look at a source. One that was interrupted is gone through as a whole, since it has what to compare.
    pub(super) async fn look_first(&self, check: &CheckContext<'_>) -> Result<Look, TrackError> {
        let releases = self.store.list_releases(&check.source.id).await?;
        let is_resumed = releases.iter().any(|release| release.latest.is_some());
        let template = check.before.clone();
        let (mut visits, template) =
            self.visit_all(check.source, releases, template, &check.walked.former, check.watcher).await?;
        let mut recorded = HashSet::new();
        if !is_resumed {
            let knowledge = Arc::new(knowledge_of(&template, check.before));
            let mut left = Vec::with_capacity(visits.len());
            while !visits.is_empty() {
                let part = visits.drain(..PART.min(visits.len())).collect();
                left.extend(self.take_part(check, &knowledge, part, &mut recorded).await?);
            }
            visits = left;
        }
        let look = self.read_visits(check, template, visits).await?;
        Ok(Look { recorded, ..look })
    }

    /// Records what can be told of each release by itself; the rest is left for the end, with what was recorded as
    /// something that was read.
    async fn take_part(
        &self,
        check: &CheckContext<'_>,
        knowledge: &Arc<Knowledge>,
        part: Vec<Visit>,
        recorded: &mut HashSet<ReleaseId>,
    ) -> Result<Vec<Visit>, TrackError> {
        let read = self.read_all(check.source, part.clone(), Arc::clone(knowledge), check.walked).await?;
        let ReadAll { sightings, canonicals, .. } = read;
        let plain: Vec<Sighting> = sightings
            .into_iter()
            .filter(|sighting| is_plain(sighting) && !canonicals.contains_key(&sighting.release.id))
            .collect();
        let ids: Vec<ReleaseId> = plain.iter().map(|sighting| sighting.release.id).collect();
        self.record_part(check.source, plain).await?;
        recorded.extend(&ids);
        let settled = self.store.list_releases_of(ids).await?;
        let settled = settled.into_iter().map(|release| Visit {
            release: Box::new(release),
            answer: Answer::Settled(Observation::NotModified { renewed: None }),
        });
        let left = part.into_iter().filter(|visit| !recorded.contains(&visit.release.id));
        Ok(settled.chain(left).collect())
    }

    async fn record_part(&self, source: &Source, sightings: Vec<Sighting>) -> Result<(), TrackError> {
        let facts = Facts::about(source, sightings, self.now());
        let outcome = CheckOutcome {
            releases: judge(facts).releases,
            ..CheckOutcome::quiet(source.id.clone(), self.now(), SourceState::default())
        };
        self.store.record(outcome).await?;
        Ok(())
    }
}

/// A release that was read for the first time where it was asked for.
fn is_plain(sighting: &Sighting) -> bool {
    sighting.seen().is_some_and(|seen| seen.against.is_first() && seen.moved_to.is_none())
}
