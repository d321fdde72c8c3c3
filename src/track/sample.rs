//! A check that looks at some of the releases. What it sees may call for more: the other releases of a section in
//! which one was edited, those from which a new one may have come, or all of them.

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use chrono::TimeDelta;

use super::look::Look;
use super::{Errand, TrackError, Tracker};
use crate::domain::address::identity;
use crate::domain::classify::Observation;
use crate::domain::model::{ReleaseId, Source, SourceState};
use crate::domain::recheck::{DUE_FROM, Plan, follow_up};

/// Rounds after which everything is looked at.
const MOST_ROUNDS: usize = 4;
/// The part of the time between two checks that asking for releases may take.
const TIME_PART: u32 = 2;

impl Tracker {
    /// What a check of this source may ask for now.
    pub(super) fn plan(&self, source: &Source, max_age: Duration, neighbours: u32) -> Plan {
        let now = self.now();
        let next = source.schedule.next_after(now, source.timezone);
        let following = next.and_then(|next| source.schedule.next_after(next, source.timezone));
        let gap = match (next, following) {
            (Some(next), Some(following)) => (following - next).max(next - now),
            _ => TimeDelta::hours(1),
        };
        let pace = source.places().next().map_or(Duration::ZERO, |url| self.fetcher.pace(url));
        let time = gap.to_std().unwrap_or_default() / TIME_PART / neighbours.max(1);
        // Without a pace, everything that is due may be asked for.
        let budget = time.as_nanos().checked_div(pace.as_nanos()).unwrap_or(u128::MAX);
        Plan { max_age, now, gap, budget: usize::try_from(budget).unwrap_or(usize::MAX), due_from: DUE_FROM }
    }

    /// Looks at what the plan chooses, then at what that calls for, until nothing does.
    pub(super) async fn look_at_some(
        &self,
        errand: &Errand<'_>,
        plan: &Plan,
        signs: HashSet<ReleaseId>,
        state: &SourceState,
    ) -> Result<Look, TrackError> {
        let prospects = self.store.list_prospects(&errand.source.id).await?;
        let signs = signs.into_iter().chain(errand.walked.former.keys().copied()).collect();
        let mut wanted = plan.choose(&prospects, &signs);
        let (mut asked, mut visits, mut template) = (BTreeSet::new(), Vec::new(), errand.before.clone());
        for round in 1.. {
            let releases = self.store.list_releases_of(wanted.iter().copied().collect()).await?;
            let (more, learned) =
                self.visit_all(errand.source, releases, template, &errand.walked.former, errand.watcher).await?;
            visits.extend(more);
            visits.sort_by_key(|visit| visit.release.id);
            template = learned;
            asked.append(&mut wanted);
            let look = self.read_visits(errand, template.clone(), visits.clone()).await?;
            wanted = follow_up(&look.read.sightings, &prospects, state, plan.now);
            wanted.extend(self.named(errand.source, &look).await?);
            wanted.retain(|id| !asked.contains(id));
            if wanted.is_empty() {
                return Ok(look);
            }
            tracing::debug!(source = %errand.source.id, asked = asked.len(), more = wanted.len(), "looks at more releases");
            if round >= MOST_ROUNDS {
                wanted = prospects.iter().map(|prospect| prospect.id).filter(|id| !asked.contains(id)).collect();
            }
        }
        unreachable!("the rounds end when everything was looked at")
    }

    /// The releases whose addresses others name as their own, or lead to.
    async fn named(&self, source: &Source, look: &Look) -> Result<Vec<ReleaseId>, TrackError> {
        let mut addresses: Vec<String> = look.read.canonicals.values().map(identity).collect();
        addresses.extend(look.read.sightings.iter().filter_map(|sighting| match &sighting.observation {
            Observation::Seen(seen) => seen.moved_to.as_ref().map(|(url, _)| identity(url)),
            _ => None,
        }));
        let mut named = Vec::new();
        for address in addresses {
            let release = self.store.find_release(&address).await?;
            named.extend(release.filter(|release| release.source == source.id).map(|release| release.id));
        }
        Ok(named)
    }
}
