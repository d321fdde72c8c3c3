//! Redirects in archives: records of their own, with no text. What the archive has at the other end decides whether
//! the release moved, is gone, or neither.

use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

use super::pages::PageView;
use super::{Capture, Importer};
use crate::domain::address::{canonical, identity, same_site};
use crate::domain::classify::{Against, Observation, Seen};
use crate::domain::model::{Fetched, Reason, Release};
use crate::track::TrackError;

/// Redirects that are followed.
const MOST_HOPS: usize = 5;
/// The other end may have been recorded a little earlier.
const BEFORE: TimeDelta = TimeDelta::hours(24);

/// What a chain of redirects leads to.
struct End {
    url: Url,
    /// What the archive has there, from about the same time on.
    capture: Option<Fetched>,
    is_permanent: bool,
}

impl Importer {
    pub(super) async fn observe_redirect(
        &self,
        release: &Release,
        capture: &Capture,
    ) -> Result<Option<Observation>, TrackError> {
        let Some(old) = self.latest(release).await? else { return Ok(None) };
        let Some(end) = self.follow(&capture.fetched).await? else { return Ok(None) };
        if [&release.url, &capture.fetched.url].iter().any(|url| identity(url) == identity(&end.url)) {
            return Ok(None);
        }
        let away = Observation::Gone { reason: Reason::RedirectedAway, snapshot: capture.snapshot };
        let there = match end.capture {
            Some(there) => self.glimpse(&there).await?,
            None => return Ok(is_above(&end.url, &release.url).then_some(away)),
        };
        let Some(there) = there else { return Ok(None) };
        if there.is_unlike(&old) {
            return Ok(Some(away));
        }
        let moved_to = end.is_permanent.then(|| (canonical(&end.url), Reason::Redirected));
        // The text at the new address is compared when its own captures have their turn.
        Ok(moved_to.map(|moved_to| {
            Observation::Seen(Box::new(Seen {
                snapshot: capture.snapshot,
                validators: capture.fetched.validators(),
                document: old.document,
                against: Against::Same,
                noise: None,
                moved_to: Some(moved_to),
            }))
        }))
    }

    /// The release that stands at an address that is new, if its own leads there as soon as it answers again: the
    /// archive came upon the new one first.
    pub(super) async fn moved_here(&self, release: &Release, capture: &Capture) -> Result<Option<Release>, TrackError> {
        if release.latest.is_some() || !capture.is_page() {
            return Ok(None);
        }
        let view = self.reader.look(&capture.fetched, capture.key, &self.known).await?.filter(PageView::is_text);
        let Some(view) = view else { return Ok(None) };
        let Some(owner) = self.memory.owner_of(view.document()) else { return Ok(None) };
        let Some(other) = self.releases.values().find(|other| other.id == owner && other.latest.is_some()) else {
            return Ok(None);
        };
        let next = self.ahead(other.url.clone(), capture.fetched.fetched_at, MOST_HOPS).await?;
        let Some(next) = next.into_iter().find(|answer| answer.status < 500) else { return Ok(None) };
        let end = if is_permanent(&next) { self.follow(&next).await? } else { None };
        let here = identity(&capture.fetched.url);
        let leads_here = end.is_some_and(|end| end.is_permanent && identity(&end.url) == here);
        Ok(leads_here.then(|| other.clone()))
    }

    /// What is seen of a release that moved, at its new address.
    pub(super) async fn observe_arrival(
        &mut self,
        release: &Release,
        capture: &Capture,
    ) -> Result<Option<Observation>, TrackError> {
        let mut observation = self.observe_page(release, capture).await?;
        if let Some(Observation::Seen(seen)) = &mut observation {
            seen.moved_to = Some((canonical(&capture.fetched.url), Reason::Redirected));
        }
        Ok(observation)
    }

    async fn follow(&self, fetched: &Fetched) -> Result<Option<End>, TrackError> {
        let at = fetched.fetched_at;
        let Some(mut url) = target(fetched) else { return Ok(None) };
        let mut is_permanent = is_permanent(fetched);
        for _ in 0..MOST_HOPS {
            let Some(capture) = self.around(&url, at).await? else {
                return Ok(Some(End { url, capture: None, is_permanent }));
            };
            match target(&capture) {
                Some(next) if (300..400).contains(&capture.status) => {
                    is_permanent &= self::is_permanent(&capture);
                    url = next;
                }
                _ if matches!(capture.status, 200 | 203) => {
                    return Ok(Some(End { url, capture: Some(capture), is_permanent }));
                }
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    /// The first capture of an address from about a time on, or the first at all.
    async fn around(&self, url: &Url, at: DateTime<Utc>) -> Result<Option<Fetched>, TrackError> {
        let later = self.ahead(url.clone(), at - BEFORE, 1).await?;
        if !later.is_empty() {
            return Ok(later.into_iter().next());
        }
        Ok(self.ahead(url.clone(), DateTime::<Utc>::MIN_UTC, 1).await?.into_iter().next())
    }
}

fn is_permanent(fetched: &Fetched) -> bool {
    matches!(fetched.status, 301 | 308)
}

fn target(fetched: &Fetched) -> Option<Url> {
    let target = fetched.url.join(fetched.header("location")?).ok()?;
    matches!(target.scheme(), "http" | "https").then_some(target)
}

/// Whether an address is the home page of the site, or a folder in which the other one stands.
fn is_above(url: &Url, release: &Url) -> bool {
    let folder = url.path().trim_end_matches('/');
    let stands_below = release.path().strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    same_site(url, release) && url.query().is_none() && stands_below
}
