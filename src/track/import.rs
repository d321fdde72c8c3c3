//! Takes captures that were recorded elsewhere into the history of a source, as if they had been fetched then: the
//! bytes as snapshots, the texts as versions, what changed as events that are marked as imported. Nobody is alerted.
//!
//! History is only ever added to. A capture that is older than what is known of its release is kept as a snapshot and
//! makes no version. There is no second fetch to tell noise from edits, as a check has it; in its place stand the
//! captures that follow ([`hindsight`]), and what the pages of the archive share, learned as the captures go by.

mod hindsight;
mod judging;
mod learning;
mod memory;
mod pages;
mod progress;
mod redirects;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use url::Url;

use self::learning::Known;
use self::memory::Memory;
use self::pages::{PageKey, PageReader};
pub use self::progress::Begun;
use super::{PARSERS, TrackError};
use crate::domain::address::identity;
use crate::domain::classify::ReleaseOutcome;
use crate::domain::model::{ContentHash, Discovery, Fetched, Release, ReleaseId, SnapshotId, Source, SourceState};
use crate::domain::template::Template;
use crate::store::{CheckOutcome, NewRelease, Saved, Store};

/// Where captures come from, for looking ahead.
pub trait Archive: Send {
    /// Up to so many captures of an address after a time, in the order of time.
    fn later(&mut self, url: &Url, after: DateTime<Utc>, most: usize) -> Vec<Fetched>;
}

/// An archive in which nothing comes later.
impl Archive for () {
    fn later(&mut self, _: &Url, _: DateTime<Utc>, _: usize) -> Vec<Fetched> {
        Vec::new()
    }
}

/// What an import came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Captures that are new to the record.
    pub snapshots: usize,
    /// Captures that it had.
    pub known: usize,
    /// Of both, those that are older than what is known of their release: kept, and no part of its versions.
    pub older: usize,
    /// Versions that came of it.
    pub versions: usize,
    /// Events that came of it.
    pub events: usize,
}

/// Takes the captures of one source in.
pub struct Importer {
    store: Store,
    source: Source,
    archive: Arc<Mutex<dyn Archive>>,
    template: Template,
    known: Arc<Known>,
    reader: PageReader,
    releases: HashMap<String, Release>,
    memory: Memory,
    /// The pages that were captured last.
    last: HashMap<ReleaseId, PageKey>,
    /// How often returns to an old text were told, of releases of which that was asked.
    returns: HashMap<ReleaseId, u32>,
    /// Versions that are not written yet.
    fresh: Vec<(ReleaseId, ContentHash, u32)>,
    state: SourceState,
    /// Captures that had had their turn when the archive was last left.
    resumed_at: u32,
}

/// A capture that is kept.
struct Capture {
    fetched: Fetched,
    snapshot: SnapshotId,
    key: PageKey,
    /// The capture of its release before it has the same bytes.
    is_repeated: bool,
}

impl Capture {
    fn is_page(&self) -> bool {
        matches!(self.fetched.status, 200 | 203)
    }
}

impl Importer {
    /// An importer that knows what the store knows of the source, and looks ahead in the archive.
    pub async fn new(store: Store, source: Source, archive: Arc<Mutex<dyn Archive>>) -> Result<Self, TrackError> {
        let template = store.find_template(&source.id).await?;
        let state = store.find_source_state(&source.id).await?;
        let (known, reader) = (Arc::new(Known::of(&template)), PageReader::new(source.extract.clone()));
        let (releases, last, returns, fresh) = (HashMap::new(), HashMap::new(), HashMap::new(), Vec::new());
        let (memory, resumed_at) = (Memory::default(), 0);
        Ok(Self {
            store,
            source,
            archive,
            template,
            known,
            reader,
            releases,
            memory,
            last,
            returns,
            fresh,
            state,
            resumed_at,
        })
    }

    /// Takes captures in, in the order given, which has to be that of time; with them, so many of the archive have had
    /// their turn. Written in two transactions; when the process dies between them, taking the same captures in again
    /// goes on from there.
    pub async fn take(&mut self, captures: Vec<Fetched>, done_with: u32) -> Result<Imported, TrackError> {
        if done_with <= self.resumed_at {
            return self.keep(captures).await;
        }
        self.add_releases(&captures).await?;
        let saved = self.store.save_captures(&self.source.id, captures.clone()).await?;
        let mut done = Imported::default();
        let mut fresh = Vec::new();
        for (fetched, Saved { id, was_known, sha256 }) in captures.into_iter().zip(saved) {
            done.known += usize::from(was_known);
            done.snapshots += usize::from(!was_known);
            let Some(release) = self.releases.get(&identity(&fetched.url)) else { continue };
            if self.is_older(release, &fetched, was_known) {
                done.older += usize::from(!was_known);
                continue;
            }
            let key = PageKey::of_hashed(&fetched, &sha256);
            let mut capture = Capture { fetched, snapshot: id, key, is_repeated: false };
            capture.is_repeated = capture.is_page() && self.last.insert(release.id, key) == Some(key);
            fresh.push(capture);
        }
        self.read_pages(&fresh).await?;
        self.learn_from(&fresh).await?;
        let mut outcomes = Vec::new();
        for capture in &fresh {
            if let Some(outcome) = self.judge(capture).await? {
                done.versions += outcome.versions.len();
                done.events += outcome.events.len();
                outcomes.push(outcome);
            }
        }
        self.record(outcomes, done_with).await?;
        Ok(done)
    }

    /// Keeps what has been judged already; should a rule have thinned it out, here are its bytes again.
    async fn keep(&mut self, captures: Vec<Fetched>) -> Result<Imported, TrackError> {
        self.add_releases(&captures).await?;
        let saved = self.store.save_captures(&self.source.id, captures).await?;
        let known = saved.iter().filter(|saved| saved.was_known).count();
        Ok(Imported { snapshots: saved.len() - known, known, ..Imported::default() })
    }

    /// Whether a capture is older than what is known of its release. Others of the same moment may have been judged in
    /// the batch before.
    fn is_older(&self, release: &Release, fetched: &Fetched, was_known: bool) -> bool {
        let Some(until) = release.judged_until() else { return false };
        let (at, until) = (fetched.fetched_at.timestamp_millis(), until.timestamp_millis());
        at < until || at == until && was_known && self.resumed_at == 0
    }

    async fn add_releases(&mut self, captures: &[Fetched]) -> Result<(), TrackError> {
        let mut new: HashSet<String> = HashSet::new();
        let releases = captures.iter().filter_map(|fetched| {
            let identity = identity(&fetched.url);
            (!self.releases.contains_key(&identity) && new.insert(identity.clone())).then(|| NewRelease {
                url: fetched.url.clone(),
                identity,
                title: String::new(),
                day: None,
                found_by: Discovery::Page,
                found_at: fetched.fetched_at,
                announce: false,
            })
        });
        let releases: Vec<NewRelease> = releases.collect();
        let identities: Vec<String> = releases.iter().map(|release| release.identity.clone()).collect();
        let added = self.store.add_releases(&self.source.id, releases).await?;
        self.releases.extend(identities.into_iter().zip(added));
        Ok(())
    }

    /// Reads the pages that are new, several at once.
    async fn read_pages(&self, captures: &[Capture]) -> Result<(), TrackError> {
        let new = captures.iter().filter(|capture| capture.is_page() && !capture.is_repeated);
        let reads = stream::iter(new).map(|capture| self.reader.read(&capture.fetched, capture.key));
        reads.buffer_unordered(PARSERS).try_for_each(|_| std::future::ready(Ok(()))).await
    }

    async fn record(&mut self, releases: Vec<ReleaseOutcome>, done_with: u32) -> Result<(), TrackError> {
        let at = releases.last().and_then(|outcome| outcome.release.judged_until()).unwrap_or_default();
        let quiet = CheckOutcome::quiet(self.source.id.clone(), at, self.state.clone());
        let outcome = CheckOutcome {
            releases,
            template: Some(self.template.clone()),
            import: Some(self.step(done_with)),
            ..quiet
        };
        self.store.record(outcome).await?;
        self.fresh.clear();
        Ok(())
    }

    /// The addresses that the source knows, for telling releases from other pages, and when each was found.
    pub async fn known(&self) -> Result<Vec<(Url, DateTime<Utc>)>, TrackError> {
        let releases = self.store.list_releases(&self.source.id).await?;
        Ok(releases.into_iter().map(|release| (release.url, release.found_at)).collect())
    }
}
