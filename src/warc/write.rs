//! Writes snapshots as `response` records, one gzip member for each, as pywb and warcio read them.
//!
//! A snapshot holds the body as it was after content decoding, and the headers as they came. Headers that would
//! contradict such a body (Content-Encoding, Transfer-Encoding, a Content-Length of the coded body) are therefore no
//! part of the HTTP head that is written; each is told in a field of the record, `WARC-X-Pressdiff-Removed-Header`,
//! with its place among the headers. What was asked for, where redirects led away from it, and whose release it is, are
//! told in the same way, so that an import of an export gives the same record and guesses nothing.

use std::fmt::Write as _;
use std::io::{self, Write};

use chrono::{DateTime, SecondsFormat, Utc};
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};

use super::http::{COPY_MARK, REDIRECTS_MARK, REMOVED_MARK, REQUEST_MARK, SOURCE_MARK};
use crate::domain::hex::hex;
use crate::domain::model::{Fetched, Snapshot, SourceId};

/// Writes records to a file.
pub struct Writer<W: Write> {
    output: W,
    is_compressed: bool,
}

impl<W: Write> Writer<W> {
    /// A writer; compressed, each record is a gzip member of its own.
    pub fn new(output: W, is_compressed: bool) -> Self {
        Self { output, is_compressed }
    }

    /// The record that says who wrote the file.
    pub fn write_info(&mut self, now: DateTime<Utc>) -> io::Result<()> {
        let content = format!(
            "software: pressdiff/{}\r\nformat: WARC File Format 1.1\r\n\
             conformsTo: http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n",
            env!("CARGO_PKG_VERSION")
        );
        let id = record_id(&["warcinfo", &time(now)]);
        let head = format!(
            "WARC-Type: warcinfo\r\nWARC-Record-ID: {id}\r\nWARC-Date: {}\r\nContent-Type: application/warc-fields\r\n",
            time(now)
        );
        self.write_record(&head, content.as_bytes())
    }

    /// A snapshot, of a release of this source if it is of one, and before it the redirects that led to it.
    pub fn write_snapshot(&mut self, snapshot: &Snapshot, source: Option<&SourceId>) -> io::Result<()> {
        let fetched = &snapshot.fetched;
        for redirect in &fetched.redirects {
            let http = format!("HTTP/1.1 {} Redirect\r\nLocation: {}\r\n\r\n", redirect.status, redirect.to);
            let fields = format!("{COPY_MARK}: of snapshot {}\r\n", snapshot.id);
            self.write_response(redirect.from.as_str(), fetched.fetched_at, &fields, &http, b"")?;
        }
        let (http, fields) = http_head(fetched);
        let source = source.map(|source| format!("{SOURCE_MARK}: {}\r\n", without_line_ends(&source.0)));
        let fields = fields + &way(fetched)? + source.as_deref().unwrap_or_default();
        self.write_response(fetched.final_url.as_str(), fetched.fetched_at, &fields, &http, &fetched.body)
    }

    fn write_response(
        &mut self,
        url: &str,
        at: DateTime<Utc>,
        fields: &str,
        http: &str,
        body: &[u8],
    ) -> io::Result<()> {
        let content = [http.as_bytes(), body].concat();
        let (payload, block) = (hex(&Sha256::digest(body)), hex(&Sha256::digest(&content)));
        let id = record_id(&[url, &time(at), &block]);
        let head = format!(
            "WARC-Type: response\r\nWARC-Record-ID: {id}\r\nWARC-Date: {}\r\nWARC-Target-URI: {url}\r\n\
             WARC-Payload-Digest: sha256:{payload}\r\nWARC-Block-Digest: sha256:{block}\r\n{fields}\
             Content-Type: application/http; msgtype=response\r\n",
            time(at)
        );
        self.write_record(&head, &content)
    }

    fn write_record(&mut self, head: &str, content: &[u8]) -> io::Result<()> {
        let head = format!("WARC/1.1\r\n{head}Content-Length: {}\r\n\r\n", content.len());
        let parts = [head.as_bytes(), content, b"\r\n\r\n"];
        if !self.is_compressed {
            return parts.iter().try_for_each(|part| self.output.write_all(part));
        }
        let mut member = GzEncoder::new(&mut self.output, Compression::default());
        parts.iter().try_for_each(|part| member.write_all(part))?;
        member.finish().map(drop)
    }

    /// Writes what waits, and gives the output back.
    pub fn finish(mut self) -> io::Result<W> {
        self.output.flush()?;
        Ok(self.output)
    }
}

/// Status line and header lines that fit the body, and fields of the record for those that do not.
fn http_head(fetched: &Fetched) -> (String, String) {
    let mut http = format!("HTTP/1.1 {} {}\r\n", fetched.status, phrase(fetched.status));
    let mut fields = String::new();
    let length = fetched.body.len().to_string();
    for (place, (name, value)) in fetched.headers.iter().enumerate() {
        let value = without_line_ends(value);
        let contradicts = match name.as_str() {
            "content-encoding" | "transfer-encoding" => true,
            "content-length" => value != length,
            _ => false,
        };
        let _ = if contradicts {
            write!(fields, "{REMOVED_MARK}: {place} {name}: {value}\r\n")
        } else {
            write!(http, "{}: {value}\r\n", without_line_ends(name))
        };
    }
    http.push_str("\r\n");
    (http, fields)
}

/// What was asked for and how it led elsewhere.
fn way(fetched: &Fetched) -> io::Result<String> {
    if fetched.url == fetched.final_url && fetched.redirects.is_empty() {
        return Ok(String::new());
    }
    let redirects = serde_json::to_string(&fetched.redirects)?;
    Ok(format!("{REQUEST_MARK}: {}\r\n{REDIRECTS_MARK}: {redirects}\r\n", fetched.url))
}

fn without_line_ends(text: &str) -> String {
    text.replace(['\r', '\n'], " ")
}

/// Some readers want a word after the status.
fn phrase(status: u16) -> &'static str {
    match status {
        200..=299 => "OK",
        300..=399 => "Redirect",
        404 => "Not Found",
        410 => "Gone",
        _ => "Status",
    }
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// The same for the same record, so that an export can be compared with another one.
fn record_id(parts: &[&str]) -> String {
    let digest = hex(&Sha256::digest(parts.join("\n")));
    let (start, end) = (format!("{}-{}", &digest[..8], &digest[8..12]), &digest[20..32]);
    format!("<urn:uuid:{start}-8{}-8{}-{end}>", &digest[13..16], &digest[17..20])
}
