//! What a listing names: the body of a listing in, entries out. One file per kind of listing in `discover/`;
//! fetching the pages one after the other, and knowing when to stop, is the caller's part.

mod feed;
mod hints;
mod keep;
mod latest;
mod listing;
mod outline;
mod pagination;
mod shape;
mod sitemap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use url::Url;

pub use feed::read_feed;
pub use hints::{Hints, Section, SectionReason, declared_sitemaps, is_front, is_one_of, read_hints, usual_feeds};
pub use keep::{AddressContext, keep_releases};
use latest::latest;
pub use latest::latest_first;
pub use sitemap::{Sitemap, SitemapPart, read_sitemap, read_sitemap_for};

use crate::domain::address::same_site;
use crate::domain::page::{PageError, parse_html};
use crate::domain::rule::PathPattern;
use outline::Outline;

/// Most entries taken from one page or feed. Of so many, or more, some were left out: those that are hardly new.
pub const MOST_ENTRIES: usize = 10_000;

/// One release as a listing names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Canonical address.
    pub url: Url,
    /// Title as the listing shows it; empty when it shows none.
    pub title: String,
    /// Day as the listing shows it; a hint, not a fact.
    pub day: Option<NaiveDate>,
}

/// One page of a paginated listing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListingPage {
    /// Releases in document order, each once.
    pub entries: Vec<Entry>,
    /// The following page, if a link names it.
    pub next: Option<Url>,
    /// Feeds that the page declares.
    pub feeds: Vec<Url>,
    /// Where on the page its entries stand, if that was learned.
    pub place: Option<ListingPlace>,
    /// Whether it has more links than are read.
    #[serde(default)]
    pub is_cut: bool,
}

/// The way from the root of a page to the entries of a listing, as a hash: the same on all pages of one template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ListingPlace(pub i64);

/// Why a listing could not be read.
#[derive(Debug, thiserror::Error)]
pub enum DiscoverError {
    /// The body is larger than a listing may be.
    #[error("the listing has more than {limit} bytes")]
    TooLarge {
        /// The most that is read, in bytes.
        limit: usize,
    },
    /// The body is no feed.
    #[error("not a feed")]
    Feed(#[source] feed_rs::parser::ParseFeedError),
    /// The body is no sitemap.
    #[error("not a sitemap")]
    Sitemap(#[source] quick_xml::Error),
    /// The body is well-formed, but nothing that lists pages.
    #[error("neither a sitemap nor a list of addresses")]
    NoSitemap,
    /// A compressed sitemap is damaged.
    #[error("cannot decompress the sitemap")]
    Compression(#[source] std::io::Error),
}

/// Reads one page of a listing. Which of its links are releases is learned from its repeated structure, unless
/// `include` says; `base` is the address that answered, `page_number` counts from 1. Where entries stood on another
/// page (`expected`), a single link is an entry too.
pub fn read_listing(
    html: &str,
    base: &Url,
    page_number: u32,
    include: &[PathPattern],
    expected: Option<ListingPlace>,
) -> Result<ListingPage, PageError> {
    let outline = Outline::read(&parse_html(html)?, base);
    let (entries, place) = listing::entries(&outline, base, include, expected);
    Ok(ListingPage {
        entries,
        place,
        next: pagination::next_page(&outline, base, page_number),
        feeds: declared_feeds(&outline, base),
        is_cut: outline.is_cut,
    })
}

fn declared_feeds(outline: &Outline, base: &Url) -> Vec<Url> {
    let is_feed = |relation: &str, media: &str| {
        relation.split_whitespace().any(|word| word == "alternate")
            && matches!(media, "application/rss+xml" | "application/atom+xml" | "application/feed+json")
    };
    let declared = outline.relations.iter().filter(|(relation, media, _)| is_feed(relation, media));
    declared.map(|(_, _, target)| target.clone()).filter(|target| same_site(target, base)).collect()
}
