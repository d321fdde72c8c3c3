//! A release found as new that is, word for word, one that is there already: a second address of it, and no news.
//! It stays unread, so that when the first address goes it is known where the release went.

use std::collections::HashMap;

use super::{Against, Observation, Seen, Sighting};
use crate::domain::model::{ContentHash, ReleaseId, ReleaseState};
use crate::domain::normalize::{canonical_body, content_hash};

/// Letters below which two releases may well say the same: "The office is closed today."
const SHORTEST: usize = 200;

/// Turns what was seen of copies into [`Observation::Duplicate`]. The release that has versions is the original; of
/// several new ones it is the one that was found first.
pub(super) fn mark(sightings: &mut [Sighting]) {
    let mut originals: HashMap<ContentHash, ReleaseId> = sightings.iter().flat_map(known).collect();
    let mut fresh: Vec<(ReleaseId, usize, ContentHash)> = sightings
        .iter()
        .enumerate()
        .filter_map(|(at, sighting)| Some((sighting.release.id, at, news(sighting)?)))
        .collect();
    fresh.sort_unstable_by_key(|(id, ..)| *id);
    for (id, at, hash) in fresh {
        let of = *originals.entry(hash).or_insert(id);
        if of != id {
            sightings[at].observation = Observation::Duplicate { of };
        }
    }
}

/// The texts of a release that is there and was told of before: a copy is edited with it, or a little later.
fn known(sighting: &Sighting) -> Vec<(ContentHash, ReleaseId)> {
    let Some(latest) = &sighting.release.latest else { return Vec::new() };
    let mut hashes = vec![latest.hash.clone()];
    match &sighting.observation {
        Observation::Seen(seen) if seen.moved_to.is_some() => return Vec::new(),
        Observation::Seen(seen) if matches!(seen.against, Against::Edited { .. }) => {
            hashes.push(content_hash(&seen.document));
        }
        Observation::Seen(_) => {}
        Observation::NotModified { .. } if sighting.release.state == ReleaseState::Present => {}
        _ => return Vec::new(),
    }
    hashes.into_iter().map(|hash| (hash, sighting.release.id)).collect()
}

/// The text of a release that would be told of as new.
fn news(sighting: &Sighting) -> Option<ContentHash> {
    let Observation::Seen(seen) = &sighting.observation else { return None };
    let is_news = sighting.release.announce && matches!(seen.against, Against::First) && is_long(seen);
    is_news.then(|| content_hash(&seen.document))
}

fn is_long(seen: &Seen) -> bool {
    canonical_body(&seen.document).chars().filter(|character| character.is_alphabetic()).take(SHORTEST).count()
        == SHORTEST
}
