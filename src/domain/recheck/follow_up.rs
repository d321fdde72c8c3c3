//! What a check that looked at some releases has to look at besides, before it can be judged as one that looked at
//! all of them: a single edit may be one of the template, a new release may be an old one under another address.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::{Prospect, fingerprint};
use crate::domain::classify::{Against, Observation, Seen, Sighting};
use crate::domain::model::{Reason, ReleaseId, ReleaseState, SourceState};
use crate::domain::normalize::content_hash;

/// From this many edited, or newly gone, releases on all are looked at.
const MANY: usize = 3;
/// Releases of a section that are looked at before an edit in it is believed to be the release's own.
const COMPANIONS: usize = 8;
/// Releases that went this lately may turn up as new ones.
const LATELY: TimeDelta = TimeDelta::days(30);
/// Releases from which one new one may have come.
const MOST_ORIGINS: usize = 20;

/// What was seen, by numbers.
#[derive(Default)]
struct Count {
    edited: usize,
    reread: usize,
    gone: usize,
    failed: usize,
}

impl Count {
    fn of(sightings: &[Sighting]) -> Self {
        let mut count = Self::default();
        for sighting in sightings {
            match &sighting.observation {
                Observation::Seen(seen) => match seen.against {
                    Against::Edited { .. } => count.edited += 1,
                    Against::Technical => count.reread += 1,
                    Against::First | Against::Same => {}
                },
                Observation::Gone { .. } => count.gone += usize::from(sighting.release.state == ReleaseState::Present),
                Observation::Unreadable { .. } | Observation::Unreachable { .. } => count.failed += 1,
                Observation::NotModified | Observation::Duplicate | Observation::Forbidden => {}
            }
        }
        count
    }
}

/// The releases that the check has to look at besides; those that it looked at may be among them.
pub fn follow_up(
    sightings: &[Sighting],
    prospects: &[Prospect],
    before: &SourceState,
    now: DateTime<Utc>,
) -> BTreeSet<ReleaseId> {
    let count = Count::of(sightings);
    let is_rebuilt = count.reread >= MANY && count.reread * 2 > sightings.len();
    let is_over = was_down(before) && count.failed * 2 < sightings.len();
    if count.edited >= MANY || count.gone >= MANY || is_rebuilt || is_over {
        return prospects.iter().map(|prospect| prospect.id).collect();
    }
    let mut more = companions(sightings, prospects);
    for (release, seen) in sightings.iter().filter_map(first_seen) {
        more.extend(origins(release, seen, prospects, now));
    }
    more
}

/// Whether the site did not answer, or not with releases: much may have happened meanwhile.
fn was_down(state: &SourceState) -> bool {
    let is_down = |cause: Reason| {
        matches!(
            cause,
            Reason::Outage | Reason::Blocked | Reason::Maintenance | Reason::Unreadable | Reason::MassRemoval
        )
    };
    state.troubles.iter().any(|trouble| is_down(trouble.cause))
}

/// The edited releases' neighbours: an edit that they share is one of the template.
fn companions(sightings: &[Sighting], prospects: &[Prospect]) -> BTreeSet<ReleaseId> {
    let edited: BTreeSet<ReleaseId> =
        sightings.iter().filter(|sighting| is_edited(sighting)).map(|sighting| sighting.release.id).collect();
    if edited.is_empty() {
        return BTreeSet::new();
    }
    let looked_at: BTreeSet<ReleaseId> = sightings.iter().map(|sighting| sighting.release.id).collect();
    let mut sections: BTreeMap<u8, (bool, Vec<&Prospect>)> = BTreeMap::new();
    for prospect in prospects.iter().filter(|prospect| prospect.state == ReleaseState::Present) {
        let (is_edited, members) = sections.entry(prospect.section).or_default();
        *is_edited |= edited.contains(&prospect.id);
        members.push(prospect);
    }
    let mut more = BTreeSet::new();
    for (_, mut members) in sections.into_values().filter(|(is_edited, _)| *is_edited) {
        // Those looked at already come first, then those that were not for longest.
        members.sort_by_key(|member| (!looked_at.contains(&member.id), member.looks.last_at, member.id));
        more.extend(members.into_iter().take(COMPANIONS).map(|member| member.id));
    }
    more
}

/// The releases that a new one may have been: of the same title or text, or lately gone.
fn origins(
    release: ReleaseId,
    seen: &Seen,
    prospects: &[Prospect],
    now: DateTime<Utc>,
) -> impl Iterator<Item = ReleaseId> {
    let title = fingerprint(&seen.document.title);
    let text = fingerprint(&content_hash(&seen.document).0);
    let is_origin = move |prospect: &&Prospect| {
        let is_alike = prospect.text.is_some() && (prospect.title == title || prospect.text == Some(text));
        let went_lately = prospect.stirred_at.is_some_and(|at| now - at <= LATELY);
        let is_lost = prospect.state == ReleaseState::Removed && went_lately;
        prospect.id != release && (is_alike || is_lost)
    };
    prospects.iter().rev().filter(is_origin).take(MOST_ORIGINS).map(|prospect| prospect.id)
}

fn is_edited(sighting: &Sighting) -> bool {
    matches!(&sighting.observation, Observation::Seen(seen) if matches!(seen.against, Against::Edited { .. }))
}

fn first_seen(sighting: &Sighting) -> Option<(ReleaseId, &Seen)> {
    match &sighting.observation {
        Observation::Seen(seen) if matches!(seen.against, Against::First) => Some((sighting.release.id, seen)),
        _ => None,
    }
}
