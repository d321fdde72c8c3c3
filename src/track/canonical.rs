//! Pages that name another address as their canonical one. A newly found one may be a copy of a known release; a
//! known one that begins to do so has moved, if the other address shows its text.

use std::sync::Arc;

use url::Url;

use super::reading::Reading;
use super::reads::Context;
use super::{TrackError, Tracker};
use crate::domain::address::{canonical, identity, same_site};
use crate::domain::likeness::Shingles;
use crate::domain::model::{Release, Snapshot, Validators};

/// Resemblance of two addresses of one release.
pub(super) const SAME_TEXT: f64 = 0.9;

/// The canonical address of a page, if it is another one than the release's, on the same site.
pub(super) fn other_canonical(release: &Release, reading: &Reading) -> Option<Url> {
    let named = reading.page.head.canonical.as_ref()?;
    let is_other = identity(named) != identity(&release.url) && same_site(named, &release.url);
    is_other.then(|| canonical(named))
}

impl Tracker {
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
        let before = self.extract(context, &Arc::new(before)).await?;
        let said_so = before.ok().and_then(|before| other_canonical(release, &before));
        if said_so.is_some_and(|said| identity(&said) == identity(&target)) {
            return Ok(None);
        }
        let Ok(fetched) = self.fetcher.fetch(&target, &Validators::default()).await else { return Ok(None) };
        if fetched.status != 200 || !fetched.redirects.is_empty() {
            return Ok(None);
        }
        let there = Snapshot { id: latest.snapshot, sha256: String::new(), fetched };
        let there = self.extract(context, &Arc::new(there)).await?;
        let shown = Shingles::of(&reading.extraction.document);
        let is_same =
            there.is_ok_and(|there| shown.resemblance(&Shingles::of(&there.extraction.document)) >= SAME_TEXT);
        Ok(is_same.then_some(target))
    }
}
