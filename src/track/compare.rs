//! Compares a document with the latest version of its release.
//!
//! The latest version was read with what was known then. Since knowledge grows, the old page is read again with
//! what is known now, and only what differs between two readings of the same kind is an edit.

use std::sync::Arc;

use super::reads::Context;
use super::{TrackError, Tracker};
use crate::domain::classify::Against;
use crate::domain::diff::diff;
use crate::domain::likeness::Shingles;
use crate::domain::model::{ContentHash, Document, Release};
use crate::domain::normalize::content_hash;

impl Tracker {
    pub(super) async fn compare(
        &self,
        context: &Context<'_>,
        release: &Release,
        stored: Document,
        document: &Document,
        hash: &ContentHash,
    ) -> Result<Against, TrackError> {
        let reread = self.reread(context, release).await?;
        if reread.as_ref().is_some_and(|reread| content_hash(reread) == *hash) {
            return Ok(Against::Technical);
        }
        let returns_to = self.store.find_version_by_hash(release.id, hash).await?;
        let old = match reread {
            Some(reread) if is_closer(&reread, &stored, document) => reread,
            _ => stored,
        };
        Ok(Against::Edited { old: Box::new(old), returns_to })
    }

    /// The page of the latest version, read with what is known now; nothing if it cannot be read any more.
    async fn reread(&self, context: &Context<'_>, release: &Release) -> Result<Option<Document>, TrackError> {
        let Some(latest) = &release.latest else { return Ok(None) };
        let Some(snapshot) = self.store.find_snapshot(latest.snapshot).await? else { return Ok(None) };
        let reading = self.extract(context, &Arc::new(snapshot)).await?;
        Ok(reading.ok().map(|reading| reading.extraction.document))
    }
}

/// Whether the first document differs from the last one in fewer fields than the second, or in as many and less.
fn is_closer(one: &Document, other: &Document, to: &Document) -> bool {
    let fields = |from: &Document| diff(from, to).fields().len();
    let shingles = Shingles::of(to);
    let likeness = |from: &Document| Shingles::of(from).resemblance(&shingles);
    match fields(one).cmp(&fields(other)) {
        std::cmp::Ordering::Less => true,
        std::cmp::Ordering::Equal => likeness(one) >= likeness(other),
        std::cmp::Ordering::Greater => false,
    }
}
