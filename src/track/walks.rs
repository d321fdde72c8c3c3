//! Walks the listings, feeds and sitemaps of a source, and adds the releases that they name.

pub(super) mod listing_pages;
mod sitemaps;
mod trail;

use std::collections::HashSet;

use url::Url;

use listing_pages::{WalkedPages, key_of};
use trail::{Trail, new_release, news_of, order};

use super::{TrackError, Tracker, Walked};
use crate::domain::address::identity;
use crate::domain::causes::with_causes;
use crate::domain::charset::decode;
use crate::domain::classify::Walk;
use crate::domain::discover::{Entry, ListingPage, ListingPlace, read_feed, read_listing};
use crate::domain::model::{Discovery, Fetched, ListingRecord, ReleaseId, Source, Validators};
use crate::store::NewRelease;

/// Releases that one source may have; what a calendar trap names beyond it is not followed.
const MOST_RELEASES: usize = 200_000;
/// Feeds that a listing may name beside the configured ones.
const MOST_FOUND_FEEDS: usize = 4;
/// Releases that are added in one transaction.
const ADDED_AT_ONCE: usize = 500;

impl Tracker {
    pub(super) async fn walk_all(&self, source: &Source, records: &[ListingRecord]) -> Result<Walked, TrackError> {
        let mut walked = Walked::default();
        let mut trails = Vec::new();
        let mut feeds = source.feeds.clone();
        for listing in &source.listings {
            let record = records.iter().find(|record| record.url == *listing);
            let (trail, found) = self.walk_listing(source, listing, record, &mut walked).await?;
            trails.push(trail);
            let known: HashSet<String> = feeds.iter().map(identity).collect();
            let room = (source.feeds.len() + MOST_FOUND_FEEDS).saturating_sub(feeds.len());
            feeds.extend(found.into_iter().filter(|feed| !known.contains(&identity(feed))).take(room));
        }
        for feed in &feeds {
            trails.push(self.walk_feed(source, feed).await?);
        }
        for sitemap in &source.sitemaps {
            trails.push(self.walk_sitemap(source, sitemap).await?);
        }
        let named = trails.iter().flat_map(|trail| &trail.named).map(|named| identity(&named.entry.url)).collect();
        let known = self.store.list_identities(&source.id, named).await?;
        if !source.pages.is_empty() {
            self.add_pages(source).await?;
        }
        self.add_all(source, records, known, trails, &mut walked).await?;
        Ok(walked)
    }

    /// Follows `next` until a page names nothing new: a number past the end shows the last page on many sites.
    async fn walk_listing(
        &self,
        source: &Source,
        listing: &Url,
        record: Option<&ListingRecord>,
        walked: &mut Walked,
    ) -> Result<(Trail, Vec<Url>), TrackError> {
        let mut trail = Trail::new(listing, Discovery::Listing);
        trail.place = record.and_then(|record| record.place);
        trail.first_page = record.map_or(0, |record| record.first_page as usize);
        let mut feeds = Vec::new();
        let mut seen: HashSet<String> = HashSet::new();
        let mut next = Some(listing.clone());
        while let Some(url) = next.take() {
            if trail.pages >= source.listing_depth {
                return Ok((trail, feeds));
            }
            let fetched = match self.fetch_listing(source, &url).await? {
                Ok(fetched) => fetched,
                Err(problem) => {
                    trail.problem = Some(problem);
                    return Ok((trail, feeds));
                }
            };
            walked.listing = walked.listing.take().or_else(|| Some(fetched.clone()));
            let page = match self.read_listing_page(source, fetched, &mut trail, &mut walked.pages).await? {
                Ok(page) => page,
                Err(problem) => {
                    trail.problem = Some(problem);
                    return Ok((trail, feeds));
                }
            };
            if page.is_cut {
                trail.leave_out("has more links than are read".to_owned());
            }
            let fresh: Vec<Entry> =
                page.entries.into_iter().filter(|entry| seen.insert(identity(&entry.url))).collect();
            let names_nothing_new = fresh.is_empty();
            trail.take_page(fresh);
            feeds.extend(page.feeds);
            next = page.next.filter(|_| !names_nothing_new);
        }
        trail.reached_end = true;
        Ok((trail, feeds))
    }

    /// What a page of a listing names. Entries stand where they stood before; elsewhere, after a redesign, only a list
    /// of about the same length is taken for the listing, because teasers are what an empty listing shows too.
    async fn read_listing_page(
        &self,
        source: &Source,
        fetched: Fetched,
        trail: &mut Trail,
        pages: &mut WalkedPages,
    ) -> Result<Result<ListingPage, String>, TrackError> {
        let expected = trail.place;
        let mut page = match self.recall_or_read(source, fetched, trail.pages + 1, expected, pages).await? {
            Ok(page) => page,
            Err(problem) => return Ok(Err(problem)),
        };
        if expected.is_some() && page.place != expected && page.entries.len() * 5 < trail.first_page * 3 {
            // Teasers, or the last few of a list in another layout: whether more is listed is not known.
            trail.is_open |= !page.entries.is_empty();
            page.entries.clear();
        } else {
            trail.place = page.place.or(trail.place);
        }
        Ok(Ok(page))
    }

    /// What a page of a listing named when it last had the same bytes; else what it is read to name.
    async fn recall_or_read(
        &self,
        source: &Source,
        fetched: Fetched,
        number: u32,
        expected: Option<ListingPlace>,
        pages: &mut WalkedPages,
    ) -> Result<Result<ListingPage, String>, TrackError> {
        let key = key_of(&fetched, source, number, expected, self.today());
        if let Some(page) = self.store.find_listing_page(&source.id, key).await? {
            pages.note(key, None);
            return Ok(Ok(page));
        }
        let include = source.include.clone();
        let page = self
            .read_list(source, fetched, move |fetched| {
                let text = decode(&fetched.body, fetched.header("content-type")).text;
                read_listing(&text, &fetched.final_url, number, &include, expected).map_err(|error| error.to_string())
            })
            .await?;
        if let Ok(page) = &page {
            pages.note(key, Some(page));
        }
        Ok(page)
    }

    async fn walk_feed(&self, source: &Source, feed: &Url) -> Result<Trail, TrackError> {
        let mut trail = Trail::new(feed, Discovery::Feed);
        let read = match self.fetch_listing(source, feed).await? {
            Ok(fetched) => {
                self.read_list(source, fetched, |fetched| {
                    read_feed(&fetched.body, fetched.header("content-type"), &fetched.final_url)
                        .map_err(|error| error.to_string())
                })
                .await?
            }
            Err(problem) => Err(problem),
        };
        match read {
            Ok(entries) => {
                trail.take_page(entries);
                trail.reached_end = true;
            }
            Err(problem) => trail.problem = Some(problem),
        }
        Ok(trail)
    }

    /// An answer that can be read, or what is wrong.
    async fn fetch_listing(&self, source: &Source, url: &Url) -> Result<Result<Fetched, String>, TrackError> {
        let (kind, problem) = match self.fetcher.fetch(url, &Validators::default()).await {
            Ok(fetched) if fetched.status == 200 => return Ok(Ok(fetched)),
            Ok(fetched) => ("listing", format!("answers {}", fetched.status)),
            Err(error) => (error.kind(), with_causes(&error)),
        };
        tracing::warn!(source = %source.id, %url, error = problem, "listing not read");
        self.note_failure(source, url, None, (kind, &problem)).await?;
        Ok(Err(problem))
    }

    /// What a listing, feed or sitemap names, or why it cannot be read; then it is kept.
    async fn read_list<T: Send + 'static>(
        &self,
        source: &Source,
        fetched: Fetched,
        work: impl FnOnce(&Fetched) -> Result<T, String> + Send + 'static,
    ) -> Result<Result<T, String>, TrackError> {
        let parsed = fetched.clone();
        let list = self.parse(fetched.body.len(), move || work(&parsed)).await?;
        if let Err(problem) = &list {
            self.keep_unreadable(source, &fetched, problem).await?;
        }
        Ok(list)
    }

    async fn add_pages(&self, source: &Source) -> Result<(), TrackError> {
        let found_at = self.now();
        let pages = source.pages.iter().map(|url| NewRelease {
            url: url.clone(),
            identity: identity(url),
            title: String::new(),
            day: None,
            found_by: Discovery::Page,
            found_at,
            announce: false,
        });
        self.store.add_releases(&source.id, pages.collect()).await?;
        Ok(())
    }

    /// Adds what the trails named, and turns them into walks over releases.
    async fn add_all(
        &self,
        source: &Source,
        records: &[ListingRecord],
        known: HashSet<String>,
        trails: Vec<Trail>,
        walked: &mut Walked,
    ) -> Result<(), TrackError> {
        let news: HashSet<String> = trails.iter().flat_map(|trail| news_of(trail, records, &known)).collect();
        for mut trail in trails {
            let count = self.store.count_releases(&source.id).await?.total();
            trail.keep_room(MOST_RELEASES.saturating_sub(count as usize), &known);
            let found_at = self.now();
            let releases: Vec<NewRelease> =
                trail.named.iter().map(|named| new_release(named, &trail, &news, found_at)).collect();
            let ids = self.add_some(source, releases, walked).await?;
            let (entries, page_starts) = order(&ids, &trail.named);
            walked.walks.push(Walk {
                listing: trail.listing,
                kind: trail.kind,
                entries,
                page_starts,
                place: trail.place,
                first_page: u32::try_from(trail.first_page).unwrap_or(u32::MAX),
                pages: trail.pages,
                reached_end: trail.reached_end && !trail.is_open && trail.cut.is_none(),
                problem: trail.problem,
                cut: trail.cut,
            });
        }
        Ok(())
    }

    /// Adds what is not known yet; the release that each is, in the order given.
    async fn add_some(
        &self,
        source: &Source,
        releases: Vec<NewRelease>,
        walked: &mut Walked,
    ) -> Result<Vec<ReleaseId>, TrackError> {
        let mut entries = Vec::with_capacity(releases.len());
        for part in releases.chunks(ADDED_AT_ONCE) {
            let added = self.store.add_releases(&source.id, part.to_vec()).await?;
            for (release, named) in added.iter().zip(part) {
                if named.identity != identity(&release.url) {
                    walked.former.insert(release.id, named.url.clone());
                }
            }
            entries.extend(added.iter().map(|release| release.id));
        }
        Ok(entries)
    }
}
