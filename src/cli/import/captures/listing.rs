//! Listings of captures: each line names a record in a WARC file, or says more of a file in a folder.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use url::Url;

use super::super::super::output::Output;
use super::{Captures, Payloads};
use crate::domain::address::identity;
use crate::warc::{BadLine, Listed, WarcFile, read_listing};

/// Lines without a record that are kept for the files in folders.
const MOST_LINES: usize = 1_000_000;
/// Folders beside that of a listing in which its WARC files may be, as pywb and Browsertrix have them.
const PLACES: [&str; 3] = ["", "../archive", "../warcs"];

/// What the listings of an import say.
#[derive(Default)]
pub(super) struct Listing {
    /// Lines that name no record, by time and address.
    lines: HashMap<(i64, String), Listed>,
    /// WARC files by the name that listings have for them; none for those that are not there.
    files: HashMap<String, Option<usize>>,
    known: HashSet<PathBuf>,
    missing: usize,
}

impl Listing {
    pub(super) fn has_file(&self, file: &Path) -> bool {
        self.known.contains(file)
    }

    /// What a listing says of the capture of an address at a time.
    pub(super) fn take(&mut self, url: &Url, at: DateTime<Utc>) -> Option<Listed> {
        self.lines.remove(&(at.timestamp(), identity(url)))
    }

    /// Says how much of the listings is not there.
    pub(super) fn complain(&self, output: &Output) {
        let alone = self.lines.len();
        if alone > 0 {
            output.complain(&format!(
                "{alone} lines of the listings name captures that no folder has; give the folder of the captures as well"
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
            if listed.lines.len() < MOST_LINES {
                listed.lines.insert((line.at.timestamp(), identity(&line.url)), line);
            }
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
