//! What revisits repeat: the first capture with that payload, by its digest or by address and time.

use std::collections::HashSet;

use sha2::{Digest as _, Sha256};
use url::Url;

use super::{Captures, Place};
use crate::warc::Head;

/// Which capture has which payload, while the files are walked over: 16 bytes for each.
#[derive(Default)]
pub(super) struct Payloads {
    pub(super) originals: Vec<(u64, u32)>,
    pub(super) revisits: Vec<(u64, u32)>,
}

impl Captures {
    /// Finds what the revisits repeat: the first capture with that payload. The others are broken.
    pub(super) fn resolve(&mut self, mut payloads: Payloads) {
        payloads.originals.sort_unstable();
        let mut lost = HashSet::new();
        for (key, index) in payloads.revisits {
            let first = payloads.originals.partition_point(|(other, _)| *other < key);
            match payloads.originals.get(first).filter(|(other, _)| *other == key) {
                Some((_, original)) => {
                    let Place { file, offset, .. } = self.places[*original as usize];
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

/// What a revisit says that it repeats, by address and time.
pub(super) fn original_of(head: &Head) -> Option<u64> {
    let url = Url::parse(head.field("warc-refers-to-target-uri")?).ok()?;
    let at = chrono::DateTime::parse_from_rfc3339(head.field("warc-refers-to-date")?).ok()?;
    Some(short_name(&format!("{url} {}", at.timestamp())))
}

/// A short name for a payload, by its digest or by address and time.
pub(super) fn short_name(name: &str) -> u64 {
    Sha256::digest(name).iter().take(8).fold(0, |key, byte| key << 8 | u64::from(*byte))
}
