//! An earlier text that returns soon after an edit: most often a cache that has not heard of the edit. It is believed
//! when the answer before said the same, when no cache would hold it for so long, or when others changed with it.

use chrono::{DateTime, TimeDelta, Utc};

use super::Context;
use crate::domain::classify::{Against, Noise, Observation, Seen, Sighting};
use crate::domain::model::{Release, Validators};
use crate::domain::normalize::content_hash;
use crate::track::{TrackError, Tracker};

/// How long caches are waited for.
const CACHED: TimeDelta = TimeDelta::hours(6);
/// Edits in one check above which they are judged together: a template was taken back, say.
const MOST_EDITS: usize = 2;

impl Tracker {
    /// Takes the edits back that a cache may show. The page is asked for as a whole next time.
    pub(super) async fn mark_stale(&self, context: &Context<'_>, sightings: &mut [Sighting]) -> Result<(), TrackError> {
        let edited: Vec<usize> = (0..sightings.len()).filter(|at| edit_of(&sightings[*at]).is_some()).collect();
        for at in edited.iter().copied().filter(|_| edited.len() <= MOST_EDITS) {
            let Sighting { release, observation: Observation::Seen(seen) } = &mut sightings[at] else { continue };
            let returns = matches!(seen.against, Against::Edited { returns_to: Some(_), .. });
            if returns && self.may_be_stale(context, release, seen).await? {
                seen.against = Against::Same;
                seen.noise = Some(Noise::Stale);
                seen.validators = Validators::default();
            }
        }
        Ok(())
    }

    /// Whether an earlier version may be shown by a cache.
    async fn may_be_stale(&self, context: &Context<'_>, release: &Release, seen: &Seen) -> Result<bool, TrackError> {
        // A change that was recorded while the clock stood ahead is not of the last hours.
        let is_fresh = |at: &DateTime<Utc>| (TimeDelta::zero()..CACHED).contains(&(self.now() - *at));
        let Some(changed_at) = release.changed_at.filter(is_fresh) else { return Ok(false) };
        let answers = self.store.list_snapshots(&release.url).await?;
        let earlier = answers.iter().filter(|line| line.id != seen.snapshot && line.fetched_at > changed_at);
        let Some(before) = earlier.max_by_key(|line| line.id) else { return Ok(true) };
        let Some(before) = self.store.find_snapshot_left(before.id).await? else { return Ok(true) };
        let reading = self.extract(context, &before.fetched).await?;
        let hash = content_hash(&seen.document);
        Ok(!reading.is_ok_and(|reading| content_hash(&reading.extraction.document) == hash))
    }
}

fn edit_of(sighting: &Sighting) -> Option<&Seen> {
    let Observation::Seen(seen) = &sighting.observation else { return None };
    matches!(seen.against, Against::Edited { .. }).then_some(seen)
}
