//! One capture, judged as a check of this one page would judge it, and what is remembered of that.

use super::pages::PageKey;
use super::{Capture, Importer};
use crate::domain::address::identity;
use crate::domain::classify::{Facts, Observation, ReleaseOutcome, Sighting, judge};
use crate::domain::model::{Reason, Release, ReleaseState, VersionHead};
use crate::store::Answer;
use crate::track::TrackError;
use crate::track::visit::observe_status;

impl Importer {
    /// What a capture says about its release, as a check of this one page would judge it.
    pub(super) async fn judge(&mut self, capture: &Capture) -> Result<Option<ReleaseOutcome>, TrackError> {
        let mut key = identity(&capture.fetched.url);
        let Some(mut release) = self.releases.get(&key).cloned() else { return Ok(None) };
        let now = capture.fetched.fetched_at;
        let moved = self.moved_here(&release, capture).await?;
        let has_moved = moved.is_some();
        if let Some(moved) = moved {
            (key, release) = (identity(&moved.url), moved);
        }
        let observation = match observe_status(&capture.fetched, capture.snapshot) {
            None if has_moved => self.observe_arrival(&release, capture).await?,
            None if self.is_judged(&release, capture).await? => Some(Observation::NotModified { renewed: None }),
            None => self.observe_page(&release, capture).await?,
            Some(_) if (300..400).contains(&capture.fetched.status) => self.observe_redirect(&release, capture).await?,
            Some(gone @ Observation::Gone { .. }) => self.observe_gone(&release, capture, gone).await?,
            Some(observation) => Some(observation),
        };
        let Some(observation) = observation else { return Ok(None) };
        let sightings = self.sightings(release, observation);
        let facts = Facts::about(&self.source, sightings, now);
        let Some(mut outcome) = judge(facts).releases.pop() else { return Ok(None) };
        for event in &mut outcome.events {
            event.reasons.insert(0, Reason::Imported);
            if event.reasons.contains(&Reason::Reverted) {
                *self.returns.entry(outcome.release.id).or_default() += 1;
            }
        }
        self.remember(key, capture, &mut outcome);
        Ok(Some(outcome))
    }

    /// The release with what was seen of it; where it has moved to an address that was found by itself, that as well.
    fn sightings(&self, release: Release, observation: Observation) -> Vec<Sighting> {
        let sighting = Sighting { release: Box::new(release), observation };
        let moved_to = sighting.seen().and_then(|seen| seen.moved_to.as_ref());
        let arrival = moved_to.and_then(|(url, _)| self.releases.get(&identity(url)));
        let id = sighting.release.id;
        let arrival = arrival.filter(|arrival| arrival.id != id).cloned();
        let observation = Observation::Duplicate { of: id };
        let arrival = arrival.map(|release| Sighting { release: Box::new(release), observation });
        std::iter::once(sighting).chain(arrival).collect()
    }

    fn remember(&mut self, key: String, capture: &Capture, outcome: &mut ReleaseOutcome) {
        if let Some(version) = outcome.versions.last() {
            outcome.release.latest = Some(VersionHead {
                number: version.number,
                snapshot: version.snapshot,
                hash: version.hash.clone(),
                extractor: version.extractor,
            });
            self.memory.keep(version.release, &version.document);
        }
        self.memory.keep_key(capture.snapshot, capture.key);
        let versions = outcome.versions.iter();
        self.fresh.extend(versions.map(|version| (version.release, version.hash.clone(), version.number)));
        if let Some(address) = &outcome.new_address {
            self.releases.insert(identity(address), (*outcome.release).clone());
        }
        // All addresses of the release lead to it as it is now.
        let own = identity(&outcome.release.url);
        if own != key {
            self.releases.insert(own, (*outcome.release).clone());
        }
        self.releases.insert(key, (*outcome.release).clone());
    }

    /// Whether these are the very bytes that were judged last.
    async fn is_judged(&mut self, release: &Release, capture: &Capture) -> Result<bool, TrackError> {
        let is_there = release.state == ReleaseState::Present && release.gone.is_none() && release.latest.is_some();
        let Some(judged) = release.judged.filter(|_| is_there) else { return Ok(false) };
        if self.memory.key(judged).is_none()
            && let Some(Answer { fetched, sha256, .. }) = self.store.find_answer(judged).await?
        {
            self.memory.keep_key(judged, PageKey::of_hashed(&fetched, &sha256));
        }
        Ok(self.memory.key(judged) == Some(capture.key))
    }
}
