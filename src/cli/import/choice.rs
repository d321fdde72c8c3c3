//! Which captures are of releases of the source, and what is said of those that are not.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;

use url::Url;

use super::super::output::Output;
use super::captures::{Address, Captures};
use crate::domain::address::{identity, site};
use crate::domain::discover::{Bearings, Entry, keep_releases};
use crate::domain::model::Source;

/// Pages and sites that are named; all pages are with `-v`, up to a bound.
const MOST_NAMED: usize = 3;
const MOST_LOGGED: usize = 1_000;

/// What is passed over.
#[derive(Debug, Default)]
pub(super) struct PassedOver {
    /// Records of other sites.
    sites: BTreeMap<String, usize>,
    /// Pages of the site, those with most captures first.
    pages: Vec<(usize, Url)>,
}

/// Leaves only the captures of releases.
pub(super) fn keep_releases_among(captures: &mut Captures, source: &Source, known: Vec<Url>) -> PassedOver {
    let places = [&source.listings, &source.feeds, &source.sitemaps, &source.pages, &known];
    let sites: HashSet<String> = places.into_iter().flatten().map(site).collect();
    let is_ours = |address: &&Address| address.is_release || sites.contains(&site(&address.url));
    let entry = |address: &Address| Entry { url: address.url.clone(), title: String::new(), day: None };
    let pages = captures.addresses().iter().filter(is_ours).filter(|address| address.has_page);
    let kept = keep_releases(pages.map(entry).collect(), Bearings::of(source, &known));
    let own = captures.addresses().iter().filter(|address| address.is_release).map(|address| &address.url);
    let named = kept.iter().map(|entry| &entry.url).chain(&source.pages).chain(&known).chain(own);
    let identities: HashSet<String> = named.map(identity).collect();

    let mut passed = PassedOver::default();
    let mut told = HashSet::new();
    for address in captures.addresses() {
        let key = identity(&address.url);
        if !is_ours(&address) {
            *passed.sites.entry(site(&address.url)).or_default() += address.records;
        } else if address.has_page && !identities.contains(&key) && told.insert(key) {
            passed.pages.push((address.records, address.url.clone()));
        }
    }
    passed.pages.sort_by(|one, other| (other.0, &one.1).cmp(&(one.0, &other.1)));
    captures.keep(&identities);
    passed
}

impl PassedOver {
    /// Names what may have been meant to be taken in.
    pub(super) fn tell(&self, output: &Output) {
        for (_, url) in self.pages.iter().take(MOST_LOGGED) {
            tracing::info!(%url, "taken for no release");
        }
        if !self.pages.is_empty() {
            let named = self.pages.iter().take(MOST_NAMED).map(|(_, url)| url.as_str()).collect::<Vec<_>>().join(", ");
            output.note(&format!(
                "{} pages are taken for no releases, such as {named}; -v names them, and `include` or `pages` in the \
                 configuration say otherwise",
                self.pages.len()
            ));
        }
        if !self.sites.is_empty() {
            output.note(&self.of_sites());
        }
    }

    fn of_sites(&self) -> String {
        let mut sites: Vec<(&String, &usize)> = self.sites.iter().collect();
        sites.sort_by_key(|(_, records)| std::cmp::Reverse(**records));
        let records: usize = self.sites.values().sum();
        let named = sites.iter().take(MOST_NAMED).map(|(site, records)| format!("{site} ({records})"));
        let mut text =
            format!("{records} records of other sites are passed over: {}", named.collect::<Vec<_>>().join(", "));
        if sites.len() > MOST_NAMED {
            let _ = write!(text, " and {} more", sites.len() - MOST_NAMED);
        }
        text + "; if one was a site of this source, name a page there in `pages`"
    }
}
