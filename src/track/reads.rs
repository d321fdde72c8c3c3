//! Reads the answers of a check, now that all of them are there: what the pages share is known, so each release can
//! be found on its page and compared with its latest version.

mod churned;
mod cut;
mod diverted;
mod hollow;
mod lasting;
mod lost;
mod notices;
mod redirects;
mod restless;
mod stale;
mod strays;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::sync::Mutex;
use url::Url;

use diverted::diverted_to;
use notices::mark_notices;
use redirects::mark_replaced;
pub(super) use redirects::permanent_target;

use super::canonical::other_canonical;
use super::compare::Compared;
use super::reading::{Reading, ReadingError, read};
use super::suspicion::{Probes, SuspectPage};
use super::visit::{Answer, Visit};
use super::{PARSERS, TrackError, Tracker, Walked};
use crate::domain::address::{canonical, identity};
use crate::domain::classify::{Against, Noise, Observation, Seen, Sighting};
use crate::domain::likeness::Shingles;
use crate::domain::model::{
    ContentHash, Document, Fetched, Reason, Release, ReleaseId, Snapshot, SnapshotId, Source, Validators,
};
use crate::domain::normalize::content_hash;
use crate::domain::template::{Knowledge, Volatile};

/// What a check saw, ready to be judged.
pub(super) struct ReadAll {
    pub(super) sightings: Vec<Sighting>,
    pub(super) lost: Vec<(ReleaseId, Document)>,
    /// Pages that turned out not to show their release: the template learns nothing from them.
    pub(super) unlearned: Vec<Url>,
    /// What proved volatile: the template learns it.
    pub(super) volatile: Vec<Volatile>,
    /// Canonical addresses that newly read pages name in place of their own.
    pub(super) canonicals: HashMap<ReleaseId, Url>,
    /// Where redirects led that were followed to a page that may be the release.
    pub(super) elsewhere: HashMap<ReleaseId, Url>,
}

/// What all readings of one check have in common.
pub(super) struct Context<'a> {
    pub(super) source: &'a Source,
    pub(super) knowledge: Arc<Knowledge>,
    pub(super) walked: &'a Walked,
    pub(super) probes: Probes,
    /// What proved volatile in this check.
    pub(super) volatile: Mutex<Vec<Volatile>>,
    /// Canonical addresses that newly read pages name.
    canonicals: Mutex<HashMap<ReleaseId, Url>>,
    /// Where redirects led.
    elsewhere: Mutex<HashMap<ReleaseId, Url>>,
    /// Bytes of documents for which there is still room.
    room: AtomicUsize,
    /// Where temporary redirects led, whatever stands there.
    diverted: Mutex<HashMap<ReleaseId, Url>>,
}

impl Context<'_> {
    /// Notes the other addresses that a page has, by its own word or by redirects.
    async fn note_addresses(&self, release: &Release, fetched: &Fetched, reading: &Reading) {
        let is_elsewhere = identity(&fetched.final_url) != identity(&fetched.url);
        let led_to = is_elsewhere.then(|| canonical(&fetched.final_url));
        if let Some(canonical) = other_canonical(release, reading).or(led_to).filter(|_| release.latest.is_none()) {
            self.canonicals.lock().await.insert(release.id, canonical);
        }
        if is_elsewhere {
            self.elsewhere.lock().await.insert(release.id, fetched.final_url.clone());
        }
    }
}

/// Resemblance below which a page may show something else than its release.
const UNLIKE: f64 = 0.3;
/// Resemblance from which a redirect leads to the same release.
const SAME_RELEASE: f64 = 0.5;

impl Tracker {
    pub(super) async fn read_all(
        &self,
        source: &Source,
        visits: Vec<Visit>,
        knowledge: Arc<Knowledge>,
        walked: &Walked,
    ) -> Result<ReadAll, TrackError> {
        let context = Context {
            source,
            knowledge,
            walked,
            probes: Probes::default(),
            volatile: Mutex::default(),
            canonicals: Mutex::default(),
            elsewhere: Mutex::default(),
            room: AtomicUsize::new(self.most_held),
            diverted: Mutex::default(),
        };
        let reads = stream::iter(visits).map(|visit| self.read_one(&context, visit)).buffer_unordered(PARSERS);
        let mut sightings: Vec<Sighting> = reads.try_collect().await?;
        sightings.sort_by_cached_key(|sighting| sighting.release.id);
        let mut sightings = self.mark_restless(&context, sightings).await?;
        self.mark_stale(&context, &mut sightings).await?;
        self.mark_churned(&context, &mut sightings).await?;
        let elsewhere = context.elsewhere.into_inner();
        self.mark_aliases(&mut sightings, &elsewhere).await?;
        mark_replaced(&mut sightings, &elsewhere);
        self.mark_diverted(source, walked, &mut sightings, &context.diverted.into_inner()).await?;
        mark_notices(&mut sightings);
        self.mark_strays(source, &mut sightings).await?;
        self.mark_usurped(source, &walked.walks, &mut sightings).await?;
        let canonicals = context.canonicals.into_inner();
        self.mark_duplicates(&mut sightings, &canonicals).await?;
        let lost = self.find_lost(&sightings).await?;
        let is_other = |sighting: &&Sighting| {
            matches!(sighting.observation, Observation::Unreadable { .. } | Observation::Gone { .. })
        };
        let unlearned = sightings.iter().filter(is_other).map(|sighting| sighting.release.url.clone()).collect();
        let volatile = context.volatile.into_inner();
        Ok(ReadAll { sightings, lost, unlearned, volatile, canonicals, elsewhere })
    }

    async fn read_one(&self, context: &Context<'_>, visit: Visit) -> Result<Sighting, TrackError> {
        let Visit { release, answer } = visit;
        let observation = match answer {
            Answer::Settled(observation) => observation,
            Answer::Body { id, held } => self.read_body(context, &release, id, held).await?,
        };
        Ok(Sighting { release, observation })
    }

    async fn read_body(
        &self,
        context: &Context<'_>,
        release: &Release,
        id: SnapshotId,
        held: Option<Snapshot>,
    ) -> Result<Observation, TrackError> {
        let kept = if held.is_none() { self.store.find_snapshot(id).await? } else { None };
        let Some(snapshot) = held.or(kept) else {
            return Ok(Observation::Unreachable { detail: format!("snapshot {id} is not in the store") });
        };
        if let Some(target) = diverted_to(&snapshot.fetched) {
            context.diverted.lock().await.insert(release.id, target.clone());
        }
        let reading = match self.extract(context, &snapshot.fetched).await? {
            Ok(reading) => reading,
            Err(error) => {
                let detail = error.to_string();
                self.note_unreadable(context.source, &release.url, release.seen_at, &detail).await?;
                return Ok(Observation::Unreadable { reason: Reason::Unreadable, detail });
            }
        };
        let hash = content_hash(&reading.extraction.document);
        let stored = match &release.latest {
            Some(latest) if latest.hash != hash => self.latest_document(release).await?,
            _ => None,
        };
        let has_churned = reading.extraction.has_churned();
        let likeness = likeness(release, stored.as_ref(), &reading.extraction.document, &hash);
        if let Some(observation) = self.suspect(context, release, &snapshot, &reading, likeness).await? {
            return Ok(observation);
        }
        context.note_addresses(release, &snapshot.fetched, &reading).await;
        let by_canonical = self.moved_by_canonical(context, release, &reading).await?;
        let compared = self.against_latest(context, release, stored, reading, &snapshot).await?;
        let (document, against, noise) = match compared {
            Ok(compared) => compared,
            Err(observation) => return Ok(observation),
        };
        let is_held_back = has_churned && release.latest.as_ref().is_some_and(|latest| latest.hash != hash);
        let noise = if is_held_back && noise != Some(Noise::Restless) { Some(Noise::Churned) } else { noise };
        if !has_room(&context.room, &document, &against) {
            return Ok(Observation::Postponed);
        }
        let by_redirect = self.moved_by_redirect(release, &snapshot).await?;
        let moved_to = by_redirect.map(|url| (url, Reason::Redirected));
        let moved_to = moved_to.or_else(|| by_canonical.map(|url| (url, Reason::Canonical)));
        let document = if matches!(against, Against::Same) { heading_of(document) } else { document };
        // An edit may hide behind noise that is not known yet: the whole page is asked for again.
        let is_settled = release.latest.as_ref().is_none_or(|latest| latest.hash == hash) || against.makes_version();
        let validators = if is_settled { validators_of(&snapshot.fetched) } else { Validators::default() };
        Ok(Observation::Seen(Box::new(Seen { snapshot: id, validators, document, against, noise, moved_to })))
    }

    /// How a document compares with the latest version, which is given if the two differ.
    async fn against_latest(
        &self,
        context: &Context<'_>,
        release: &Release,
        stored: Option<Document>,
        reading: Reading,
        snapshot: &Snapshot,
    ) -> Result<Compared, TrackError> {
        match stored {
            _ if release.latest.is_none() => Ok(Ok((reading.extraction.document, Against::First, None))),
            None => Ok(Ok((reading.extraction.document, Against::Same, None))),
            Some(stored)
                if self
                    .is_cut(context, release, &snapshot.fetched, (&stored, &reading.extraction.document))
                    .await? =>
            {
                let detail = "ends before its end tag".to_owned();
                Ok(Err(Observation::Unreadable { reason: Reason::Unreadable, detail }))
            }
            Some(stored) if self.is_hollow(context, release, (&stored, &reading.extraction.document)).await? => {
                let detail = "shows nothing of the text, and nothing else in its place".to_owned();
                Ok(Err(Observation::Unreadable { reason: Reason::Unreadable, detail }))
            }
            Some(stored) => self.compare(context, release, &stored, reading, snapshot).await,
        }
    }

    pub(super) async fn extract(
        &self,
        context: &Context<'_>,
        fetched: &Arc<Fetched>,
    ) -> Result<Result<Reading, ReadingError>, TrackError> {
        self.extract_with(context.source, Arc::clone(&context.knowledge), fetched).await
    }

    pub(super) async fn extract_with(
        &self,
        source: &Source,
        knowledge: Arc<Knowledge>,
        fetched: &Arc<Fetched>,
    ) -> Result<Result<Reading, ReadingError>, TrackError> {
        let (fetched, rule) = (Arc::clone(fetched), source.extract.clone());
        self.parse(fetched.body.len(), move || read(&fetched, &rule, &knowledge)).await
    }

    /// What the answer shows in place of the release, if it does not show the release.
    async fn suspect(
        &self,
        context: &Context<'_>,
        release: &Release,
        snapshot: &Snapshot,
        reading: &Reading,
        likeness: f64,
    ) -> Result<Option<Observation>, TrackError> {
        let is_elsewhere = identity(&snapshot.fetched.final_url) != identity(&snapshot.fetched.url);
        let is_empty = reading.extraction.words == 0 && reading.extraction.document.images.is_empty();
        let is_unlike = likeness < if is_elsewhere { SAME_RELEASE } else { UNLIKE };
        if !is_empty && !is_unlike {
            return Ok(None);
        }
        let suspect = SuspectPage {
            snapshot,
            extraction: &reading.extraction,
            asks_password: reading.page.head.asks_password,
            release,
            is_elsewhere: is_elsewhere && release.latest.is_some(),
            is_empty,
        };
        self.examine(context, &suspect).await
    }
}

/// How alike the document is to what is expected: the latest version, or for a new release the title by which a
/// listing names it.
fn likeness(release: &Release, stored: Option<&Document>, document: &Document, hash: &ContentHash) -> f64 {
    match (&release.latest, stored) {
        (Some(latest), _) if latest.hash == *hash => 1.0,
        (Some(_), Some(stored)) => Shingles::of(stored).resemblance(&Shingles::of(document)),
        _ if release.title.is_empty() => UNLIKE,
        _ => Shingles::of_text(&release.title).resemblance(&Shingles::of_text(&document.title)),
    }
}

/// What tells that an answer says nothing new, once this one was read.
pub(super) fn validators_of(fetched: &Fetched) -> Validators {
    let digest = fetched.redirects.is_empty().then(|| fetched.digest());
    Validators { digest, ..fetched.validators() }
}

/// Whether there is room left for an edit: a check holds the documents of all of them until it is judged. Edits left
/// over find room in the next check, in which those judged now no longer count.
fn has_room(room: &AtomicUsize, document: &Document, against: &Against) -> bool {
    let Against::Edited { old, .. } = against else { return true };
    let size = document.size() + old.size();
    // One that is larger than all the room is taken as well, if it is the first one.
    let left = |room: usize| (room > 0).then(|| room.saturating_sub(size));
    room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left).is_ok()
}

/// What is needed of a document that is known in full. A check holds all documents that it read until it is judged,
/// and most of them are the same as ever.
fn heading_of(document: Document) -> Document {
    Document { title: document.title, date: document.date, ..Document::default() }
}

pub(super) fn seen_document(sighting: &Sighting) -> Option<&Document> {
    match &sighting.observation {
        Observation::Seen(seen) if !matches!(seen.against, Against::Same) => Some(&seen.document),
        _ => None,
    }
}
