//! What a check that looked at some releases has to look at besides, before it can be judged as one that looked at
//! all of them: a single edit may be one of the template, a new release may be an old one under another address.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::fingerprint;
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

/// What tells which releases have to do with each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relative {
    /// The release.
    pub id: ReleaseId,
    /// Where it stands.
    pub state: ReleaseState,
    /// When its text last changed, or when it went.
    pub stirred_at: Option<DateTime<Utc>>,
    /// When it was last looked at.
    pub looked_at: Option<DateTime<Utc>>,
    /// The part of the site that it stands in: pages of one part share a template.
    pub section: u8,
    /// Fingerprint of its title.
    pub title: u64,
    /// Fingerprint of the hash of its latest version; none before the first.
    pub text: Option<u64>,
}

/// What the sightings call for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// Nothing more.
    Nothing,
    /// A look at what [`follow_up`] chooses.
    Relatives,
    /// A look at everything.
    Everything,
}

impl Call {
    /// What sightings call for, after the source was as in `before`.
    pub fn of(sightings: &[Sighting], before: &SourceState) -> Self {
        let count = Count::of(sightings);
        let is_rebuilt = count.reread >= MANY && count.reread * 2 > sightings.len();
        let is_over = was_down(before) && count.failed * 2 < sightings.len();
        if count.edited >= MANY || count.gone >= MANY || is_rebuilt || is_over {
            Self::Everything
        } else if sightings.iter().any(|sighting| is_edited(sighting) || first_seen(sighting).is_some()) {
            Self::Relatives
        } else {
            Self::Nothing
        }
    }
}

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
                Observation::Postponed => count.edited += 1,
                Observation::Gone { .. } => count.gone += usize::from(sighting.release.state == ReleaseState::Present),
                Observation::Unreadable { .. } | Observation::Unreachable { .. } | Observation::Unasked { .. } => {
                    count.failed += 1;
                }
                Observation::NotModified { .. } | Observation::Duplicate { .. } | Observation::Forbidden => {}
            }
        }
        count
    }
}

/// The releases that the check has to look at besides; those that it looked at may be among them. `relatives` are all
/// releases of the source.
pub fn follow_up(sightings: &[Sighting], relatives: &[Relative], now: DateTime<Utc>) -> BTreeSet<ReleaseId> {
    let mut more = companions(sightings, relatives);
    for (release, seen) in sightings.iter().filter_map(first_seen) {
        more.extend(origins(release, seen, relatives, now));
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
fn companions(sightings: &[Sighting], relatives: &[Relative]) -> BTreeSet<ReleaseId> {
    let edited: BTreeSet<ReleaseId> =
        sightings.iter().filter(|sighting| is_edited(sighting)).map(|sighting| sighting.release.id).collect();
    if edited.is_empty() {
        return BTreeSet::new();
    }
    let looked_at: BTreeSet<ReleaseId> = sightings.iter().map(|sighting| sighting.release.id).collect();
    let mut sections: BTreeMap<u8, (bool, Vec<&Relative>)> = BTreeMap::new();
    for relative in relatives.iter().filter(|relative| relative.state == ReleaseState::Present) {
        let (is_edited, members) = sections.entry(relative.section).or_default();
        *is_edited |= edited.contains(&relative.id);
        members.push(relative);
    }
    let mut more = BTreeSet::new();
    for (_, mut members) in sections.into_values().filter(|(is_edited, _)| *is_edited) {
        // Those looked at already come first, then those that were not for longest.
        members.sort_by_key(|member| (!looked_at.contains(&member.id), member.looked_at, member.id));
        more.extend(members.into_iter().take(COMPANIONS).map(|member| member.id));
    }
    more
}

/// The releases that a new one may have been: of the same title or text, or lately gone.
fn origins(
    release: ReleaseId,
    seen: &Seen,
    relatives: &[Relative],
    now: DateTime<Utc>,
) -> impl Iterator<Item = ReleaseId> {
    let title = fingerprint(&seen.document.title);
    let text = fingerprint(&content_hash(&seen.document).0);
    let is_origin = move |relative: &&Relative| {
        let is_alike = relative.text.is_some() && (relative.title == title || relative.text == Some(text));
        let went_lately = relative.stirred_at.is_some_and(|at| now - at <= LATELY);
        let is_lost = relative.state == ReleaseState::Removed && went_lately;
        relative.id != release && (is_alike || is_lost)
    };
    relatives.iter().rev().filter(is_origin).take(MOST_ORIGINS).map(|relative| relative.id)
}

fn is_edited(sighting: &Sighting) -> bool {
    sighting.seen().is_some_and(|seen| seen.against.is_edited())
}

fn first_seen(sighting: &Sighting) -> Option<(ReleaseId, &Seen)> {
    let seen = sighting.seen().filter(|seen| seen.against.is_first())?;
    Some((sighting.release.id, seen))
}
