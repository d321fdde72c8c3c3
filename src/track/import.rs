//! Takes captures that were recorded elsewhere into the history of a source, as if they had been fetched then: the
//! bytes as snapshots, the texts as versions, what changed as events that are marked as imported. Nobody is alerted.
//!
//! History is only ever added to. A capture that is older than what is known of its release is kept as a snapshot and
//! makes no version. There is no second fetch to tell noise from edits, as a check has it; what the pages of the
//! archive share is learned before the first of them is read.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use url::Url;

use super::reading::{read, sample};
use super::visit::observe_status;
use super::{SECONDS_OF_DAY, TrackError};
use crate::domain::address::identity;
use crate::domain::classify::{Against, Facts, Observation, ReleaseOutcome, Return, Seen, Sighting, judge};
use crate::domain::model::{
    ContentHash, Discovery, Document, Fetched, Reason, Release, ReleaseId, SnapshotId, Source, SourceState, VersionHead,
};
use crate::domain::normalize::content_hash;
use crate::domain::template::{Knowledge, Template};
use crate::store::{CheckOutcome, NewRelease, Saved, Store};

/// Latest documents that are kept at hand.
const MOST_DOCUMENTS: usize = 1_000;

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

/// All that a reading depends on, but for what is known of the source.
#[derive(PartialEq, Eq)]
struct Sheet {
    sha256: [u8; 32],
    content_type: Option<String>,
    address: Url,
}

/// Takes the captures of one source in.
pub struct Importer {
    store: Store,
    source: Source,
    template: Template,
    knowledge: Arc<Knowledge>,
    releases: HashMap<String, Release>,
    /// The latest documents of the releases that were read in this run.
    documents: HashMap<ReleaseId, Document>,
    /// What was read last of each release: most captures of an archive are the bytes of the one before.
    readings: HashMap<ReleaseId, (Sheet, Option<Document>)>,
    returns: HashMap<ReleaseId, u32>,
    /// Versions that are not written yet.
    fresh: Vec<(ReleaseId, ContentHash, u32)>,
    state: SourceState,
}

impl Importer {
    /// An importer that knows what the store knows of the source.
    pub async fn new(store: Store, source: Source) -> Result<Self, TrackError> {
        let text = store.find_template(&source.id).await?;
        let template: Template = text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        let state = store.find_source_state(&source.id).await?;
        let knowledge = Arc::new(template.knowledge());
        let (releases, documents, readings) = (HashMap::new(), HashMap::new(), HashMap::new());
        let (returns, fresh) = (HashMap::new(), Vec::new());
        Ok(Self { store, source, template, knowledge, releases, documents, readings, returns, fresh, state })
    }

    /// Learns what pages have in common, before any of them is taken in.
    pub fn learn(&mut self, captures: &[Fetched]) {
        for fetched in captures.iter().filter(|fetched| fetched.status == 200) {
            if self.template.wants(&fetched.url)
                && let Ok(sample) = sample(fetched, &self.source.extract)
            {
                self.template.learn(&fetched.url, sample, fetched.fetched_at.timestamp() / SECONDS_OF_DAY);
            }
        }
        self.knowledge = Arc::new(self.template.knowledge());
        self.readings.clear();
    }

    /// Takes captures in, in the order given, which has to be that of time. Written in two transactions; when the
    /// process dies between them, taking the same captures in again goes on from there.
    pub async fn take(&mut self, captures: Vec<Fetched>) -> Result<Imported, TrackError> {
        self.add_releases(&captures).await?;
        let saved = self.store.save_captures(&self.source.id, captures.clone()).await?;
        let mut done = Imported::default();
        let mut outcomes = Vec::new();
        for (fetched, Saved { id, was_known, sha256 }) in captures.into_iter().zip(saved) {
            done.known += usize::from(was_known);
            done.snapshots += usize::from(!was_known);
            let Some(release) = self.releases.get(&identity(&fetched.url)).cloned() else { continue };
            if judged_until(&release).is_some_and(|until| fetched.fetched_at <= until) {
                done.older += usize::from(!was_known);
                continue;
            }
            if let Some(outcome) = self.judge(release, fetched, (id, sha256)).await? {
                done.versions += outcome.versions.len();
                done.events += outcome.events.len();
                outcomes.push(outcome);
            }
        }
        self.record(outcomes).await?;
        Ok(done)
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

    /// What a capture says about its release, as a check of this one page would judge it.
    async fn judge(
        &mut self,
        release: Release,
        fetched: Fetched,
        (snapshot, sha256): (SnapshotId, [u8; 32]),
    ) -> Result<Option<ReleaseOutcome>, TrackError> {
        let (key, now) = (identity(&fetched.url), fetched.fetched_at);
        let observation = match observe_status(&fetched, snapshot) {
            Some(observation) => observation,
            None => match self.read(&release, fetched, (snapshot, sha256)).await? {
                Some(seen) => Observation::Seen(Box::new(seen)),
                None => return Ok(None),
            },
        };
        let facts = Facts {
            source: &self.source,
            state: SourceState::default(),
            sightings: vec![Sighting { release, observation }],
            lost: Vec::new(),
            leads: Vec::new(),
            walks: Vec::new(),
            listings: Vec::new(),
            standings: Vec::new(),
            now,
        };
        let Some(mut outcome) = judge(facts).releases.pop() else { return Ok(None) };
        for event in &mut outcome.events {
            event.reasons.insert(0, Reason::Imported);
            if event.reasons.contains(&Reason::Reverted) {
                *self.returns.entry(outcome.release.id).or_default() += 1;
            }
        }
        if let Some(version) = outcome.versions.last() {
            outcome.release.latest = Some(VersionHead {
                number: version.number,
                snapshot: version.snapshot,
                hash: version.hash.clone(),
                extractor: version.extractor,
            });
            if self.documents.len() >= MOST_DOCUMENTS {
                self.documents.clear();
            }
            self.documents.insert(version.release, version.document.clone());
        }
        let versions = outcome.versions.iter();
        self.fresh.extend(versions.map(|version| (version.release, version.hash.clone(), version.number)));
        self.releases.insert(key, outcome.release.clone());
        Ok(Some(outcome))
    }

    /// The release on its page, compared with its latest version; nothing if there is no text.
    async fn read(
        &mut self,
        release: &Release,
        fetched: Fetched,
        (snapshot, sha256): (SnapshotId, [u8; 32]),
    ) -> Result<Option<Seen>, TrackError> {
        let validators = fetched.validators();
        let Some(document) = self.read_capture(release.id, fetched, sha256).await? else { return Ok(None) };
        let against = self.compare(release, &document).await?;
        Ok(Some(Seen { snapshot, validators, document, against, moved_to: None }))
    }

    /// The same bytes from the same place read the same.
    async fn read_capture(
        &mut self,
        release: ReleaseId,
        fetched: Fetched,
        sha256: [u8; 32],
    ) -> Result<Option<Document>, TrackError> {
        let content_type = fetched.header("content-type").map(str::to_owned);
        let sheet = Sheet { sha256, content_type, address: fetched.final_url.clone() };
        if let Some((_, document)) = self.readings.get(&release).filter(|(last, _)| *last == sheet) {
            return Ok(document.clone());
        }
        let document = self.read_page(fetched).await?;
        if self.readings.len() >= MOST_DOCUMENTS {
            self.readings.clear();
        }
        self.readings.insert(release, (sheet, document.clone()));
        Ok(document)
    }

    async fn read_page(&self, fetched: Fetched) -> Result<Option<Document>, TrackError> {
        let (rule, knowledge) = (self.source.extract.clone(), Arc::clone(&self.knowledge));
        let reading = tokio::task::spawn_blocking(move || read(&fetched, &rule, &knowledge).ok()).await?;
        let document = reading.map(|reading| reading.extraction.document);
        Ok(document.filter(|document| !document.blocks.is_empty()))
    }

    async fn compare(&mut self, release: &Release, document: &Document) -> Result<Against, TrackError> {
        let Some(latest) = &release.latest else { return Ok(Against::First) };
        let hash = content_hash(document);
        if latest.hash == hash {
            return Ok(Against::Same);
        }
        let old = match self.documents.get(&release.id) {
            Some(old) => old.clone(),
            // Read before this run, perhaps by other rules: only what differs between readings of one kind counts.
            None => match self.read_anew(release, latest).await? {
                Some(old) if content_hash(&old) == hash => return Ok(Against::Same),
                Some(old) => old,
                None => return Ok(Against::Same),
            },
        };
        let is_same = |(id, fresh, _): &&(ReleaseId, ContentHash, u32)| *id == release.id && *fresh == hash;
        let version = match self.fresh.iter().rev().find(is_same) {
            Some((_, _, number)) => Some(*number),
            None => self.store.find_version_by_hash(release.id, &hash).await?,
        };
        let reported = self.returns.get(&release.id).copied().unwrap_or_default();
        let returns_to = version.map(|version| Return { version, reported });
        Ok(Against::Edited { old: Box::new(old), returns_to })
    }

    async fn read_anew(&self, release: &Release, latest: &VersionHead) -> Result<Option<Document>, TrackError> {
        if let Some(snapshot) = self.store.find_snapshot(latest.snapshot).await?
            && let Some(document) = self.read_page(snapshot.fetched).await?
        {
            return Ok(Some(document));
        }
        Ok(self.store.find_version(release.id, latest.number).await?.map(|version| version.document))
    }

    async fn record(&mut self, releases: Vec<ReleaseOutcome>) -> Result<(), TrackError> {
        let template = serde_json::to_string(&self.template)
            .map_err(|error| TrackError::Template(self.source.id.to_string(), error))?;
        let outcome = CheckOutcome {
            source: self.source.id.clone(),
            at: releases.last().and_then(|outcome| judged_until(&outcome.release)).unwrap_or_default(),
            releases,
            events: Vec::new(),
            listings: Vec::new(),
            standings: Vec::new(),
            state: self.state.clone(),
            template: Some(template),
            alerts: Box::new(|_| Vec::new()),
        };
        self.store.record(outcome).await?;
        self.fresh.clear();
        Ok(())
    }

    /// The addresses that the source knows, for telling releases from other pages.
    pub async fn known(&self) -> Result<Vec<Url>, TrackError> {
        let releases = self.store.list_releases(&self.source.id).await?;
        Ok(releases.into_iter().map(|release| release.url).collect())
    }
}

/// Up to when the history of a release is told.
fn judged_until(release: &Release) -> Option<DateTime<Utc>> {
    let gone_at = release.gone.as_ref().map(|streak| streak.last_at);
    release.full_at.max(release.seen_at).max(gone_at)
}
