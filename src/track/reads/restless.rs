//! What proved volatile on one page in a check is so on all of them. An advertisement that is another one at most
//! fetches is the same at both fetches of a page by chance, and looks like an edit there.

use std::collections::HashSet;
use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};

use super::{Context, heading_of};
use crate::domain::classify::{Against, Noise, Observation, Seen, Sighting};
use crate::domain::extract::{Verdict, Why, extract};
use crate::domain::model::{SnapshotId, Validators};
use crate::domain::normalize::{canonical_text, content_hash};
use crate::domain::page::Page;
use crate::domain::template::Knowledge;
use crate::track::reading::ReadingError;
use crate::track::{PARSERS, TrackError, Tracker};

impl Tracker {
    /// Takes out of each edit what other pages showed to be volatile after it was compared. The page is asked for as a
    /// whole next time.
    pub(super) async fn mark_restless(
        &self,
        context: &Context<'_>,
        sightings: Vec<Sighting>,
    ) -> Result<Vec<Sighting>, TrackError> {
        let volatile = context.volatile.lock().await.clone();
        if volatile.is_empty() {
            return Ok(sightings);
        }
        let knowledge = Arc::new(context.knowledge.with_volatile(&volatile));
        let calmed = stream::iter(sightings).map(|sighting| self.calmed(context, Arc::clone(&knowledge), sighting));
        calmed.buffered(PARSERS).try_collect().await
    }

    async fn calmed(
        &self,
        context: &Context<'_>,
        knowledge: Arc<Knowledge>,
        mut sighting: Sighting,
    ) -> Result<Sighting, TrackError> {
        let Sighting { release, observation: Observation::Seen(seen) } = &mut sighting else { return Ok(sighting) };
        let knowledge = &knowledge;
        if seen.against.is_edited() {
            let before = release.latest.as_ref().map(|latest| latest.snapshot);
            let mut restless = self.restless_lines(context, knowledge, before, Verdict::Text).await?.0;
            restless.extend(self.restless_lines(context, knowledge, Some(seen.snapshot), Verdict::Text).await?.0);
            take_out(&restless, seen);
        } else if seen.noise == Some(Noise::Churned) {
            let held_back = Verdict::LeftOut(Why::Churned);
            if self.restless_lines(context, knowledge, Some(seen.snapshot), held_back).await?.1 == 0 {
                seen.noise = Some(Noise::Learned);
            }
        }
        Ok(sighting)
    }

    /// The lines of a page that had this verdict and prove volatile now, and how many of the others stay: one of a page
    /// that is not there.
    async fn restless_lines(
        &self,
        context: &Context<'_>,
        knowledge: &Arc<Knowledge>,
        snapshot: Option<SnapshotId>,
        verdict: Verdict,
    ) -> Result<(HashSet<String>, usize), TrackError> {
        let Some(page) = self.page_of(context, snapshot).await? else { return Ok((HashSet::new(), 1)) };
        let (earlier, now) = (Arc::clone(&context.knowledge), Arc::clone(knowledge));
        let read = move || Ok::<_, ReadingError>(lines_between(&page, &earlier, &now, verdict));
        Ok(self.parse(0, read).await?.unwrap_or_default())
    }
}

/// The lines that have a verdict with what was known earlier and are volatile with what is known now, and how many have
/// the verdict still.
fn lines_between(page: &Page, earlier: &Knowledge, now: &Knowledge, verdict: Verdict) -> (HashSet<String>, usize) {
    let (earlier, now) = (extract(page, earlier).verdicts, extract(page, now).verdicts);
    let lines = page.lines.iter().zip(earlier.iter().zip(&now)).filter(|(_, (was, _))| **was == verdict);
    let (gone, others): (Vec<_>, Vec<_>) = lines.partition(|(_, (_, is))| **is == Verdict::LeftOut(Why::Volatile));
    let stay = others.iter().filter(|(_, (_, is))| **is == verdict).count();
    (gone.into_iter().map(|(line, _)| canonical_text(&line.text)).collect(), stay)
}

/// The same edit without these texts, and nothing if that is all there was.
fn take_out(texts: &HashSet<String>, seen: &mut Seen) {
    let Against::Edited { old, .. } = &mut seen.against else { return };
    if texts.is_empty() {
        return;
    }
    old.blocks.retain(|block| !texts.contains(&canonical_text(&block.text)));
    seen.document.blocks.retain(|block| !texts.contains(&canonical_text(&block.text)));
    if content_hash(old) == content_hash(&seen.document) {
        seen.against = Against::Same;
        seen.noise = Some(Noise::Restless);
        seen.validators = Validators::default();
        seen.document = heading_of(std::mem::take(&mut seen.document));
    }
}
