//! Feeds and sitemaps: those that the site declares, else those in the usual places.

use std::collections::HashSet;

use url::Url;

use super::{Finding, FoundFeed, Kind, Scout, ScoutError, kind_of};
use crate::domain::address::identity;
use crate::domain::charset::decode;
use crate::domain::discover::{Entry, SitemapPart, declared_sitemaps, usual_feeds};

/// Declared feeds that are read.
const MOST_FEEDS: usize = 4;
/// Files of a sitemap that are read.
const MOST_PARTS: usize = 4;

impl Scout<'_> {
    /// Reads the feeds that pages of the site declare, or looks in the usual places where none is declared.
    pub(super) async fn look_for_feeds(
        &self,
        place: &Url,
        declared: Vec<Url>,
        finding: &mut Finding,
    ) -> Result<(), ScoutError> {
        let is_declared = !declared.is_empty();
        let candidates = if is_declared { declared } else { usual_feeds(place) };
        let mut seen = HashSet::new();
        let candidates: Vec<Url> = candidates.into_iter().filter(|feed| seen.insert(identity(feed))).collect();
        for feed in candidates.into_iter().take(if is_declared { MOST_FEEDS } else { usize::MAX }) {
            let Some(fetched) = self.fetch_page(&feed, finding).await else { continue };
            let url = fetched.final_url.clone();
            let Kind::Feed(entries) = kind_of(fetched).await? else { continue };
            if finding.feeds.iter().all(|known| known.url != url) && is_about_releases(&entries, finding) {
                // Only what a listing declares is found by a check.
                let is_declared = is_declared && !finding.listings.is_empty();
                finding.feeds.push(FoundFeed { url, entries: entries.len(), is_declared });
                if finding.listings.is_empty() {
                    finding.add_entries(entries);
                }
                if !is_declared {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Notes the sitemaps of the site, and reads them where nothing else names releases.
    pub(super) async fn look_for_sitemaps(&self, place: &Url, finding: &mut Finding) -> Result<(), ScoutError> {
        let Ok(robots) = place.join("/robots.txt") else { return Ok(()) };
        if let Some(fetched) = self.fetch_page(&robots, finding).await {
            finding.sitemaps = declared_sitemaps(&decode(&fetched.body, None).text, place);
        }
        if !finding.listings.is_empty() || !finding.feeds.is_empty() {
            return Ok(());
        }
        if finding.sitemaps.is_empty() {
            finding.sitemaps.extend(place.join("/sitemap.xml"));
        }
        let parts = finding.sitemaps.clone();
        let entries = self.walk_parts(parts, finding).await?;
        self.walk_sitemap(SitemapPart::Urls(entries), finding).await?;
        if finding.entries.is_empty() {
            finding.sitemaps.clear();
            finding.needs_sitemaps = false;
        }
        Ok(())
    }

    pub(super) async fn walk_parts(&self, parts: Vec<Url>, finding: &mut Finding) -> Result<Vec<Entry>, ScoutError> {
        let mut entries = Vec::new();
        let mut open = parts;
        for _ in 0..MOST_PARTS {
            let Some(url) = open.pop() else { break };
            let Some(fetched) = self.fetch_page(&url, finding).await else { continue };
            match kind_of(fetched).await? {
                Kind::Sitemap(SitemapPart::Urls(urls)) => entries.extend(urls),
                Kind::Sitemap(SitemapPart::Index(parts)) => open.extend(parts.into_iter().rev()),
                Kind::Feed(_) | Kind::Page(_) => {}
            }
        }
        Ok(entries)
    }
}

/// A feed may be about something else than the listings: comments, another section.
fn is_about_releases(entries: &[Entry], finding: &Finding) -> bool {
    let known: HashSet<String> = finding.entries.iter().map(|entry| identity(&entry.url)).collect();
    !entries.is_empty()
        && (finding.listings.is_empty() || entries.iter().any(|entry| known.contains(&identity(&entry.url))))
}
