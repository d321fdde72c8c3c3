//! One check of one source, start to finish.
//!
//! A page cannot be judged alone: what the pages of a source share is noise, and a release that is gone may have
//! moved to an address that another page shows. So a check reads everything first and judges it together; what is
//! found out is written in one transaction. Killed before that, it leaves snapshots and nothing else, and the next
//! check starts from the same history.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::Semaphore;
use url::Url;

use crate::clock::Clock;
use crate::domain::classify::{Facts, Judgement, Walk, judge};
use crate::domain::discover::Entry;
use crate::domain::model::{Addressee, Event, Fetched, RecordedEvent, ReleaseId, Source, SourceState};
use crate::domain::route::{Subscription, addressees};
use crate::domain::template::Template;
use crate::fetch::Fetcher;
use crate::store::{CheckOutcome, Store, StoreError};

mod canonical;
mod compare;
mod parsing;
mod reading;
mod reads;
mod reextract;
mod suspicion;
mod visit;
mod walks;

pub use self::parsing::ParserPanic;
pub use self::reading::{Reading, ReadingError, read};

pub use reextract::Reextraction;

/// Checks sources.
#[derive(Clone)]
pub struct Tracker {
    store: Store,
    fetcher: Fetcher,
    clock: Clock,
    subscriptions: Arc<Vec<Subscription>>,
    concurrency: usize,
    /// Trees are 40 to 85 times as large as their pages: few at once.
    parsers: Arc<Semaphore>,
}

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
pub struct Report {
    /// What happened, as recorded.
    pub events: Vec<RecordedEvent>,
    /// Health of the source.
    pub state: SourceState,
    /// Whether it was the first check of the source, which reports nothing as new.
    pub is_baseline: bool,
    /// Listings, feeds and sitemaps that could not be read whole: address and problem.
    pub problems: Vec<String>,
}

/// A check that could not be made.
#[derive(Debug, thiserror::Error)]
pub enum TrackError {
    /// The record cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was learned of the source cannot be written down.
    #[error("template of source {0}")]
    Template(String, #[source] serde_json::Error),
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
        let parsers = Arc::new(Semaphore::new(PARSERS));
        Self { store, fetcher, clock, subscriptions: Arc::new(subscriptions), concurrency, parsers }
    }

    /// Looks at the listings and all releases of a source, and records what happened.
    pub async fn check(&self, source: &Source, watcher: Watcher<'_>) -> Result<Report, TrackError> {
        let started_at = self.clock.now();
        let check = self.store.begin_check(&source.id, started_at).await?;
        let state = self.store.find_source_state(&source.id).await?;
        let is_baseline = state.checked_at.is_none();
        let before = self.template(source).await?;
        let mut template = before.clone();
        let listings = self.store.list_listings(&source.id).await?;
        let standings = self.store.list_standings(&source.id).await?;

        let walked = self.walk_all(source, &listings).await?;
        let visits = self.visit_all(source, &mut template, &walked.former, watcher).await?;
        let today = self.today();
        template.age(today);
        let knowledge = template.knowledge().with_volatile(&template.churn_since(&before)).after(before.knowledge());
        let read = self.read_all(source, visits, knowledge, &walked).await?;
        for url in &read.unlearned {
            template.unlearn(url, &before);
        }
        // Once more, without the pages that turned out to show something else.
        template.learn_volatile(&template.churn_since(&before), today);
        template.learn_volatile(&read.volatile, today);

        let facts = Facts {
            source,
            state,
            sightings: read.sightings,
            lost: read.lost,
            walks: walked.walks,
            listings,
            standings,
            now: self.clock.now(),
        };
        let report = Report { is_baseline, ..self.record(source, judge(facts), &template).await? };
        let summary = format!(
            "{} events, {} of {} releases read",
            report.events.len(),
            report.state.answered,
            report.state.asked
        );
        self.store.finish_check(check, self.clock.now(), summary).await?;
        Ok(report)
    }

    async fn template(&self, source: &Source) -> Result<Template, TrackError> {
        let text = self.store.find_template(&source.id).await?;
        // What an older version has learned in another form is learned again.
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
    }

    async fn record(&self, source: &Source, judgement: Judgement, template: &Template) -> Result<Report, TrackError> {
        let text =
            serde_json::to_string(template).map_err(|error| TrackError::Template(source.id.to_string(), error))?;
        let problems = judgement
            .listings
            .iter()
            .filter_map(|record| Some(format!("{}: {}", record.url, record.problem.as_ref()?)));
        let problems = problems.collect();
        let subscriptions = Arc::clone(&self.subscriptions);
        let alerts = move |event: &Event| -> Vec<Addressee> { addressees(event, &subscriptions) };
        let state = judgement.state.clone();
        let events = self
            .store
            .record(CheckOutcome {
                source: source.id.clone(),
                at: self.now(),
                releases: judgement.releases,
                events: judgement.events,
                listings: judgement.listings,
                standings: judgement.standings,
                state: judgement.state,
                template: Some(text),
                alerts: Box::new(alerts),
            })
            .await?;
        Ok(Report { events, state, is_baseline: false, problems })
    }

    /// The number of the day.
    fn today(&self) -> i64 {
        self.now().timestamp() / SECONDS_OF_DAY
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}

/// What the listings of a source named, and the text of one page that is surely no release.
#[derive(Default)]
struct Walked {
    walks: Vec<Walk>,
    /// The first listing page that answered; a release that shows the same shows a notice.
    listing: Option<Fetched>,
    /// Releases that a listing names by an address that they had before.
    former: HashMap<ReleaseId, Url>,
}

/// An entry with the page of the listing that named it.
struct Named {
    entry: Entry,
    page: u32,
}
