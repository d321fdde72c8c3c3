//! The captures in WARC files, in folders and on listings, in the order of time: only the place of each is held in
//! memory, in a few bytes; the captures themselves are read when it is their turn.

mod ahead;
mod folder;
mod index;
mod listing;
mod payloads;
mod problems;

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};
use url::Url;

use self::ahead::Ahead;
use self::payloads::Payloads;
pub(super) use self::payloads::lasting_name;
use crate::domain::address::identity;
use crate::domain::model::{Fetched, SourceId};
use crate::track::Archive;
use crate::warc::{Listed, WarcFile, capture_of, payload_of};

/// Problems that are told one by one.
const MOST_TOLD: usize = 20;
/// Files that are open at once.
const MOST_OPEN: usize = 32;
/// Bytes of bodies after which no more captures are held at once for looking ahead or for learning.
const MOST_HELD: usize = 64 << 20;

/// Where a capture is.
#[derive(Clone, Copy)]
struct Place {
    at: i64,
    file: u32,
    offset: u64,
    /// Its address, as a place in `addresses`.
    url: u32,
    /// Of a revisit: the one that it repeats, as a place in `originals`.
    revisits: Option<u32>,
    /// Of a capture in a file of its own: that, as a place in `plain`.
    plain: Option<u32>,
}

/// All captures of some files.
pub(super) struct Captures {
    /// Whose releases they are.
    source: SourceId,
    files: Vec<PathBuf>,
    open: HashMap<u32, WarcFile>,
    places: Vec<Place>,
    next: usize,
    addresses: Vec<Address>,
    by_url: HashMap<String, u32>,
    /// File and offset of what revisits repeat.
    originals: Vec<(u32, u64)>,
    problems: Vec<String>,
    broken: usize,
    others: usize,
    unchanged: usize,
    plain: Vec<Plain>,
    altered: usize,
    ahead: Ahead,
}

/// An address of captures.
pub(super) struct Address {
    pub(super) url: Url,
    pub(super) records: usize,
    /// Whether one of them may be a page.
    pub(super) has_page: bool,
    /// Whether one of our own exports says that it is a release of the source.
    pub(super) is_release: bool,
}

/// A capture in a file of its own.
struct Plain {
    path: PathBuf,
    listed: Option<Listed>,
}

impl Archive for Captures {
    fn later(&mut self, url: &Url, after: DateTime<Utc>, most: usize) -> Vec<Fetched> {
        let places = self.ahead.later(url, after, most).into_iter().map(|index| self.places[index as usize]);
        let places: Vec<Place> = places.collect();
        self.read_some(places.into_iter())
    }
}

impl Captures {
    /// Every address of a capture.
    pub(super) fn addresses(&self) -> &[Address] {
        &self.addresses
    }

    /// Leaves only the captures of these addresses.
    pub(super) fn keep(&mut self, chosen: &HashSet<u64>) {
        let mut kept = Vec::new();
        let numbers: Vec<Option<u32>> = std::mem::take(&mut self.addresses)
            .into_iter()
            .map(|address| {
                let number =
                    u32::try_from(kept.len()).ok().filter(|_| chosen.contains(&lasting_name(&identity(&address.url))));
                kept.extend(number.map(|_| address));
                number
            })
            .collect();
        // Archives hold far more addresses of pictures and scripts than of releases.
        (self.addresses, self.by_url) = (kept, HashMap::new());
        let before = self.places.len();
        self.places.retain_mut(|place| {
            let number = numbers[place.url as usize];
            place.url = number.unwrap_or_default();
            number.is_some()
        });
        self.others += before - self.places.len();
        self.ahead = Ahead::of(
            self.addresses.iter().map(|address| &address.url),
            self.places.iter().map(|place| (place.url, place.at)),
        );
    }

    /// The first captures of up to so many releases: what is learned of them is what the site was like when they are
    /// not read yet. Archives have one page under several spellings of its address; the first is the one by which its
    /// release will be known.
    pub(super) fn samples(&mut self, most: usize) -> Vec<Fetched> {
        let mut seen = HashSet::new();
        let own = self.places.iter().filter(|place| place.revisits.is_none());
        let name = |place: &Place| lasting_name(&identity(&self.addresses[place.url as usize].url));
        let places: Vec<Place> = own.filter(|place| seen.insert(name(place))).copied().collect();
        // From all over the archive, not only from what stands at its beginning.
        let every = (places.len() / most).max(1);
        self.read_some(places.into_iter().step_by(every).take(most))
    }

    /// Captures, until their bodies are long enough together. One that cannot be read is told when its turn comes.
    fn read_some(&mut self, places: impl Iterator<Item = Place>) -> Vec<Fetched> {
        let (mut read, mut size) = (Vec::new(), 0);
        for place in places {
            let Ok(fetched) = self.read(place) else { continue };
            size += fetched.body.len();
            read.push(fetched);
            if size >= MOST_HELD {
                break;
            }
        }
        read
    }

    /// The next capture that can be read.
    pub(super) fn next(&mut self) -> Option<Fetched> {
        loop {
            let place = *self.places.get(self.next)?;
            self.next += 1;
            match self.read(place) {
                Ok(fetched) => {
                    let listed = place.plain.and_then(|plain| self.plain[plain as usize].listed.as_ref());
                    self.altered += usize::from(listed.is_some_and(|listed| !folder::is_as_listed(&fetched, listed)));
                    return Some(fetched);
                }
                Err(problem) => self.tell(place.file as usize, &problem),
            }
        }
    }

    fn read(&mut self, place: Place) -> Result<Fetched, String> {
        if let Some(plain) = place.plain {
            let Plain { path, listed } = &self.plain[plain as usize];
            let at = DateTime::from_timestamp_millis(place.at).unwrap_or_default();
            let read = folder::read(path, at, &self.addresses[place.url as usize].url, listed.as_ref());
            return read.map_err(|problem| format!("{} {problem}", path.display()));
        }
        let record = self.file(place.file)?.read_at(place.offset).map_err(|error| error.to_string())?;
        let named = |problem: &dyn std::fmt::Display| format!("the record at byte {}: {problem}", place.offset);
        let Some(original) = place.revisits else { return capture_of(&record).map_err(|error| named(&error)) };
        let (file, offset) = self.originals[original as usize];
        let original = self.file(file)?.read_at(offset).map_err(|error| error.to_string())?;
        let original = capture_of(&original).map_err(|error| named(&error))?;
        payload_of(&record, &original).map_err(|error| named(&error))
    }

    fn file(&mut self, number: u32) -> Result<&mut WarcFile, String> {
        if self.open.len() >= MOST_OPEN && !self.open.contains_key(&number) {
            self.open.clear();
        }
        match self.open.entry(number) {
            std::collections::hash_map::Entry::Occupied(open) => Ok(open.into_mut()),
            std::collections::hash_map::Entry::Vacant(place) => {
                let file = WarcFile::open(&self.files[number as usize]).map_err(|error| error.to_string())?;
                Ok(place.insert(file))
            }
        }
    }

    /// Captures in all.
    pub(super) fn left(&self) -> usize {
        self.places.len()
    }

    /// Captures that have had their turn.
    pub(super) fn done(&self) -> u32 {
        u32::try_from(self.next).unwrap_or(u32::MAX)
    }

    /// How many captures were made before their releases, by their names, were found, at these times in milliseconds.
    pub(super) fn count_before(&self, found: &HashMap<u64, i64>) -> usize {
        let addresses = self.addresses.iter().map(|address| found.get(&lasting_name(&identity(&address.url))).copied());
        let found: Vec<Option<i64>> = addresses.collect();
        self.places.iter().filter(|place| found[place.url as usize].is_some_and(|found| place.at < found)).count()
    }

    /// A hash of what is where, begun with that of what is taken of it.
    pub(super) fn fingerprint(&self, rules: &str) -> [u8; 32] {
        let mut hasher = Sha256::new().chain_update(rules);
        for place in &self.places {
            hasher.update(place.at.to_be_bytes());
            hasher.update(place.offset.to_be_bytes());
            hasher.update(self.addresses[place.url as usize].url.as_str());
        }
        hasher.finalize().into()
    }

    /// Records that could not be read.
    pub(super) fn broken(&self) -> usize {
        self.broken
    }

    /// Records of other kinds, or of other pages.
    pub(super) fn others(&self) -> usize {
        self.others
    }

    /// Records that say that nothing had changed, without a payload.
    pub(super) fn unchanged(&self) -> usize {
        self.unchanged
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;
    use crate::cli::output::Output;

    /// Captures of 30 MiB each, in a file that is much shorter.
    fn swelling() -> (tempfile::TempDir, PathBuf) {
        let mut body = GzEncoder::new(Vec::new(), Compression::fast());
        body.write_all(&vec![b' '; 30 << 20]).unwrap();
        let content = [&b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"[..], &body.finish().unwrap()].concat();
        let record = |day: u32| {
            let head = format!(
                "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://quay.example/{}\r\n\
                 WARC-Date: 2019-03-0{day}T10:00:00Z\r\nContent-Length: {}\r\n\r\n",
                // Four of one address, for looking ahead, and four others.
                day.saturating_sub(4),
                content.len()
            );
            [head.as_bytes(), &content, b"\r\n\r\n"].concat()
        };
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("a.warc");
        std::fs::write(&path, (1..=8).flat_map(record).collect::<Vec<u8>>()).unwrap();
        (folder, path)
    }

    #[test]
    fn long_captures_are_not_all_held_at_once() {
        let (_folder, path) = swelling();
        let mut captures = Captures::index(vec![path], &SourceId("quay".to_owned()), &[], &Output::new(true));
        let all = captures.addresses().iter().map(|address| lasting_name(&identity(&address.url))).collect();
        captures.keep(&all);
        assert_eq!(captures.left(), 8);
        assert_eq!(captures.samples(48).len(), 3);
        let url = Url::parse("https://quay.example/0").unwrap();
        let later = captures.later(&url, DateTime::UNIX_EPOCH, 8);
        assert_eq!(later.len(), 3);
    }
}
