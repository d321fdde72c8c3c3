//! One check of one source, start to finish.
//!
//! A page cannot be judged alone: what the pages of a source share is noise, and a release that is gone may have
//! moved to an address that another page shows. So a check reads everything first and judges it together; what is
//! found out is written in one transaction. Killed before that, it leaves snapshots and nothing else, and the next
//! check starts from the same history. Only a baseline, which compares nothing, is written in parts.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use url::Url;

use crate::clock::Clock;
use crate::domain::classify::{Facts, Judgement, Walk, Watched, judge, restless};
use crate::domain::discover::Entry;
use crate::domain::model::{Fetched, RecordedEvent, ReleaseId, Source, SourceState};
use crate::domain::recheck::{Plan, Recheck};
use crate::domain::route::Subscription;
use crate::domain::template::Template;
use crate::fetch::Fetcher;
use crate::store::{CheckOutcome, ListingPageRecord, Store, StoreError};

mod baseline;
mod calm;
mod canonical;
mod compare;
mod failures;
mod import;
mod look;
mod parsing;
mod problems;
mod reading;
mod reads;
mod rebuilt;
mod reextract;
mod round;
mod routing;
mod sample;
mod scout;
mod stood;
mod suspicion;
mod visit;
mod walks;

pub use self::import::{Archive, Begun, Imported, Importer};
pub use self::parsing::ParserPanic;
use self::parsing::Parsers;
pub use self::problems::Problem;
use self::problems::problems_of;
pub use self::reading::{Reading, ReadingError, read};
use self::reads::ReadAll;
use self::walks::listing_pages::WalkedPages;

pub use reextract::Reextraction;
pub use scout::{Finding, FoundFeed, FoundListing, Preview, Scout, ScoutError};

/// Checks sources.
#[derive(Clone)]
pub struct Tracker {
    store: Store,
    fetcher: Fetcher,
    clock: Clock,
    subscriptions: Arc<Vec<Subscription>>,
    concurrency: usize,
    parsers: Parsers,
    most_held: usize,
}

/// Bytes of edited documents, before and after, that one check holds: some thousand releases.
const MOST_HELD: usize = 64 << 20;
/// Pages that are parsed at once.
const PARSERS: usize = 2;

const SECONDS_OF_DAY: i64 = 86_400;

/// How far a check has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Releases that have been asked for.
    pub done: usize,
    /// Releases in all.
    pub total: usize,
}

/// Hears how far a check has come.
pub type Watcher<'a> = &'a (dyn Fn(Progress) + Sync);

/// What a check came to.
#[derive(Debug)]
pub struct CheckReport {
    /// What happened, as recorded.
    pub events: Vec<RecordedEvent>,
    /// Health of the source.
    pub state: SourceState,
    /// Whether it was the first check of the source, which reports nothing as new.
    pub is_baseline: bool,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// A check that could not be made.
#[derive(Debug, thiserror::Error)]
pub enum TrackError {
    /// The record cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A part of the program has ended.
    #[error("a task of the check did not end")]
    Task(#[from] tokio::task::JoinError),
}

impl Tracker {
    /// A tracker that writes to `store` and addresses alerts by `subscriptions`; `concurrency` requests at once.
    pub fn new(
        store: Store,
        fetcher: Fetcher,
        clock: Clock,
        subscriptions: Vec<Subscription>,
        concurrency: usize,
    ) -> Self {
        let parsers = Parsers::new();
        let subscriptions = Arc::new(subscriptions);
        Self { store, fetcher, clock, subscriptions, concurrency, parsers, most_held: MOST_HELD }
    }

    /// The same, holding at most so many bytes of edited documents in one check; further edits wait for the next one.
    #[must_use]
    pub fn holding(self, most_held: usize) -> Self {
        Self { most_held, ..self }
    }

    /// Looks at the listings and all releases of a source, and records what happened.
    pub async fn check(&self, source: &Source, watcher: Watcher<'_>) -> Result<CheckReport, TrackError> {
        self.check_within(source, Scope::Everything, watcher).await
    }

    /// Looks at the listings and at the releases that `source.recheck` chooses, as the daemon does. `neighbours` is
    /// the number of sources that share the host, this one included: they share what may be asked of it.
    pub async fn check_due(
        &self,
        source: &Source,
        neighbours: u32,
        watcher: Watcher<'_>,
    ) -> Result<CheckReport, TrackError> {
        let scope = match source.recheck {
            Recheck::Always => Scope::Everything,
            Recheck::Adaptive { max_age } => Scope::Some(self.plan(source, max_age, neighbours)),
        };
        self.check_within(source, scope, watcher).await
    }

    async fn check_within(
        &self,
        source: &Source,
        scope: Scope,
        watcher: Watcher<'_>,
    ) -> Result<CheckReport, TrackError> {
        let started_at = self.clock.now();
        let id = self.store.begin_check(&source.id, started_at).await?;
        let state = self.store.find_source_state(&source.id).await?;
        let is_baseline = state.checked_at.is_none();
        let before = self.store.find_template(&source.id).await?;
        let listings = self.store.list_listings(&source.id).await?;

        let walked = self.walk_all(source, &listings).await?;
        let named = walked.walks.iter().flat_map(|walk| &walk.entries).copied().collect();
        let standings = self.store.list_standings(&source.id, named).await?;
        let check = CheckContext { source, walked: &walked, before: &before, watcher };
        let look = match scope {
            _ if is_baseline => self.look_first(&check).await?,
            Scope::Everything => self.look_at_all(&check).await?,
            Scope::Some(plan) => {
                let signs = restless(&walked.walks, &listings, &standings);
                self.look_at_some(&check, &plan, signs, &state).await?
            }
        };
        let watched = self.count_watched(source).await?;
        let leads = self.leads(source, &look.read.sightings).await?;
        // Read late: that the source was not checked for long may have been found out meanwhile.
        let state = self.store.find_source_state(&source.id).await?;
        let (owned, now) = (source.clone(), self.clock.now());
        let (ReadAll { sightings, lost, .. }, walks) = (look.read, walked.walks);
        // Thousands of edits take their time, in which others want to go on.
        let judged = tokio::task::spawn_blocking(move || {
            let source = &owned;
            judge(Facts { source, state, sightings, lost, leads, walks, listings, standings, watched, now })
        });
        let mut judgement = judged.await?;
        judgement.releases.retain(|outcome| !look.recorded.contains(&outcome.release.id));
        let pages = walked.pages.into_records();
        let learned = Learned { is_baseline, before: &before, template: look.template, pages };
        let report = self.record(source, judgement, learned).await?;
        let summary = format!(
            "{} events, {} of {} releases read",
            report.events.len(),
            report.state.answered,
            report.state.asked
        );
        self.store.finish_check(id, self.clock.now(), summary).await?;
        Ok(report)
    }

    async fn count_watched(&self, source: &Source) -> Result<Watched, TrackError> {
        let counts = self.store.count_releases(&source.id).await?;
        Ok(Watched { named: counts.total(), read: counts.total() - counts.found })
    }

    async fn record(
        &self,
        source: &Source,
        judgement: Judgement,
        learned: Learned<'_>,
    ) -> Result<CheckReport, TrackError> {
        let has_learned = learned.template != *learned.before;
        let problems = problems_of(&judgement);
        let alerts = self.route(&judgement).await?;
        let state = judgement.state.clone();
        let events = self
            .store
            .record(CheckOutcome {
                source: source.id.clone(),
                at: self.now(),
                releases: judgement.releases,
                events: judgement.events,
                listings: judgement.listings,
                listing_pages: Some(learned.pages),
                standings: judgement.standings,
                remarks: judgement.remarks,
                state: judgement.state,
                template: has_learned.then_some(learned.template),
                import: None,
                alerts,
            })
            .await?;
        Ok(CheckReport { events, state, is_baseline: learned.is_baseline, problems })
    }

    /// The number of the day.
    fn today(&self) -> i64 {
        self.now().timestamp() / SECONDS_OF_DAY
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}

/// What a check leaves for the next one.
struct Learned<'a> {
    /// Whether there was none before.
    is_baseline: bool,
    /// What was known of the pages of the source.
    before: &'a Template,
    /// What is known now.
    template: Template,
    /// The pages of the listings.
    pages: Vec<ListingPageRecord>,
}

/// What a check looks at.
enum Scope {
    Everything,
    Some(Plan),
}

/// What all parts of a check have in common.
struct CheckContext<'a> {
    source: &'a Source,
    walked: &'a Walked,
    /// What was known of the pages of the source.
    before: &'a Template,
    watcher: Watcher<'a>,
}

/// What the listings of a source named, and the text of one page that is surely no release.
#[derive(Default)]
struct Walked {
    walks: Vec<Walk>,
    /// The first listing page that answered; a release that shows the same shows a notice.
    listing: Option<Fetched>,
    /// Releases that a listing names by an address that they had before.
    former: HashMap<ReleaseId, Url>,
    /// The pages of the listings, to be remembered.
    pages: WalkedPages,
}

/// An entry with the page of the listing that named it.
struct Named {
    entry: Entry,
    page: u32,
}
