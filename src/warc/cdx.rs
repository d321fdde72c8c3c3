//! Listings of captures (CDX): what the Wayback Machine's index answers as text or JSON, files with a legend, and the
//! CDXJ lines that pywb and Browsertrix write. Where the captures themselves are is found elsewhere.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use chrono::{DateTime, NaiveDateTime, Utc};
use flate2::bufread::MultiGzDecoder;
use serde::de::{Deserialize, Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::Value;
use url::Url;

/// Bytes of one line.
const LONGEST_LINE: u64 = 64 << 10;
/// Bytes of a listing that is one JSON array.
const LONGEST_ARRAY: u64 = 256 << 20;
/// Columns of a row of it; those after them are passed over.
const MOST_COLUMNS: usize = 32;

/// Columns by the letters of the legend, as the index of the Wayback Machine answers them, and as older files have
/// them.
const COLUMNS_OF_SERVER: &str = "N b a m s k S";
const COLUMNS_OF_NINE: &str = "N b a m s k r V g";
const COLUMNS_OF_ELEVEN: &str = "N b a m s k r M S V g";

/// One line of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The address.
    pub url: Url,
    /// When it was captured, to the second.
    pub at: DateTime<Utc>,
    /// Status of the answer; none where the listing leaves it open, as for revisits.
    pub status: Option<u16>,
    /// Media type, if it is told.
    pub media: Option<String>,
    /// SHA-1 of the body in base 32, if it is told.
    pub digest: Option<String>,
    /// File and offset of the record, if they are told.
    pub record: Option<(String, u64)>,
}

impl Listed {
    /// Whether the capture may be a page, for all that the listing says.
    pub fn may_be_page(&self) -> bool {
        let is_page = |media: &str| matches!(media, "text/html" | "application/xhtml+xml" | "text/plain");
        self.status.is_none_or(|status| matches!(status, 200 | 203))
            && self.media.as_deref().is_none_or(|media| is_page(&media.to_ascii_lowercase()))
    }
}

/// A line that says nothing, with its number.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct BadLine {
    /// Its number, 1 first.
    pub line: usize,
    /// What is wrong with it.
    pub problem: String,
}

/// Whether a file is a listing, by its name or by how it begins.
pub fn is_listing(path: &Path) -> io::Result<bool> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    if [".cdx", ".cdxj"].iter().any(|ending| name.ends_with(ending)) {
        return Ok(true);
    }
    let mut start = Vec::new();
    open(path)?.take(512).read_to_end(&mut start)?;
    let start = String::from_utf8_lossy(&start);
    let line = start.trim_start_matches('\u{feff}').lines().next().unwrap_or_default();
    Ok(line.starts_with(" CDX ") || line.starts_with("[[") || Columns::default().read(line).is_ok())
}

/// Reads a listing, plain or compressed, and hands over every line that names a capture.
pub fn read_listing(path: &Path, take: &mut dyn FnMut(Result<Listed, BadLine>)) -> io::Result<()> {
    let mut input = open(path)?;
    if input.fill_buf()?.trim_ascii_start().starts_with(b"[") {
        return read_array(input, take);
    }
    let mut columns = Columns::default();
    for number in 1.. {
        let mut line = Vec::new();
        if input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']);
        if let Some(legend) = line.trim_start().strip_prefix("CDX ") {
            columns = Columns(Some(legend.to_owned()));
        } else if !line.trim().is_empty() && !line.starts_with('!') {
            take(columns.read(line.trim()).map_err(|problem| BadLine { line: number, problem }));
        }
    }
    Ok(())
}

fn open(path: &Path) -> io::Result<Box<dyn BufRead>> {
    let mut input = BufReader::new(File::open(path)?);
    if input.fill_buf()?.starts_with(&[0x1f, 0x8b]) {
        return Ok(Box::new(BufReader::new(MultiGzDecoder::new(input))));
    }
    Ok(Box::new(input))
}

/// A JSON array of rows, of which the first names the columns. One row is in memory at a time.
fn read_array(input: impl Read, take: &mut dyn FnMut(Result<Listed, BadLine>)) -> io::Result<()> {
    let mut json = serde_json::Deserializer::from_reader(BufReader::new(input.take(LONGEST_ARRAY)));
    json.deserialize_seq(Rows(take))?;
    Ok(json.end()?)
}

/// Takes the rows of an array as they come.
struct Rows<'a>(&'a mut dyn FnMut(Result<Listed, BadLine>));

impl<'de> Visitor<'de> for Rows<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<(), A::Error> {
        let Some(Row(names)) = rows.next_element()? else { return Ok(()) };
        let mut line = 1;
        while let Some(Row(row)) = rows.next_element()? {
            if !row.is_empty() {
                line += 1;
                let value = |name: &str| names.iter().position(|other| other == name).and_then(|at| row.get(at));
                (self.0)(listed(&|name| value(name).cloned()).map_err(|problem| BadLine { line, problem }));
            }
        }
        Ok(())
    }
}

/// The first columns of a row.
struct Row(Vec<String>);

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Columned)
    }
}

struct Columned;

impl<'de> Visitor<'de> for Columned {
    type Value = Row;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array of texts")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut columns: A) -> Result<Row, A::Error> {
        let mut row = Vec::new();
        while row.len() < MOST_COLUMNS {
            let Some(column) = columns.next_element()? else { return Ok(Row(row)) };
            row.push(column);
        }
        while columns.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Row(row))
    }
}

/// The letters of the columns, if a legend told them.
#[derive(Default)]
struct Columns(Option<String>);

impl Columns {
    fn read(&self, line: &str) -> Result<Listed, String> {
        if let Some(at) = line.find('{') {
            return read_json(&line[..at], &line[at..]);
        }
        let values: Vec<&str> = line.split_ascii_whitespace().collect();
        let letters = match (&self.0, values.len()) {
            (Some(legend), _) => legend.as_str(),
            (None, 9) => COLUMNS_OF_NINE,
            (None, 11) => COLUMNS_OF_ELEVEN,
            (None, 6 | 7) => COLUMNS_OF_SERVER,
            (None, count) => return Err(format!("it has {count} columns, and not 7, 9 or 11")),
        };
        let letters: Vec<&str> = letters.split_ascii_whitespace().collect();
        listed(&|name| {
            let letter = letter_of(name)?;
            let value = values.get(letters.iter().position(|other| *other == letter)?)?;
            Some((*value).to_owned())
        })
    }
}

/// The letter that a legend has for a column of the index.
fn letter_of(name: &str) -> Option<&'static str> {
    Some(match name {
        "timestamp" => "b",
        "original" => "a",
        "mimetype" => "m",
        "statuscode" => "s",
        "digest" => "k",
        "filename" => "g",
        "offset" => "V",
        _ => return None,
    })
}

/// `com,example)/ 20200101000000 {"url": …}`.
fn read_json(key: &str, json: &str) -> Result<Listed, String> {
    let values: Value = serde_json::from_str(json).map_err(|error| error.to_string())?;
    let at = key.split_ascii_whitespace().nth(1).unwrap_or_default();
    listed(&|name| {
        let key = match name {
            "timestamp" => return Some(at.to_owned()),
            "original" => "url",
            "mimetype" => "mime",
            "statuscode" => "status",
            other => other,
        };
        match values.get(key)? {
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    })
}

/// A line by its columns; `-` is no value.
fn listed(value: &dyn Fn(&str) -> Option<String>) -> Result<Listed, String> {
    let value = |name: &str| value(name).filter(|value| value != "-" && !value.is_empty());
    let at = value("timestamp").and_then(|at| parse_timestamp(&at)).ok_or("it has no time of 14 digits")?;
    let url = value("original").and_then(|url| Url::parse(&url).ok());
    let url = url.filter(|url| matches!(url.scheme(), "http" | "https")).ok_or("it has no address")?;
    let offset = value("offset").and_then(|offset| offset.parse().ok());
    let digest = value("digest").map(|digest| digest.trim_start_matches("sha1:").to_ascii_uppercase());
    Ok(Listed {
        url,
        at,
        status: value("statuscode").and_then(|status| status.parse().ok()),
        media: value("mimetype").filter(|media| media.contains('/') && media != "warc/revisit"),
        digest: digest.filter(|digest| digest.len() == 32),
        record: value("filename").zip(offset),
    })
}

/// A time of 14 digits, as archives write it.
pub fn parse_timestamp(text: &str) -> Option<DateTime<Utc>> {
    let is_timestamp = text.len() == 14 && text.bytes().all(|byte| byte.is_ascii_digit());
    let at = is_timestamp.then(|| NaiveDateTime::parse_from_str(text, "%Y%m%d%H%M%S").ok())?;
    at.map(|at| at.and_utc())
}

/// The digest of a body as listings write it: SHA-1 in base 32.
pub fn digest_of(body: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, body);
    let groups = digest.as_ref().chunks(5).map(|bytes| {
        let group = bytes.iter().fold(0_u64, |group, byte| group << 8 | u64::from(*byte));
        (0..8).rev().map(move |place| char::from(LETTERS[(group >> (place * 5) & 31) as usize])).collect::<String>()
    });
    groups.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Listed {
        Columns::default().read(line).unwrap()
    }

    #[test]
    fn lines_of_all_forms_say_the_same() {
        let digest = "ZMSA5TNJUKKRYAIM5PRUJLL24DV7QYOO";
        let seven = read(&format!("org,quay)/a 20190301100000 http://quay.example/a text/html 200 {digest} 812"));
        let eleven = read(&format!(
            "org,quay)/a 20190301100000 http://quay.example/a text/html 200 {digest} - - 812 40 q.warc.gz"
        ));
        let json = read(&format!(
            "org,quay)/a 20190301100000 {{\"url\": \"http://quay.example/a\", \"mime\": \"text/html\", \"status\": \"200\", \
             \"digest\": \"sha1:{digest}\", \"length\": \"812\", \"offset\": 40, \"filename\": \"q.warc.gz\"}}"
        ));
        assert_eq!(eleven, json);
        assert_eq!(eleven.record, Some(("q.warc.gz".to_owned(), 40)));
        assert_eq!(seven, Listed { record: None, ..eleven });
        assert_eq!(seven.at.to_rfc3339(), "2019-03-01T10:00:00+00:00");
    }

    #[test]
    fn a_revisit_has_no_status_and_a_line_without_a_time_is_refused() {
        let line =
            read("org,quay)/a 20190301100000 http://quay.example/a warc/revisit - ZMSA5TNJUKKRYAIM5PRUJLL24DV7QYOO 5");
        assert_eq!((line.status, line.media), (None, None));
        assert!(Columns::default().read("a b http://quay.example/a text/html 200 X 5").is_err());
        assert!(Columns::default().read("nonsense").is_err());
    }

    #[test]
    fn rows_of_an_array_are_taken_as_they_come() {
        let row = "[\"20190301100000\", \"http://quay.example/a\"]";
        let array = format!("[[\"timestamp\", \"original\"], {row}, [], [\"{}\"], {row}, 5]", "x\", \"".repeat(90));
        let (mut taken, mut bad) = (0, Vec::new());
        let mut take = |listed: Result<Listed, BadLine>| match listed {
            Ok(_) => taken += 1,
            Err(line) => bad.push(line.line),
        };
        // What is broken at its end says what stands before that.
        assert!(read_array(array.as_bytes(), &mut take).is_err());
        assert_eq!((taken, bad), (2, vec![3]));
    }

    #[test]
    fn the_digest_is_that_of_archives() {
        assert_eq!(digest_of(b""), "3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ");
    }
}
