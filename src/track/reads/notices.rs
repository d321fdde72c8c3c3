//! A notice that the site shows in place of its releases.

use std::collections::HashMap;

use crate::domain::classify::{Against, Observation, Sighting};
use crate::domain::model::Reason;
use crate::domain::normalize::{canonical_text, content_hash};

/// So many releases with the very same text show a notice.
const SAME_NOTICE: usize = 3;

/// Most releases that show the very same text, or the very same title over whatever rotates around it, show a
/// notice of the site, if that is not what they showed before.
pub(super) fn mark_notices(sightings: &mut [Sighting]) {
    let shown: Vec<Vec<String>> = sightings.iter().map(notice_keys).collect();
    let mut counts: HashMap<&String, usize> = HashMap::new();
    shown.iter().flatten().for_each(|key| *counts.entry(key).or_default() += 1);
    let most = sightings.len().div_ceil(2);
    for (sighting, keys) in sightings.iter_mut().zip(&shown) {
        let count = keys.iter().filter_map(|key| counts.get(key)).max().copied().unwrap_or_default();
        if count >= SAME_NOTICE && count >= most {
            let detail = format!("shows the same as {} other releases", count - 1);
            sighting.observation = Observation::Unreadable { reason: Reason::Maintenance, detail };
        }
    }
}

/// What a newly read or changed page has in common with others if it shows a notice.
fn notice_keys(sighting: &Sighting) -> Vec<String> {
    let Observation::Seen(seen) = &sighting.observation else { return Vec::new() };
    let text = || content_hash(&seen.document).0;
    let title = canonical_text(&seen.document.title);
    match &seen.against {
        Against::Edited { old, .. } if canonical_text(&old.title) != title => vec![text(), title],
        Against::First | Against::Edited { .. } => vec![text()],
        Against::Same | Against::Technical => Vec::new(),
    }
}
