//! Why there is no complete answer, and whether trying later may help. Failures of the HTTP client are told
//! apart by the types in their chain of causes, never by their text.

use std::error::Error;
use std::io;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use thiserror::Error;
use url::{Position, Url};

/// Why there is no complete answer.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The HTTP client could not be built: no certificates on this machine, or a contact that is no header text.
    #[error("the HTTP client cannot be set up")]
    Client(#[source] reqwest::Error),
    /// Neither http nor https.
    #[error("only http and https are fetched, not {scheme}")]
    Scheme {
        /// What it was.
        scheme: String,
    },
    /// The address has more characters than servers take.
    #[error("{host}: address longer than {limit} bytes")]
    UrlTooLong {
        /// Where it points.
        host: String,
        /// Most bytes.
        limit: usize,
    },
    /// The address cannot be put into a request.
    #[error("{host}: address cannot be requested")]
    BadUrl {
        /// Where it points.
        host: String,
        /// What the client says.
        source: reqwest::Error,
    },
    /// The host is on a loopback, private or otherwise not public address.
    #[error("{host}: not a public address (see allow_private_addresses)")]
    RefusedAddress {
        /// The host.
        host: String,
    },
    /// robots.txt asks us to stay away from this address.
    #[error("{host}: robots.txt forbids {path}")]
    ForbiddenByRobots {
        /// The host.
        host: String,
        /// The path that it forbids.
        path: String,
    },
    /// robots.txt could not be read, so that nobody knows what is allowed.
    #[error("{host}: robots.txt cannot be read")]
    RobotsUnreachable {
        /// The host.
        host: String,
        /// What happened.
        source: Arc<RobotsTrouble>,
    },
    /// The host asked for a long pause, which is not over.
    #[error("{host}: asked for a pause until {until}")]
    HostHeldBack {
        /// The host.
        host: String,
        /// When the pause ends.
        until: DateTime<Utc>,
    },
    /// The name of the host has no address, or the resolver does not answer.
    #[error("{host}: name cannot be resolved")]
    Lookup {
        /// The host.
        host: String,
        /// What the client says.
        source: reqwest::Error,
    },
    /// No connection.
    #[error("{host}: cannot connect")]
    Connect {
        /// The host.
        host: String,
        /// What the client says.
        source: reqwest::Error,
    },
    /// The connection is not secure: a bad certificate, or no TLS at all.
    #[error("{host}: no secure connection")]
    Tls {
        /// The host.
        host: String,
        /// What the client says.
        source: reqwest::Error,
    },
    /// The request took longer than it may.
    #[error("{host}: timed out while {stage}")]
    Timeout {
        /// The host.
        host: String,
        /// How far it had come.
        stage: Stage,
    },
    /// The connection broke.
    #[error("{host}: connection broke")]
    Reset {
        /// The host.
        host: String,
        /// What the client says.
        source: reqwest::Error,
    },
    /// The body ended before it was complete.
    #[error("{host}: body cut short after {got} bytes{}", expected.map(|all| format!(" of {all}")).unwrap_or_default())]
    Truncated {
        /// The host.
        host: String,
        /// Bytes announced, where the answer was not compressed and said so.
        expected: Option<u64>,
        /// Bytes received, after decoding.
        got: u64,
    },
    /// The answer is not HTTP, or its header is larger than the client takes.
    #[error("{host}: answer is not HTTP")]
    Malformed {
        /// The host.
        host: String,
        /// What the client says.
        source: reqwest::Error,
    },
    /// The body is larger than `max_body`.
    #[error("{host}: body larger than {limit} bytes")]
    TooLarge {
        /// The host.
        host: String,
        /// Most bytes after decoding.
        limit: u64,
    },
    /// The body is not in the Content-Encoding that its header names.
    #[error("{host}: body is not encoded as its header says")]
    Decode {
        /// The host.
        host: String,
        /// What the client says.
        source: reqwest::Error,
    },
    /// The body has a Content-Encoding that is unknown, or several.
    #[error("{host}: unknown content encoding {coding:?}")]
    UnknownCoding {
        /// The host.
        host: String,
        /// What the header says.
        coding: String,
    },
    /// A redirect without an address, or with one that cannot be read.
    #[error("{host}: redirect {status} without a usable address")]
    BadRedirect {
        /// The host.
        host: String,
        /// Its status.
        status: u16,
    },
    /// Redirects lead back to where they began.
    #[error("{host}: redirects lead in a circle")]
    RedirectLoop {
        /// The host that closed the circle.
        host: String,
    },
    /// More redirects than are followed.
    #[error("{host}: more than {limit} redirects")]
    TooManyRedirects {
        /// The host of the last one.
        host: String,
        /// Most redirects.
        limit: usize,
    },
    /// "Not modified" although nothing was said about an earlier copy.
    #[error("{host}: answers 304 without having been asked whether the page changed")]
    UnaskedNotModified {
        /// The host.
        host: String,
    },
}

/// How far a request had come when time was up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Resolving, connecting, TLS.
    Connecting,
    /// Waiting for status and headers.
    Waiting,
    /// Reading the body.
    Reading,
}

impl std::fmt::Display for Stage {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Connecting => "connecting",
            Self::Waiting => "waiting for the answer",
            Self::Reading => "reading the body",
        })
    }
}

/// Why robots.txt could not be read.
#[derive(Debug, Error)]
pub enum RobotsTrouble {
    /// An answer that says nothing about the rules.
    #[error("answered with status {0}")]
    Status(u16),
    /// No answer.
    #[error(transparent)]
    Fetch(#[from] Box<FetchError>),
}

/// A name resolved to nothing but addresses that may not be connected to.
#[derive(Debug, Error)]
#[error("no public address")]
pub(super) struct NotPublic;

impl FetchError {
    /// Whether the same request may well succeed later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::RobotsUnreachable { .. } | Self::HostHeldBack { .. } => true,
            Self::Client(_)
            | Self::Scheme { .. }
            | Self::UrlTooLong { .. }
            | Self::BadUrl { .. }
            | Self::RefusedAddress { .. }
            | Self::ForbiddenByRobots { .. }
            | Self::Tls { .. }
            | Self::Malformed { .. }
            | Self::TooLarge { .. }
            | Self::Decode { .. }
            | Self::UnknownCoding { .. }
            | Self::BadRedirect { .. }
            | Self::RedirectLoop { .. }
            | Self::TooManyRedirects { .. }
            | Self::UnaskedNotModified { .. } => false,
            Self::Lookup { .. }
            | Self::Connect { .. }
            | Self::Timeout { .. }
            | Self::Reset { .. }
            | Self::Truncated { .. } => true,
        }
    }

    /// What went wrong between the request and the end of the headers.
    pub(super) fn sending(error: reqwest::Error, host: String) -> Self {
        let source = error.without_url();
        if causes(&source).any(|cause| cause.is::<NotPublic>()) {
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
            Self::Tls { host, source }
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
            None => Self::Decode { host, source },
            Some(http) if http.is_incomplete_message() || has_io(&source, io::ErrorKind::UnexpectedEof) => {
                Self::Truncated { host, expected, got }
            }
            Some(_) => Self::Reset { host, source },
        }
    }
}

/// Host and, where the URL names one, port: what a request is rate-limited by and errors speak of. The default
/// ports are left out by [`Url`], so that `http` and `https` of one host share a queue.
pub(super) fn host_of(url: &Url) -> String {
    url[Position::BeforeHost..Position::AfterPort].to_owned()
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
