//! An address that shows another release of the source, which is known under its own address and still there: a cache
//! or a script has mixed them up. No reader sees an edit in that; if it stays, the release that stood there is gone.

use std::collections::HashMap;

use crate::domain::classify::{Against, Observation, Seen, Sighting};
use crate::domain::likeness::Shingles;
use crate::domain::model::{Document, Reason, Release, ReleaseState, Source};
use crate::domain::normalize::canonical_text;
use crate::track::{TrackError, Tracker};

/// Resemblance of two readings of one release.
const SAME_TEXT: f64 = 0.9;
/// Releases of one title that a page is compared with.
const MOST_COMPARED: usize = 20;

impl Tracker {
    /// Marks what shows title and text of another release.
    pub(super) async fn mark_strays(&self, source: &Source, sightings: &mut [Sighting]) -> Result<(), TrackError> {
        let suspects: Vec<usize> = (0..sightings.len()).filter(|at| retitled(&sightings[*at]).is_some()).collect();
        if suspects.is_empty() {
            return Ok(());
        }
        let known = Known::of(self.store.list_releases(&source.id).await?);
        for at in suspects {
            let Some(other) = self.shown_release(&known, &sightings[at]).await? else { continue };
            sightings[at].observation = self.stray(&sightings[at], other).await?;
        }
        Ok(())
    }

    /// The other release that a sighting shows: more of it than of its own, if the two are alike.
    async fn shown_release<'a>(
        &self,
        known: &'a Known,
        sighting: &Sighting,
    ) -> Result<Option<&'a Release>, TrackError> {
        let Some((old, seen)) = retitled(sighting) else { return Ok(None) };
        let (title, text) = (canonical_text(&seen.document.title), Shingles::of(&seen.document));
        let own = Shingles::of(old).resemblance(&text);
        for other in known.titled(&title).filter(|other| other.id != sighting.release.id).take(MOST_COMPARED) {
            let Some(document) = self.latest_document(other).await? else { continue };
            let likeness = Shingles::of(&document).resemblance(&text);
            if likeness >= SAME_TEXT && likeness > own {
                return Ok(Some(other));
            }
        }
        Ok(None)
    }

    async fn stray(&self, sighting: &Sighting, other: &Release) -> Result<Observation, TrackError> {
        if let (Observation::Seen(seen), true) = (&sighting.observation, self.is_lasting(&sighting.release).await?) {
            return Ok(Observation::Gone { reason: Reason::RedirectedAway, snapshot: seen.snapshot });
        }
        let detail = format!("shows the release of {} in its place", other.url);
        Ok(Observation::Unreadable { reason: Reason::Maintenance, detail })
    }
}

/// What was seen of a release under another title, and its document before.
fn retitled(sighting: &Sighting) -> Option<(&Document, &Seen)> {
    let Observation::Seen(seen) = &sighting.observation else { return None };
    let Against::Edited { old, .. } = &seen.against else { return None };
    (canonical_text(&old.title) != canonical_text(&seen.document.title)).then_some((old, seen))
}

/// The releases that are there, by their titles.
struct Known(HashMap<String, Vec<Release>>);

impl Known {
    fn of(releases: Vec<Release>) -> Self {
        let mut known: HashMap<String, Vec<Release>> = HashMap::new();
        for release in releases.into_iter().filter(|release| release.state == ReleaseState::Present) {
            known.entry(canonical_text(&release.title)).or_default().push(release);
        }
        Self(known)
    }

    fn titled(&self, title: &str) -> impl Iterator<Item = &Release> {
        self.0.get(title).into_iter().flatten()
    }
}
