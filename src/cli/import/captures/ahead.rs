//! The captures of each address in the order of time, for looking ahead: 16 bytes for each.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use chrono::{DateTime, Utc};
use url::Url;

use crate::domain::address::identity;

#[derive(Default)]
pub(super) struct Ahead {
    /// The number that all spellings of an address share.
    groups: HashMap<u64, u32>,
    /// Group, time and place.
    order: Vec<(u32, i64, u32)>,
}

impl Ahead {
    /// Of captures, each with its address (as a place among these) and its time in milliseconds.
    pub(super) fn of<'a>(urls: impl Iterator<Item = &'a Url>, captures: impl Iterator<Item = (u32, i64)>) -> Self {
        let mut ahead = Self::default();
        let mut group_of = |url: &Url| {
            let next = u32::try_from(ahead.groups.len()).unwrap_or(u32::MAX);
            *ahead.groups.entry(name_of(url)).or_insert(next)
        };
        let groups: Vec<u32> = urls.map(&mut group_of).collect();
        ahead.order = (0..).zip(captures).map(|(index, (url, at))| (groups[url as usize], at, index)).collect();
        ahead.order.sort_unstable();
        ahead
    }

    /// The places of up to so many captures of an address after a time.
    pub(super) fn later(&self, url: &Url, after: DateTime<Utc>, most: usize) -> Vec<u32> {
        let Some(group) = self.groups.get(&name_of(url)).copied() else { return Vec::new() };
        let after = (group, after.timestamp_millis(), u32::MAX);
        let first = self.order.partition_point(|place| *place <= after);
        let same = self.order[first..].iter().take_while(|(other, ..)| *other == group);
        same.take(most).map(|(.., index)| *index).collect()
    }
}

/// A short name for all spellings of an address.
pub(super) fn name_of(url: &Url) -> u64 {
    let mut hasher = DefaultHasher::new();
    identity(url).hash(&mut hasher);
    hasher.finish()
}
