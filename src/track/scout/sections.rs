//! Follows the links of a page to the sections of its site, and keeps those that list releases.

use std::collections::{HashSet, VecDeque};

use url::Url;

use super::{Finding, FoundListing, Kind, LEAST_ENTRIES, Scout, ScoutError, Seen, kind_of};
use crate::domain::address::identity;
use crate::domain::charset::decode;
use crate::domain::discover::{Entry, Section, SectionReason, is_one_of, read_listing};

/// Sections that are looked at.
const MOST_SECTIONS: usize = 12;
/// Sections that are watched; who wants more names them.
const MOST_LISTINGS: usize = 5;

impl Scout<'_> {
    /// Looks at the sections that a page leads to; returns the feeds that they name.
    pub(super) async fn explore(&self, page: &Seen, finding: &mut Finding) -> Result<Vec<Url>, ScoutError> {
        let mut open: VecDeque<Section> = page.hints.sections.iter().cloned().collect();
        let mut known: HashSet<String> = open.iter().map(|section| identity(&section.url)).collect();
        known.insert(identity(&page.fetched.final_url));
        let mut feeds = Vec::new();
        for _ in 0..MOST_SECTIONS {
            if finding.listings.len() >= MOST_LISTINGS {
                break;
            }
            let Some(section) = open.pop_front() else { break };
            let Some(fetched) = self.fetch_page(&section.url, finding).await else { continue };
            let Kind::Page(seen) = kind_of(fetched).await? else { continue };
            if is_listing(&seen, section.reason) {
                if !is_covered(&seen.listing.entries, finding) {
                    feeds.extend(seen.listing.feeds.clone());
                    self.add_listing(&seen, finding).await?;
                }
            } else if section.reason != SectionReason::Linked {
                // The front of the press section leads to its lists.
                let further = seen.hints.sections.iter().filter(|section| section.reason != SectionReason::Linked);
                let fresh = further.filter(|section| known.insert(identity(&section.url)));
                fresh.cloned().for_each(|section| open.push_front(section));
            }
        }
        Ok(feeds)
    }

    /// Takes a page for a listing, and looks whether it has a second page.
    pub(super) async fn add_listing(&self, page: &Seen, finding: &mut Finding) -> Result<(), ScoutError> {
        let listing =
            FoundListing { url: page.fetched.final_url.clone(), entries: page.listing.entries.len(), more: None };
        finding.add_entries(page.listing.entries.clone());
        let second = match &page.listing.next {
            Some(next) => self.second_page(next, page, finding).await?,
            None => Vec::new(),
        };
        let known: HashSet<String> = page.listing.entries.iter().map(|entry| identity(&entry.url)).collect();
        let more = second.iter().filter(|entry| !known.contains(&identity(&entry.url))).count();
        finding.add_entries(second);
        finding.listings.push(FoundListing { more: (more > 0).then_some(more), ..listing });
        Ok(())
    }

    async fn second_page(&self, next: &Url, page: &Seen, finding: &mut Finding) -> Result<Vec<Entry>, ScoutError> {
        let Some(fetched) = self.fetch_page(next, finding).await else { return Ok(Vec::new()) };
        let place = page.listing.place;
        let read = move || {
            let text = decode(&fetched.body, fetched.header("content-type")).text;
            read_listing(&text, &fetched.final_url, 2, &[], place).unwrap_or_default().entries
        };
        Ok(tokio::task::spawn_blocking(read).await?)
    }
}

/// A page that promises nothing has to show days, as news do: there are lists of offices and people, too.
fn is_listing(page: &Seen, reason: SectionReason) -> bool {
    let entries = &page.listing.entries;
    let dated = entries.iter().filter(|entry| entry.day.is_some()).count();
    entries.len() >= LEAST_ENTRIES
        && (reason != SectionReason::Linked || dated * 2 > entries.len())
        && (page.listing.next.is_some() || !is_one_of(&page.fetched.final_url, entries))
}

/// Whether the latest releases of a listing are known already: then it is a part of another one.
fn is_covered(entries: &[Entry], finding: &Finding) -> bool {
    let known: HashSet<String> = finding.entries.iter().map(|entry| identity(&entry.url)).collect();
    !finding.listings.is_empty()
        && entries.iter().take(LEAST_ENTRIES).all(|entry| known.contains(&identity(&entry.url)))
}
