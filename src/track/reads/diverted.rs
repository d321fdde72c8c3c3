//! Releases that are led to one and the same page by redirects that call themselves temporary: a site under maintenance
//! does that with all that is asked of it. What is gone for good is led away by itself, or permanently, or for longer
//! than a day while the listings name the others.

use std::collections::{HashMap, HashSet};

use url::Url;

use crate::domain::address::identity;
use crate::domain::classify::{Observation, Sighting};
use crate::domain::model::{Discovery, Fetched, Reason, ReleaseId, ReleaseState, Source};
use crate::track::{TrackError, Tracker, Walked};

/// So many releases on one page are no accident.
const FEWEST: usize = 2;

/// Where a redirect that calls itself temporary led.
pub(super) fn diverted_to(fetched: &Fetched) -> Option<&Url> {
    let is_temporary = fetched.redirects.iter().any(|redirect| matches!(redirect.status, 302 | 303 | 307));
    (is_temporary && identity(&fetched.final_url) != identity(&fetched.url)).then_some(&fetched.final_url)
}

impl Tracker {
    /// Takes what shares the page it was led to for a notice of the site, not for gone.
    pub(super) async fn mark_diverted(
        &self,
        source: &Source,
        walked: &Walked,
        sightings: &mut [Sighting],
        diverted: &HashMap<ReleaseId, Url>,
    ) -> Result<(), TrackError> {
        let there = sightings.iter().filter(|sighting| is_watched(sighting)).count();
        let mut groups: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, sighting) in sightings.iter().enumerate().filter(|(_, sighting)| is_led_away(sighting)) {
            let Some(target) = diverted.get(&sighting.release.id) else { continue };
            groups.entry(place_of(target)).or_default().push(at);
        }
        let listings = whole_listings(source, walked);
        for (place, group) in groups {
            if group.len() < FEWEST.min(there) || listings.contains(&place) {
                continue;
            }
            let is_listing_out = is_listing_out(walked, &place);
            for at in group {
                let is_over = !is_listing_out && self.is_lasting(&sightings[at].release).await?;
                if !is_over {
                    let detail = "is led to another page for the time being".to_owned();
                    sightings[at].observation = Observation::Unreadable { reason: Reason::Maintenance, detail };
                }
            }
        }
        Ok(())
    }
}

fn is_watched(sighting: &Sighting) -> bool {
    sighting.release.latest.is_some() && sighting.release.state != ReleaseState::Removed
}

fn is_led_away(sighting: &Sighting) -> bool {
    let is_away = matches!(sighting.observation, Observation::Gone { reason: Reason::RedirectedAway, .. });
    is_away && is_watched(sighting)
}

/// A page, whatever it is asked to remember of where one came from.
fn place_of(url: &Url) -> String {
    let mut place = url.clone();
    place.set_query(None);
    identity(&place)
}

/// The listings that name releases as ever: what leads there is no notice.
fn whole_listings(source: &Source, walked: &Walked) -> HashSet<String> {
    let is_whole = |url: &&Url| walked.walks.iter().any(|walk| walk.listing == **url && walk.is_whole());
    source.listings.iter().filter(is_whole).map(place_of).collect()
}

/// Whether a listing could not be read, names nothing, or is led to the same place.
fn is_listing_out(walked: &Walked, place: &str) -> bool {
    let is_led_there = |fetched: &Fetched| diverted_to(fetched).is_some_and(|target| place_of(target) == place);
    let is_out = walked.walks.iter().any(|walk| walk.kind == Discovery::Listing && !walk.is_whole());
    is_out || walked.listing.as_ref().is_some_and(is_led_there)
}
