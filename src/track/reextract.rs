//! Reads the stored pages again, with what is known now and with the rules that the configuration has now. What
//! reads otherwise becomes a technical version: no edit of the publisher, no event, no alert.

use std::sync::Arc;

use super::reading::read;
use super::{TrackError, Tracker};
use crate::domain::classify::ReleaseOutcome;
use crate::domain::extract::REVISION;
use crate::domain::model::{Release, Source, Validators, Version};
use crate::domain::normalize::content_hash;
use crate::domain::template::Knowledge;
use crate::store::CheckOutcome;

/// What re-extraction came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reextraction {
    /// Releases whose latest page was read again.
    pub read: usize,
    /// Releases that read otherwise now.
    pub changed: usize,
}

/// Releases that are written at once.
const BATCH: usize = 100;

impl Tracker {
    /// Reads the latest page of every release of a source again.
    pub async fn reextract(&self, source: &Source) -> Result<Reextraction, TrackError> {
        let knowledge = Arc::new(self.store.find_template(&source.id).await?.knowledge());
        let mut total = Reextraction::default();
        for batch in self.store.list_releases(&source.id).await?.chunks(BATCH) {
            let mut outcomes = Vec::new();
            for release in batch {
                let Some(version) = self.read_again(source, &knowledge, release).await? else { continue };
                total.read += 1;
                let reads_otherwise = release.latest.as_ref().is_some_and(|latest| latest.hash != version.hash);
                total.changed += usize::from(reads_otherwise);
                outcomes.push(upgraded(release, reads_otherwise.then_some(version)));
            }
            self.record_upgrades(source, outcomes).await?;
        }
        Ok(total)
    }

    /// The next version of a release as its latest page reads now; nothing if it cannot be read or has no text.
    async fn read_again(
        &self,
        source: &Source,
        knowledge: &Arc<Knowledge>,
        release: &Release,
    ) -> Result<Option<Version>, TrackError> {
        let Some(latest) = &release.latest else { return Ok(None) };
        let Some(snapshot) = self.store.find_snapshot_left(latest.snapshot).await? else { return Ok(None) };
        let (rule, knowledge, id) = (source.extract.clone(), Arc::clone(knowledge), snapshot.id);
        let reading =
            self.parse(snapshot.fetched.body.len(), move || read(&snapshot.fetched, &rule, &knowledge)).await?;
        let document = reading.ok().map(|reading| reading.extraction.document);
        Ok(document.filter(|document| !document.blocks.is_empty()).map(|document| Version {
            release: release.id,
            number: latest.number + 1,
            snapshot: id,
            extractor: REVISION,
            hash: content_hash(&document),
            recorded_at: self.now(),
            document,
            technical: true,
        }))
    }

    async fn record_upgrades(&self, source: &Source, releases: Vec<ReleaseOutcome>) -> Result<(), TrackError> {
        let state = self.store.find_source_state(&source.id).await?;
        let outcome = CheckOutcome { releases, ..CheckOutcome::quiet(source.id.clone(), self.now(), state) };
        self.store.record(outcome).await?;
        Ok(())
    }
}

/// The page that was judged last was judged by other rules, and may not be that of the latest version: it is asked for
/// and read again in full.
fn upgraded(release: &Release, version: Option<Version>) -> ReleaseOutcome {
    let mut release = Release { validators: Validators::default(), ..release.clone() };
    if let Some(version) = &version {
        release.title.clone_from(&version.document.title);
        release.day = version.document.date.as_ref().and_then(|date| date.day);
    }
    let versions = version.into_iter().collect();
    ReleaseOutcome { versions, ..ReleaseOutcome::of(release) }
}
