//! Why there is no complete answer, and whether trying later may help. How failures of the HTTP client are told
//! apart is in `diagnosis`.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use thiserror::Error;
use url::{Position, Url};

/// Why there is no complete answer.
#[derive(Debug, Error)]
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
    #[error("{host}: no secure connection: {problem}")]
    Tls {
        /// The host.
        host: String,
        /// What is wrong with it.
        problem: String,
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
    #[error("{host}: answer is not HTTP, or its head is too large")]
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
        /// What the decoder says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The body has a Content-Encoding that is unknown, and is compressed somehow.
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
    #[error("{host}: redirects form a loop")]
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

impl FetchError {
    /// What it is, in one word of a closed list.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Client(_) => "client",
            Self::Scheme { .. } | Self::UrlTooLong { .. } | Self::BadUrl { .. } => "address",
            Self::RefusedAddress { .. } => "private-address",
            Self::ForbiddenByRobots { .. } => "robots",
            Self::RobotsUnreachable { .. } => "robots-unreachable",
            Self::HostHeldBack { .. } => "held-back",
            Self::Lookup { .. } => "lookup",
            Self::Connect { .. } => "connect",
            Self::Tls { .. } => "tls",
            Self::Timeout { .. } => "timeout",
            Self::Reset { .. } => "reset",
            Self::Truncated { .. } => "truncated",
            Self::Malformed { .. } | Self::UnaskedNotModified { .. } => "malformed",
            Self::TooLarge { .. } => "too-large",
            Self::Decode { .. } | Self::UnknownCoding { .. } => "encoding",
            Self::BadRedirect { .. } | Self::RedirectLoop { .. } | Self::TooManyRedirects { .. } => "redirect",
        }
    }

    /// Whether the server said anything at all, or was not asked for another reason than its silence.
    pub fn is_of_answer(&self) -> bool {
        !matches!(self, Self::Lookup { .. } | Self::Connect { .. } | Self::Timeout { .. })
    }

    /// Whether the same request may well succeed later.
    pub fn is_transient(&self) -> bool {
        match self {
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
            Self::RobotsUnreachable { .. }
            | Self::HostHeldBack { .. }
            | Self::Lookup { .. }
            | Self::Connect { .. }
            | Self::Timeout { .. }
            | Self::Reset { .. }
            | Self::Truncated { .. } => true,
        }
    }
}

/// Host and, where the URL names one, port: what a request is rate-limited by and errors speak of. The default
/// ports are left out by [`Url`], so that `http` and `https` of one host share a queue.
pub(super) fn host_of(url: &Url) -> String {
    url[Position::BeforeHost..Position::AfterPort].to_owned()
}
