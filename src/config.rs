//! Reads the configuration file: from TOML, whose places are kept, straight into a checked [`Config`]. Every
//! mistake is reported at once, each with file, line, column, key and what would be right.
//!
//! `section` walks the TOML, `report` collects mistakes, `value` reads single values; `service`, `smtp`, `source`,
//! `alert` and `feed` know the keys.

mod alert;
mod channel;
mod error;
mod feed;
mod locate;
mod receiver;
mod report;
mod secret;
mod section;
mod service;
mod smtp;
mod source;
mod value;

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono_tz::Tz;
use toml::de::DeTable;
use url::Url;

use crate::domain::cadence::Cadence;
use crate::domain::model::Source;
use crate::domain::route::{Filter, Rhythm};

pub use channel::{Channel, DkimConfig, Login, SmtpConfig, Tls};
pub use error::{ConfigError, Mistake};
use report::{Problem, Report};
pub use secret::{Secret, SecretError};
use section::Section;

/// The whole configuration, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file it came from.
    pub path: PathBuf,
    /// Where the record is kept.
    pub store: StoreConfig,
    /// How pages are fetched.
    pub fetch: FetchConfig,
    /// The review pages.
    pub web: WebConfig,
    /// What is watched.
    pub sources: Vec<Source>,
    /// The server that sends mail; there when an alert goes by mail.
    pub smtp: Option<SmtpConfig>,
    /// Who is told.
    pub alerts: Vec<AlertConfig>,
    /// Feeds that are written for readers to subscribe to.
    pub feed: Option<FeedConfig>,
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

/// `[web]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebConfig {
    /// Whether the review pages are served.
    pub enabled: bool,
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// Whether the file names another address than the default: one that was asked for and cannot be had is an
    /// error.
    pub is_chosen: bool,
    /// Where readers find the pages, when that is another address than `listen`: behind a proxy.
    pub url: Option<Url>,
    /// The zone of the times until a reader chooses another.
    pub timezone: Tz,
}

impl Default for WebConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8787)),
            is_chosen: false,
            url: None,
            timezone: Tz::UTC,
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
    /// What it is about.
    pub filter: Filter,
    /// When it comes.
    pub rhythm: Rhythm,
    /// Name of the alert that is sent instead when this one cannot be delivered.
    pub fallback: Option<String>,
    /// When it says that everything is still watched, on the clocks of the rhythm's zone.
    pub heartbeat: Option<Cadence>,
}

/// `[feed]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedConfig {
    /// Where the files are written; in the file relative to the configuration, here joined with its folder.
    pub folder: PathBuf,
    /// The address under which the files of the folder can be read; ends in a slash.
    pub url: Option<Url>,
    /// Most entries of one feed.
    pub entries: u32,
}

impl Config {
    /// Which file to read: the given one; else the one that the variable `PRESSDIFF_CONFIG` names; else
    /// `config/pressdiff.toml` here, `pressdiff/pressdiff.toml` in the user's configuration folder or
    /// `/etc/pressdiff/pressdiff.toml`, whichever exists first.
    pub fn locate(explicit: Option<&Path>) -> Result<PathBuf, ConfigError> {
        locate::find(explicit, |name| std::env::var_os(name), Path::is_file)
    }

    /// Reads and checks a file.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text =
            fs::read_to_string(path).map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
        Self::parse(&text, path)
    }

    /// Checks the text of a file; paths in it are taken relative to the folder of `path`.
    pub fn parse(text: &str, path: &Path) -> Result<Self, ConfigError> {
        let (document, errors) = DeTable::parse_recoverable(text);
        let report = Report::new(text, &errors);
        let config = read(Section::root(&report, document.get_ref()), &report, path);
        let mistakes = report.into_mistakes();
        match config {
            Some(config) if mistakes.is_empty() => Ok(config),
            _ => Err(ConfigError::Mistakes { path: path.to_owned(), mistakes }),
        }
    }
}

fn read(mut root: Section<'_>, report: &Report<'_>, path: &Path) -> Option<Config> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let store = service::read_store(root.section("store"), folder);
    let fetch = service::read_fetch(root.section("fetch"));
    let web = service::read_web(root.section("web"));
    let has_smtp = root.has("smtp");
    let smtp = smtp::read(root.section("smtp"), folder);
    let (sources, ids) = source::read_all(root.sections("source"));
    if !root.has_items("source") {
        root.missing("source", &Problem::new("nothing to watch", "write [[source]] with id and listings"));
    }
    let surroundings = alert::Surroundings { sources: &ids, report, path, folder, store: &store.path, has_smtp };
    let alerts = alert::read_all(root.sections("alert"), &surroundings);
    let feed = feed::read(root.section("feed"), &ids, folder);
    root.finish();
    Some(Config { path: path.to_owned(), store, fetch, web, sources: sources?, smtp, alerts: alerts?, feed })
}

#[cfg(test)]
mod tests;
