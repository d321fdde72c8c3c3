//! Compares a document with the latest version of its release.
//!
//! Two rules keep noise out. The latest version was read with what was known then, so the old page is read again
//! with what is known now: only what differs between two readings of the same kind is an edit. And an edit is
//! believed only when the page, fetched once more, still shows it: what differs between two fetches within seconds
//! (clocks, counters, rotating stories) is volatile, and is remembered as that.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::sync::Arc;

use chrono::TimeDelta;

use super::calm::{calm_down, replaced_texts};
use super::reading::{Reading, ReadingError, page_of};
use super::reads::Context;
use super::stood::{items_read_alike, read_alike};
use super::{TrackError, Tracker};
use crate::domain::causes::with_causes;
use crate::domain::classify::{Against, Noise, Observation, Return};
use crate::domain::diff::diff;
use crate::domain::extract::extract;
use crate::domain::likeness::Shingles;
use crate::domain::model::{Document, Fetched, Reason, Release, Snapshot, SnapshotId, Validators};
use crate::domain::normalize::{canonical_text, content_hash};
use crate::domain::page::{Page, count_words};
use crate::domain::template::{Knowledge, volatile_between};
use crate::store::EventFilter;

/// A document and how it compares, or why that cannot be told in this check.
pub(super) type Compared = Result<Comparison, Observation>;
pub(super) type Comparison = (Document, Against, Option<Noise>);

/// The pages that are compared, parsed once and read with whatever is known.
pub(super) struct Pages {
    /// That of the latest version, if it is still there and can be read.
    pub(super) before: Option<Arc<Page>>,
    pub(super) now: Arc<Page>,
    /// Whether there are too few pages to tell what they share.
    are_few: bool,
}

/// A page that was restless long ago may be news again.
const RETURNS_COUNT_FOR: TimeDelta = TimeDelta::days(30);
const NO_TEXT: &str = "shows no text any more, or another one at every fetch";
const UNREADABLE: &str = "differs, but cannot be read again";

impl Tracker {
    /// The latest version of a release.
    pub(super) async fn latest_document(&self, release: &Release) -> Result<Option<Document>, TrackError> {
        let Some(latest) = &release.latest else { return Ok(None) };
        let version = self.store.find_version(release.id, latest.number).await?;
        Ok(version.map(|version| version.document))
    }

    /// Compares what was found on a page with the latest version, if the two differ.
    pub(super) async fn compare(
        &self,
        context: &Context<'_>,
        release: &Release,
        stored: &Document,
        Reading { page, extraction }: Reading,
        first: &Snapshot,
    ) -> Result<Compared, TrackError> {
        let document = extraction.document;
        if document.blocks.is_empty() && !stored.blocks.is_empty() {
            return Ok(Err(unreadable(NO_TEXT)));
        }
        let latest = release.latest.as_ref().map(|latest| latest.snapshot);
        let are_few = context.knowledge.is_of_few_pages();
        let pages = Pages { before: self.page_of(context, latest).await?, now: page, are_few };
        match self.compare_twice(context, release, stored, document, &pages, &first.fetched).await? {
            Ok(compared) => self.without_redesign(context, release, &pages, compared).await.map(Ok),
            untold @ Err(_) => Ok(untold),
        }
    }

    async fn compare_twice(
        &self,
        context: &Context<'_>,
        release: &Release,
        stored: &Document,
        document: Document,
        pages: &Pages,
        first: &Fetched,
    ) -> Result<Compared, TrackError> {
        let Some(old) = self.differing(pages, &context.knowledge, stored, &document).await? else {
            return Ok(Ok(reread(stored, document)));
        };
        let again = match self.fetch_again(release, first).await {
            Ok(again) if again.body == first.body => {
                return self.edited(release, pages, old, document).await.map(Ok);
            }
            Ok(again) => self.parse_page(context, &again.into()).await?,
            Err(detail) => return Ok(Err(Observation::Unreachable { detail })),
        };
        let Ok(again) = again else { return Ok(Err(unreadable(UNREADABLE))) };
        let Some(other) = self.read_page(&again, &context.knowledge).await? else {
            return Ok(Err(unreadable(UNREADABLE)));
        };
        if content_hash(&document) == content_hash(&other) {
            let stories = self.replaced_plainly(context, pages, &again).await?;
            let compared = self.edited(release, pages, old, document).await?;
            return Ok(Ok(without(&stories, compared)));
        }
        if self.differing(pages, &context.knowledge, stored, &other).await?.is_none() {
            // One of several servers has not heard of an edit yet: it is told when they agree, and teaches nothing.
            return Ok(Ok((document, Against::Same, Some(Noise::Restless))));
        }
        let volatile = volatile_between(&pages.now, &again);
        let knowledge = Arc::new(context.knowledge.with_volatile(&volatile));
        context.volatile.lock().await.extend(volatile);
        let compared = self.compare_stable(release, stored, &knowledge, pages, &again).await?;
        // What was learned names the new stories, not those that stood there before.
        let mut stories = replaced_texts(&old, &document, &other);
        stories.extend(self.replaced_plainly(context, pages, &again).await?);
        Ok(compared.map(|compared| without(&stories, compared)))
    }

    /// The texts of the latest version in whose place two fetches differ, if nothing is left out because it is known to
    /// change: of the stories that stand there some may be known, on either side others.
    async fn replaced_plainly(
        &self,
        context: &Context<'_>,
        pages: &Pages,
        again: &Arc<Page>,
    ) -> Result<HashSet<String>, TrackError> {
        let Some(before) = &pages.before else { return Ok(HashSet::new()) };
        let knowledge = Arc::new(context.knowledge.without_volatile());
        let old = self.read_page(before, &knowledge).await?;
        let one = self.read_page(&pages.now, &knowledge).await?;
        let other = self.read_page(again, &knowledge).await?;
        let (Some(old), Some(one), Some(other)) = (old, one, other) else { return Ok(HashSet::new()) };
        Ok(replaced_texts(&old, &one, &other))
    }

    /// The latest version, read as the new document was, if the two differ.
    async fn differing(
        &self,
        pages: &Pages,
        knowledge: &Arc<Knowledge>,
        stored: &Document,
        document: &Document,
    ) -> Result<Option<Document>, TrackError> {
        let hash = content_hash(document);
        if content_hash(stored) == hash {
            return Ok(None);
        }
        let Some(before) = &pages.before else { return Ok(Some(stored.clone())) };
        let Some(reread) = self.read_page(before, knowledge).await? else { return Ok(Some(stored.clone())) };
        // Mostly the two are one; weighing them against each other takes as long as reading a page.
        let is_stored = reread == *stored;
        if !is_stored && content_hash(&reread) == hash {
            return Ok(None);
        }
        let is_better = is_stored || is_closer(&reread, stored, document);
        Ok(Some(if is_better { reread } else { stored.clone() }))
    }

    /// The page of a snapshot; nothing if it is not there any more, or cannot be read.
    pub(super) async fn page_of(
        &self,
        context: &Context<'_>,
        snapshot: Option<SnapshotId>,
    ) -> Result<Option<Arc<Page>>, TrackError> {
        let Some(snapshot) = snapshot else { return Ok(None) };
        let Some(snapshot) = self.store.find_snapshot_left(snapshot).await? else { return Ok(None) };
        Ok(self.parse_page(context, &snapshot.fetched).await?.ok())
    }

    async fn parse_page(
        &self,
        context: &Context<'_>,
        fetched: &Arc<Fetched>,
    ) -> Result<Result<Arc<Page>, ReadingError>, TrackError> {
        let (fetched, rule) = (Arc::clone(fetched), context.source.extract.clone());
        self.parse(fetched.body.len(), move || Ok(Arc::new(page_of(&fetched, &rule)?))).await
    }

    /// What is found on a page with this knowledge; nothing if no parser survives it.
    pub(super) async fn read_page(
        &self,
        page: &Arc<Page>,
        knowledge: &Arc<Knowledge>,
    ) -> Result<Option<Document>, TrackError> {
        let (page, knowledge) = (Arc::clone(page), Arc::clone(knowledge));
        let read = self.parse(0, move || Ok::<_, ReadingError>(extract(&page, &knowledge).document)).await?;
        Ok(read.ok())
    }

    /// The same page once more, or why there is none.
    async fn fetch_again(&self, release: &Release, first: &Fetched) -> Result<Fetched, String> {
        match self.fetcher.fetch(&release.url, &Validators::default()).await {
            Ok(fetched) if fetched.status == first.status => Ok(fetched),
            Ok(fetched) => Err(format!("differs, but answers {} when asked again", fetched.status)),
            Err(error) => Err(format!("differs, but could not be fetched again: {}", with_causes(&error))),
        }
    }

    /// What remains of the edit when what is volatile is left out of both fetches and of the latest version.
    async fn compare_stable(
        &self,
        release: &Release,
        stored: &Document,
        knowledge: &Arc<Knowledge>,
        pages: &Pages,
        again: &Arc<Page>,
    ) -> Result<Compared, TrackError> {
        let (document, other) = (self.read_page(&pages.now, knowledge).await?, self.read_page(again, knowledge).await?);
        let (Some(document), Some(other)) = (document, other) else { return Ok(Err(unreadable(UNREADABLE))) };
        if document.blocks.is_empty() && !stored.blocks.is_empty() {
            return Ok(Err(unreadable(NO_TEXT)));
        }
        let Some(old) = self.differing(pages, knowledge, stored, &document).await? else {
            return Ok(Ok(reread(stored, document)));
        };
        let (mut calm_old, mut calm) = (old, document.clone());
        calm_down(&document, &other, &mut calm_old, &mut calm);
        if content_hash(&calm_old) == content_hash(&calm) {
            // Not a version: its snapshot may hold an edit that can only be told when the noise is known.
            return Ok(Ok((document, Against::Same, Some(Noise::Restless))));
        }
        if calm.blocks.is_empty() && !calm_old.blocks.is_empty() && !self.is_lasting(release).await? {
            return Ok(Err(unreadable(NO_TEXT)));
        }
        self.edited(release, pages, calm_old, calm).await.map(Ok)
    }

    /// An edit from the one document to the other, without what both pages say and only one of them seems to.
    pub(super) async fn edited(
        &self,
        release: &Release,
        pages: &Pages,
        old: Document,
        document: Document,
    ) -> Result<Comparison, TrackError> {
        let old = match &pages.before {
            Some(before) => {
                let old = read_alike(old, before, &document, &pages.now);
                if pages.are_few { items_read_alike(old, before, &document, &pages.now) } else { old }
            }
            None => old,
        };
        let hash = content_hash(&document);
        if content_hash(&old) == hash {
            return Ok((document, Against::Technical, Some(Noise::Learned)));
        }
        let returns_to = match self.store.find_version_by_hash(release.id, &hash).await? {
            Some(version) => Some(Return { version, reported: self.reported_returns(release).await? }),
            None => None,
        };
        Ok((document, Against::Edited { old: Box::new(old), returns_to }, None))
    }

    async fn reported_returns(&self, release: &Release) -> Result<u32, TrackError> {
        let since = self.now() - RETURNS_COUNT_FOR;
        let filter = EventFilter { release: Some(release.id), since: Some(since), ..EventFilter::default() };
        let events = self.store.list_events(filter).await?;
        let returns = events.iter().filter(|recorded| recorded.event.reasons.contains(&Reason::Reverted)).count();
        Ok(u32::try_from(returns).unwrap_or(u32::MAX))
    }
}

fn unreadable(detail: &str) -> Observation {
    Observation::Unreadable { reason: Reason::Unreadable, detail: detail.to_owned() }
}

/// Only our reading differs. One that has lost most of the text is not kept: what is lost would not be watched.
fn reread(stored: &Document, document: Document) -> (Document, Against, Option<Noise>) {
    let words = |document: &Document| document.blocks.iter().map(|block| count_words(&block.text)).sum::<usize>();
    let is_worse = words(&document) * 2 < words(stored);
    (document, if is_worse { Against::Same } else { Against::Technical }, Some(Noise::Learned))
}

/// The same comparison without the blocks of the old text that are named here and do not stand in the new one.
fn without(texts: &HashSet<String>, compared: Comparison) -> Comparison {
    let (document, Against::Edited { mut old, returns_to }, noise) = compared else { return compared };
    let kept: HashSet<String> = document.blocks.iter().map(|block| canonical_text(&block.text)).collect();
    old.blocks.retain(|block| {
        let text = canonical_text(&block.text);
        kept.contains(&text) || !texts.contains(&text)
    });
    if content_hash(&old) == content_hash(&document) {
        return (document, Against::Same, Some(Noise::Restless));
    }
    (document, Against::Edited { old, returns_to }, noise)
}

/// Whether the first document differs from the last one in fewer fields than the second, or in as many and less.
fn is_closer(one: &Document, other: &Document, to: &Document) -> bool {
    let fields = |from: &Document| diff(from, to).fields().len();
    let shingles = Shingles::of(to);
    let likeness = |from: &Document| Shingles::of(from).resemblance(&shingles);
    match fields(one).cmp(&fields(other)) {
        Ordering::Less => true,
        Ordering::Equal => likeness(one) >= likeness(other),
        Ordering::Greater => false,
    }
}
