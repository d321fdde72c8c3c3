//! Why a look at a release made no event, where that is not plain: what was seen speaks for one, and did not suffice.

use std::collections::HashSet;
use std::time::Duration;

use super::troubles::{Found, Withholding};
use super::{Against, Facts, Noise, Observation, ReleaseOutcome, Seen, Sighting};
use crate::domain::model::{Reason, Release, ReleaseId, ReleaseState};

/// What is to be said of the last look at a release; the next one makes it stale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The release.
    pub release: ReleaseId,
    /// A sentence for people, without its full stop.
    pub text: String,
}

/// The remarks on all releases, as if there were no events. `withheld` is the trouble that keeps what is gone from
/// being counted.
pub(super) fn find(facts: &Facts<'_>, withheld: Option<(&Found, Withholding)>) -> Vec<Remark> {
    let text_of = |sighting: &Sighting| match &sighting.observation {
        Observation::Seen(seen) => on_seen(seen),
        Observation::NotModified { .. } => None,
        Observation::Postponed => Some(
            "differs from its latest version, as so many releases do that it is left for the next check".to_owned(),
        ),
        Observation::Gone { reason, .. } => on_gone(facts, &sighting.release, *reason, withheld),
        Observation::Duplicate { .. } => {
            Some("shows the words of a release that is known under another address".to_owned())
        }
        Observation::Unreadable { detail, .. } => {
            Some(format!("shows no release ({detail}), which is no edit and no removal"))
        }
        Observation::Forbidden => Some("robots.txt asks us to stay away: nothing was asked for".to_owned()),
        Observation::Unasked { detail } => Some(format!("not asked for: {detail}")),
        Observation::Unreachable { detail } => Some(format!("not reached ({detail}), which is no edit and no removal")),
    };
    let remarks = facts.sightings.iter();
    remarks.filter_map(|sighting| Some(Remark { release: sighting.release.id, text: text_of(sighting)? })).collect()
}

/// Takes out what an event tells.
pub(super) fn without_told(mut remarks: Vec<Remark>, outcomes: &[ReleaseOutcome]) -> Vec<Remark> {
    let told = outcomes.iter().filter(|outcome| !outcome.events.is_empty());
    let told: HashSet<ReleaseId> =
        told.flat_map(|outcome| [Some(outcome.release.id), outcome.merged]).flatten().collect();
    remarks.retain(|remark| !told.contains(&remark.release));
    remarks
}

fn on_seen(seen: &Seen) -> Option<String> {
    let text = match (&seen.against, seen.noise) {
        (Against::Same | Against::Technical, Some(Noise::Churned)) => {
            "differs from its latest version only where most releases show another text since the check before: that is \
             told as one event of the source, and if it happens there again, not at all"
        }
        (Against::Technical, _) => {
            "nothing differs once what is noise on this site is left out of the old page, too: only our reading is \
             another one, which is kept as a technical version"
        }
        (Against::Same, Some(Noise::Learned)) => {
            "nothing differs once what is noise on this site is left out of the old page, too; most of the text went \
             with it, so the earlier reading is kept"
        }
        (Against::Same, Some(Noise::Restless)) => {
            "differs from its latest version only in what differs from fetch to fetch, too"
        }
        (Against::Same, Some(Noise::Stale)) => {
            "reads as before its last edit, as a cache shows it for a while; that is told if the next look sees the same"
        }
        (Against::Edited { .. }, _) => {
            "differs from its latest version, and is kept as a version; what differs came to many releases at once, \
             quotes other releases, or keeps changing back and forth, so it is no event of this release"
        }
        (Against::Same, None) | (Against::First, _) => return None,
    };
    Some(text.to_owned())
}

fn on_gone(
    facts: &Facts<'_>,
    release: &Release,
    reason: Reason,
    withheld: Option<(&Found, Withholding)>,
) -> Option<String> {
    if release.state == ReleaseState::Removed {
        return None;
    }
    let seen = told(reason);
    if release.latest.is_none() {
        return Some(format!("{seen}; it was never read, so there is nothing that could be removed"));
    }
    if let Some((trouble, _)) = withheld.filter(|(_, withholding)| !withholding.lets_count(reason)) {
        return Some(format!("{seen}, which counts as nothing while the source is in trouble: {}", trouble.detail));
    }
    let confirm = facts.source.confirm_removal;
    let checks = release.gone.as_ref().filter(|streak| streak.is_gone()).map_or(0, |streak| streak.checks) + 1;
    let so_far = if checks == 1 { "1 check".to_owned() } else { format!("{checks} checks") };
    let (wanted, after) = (confirm.checks, spoken(confirm.after));
    Some(format!("{seen}, in {so_far} so far; a removal takes {wanted}, over {after} at least"))
}

/// What the address does when it answers in this way.
pub(super) fn told(reason: Reason) -> &'static str {
    match reason {
        Reason::NotFound => "answers 404",
        Reason::Gone => "answers 410",
        Reason::LegalReasons => "answers 451: withheld for legal reasons",
        Reason::SoftNotFound => "shows the site's page for what does not exist",
        _ => "leads to a page that is not the release",
    }
}

fn spoken(duration: Duration) -> String {
    match duration.as_secs() {
        seconds if seconds % 3600 == 0 => format!("{} h", seconds / 3600),
        seconds if seconds % 60 == 0 => format!("{} min", seconds / 60),
        seconds => format!("{seconds} s"),
    }
}
