//! One request and its whole answer: the HTTP client with its limits, and the body read to its end. Nothing
//! here waits, follows or tries again. The client keeps its defaults for headers over HTTP/1: 100 lines and
//! 400 KiB.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH,
};
use reqwest::{Client, RequestBuilder, Response, redirect};
use url::Url;

use super::address_guard::AddressGuard;
use super::error::{FetchError, host_of};
use super::redirect::is_redirect;
use crate::config::FetchConfig;
use crate::domain::coding::{self, CodingError};
use crate::domain::model::Validators;

const MAX_CONNECT_TIME: Duration = Duration::from_secs(10);
const ACCEPTED: HeaderValue =
    HeaderValue::from_static("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
/// Bytes of headers over HTTP/2, where the default of 16 KiB is less than some sites send.
const MAX_HTTP2_HEADERS: u32 = 64 << 10;

/// Bytes that are set aside for a body whose length is promised; growing as it comes costs more than receiving it.
const MOST_ROOM: u64 = 1 << 20;

/// What to do with a body that does not end.
#[derive(Clone, Copy, Debug)]
pub(super) enum BodyLimit {
    /// More bytes than these are an error.
    Refuse(u64),
    /// What follows these bytes is left unread.
    Cut(u64),
}

/// How to ask.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ask<'request> {
    /// What is known of an earlier answer of this very address.
    pub(super) validators: &'request Validators,
    /// How much of the body to take.
    pub(super) limit: BodyLimit,
    /// Whether to ask for a body without compression.
    pub(super) identity: bool,
}

/// An answer, complete; the body of a redirect is left unread.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// The HTTP client: redirects are ours to follow, proxies of the environment would bypass the guard.
pub(super) fn build(config: &FetchConfig, guard: AddressGuard) -> Result<Client, FetchError> {
    Client::builder()
        .user_agent(user_agent(config.contact.as_deref()))
        .default_headers(HeaderMap::from_iter([(ACCEPT, ACCEPTED)]))
        .redirect(redirect::Policy::none())
        .no_proxy()
        .dns_resolver(guard)
        .connect_timeout(config.timeout.min(MAX_CONNECT_TIME))
        .timeout(config.timeout)
        .http2_max_header_list_size(MAX_HTTP2_HEADERS)
        .build()
        .map_err(FetchError::Client)
}

fn user_agent(contact: Option<&str>) -> String {
    let name = concat!("pressdiff/", env!("CARGO_PKG_VERSION"));
    contact.map_or_else(|| name.to_owned(), |contact| format!("{name} (+{contact})"))
}

/// Sends one GET and reads the answer to its end.
pub(super) async fn get(client: &Client, url: &Url, ask: &Ask<'_>) -> Result<Answer, FetchError> {
    let host = host_of(url);
    let request = with_conditions(client.get(url.clone()), ask);
    let response = request.send().await.map_err(|error| FetchError::sending(error, host.clone()))?;
    let (status, mut headers) = (response.status().as_u16(), response.headers().clone());
    if is_redirect(status) {
        return Ok(Answer { status, headers, body: Bytes::new() });
    }
    let body = read_body(response, ask.limit, host.clone()).await?;
    let body = undo_codings(&mut headers, body, ask.limit, &host)?;
    Ok(Answer { status, headers, body })
}

/// Validators that are no header text cannot have come from a header and are left out.
fn with_conditions(mut request: RequestBuilder, ask: &Ask<'_>) -> RequestBuilder {
    let conditions = [(IF_NONE_MATCH, &ask.validators.etag), (IF_MODIFIED_SINCE, &ask.validators.last_modified)];
    for (name, value) in conditions {
        if let Some(value) = value.as_deref().and_then(|value| HeaderValue::from_str(value).ok()) {
            request = request.header(name, value);
        }
    }
    if ask.identity { request.header(ACCEPT_ENCODING, "identity") } else { request }
}

/// The client takes the header away of what it has decoded. It knows each coding by one name and alone; by others, and
/// several, they are undone here, and their headers taken away as well.
fn undo_codings(headers: &mut HeaderMap, body: Bytes, limit: BodyLimit, host: &str) -> Result<Bytes, FetchError> {
    let lines: Vec<String> = headers
        .get_all(CONTENT_ENCODING)
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .collect();
    let host = || host.to_owned();
    let (BodyLimit::Refuse(limit) | BodyLimit::Cut(limit)) = limit;
    let mut decoded = body;
    for coding in coding::codings(lines.iter().map(String::as_str)) {
        // An answer without a body may name its coding all the same.
        if decoded.is_empty() {
            break;
        }
        decoded = match coding::undo(&coding, &decoded, limit) {
            Ok(decoded) => decoded,
            Err(CodingError::Unknown) if coding::is_plain(&decoded) => return Ok(decoded),
            Err(CodingError::Unknown) => {
                return Err(FetchError::UnknownCoding { host: host(), coding: lines.join(", ") });
            }
            Err(CodingError::TooLarge) => return Err(FetchError::TooLarge { host: host(), limit }),
            Err(CodingError::Damaged(source)) => {
                return Err(FetchError::Decode { host: host(), source: Box::new(source) });
            }
        };
        headers.remove(CONTENT_ENCODING);
        headers.remove(CONTENT_LENGTH);
    }
    Ok(decoded)
}

async fn read_body(response: Response, limit: BodyLimit, host: String) -> Result<Bytes, FetchError> {
    let expected = response.content_length();
    if let BodyLimit::Refuse(limit) = limit
        && expected.is_some_and(|expected| expected > limit)
    {
        return Err(FetchError::TooLarge { host, limit });
    }
    let room = expected.unwrap_or_default().min(MOST_ROOM);
    let mut body = BytesMut::with_capacity(usize::try_from(room).unwrap_or_default());
    match collect(&mut body, response.bytes_stream(), limit).await {
        Ok(true) => Ok(body.freeze()),
        Ok(false) => match limit {
            BodyLimit::Refuse(limit) => Err(FetchError::TooLarge { host, limit }),
            BodyLimit::Cut(_) => Ok(body.freeze()),
        },
        Err(error) => Err(FetchError::reading(error, host, expected, body.len() as u64)),
    }
}

/// Fills `body` up to the limit; whether that was all.
async fn collect(
    body: &mut BytesMut,
    chunks: impl Stream<Item = reqwest::Result<Bytes>>,
    limit: BodyLimit,
) -> reqwest::Result<bool> {
    let (BodyLimit::Refuse(limit) | BodyLimit::Cut(limit)) = limit;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut chunks = std::pin::pin!(chunks);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        let room = limit - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() > room {
            return Ok(false);
        }
    }
    Ok(true)
}
