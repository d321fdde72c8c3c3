//! A check that looks at some of the releases. What it sees may call for more: the other releases of a section in
//! which one was edited, those from which a new one may have come, or all of them.

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::look::Look;
use super::{CheckContext, TrackError, Tracker};
use crate::domain::address::identity;
use crate::domain::model::{ReleaseId, Source, SourceState};
use crate::domain::recheck::{Call, DUE_FROM, Plan, Relative, follow_up};

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
        check: &CheckContext<'_>,
        plan: &Plan,
        signs: HashSet<ReleaseId>,
        state: &SourceState,
    ) -> Result<Look, TrackError> {
        let signs = signs.into_iter().chain(check.walked.former.keys().copied()).collect();
        let mut wanted = self.choose(check.source, plan, signs).await?;
        let mut relatives = None;
        let (mut asked, mut visits, mut template) = (BTreeSet::new(), Vec::new(), check.before.clone());
        for round in 1.. {
            let releases = self.store.list_releases_of(wanted.iter().copied().collect()).await?;
            let (more, learned) =
                self.visit_all(check.source, releases, template, &check.walked.former, check.watcher).await?;
            visits.extend(more);
            visits.sort_by_cached_key(|visit| visit.release.id);
            template = learned;
            asked.append(&mut wanted);
            let look = self.read_visits(check, template.clone(), visits.clone()).await?;
            wanted = self.called_for(check.source, &look, state, plan.now, &mut relatives).await?;
            wanted.extend(self.named(check.source, &look).await?);
            wanted.retain(|id| !asked.contains(id));
            if wanted.is_empty() {
                return Ok(look);
            }
            tracing::debug!(source = %check.source.id, asked = asked.len(), more = wanted.len(), "looks at more releases");
            if round >= MOST_ROUNDS {
                wanted = self.all(check.source).await?;
                wanted.retain(|id| !asked.contains(id));
            }
        }
        unreachable!("the rounds end when everything was looked at")
    }

    /// What the plan chooses; of what it does not, it is noted how long it rests.
    async fn choose(
        &self,
        source: &Source,
        plan: &Plan,
        signs: BTreeSet<ReleaseId>,
    ) -> Result<BTreeSet<ReleaseId>, TrackError> {
        let wanted = plan.wanted(signs);
        let prospects = self.store.list_prospects(&source.id, wanted.clone()).await?;
        let chosen = plan.choose(&prospects, &wanted.signs);
        self.store.rest(&plan.resting(&prospects, &chosen)).await?;
        Ok(chosen)
    }

    /// What the sightings call for. The relatives are read when they are needed first, and kept.
    async fn called_for(
        &self,
        source: &Source,
        look: &Look,
        before: &SourceState,
        now: DateTime<Utc>,
        relatives: &mut Option<Vec<Relative>>,
    ) -> Result<BTreeSet<ReleaseId>, TrackError> {
        let sightings = &look.read.sightings;
        match (Call::of(sightings, before), relatives) {
            (Call::Nothing, _) => Ok(BTreeSet::new()),
            (Call::Everything, _) => self.all(source).await,
            (Call::Relatives, Some(relatives)) => Ok(follow_up(sightings, relatives, now)),
            (Call::Relatives, none) => {
                let relatives = none.insert(self.store.list_relatives(&source.id).await?);
                Ok(follow_up(sightings, relatives, now))
            }
        }
    }

    async fn all(&self, source: &Source) -> Result<BTreeSet<ReleaseId>, TrackError> {
        Ok(self.store.list_release_ids(&source.id).await?.into_iter().collect())
    }

    /// The releases whose addresses others name as their own, or lead to.
    async fn named(&self, source: &Source, look: &Look) -> Result<Vec<ReleaseId>, TrackError> {
        let mut addresses: Vec<String> = look.read.canonicals.values().map(identity).collect();
        addresses.extend(look.read.elsewhere.values().map(identity));
        let moved_to = look.read.sightings.iter().filter_map(|sighting| sighting.seen()?.moved_to.as_ref());
        addresses.extend(moved_to.map(|(url, _)| identity(url)));
        let mut named = Vec::new();
        for address in addresses {
            let releases = self.store.find_releases(&address).await?;
            named.extend(releases.iter().filter(|release| release.source == source.id).map(|release| release.id));
        }
        Ok(named)
    }
}
