//! What a capture says of its release, in the light of the captures that follow. Which differences are edits is decided
//! in [`crate::domain::hindsight`]; here the pages are found that it needs.

use std::sync::{Arc, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

use super::{Capture, Importer};
use crate::domain::classify::{Against, Observation, Return, Seen};
use crate::domain::extract::extract;
use crate::domain::hindsight::{Glimpse, Settled, is_false_start, settle};
use crate::domain::model::{ContentHash, Document, Fetched, Reason, Release, ReleaseId, VersionHead};
use crate::domain::normalize::content_hash;
use crate::domain::rule::ExtractionRule;
use crate::domain::template::Knowledge;
use crate::track::TrackError;
use crate::track::reading::page_of;
use crate::track::suspicion::{is_wall, says_not_found};

/// Later captures that are looked at, and those of them that are read.
const MOST_AHEAD: usize = 8;
const MOST_READ: usize = 3;
/// A release that is back so soon was never removed: the site was out of order.
const OUTAGE: TimeDelta = TimeDelta::hours(24);
/// Bytes at the end of a page in which its end tag stands.
const TAIL: usize = 4 << 10;

/// The page of the latest version, read with what is known now.
struct Earlier {
    glimpse: Glimpse,
    hash: ContentHash,
    is_whole: bool,
}

impl Importer {
    pub(super) async fn observe_page(
        &mut self,
        release: &Release,
        capture: &Capture,
    ) -> Result<Option<Observation>, TrackError> {
        let Some(page) = &capture.page else { return Ok(None) };
        let extraction = extract(page, &self.knowledge);
        let says_not_found = says_not_found(&extraction.document.title) || says_not_found(&page.head.title);
        if says_not_found && release.latest.is_some() {
            return self.observe_not_found(release, capture, Glimpse::of(page, extraction.document)).await;
        }
        if extraction.document.blocks.is_empty() || is_wall(&extraction) || says_not_found {
            return Ok(None);
        }
        let hash = content_hash(&extraction.document);
        let new = Glimpse::of(page, extraction.document);
        let Some(latest) = &release.latest else { return self.observe_first(release, capture, new).await };
        if latest.hash == hash {
            return Ok(Some(seen(capture, new.document, Against::Same)));
        }
        let Some(old) = self.earlier(release, latest).await? else { return Ok(None) };
        if old.hash == hash {
            return Ok(Some(seen(capture, new.document, Against::Same)));
        }
        if old.is_whole && !is_whole(&capture.fetched) {
            return Ok(None);
        }
        self.observe_other(release, capture, &old.glimpse, new).await
    }

    /// A release that has no versions yet.
    async fn observe_first(
        &mut self,
        release: &Release,
        capture: &Capture,
        first: Glimpse,
    ) -> Result<Option<Observation>, TrackError> {
        if self.memory.is_notice(release.id, &first) {
            return Ok(None);
        }
        let ahead = self.ahead(capture.fetched.url.clone(), capture.fetched.fetched_at, MOST_AHEAD).await?;
        if !is_whole(&capture.fetched) && ahead.iter().any(|later| later.status == 200 && is_whole(later)) {
            return Ok(None);
        }
        let later = self.later(&capture.fetched).await?;
        if is_false_start(&first, &later) {
            self.memory.note_stranger(release.id, first);
            return Ok(None);
        }
        Ok(Some(seen(capture, first.document, Against::First)))
    }

    /// A page that says in its title that there is nothing, unless that is what the release is about.
    async fn observe_not_found(
        &mut self,
        release: &Release,
        capture: &Capture,
        new: Glimpse,
    ) -> Result<Option<Observation>, TrackError> {
        let is_release = self.latest(release).await?.is_none_or(|old| !new.is_unlike(&old));
        let gone = Observation::Gone { reason: Reason::SoftNotFound, snapshot: capture.snapshot };
        Ok((!is_release).then_some(gone))
    }

    /// A capture that differs from the latest version.
    async fn observe_other(
        &mut self,
        release: &Release,
        capture: &Capture,
        old: &Glimpse,
        new: Glimpse,
    ) -> Result<Option<Observation>, TrackError> {
        // What is gone does not come back as something else.
        if new.is_unlike(old) && (release.gone.is_some() || self.memory.is_notice(release.id, &new)) {
            return Ok(None);
        }
        let later = self.later(&capture.fetched).await?;
        let settled = settle(old, &new, &later, &self.memory.others_than(release.id));
        match settled {
            Settled::Passing => {
                self.memory.note_stranger(release.id, new);
                Ok(None)
            }
            // Its title and date are no news either.
            Settled::Same => Ok(Some(seen(capture, old.document.clone(), Against::Same))),
            Settled::Edited(old, document) => {
                let returns_to = self.returns_to(release.id, &content_hash(&document)).await?;
                Ok(Some(seen(capture, *document, Against::Edited { old, returns_to })))
            }
        }
    }

    /// Status 404 or 410. A site that shows the release again within a day was out of order.
    pub(super) async fn observe_gone(
        &self,
        release: &Release,
        capture: &Capture,
        gone: Observation,
    ) -> Result<Option<Observation>, TrackError> {
        if release.gone.is_none() || release.latest.is_none() {
            return Ok(Some(gone));
        }
        let (url, at) = (capture.fetched.url.clone(), capture.fetched.fetched_at);
        let later = self.ahead(url, at, MOST_AHEAD).await?;
        let is_back = later.iter().any(|later| later.status == 200 && later.fetched_at - at <= OUTAGE);
        Ok((!is_back).then_some(gone))
    }

    /// What the address shows later, where it can be read. Captures with the same bytes confirm nothing that rotates:
    /// they come from the same cache, and count only if there are no others.
    async fn later(&self, fetched: &Fetched) -> Result<Vec<Glimpse>, TrackError> {
        let ahead = self.ahead(fetched.url.clone(), fetched.fetched_at, MOST_AHEAD).await?;
        let (same, other): (Vec<Fetched>, Vec<Fetched>) = ahead
            .into_iter()
            .filter(|later| matches!(later.status, 200 | 203))
            .partition(|later| later.body == fetched.body);
        let chosen = if other.is_empty() { same.into_iter().take(1).collect() } else { other };
        let (rule, knowledge) = (self.source.extract.clone(), Arc::clone(&self.knowledge));
        let read = move || {
            let glimpses = chosen.iter().filter_map(|fetched| glimpse(fetched, &rule, &knowledge));
            glimpses.take(MOST_READ).collect()
        };
        Ok(tokio::task::spawn_blocking(read).await?)
    }

    /// The captures of an address after a time.
    pub(super) async fn ahead(&self, url: Url, after: DateTime<Utc>, most: usize) -> Result<Vec<Fetched>, TrackError> {
        let archive = Arc::clone(&self.archive);
        let look = move || archive.lock().unwrap_or_else(PoisonError::into_inner).later(&url, after, most);
        Ok(tokio::task::spawn_blocking(look).await?)
    }

    /// One capture, read with what is known now.
    pub(super) async fn glimpse(&self, fetched: Fetched) -> Result<Option<Glimpse>, TrackError> {
        let (rule, knowledge) = (self.source.extract.clone(), Arc::clone(&self.knowledge));
        Ok(tokio::task::spawn_blocking(move || glimpse(&fetched, &rule, &knowledge)).await?)
    }

    async fn earlier(&self, release: &Release, latest: &VersionHead) -> Result<Option<Earlier>, TrackError> {
        let stored = match self.memory.document(release.id) {
            Some(document) => Some(document.clone()),
            None => self.store.find_version(release.id, latest.number).await?.map(|version| version.document),
        };
        let Some(snapshot) = self.store.find_snapshot_left(latest.snapshot).await? else {
            return Ok(stored.map(|stored| Earlier::of_document(latest, stored)));
        };
        let is_whole = is_whole(&snapshot.fetched);
        let Some(mut glimpse) = self.glimpse(snapshot.fetched).await? else {
            return Ok(stored.map(|stored| Earlier::of_document(latest, stored)));
        };
        let hash = content_hash(&glimpse.document);
        // What was found to be noise then stays out.
        if let Some(stored) = stored {
            glimpse.document = stored;
        }
        Ok(Some(Earlier { glimpse, hash, is_whole }))
    }

    /// The latest text of a release, with its page.
    pub(super) async fn latest(&self, release: &Release) -> Result<Option<Glimpse>, TrackError> {
        let Some(latest) = &release.latest else { return Ok(None) };
        Ok(self.earlier(release, latest).await?.map(|earlier| earlier.glimpse))
    }

    async fn returns_to(&self, release: ReleaseId, hash: &ContentHash) -> Result<Option<Return>, TrackError> {
        let is_same = |(id, fresh, _): &&(ReleaseId, ContentHash, u32)| *id == release && fresh == hash;
        let version = match self.fresh.iter().rev().find(is_same) {
            Some((_, _, number)) => Some(*number),
            None => self.store.find_version_by_hash(release, hash).await?,
        };
        let reported = self.returns.get(&release).copied().unwrap_or_default();
        Ok(version.map(|version| Return { version, reported }))
    }
}

impl Earlier {
    fn of_document(latest: &VersionHead, stored: Document) -> Self {
        Self { glimpse: Glimpse::of_document(stored), hash: latest.hash.clone(), is_whole: false }
    }
}

fn seen(capture: &Capture, document: Document, against: Against) -> Observation {
    let validators = capture.fetched.validators();
    Observation::Seen(Box::new(Seen {
        snapshot: capture.snapshot,
        validators,
        document,
        against,
        noise: None,
        moved_to: None,
    }))
}

/// A capture with text that does not stand between a reader and the release.
fn glimpse(fetched: &Fetched, rule: &ExtractionRule, knowledge: &Knowledge) -> Option<Glimpse> {
    let page = page_of(fetched, rule).ok()?;
    let extraction = extract(&page, knowledge);
    let is_text = !extraction.document.blocks.is_empty()
        && !is_wall(&extraction)
        && !says_not_found(&extraction.document.title)
        && !says_not_found(&page.head.title);
    is_text.then(|| Glimpse::of(&page, extraction.document))
}

/// Whether the end of the page was recorded.
fn is_whole(fetched: &Fetched) -> bool {
    let tail = &fetched.body[fetched.body.len().saturating_sub(TAIL)..];
    tail.windows(6).any(|tag| tag.eq_ignore_ascii_case(b"</body") || tag.eq_ignore_ascii_case(b"</html"))
}
