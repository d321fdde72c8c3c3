//! What revisits repeat: the first capture with that payload, by its digest, by address and time, or by its id.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{Captures, Place};
use crate::warc::{Head, parse_date};

/// Which capture has which payload, while the files are walked over: 16 bytes for each name.
#[derive(Default)]
pub(super) struct Payloads {
    pub(super) originals: Vec<(u64, u32)>,
    /// What each may repeat, the surest first.
    pub(super) revisits: Vec<([Option<u64>; 3], u32)>,
}

impl Captures {
    /// Finds what the revisits repeat: the first capture with that payload. The others are broken.
    pub(super) fn resolve(&mut self, mut payloads: Payloads) {
        payloads.originals.sort_unstable();
        let mut lost = HashSet::new();
        let find = |key: u64| {
            let first = payloads.originals.partition_point(|(other, _)| *other < key);
            payloads.originals.get(first).filter(|(other, _)| *other == key).map(|(_, original)| *original)
        };
        for (keys, index) in payloads.revisits {
            match keys.into_iter().flatten().find_map(find) {
                Some(original) => {
                    let Place { file, offset, .. } = self.places[original as usize];
                    self.places[index as usize].revisits = u32::try_from(self.originals.len()).ok();
                    self.originals.push((file, offset));
                }
                None => drop(lost.insert(index)),
            }
        }
        for (index, place) in (0_u32..).zip(std::mem::take(&mut self.places)) {
            if lost.contains(&index) {
                let problem =
                    format!("the record at byte {} repeats a capture that none of the files has", place.offset);
                self.tell(place.file as usize, &problem);
            } else {
                self.places.push(place);
            }
        }
    }
}

/// The names of what a record holds: its digest, its address and time, its id.
pub(super) fn names_of(head: &Head, url: &Url, at: DateTime<Utc>) -> [Option<u64>; 3] {
    [digest_of(head), Some(moment_of(url, at)), head.field("warc-record-id").map(name_of_id)]
}

/// The names of what a revisit says that it repeats. Where no address is told, it is its own.
pub(super) fn originals_of(head: &Head, url: &Url) -> [Option<u64>; 3] {
    let at = head.field("warc-refers-to-date").and_then(parse_date);
    let told = head.field("warc-refers-to-target-uri").map(|url| url.trim_matches(['<', '>']));
    let original = told.map_or_else(|| Some(url.clone()), |told| Url::parse(told).ok());
    let moment = original.zip(at).map(|(url, at)| moment_of(&url, at));
    [digest_of(head), moment, head.field("warc-refers-to").map(name_of_id)]
}

fn digest_of(head: &Head) -> Option<u64> {
    head.field("warc-payload-digest").map(lasting_name)
}

fn moment_of(url: &Url, at: DateTime<Utc>) -> u64 {
    lasting_name(&format!("{url} {}", at.timestamp()))
}

fn name_of_id(id: &str) -> u64 {
    lasting_name(id.trim_matches(['<', '>']))
}

/// A short name that stays the same for ever.
pub(in super::super) fn lasting_name(name: &str) -> u64 {
    Sha256::digest(name).iter().take(8).fold(0, |key, byte| key << 8 | u64::from(*byte))
}
