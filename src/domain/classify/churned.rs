//! Text that became another one at the same place of many releases at once. A list of stories that rotates looks so
//! when it is seen for the first time, and so does an editor who works through his releases: nothing is told of each
//! of them, but that it happened is told once, as an event of the source.

use super::{Facts, Noise, Observation, Seen, Sighting};
use crate::domain::model::{Event, EventKind, Field, Reason, Significance};

/// Releases that the event names, with their snapshots.
const MOST_NAMED: usize = 20;

pub(super) fn tell(facts: &Facts<'_>) -> Option<Event> {
    let churned: Vec<(&Sighting, &Seen)> = facts.sightings.iter().filter_map(churned).collect();
    if churned.is_empty() {
        return None;
    }
    let mut event = super::troubles::site_event(facts, EventKind::Site, Reason::Boilerplate);
    event.significance = Significance::Major;
    event.fields = vec![Field::Body];
    event.summary =
        format!("text at one place of {} releases became another one on most of them at once", churned.len());
    "each of them shows something else there now, as where stories rotate; if it happens there again, it is not told"
        .clone_into(&mut event.explanation);
    for (sighting, seen) in churned.into_iter().take(MOST_NAMED) {
        event.explanation = format!("{}; {}", event.explanation, sighting.release.url);
        event.evidence.push(seen.snapshot);
    }
    Some(event)
}

fn churned(sighting: &Sighting) -> Option<(&Sighting, &Seen)> {
    let Observation::Seen(seen) = &sighting.observation else { return None };
    (seen.noise == Some(Noise::Churned)).then_some((sighting, seen))
}
