//! What one walk has found so far, and what that makes of the releases.

use std::collections::{HashMap, HashSet};

use url::Url;

use crate::domain::address::identity;
use crate::domain::classify::{announces, announces_unknown};
use crate::domain::discover::{Entry, ListingPlace, MOST_ENTRIES};
use crate::domain::model::{Discovery, ListingRecord, ReleaseId};
use crate::store::NewRelease;
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
    /// Whether more may be listed than was named.
    pub(super) is_open: bool,
    /// What was left out because there is too much.
    pub(super) cut: Option<String>,
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
            is_open: false,
            cut: None,
            reached_end: false,
            problem: None,
        }
    }

    /// Takes the entries of one page or feed, of which no more are read.
    pub(super) fn take_page(&mut self, entries: Vec<Entry>) {
        if entries.len() >= MOST_ENTRIES {
            self.leave_out(format!("names {MOST_ENTRIES} releases or more on one page, of which the latest are taken"));
        }
        self.take(entries);
    }

    /// Leaves out what is unknown and for which there is no room.
    pub(super) fn keep_room(&mut self, room: usize, known: &HashSet<String>) {
        let (before, mut left) = (self.named.len(), room);
        self.named.retain(|named| {
            let is_known = known.contains(&identity(&named.entry.url));
            let has_room = left > 0;
            left -= usize::from(!is_known && has_room);
            is_known || has_room
        });
        let left_out = before - self.named.len();
        if left_out > 0 {
            self.leave_out(format!("names {left_out} releases for which there is no room in the source"));
        }
    }

    pub(super) fn leave_out(&mut self, what: String) {
        self.cut.get_or_insert(what);
    }

    pub(super) fn take(&mut self, entries: Vec<Entry>) {
        self.pages += 1;
        let page = self.pages;
        if page == 1 {
            self.first_page = entries.len();
        }
        self.named.extend(entries.into_iter().map(|entry| Named { entry, page }));
    }
}

/// The releases that a walk named, each once, and the first of them on each page but the first.
pub(super) fn order(ids: &[ReleaseId], named: &[Named]) -> (Vec<ReleaseId>, Vec<ReleaseId>) {
    let (mut entries, mut starts) = (Vec::with_capacity(ids.len()), Vec::new());
    let mut seen = HashSet::new();
    let mut page = 1;
    for (id, named) in ids.iter().zip(named).filter(|(id, _)| seen.insert(**id)) {
        if named.page != page {
            starts.push(*id);
            page = named.page;
        }
        entries.push(*id);
    }
    (entries, starts)
}

pub(super) fn new_release(
    named: &Named,
    trail: &Trail,
    news: &HashSet<String>,
    found_at: chrono::DateTime<chrono::Utc>,
) -> NewRelease {
    let identity = identity(&named.entry.url);
    NewRelease {
        announce: news.contains(&identity),
        url: named.entry.url.clone(),
        identity,
        title: named.entry.title.clone(),
        day: named.entry.day,
        found_by: trail.kind,
        found_at,
    }
}

/// The unknown entries of a trail that are news and not merely deeper than the last walk went.
pub(super) fn news_of(trail: &Trail, records: &[ListingRecord], known: &HashSet<String>) -> Vec<String> {
    let record = records.iter().find(|record| record.url == trail.listing);
    let identities: Vec<String> = trail.named.iter().map(|named| identity(&named.entry.url)).collect();
    let last_known = identities.iter().rposition(|identity| known.contains(identity));
    let mut pages: HashMap<&String, u32> = HashMap::new();
    for (identity, named) in identities.iter().zip(&trail.named) {
        pages.entry(identity).or_insert(named.page);
    }
    let has_days = trail.named.iter().any(|named| named.entry.day.is_some());
    let day_of = |at: usize| trail.named[at].entry.day;
    // A listing of the latest fills up its end again when one of them is taken off.
    let has_grown = record.is_none_or(|record| identities.len() > record.entries as usize);
    let is_later = |at: usize| last_known.is_some_and(|last| day_of(at).is_some() && day_of(at) > day_of(last));
    let is_news = |(at, identity): &(usize, &String)| {
        let (page, day) = (pages[*identity], day_of(*at));
        let has_known_behind = last_known > Some(*at);
        let fills_up = !has_known_behind && !has_grown && !is_later(*at);
        let follows_known = || announces(record, page, has_known_behind) && !fills_up;
        let is_all_new = || last_known.is_none() && announces_unknown(record, page, day, has_days);
        !known.contains(*identity) && (follows_known() || is_all_new())
    };
    identities.iter().enumerate().filter(is_news).map(|(_, identity)| identity.clone()).collect()
}
