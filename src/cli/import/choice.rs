//! Which captures are of releases of the source, and what is said of those that are not.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;

use url::Url;

use super::super::output::Output;
use super::captures::{Address, Captures, lasting_name};
use crate::domain::address::{identity, site};
use crate::domain::discover::{AddressContext, Entry, keep_releases};
use crate::domain::model::Source;

/// Pages and sites that are named; all pages are with `-v`, up to a bound.
const MOST_NAMED: usize = 3;
const MOST_LOGGED: usize = 1_000;

/// Which addresses are releases.
#[derive(Debug, Default)]
pub(super) struct Choice {
    /// Their names.
    chosen: HashSet<u64>,
    /// Records of other sites.
    sites: BTreeMap<String, usize>,
    /// Records of other sites that an export of ours says are of releases of the source.
    trusted: BTreeMap<String, usize>,
    /// Pages of the site that are none, those with most captures first.
    pages: Vec<(usize, Url)>,
}

/// All that says which captures are of releases, in words.
pub(super) fn rules_of(source: &Source) -> String {
    let Source { include, listings, feeds, sitemaps, pages, .. } = source;
    format!("{include:?} {listings:?} {feeds:?} {sitemaps:?} {pages:?}")
}

impl Choice {
    /// Chooses by the rules of a source and the releases that it knows.
    pub(super) fn of(captures: &Captures, source: &Source, known: &[Url]) -> Self {
        let places = [&source.listings, &source.feeds, &source.sitemaps, &source.pages];
        let sites: HashSet<String> = places.into_iter().flatten().chain(known).map(site).collect();
        let is_ours = |address: &&Address| address.is_release || sites.contains(&site(&address.url));
        let entry = |address: &Address| Entry { url: address.url.clone(), title: String::new(), day: None };
        let pages = captures.addresses().iter().filter(is_ours).filter(|address| address.has_page);
        let kept = keep_releases(pages.map(entry).collect(), AddressContext::of(source, known));
        let own = captures.addresses().iter().filter(|address| address.is_release).map(|address| &address.url);
        let named = kept.iter().map(|entry| &entry.url).chain(&source.pages).chain(known).chain(own);
        let mut choice = Self::with(captures, named.map(name_of).collect(), &|address| is_ours(&address));
        for address in captures.addresses().iter().filter(|address| !sites.contains(&site(&address.url))) {
            if address.is_release {
                *choice.trusted.entry(site(&address.url)).or_default() += address.records;
            }
        }
        choice
    }

    /// The choice that was made when this archive was begun, as [`Choice::spell`] spelled it.
    pub(super) fn again(captures: &Captures, spelled: &[u8]) -> Self {
        let chosen: HashSet<u64> = spelled.as_chunks().0.iter().map(|bytes| u64::from_be_bytes(*bytes)).collect();
        let addresses = captures.addresses().iter();
        let sites: HashSet<String> = addresses
            .filter(|address| chosen.contains(&name_of(&address.url)))
            .map(|address| site(&address.url))
            .collect();
        Self::with(captures, chosen, &|address| sites.contains(&site(&address.url)))
    }

    fn with(captures: &Captures, chosen: HashSet<u64>, is_ours: &dyn Fn(&Address) -> bool) -> Self {
        let mut choice = Self { chosen, ..Self::default() };
        let mut told = HashSet::new();
        for address in captures.addresses() {
            let name = name_of(&address.url);
            if !is_ours(address) {
                *choice.sites.entry(site(&address.url)).or_default() += address.records;
            } else if address.has_page && !choice.chosen.contains(&name) && told.insert(name) {
                choice.pages.push((address.records, address.url.clone()));
            }
        }
        choice.pages.sort_by(|one, other| (other.0, &one.1).cmp(&(one.0, &other.1)));
        choice
    }

    /// Leaves only the captures of releases.
    pub(super) fn apply(&self, captures: &mut Captures) {
        captures.keep(&self.chosen);
    }

    /// The names of the releases, for another run.
    pub(super) fn spell(&self) -> Vec<u8> {
        let mut names: Vec<u64> = self.chosen.iter().copied().collect();
        names.sort_unstable();
        names.into_iter().flat_map(u64::to_be_bytes).collect()
    }

    /// Names what may have been meant to be taken in.
    pub(super) fn tell(&self, output: &Output) {
        for (_, url) in self.pages.iter().take(MOST_LOGGED) {
            tracing::info!(%url, "taken for no release");
        }
        if !self.pages.is_empty() {
            let named = self.pages.iter().take(MOST_NAMED).map(|(_, url)| url.as_str()).collect::<Vec<_>>().join(", ");
            output.note(&format!(
                "pages that are taken for no releases: {}, such as {named}; -v names them, and `include` or `pages` in \
                 the configuration say otherwise",
                self.pages.len()
            ));
        }
        if !self.sites.is_empty() {
            output.note(&format!(
                "records of other sites that are passed over: {}; if one was a site of this source, name a page there in \
                 `pages`",
                in_words(&self.sites)
            ));
        }
        if !self.trusted.is_empty() {
            output.note(&format!(
                "records of other sites that are taken in, because an export of this source has them, and are watched from \
                 now on: {}",
                in_words(&self.trusted)
            ));
        }
    }
}

/// How many records there are, and of which sites.
fn in_words(sites: &BTreeMap<String, usize>) -> String {
    let mut named: Vec<(&String, &usize)> = sites.iter().collect();
    named.sort_by_key(|(_, records)| std::cmp::Reverse(**records));
    let of_each = named.iter().take(MOST_NAMED).map(|(site, records)| format!("{site} ({records})"));
    let mut text = format!("{}, of {}", sites.values().sum::<usize>(), of_each.collect::<Vec<_>>().join(", "));
    if named.len() > MOST_NAMED {
        let _ = write!(text, " and {} more", named.len() - MOST_NAMED);
    }
    text
}

/// The name of an address, the same for all its spellings.
pub(super) fn name_of(url: &Url) -> u64 {
    lasting_name(&identity(url))
}
