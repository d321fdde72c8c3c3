//! The HTTP messages within records: head, chunks and content codings. Archives are often not consistent: a body
//! that is not coded as its head says is taken as it is.

use bytes::Bytes;

use super::head::{Head, Kind};
use super::read::Record;
use crate::domain::coding::{self, CodingError};
use crate::domain::model::Fetched;

/// Bytes of a decoded body.
const LONGEST_BODY: u64 = 64 << 20;
/// Bytes of a head, and lines of it.
const LONGEST_HEAD: usize = 512 << 10;
const MOST_LINES: usize = 1_000;
const DOCTYPE: &[u8] = b"<!doctype html";
/// Fields of our own exports: a header that does not fit the stored body, with its place; what was asked for, and how
/// it led to the answer; the source of a release; a record that repeats what the one after it says.
pub(super) const REMOVED_MARK: &str = "warc-x-pressdiff-removed-header";
pub(super) const REQUEST_MARK: &str = "warc-x-pressdiff-request";
pub(super) const REDIRECTS_MARK: &str = "warc-x-pressdiff-redirects";
pub(super) const SOURCE_MARK: &str = "warc-x-pressdiff-source";
pub(super) const COPY_MARK: &str = "warc-x-pressdiff-redirect";

/// A record whose content is no answer.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// It has no address or no time.
    #[error("it has no address or no time")]
    Unplaced,
    /// Its content does not begin with a status line.
    #[error("its content is not an HTTP response")]
    Form,
    /// Its head or body is too large.
    #[error("it is too large")]
    TooLarge,
}

/// An HTTP answer as it is in a record.
struct Answer<'a> {
    status: u16,
    headers: Vec<(String, String)>,
    body: &'a [u8],
}

/// The answer in a `response` or `resource` record, as if it had been fetched then.
pub fn capture_of(record: &Record) -> Result<Fetched, HttpError> {
    if record.head.kind == Kind::Resource {
        let media = record.head.field("content-type").unwrap_or("application/octet-stream");
        let headers = vec![("content-type".to_owned(), media.to_owned())];
        return fetched(&record.head, 200, headers, Bytes::copy_from_slice(&record.content));
    }
    let answer = parse(&record.content)?;
    let body = decode(&answer)?;
    fetched(&record.head, answer.status, stored_headers(&record.head, answer.headers), body)
}

/// Whether the content of a record may be a page, by how it begins.
pub(super) fn may_be_page(head: &Head, start: &[u8]) -> bool {
    let is_page = |media: &str, body: &[u8]| {
        let essence = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let doctype = body.trim_ascii_start().get(..DOCTYPE.len());
        matches!(essence.as_str(), "" | "text/html" | "application/xhtml+xml" | "text/plain")
            || doctype.is_some_and(|start| start.eq_ignore_ascii_case(DOCTYPE))
    };
    match (head.kind, parse(start)) {
        (Kind::Other, _) => false,
        (Kind::Resource, _) => is_page(head.field("content-type").unwrap_or_default(), start),
        (_, Ok(Answer { status, headers, body })) => {
            let media = headers.iter().find(|(name, _)| name == "content-type");
            matches!(status, 200 | 203) && is_page(media.map_or("", |(_, media)| media), body)
        }
        // What it repeats is elsewhere, or it is told when it has its turn.
        (_, Err(_)) => true,
    }
}

/// A `revisit` record with the answer that it says is the same: the head of its own, if it has one.
pub fn payload_of(revisit: &Record, original: &Fetched) -> Result<Fetched, HttpError> {
    let own = parse(&revisit.content).ok();
    let (status, headers) = own.map_or((original.status, original.headers.clone()), |answer| {
        (answer.status, stored_headers(&revisit.head, answer.headers))
    });
    fetched(&revisit.head, status, headers, original.body.clone())
}

fn fetched(head: &Head, status: u16, headers: Vec<(String, String)>, body: Bytes) -> Result<Fetched, HttpError> {
    let (Some(url), Some(fetched_at)) = (&head.url, head.at) else { return Err(HttpError::Unplaced) };
    let redirects = head.field(REDIRECTS_MARK).and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    let asked = head.asked().unwrap_or(url).clone();
    Ok(Fetched { url: asked, final_url: url.clone(), redirects, status, headers, body, fetched_at })
}

/// As a fetch keeps them: without those that speak of a coding that is gone.
fn stored_headers(head: &Head, headers: Vec<(String, String)>) -> Vec<(String, String)> {
    let is_coded = headers.iter().any(|(name, value)| {
        matches!(name.as_str(), "content-encoding" | "transfer-encoding") && !value.eq_ignore_ascii_case("identity")
    });
    let stays = |name: &str| match name {
        "content-encoding" | "transfer-encoding" => false,
        "content-length" => !is_coded,
        _ => true,
    };
    let mut headers: Vec<(String, String)> = headers.into_iter().filter(|(name, _)| stays(name)).collect();
    for (_, removed) in head.fields.iter().filter(|(name, _)| name == REMOVED_MARK) {
        let parts = removed.split_once(' ').and_then(|(place, line)| Some((place, line.split_once(':')?)));
        let Some((place, (name, value))) = parts else { continue };
        let place = place.parse().unwrap_or(usize::MAX).min(headers.len());
        headers.insert(place, (name.to_owned(), value.trim().to_owned()));
    }
    headers
}

/// Splits an answer into status, header lines and the rest.
fn parse(content: &[u8]) -> Result<Answer<'_>, HttpError> {
    let mut rest = content;
    let status = next_line(&mut rest).ok_or(HttpError::Form)?;
    let mut words = status.split_ascii_whitespace();
    let is_http = words.next().is_some_and(|word| word.starts_with("HTTP/"));
    let status = words.next().and_then(|word| word.parse().ok()).filter(|status| (100..1000).contains(status));
    let status: u16 = status.filter(|_| is_http).ok_or(HttpError::Form)?;
    let mut headers: Vec<(String, String)> = Vec::new();
    loop {
        if content.len() - rest.len() > LONGEST_HEAD || headers.len() > MOST_LINES {
            return Err(HttpError::TooLarge);
        }
        // Some archives end after the head.
        let Some(line) = next_line(&mut rest).filter(|line| !line.is_empty()) else { break };
        match (line.starts_with([' ', '\t']), headers.last_mut(), line.split_once(':')) {
            (true, Some((_, value)), _) => {
                value.push(' ');
                value.push_str(line.trim());
            }
            (false, _, Some((name, value))) => {
                headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()))
            }
            _ => {}
        }
    }
    Ok(Answer { status, headers, body: rest })
}

fn next_line(rest: &mut &[u8]) -> Option<String> {
    let end = rest.iter().take(LONGEST_HEAD).position(|byte| *byte == b'\n')?;
    let line = &rest[..end];
    *rest = &rest[end + 1..];
    // Header values are Latin-1 by tradition and UTF-8 by fashion.
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    Some(match std::str::from_utf8(line) {
        Ok(text) => text.to_owned(),
        Err(_) => line.iter().map(|byte| char::from(*byte)).collect(),
    })
}

fn decode(answer: &Answer<'_>) -> Result<Bytes, HttpError> {
    let transfer = answer.headers.iter().filter(|(key, _)| key == "transfer-encoding");
    let is_chunked =
        transfer.flat_map(|(_, value)| value.split(',')).any(|word| word.trim().eq_ignore_ascii_case("chunked"));
    let mut body = match is_chunked.then(|| dechunk(answer.body)).flatten() {
        Some(body) => Bytes::from(body),
        None => Bytes::copy_from_slice(answer.body),
    };
    let lines = answer.headers.iter().filter(|(key, _)| key == "content-encoding").map(|(_, value)| value.as_str());
    for coding in coding::codings(lines) {
        match coding::undo(&coding, &body, LONGEST_BODY) {
            Ok(decoded) => body = decoded,
            Err(CodingError::TooLarge) => return Err(HttpError::TooLarge),
            Err(CodingError::Damaged(_) | CodingError::Unknown) => {}
        }
    }
    Ok(body)
}

/// The body without its chunks, of an answer that was cut off as far as it goes; none if it has none.
fn dechunk(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::with_capacity(rest.len());
    // A size, as many bytes and a line end: no page that was decoded before looks so.
    let mut has_chunks = false;
    loop {
        let Some(size) = next_line(&mut rest).as_deref().and_then(chunk_size) else {
            return has_chunks.then_some(body);
        };
        if size == 0 {
            return Some(body);
        }
        let Some((chunk, after)) = rest.split_at_checked(size) else {
            body.extend_from_slice(rest);
            return has_chunks.then_some(body);
        };
        body.extend_from_slice(chunk);
        let next = after.strip_prefix(b"\r\n").or_else(|| after.strip_prefix(b"\n"));
        has_chunks |= next.is_some();
        rest = next.unwrap_or(after);
    }
}

fn chunk_size(line: &str) -> Option<usize> {
    usize::from_str_radix(line.split(';').next().unwrap_or_default().trim(), 16).ok()
}
