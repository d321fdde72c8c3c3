//! Looks at a site that is not watched yet, to find what there is to watch: the page that was named, the sections that
//! it leads to, feeds, sitemaps. Asks for a few dozen pages at most, as politely as a check does, and stores nothing.

mod feeds;
mod preview;
mod sections;

use std::collections::HashSet;

use url::Url;

pub use self::preview::Preview;
use crate::domain::address::identity;
use crate::domain::causes::with_causes;
use crate::domain::charset::decode;
use crate::domain::discover::{
    AddressContext, Entry, Hints, ListingPage, SitemapPart, is_front, is_one_of, keep_releases, read_feed, read_hints,
    read_listing, read_sitemap,
};
use crate::domain::model::{Fetched, Validators};
use crate::fetch::{FetchError, Fetcher};

/// Entries that make a page a listing.
const LEAST_ENTRIES: usize = 3;
/// Releases that are read.
const PREVIEWS: usize = 10;

/// Looks at sites.
pub struct Scout<'a> {
    /// Asks for pages.
    pub fetcher: &'a Fetcher,
    /// Hears which address is asked for.
    pub watcher: &'a (dyn Fn(&Url) + Sync),
}

/// What there is to watch.
#[derive(Clone, Debug, Default)]
pub struct Finding {
    /// What the site calls itself; empty when it does not.
    pub site_name: String,
    /// Pages that list releases.
    pub listings: Vec<FoundListing>,
    /// Feeds that name releases.
    pub feeds: Vec<FoundFeed>,
    /// Sitemaps.
    pub sitemaps: Vec<Url>,
    /// Whether the releases are known from the sitemaps and nowhere else.
    pub needs_sitemaps: bool,
    /// The page that was named, if it is a single document.
    pub page: Option<Url>,
    /// The releases that the first pages name, in their order, each once.
    pub entries: Vec<Entry>,
    /// The first of them, read.
    pub previews: Vec<Preview>,
    /// What did not work, in sentences.
    pub problems: Vec<String>,
}

/// A page that lists releases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundListing {
    /// Its address.
    pub url: Url,
    /// Releases on its first page.
    pub entries: usize,
    /// Releases that its second page names beside them; none without a second page.
    pub more: Option<usize>,
}

/// A feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundFeed {
    /// Its address.
    pub url: Url,
    /// Releases that it names.
    pub entries: usize,
    /// Whether a listing names it, so that checks find it by themselves.
    pub is_declared: bool,
}

/// A site that could not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum ScoutError {
    /// The address that was named does not answer.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// It answers with something else than a page.
    #[error("{url} answers {status}")]
    Status {
        /// The address.
        url: Url,
        /// Its status.
        status: u16,
    },
    /// A part of the program has ended.
    #[error("a task did not end")]
    Task(#[from] tokio::task::JoinError),
}

/// What an address turned out to be.
enum Kind {
    Feed(Vec<Entry>),
    Sitemap(SitemapPart),
    Page(Box<Seen>),
}

/// A page that was looked at.
struct Seen {
    fetched: Fetched,
    listing: ListingPage,
    hints: Hints,
}

impl Scout<'_> {
    /// Looks at an address, and at what it leads to.
    pub async fn look(&self, url: &Url) -> Result<Finding, ScoutError> {
        let fetched = self.fetch(url).await?;
        if fetched.status != 200 {
            return Err(ScoutError::Status { url: url.clone(), status: fetched.status });
        }
        let mut finding = Finding::default();
        let place = fetched.final_url.clone();
        match kind_of(fetched).await? {
            Kind::Feed(entries) => finding.add_feed(place.clone(), entries, false),
            Kind::Sitemap(part) => {
                finding.sitemaps.push(place.clone());
                self.walk_sitemap(part, &mut finding).await?;
            }
            Kind::Page(page) => self.look_at_page(*page, &mut finding).await?,
        }
        self.preview(&mut finding).await?;
        if finding.site_name.is_empty() && !is_front(&place) {
            finding.site_name = self.name_on_front(&place, &mut finding).await?;
        }
        Ok(finding)
    }

    /// What the first page of the site says that it is called.
    async fn name_on_front(&self, place: &Url, finding: &mut Finding) -> Result<String, ScoutError> {
        let Ok(front) = place.join("/") else { return Ok(String::new()) };
        let Some(fetched) = self.fetch_page(&front, finding).await else { return Ok(String::new()) };
        match kind_of(fetched).await? {
            Kind::Page(seen) => Ok(seen.hints.site_name),
            Kind::Feed(_) | Kind::Sitemap(_) => Ok(String::new()),
        }
    }

    async fn look_at_page(&self, page: Seen, finding: &mut Finding) -> Result<(), ScoutError> {
        let place = page.fetched.final_url.clone();
        finding.site_name.clone_from(&page.hints.site_name);
        let names_some = page.listing.entries.len() >= LEAST_ENTRIES;
        let is_listing = names_some && (page.listing.next.is_some() || !is_one_of(&place, &page.listing.entries));
        let mut declared = page.listing.feeds.clone();
        if is_listing && !is_front(&place) {
            self.add_listing(&page, finding).await?;
        } else if !is_front(&place) && self.is_document(&page).await? {
            finding.page = Some(place);
            return Ok(());
        } else {
            declared.extend(self.explore(&page, finding).await?);
            if finding.listings.is_empty() && is_listing {
                self.add_listing(&page, finding).await?;
            }
        }
        self.look_for_feeds(&place, declared, finding).await?;
        self.look_for_sitemaps(&place, finding).await
    }

    async fn fetch(&self, url: &Url) -> Result<Fetched, FetchError> {
        (self.watcher)(url);
        self.fetcher.fetch(url, &Validators::default()).await
    }

    /// A page, or nothing, with the reason among the problems unless it is the usual one.
    async fn fetch_page(&self, url: &Url, finding: &mut Finding) -> Option<Fetched> {
        match self.fetch(url).await {
            Ok(fetched) if fetched.status == 200 => Some(fetched),
            Ok(fetched) if matches!(fetched.status, 404 | 410) => None,
            Ok(fetched) => {
                finding.problems.push(format!("{url} answers {}", fetched.status));
                None
            }
            Err(error) => {
                finding.problems.push(format!("{url}: {}", with_causes(&error)));
                None
            }
        }
    }

    async fn walk_sitemap(&self, part: SitemapPart, finding: &mut Finding) -> Result<(), ScoutError> {
        let mut entries = match part {
            SitemapPart::Urls(entries) => entries,
            SitemapPart::Index(parts) => self.walk_parts(parts.into_iter().rev().collect(), finding).await?,
        };
        entries = keep_releases(entries, AddressContext::default());
        // Sitemaps are in no order, or in that of the archive.
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.day));
        finding.needs_sitemaps = true;
        finding.add_entries(entries);
        Ok(())
    }
}

impl Finding {
    /// Whether there is anything to watch.
    pub fn is_empty(&self) -> bool {
        self.listings.is_empty() && self.page.is_none() && self.entries.is_empty()
    }

    fn add_entries(&mut self, entries: impl IntoIterator<Item = Entry>) -> usize {
        let mut known: HashSet<String> = self.entries.iter().map(|entry| identity(&entry.url)).collect();
        let before = self.entries.len();
        self.entries.extend(entries.into_iter().filter(|entry| known.insert(identity(&entry.url))));
        self.entries.len() - before
    }

    fn add_feed(&mut self, url: Url, entries: Vec<Entry>, is_declared: bool) {
        self.feeds.push(FoundFeed { url, entries: entries.len(), is_declared });
        self.add_entries(entries);
    }
}

/// Reads an answer as what it looks like.
async fn kind_of(fetched: Fetched) -> Result<Kind, ScoutError> {
    let read = move || {
        let content_type = fetched.header("content-type");
        let text = decode(&fetched.body, content_type).text;
        let start: String = text.trim_start().chars().take(512).collect::<String>().to_ascii_lowercase();
        if !start.contains("<html") && !start.starts_with("<!doctype html") {
            if let Ok(entries) = read_feed(&fetched.body, content_type, &fetched.final_url) {
                return Kind::Feed(entries);
            }
            if let Ok(part) = read_sitemap(&fetched.body, &fetched.final_url) {
                return Kind::Sitemap(part);
            }
        }
        let listing = read_listing(&text, &fetched.final_url, 1, &[], None).unwrap_or_default();
        let hints = read_hints(&text, &fetched.final_url, &listing.entries).unwrap_or_default();
        Kind::Page(Box::new(Seen { fetched, listing, hints }))
    };
    Ok(tokio::task::spawn_blocking(read).await?)
}
