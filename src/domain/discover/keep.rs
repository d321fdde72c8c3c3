//! Tells which of many addresses of a site are releases, for sitemaps and archives: they name every page.
//!
//! What stands below an address says little about it by itself: releases have galleries, feeds of comments and versions
//! for print. A section is told by what stands beside it as well.

use std::collections::{HashMap, HashSet};

use url::Url;

use super::Entry;
use super::shape::{folder, is_below, is_file, is_period, names_item, rendered};
use crate::domain::address::identity;
use crate::domain::model::Source;
use crate::domain::rule::PathPattern;

/// Folders of one address that are looked at.
const DEEPEST_FOLDER: usize = 16;
/// Addresses that make a folder one of releases, and pages below an address that make it a section.
const LEAST_IN_FOLDER: usize = 3;
/// Pages below an address that are more than a release has.
const MANY: usize = 8;

/// What is known of a source before its addresses are looked at.
#[derive(Clone, Copy, Debug, Default)]
pub struct AddressContext<'a> {
    /// Patterns of its releases, if there are any.
    pub include: &'a [PathPattern],
    /// Its listings, which are no releases, and near which these stand.
    pub listings: &'a [Url],
    /// Releases that are known.
    pub known: &'a [Url],
}

impl<'a> AddressContext<'a> {
    /// Those of a configured source.
    pub fn of(source: &'a Source, known: &'a [Url]) -> Self {
        Self { include: &source.include, listings: &source.listings, known }
    }
}

/// Keeps the addresses that are releases: those that `include` says, else those in a folder of known releases, or,
/// where none are known, in one that holds several pages, below the listing if there is one. Never the root, a
/// listing, a download, or, unless it is known, a section or another rendering of a page that is named as well.
pub fn keep_releases(entries: Vec<Entry>, context: AddressContext<'_>) -> Vec<Entry> {
    let listings: HashSet<String> = context.listings.iter().map(identity).collect();
    let is_included = |url: &Url| context.include.is_empty() || context.include.iter().any(|one| one.matches(url));
    let can_be_one = |url: &Url| url.path() != "/" && !is_file(url) && !listings.contains(&identity(url));
    let mut entries = entries;
    entries.retain(|entry| is_included(&entry.url) && can_be_one(&entry.url));

    let known: HashSet<String> = context.known.iter().map(identity).collect();
    let pages: HashSet<String> = entries.iter().map(|entry| identity(&entry.url)).collect();
    let is_there = |url: Url| [&pages, &known, &listings].iter().any(|some| some.contains(&identity(&url)));
    let sections = sections(&entries);
    entries.retain(|entry| {
        let key = identity(&entry.url);
        known.contains(&key) || !sections.contains(&key) && !rendered(&entry.url).is_some_and(is_there)
    });
    if context.include.is_empty() {
        let folders = folders_of_releases(&entries, context);
        entries.retain(|entry| folders.contains(&folder(&entry.url)) || known.contains(&identity(&entry.url)));
    }
    entries
}

/// The folders of known releases, or those that hold several pages: below a listing, if there are such.
fn folders_of_releases(entries: &[Entry], context: AddressContext<'_>) -> HashSet<String> {
    if !context.known.is_empty() {
        return context.known.iter().map(folder).collect();
    }
    let mut sizes: HashMap<String, usize> = HashMap::new();
    for entry in entries {
        *sizes.entry(folder(&entry.url)).or_default() += 1;
    }
    // Pages right below the root are about everything.
    sizes.retain(|folder, size| !folder.is_empty() && *size >= LEAST_IN_FOLDER);
    let is_near =
        |url: &Url| context.listings.iter().any(|listing| is_below(url, listing) || is_query_of(url, listing));
    let near = entries.iter().map(|entry| &entry.url).filter(|url| is_near(url)).map(folder);
    let near: HashSet<String> = near.filter(|folder| sizes.contains_key(folder)).collect();
    if near.is_empty() { sizes.into_keys().collect() } else { near }
}

fn is_query_of(url: &Url, listing: &Url) -> bool {
    url.query().is_some() && url.path().trim_end_matches('/') == listing.path().trim_end_matches('/')
}

/// Identities of the addresses that are sections: a year, a month or a day with a page below it; what has several
/// pages below it, and more than there are beside it with none; and what has many, and no name such as items have.
fn sections(entries: &[Entry]) -> HashSet<String> {
    let pages: HashMap<String, &Url> = entries.iter().map(|entry| (identity(&entry.url), &entry.url)).collect();
    let mut below: HashMap<String, usize> = HashMap::new();
    for (key, _) in pages.iter().filter(|(_, url)| url.query().is_none() && rendered(url).is_none()) {
        for above in ancestors(key).filter(|above| pages.contains_key(above)) {
            *below.entry(above).or_default() += 1;
        }
    }
    let mut beside: HashMap<String, usize> = HashMap::new();
    for (_, url) in pages.iter().filter(|(key, _)| !below.contains_key(*key)) {
        *beside.entry(folder(url)).or_default() += 1;
    }
    // Beside a page right below the root stands everything.
    beside.remove("");
    let is_section = |(key, count): &(String, usize)| {
        let url = pages[key];
        let beside = beside.get(&folder(url)).copied().unwrap_or_default();
        is_period(url) || *count >= LEAST_IN_FOLDER && *count > beside || *count >= MANY && !names_item(url)
    };
    below.into_iter().filter(is_section).map(|(key, _)| key).collect()
}

/// Identities of the folders above an address.
fn ancestors(key: &str) -> impl Iterator<Item = String> {
    key.match_indices('/').take(DEEPEST_FOLDER).map(|(at, _)| key[..at].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(path: &str) -> Url {
        Url::parse("https://example.org/").unwrap().join(path).unwrap()
    }

    fn keep(site: &[&str], include: &[&str], listings: &[&str], known: &[&str]) -> Vec<String> {
        let entries = site.iter().map(|path| Entry { url: url(path), title: String::new(), day: None }).collect();
        let include: Vec<PathPattern> = include.iter().map(|pattern| PathPattern::parse(pattern).unwrap()).collect();
        let urls = |paths: &[&str]| paths.iter().map(|path| url(path)).collect::<Vec<Url>>();
        let (listings, known) = (urls(listings), urls(known));
        let kept = keep_releases(entries, AddressContext { include: &include, listings: &listings, known: &known });
        kept.iter().map(|entry| entry.url.as_str().replace("https://example.org", "")).collect()
    }

    const SITE: [&str; 14] = [
        "/",
        "/about/",
        "/about/mission/",
        "/about/team/",
        "/about/history/",
        "/news/",
        "/news/2024/",
        "/news/2024/a/",
        "/news/2024/b/",
        "/news/2023/c/",
        "/news/2024/report.pdf",
        "/contacts/",
        "/jobs/",
        "/help/",
    ];

    #[test]
    fn releases_are_told_from_the_other_pages_of_a_site() {
        let releases = ["/news/2024/a/", "/news/2024/b/", "/news/2023/c/"];
        assert_eq!(keep(&SITE, &[], &[], &["/news/2019/known/"]), releases);
        assert_eq!(keep(&SITE, &["/news/**"], &[], &[]), releases);
        assert_eq!(
            keep(&SITE, &[], &[], &[]),
            [["/about/mission/", "/about/team/", "/about/history/"], releases].concat()
        );
    }

    #[test]
    fn a_listing_says_where_releases_stand_and_is_none() {
        let releases = ["/news/2024/a/", "/news/2024/b/", "/news/2023/c/"];
        assert_eq!(keep(&SITE, &[], &["/news/"], &[]), releases);
        // There are none below it.
        assert_eq!(keep(&SITE, &[], &["/start/"], &[]).len(), 6);
        let numbered = ["/news/", "/news/?id=1", "/news/?id=2", "/news/?id=3", "/jobs/a", "/jobs/b", "/jobs/c"];
        assert_eq!(keep(&numbered, &[], &["/news/"], &[]), numbered[1..4]);
        assert_eq!(keep(&["/news/", "/news/a/"], &["/news/**"], &["/news/"], &[]), ["/news/a/"]);
    }

    #[test]
    fn what_stands_below_a_release_does_not_make_it_a_section() {
        let stories = ["/news/story-1/", "/news/story-2/", "/news/story-3/", "/news/story-4/"];
        for below in ["photo.jpg", "photo.jpg?w=300", "?share=x", "?replytocom=17", "amp/", "feed/", "print", "page/2/"]
        {
            let part = format!("/news/story-2/{below}");
            let site = [&stories[..], &[part.as_str()]].concat();
            assert_eq!(keep(&site, &["/news/**"], &[], &[]), stories, "{below}");
            assert_eq!(keep(&site, &[], &[], &[]), stories, "{below}");
            assert_eq!(keep(&site, &[], &[], &["/news/story-1/"]), stories, "{below}");
        }
        for below in ["gallery/", "?lang=de"] {
            let part = format!("/news/story-2/{below}");
            let site = [&stories[..], &[part.as_str()]].concat();
            assert_eq!(keep(&site, &["/news/**"], &[], &[]), site, "{below}");
            assert_eq!(keep(&site, &["/news/*/"], &[], &[])[..4], stories, "{below}");
            assert_eq!(keep(&site, &[], &[], &[]), stories, "{below}");
        }
        let parts = ["/news/story-2/video/", "/news/story-2/gallery/", "/news/story-2/papers/"];
        assert_eq!(keep(&[&stories[..], &parts].concat(), &["/news/*/"], &[], &[]), stories);
        assert_eq!(keep(&[&stories[..], &parts].concat(), &["/news/**"], &[], &[])[..4], stories);
    }

    #[test]
    fn a_section_among_releases_is_told_by_its_name() {
        let stories: Vec<String> = (0..20).map(|number| format!("/news/the-story-number-{number}/")).collect();
        let below = |section: &str| (0..10).map(|n| format!("/news/{section}/{n}/")).collect::<Vec<String>>();
        let keeps = |section: &str| {
            let site = [&stories[..], &[format!("/news/{section}/")], &below(section)].concat();
            let site: Vec<&str> = site.iter().map(String::as_str).collect();
            keep(&site, &["/news/**"], &[], &[]).contains(&format!("/news/{section}/"))
        };
        assert!(!keeps("energy"));
        assert!(keeps("a-harbour-in-ten-pictures"));
    }

    #[test]
    fn a_rendering_is_kept_where_nothing_else_shows_its_page() {
        assert_eq!(keep(&["/news/a/amp/", "/news/b/"], &["/news/**"], &[], &[]), ["/news/a/amp/", "/news/b/"]);
        assert!(keep(&["/news/a/amp/"], &["/news/**"], &[], &["/news/a/"]).is_empty());
        assert!(keep(&["/news/page/2/", "/news/feed/"], &["/news/**"], &["/news/"], &[]).is_empty());
    }

    #[test]
    fn a_known_release_stays_one_whatever_appears_below_it() {
        let parts = ["/news/a/", "/news/a/1/", "/news/a/2/", "/news/a/3/"];
        assert!(!keep(&parts, &["/news/**"], &[], &[]).contains(&parts[0].to_owned()));
        assert!(keep(&parts, &["/news/**"], &[], &["/news/a/"]).contains(&parts[0].to_owned()));
        assert_eq!(keep(&parts, &[], &[], &["/news/a/"])[0], parts[0]);
    }
}
