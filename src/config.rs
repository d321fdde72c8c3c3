//! Reads the configuration file: TOML into raw structs, raw structs into a checked [`Config`]. Every mistake is
//! reported at once, each with file, line, column, key and what would be right.

use std::path::PathBuf;
use std::time::Duration;

use crate::domain::model::{EventKind, Significance, Source, SourceId};

/// The whole configuration, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file it came from.
    pub path: PathBuf,
    /// Where the record is kept.
    pub store: StoreConfig,
    /// How pages are fetched.
    pub fetch: FetchConfig,
    /// What is watched.
    pub sources: Vec<Source>,
    /// Who is told.
    pub alerts: Vec<AlertConfig>,
}

/// `[store]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreConfig {
    /// Path of the SQLite file; in the file relative to the configuration, here joined with its folder.
    pub path: PathBuf,
}

/// `[fetch]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchConfig {
    /// Goes into the User-Agent: a mail address or a URL.
    pub contact: Option<String>,
    /// Requests under way at once, over all hosts.
    pub concurrency: usize,
    /// Least time between the starts of two requests to one host.
    pub per_host_interval: Duration,
    /// Total time for one request, redirects apart.
    pub timeout: Duration,
    /// Most bytes of a body after decompression.
    pub max_body: u64,
    /// Whether robots.txt is honoured.
    pub robots: bool,
    /// Whether loopback, private and link-local addresses may be fetched.
    pub allow_private_addresses: bool,
}

impl Default for FetchConfig {
    fn default() -> Self {
        Self {
            contact: None,
            concurrency: 8,
            per_host_interval: Duration::from_secs(1),
            timeout: Duration::from_secs(30),
            max_body: 16 << 20,
            robots: true,
            allow_private_addresses: false,
        }
    }
}

/// `[[alert]]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertConfig {
    /// Its name, unique.
    pub name: String,
    /// Where it goes.
    pub channel: Channel,
    /// Sources that it is about; all when empty.
    pub sources: Vec<SourceId>,
    /// Kinds that it is about; all when empty.
    pub kinds: Vec<EventKind>,
    /// Least significance.
    pub min_significance: Significance,
    /// Any of these words, in title or summary; all events when empty.
    pub keywords: Vec<String>,
}

/// A way to tell people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Channel {
    /// JSON Lines to a file, or to standard output.
    Log {
        /// The file; standard output when absent.
        path: Option<PathBuf>,
    },
}
