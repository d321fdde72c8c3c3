//! A source of which nothing is watched: no release was ever named, or none could ever be read. Without a word about
//! it, silence would look like a site on which nothing happens.

use super::troubles::Found;
use super::{Facts, Observation};
use crate::domain::model::Reason;

pub(super) fn find(facts: &Facts<'_>) -> Option<Found> {
    find_unnamed(facts).or_else(|| find_unread(facts))
}

/// Listings that can be read, and never named a release.
fn find_unnamed(facts: &Facts<'_>) -> Option<Found> {
    let is_empty = !facts.walks.is_empty()
        && facts.walks.iter().all(|walk| walk.problem.is_none() && walk.cut.is_none() && walk.entries.is_empty())
        && facts.watched.named == 0;
    let paths: Vec<&str> = facts.walks.iter().map(|walk| walk.listing.path()).collect();
    is_empty.then(|| Found {
        cause: Reason::EmptyListing,
        detail: format!(
            "no releases were found on {}: is it the page that lists them, and does it do so without a browser?",
            paths.join(", ")
        ),
    })
}

/// Releases that were never there where they are said to be.
fn find_unread(facts: &Facts<'_>) -> Option<Found> {
    let gone = |reason: Option<Reason>| {
        let is_gone = |observation: &Observation| match observation {
            Observation::Gone { reason: why, .. } => reason.is_none_or(|reason| reason == *why),
            _ => false,
        };
        facts.sightings.iter().filter(|sighting| is_gone(&sighting.observation)).count()
    };
    let (all, soft) = (gone(None), gone(Some(Reason::SoftNotFound)));
    let is_unread = facts.watched.read == 0 && all > 0 && all == facts.sightings.len();
    let why = if soft * 2 >= all {
        "they show what the site shows at addresses that do not exist, as one does that needs a browser"
    } else {
        "their addresses answer that there is nothing"
    };
    is_unread.then(|| Found { cause: Reason::Unreadable, detail: format!("none of {all} releases can be read: {why}") })
}
