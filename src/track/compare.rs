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
use super::reading::Reading;
use super::reads::Context;
use super::{TrackError, Tracker};
use crate::domain::classify::{Against, Noise, Observation, Return};
use crate::domain::diff::diff;
use crate::domain::likeness::Shingles;
use crate::domain::model::{Document, Reason, Release, Snapshot, Validators};
use crate::domain::normalize::{canonical_text, content_hash};
use crate::domain::page::count_words;
use crate::domain::template::{Knowledge, volatile_between};
use crate::store::EventFilter;

/// A document and how it compares, or why that cannot be told in this check.
pub(super) type Compared = Result<Comparison, Observation>;
pub(super) type Comparison = (Document, Against, Option<Noise>);

/// A page that was restless long ago may be news again.
const RETURNS_COUNT_FOR: TimeDelta = TimeDelta::days(30);
const NO_TEXT: &str = "shows no text any more, or another one at every fetch";
const UNREADABLE: &str = "differs, but cannot be read again";

impl Tracker {
    pub(super) async fn compare(
        &self,
        context: &Context<'_>,
        release: &Release,
        stored: &Document,
        document: Document,
        snapshot: &Arc<Snapshot>,
    ) -> Result<Compared, TrackError> {
        match self.compare_twice(context, release, stored, document, snapshot).await? {
            Ok(compared) => self.without_redesign(context, release, snapshot, compared).await,
            untold @ Err(_) => Ok(untold),
        }
    }

    async fn compare_twice(
        &self,
        context: &Context<'_>,
        release: &Release,
        stored: &Document,
        document: Document,
        snapshot: &Arc<Snapshot>,
    ) -> Result<Compared, TrackError> {
        if document.blocks.is_empty() && !stored.blocks.is_empty() {
            return Ok(Err(Observation::Unreadable { reason: Reason::Unreadable, detail: NO_TEXT.to_owned() }));
        }
        let Some(old) = self.differing(context, release, &context.knowledge, stored, &document).await? else {
            return Ok(Ok(reread(stored, document)));
        };
        let again = match self.fetch_again(release, snapshot).await {
            Ok(again) if again.fetched.body == snapshot.fetched.body => {
                return self.edited(release, old, document).await;
            }
            Ok(again) => Arc::new(again),
            Err(detail) => return Ok(Err(Observation::Unreachable { detail })),
        };
        let (one, other) = self.extract_both(context, &context.knowledge, snapshot, &again).await?;
        let (Some(one), Some(other)) = (one, other) else {
            return Ok(Err(Observation::Unreadable { reason: Reason::Unreadable, detail: UNREADABLE.to_owned() }));
        };
        if content_hash(&one.extraction.document) == content_hash(&other.extraction.document) {
            let stories = self.replaced_plainly(context, release, (snapshot, &again)).await?;
            let compared = self.edited(release, old, document).await?;
            return Ok(compared.map(|compared| without(&stories, compared)));
        }
        if self.differing(context, release, &context.knowledge, stored, &other.extraction.document).await?.is_none() {
            // One of several servers has not heard of an edit yet: it is told when they agree, and teaches nothing.
            return Ok(Ok((document, Against::Same, Some(Noise::Restless))));
        }
        let volatile = volatile_between(&one.page, &other.page);
        let knowledge = Arc::new(context.knowledge.with_volatile(&volatile));
        context.volatile.lock().await.extend(volatile);
        let compared = self.compare_stable(context, release, stored, &knowledge, (snapshot, &again)).await?;
        // What was learned names the new stories, not those that stood there before.
        let mut stories = replaced_texts(&old, &one.extraction.document, &other.extraction.document);
        stories.extend(self.replaced_plainly(context, release, (snapshot, &again)).await?);
        Ok(compared.map(|compared| without(&stories, compared)))
    }

    /// The texts of the latest version in whose place two fetches differ, if nothing is left out because it is known to
    /// change: of the stories that stand there some may be known, on either side others.
    async fn replaced_plainly(
        &self,
        context: &Context<'_>,
        release: &Release,
        (one, other): (&Arc<Snapshot>, &Arc<Snapshot>),
    ) -> Result<HashSet<String>, TrackError> {
        let knowledge = Arc::new(context.knowledge.without_volatile());
        let old = self.reread(context, release, &knowledge).await?;
        let (one, other) = self.extract_both(context, &knowledge, one, other).await?;
        let (Some(old), Some(one), Some(other)) = (old, one, other) else { return Ok(HashSet::new()) };
        Ok(replaced_texts(&old, &one.extraction.document, &other.extraction.document))
    }

    /// The latest version, read as the new document was, if the two differ.
    async fn differing(
        &self,
        context: &Context<'_>,
        release: &Release,
        knowledge: &Arc<Knowledge>,
        stored: &Document,
        document: &Document,
    ) -> Result<Option<Document>, TrackError> {
        let hash = content_hash(document);
        if content_hash(stored) == hash {
            return Ok(None);
        }
        Ok(match self.reread(context, release, knowledge).await? {
            // Mostly the two are one; weighing them against each other takes as long as reading a page.
            Some(reread) if reread == *stored => Some(reread),
            Some(reread) if content_hash(&reread) == hash => None,
            Some(reread) if is_closer(&reread, stored, document) => Some(reread),
            _ => Some(stored.clone()),
        })
    }

    /// The page of the latest version, read with what is known now; nothing if it cannot be read any more.
    async fn reread(
        &self,
        context: &Context<'_>,
        release: &Release,
        knowledge: &Arc<Knowledge>,
    ) -> Result<Option<Document>, TrackError> {
        let Some(latest) = &release.latest else { return Ok(None) };
        let Some(snapshot) = self.store.find_snapshot_left(latest.snapshot).await? else { return Ok(None) };
        let reading = self.extract_with(context.source, Arc::clone(knowledge), &Arc::new(snapshot)).await?;
        Ok(reading.ok().map(|reading| reading.extraction.document))
    }

    /// The same page once more, or why there is none.
    async fn fetch_again(&self, release: &Release, first: &Snapshot) -> Result<Snapshot, String> {
        match self.fetcher.fetch(&release.url, &Validators::default()).await {
            Ok(fetched) if fetched.status == first.fetched.status => {
                Ok(Snapshot { id: first.id, sha256: String::new(), fetched })
            }
            Ok(fetched) => Err(format!("differs, but answers {} when asked again", fetched.status)),
            Err(error) => Err(format!("differs, but could not be fetched again: {}", super::visit::chain(&error))),
        }
    }

    async fn extract_both(
        &self,
        context: &Context<'_>,
        knowledge: &Arc<Knowledge>,
        one: &Arc<Snapshot>,
        other: &Arc<Snapshot>,
    ) -> Result<(Option<Reading>, Option<Reading>), TrackError> {
        let one = self.extract_with(context.source, Arc::clone(knowledge), one).await?;
        let other = self.extract_with(context.source, Arc::clone(knowledge), other).await?;
        Ok((one.ok(), other.ok()))
    }

    /// What remains of the edit when what is volatile is left out of both fetches and of the latest version.
    async fn compare_stable(
        &self,
        context: &Context<'_>,
        release: &Release,
        stored: &Document,
        knowledge: &Arc<Knowledge>,
        (one, other): (&Arc<Snapshot>, &Arc<Snapshot>),
    ) -> Result<Compared, TrackError> {
        let (one, other) = self.extract_both(context, knowledge, one, other).await?;
        let (Some(one), Some(other)) = (one, other) else {
            return Ok(Err(Observation::Unreadable { reason: Reason::Unreadable, detail: UNREADABLE.to_owned() }));
        };
        let document = one.extraction.document;
        if document.blocks.is_empty() && !stored.blocks.is_empty() {
            return Ok(Err(Observation::Unreadable { reason: Reason::Unreadable, detail: NO_TEXT.to_owned() }));
        }
        let Some(old) = self.differing(context, release, knowledge, stored, &document).await? else {
            return Ok(Ok(reread(stored, document)));
        };
        let (mut calm_old, mut calm) = (old.clone(), document.clone());
        calm_down(&document, &other.extraction.document, &mut calm_old, &mut calm);
        if content_hash(&calm_old) == content_hash(&calm) {
            // Not a version: its snapshot may hold an edit that can only be told when the noise is known.
            return Ok(Ok((document, Against::Same, Some(Noise::Restless))));
        }
        let (old, document) = (calm_old, calm);
        self.edited(release, old, document).await
    }

    /// An edit from the one document to the other.
    pub(super) async fn edited(
        &self,
        release: &Release,
        old: Document,
        document: Document,
    ) -> Result<Compared, TrackError> {
        let returns_to = match self.store.find_version_by_hash(release.id, &content_hash(&document)).await? {
            Some(version) => Some(Return { version, reported: self.reported_returns(release).await? }),
            None => None,
        };
        Ok(Ok((document, Against::Edited { old: Box::new(old), returns_to }, None)))
    }

    async fn reported_returns(&self, release: &Release) -> Result<u32, TrackError> {
        let since = self.now() - RETURNS_COUNT_FOR;
        let filter = EventFilter { release: Some(release.id), since: Some(since), ..EventFilter::default() };
        let events = self.store.list_events(filter).await?;
        let returns = events.iter().filter(|recorded| recorded.event.reasons.contains(&Reason::Reverted)).count();
        Ok(u32::try_from(returns).unwrap_or(u32::MAX))
    }
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
