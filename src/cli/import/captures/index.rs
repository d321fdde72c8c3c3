//! Where the captures are: what is in which file, at which place, learned in one walk over all of them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use url::Url;

use super::super::super::output::Output;
use super::super::super::progress::bar;
use super::ahead::Ahead;
use super::listing::{Found, Listing};
use super::payloads::{Payloads, names_of, originals_of};
use super::{Address, Captures, Place, Plain, folder};
use crate::domain::model::SourceId;
use crate::warc::{Head, Kind, Listed, WarcError, WarcFile};

impl Captures {
    /// Walks over all files. What is broken is counted and told by [`Captures::complain`].
    pub(in crate::cli::import) fn index(
        inputs: Vec<PathBuf>,
        source: &SourceId,
        hosts: &[String],
        output: &Output,
    ) -> Self {
        let mut captures = Self {
            source: source.clone(),
            files: Vec::new(),
            open: HashMap::new(),
            places: Vec::new(),
            next: 0,
            addresses: Vec::new(),
            by_url: HashMap::new(),
            originals: Vec::new(),
            problems: Vec::new(),
            broken: 0,
            others: 0,
            unchanged: 0,
            plain: Vec::new(),
            altered: 0,
            ahead: Ahead::default(),
        };
        captures.index_all(inputs, hosts, output);
        captures.places.sort_by_key(|place| (place.at, place.file, place.offset, place.plain));
        captures
    }

    /// Folders first, then listings: they say more of the files in folders than these do themselves.
    fn index_all(&mut self, inputs: Vec<PathBuf>, hosts: &[String], output: &Output) {
        let mut payloads = Payloads::default();
        let (folders, inputs): (Vec<PathBuf>, Vec<PathBuf>) = inputs.into_iter().partition(|input| input.is_dir());
        let is_listing = |input: &PathBuf| crate::warc::is_listing(input).unwrap_or_default();
        let (listings, files): (Vec<PathBuf>, Vec<PathBuf>) = inputs.into_iter().partition(is_listing);
        let mut listed = Listing::default();
        for folder in &folders {
            self.walk_folder(folder, hosts, &mut listed);
        }
        for listing in &listings {
            self.index_listing(listing, &files, &mut listed, &mut payloads);
        }
        for file in files {
            // What a listing has named already is not walked over as well.
            if !listed.has_file(&file) {
                let number = self.add_file(file);
                self.index_file(number, &mut payloads, output);
            }
        }
        self.place_files(listed.take_files());
        self.resolve(payloads);
        listed.complain(output);
    }

    pub(super) fn add_file(&mut self, file: PathBuf) -> usize {
        self.files.push(file);
        self.files.len() - 1
    }

    fn walk_folder(&mut self, folder: &Path, hosts: &[String], listed: &mut Listing) {
        let file = self.add_file(folder.to_owned());
        let walked = folder::walk(folder, &mut |path| match folder::place_of(&path, hosts) {
            Some((at, url)) => listed.add_file(Found { file, path, at, url, listed: None }),
            None => self.others += 1,
        });
        if let Err(error) = walked {
            self.tell(file, &error.to_string());
        }
    }

    fn place_files(&mut self, files: Vec<Found>) {
        for Found { file, path, at, url, listed } in files {
            let url = listed.as_ref().map_or(url, |listed| listed.url.clone());
            let url = self.number_of(&url, listed.as_ref().is_none_or(Listed::may_be_page));
            let plain = u32::try_from(self.plain.len()).ok();
            self.plain.push(Plain { path, listed });
            let file = u32::try_from(file).unwrap_or(u32::MAX);
            self.places.push(Place { at: at.timestamp_millis(), file, offset: 0, url, revisits: None, plain });
        }
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

    pub(super) fn add(&mut self, (file, offset): (usize, u64), head: &Head, payloads: &mut Payloads) {
        let addresses = head.url.as_ref().zip(head.asked()).filter(|_| head.kind != Kind::Other);
        let Some((url, asked)) = addresses else {
            self.others += 1;
            return;
        };
        let Some(at) = head.at else {
            let date = head.field("warc-date").unwrap_or_default();
            return self.tell(file, &format!("the record at byte {offset} has no date that can be read, but {date:?}"));
        };
        let index = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
        if head.kind == Kind::Revisit {
            let originals = originals_of(head, url);
            if originals == [None; 3] {
                self.unchanged += 1;
                return;
            }
            payloads.revisits.push((originals, index));
        } else {
            let names = names_of(head, url, at).into_iter().flatten();
            payloads.originals.extend(names.map(|name| (name, index)));
        }
        let file = u32::try_from(file).unwrap_or(u32::MAX);
        let url = self.number_of(asked, head.is_page);
        self.addresses[url as usize].is_release |= head.source() == Some(self.source.0.as_str());
        let place = Place { at: at.timestamp_millis(), file, offset, url, revisits: None, plain: None };
        self.places.push(place);
    }

    /// The number of an address, of which one more record is found.
    pub(super) fn number_of(&mut self, url: &Url, is_page: bool) -> u32 {
        let next = u32::try_from(self.addresses.len()).unwrap_or(u32::MAX);
        let number = *self.by_url.entry(url.as_str().to_owned()).or_insert(next);
        if number == next {
            self.addresses.push(Address { url: url.clone(), records: 0, has_page: false, is_release: false });
        }
        let address = &mut self.addresses[number as usize];
        address.records += 1;
        address.has_page |= is_page;
        number
    }
}
