//! Listings of captures: each line names a record in a WARC file, or says more of a file in a folder.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use url::Url;

use super::super::super::output::Output;
use super::ahead::name_of;
use super::{Captures, Payloads};
use crate::domain::address::identity;
use crate::warc::{BadLine, Listed, WarcFile, read_listing};

/// Folders beside that of a listing in which its WARC files may be, as pywb and Browsertrix have them.
const PLACES: [&str; 3] = ["", "../archive", "../warcs"];

/// A file in a folder, with what a listing says of it.
pub(super) struct Found {
    /// The folder.
    pub(super) file: usize,
    pub(super) path: PathBuf,
    pub(super) at: DateTime<Utc>,
    pub(super) url: Url,
    pub(super) listed: Option<Listed>,
}

/// What the listings of an import say. Of lines that name no record, only those are kept that are about a file.
#[derive(Default)]
pub(super) struct Listing {
    found: Vec<Found>,
    /// Places in `found`, by time and address.
    by_capture: HashMap<(i64, u64), usize>,
    /// Lines that name captures which are nowhere.
    alone: usize,
    /// WARC files by the name that listings have for them; none for those that are not there.
    files: HashMap<String, Option<usize>>,
    known: HashSet<PathBuf>,
    missing: usize,
}

impl Listing {
    pub(super) fn has_file(&self, file: &Path) -> bool {
        self.known.contains(file)
    }

    /// A file of which a listing may say more.
    pub(super) fn add_file(&mut self, found: Found) {
        self.by_capture.entry((found.at.timestamp(), name_of(&found.url))).or_insert(self.found.len());
        self.found.push(found);
    }

    /// All files, with what was said of them.
    pub(super) fn take_files(&mut self) -> Vec<Found> {
        let by_capture = std::mem::take(&mut self.by_capture);
        for place in 0..self.found.len() {
            // The same capture may be in two folders.
            let first = by_capture[&(self.found[place].at.timestamp(), name_of(&self.found[place].url))];
            let listed = self.found[first].listed.clone();
            self.found[place].listed = listed;
        }
        std::mem::take(&mut self.found)
    }

    fn add_line(&mut self, line: Listed) {
        match self.by_capture.get(&(line.at.timestamp(), name_of(&line.url))) {
            Some(place) => self.found[*place].listed = Some(line),
            None => self.alone += 1,
        }
    }

    /// Says how much of the listings is not there.
    pub(super) fn complain(&self, output: &Output) {
        if self.alone > 0 {
            output.complain(&format!(
                "{} lines of the listings name captures that no folder has; give the folder of the captures as well",
                self.alone
            ));
        }
        if self.missing > 0 {
            let names: Vec<&str> =
                self.files.iter().filter(|(_, file)| file.is_none()).map(|(name, _)| name.as_str()).collect();
            output.complain(&format!(
                "{} lines of the listings name records in files that are not there: {}; put them beside the listing, or \
                 give them as well",
                self.missing,
                names.iter().take(3).copied().collect::<Vec<_>>().join(", ")
            ));
        }
    }
}

impl Captures {
    pub(super) fn index_listing(
        &mut self,
        listing: &Path,
        files: &[PathBuf],
        listed: &mut Listing,
        payloads: &mut Payloads,
    ) {
        let number = self.add_file(listing.to_owned());
        let mut open: Option<(usize, WarcFile)> = None;
        let read = read_listing(listing, &mut |line| {
            if let Err(problem) = self.add_line(listing, files, line, listed, payloads, &mut open) {
                self.tell(number, &problem);
            }
        });
        if let Err(error) = read {
            self.tell(number, &error.to_string());
        }
    }

    fn add_line(
        &mut self,
        listing: &Path,
        files: &[PathBuf],
        line: Result<Listed, BadLine>,
        listed: &mut Listing,
        payloads: &mut Payloads,
        open: &mut Option<(usize, WarcFile)>,
    ) -> Result<(), String> {
        let line = line.map_err(|bad| bad.to_string())?;
        let Some((name, offset)) = line.record.clone() else {
            listed.add_line(line);
            return Ok(());
        };
        let Some(file) = self.file_named(&name, listing, files, listed) else {
            listed.missing += 1;
            return Ok(());
        };
        if open.as_ref().is_none_or(|(number, _)| *number != file) {
            *open = Some((file, WarcFile::open(&self.files[file]).map_err(|error| error.to_string())?));
        }
        let Some((_, warc)) = open else { return Ok(()) };
        let head = warc.head_at(offset).map_err(|error| format!("names a record in {name}: {error}"))?;
        let is_other = head.url.as_ref().is_none_or(|url| identity(url) != identity(&line.url));
        if is_other || head.at.is_none_or(|at| at.timestamp() != line.at.timestamp()) {
            return Err(format!(
                "names {} of {} at byte {offset} of {name}, where another record is",
                line.url,
                line.at.format("%Y%m%d%H%M%S")
            ));
        }
        self.add((file, offset), &head, payloads);
        Ok(())
    }

    /// The WARC file that a listing means: one that was given as well, or one beside the listing.
    fn file_named(&mut self, name: &str, listing: &Path, files: &[PathBuf], listed: &mut Listing) -> Option<usize> {
        if let Some(known) = listed.files.get(name) {
            return *known;
        }
        let base = Path::new(name).file_name()?;
        let given = files.iter().find(|file| file.file_name() == Some(base)).cloned();
        let folder = listing.parent().unwrap_or(Path::new("."));
        let beside = PLACES.iter().map(|place| folder.join(place).join(base)).find(|file| file.is_file());
        let number = given.or(beside).map(|file| {
            listed.known.insert(file.clone());
            self.add_file(file)
        });
        listed.files.insert(name.to_owned(), number);
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    fn line(second: i64, status: u16) -> Listed {
        let url = Url::parse("https://quay.example/news/a").unwrap();
        Listed { url, at: at(second), status: Some(status), media: None, digest: None, record: None }
    }

    #[test]
    fn of_a_long_listing_only_what_is_said_of_files_is_kept() {
        let mut listing = Listing::default();
        for (file, second) in [(0, 7), (1, 7), (0, 8)] {
            let url = Url::parse("http://quay.example/news/a/").unwrap();
            listing.add_file(Found { file, path: PathBuf::new(), at: at(second), url, listed: None });
        }
        (100..1_100).for_each(|second| listing.add_line(line(second, 200)));
        listing.add_line(line(7, 404));
        assert_eq!((listing.alone, listing.by_capture.len()), (1_000, 2));
        let status = |found: Found| found.listed.and_then(|listed| listed.status);
        let files: Vec<Option<u16>> = listing.take_files().into_iter().map(status).collect();
        assert_eq!(files, [Some(404), Some(404), None]);
    }
}
