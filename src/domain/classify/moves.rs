//! The same release under another address: where a permanent redirect or its page says so, or where a release is gone
//! and a new one has nearly its text.

use std::collections::{HashMap, HashSet};

use url::Url;

use super::{Facts, Seen, Sighting};
use crate::domain::address::identity;
use crate::domain::likeness::Shingles;
use crate::domain::model::{Document, Reason, ReleaseId, ReleaseState};

/// Resemblance from which a new release counts as a lost one: yearly reports on the same matter, in the same words
/// but for names and numbers, stay below it.
const SAME_TEXT: f64 = 0.8;
/// With the same title less will do: a release that moves is often touched up.
const SAME_TITLE: f64 = 0.6;
/// Lost releases that are compared with the new ones.
const MOST_LOST: usize = 500;

/// Which releases moved, and which new ones are their new addresses.
#[derive(Default)]
pub(super) struct Moves {
    moves: HashMap<ReleaseId, Move>,
    /// Releases found as new that are old ones.
    pub(super) arrivals: HashSet<ReleaseId>,
}

/// Where a release went.
pub(super) struct Move {
    /// The new address.
    pub(super) url: Url,
    /// How it shows.
    pub(super) reason: Reason,
    /// The new release that it is; the release itself if the new address was not found otherwise.
    pub(super) arrival: ReleaseId,
    /// Its latest document, where the observation does not compare with it.
    pub(super) old: Option<Document>,
}

impl Moves {
    pub(super) fn of(&self, release: ReleaseId) -> Option<&Move> {
        self.moves.get(&release)
    }
}

pub(super) fn find(facts: &Facts<'_>) -> Moves {
    let mut moves = Moves::default();
    moves.add_named(facts);
    moves.add_same_texts(facts);
    moves
}

/// The releases that were looked at, by their addresses.
fn by_identity(sightings: &[Sighting]) -> HashMap<String, &Sighting> {
    let mut places = HashMap::new();
    for sighting in sightings {
        places.entry(identity(&sighting.release.url)).or_insert(sighting);
    }
    places
}

impl Moves {
    /// What redirects or pages say. Two releases that lead to one address are not both that release: the first one
    /// found is.
    fn add_named(&mut self, facts: &Facts<'_>) {
        let is_named = |sighting: &Sighting| sighting.seen().is_some_and(|seen| seen.moved_to.is_some());
        if !facts.sightings.iter().any(is_named) {
            return;
        }
        let (places, mut taken) = (by_identity(&facts.sightings), HashSet::new());
        for sighting in &facts.sightings {
            let Some(seen) = sighting.seen() else { continue };
            let Some((url, reason)) = &seen.moved_to else { continue };
            let wanted = identity(url);
            let found = places.get(&wanted);
            if found.is_some_and(|found| !is_arrival(found)) || !taken.insert(wanted) {
                continue;
            }
            let arrival = found.map_or(sighting.release.id, |found| found.release.id);
            self.arrivals.extend(found.map(|found| found.release.id));
            self.moves.insert(sighting.release.id, Move { url: url.clone(), reason: *reason, arrival, old: None });
        }
    }

    fn add_same_texts(&mut self, facts: &Facts<'_>) {
        let fresh = facts
            .sightings
            .iter()
            .filter(|sighting| is_arrival(sighting) && !self.arrivals.contains(&sighting.release.id));
        let fresh: Vec<(&Sighting, &Seen)> =
            fresh.filter_map(|sighting| Some((sighting, first_seen(sighting)?))).collect();
        if fresh.is_empty() || facts.lost.is_empty() {
            return;
        }
        let lost: Vec<(ReleaseId, &Document, Shingles)> =
            facts.lost.iter().take(MOST_LOST).map(|(id, document)| (*id, document, Shingles::of(document))).collect();
        let mut pairs = Vec::new();
        for (sighting, seen) in fresh {
            let shingles = Shingles::of(&seen.document);
            for (id, document, other) in &lost {
                let resemblance = shingles.resemblance(other);
                let same_title = document.title == seen.document.title;
                if resemblance >= SAME_TEXT || (same_title && resemblance >= SAME_TITLE) {
                    pairs.push((resemblance, *id, *document, sighting));
                }
            }
        }
        // The best pair first; ties by the age of the release, so that the order of arrival decides nothing.
        pairs.sort_by(|one, other| {
            other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)).then(one.3.release.id.cmp(&other.3.release.id))
        });
        for (_, id, document, sighting) in pairs {
            if !self.moves.contains_key(&id) && self.arrivals.insert(sighting.release.id) {
                let url = sighting.release.url.clone();
                let to =
                    Move { url, reason: Reason::SameText, arrival: sighting.release.id, old: Some(document.clone()) };
                self.moves.insert(id, to);
            }
        }
    }
}

/// Found as new and never read: nothing has been said of it yet.
fn is_arrival(sighting: &Sighting) -> bool {
    sighting.release.state == ReleaseState::Found && sighting.release.latest.is_none()
}

fn first_seen(sighting: &Sighting) -> Option<&Seen> {
    sighting.seen().filter(|seen| seen.against.is_first())
}
