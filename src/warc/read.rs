//! A WARC file, plain or with one gzip member for each record: walks over it once to tell what is where, and reads
//! single records at their places.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use flate2::bufread::GzDecoder;

use super::counted::Counted;
use super::head::{self, Head, NoHead};
use super::http;

/// Bytes of content that are read.
const LONGEST_CONTENT: u64 = 64 << 20;
/// Bytes of content that tell whether it may be a page.
const LONGEST_START: u64 = 4 << 10;
/// Bytes of content that are passed over.
const LONGEST_SKIP: u64 = 1 << 30;
/// Bytes that broken records may cost, and that many times those of the file.
const MOST_WASTE: u64 = 64 << 20;
const WASTE_TIMES: u64 = 32;
const GZIP: [u8; 3] = [0x1f, 0x8b, 0x08];
/// How a plain record begins, before the digits of its version.
const MARK: &[u8] = b"WARC/";
/// Files that hold WARC files, by how they begin, and what to do with them.
const CONTAINERS: [(&[u8], &str); 3] = [
    (b"PK\x03\x04", "it is a zip file, as WACZ files are; unpack it and give the files in its folder `archive`"),
    (b"\x28\xb5\x2f\xfd", "it is compressed with zstd; decompress it with `zstd -d`"),
    (b"\x5d\x2a\x4d\x18", "it is compressed with zstd and a dictionary; decompress it with the tool that wrote it"),
];

/// A record that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum WarcError {
    /// The file cannot be read.
    #[error("the file cannot be read")]
    Io(#[from] io::Error),
    /// The record at this place is not as the standard has it.
    #[error("the record at byte {offset} is broken: {problem}")]
    Broken {
        /// Where it begins.
        offset: u64,
        /// What is wrong.
        problem: String,
    },
    /// Records cannot be found without decompressing all that is before them.
    #[error("the file is compressed as a whole and not record by record; decompress it, or use `warcio recompress`")]
    Whole,
    /// So much is broken that looking for what is not would take too long.
    #[error("too much of the file is broken; what comes after byte {offset} is not read")]
    Hopeless {
        /// Where the last broken record begins.
        offset: u64,
    },
}

/// A record with its content.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its head.
    pub head: Head,
    /// Its content.
    pub content: Vec<u8>,
}

/// An open file.
pub struct WarcFile {
    input: Counted<BufReader<File>>,
    is_compressed: bool,
    length: u64,
    /// Bytes that the last record took when it was decompressed.
    unpacked: u64,
    /// Bytes that were read of broken records, most of them more than once.
    wasted: u64,
}

impl WarcFile {
    /// Opens a file.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let mut input = Counted { inner: BufReader::with_capacity(64 << 10, file), offset: 0 };
        let start = input.fill_buf()?;
        if let Some((_, what)) = CONTAINERS.iter().find(|(mark, _)| start.starts_with(mark)) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, *what));
        }
        let is_compressed = start.starts_with(&GZIP);
        Ok(Self { input, is_compressed, length, unpacked: 0, wasted: 0 })
    }

    /// Bytes of the file, and how many of them have been walked over.
    pub fn progress(&self) -> (u64, u64) {
        (self.input.offset, self.length)
    }

    /// The place and the head of the next record; none at the end. After a broken record, the walk goes on with the
    /// next one that can be found.
    pub fn next_record(&mut self) -> Option<Result<(u64, Head), WarcError>> {
        if let Err(error) = self.skip_line_ends() {
            return Some(Err(error.into()));
        }
        let offset = self.input.offset;
        match self.walk_over() {
            Ok(None) => None,
            Ok(Some(head)) => Some(Ok((offset, head))),
            Err(WarcError::Broken { problem, .. }) => Some(Err(self.resume(offset, problem))),
            Err(error) => Some(Err(error)),
        }
    }

    /// Goes on after a broken record, unless that has cost too much already.
    fn resume(&mut self, offset: u64, problem: String) -> WarcError {
        self.wasted += self.unpacked + self.input.offset.saturating_sub(offset);
        let is_hopeless = self.wasted > MOST_WASTE.saturating_add(self.length.saturating_mul(WASTE_TIMES));
        let resumed =
            if is_hopeless { self.seek(self.length) } else { self.seek(offset + 1).and_then(|()| self.find_next()) };
        match resumed {
            Err(error) => WarcError::Io(error),
            Ok(()) if is_hopeless => WarcError::Hopeless { offset },
            Ok(()) => WarcError::Broken { offset, problem },
        }
    }

    /// Bytes that broken records have cost.
    #[cfg(test)]
    pub(super) fn wasted(&self) -> u64 {
        self.wasted
    }

    /// The head of the record at a place that somebody else told.
    pub fn head_at(&mut self, offset: u64) -> Result<Head, WarcError> {
        self.seek(offset)?;
        let head = if self.is_compressed {
            look_at(&mut BufReader::new(GzDecoder::new(&mut self.input)), offset)
        } else {
            look_at(&mut self.input, offset)
        };
        head?.ok_or_else(|| broken(offset, "it is not there".to_owned()))
    }

    /// Reads the record at a place that [`WarcFile::next_record`] told.
    pub fn read_at(&mut self, offset: u64) -> Result<Record, WarcError> {
        self.seek(offset)?;
        if self.is_compressed {
            read_record(&mut BufReader::new(GzDecoder::new(&mut self.input)), offset)
        } else {
            read_record(&mut self.input, offset)
        }
    }

    fn seek(&mut self, offset: u64) -> io::Result<()> {
        let by = i64::try_from(offset).unwrap_or(i64::MAX) - i64::try_from(self.input.offset).unwrap_or(i64::MAX);
        self.input.inner.seek_relative(by)?;
        self.input.offset = offset;
        Ok(())
    }

    fn walk_over(&mut self) -> Result<Option<Head>, WarcError> {
        let offset = self.input.offset;
        if !self.is_compressed {
            return walk_over(&mut self.input, offset, self.length);
        }
        if self.input.fill_buf()?.is_empty() {
            return Ok(None);
        }
        let mut member = Counted { inner: BufReader::new(GzDecoder::new(&mut self.input)), offset: 0 };
        let walked = walk_over_member(&mut member, offset);
        self.unpacked = member.offset;
        walked
    }

    /// Goes to the next place where a record may begin, or to the end.
    fn find_next(&mut self) -> io::Result<()> {
        let mark: &[u8] = if self.is_compressed { &GZIP } else { MARK };
        // Any version: archives are older than the first one that was finished.
        let begins = |window: &[u8]| match window.split_at_checked(mark.len()) {
            Some((start, [next])) => start == mark && (self.is_compressed || next.is_ascii_digit()),
            _ => false,
        };
        let length = mark.len() + 1;
        loop {
            let buffer = self.input.fill_buf()?;
            if buffer.is_empty() {
                return Ok(());
            }
            let (skip, is_there) = match buffer.windows(length).position(begins) {
                Some(at) => (at, true),
                // A mark may begin in this buffer and end in the next one.
                None => (buffer.len().saturating_sub(length - 1).max(1), false),
            };
            self.input.consume(skip);
            if is_there {
                return Ok(());
            }
            if self.input.inner.buffer().len() < length {
                let offset = self.input.offset;
                // Refills the buffer from here, unless the rest of the file is too short for a mark.
                if self.length.saturating_sub(offset) < length as u64 {
                    return self.seek(self.length);
                }
                self.input.inner.seek(SeekFrom::Start(offset))?;
            }
        }
    }

    fn skip_line_ends(&mut self) -> io::Result<()> {
        while !self.is_compressed && matches!(self.input.fill_buf()?.first(), Some(b'\r' | b'\n')) {
            self.input.consume(1);
        }
        Ok(())
    }
}

fn broken(offset: u64, problem: String) -> WarcError {
    WarcError::Broken { offset, problem }
}

fn read_head(input: &mut impl BufRead, offset: u64) -> Result<Option<Head>, WarcError> {
    match head::read(input) {
        Ok(head) => Ok(Some(head)),
        Err(NoHead::End) => Ok(None),
        Err(NoHead::Broken(problem)) => Err(broken(offset, problem.to_owned())),
        Err(NoHead::Io(error)) => Err(broken(offset, error.to_string())),
    }
}

/// Walks over the record at a place, in an input that ends at another.
fn walk_over(input: &mut Counted<impl BufRead>, offset: u64, end: u64) -> Result<Option<Head>, WarcError> {
    let Some(mut head) = read_head(input, offset)? else { return Ok(None) };
    if head.length > LONGEST_SKIP {
        return Err(broken(offset, format!("it is {} bytes long", head.length)));
    }
    let cut = || broken(offset, "the file ends within it".to_owned());
    if head.length > end.saturating_sub(input.offset) {
        return Err(cut());
    }
    let mut content = input.by_ref().take(head.length);
    head.is_page = start_is_page(&head, &mut content, offset)?;
    let skipped = io::copy(&mut content, &mut io::sink());
    match skipped {
        Ok(_) if content.limit() == 0 => Ok(Some(head)),
        Ok(_) => Err(cut()),
        Err(error) => Err(broken(offset, error.to_string())),
    }
}

fn start_is_page(head: &Head, content: &mut impl Read, offset: u64) -> Result<bool, WarcError> {
    let mut start = Vec::new();
    content.take(LONGEST_START).read_to_end(&mut start).map_err(|error| broken(offset, error.to_string()))?;
    Ok(http::may_be_page(head, &start))
}

/// The head of a record, with what the start of its content says.
fn look_at(input: &mut impl BufRead, offset: u64) -> Result<Option<Head>, WarcError> {
    let Some(mut head) = read_head(input, offset)? else { return Ok(None) };
    let length = head.length;
    head.is_page = start_is_page(&head, &mut input.take(length), offset)?;
    Ok(Some(head))
}

fn walk_over_member(member: &mut Counted<impl BufRead>, offset: u64) -> Result<Option<Head>, WarcError> {
    let head = walk_over(member, offset, u64::MAX)?;
    // Two line ends follow the content; another record means that the member holds more than one.
    let mut rest = Vec::new();
    member.take(16).read_to_end(&mut rest).map_err(|error| broken(offset, error.to_string()))?;
    match rest.iter().all(u8::is_ascii_whitespace) {
        true if rest.len() < 16 => Ok(head),
        _ if rest.trim_ascii_start().starts_with(b"WARC/") => Err(WarcError::Whole),
        _ => Err(broken(offset, "its content is longer than its head says".to_owned())),
    }
}

fn read_record(input: &mut impl BufRead, offset: u64) -> Result<Record, WarcError> {
    let head = read_head(input, offset)?.ok_or_else(|| broken(offset, "it is not there".to_owned()))?;
    if head.length > LONGEST_CONTENT {
        return Err(broken(offset, format!("its content is {} bytes long", head.length)));
    }
    let mut content = Vec::new();
    let read = input.take(head.length).read_to_end(&mut content);
    match read {
        Ok(_) if content.len() as u64 == head.length => Ok(Record { head, content }),
        Ok(_) => Err(broken(offset, "the file ends within it".to_owned())),
        Err(error) => Err(broken(offset, error.to_string())),
    }
}
