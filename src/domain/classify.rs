//! Turns what a check saw into what happened: one judgement over all releases of a source, because a single page
//! cannot tell an edit from a redesign, a removal from an outage, or a removal from a move.
//!
//! The states of a release, and what leads from one to the other:
//!
//! ```text
//! found --read--> present <--read-- suspect --confirmed--> removed
//!                    |  \--gone once--^                       |
//!                    ^------------------read: restored--------/
//! ```
//!
//! `moved` changes the address and leaves the state; `unlisted` is a mark beside it. While the source is in trouble
//! nothing that is gone is counted.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use url::Url;

use crate::domain::diff::diff;
use crate::domain::meaning::{Assessment, assess};
use crate::domain::model::{
    Document, Event, EventKind, Field, GoneStreak, ListingRecord, Release, ReleaseId, Significance, Source,
    SourceState, Standing, Version,
};
use crate::domain::normalize::content_hash;

mod boilerplate;
mod churned;
mod copies;
mod idle;
mod listings;
mod moves;
mod observation;
mod remarks;
mod transition;
mod troubles;
mod unchecked;
mod unread;

pub use listings::{Walk, announces, announces_unknown, restless};
pub use observation::{Against, Noise, Observation, Return, Seen, Sighting};
pub use remarks::Remark;
pub use unchecked::unchecked;

use troubles::Withholding;

/// Blocks at the start of a release that teasers quote.
pub(crate) const LEAD_BLOCKS: usize = 2;

/// The start of a document, which teasers on other pages may quote.
pub fn lead_of(mut document: Document) -> Document {
    document.blocks.truncate(LEAD_BLOCKS);
    Document { title: document.title, date: document.date, blocks: document.blocks, ..Document::default() }
}

/// Everything that a check of a source saw, and what was known before.
#[derive(Debug)]
pub struct Facts<'a> {
    /// The source.
    pub source: &'a Source,
    /// Its health before.
    pub state: SourceState,
    /// Its releases.
    pub sightings: Vec<Sighting>,
    /// Releases that were gone before and may turn up at another address, with their latest documents.
    pub lost: Vec<(ReleaseId, Document)>,
    /// How releases begin whose documents were not read in this check: teasers on other pages quote them.
    pub leads: Vec<(ReleaseId, Document)>,
    /// The listings as walked.
    pub walks: Vec<Walk>,
    /// What was known of the listings.
    pub listings: Vec<ListingRecord>,
    /// What they said of the releases.
    pub standings: Vec<Standing>,
    /// What is watched at all.
    pub watched: Watched,
    /// When the check took place.
    pub now: DateTime<Utc>,
}

impl<'a> Facts<'a> {
    /// What was seen of some releases, where nothing is to be said of the source as a whole.
    pub fn about(source: &'a Source, sightings: Vec<Sighting>, now: DateTime<Utc>) -> Self {
        Self {
            source,
            state: SourceState::default(),
            sightings,
            lost: Vec::new(),
            leads: Vec::new(),
            walks: Vec::new(),
            listings: Vec::new(),
            standings: Vec::new(),
            watched: Watched::SOME,
            now,
        }
    }
}

/// Counts of the releases of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watched {
    /// Those that were ever named, those of this check included.
    pub named: u32,
    /// Those that were ever read, before this check.
    pub read: u32,
}

impl Watched {
    /// For callers to whom it does not matter whether anything is watched.
    pub const SOME: Self = Self { named: 1, read: 1 };
}

/// What happened, to be recorded at once.
#[derive(Debug, Default)]
pub struct Judgement {
    /// One for each release about which anything is new.
    pub releases: Vec<ReleaseOutcome>,
    /// Events about the source as a whole.
    pub events: Vec<Event>,
    /// Health of the source from now on.
    pub state: SourceState,
    /// Listings that were walked.
    pub listings: Vec<ListingRecord>,
    /// What the listings say from now on of releases of which they said something else before.
    pub standings: Vec<Standing>,
    /// Why looks that might have made an event made none.
    pub remarks: Vec<Remark>,
    /// Releases that were not asked for, because their host does not answer or wants to be left alone.
    pub unasked: usize,
}

/// What a check found out about one release.
#[derive(Clone, Debug)]
pub struct ReleaseOutcome {
    /// The release as it is from now on; its latest version is given by the versions, whatever it says here.
    pub release: Box<Release>,
    /// True when nothing about it is new but that it was looked at, and when: nothing else has to be written.
    pub is_as_before: bool,
    /// The next versions, in order: at most a technical one, then at most one by the publisher.
    pub versions: Vec<Version>,
    /// The address it moved to.
    pub new_address: Option<Url>,
    /// A release found as new that turned out to be this one; it has no versions and no events.
    pub merged: Option<ReleaseId>,
    /// What happened to it, in order.
    pub events: Vec<Event>,
}

impl ReleaseOutcome {
    /// A release, whose row is to be written, and to which nothing happened; to be filled with what did.
    pub fn of(release: Release) -> Self {
        Self::of_boxed(Box::new(release))
    }

    fn of_boxed(release: Box<Release>) -> Self {
        Self { release, is_as_before: false, versions: Vec::new(), new_address: None, merged: None, events: Vec::new() }
    }
}

/// Judges a check.
pub fn judge(mut facts: Facts<'_>) -> Judgement {
    copies::mark(&mut facts.sightings);
    let troubles = troubles::find(&facts);
    let withheld = troubles.iter().map(|trouble| (trouble, trouble.withholding(&facts)));
    let withheld = withheld.max_by_key(|(_, withholding)| *withholding);
    let remarks = remarks::find(&facts, withheld);
    let is_unasked = |sighting: &&Sighting| matches!(sighting.observation, Observation::Unasked { .. });
    let unasked = facts.sightings.iter().filter(is_unasked).count();
    let withholding = withheld.map_or(Withholding::Nothing, |(_, withholding)| withholding);
    let (listings, standings, unlisted) = listings::update(&facts);
    let moves = moves::find(&facts);
    let shared = boilerplate::find(&facts.sightings, &facts.leads);
    let (state, mut events) = troubles::tell(&facts, &troubles);
    events.extend(boilerplate::tell(&facts, &shared));
    events.extend(churned::tell(&facts));
    let unread = unread::find(&facts, withholding > Withholding::Nothing);
    events.extend(unread.events);
    let judge = Judge { source: facts.source, now: facts.now, withholding, unread: unread.streaks };
    let mut sightings = std::mem::take(&mut facts.sightings);
    let mut documents: HashMap<ReleaseId, Box<Seen>> = HashMap::new();
    for sighting in sightings.extract_if(.., |sighting| moves.arrivals.contains(&sighting.release.id)) {
        if let Observation::Seen(seen) = sighting.observation {
            documents.insert(sighting.release.id, seen);
        }
    }
    let releases = sightings.into_iter().filter_map(|sighting| {
        let lists_it_no_more = unlisted.contains(&sighting.release.id);
        match moves.of(sighting.release.id) {
            Some(to) => judge.moved(sighting, to, documents.remove(&to.arrival)),
            None => judge.release(sighting, &shared, lists_it_no_more),
        }
    });
    let releases: Vec<ReleaseOutcome> = releases.collect();
    let remarks = remarks::without_told(remarks, &releases);
    Judgement { releases, events, state, listings, standings, remarks, unasked }
}

/// What all judgements of one check have in common.
struct Judge<'a> {
    source: &'a Source,
    now: DateTime<Utc>,
    /// What does not count because the source is in trouble.
    withholding: Withholding,
    /// The releases that could not be read, and since when.
    unread: HashMap<ReleaseId, GoneStreak>,
}

impl Judge<'_> {
    fn event(&self, kind: EventKind, release: &Release) -> Event {
        Event {
            at: self.now,
            kind,
            source: self.source.id.clone(),
            url: release.url.clone(),
            old_url: None,
            title: release.title.clone(),
            fields: Vec::new(),
            significance: Significance::Major,
            reasons: Vec::new(),
            summary: String::new(),
            old_version: None,
            new_version: None,
            explanation: String::new(),
            evidence: Vec::new(),
            release: Some(release.id),
        }
    }

    fn version(&self, release: &Release, seen: &Seen, number: u32, document: Document, technical: bool) -> Version {
        Version {
            release: release.id,
            number,
            snapshot: seen.snapshot,
            extractor: crate::domain::extract::REVISION,
            hash: content_hash(&document),
            recorded_at: self.now,
            document,
            technical,
        }
    }
}

/// A change with its meaning.
struct Edit {
    fields: Vec<Field>,
    assessment: Assessment,
}

/// What changed between two documents for a reader, if anything did.
fn edit_between(old: &Document, new: &Document) -> Option<Edit> {
    let change = diff(old, new);
    let fields = change.fields();
    (!fields.is_empty()).then(|| Edit { fields, assessment: assess(&change) })
}

#[cfg(test)]
mod tests;
