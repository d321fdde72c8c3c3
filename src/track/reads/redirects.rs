//! An address that leads to another release which is known and there: the release that it showed is gone, however
//! much the other one reads like it, as one weekly report reads like the next.

use std::collections::{HashMap, HashSet};

use url::Url;

use crate::domain::address::{canonical, identity};
use crate::domain::classify::{Against, Observation, Sighting};
use crate::domain::diff::diff;
use crate::domain::model::{Field, Reason, Release, ReleaseId, ReleaseState, Snapshot, SnapshotId};

/// Marks as gone what leads to a release of its own with another title or text. With the same ones the two were one
/// release all along.
pub(super) fn mark_replaced(sightings: &mut [Sighting], elsewhere: &HashMap<ReleaseId, Url>) {
    if elsewhere.is_empty() {
        return;
    }
    let at_home = sightings.iter().filter(|sighting| !elsewhere.contains_key(&sighting.release.id));
    let there: HashSet<String> =
        at_home.filter(|sighting| is_there(sighting)).map(|sighting| identity(&sighting.release.url)).collect();
    for sighting in sightings {
        let Some(target) = elsewhere.get(&sighting.release.id) else { continue };
        if let Some(snapshot) = shows_another(sighting).filter(|_| there.contains(&identity(target))) {
            sighting.observation = Observation::Gone { reason: Reason::RedirectedAway, snapshot };
        }
    }
}

fn is_there(sighting: &Sighting) -> bool {
    let release = &sighting.release;
    let was_there = release.latest.is_some() && release.state != ReleaseState::Removed;
    was_there
        && matches!(
            sighting.observation,
            Observation::Seen(_) | Observation::NotModified { .. } | Observation::Postponed
        )
}

/// The answer, if its title or text is not that of the release.
fn shows_another(sighting: &Sighting) -> Option<SnapshotId> {
    let Observation::Seen(seen) = &sighting.observation else { return None };
    let Against::Edited { old, .. } = &seen.against else { return None };
    let fields = diff(old, &seen.document).fields();
    fields.iter().any(|field| matches!(field, Field::Title | Field::Body)).then_some(seen.snapshot)
}

/// Where permanent redirects led, if all of them were permanent and led to another address.
pub(in crate::track) fn permanent_target(snapshot: &Snapshot, release: &Release) -> Option<Url> {
    let fetched = &snapshot.fetched;
    if identity(&fetched.url) != identity(&release.url) {
        return Some(canonical(&fetched.url));
    }
    let is_permanent = fetched.redirects.iter().all(|redirect| matches!(redirect.status, 301 | 308));
    (is_permanent && identity(&fetched.final_url) != identity(&fetched.url)).then(|| canonical(&fetched.final_url))
}
