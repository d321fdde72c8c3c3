//! Single releases that cannot be read any more while the rest of the source can: withdrawn behind a login or for
//! legal reasons, answered with an empty page, closed by robots.txt. Nothing says that they are gone, so it is no
//! removal; but silence about them would say that they are as they were.

use std::collections::HashMap;
use std::fmt::Write as _;

use chrono::TimeDelta;

use super::troubles::site_event;
use super::{Facts, Observation, Sighting};
use crate::domain::counted::counted;
use crate::domain::model::{Event, EventKind, GoneStreak, Reason, ReleaseId, ReleaseState, Significance};

/// How long a page has to stay unreadable, and in how many checks.
const PATIENCE: TimeDelta = TimeDelta::hours(24);
const FEWEST_CHECKS: u32 = 3;
/// Addresses that one event names.
const MOST_NAMED: usize = 5;

/// What a check says of them.
#[derive(Debug, Default)]
pub(super) struct Unread {
    /// The runs of checks in which they could not be read, this one included.
    pub(super) streaks: HashMap<ReleaseId, GoneStreak>,
    /// One for all that have stayed so for long enough now, and one for all that can be read again.
    pub(super) events: Vec<Event>,
}

/// Counts this check, unless the source as a whole is in trouble: that is told by itself, and says nothing of one
/// release.
pub(super) fn find(facts: &Facts<'_>, is_in_trouble: bool) -> Unread {
    let mut unread = Unread::default();
    let (mut lost, mut back) = (Vec::new(), Vec::new());
    for sighting in facts.sightings.iter().filter(|sighting| sighting.release.state != ReleaseState::Removed) {
        let release = &sighting.release;
        let before = release.gone.as_ref().filter(|streak| !streak.is_gone());
        // What was called unlisted because it could not be read either is told.
        let was_told = before.is_some_and(is_long) && !release.unlisted;
        if matches!(sighting.observation, Observation::Seen(_) | Observation::NotModified { .. }) && was_told {
            back.push(release.url.path().to_owned());
        }
        if is_in_trouble {
            continue;
        }
        let Some((streak, detail)) = count(facts, sighting) else { continue };
        let is_watched = (release.latest.is_some() || release.announce) && !release.unlisted;
        if is_watched && is_long(&streak) && !was_told {
            lost.push(format!("{} ({detail})", release.url.path()));
        }
        unread.streaks.insert(release.id, streak);
    }
    unread.events = [tell_lost(facts, &lost), tell_back(facts, &back)].into_iter().flatten().collect();
    unread
}

/// The run that this sighting makes longer, and what was seen. What was gone a moment ago is still on its way to a
/// removal.
fn count(facts: &Facts<'_>, sighting: &Sighting) -> Option<(GoneStreak, String)> {
    let (reason, detail) = match &sighting.observation {
        Observation::Unreadable { reason, detail } => (*reason, detail.clone()),
        Observation::Forbidden => (Reason::Blocked, "robots.txt asks us to stay away".to_owned()),
        Observation::Unreachable { detail } => (Reason::Outage, detail.clone()),
        _ => return None,
    };
    let before = sighting.release.gone.as_ref();
    if before.is_some_and(|streak| streak.is_gone() && facts.now - streak.last_at < PATIENCE) {
        return None;
    }
    let before = before.filter(|streak| !streak.is_gone());
    // A clock that was set back must not make the wait longer.
    let first_at = before.map_or(facts.now, |streak| streak.first_at.min(facts.now));
    let checks = before.map_or(0, |streak| streak.checks) + 1;
    Some((GoneStreak { reason, first_at, last_at: facts.now, checks }, detail))
}

fn is_long(streak: &GoneStreak) -> bool {
    streak.checks >= FEWEST_CHECKS && streak.last_at - streak.first_at >= PATIENCE
}

fn tell_lost(facts: &Facts<'_>, lost: &[String]) -> Option<Event> {
    let mut event = (!lost.is_empty()).then(|| site_event(facts, EventKind::Site, Reason::Unread))?;
    event.summary = format!("{} cannot be read any more: {}", counted(lost.len(), "release", "releases"), named(lost));
    "for a day or longer no check could read them, while it could read others: nothing says that they \
                         are gone, and whether they have changed cannot be seen"
        .clone_into(&mut event.explanation);
    Some(event)
}

fn tell_back(facts: &Facts<'_>, back: &[String]) -> Option<Event> {
    let mut event = (!back.is_empty()).then(|| site_event(facts, EventKind::Site, Reason::Unread))?;
    event.reasons.push(Reason::Recovered);
    event.significance = Significance::Minor;
    event.summary = format!("{} can be read again: {}", counted(back.len(), "release", "releases"), named(back));
    Some(event)
}

fn named(paths: &[String]) -> String {
    let mut text = paths.iter().take(MOST_NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    if let Some(more @ 1..) = paths.len().checked_sub(MOST_NAMED) {
        let _ = write!(text, " and {more} more");
    }
    text
}
