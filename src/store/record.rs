//! The one transaction that turns the outcome of a check into history: releases, versions, events and the alerts
//! about them are written together or not at all.

use std::collections::HashMap;
use std::fmt;

use chrono::{DateTime, Utc};
use rusqlite::Transaction;

use super::{
    ImportStep, ListingPageRecord, Store, StoreError, addresses, events, imports, listing_pages, listings, messages,
    releases, remarks, sources, versions,
};
use crate::domain::address::identity;
use crate::domain::classify::{ReleaseOutcome, Remark};
use crate::domain::model::{Event, ListingRecord, RecordedEvent, ReleaseId, SourceId, SourceState, Standing};
use crate::domain::route::Dispatch;
use crate::domain::template::Template;

/// Tells who hears of the events of a check, and when; given in the order of [`Store::record`].
pub type Router = Box<dyn FnOnce(&[RecordedEvent]) -> Vec<Dispatch> + Send>;

/// What a check of a source found out.
pub struct CheckOutcome {
    /// The source.
    pub source: SourceId,
    /// When it was found out.
    pub at: DateTime<Utc>,
    /// The releases about which anything is new.
    pub releases: Vec<ReleaseOutcome>,
    /// Events about the source as a whole.
    pub events: Vec<Event>,
    /// Listings that were walked; others stay as they are.
    pub listings: Vec<ListingRecord>,
    /// The pages of the listings, to be remembered in place of those of the walk before; `None` leaves them.
    pub listing_pages: Option<Vec<ListingPageRecord>>,
    /// What the listings say of releases; others stay as they are.
    pub standings: Vec<Standing>,
    /// Why looks made no event, replacing earlier remarks on the same releases.
    pub remarks: Vec<Remark>,
    /// Health of the source from now on.
    pub state: SourceState,
    /// What the pages of the source have in common; `None` leaves that as it is.
    pub template: Option<Template>,
    /// How far an import has come.
    pub import: Option<ImportStep>,
    /// Who hears of the events.
    pub alerts: Router,
}

impl CheckOutcome {
    /// An outcome in which nothing happened and of which nobody is told, to be filled with what did.
    pub fn quiet(source: SourceId, at: DateTime<Utc>, state: SourceState) -> Self {
        Self {
            source,
            at,
            releases: Vec::new(),
            events: Vec::new(),
            listings: Vec::new(),
            listing_pages: None,
            standings: Vec::new(),
            remarks: Vec::new(),
            state,
            template: None,
            import: None,
            alerts: Box::new(|_| Vec::new()),
        }
    }
}

impl fmt::Debug for CheckOutcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CheckOutcome")
            .field("source", &self.source)
            .field("at", &self.at)
            .field("releases", &self.releases)
            .field("events", &self.events)
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Writes the outcome of a check and puts the messages about it into the outbox, all or nothing. Returns the events
    /// in the order given: those of the releases first, then those of the source.
    pub async fn record(&self, outcome: CheckOutcome) -> Result<Vec<RecordedEvent>, StoreError> {
        self.write(move |transaction| record(transaction, outcome)).await
    }
}

fn record(transaction: &Transaction<'_>, outcome: CheckOutcome) -> Result<Vec<RecordedEvent>, StoreError> {
    let CheckOutcome { source, at, mut standings, .. } = outcome;
    follow_merges(&mut standings, &outcome.releases);
    let only_looked_at = outcome.releases.iter().filter(|outcome| outcome.is_as_before);
    releases::note_looks(transaction, &only_looked_at.map(|outcome| &*outcome.release).collect::<Vec<_>>())?;
    let mut recorded = Vec::new();
    for release in outcome.releases {
        for event in record_release(transaction, release, at)? {
            recorded.push(events::insert(transaction, event)?);
        }
    }
    for event in outcome.events {
        recorded.push(events::insert(transaction, event)?);
    }
    for dispatch in (outcome.alerts)(&recorded) {
        messages::dispatch(transaction, &dispatch, &recorded, at)?;
    }
    listings::save(transaction, &source, &outcome.listings)?;
    if let Some(pages) = &outcome.listing_pages {
        listing_pages::save(transaction, &source, pages)?;
    }
    listings::save_standings(transaction, &standings)?;
    remarks::save(transaction, &outcome.remarks, at)?;
    if let Some(step) = &outcome.import {
        imports::save(transaction, &source, step)?;
    }
    sources::save_state(transaction, &source, &outcome.state, outcome.template.as_ref())?;
    Ok(recorded)
}

/// The walk of a listing knew a merged release by the row that is about to go.
fn follow_merges(standings: &mut [Standing], releases: &[ReleaseOutcome]) {
    let merged: HashMap<ReleaseId, ReleaseId> =
        releases.iter().filter_map(|outcome| Some((outcome.merged?, outcome.release.id))).collect();
    for standing in standings {
        standing.release = merged.get(&standing.release).copied().unwrap_or(standing.release);
    }
}

/// Returns the events that are left to be written.
fn record_release(
    transaction: &Transaction<'_>,
    outcome: ReleaseOutcome,
    at: DateTime<Utc>,
) -> Result<Vec<Event>, StoreError> {
    let ReleaseOutcome { release, is_as_before, versions, new_address, merged, events } = outcome;
    if is_as_before {
        return Ok(events);
    }
    if let Some(merged) = merged {
        releases::merge(transaction, merged, release.id)?;
    }
    if let Some(url) = new_address {
        addresses::set_address(transaction, &release, &identity(&url), &url, at)?;
    }
    releases::update(transaction, &release)?;
    for version in versions {
        versions::insert(transaction, &version)?;
    }
    Ok(events)
}
