//! What a capture says of its release, in the light of the captures that follow. Which differences are edits is decided
//! in [`crate::domain::hindsight`]; here the pages are found that it needs.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

use super::pages::{PageKey, PageView};
use super::{Capture, Importer};
use crate::domain::classify::{Against, Observation, Return, Seen};
use crate::domain::hindsight::{Glimpse, Settled, is_false_start, settle};
use crate::domain::model::{
    Block, ContentHash, Document, Fetched, GoneStreak, Reason, Release, ReleaseId, SnapshotId, VersionHead,
};
use crate::domain::normalize::{canonical_text, content_hash};
use crate::domain::page::count_words;
use crate::track::TrackError;
use crate::track::reading::is_whole;

/// Later captures that are looked at, and those of them that are read.
const MOST_AHEAD: usize = 8;
const MOST_READ: usize = 3;
/// A release that is back so soon was never removed: the site was out of order.
const OUTAGE: TimeDelta = TimeDelta::hours(24);

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
        if !capture.is_page() {
            return Ok(None);
        }
        let Some(view) = self.reader.look(&capture.fetched, capture.key, &self.known).await? else { return Ok(None) };
        if view.says_not_found() && release.latest.is_some() {
            return self.observe_not_found(release, capture, &view.glimpse()).await;
        }
        if !view.is_text() {
            return Ok(None);
        }
        let Some(latest) = &release.latest else { return self.observe_first(release, capture, &view).await };
        if latest.hash == *view.hash() {
            return Ok(Some(seen(capture, view.document().clone(), Against::Same)));
        }
        let Some(old) = self.earlier(release, latest).await? else { return Ok(None) };
        if old.hash == *view.hash() {
            return Ok(Some(seen(capture, view.document().clone(), Against::Same)));
        }
        if old.is_whole && !view.is_whole() {
            return Ok(None);
        }
        self.observe_other(release, capture, &old.glimpse, &view.glimpse()).await
    }

    /// A release that has no versions yet.
    async fn observe_first(
        &mut self,
        release: &Release,
        capture: &Capture,
        view: &PageView,
    ) -> Result<Option<Observation>, TrackError> {
        let first = view.glimpse();
        if self.memory.is_notice(release.id, &first) || !view.is_whole() && self.is_whole_later(capture).await? {
            return Ok(None);
        }
        let later = self.later(&capture.fetched).await?;
        if is_false_start(&first, &later) {
            self.memory.note_stranger(release.id, Arc::unwrap_or_clone(first));
            return Ok(None);
        }
        Ok(Some(seen(capture, view.document().clone(), Against::First)))
    }

    async fn is_whole_later(&self, capture: &Capture) -> Result<bool, TrackError> {
        let later = self.ahead(capture.fetched.url.clone(), capture.fetched.fetched_at, MOST_AHEAD).await?;
        Ok(later.iter().any(|later| later.status == 200 && is_whole(later)))
    }

    /// A page that says in its title that there is nothing, unless that is what the release is about.
    async fn observe_not_found(
        &mut self,
        release: &Release,
        capture: &Capture,
        new: &Glimpse,
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
        new: &Glimpse,
    ) -> Result<Option<Observation>, TrackError> {
        // What is gone does not come back as something else.
        if new.is_unlike(old)
            && (release.gone.as_ref().is_some_and(GoneStreak::is_gone) || self.memory.is_notice(release.id, new))
        {
            return Ok(None);
        }
        let later = self.later(&capture.fetched).await?;
        let rebuilt = self.rebuilt_before(release, old, new).await?;
        let old = rebuilt.as_ref().unwrap_or(old);
        let settled = settle(old, new, &later, &self.memory.others_than(release.id));
        match settled {
            Settled::Passing => {
                self.memory.note_stranger(release.id, new.clone());
                Ok(None)
            }
            // Its title and date are no news either.
            Settled::Same => Ok(Some(seen(capture, old.document.clone(), Against::Same))),
            // From now on it is compared with the page as it is built now.
            Settled::Rebuilt(document) => Ok(Some(seen(capture, *document, Against::Technical))),
            Settled::Edited(old, document) => {
                let returns_to = self.returns_to(release.id, &content_hash(&document)).await?;
                Ok(Some(seen(capture, *document, Against::Edited { old, returns_to })))
            }
        }
    }

    /// The latest text on the page that was judged last, if it was built then as it is now: a redesign that changed
    /// nothing else has made no version, and what came after it is no part of it.
    async fn rebuilt_before(
        &self,
        release: &Release,
        old: &Glimpse,
        new: &Glimpse,
    ) -> Result<Option<Glimpse>, TrackError> {
        let Some(judged) = release.judged.filter(|_| old.is_rebuilt(new)) else { return Ok(None) };
        let judged = self.look_again(release, judged).await?.and_then(|judged| old.shown_on(&judged.glimpse()));
        Ok(judged.filter(|judged| !judged.is_rebuilt(new)))
    }

    /// Status 404 or 410. A site that shows the release again within a day was out of order.
    pub(super) async fn observe_gone(
        &self,
        release: &Release,
        capture: &Capture,
        gone: Observation,
    ) -> Result<Option<Observation>, TrackError> {
        if !release.gone.as_ref().is_some_and(GoneStreak::is_gone) || release.latest.is_none() {
            return Ok(Some(gone));
        }
        let (url, at) = (capture.fetched.url.clone(), capture.fetched.fetched_at);
        let later = self.ahead(url, at, MOST_AHEAD).await?;
        let is_back = later.iter().any(|later| later.status == 200 && later.fetched_at - at <= OUTAGE);
        Ok((!is_back).then_some(gone))
    }

    /// What the address shows later, where it can be read. Captures with the same bytes confirm nothing that rotates:
    /// they come from the same cache, and count only if there are no others. What was cut off says nothing of the rest.
    async fn later(&self, fetched: &Fetched) -> Result<Vec<Arc<Glimpse>>, TrackError> {
        // Most of the time the first few say enough.
        let ahead = self.ahead(fetched.url.clone(), fetched.fetched_at, MOST_READ).await?;
        let is_all = ahead.len() < MOST_READ;
        let glimpses = self.glimpses(fetched, ahead).await?;
        if is_all || glimpses.len() == MOST_READ {
            return Ok(glimpses);
        }
        let ahead = self.ahead(fetched.url.clone(), fetched.fetched_at, MOST_AHEAD).await?;
        self.glimpses(fetched, ahead).await
    }

    async fn glimpses(&self, fetched: &Fetched, ahead: Vec<Fetched>) -> Result<Vec<Arc<Glimpse>>, TrackError> {
        let (same, other): (Vec<Fetched>, Vec<Fetched>) = ahead
            .into_iter()
            .filter(|later| matches!(later.status, 200 | 203) && (is_whole(later) || !is_whole(fetched)))
            .partition(|later| later.body == fetched.body);
        let chosen = if other.is_empty() { same.into_iter().take(1).collect() } else { other };
        let mut glimpses = Vec::new();
        for later in &chosen {
            glimpses.extend(self.glimpse(later).await?);
            if glimpses.len() == MOST_READ {
                break;
            }
        }
        Ok(glimpses)
    }

    /// The captures of an address after a time.
    pub(super) async fn ahead(&self, url: Url, after: DateTime<Utc>, most: usize) -> Result<Vec<Fetched>, TrackError> {
        let archive = Arc::clone(&self.archive);
        let look = move || archive.lock().unwrap_or_else(PoisonError::into_inner).later(&url, after, most);
        Ok(tokio::task::spawn_blocking(look).await?)
    }

    /// One capture, read with what is known now, if it has text.
    pub(super) async fn glimpse(&self, fetched: &Fetched) -> Result<Option<Arc<Glimpse>>, TrackError> {
        let view = self.reader.look(fetched, PageKey::of(fetched), &self.known).await?;
        Ok(view.filter(PageView::is_text).map(|view| view.glimpse()))
    }

    async fn earlier(&self, release: &Release, latest: &VersionHead) -> Result<Option<Earlier>, TrackError> {
        let stored = match self.memory.document(release.id) {
            Some(document) => Some(document.clone()),
            None => self.store.find_version(release.id, latest.number).await?.map(|version| version.document),
        };
        let Some(view) = self.look_again(release, latest.snapshot).await?.filter(PageView::is_text) else {
            return Ok(stored.map(|stored| Earlier::of_document(latest, stored)));
        };
        let mut glimpse = Arc::unwrap_or_clone(view.glimpse());
        // What was found to be noise then stays out, and so does what is known to be noise now.
        if let Some(stored) = stored {
            glimpse.document = without_noise(stored, &glimpse.document);
        }
        Ok(Some(Earlier { glimpse, hash: view.hash().clone(), is_whole: view.is_whole() }))
    }

    /// A page that was judged, as it reads now.
    async fn look_again(&self, release: &Release, snapshot: SnapshotId) -> Result<Option<PageView>, TrackError> {
        if let Some(key) = self.memory.key(snapshot)
            && let Some(view) = self.reader.look_at_hand(&release.url, key, &self.known).await?
        {
            return Ok(Some(view));
        }
        let Some(snapshot) = self.store.find_snapshot_left(snapshot).await? else { return Ok(None) };
        self.reader.look(&snapshot.fetched, PageKey::of(&snapshot.fetched), &self.known).await
    }

    /// The latest text of a release, with its page.
    pub(super) async fn latest(&self, release: &Release) -> Result<Option<Glimpse>, TrackError> {
        let Some(latest) = &release.latest else { return Ok(None) };
        Ok(self.earlier(release, latest).await?.map(|earlier| earlier.glimpse))
    }

    async fn returns_to(&mut self, release: ReleaseId, hash: &ContentHash) -> Result<Option<Return>, TrackError> {
        let is_same = |(id, fresh, _): &&(ReleaseId, ContentHash, u32)| *id == release && fresh == hash;
        let version = match self.fresh.iter().rev().find(is_same) {
            Some((_, _, number)) => Some(*number),
            None => self.store.find_version_by_hash(release, hash).await?,
        };
        let Some(version) = version else { return Ok(None) };
        Ok(Some(Return { version, reported: self.returns_of(release).await? }))
    }
}

/// A stored document without the lines that are no text any more as its page reads now, unless they are most of it.
fn without_noise(stored: Document, reread: &Document) -> Document {
    let texts: HashSet<String> = reread.blocks.iter().map(|block| canonical_text(&block.text)).collect();
    let is_text = |block: &&Block| texts.contains(&canonical_text(&block.text));
    let words = |blocks: &[Block]| blocks.iter().map(|block| count_words(&block.text)).sum::<usize>();
    let blocks: Vec<Block> = stored.blocks.iter().filter(is_text).cloned().collect();
    if words(&blocks) * 2 < words(&stored.blocks) { stored } else { Document { blocks, ..stored } }
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
