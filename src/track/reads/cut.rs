//! A page of which only the beginning arrived, though the answer looks whole: a server fell over while it wrote, and
//! something before it took what came for all.

use std::collections::HashSet;

use super::Context;
use crate::domain::model::{Document, Fetched, Release};
use crate::domain::normalize::canonical_text;
use crate::track::reading::is_whole;
use crate::track::{TrackError, Tracker};

impl Tracker {
    /// Whether the page shows the beginning of the release alone, and lacks its end tag, which it had before. A site
    /// that leaves its end tags out from now on leaves them out of its listing, too.
    pub(super) async fn is_cut(
        &self,
        context: &Context<'_>,
        release: &Release,
        fetched: &Fetched,
        (old, new): (&Document, &Document),
    ) -> Result<bool, TrackError> {
        let site_ends_pages = context.walked.listing.as_ref().is_none_or(is_whole);
        let Some(latest) = &release.latest else { return Ok(false) };
        if is_whole(fetched) || !site_ends_pages || !is_beginning(new, old) {
            return Ok(false);
        }
        let before = self.store.find_snapshot_left(latest.snapshot).await?;
        Ok(before.is_some_and(|before| is_whole(&before.fetched)) && !self.is_lasting(release).await?)
    }
}

/// Whether a document shows less than another one and, but for its last block, nothing else.
fn is_beginning(one: &Document, whole: &Document) -> bool {
    let blocks: HashSet<String> = whole.blocks.iter().map(|block| canonical_text(&block.text)).collect();
    let length = |document: &Document| document.blocks.iter().map(|block| block.text.len()).sum::<usize>();
    let but_last = one.blocks.len().saturating_sub(1);
    length(one) < length(whole)
        && one.blocks[..but_last].iter().all(|block| blocks.contains(&canonical_text(&block.text)))
}
