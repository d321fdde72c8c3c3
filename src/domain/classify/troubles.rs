//! What is wrong with a source as a whole. Each trouble is told once, and once more when it is over; while one
//! lasts, nothing that is gone is counted, because a source that is down has removed nothing.

use super::{Facts, Observation, Walk, idle};
use crate::domain::counted::counted;
use crate::domain::model::{Discovery, Event, EventKind, Reason, Significance, Source, SourceState, Trouble};
use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

/// Something that is wrong in this check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) cause: Reason,
    pub(super) detail: String,
}

/// Walks in a row that fail before a listing counts as failing.
const FAILED_WALKS: u32 = 3;
/// How long removals are withheld while the rest of the source can be read, or most of it is gone.
const PATIENCE: TimeDelta = TimeDelta::hours(24);
/// How long they are while it is down: who rebuilds a site for some days has removed nothing.
const LONG_PATIENCE: TimeDelta = TimeDelta::days(7);
/// Below this many releases that were asked for, shares say nothing.
const FEWEST_ASKED: usize = 4;

/// What does not count as gone while a trouble lasts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Withholding {
    /// All of it counts.
    #[default]
    Nothing,
    /// Only what the status says: a page may belong to the trouble.
    Pages,
    /// None of it counts.
    Everything,
}

impl Withholding {
    /// Whether a release that is gone for this reason counts as such.
    pub(super) fn lets_count(self, reason: Reason) -> bool {
        self == Self::Nothing || (self == Self::Pages && reason.is_status())
    }
}

impl Found {
    /// Not for ever: what a source shows for long enough is how it is. What leads away permanently is said to be gone;
    /// otherwise a mass of removals does not count while a listing is out of order, too.
    pub(super) fn withholding(&self, facts: &Facts<'_>) -> Withholding {
        let before = facts.state.troubles.iter().find(|trouble| trouble.cause == self.cause);
        let lasts = |patience| before.is_some_and(|trouble| facts.now - trouble.since >= patience);
        let after = |patience, then| if lasts(patience) { then } else { Withholding::Everything };
        match self.cause {
            Reason::MassRemoval if is_listing_out(facts) && !Count::of(facts).leads_away() => Withholding::Everything,
            Reason::MassRemoval | Reason::EmptyListing => after(PATIENCE, Withholding::Nothing),
            Reason::Blocked => after(PATIENCE, Withholding::Pages),
            Reason::Outage | Reason::Maintenance | Reason::Unreadable => after(LONG_PATIENCE, Withholding::Pages),
            _ => Withholding::Nothing,
        }
    }
}

/// How many releases answered in which way.
#[derive(Default)]
struct Count {
    asked: usize,
    read: usize,
    silent: usize,
    /// Not asked for, and not among those asked.
    unasked: usize,
    blocked: usize,
    forbidden: usize,
    notices: usize,
    unreadable: usize,
    gone: usize,
    /// Of those that are gone: pages that look like the site's page for what does not exist.
    soft: usize,
    /// Of those that are gone: addresses that lead to another page.
    away: usize,
}

impl Count {
    fn leads_away(&self) -> bool {
        self.away * 2 >= self.gone
    }

    fn of(facts: &Facts<'_>) -> Self {
        let mut count = Self { asked: facts.sightings.len(), ..Self::default() };
        for sighting in &facts.sightings {
            match &sighting.observation {
                Observation::Seen(_) | Observation::NotModified { .. } | Observation::Postponed => count.read += 1,
                Observation::Unreachable { .. } => count.silent += 1,
                Observation::Unasked { .. } => {
                    count.unasked += 1;
                    count.asked -= 1;
                }
                Observation::Forbidden => count.forbidden += 1,
                Observation::Unreadable { reason: Reason::Blocked, .. } => count.blocked += 1,
                Observation::Unreadable { reason: Reason::Unreadable, .. } => count.unreadable += 1,
                Observation::Unreadable { .. } => count.notices += 1,
                Observation::Gone { .. } if sighting.release.latest.is_some() && !is_known_gone(sighting) => {
                    count.gone += 1;
                    let is = |why: Reason| {
                        usize::from(matches!(sighting.observation, Observation::Gone { reason, .. } if reason == why))
                    };
                    count.soft += is(Reason::SoftNotFound);
                    count.away += is(Reason::RedirectedAway);
                }
                Observation::Gone { .. } | Observation::Duplicate { .. } => count.asked -= 1,
            }
        }
        count
    }
}

fn is_known_gone(sighting: &super::Sighting) -> bool {
    sighting.release.state == crate::domain::model::ReleaseState::Removed
}

pub(super) fn find(facts: &Facts<'_>) -> Vec<Found> {
    let count = Count::of(facts);
    let mut found = Vec::new();
    if count.asked == 0 && count.unasked > 0 {
        let unasked = counted(count.unasked, "release", "releases");
        found.push(Found { cause: Reason::Outage, detail: format!("none of {unasked} could be asked for") });
    }
    let mut add = |cause: Reason, part: usize, what: &str| {
        found.push(Found { cause, detail: format!("{part} of {} releases {what}", count.asked) });
    };
    let is_most = |part: usize| part > 0 && part * 2 >= count.asked;
    if is_most(count.silent) {
        add(Reason::Outage, count.silent, &with_unasked("could not be reached", count.unasked));
    }
    let refused = count.blocked + count.forbidden;
    if is_most(refused) {
        add(Reason::Blocked, refused, "were refused to us");
    }
    if is_most(count.unreadable) {
        add(Reason::Unreadable, count.unreadable, "show no text that can be read");
    }
    // Whatever address is asked for, a site under maintenance shows its notice, as others show "not found".
    let notices = count.notices + count.soft;
    let shows_notices = is_most(notices) && (count.soft == 0 || count.asked >= FEWEST_ASKED);
    if shows_notices {
        add(Reason::Maintenance, notices, "show a notice in place of their text");
    }
    if !shows_notices && count.asked >= FEWEST_ASKED && is_most(count.gone) {
        add(Reason::MassRemoval, count.gone, "are gone at once; none is reported as removed while that lasts");
    }
    // A notice on all pages stands on the listing too: one cause, one event.
    if found.is_empty() {
        let find_idle = || idle::find(facts);
        found.extend(find_empty_listing(facts).or_else(find_idle).or_else(|| find_failing_listing(facts)));
    }
    found
}

fn with_unasked(what: &str, unasked: usize) -> String {
    if unasked == 0 { what.to_owned() } else { format!("{what}; {unasked} more were not asked for") }
}

/// Whether a listing that used to name releases names none, or cannot be read.
fn is_listing_out(facts: &Facts<'_>) -> bool {
    let used_to_name = |url: &Url| facts.listings.iter().any(|record| record.url == *url && record.entries > 0);
    let mut listings = facts.walks.iter().filter(|walk| walk.kind == Discovery::Listing);
    listings.any(|walk| !walk.is_whole() && used_to_name(&walk.listing))
}

/// A listing that used to name releases and now names none, while the rest of the source answers.
fn find_empty_listing(facts: &Facts<'_>) -> Option<Found> {
    let used_to_name = |url: &Url| facts.listings.iter().any(|record| record.url == *url && record.entries > 0);
    // A feed of the last days may well be empty, as long as something else names releases.
    let is_all_empty = facts.walks.iter().all(|walk| walk.entries.is_empty());
    let empty: Vec<&str> = facts
        .walks
        .iter()
        .filter(|walk| walk.kind == Discovery::Listing || is_all_empty)
        .filter(|walk| walk.entries.is_empty() && walk.problem.is_none() && walk.cut.is_none())
        .filter(|walk| used_to_name(&walk.listing))
        .map(|walk| walk.listing.path())
        .collect();
    (!empty.is_empty())
        .then(|| Found { cause: Reason::EmptyListing, detail: format!("no releases on {}", empty.join(", ")) })
}

/// A listing that could not be read whole for several checks, or of which some is left out, so that new releases may go
/// unseen. One that a page named in passing may fail as it likes.
fn find_failing_listing(facts: &Facts<'_>) -> Option<Found> {
    let source = facts.source;
    let is_asked_for =
        |url: &Url| [&source.listings, &source.feeds, &source.sitemaps].iter().any(|kind| kind.contains(url));
    let failed_before =
        |url: &Url| facts.listings.iter().find(|record| record.url == *url).map_or(0, |record| record.failures);
    let problem = |walk: &'_ Walk| {
        let lasts = failed_before(&walk.listing) + 1 >= FAILED_WALKS;
        walk.problem.clone().filter(|_| lasts).or_else(|| walk.cut.clone())
    };
    let failing: Vec<String> = facts
        .walks
        .iter()
        .filter(|walk| is_asked_for(&walk.listing))
        .filter_map(|walk| Some(format!("{}: {}", walk.listing.path(), problem(walk)?)))
        .collect();
    (!failing.is_empty()).then(|| Found { cause: Reason::ListingFailing, detail: failing.join(", ") })
}

/// An outage shorter than two checks is nobody's business.
fn is_told_at_once(cause: Reason) -> bool {
    !matches!(cause, Reason::Outage | Reason::Blocked | Reason::Unreadable)
}

/// The state from now on, and the events about troubles that began or ended.
pub(super) fn tell(facts: &Facts<'_>, found: &[Found]) -> (SourceState, Vec<Event>) {
    let mut events = Vec::new();
    let mut troubles = Vec::new();
    for now in found {
        let before = facts.state.troubles.iter().find(|trouble| trouble.cause == now.cause);
        let since = before.map_or(facts.now, |trouble| trouble.since);
        let was_told = before.is_some_and(|trouble| trouble.told);
        let is_idle = now.cause == Reason::Unreadable && facts.watched.read == 0;
        let told = was_told || before.is_some() || is_idle || is_told_at_once(now.cause);
        if told && !was_told {
            let mut event = site_event(facts, EventKind::Site, now.cause);
            event.summary.clone_from(&now.detail);
            event.explanation = format!("since {}: {}", since.to_rfc3339(), now.detail);
            events.push(event);
        }
        troubles.push(Trouble { cause: now.cause, since, told });
    }
    for over in facts.state.troubles.iter().filter(|trouble| !found.iter().any(|now| now.cause == trouble.cause)) {
        if over.told {
            let mut event = site_event(facts, EventKind::Site, over.cause);
            event.reasons.push(Reason::Recovered);
            event.significance = Significance::Minor;
            event.summary = format!("{} is over", name_of(over.cause));
            event.explanation = format!("it lasted from {} to {}", over.since.to_rfc3339(), facts.now.to_rfc3339());
            events.push(event);
        }
    }
    let count = Count::of(facts);
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let state = SourceState {
        troubles,
        checked_at: Some(facts.now),
        answered: number(count.read),
        asked: number(count.asked),
        forbidden: number(count.forbidden),
    };
    (state, events)
}

fn name_of(cause: Reason) -> &'static str {
    match cause {
        Reason::Outage => "the outage",
        Reason::Blocked => "the refusal",
        Reason::Maintenance => "the notice on all pages",
        Reason::Unreadable => "the time without readable pages",
        Reason::EmptyListing => "the empty listing",
        Reason::MassRemoval => "the absence of most releases",
        Reason::ListingFailing => "the listing that could not be read whole",
        Reason::Unchecked => "the time without checks",
        _ => "the trouble",
    }
}

/// An event about the source; its address is the root of the site.
pub(super) fn site_event(facts: &Facts<'_>, kind: EventKind, cause: Reason) -> Event {
    about_source(facts.source, kind, cause, facts.now)
}

pub(super) fn about_source(source: &Source, kind: EventKind, cause: Reason, now: DateTime<Utc>) -> Event {
    let place = source.places().next();
    let url = place.and_then(|url| url.join("/").ok()).or_else(|| place.cloned());
    Event {
        at: now,
        kind,
        source: source.id.clone(),
        url: url.unwrap_or_else(|| NO_SITE.clone()),
        old_url: None,
        title: source.name.clone(),
        fields: Vec::new(),
        significance: Significance::Major,
        reasons: vec![cause],
        summary: String::new(),
        old_version: None,
        new_version: None,
        explanation: String::new(),
        evidence: Vec::new(),
        release: None,
    }
}

/// A checked configuration names at least one address.
static NO_SITE: std::sync::LazyLock<Url> = std::sync::LazyLock::new(|| match Url::parse("about:blank") {
    Ok(url) => url,
    Err(error) => unreachable!("about:blank: {error}"),
});
