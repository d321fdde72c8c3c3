//! What one walk has found so far.

use url::Url;

use crate::domain::discover::{Entry, ListingPlace, MOST_ENTRIES};
use crate::domain::model::Discovery;
use crate::track::Named;

/// One walk before its entries are known as releases.
pub(super) struct Trail {
    pub(super) listing: Url,
    pub(super) kind: Discovery,
    pub(super) named: Vec<Named>,
    pub(super) place: Option<ListingPlace>,
    /// Entries of the first page.
    pub(super) first_page: usize,
    pub(super) pages: u32,
    /// More was named than is taken.
    pub(super) is_cut: bool,
    pub(super) reached_end: bool,
    pub(super) problem: Option<String>,
}

impl Trail {
    pub(super) fn new(listing: &Url, kind: Discovery) -> Self {
        Self {
            listing: listing.clone(),
            kind,
            named: Vec::new(),
            place: None,
            first_page: 0,
            pages: 0,
            is_cut: false,
            reached_end: false,
            problem: None,
        }
    }

    pub(super) fn take(&mut self, entries: Vec<Entry>) {
        self.pages += 1;
        let page = self.pages;
        if page == 1 {
            self.first_page = entries.len();
        }
        self.is_cut |= entries.len() >= MOST_ENTRIES;
        self.named.extend(entries.into_iter().map(|entry| Named { entry, page }));
    }
}
