//! What a failure of the HTTP client was: told by the types in its chain of causes, never by their text.

use std::error::Error;
use std::io;

use tokio_rustls::rustls;

use super::error::{FetchError, Stage};
use super::tls;

/// A name resolved to nothing but addresses that may not be connected to.
#[derive(Debug, thiserror::Error)]
#[error("no public address")]
pub(super) struct NotPublic;

impl FetchError {
    /// What went wrong between the request and the end of the headers.
    pub(super) fn sending(error: reqwest::Error, host: String) -> Self {
        let source = error.without_url();
        if causes(&source).any(<dyn Error>::is::<NotPublic>) {
            Self::RefusedAddress { host }
        } else if source.is_builder() {
            Self::BadUrl { host, source }
        } else if source.is_timeout() {
            let stage = if source.is_connect() { Stage::Connecting } else { Stage::Waiting };
            Self::Timeout { host, stage }
        } else if source.is_dns() {
            Self::Lookup { host, source }
        } else if source.is_connect() && has_io(&source, io::ErrorKind::InvalidData) {
            // rustls reports every broken rule of TLS, bad certificates included, as invalid data.
            Self::Tls { host, problem: tls_problem(&source) }
        } else if source.is_connect() {
            Self::Connect { host, source }
        } else if below_http(&source).is_some_and(hyper::Error::is_parse) {
            Self::Malformed { host, source }
        } else {
            Self::Reset { host, source }
        }
    }

    /// What went wrong after the headers, `got` decoded bytes into the body.
    pub(super) fn reading(error: reqwest::Error, host: String, expected: Option<u64>, got: u64) -> Self {
        let source = error.without_url();
        if source.is_timeout() {
            return Self::Timeout { host, stage: Stage::Reading };
        }
        // Below the decoders is hyper: without a word from it, the bytes came and were not what they should be.
        match below_http(&source) {
            None => Self::Decode { host, source: Box::new(source) },
            Some(http) if http.is_incomplete_message() || has_io(&source, io::ErrorKind::UnexpectedEof) => {
                Self::Truncated { host, expected, got }
            }
            Some(_) => Self::Reset { host, source },
        }
    }
}

fn tls_problem(error: &reqwest::Error) -> String {
    let found = causes(error).find_map(|cause| cause.downcast_ref::<rustls::Error>());
    found.map_or_else(|| error.to_string(), tls::problem)
}

fn below_http(error: &reqwest::Error) -> Option<&hyper::Error> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

fn has_io(error: &reqwest::Error, kind: io::ErrorKind) -> bool {
    causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).any(|cause| cause.kind() == kind)
}

/// The error and all below it. An [`io::Error`] names as its source that of the error it wraps, not the
/// wrapped one, which therefore is asked for.
fn causes<'error>(error: &'error (dyn Error + 'static)) -> impl Iterator<Item = &'error (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| match error.downcast_ref::<io::Error>() {
        Some(io) => io.get_ref().map(|wrapped| wrapped as &(dyn Error + 'static)),
        None => error.source(),
    })
}
