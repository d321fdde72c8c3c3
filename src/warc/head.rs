//! The head of a record: its version line and its named fields.

use std::io::{self, BufRead, Read as _};

use chrono::{DateTime, Utc};
use url::Url;

use super::cdx::parse_timestamp;
use super::http::{COPY_MARK, REQUEST_MARK, SOURCE_MARK};

/// Bytes of a line, and lines of a head.
const LONGEST_LINE: u64 = 64 << 10;
const MOST_LINES: usize = 256;
const FIRST_MOMENT: &str = "0000-01-01T00:00:00Z";

/// What a record holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An answer with its HTTP head.
    Response,
    /// A body without one.
    Resource,
    /// An answer whose body another record holds.
    Revisit,
    /// Everything else: `warcinfo`, `request`, `metadata`, `conversion`, `continuation`.
    Other,
}

/// What stands above the content of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// What it holds.
    pub kind: Kind,
    /// Address that answered.
    pub url: Option<Url>,
    /// Address that was asked for, where one of our own exports says that it is another one.
    pub request: Option<Url>,
    /// When it was captured.
    pub at: Option<DateTime<Utc>>,
    /// Bytes of its content.
    pub length: u64,
    /// Whether a page may be its content: neither a status nor a media type says otherwise.
    pub is_page: bool,
    /// All fields, in their order: lower-case names.
    pub fields: Vec<(String, String)>,
}

impl Head {
    /// Address that was asked for.
    pub fn asked(&self) -> Option<&Url> {
        self.request.as_ref().or(self.url.as_ref())
    }

    /// Id of the source whose release this is, as one of our own exports says.
    pub fn source(&self) -> Option<&str> {
        self.field(SOURCE_MARK)
    }

    /// The first field of this (lower-case) name.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Why there is no head.
pub(super) enum NoHead {
    End,
    Broken(&'static str),
    Io(io::Error),
}

impl From<io::Error> for NoHead {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Reads a head up to and with its empty line.
pub(super) fn read(input: &mut impl BufRead) -> Result<Head, NoHead> {
    let Some(version) = read_line(input)? else { return Err(NoHead::End) };
    if !version.starts_with("WARC/") {
        return Err(NoHead::Broken("it does not begin with a version of WARC"));
    }
    let mut fields: Vec<(String, String)> = Vec::new();
    loop {
        let line = read_line(input)?.ok_or(NoHead::Broken("its head does not end"))?;
        if line.is_empty() {
            return head_of(fields);
        }
        if fields.len() >= MOST_LINES {
            return Err(NoHead::Broken("its head has too many lines"));
        }
        match (line.starts_with([' ', '\t']), fields.last_mut(), line.split_once(':')) {
            (true, Some((_, value)), _) => {
                value.push(' ');
                value.push_str(line.trim());
            }
            (false, _, Some((name, value))) => fields.push((name.trim().to_ascii_lowercase(), value.trim().to_owned())),
            _ => return Err(NoHead::Broken("its head has a line that is not a field")),
        }
    }
}

fn head_of(fields: Vec<(String, String)>) -> Result<Head, NoHead> {
    let field = |name: &str| fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let kind = match field("warc-type").map(str::to_ascii_lowercase).as_deref() {
        // What one of our own exports says twice.
        Some("response") if field(COPY_MARK).is_some() => Kind::Other,
        Some("response") => Kind::Response,
        Some("resource") => Kind::Resource,
        Some("revisit") => Kind::Revisit,
        Some(_) => Kind::Other,
        None => return Err(NoHead::Broken("it has no type")),
    };
    let length = field("content-length").and_then(|length| length.parse().ok());
    // Version 1.0 shows addresses in angle brackets, and so do some tools.
    let address = |name: &str| {
        let url = Url::parse(field(name)?.trim_start_matches('<').trim_end_matches('>')).ok();
        url.filter(|url| matches!(url.scheme(), "http" | "https"))
    };
    let (url, request) = (address("warc-target-uri"), address(REQUEST_MARK));
    let at = field("warc-date").and_then(parse_date);
    let length = length.ok_or(NoHead::Broken("it has no length"))?;
    Ok(Head { kind, url, request, at, length, is_page: kind != Kind::Other, fields })
}

/// A date of a record: as version 1.1 has it, also a year, a month, a day or a minute. Without a zone, as some tools
/// write it, it is UTC like any other.
pub fn parse_date(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.to_utc());
    }
    if let Some(at) = parse_timestamp(text) {
        return Some(at);
    }
    let bare = text.strip_suffix(['Z', 'z']).unwrap_or(text);
    // What is missing at its end is that of the first moment.
    let rest = FIRST_MOMENT.get(bare.len()..).filter(|_| matches!(bare.len(), 4 | 7 | 10 | 16 | 19))?;
    DateTime::parse_from_rfc3339(&format!("{bare}{rest}")).ok().map(|at| at.to_utc())
}

/// A line without its end; none at the end of the input.
fn read_line(input: &mut impl BufRead) -> Result<Option<String>, NoHead> {
    let mut line = Vec::new();
    input.take(LONGEST_LINE).read_until(b'\n', &mut line)?;
    match line.pop() {
        None => return Ok(None),
        Some(b'\n') => {}
        Some(_) => return Err(NoHead::Broken("its head has a line that does not end")),
    }
    line.pop_if(|last| *last == b'\r');
    Ok(Some(String::from_utf8_lossy(&line).into_owned()))
}
