//! Pages that name another address as their canonical one, and addresses that lead to another one. A newly found one
//! may be a copy of a known release; a known one that begins to do so has moved, if the other address shows its text.

use std::collections::HashMap;
use std::sync::Arc;

use url::Url;

use super::reading::Reading;
use super::reads::{Context, permanent_target, seen_document};
use super::{TrackError, Tracker};
use crate::domain::address::{canonical, identity, same_site};
use crate::domain::classify::{Observation, Sighting};
use crate::domain::likeness::Shingles;
use crate::domain::model::{Document, Release, ReleaseId, Snapshot, Validators};

/// Resemblance of two addresses of one release.
const SAME_TEXT: f64 = 0.9;

/// The canonical address of a page, if it is another one than the release's, on the same site.
pub(super) fn other_canonical(release: &Release, reading: &Reading) -> Option<Url> {
    let named = reading.page.head.canonical.as_ref()?;
    let is_other = identity(named) != identity(&release.url) && same_site(named, &release.url);
    is_other.then(|| canonical(named))
}

impl Tracker {
    /// Where a release has moved by permanent redirects, which did not lead there when it was last read.
    pub(super) async fn moved_by_redirect(
        &self,
        release: &Release,
        snapshot: &Snapshot,
    ) -> Result<Option<Url>, TrackError> {
        let (Some(target), Some(latest)) = (permanent_target(snapshot, release), &release.latest) else {
            return Ok(None);
        };
        let before = self.store.find_snapshot_left(latest.snapshot).await?;
        let led = before.map(|before| (identity(&before.fetched.url), identity(&before.fetched.final_url)));
        let led_to = led.filter(|(asked, shown)| asked != shown).map(|(_, shown)| shown);
        Ok((led_to != Some(identity(&target))).then_some(target))
    }

    /// What leads to a release that once had its text is another address of that one: edited with it, and not gone.
    pub(super) async fn mark_aliases(
        &self,
        sightings: &mut [Sighting],
        elsewhere: &HashMap<ReleaseId, Url>,
    ) -> Result<(), TrackError> {
        let mut aliases = Vec::new();
        if elsewhere.is_empty() {
            return Ok(());
        }
        let places: HashMap<String, ReleaseId> =
            sightings.iter().map(|sighting| (identity(&sighting.release.url), sighting.release.id)).collect();
        for (at, sighting) in sightings.iter().enumerate() {
            let (Some(target), Some(latest)) = (elsewhere.get(&sighting.release.id), &sighting.release.latest) else {
                continue;
            };
            let of = places.get(&identity(target)).filter(|of| **of != sighting.release.id);
            let is_edited = sighting.seen().is_some_and(|seen| seen.against.is_edited());
            let Some(of) = of.filter(|_| is_edited) else { continue };
            if self.store.find_version_by_hash(*of, &latest.hash).await?.is_some() {
                aliases.push((at, *of));
            }
        }
        for (at, of) in aliases {
            sightings[at].observation = Observation::Duplicate { of };
        }
        Ok(())
    }

    /// Where a release has moved according to its page, which did not say so when it was last read. What the other
    /// address shows decides: some sites name their home page on every page.
    pub(super) async fn moved_by_canonical(
        &self,
        context: &Context<'_>,
        release: &Release,
        reading: &Reading,
    ) -> Result<Option<Url>, TrackError> {
        let (Some(target), Some(latest)) = (other_canonical(release, reading), &release.latest) else {
            return Ok(None);
        };
        let Some(before) = self.store.find_snapshot_left(latest.snapshot).await? else { return Ok(None) };
        let before = self.extract(context, &before.fetched).await?;
        let said_so = before.ok().and_then(|before| other_canonical(release, &before));
        if said_so.is_some_and(|said| identity(&said) == identity(&target)) {
            return Ok(None);
        }
        let Ok(fetched) = self.fetcher.fetch(&target, &Validators::default()).await else { return Ok(None) };
        if fetched.status != 200 || !fetched.redirects.is_empty() {
            return Ok(None);
        }
        let there = self.extract(context, &Arc::new(fetched)).await?;
        let shown = Shingles::of(&reading.extraction.document);
        let is_same =
            there.is_ok_and(|there| shown.resemblance(&Shingles::of(&there.extraction.document)) >= SAME_TEXT);
        Ok(is_same.then_some(target))
    }

    /// A new address whose page names another release of the source as canonical, and shows its text, is no release
    /// of its own. The text decides: some sites name their home page on every page.
    pub(super) async fn mark_duplicates(
        &self,
        sightings: &mut [Sighting],
        canonicals: &HashMap<ReleaseId, Url>,
    ) -> Result<(), TrackError> {
        if canonicals.is_empty() {
            return Ok(());
        }
        let places: HashMap<String, usize> =
            sightings.iter().enumerate().map(|(at, sighting)| (identity(&sighting.release.url), at)).collect();
        for at in 0..sightings.len() {
            let canonical = canonicals.get(&sightings[at].release.id);
            let Some(original) = canonical.and_then(|url| places.get(&identity(url))).copied() else { continue };
            let (Some(copy), Some(document)) =
                (seen_document(&sightings[at]), self.document_of(&sightings[original]).await?)
            else {
                continue;
            };
            if Shingles::of(copy).resemblance(&Shingles::of(&document)) >= SAME_TEXT {
                sightings[at].observation = Observation::Duplicate { of: sightings[original].release.id };
            }
        }
        Ok(())
    }

    async fn document_of(&self, sighting: &Sighting) -> Result<Option<Document>, TrackError> {
        if let Some(document) = seen_document(sighting) {
            return Ok(Some(document.clone()));
        }
        self.latest_document(&sighting.release).await
    }
}
