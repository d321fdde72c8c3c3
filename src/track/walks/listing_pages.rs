//! What pages of listings named when they were last read. Reading a page takes much longer than asking for it, and most
//! of the time a listing answers with the bytes of the check before. What is remembered is good for a day: then another
//! version of pressdiff may read the same bytes in a better way.

use crate::domain::discover::{ListingPage, ListingPlace};
use crate::domain::model::{Fetched, Source};
use crate::store::{ListingPageKey, ListingPageRecord};

/// Pages of one source that are remembered.
const MOST_PAGES: usize = 50;

/// All that the reading of a page depends on, as a hash: `number` is its place in the listing, counted from 1, and
/// `day` the number of the day.
pub(super) fn key_of(
    fetched: &Fetched,
    source: &Source,
    number: u32,
    expected: Option<ListingPlace>,
    day: i64,
) -> ListingPageKey {
    let mut hasher = blake3::Hasher::new();
    let mut add = |part: &[u8]| {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    };
    add(env!("CARGO_PKG_VERSION").as_bytes());
    add(&day.to_le_bytes());
    add(&number.to_le_bytes());
    add(&expected.map_or(0, |place| place.0).to_le_bytes());
    add(&[u8::from(expected.is_some())]);
    source.include.iter().for_each(|pattern| add(pattern.to_string().as_bytes()));
    add(fetched.final_url.as_str().as_bytes());
    add(fetched.header("content-type").unwrap_or_default().as_bytes());
    add(&fetched.body);
    ListingPageKey(hasher.finalize().into())
}

/// The pages that a walk came by: what is remembered from now on.
#[derive(Default)]
pub(in crate::track) struct WalkedPages(Vec<ListingPageRecord>);

impl WalkedPages {
    /// Notes what a page names; nothing, if that was remembered already.
    pub(super) fn note(&mut self, key: ListingPageKey, page: Option<&ListingPage>) {
        if self.0.len() < MOST_PAGES {
            self.0.push(ListingPageRecord { key, page: page.cloned() });
        }
    }

    /// All of them, to be recorded.
    pub(in crate::track) fn into_records(self) -> Vec<ListingPageRecord> {
        self.0
    }
}
