//! The captures in WARC files in the order of time: where each is stands in memory, in few bytes; the captures
//! themselves are read when it is their turn.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use sha2::{Digest as _, Sha256};
use url::Url;

use super::super::output::Output;
use super::super::progress::bar;
use crate::domain::address::identity;
use crate::domain::model::Fetched;
use crate::warc::{Head, Kind, WarcError, WarcFile, capture_of, payload_of};

/// Problems that are told one by one.
const MOST_TOLD: usize = 20;
/// Files that are open at once.
const MOST_OPEN: usize = 32;

/// Where a capture is.
#[derive(Clone, Copy)]
struct Place {
    at: i64,
    file: u32,
    offset: u64,
    /// Its address, as a place in `urls`.
    url: u32,
    /// Of a revisit: the one that it repeats, as a place in `originals`.
    revisits: Option<u32>,
}

/// All captures of some files.
pub(super) struct Captures {
    files: Vec<PathBuf>,
    open: HashMap<u32, WarcFile>,
    places: Vec<Place>,
    next: usize,
    urls: Vec<Url>,
    by_url: HashMap<String, u32>,
    /// File and offset of what revisits repeat.
    originals: Vec<(u32, u64)>,
    problems: Vec<String>,
    broken: usize,
    others: usize,
    unchanged: usize,
}

impl Captures {
    /// Walks over all files. What is broken is counted and told by [`Captures::complain`].
    pub(super) fn index(files: Vec<PathBuf>, output: &Output) -> Self {
        let mut captures = Self {
            files,
            open: HashMap::new(),
            places: Vec::new(),
            next: 0,
            urls: Vec::new(),
            by_url: HashMap::new(),
            originals: Vec::new(),
            problems: Vec::new(),
            broken: 0,
            others: 0,
            unchanged: 0,
        };
        let mut payloads = Payloads::default();
        for number in 0..captures.files.len() {
            captures.index_file(number, &mut payloads, output);
        }
        captures.resolve(payloads);
        captures.places.sort_by_key(|place| (place.at, place.file, place.offset));
        captures
    }

    fn index_file(&mut self, number: usize, payloads: &mut Payloads, output: &Output) {
        let mut file = match WarcFile::open(&self.files[number]) {
            Ok(file) => file,
            Err(error) => return self.tell(number, &error.to_string()),
        };
        let bar = bar(output, "reading the index", file.progress().1);
        while let Some(found) = file.next_record() {
            bar.set_position(file.progress().0);
            match found {
                Ok((offset, head)) => self.add((number, offset), &head, payloads),
                Err(error) => {
                    let goes_on = matches!(error, WarcError::Broken { .. });
                    self.tell(number, &error.to_string());
                    if !goes_on {
                        break;
                    }
                }
            }
        }
        bar.finish_and_clear();
    }

    fn add(&mut self, (file, offset): (usize, u64), head: &Head, payloads: &mut Payloads) {
        let (Some(url), Some(at), true) = (&head.url, head.at, head.kind != Kind::Other) else {
            self.others += 1;
            return;
        };
        let digest = head.field("warc-payload-digest").map(short_name);
        let original = digest.or_else(|| original_of(head));
        if head.kind == Kind::Revisit && original.is_none() {
            self.unchanged += 1;
            return;
        }
        let index = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
        if let Some(original) = original.filter(|_| head.kind == Kind::Revisit) {
            payloads.revisits.push((original, index));
        } else {
            let named = short_name(&format!("{url} {}", at.timestamp()));
            payloads.originals.extend(digest.into_iter().chain([named]).map(|key| (key, index)));
        }
        let file = u32::try_from(file).unwrap_or(u32::MAX);
        let place = Place { at: at.timestamp_millis(), file, offset, url: self.number_of(url), revisits: None };
        self.places.push(place);
    }

    /// Finds what the revisits repeat: the first capture with that payload. The others are broken.
    fn resolve(&mut self, mut payloads: Payloads) {
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

    fn number_of(&mut self, url: &Url) -> u32 {
        let next = u32::try_from(self.urls.len()).unwrap_or(u32::MAX);
        let number = *self.by_url.entry(url.as_str().to_owned()).or_insert(next);
        if number == next {
            self.urls.push(url.clone());
        }
        number
    }

    /// Every address of a capture.
    pub(super) fn urls(&self) -> &[Url] {
        &self.urls
    }

    /// Leaves only the captures of these addresses.
    pub(super) fn keep(&mut self, identities: &[String]) {
        let wanted: HashSet<&String> = identities.iter().collect();
        let is_wanted: Vec<bool> = self.urls.iter().map(|url| wanted.contains(&identity(url))).collect();
        let before = self.places.len();
        self.places.retain(|place| is_wanted[place.url as usize]);
        self.others += before - self.places.len();
    }

    /// The last captures of up to so many addresses.
    pub(super) fn samples(&mut self, most: usize) -> Vec<Fetched> {
        let mut seen = HashSet::new();
        let places: Vec<Place> = self
            .places
            .iter()
            .rev()
            .filter(|place| place.revisits.is_none() && seen.insert(place.url))
            .copied()
            .collect();
        // From all over the archive, not only from what stands at its end.
        let every = (places.len() / most).max(1);
        places.into_iter().step_by(every).take(most).filter_map(|place| self.read(place).ok()).collect()
    }

    /// The next capture that can be read.
    pub(super) fn next(&mut self) -> Option<Fetched> {
        loop {
            let place = *self.places.get(self.next)?;
            self.next += 1;
            match self.read(place) {
                Ok(fetched) => return Some(fetched),
                Err(problem) => self.tell(place.file as usize, &problem),
            }
        }
    }

    fn read(&mut self, place: Place) -> Result<Fetched, String> {
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

    fn tell(&mut self, file: usize, problem: &str) {
        self.broken += 1;
        if self.problems.len() < MOST_TOLD {
            self.problems.push(format!("{}: {problem}", self.files[file].display()));
        }
    }

    /// Names what could not be read.
    pub(super) fn complain(&self, output: &Output) {
        self.problems.iter().for_each(|problem| output.complain(problem));
        if self.broken > self.problems.len() {
            output.complain(&format!("and {} more records that cannot be read", self.broken - self.problems.len()));
        }
    }

    /// Captures in all.
    pub(super) fn left(&self) -> usize {
        self.places.len()
    }

    /// Captures that have had their turn.
    pub(super) fn done(&self) -> usize {
        self.next
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

/// Which capture has which payload, while the files are walked over: 16 bytes for each.
#[derive(Default)]
struct Payloads {
    originals: Vec<(u64, u32)>,
    revisits: Vec<(u64, u32)>,
}

/// What a revisit says that it repeats, by address and time.
fn original_of(head: &Head) -> Option<u64> {
    let url = Url::parse(head.field("warc-refers-to-target-uri")?).ok()?;
    let at = chrono::DateTime::parse_from_rfc3339(head.field("warc-refers-to-date")?).ok()?;
    Some(short_name(&format!("{url} {}", at.timestamp())))
}

/// A short name for a payload, by its digest or by address and time.
fn short_name(name: &str) -> u64 {
    Sha256::digest(name).iter().take(8).fold(0, |key, byte| key << 8 | u64::from(*byte))
}
