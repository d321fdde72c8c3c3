//! What the walks of the listings say: which releases are news, and which are on no listing any more.
//!
//! A release is missed only by a walk that should have named it: one that came to the end of the listing, or that
//! still names something which stood behind it. Falling off the end of a feed, behind the last page that is walked, or
//! behind newer ones where only the latest are shown, is nothing.

mod pushed;

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use url::Url;

use super::{Facts, Observation};
use crate::domain::discover::ListingPlace;
use crate::domain::model::{Discovery, ListingRecord, ReleaseId, Standing};

/// One walk over the pages of a listing, or one reading of a feed or sitemap.
#[derive(Clone, Debug)]
pub struct Walk {
    /// Its address as configured or found.
    pub listing: Url,
    /// What it is.
    pub kind: Discovery,
    /// The releases that it named, in order.
    pub entries: Vec<ReleaseId>,
    /// Where on its pages they stand, if that was learned.
    pub place: Option<ListingPlace>,
    /// The first of them on each further page.
    pub page_starts: Vec<ReleaseId>,
    /// How many of them its first page names.
    pub first_page: u32,
    /// Pages that were read.
    pub pages: u32,
    /// Whether there was no further page.
    pub reached_end: bool,
    /// Why the walk is not whole, if it is not.
    pub problem: Option<String>,
    /// What was left out because there is too much, if anything was. What was left out is not missed.
    pub cut: Option<String>,
}

impl Walk {
    /// Whether all that was to be read was read, and named something.
    pub fn is_whole(&self) -> bool {
        self.problem.is_none() && !self.entries.is_empty()
    }

    /// The walk as if it named releases by their own addresses where it names them by other ones.
    fn naming_originals(&self, originals: &HashMap<ReleaseId, ReleaseId>) -> Self {
        let original = |id: &ReleaseId| originals.get(id).copied().unwrap_or(*id);
        let mut named = HashSet::new();
        let entries = self.entries.iter().map(original).filter(|id| named.insert(*id)).collect();
        Self { entries, page_starts: self.page_starts.iter().map(original).collect(), ..self.clone() }
    }
}

/// Walks in a row that have to miss a release before it counts as unlisted.
const MISSED_WALKS: u32 = 2;
/// Entries that return at once in a walk that shows a choice.
const FEWEST_RETURNED: usize = 2;
/// Walks after which a listing that names far less is believed.
const PATIENCE: u32 = 10;
/// Entries below which a listing may well lose half of them.
const FEWEST_ENTRIES: usize = 6;
/// Position of a release that fell off the end of a listing.
const FALLEN: u32 = u32::MAX;
/// Depth of a listing that was walked to its end.
const WHOLE: u32 = u32::MAX;

/// Which entries of a walk would be news if they are not known yet: those in the part of the listing that an earlier
/// whole walk has seen, and before its last known entry, because what an old listing newly shows at its end is old.
pub fn announces(record: Option<&ListingRecord>, page: u32, has_known_behind: bool) -> bool {
    record.is_some_and(|record| {
        let reached_end = record.whole_depth == WHOLE;
        record.whole_depth > 0 && page <= record.whole_depth && (reached_end || has_known_behind)
    })
}

/// The same where a walk reaches nothing that is known, because so much is new: what is dated since the last whole walk
/// is news, and where nothing has a date, what stands on the first page.
pub fn announces_unknown(record: Option<&ListingRecord>, page: u32, day: Option<NaiveDate>, has_days: bool) -> bool {
    record.is_some_and(|record| {
        let is_new = match (day, record.whole_at) {
            (Some(day), Some(whole_at)) => day >= whole_at.date_naive(),
            _ => !has_days && page == 1,
        };
        page <= record.whole_depth && is_new
    })
}

/// The listings after the walks, the standings that are another now, and the releases that no listing names any more.
pub(super) fn update(facts: &Facts<'_>) -> (Vec<ListingRecord>, Vec<Standing>, HashSet<ReleaseId>) {
    let records = facts.walks.iter().map(|walk| record_of(facts, walk)).collect();
    let originals = originals(facts);
    let mut standings = Vec::new();
    for walk in &facts.walks {
        let record = facts.listings.iter().find(|record| record.url == walk.listing);
        let before: Vec<&Standing> =
            facts.standings.iter().filter(|standing| standing.listing == walk.listing).collect();
        if walk.is_whole() && !is_cut_short(walk, record) {
            standings.extend(stand(&walk.naming_originals(&originals), &before, facts.now));
        } else {
            standings.extend(before.into_iter().cloned());
        }
    }
    let walked: HashSet<&Url> = facts.walks.iter().map(|walk| &walk.listing).collect();
    standings.extend(facts.standings.iter().filter(|standing| !walked.contains(&standing.listing)).cloned());
    let unlisted = unlisted(&standings);
    let before: HashMap<(&Url, ReleaseId), &Standing> =
        facts.standings.iter().map(|standing| ((&standing.listing, standing.release), standing)).collect();
    standings.retain(|standing| {
        let before = before.get(&(&standing.listing, standing.release));
        before.is_none_or(|before| (before.position, before.missed) != (standing.position, standing.missed))
    });
    (records, standings, unlisted)
}

/// The releases of which others are second addresses: who names the one lists the other.
fn originals(facts: &Facts<'_>) -> HashMap<ReleaseId, ReleaseId> {
    let original = |sighting: &super::Sighting| match sighting.observation {
        Observation::Duplicate { of } => Some((sighting.release.id, of)),
        _ => None,
    };
    facts.sightings.iter().filter_map(original).collect()
}

/// Whether a listing names far less than it used to: more likely its fault than a mass of quiet removals.
fn is_cut_short(walk: &Walk, record: Option<&ListingRecord>) -> bool {
    let before = record.map_or(0, |record| record.entries as usize);
    let lasts = record.is_some_and(|record| record.failures >= PATIENCE);
    walk.kind != Discovery::Feed && before >= FEWEST_ENTRIES && walk.entries.len() * 2 < before && !lasts
}

fn record_of(facts: &Facts<'_>, walk: &Walk) -> ListingRecord {
    let before = facts.listings.iter().find(|record| record.url == walk.listing);
    let mut record = before.cloned().unwrap_or_else(|| ListingRecord {
        url: walk.listing.clone(),
        kind: walk.kind,
        whole_depth: 0,
        whole_at: None,
        entries: 0,
        place: None,
        first_page: 0,
        failures: 0,
        problem: None,
    });
    if walk.is_whole() && is_cut_short(walk, before) {
        record.failures += 1;
        record.problem = Some(format!("names {} releases; it used to name {}", walk.entries.len(), record.entries));
    } else if walk.is_whole() {
        record.whole_depth = if walk.reached_end { WHOLE } else { walk.pages };
        record.whole_at = Some(facts.now);
        record.entries = u32::try_from(walk.entries.len()).unwrap_or(u32::MAX);
        record.place = walk.place;
        record.first_page = walk.first_page;
        record.failures = 0;
        record.problem.clone_from(&walk.cut);
    } else {
        record.failures += 1;
        let problem = walk.problem.as_ref().or(walk.cut.as_ref());
        record.problem = Some(problem.cloned().unwrap_or_else(|| "names nothing".to_owned()));
    }
    record
}

/// The releases of which the walks say something new: named before and not now, or named again. Only a look tells
/// what became of them.
pub fn restless(walks: &[Walk], listings: &[ListingRecord], standings: &[Standing]) -> HashSet<ReleaseId> {
    let mut restless = HashSet::new();
    for walk in walks {
        let record = listings.iter().find(|record| record.url == walk.listing);
        if !walk.is_whole() || is_cut_short(walk, record) {
            continue;
        }
        let named: HashSet<ReleaseId> = walk.entries.iter().copied().collect();
        let of_walk = standings.iter().filter(|standing| standing.listing == walk.listing);
        let is_news = |standing: &&Standing| {
            let had_fallen = standing.position == FALLEN;
            if named.contains(&standing.release) {
                had_fallen || standing.missed > 0
            } else {
                !had_fallen && standing.missed <= MISSED_WALKS
            }
        };
        restless.extend(of_walk.filter(is_news).map(|standing| standing.release));
    }
    restless
}

fn stand(walk: &Walk, before: &[&Standing], now: DateTime<Utc>) -> Vec<Standing> {
    let positions: HashMap<ReleaseId, u32> = walk
        .entries
        .iter()
        .rev()
        .zip((0..walk.entries.len()).rev())
        .map(|(id, at)| (*id, u32::try_from(at).unwrap_or(FALLEN)))
        .collect();
    let last_known = before.iter().filter(|standing| positions.contains_key(&standing.release));
    let last_known = last_known.map(|standing| standing.position).filter(|position| *position != FALLEN).max();
    let named = positions.iter().map(|(release, position)| Standing {
        listing: walk.listing.clone(),
        release: *release,
        position: *position,
        named_at: now,
        missed: 0,
    });
    let pushed = pushed::pushed_on(walk, &positions, before);
    // Where several return that the last walk missed, a walk shows a choice, and who is not in it is missed by chance.
    let returned = before.iter().filter(|standing| standing.missed > 0 && positions.contains_key(&standing.release));
    let is_choice = returned.count() >= FEWEST_RETURNED;
    let absent = before.iter().filter(|standing| !positions.contains_key(&standing.release)).map(|standing| {
        let ends_whole = walk.reached_end && walk.kind != Discovery::Feed;
        let should_be_named = walk.cut.is_none() && (ends_whole || last_known > Some(standing.position));
        let is_missed = standing.position != FALLEN && should_be_named && !pushed.contains(&standing.release);
        let mut standing = (*standing).clone();
        if is_missed {
            standing.missed = if is_choice { standing.missed.max(1) } else { standing.missed + 1 };
        } else if standing.missed == 0 {
            standing.position = FALLEN;
        }
        standing
    });
    named.chain(absent).collect()
}

/// Missed by every listing that should name it, and by one at least.
fn unlisted(standings: &[Standing]) -> HashSet<ReleaseId> {
    let is_missed = |standing: &Standing| standing.missed >= MISSED_WALKS;
    let listed: HashSet<ReleaseId> = standings
        .iter()
        .filter(|standing| !is_missed(standing) && standing.position != FALLEN)
        .map(|standing| standing.release)
        .collect();
    standings
        .iter()
        .filter(|standing| is_missed(standing) && !listed.contains(&standing.release))
        .map(|standing| standing.release)
        .collect()
}
