//! Walks a sitemap and all that it leads to: an index of a large site names hundreds.

use std::collections::{HashSet, VecDeque};

use url::Url;

use super::MOST_RELEASES;
use super::trail::Trail;
use crate::domain::address::identity;
use crate::domain::discover::{
    AddressContext, Entry, Sitemap, SitemapPart, keep_releases, latest_first, read_sitemap_for,
};
use crate::domain::model::{Discovery, Source};
use crate::track::{TrackError, Tracker};

/// Sitemaps that are read of those that an index leads to.
const MOST_SITEMAPS: usize = 500;

impl Tracker {
    /// Reads a sitemap, and those that it leads to, those first that are likely to name what is new.
    pub(super) async fn walk_sitemap(&self, source: &Source, sitemap: &Url) -> Result<Trail, TrackError> {
        let mut trail = Trail::new(sitemap, Discovery::Sitemap);
        let mut open = VecDeque::from([sitemap.clone()]);
        let (mut parts, mut count) = (Vec::new(), 0);
        let mut read = HashSet::new();
        while let Some(url) = open.pop_front() {
            if read.contains(&identity(&url)) {
                continue;
            }
            if read.len() >= MOST_SITEMAPS || count >= MOST_RELEASES {
                let left = open.len() + 1;
                trail.leave_out(format!("leads to {} sitemaps, of which {} are read", read.len() + left, read.len()));
                break;
            }
            read.insert(identity(&url));
            match self.read_sitemap(source, &url).await? {
                Ok(Sitemap { part, is_cut }) => {
                    if is_cut {
                        trail.leave_out(format!("{} names more addresses than are taken", url.path()));
                    }
                    match part {
                        SitemapPart::Urls(urls) => {
                            count += urls.len();
                            parts.push(urls);
                        }
                        SitemapPart::Index(sitemaps) => open.extend(sitemaps),
                    }
                }
                Err(problem) => trail.problem = Some(problem),
            }
        }
        let known = self.store.list_addresses(&source.id).await?;
        // What is new has to stand before what is known, unless all is there.
        let order = |part| if trail.cut.is_some() { latest_first(part, |entry: &Entry| entry.day) } else { part };
        let entries = parts.into_iter().flat_map(order).collect();
        let entries = keep_releases(entries, AddressContext::of(source, &known));
        trail.take(entries);
        trail.reached_end = true;
        Ok(trail)
    }

    async fn read_sitemap(&self, source: &Source, url: &Url) -> Result<Result<Sitemap, String>, TrackError> {
        let fetched = match self.fetch_listing(source, url).await? {
            Ok(fetched) => fetched,
            Err(problem) => return Ok(Err(problem)),
        };
        let include = source.include.clone();
        self.read_list(source, fetched, move |fetched| {
            read_sitemap_for(&fetched.body, &fetched.final_url, &include).map_err(|error| error.to_string())
        })
        .await
    }
}
