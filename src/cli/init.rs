//! `pressdiff init`: looks at a site and writes the configuration that watches it.

mod draft;

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use indicatif::ProgressBar;
use url::Url;

use self::draft::Draft;
use super::failure::{Status, UsageError};
use super::output::tame;
use super::session::Session;
use crate::config::{Config, FetchConfig};
use crate::domain::counted::counted;
use crate::fetch::{FetchError, Fetcher};
use crate::track::{Finding, FoundFeed, FoundListing, Preview, Scout, ScoutError};

/// Look at a site and write the configuration that watches it.
///
/// Looks at a site: at its news section, its first page, a feed, or a single page. Shows what it found and what a check
/// would watch, and writes a configuration with comments. It asks nothing: what it got wrong is changed in the file.
/// Takes up to half a minute, because the site is asked politely.
#[derive(Debug, Args)]
pub(super) struct Init {
    /// Where to look: the page that lists the releases is best
    #[arg(value_name = "URL")]
    url: String,
    /// The file to write, which must not exist yet; `-` is standard output
    #[arg(long, short, value_name = "FILE", default_value = "config/pressdiff.toml")]
    output: PathBuf,
    /// The site is on your own network
    #[arg(long)]
    allow_private_addresses: bool,
    /// Shortest time between two requests, in milliseconds
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(0..=60_000))]
    interval: u64,
}

impl Init {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Status> {
        let url = self.address()?;
        let is_printed = self.output == Path::new("-");
        if !is_printed && self.output.symlink_metadata().is_ok() {
            let file = self.output.display();
            return Err(UsageError(format!(
                "{file} is there already; --output FILE writes elsewhere, --output - only shows"
            ))
            .into());
        }
        let fetch = FetchConfig {
            allow_private_addresses: self.allow_private_addresses,
            per_host_interval: Duration::from_millis(self.interval),
            ..FetchConfig::default()
        };
        let finding = look(&url, &fetch, session).await?;
        if finding.is_empty() {
            session.output.complain(&nothing_found(&url, &finding));
            return Ok(Status::Incomplete);
        }
        let draft = Draft { url: &url, finding: &finding, fetch: &fetch }.text();
        // What is written has to be what is read.
        Config::parse(&draft, &self.output).context("the configuration that was drafted has mistakes")?;
        if is_printed {
            session.output.note(&tell(&finding));
            session.output.print(&draft)?;
            return Ok(Status::Done);
        }
        session.output.print(&tell(&finding))?;
        write(&self.output, &draft).with_context(|| format!("cannot write {}", self.output.display()))?;
        session.output.print(&tell_next(&self.output))?;
        Ok(Status::Done)
    }

    /// `example.org/news` is taken for what people mean by it.
    fn address(&self) -> Result<Url, UsageError> {
        let text = self.url.trim();
        let url = if text.contains("://") { Url::parse(text) } else { Url::parse(&format!("https://{text}")) };
        let url = url.map_err(|error| UsageError(format!("{text}: no address: {error}")))?;
        if matches!(url.scheme(), "http" | "https") && url.has_host() && url.username().is_empty() {
            return Ok(url);
        }
        Err(UsageError(format!("{text}: only http and https addresses without a user name are watched")))
    }
}

async fn look(url: &Url, fetch: &FetchConfig, session: &Session) -> anyhow::Result<Finding> {
    let bar = session.output.bars.add(ProgressBar::new_spinner());
    bar.enable_steady_tick(Duration::from_millis(100));
    let watcher = |url: &Url| bar.set_message(tame(url.as_str()));
    let fetcher = Fetcher::new(fetch, session.clock.clone())?;
    let finding = Scout { fetcher: &fetcher, watcher: &watcher }.look(url).await;
    bar.finish_and_clear();
    match finding {
        Err(ScoutError::Fetch(FetchError::RefusedAddress { host })) => {
            bail!("{host}: not a public address; for a site on your own network add --allow-private-addresses")
        }
        finding => Ok(finding?),
    }
}

fn nothing_found(url: &Url, finding: &Finding) -> String {
    let problems = finding.problems.join("\n");
    let end = if problems.is_empty() { "" } else { "\n" };
    format!(
        "{problems}{end}{url}: nothing here looks like a list of releases, and no feed or sitemap names any. Give the address of \
         the page that lists them; a page whose list is filled in by a script cannot be read."
    )
}

/// What was found, and what a check would watch.
fn tell(finding: &Finding) -> String {
    let mut text = String::new();
    if !finding.site_name.is_empty() {
        let _ = writeln!(text, "{}", finding.site_name);
    }
    finding.listings.iter().for_each(|listing| text.push_str(&tell_listing(listing)));
    finding.feeds.iter().for_each(|feed| text.push_str(&tell_feed(feed)));
    let use_of_sitemaps = if finding.needs_sitemaps { "releases are taken from it" } else { "not needed" };
    finding.sitemaps.iter().for_each(|sitemap| {
        let _ = writeln!(text, "  sitemap  {sitemap}  {use_of_sitemaps}");
    });
    if let Some(page) = &finding.page {
        let _ = writeln!(text, "  page     {page}  a single document, watched by its own address");
    }
    finding.problems.iter().for_each(|problem| {
        let _ = writeln!(text, "  problem  {problem}");
    });
    let releases = counted(finding.entries.len(), "release", "releases");
    if finding.page.is_none() {
        let more = finding.listings.iter().any(|listing| listing.more.is_some());
        let bound = if more { "at least " } else { "" };
        let shown = finding.previews.len();
        let _ = writeln!(text, "\nA check would watch {bound}{releases}; the first {shown} as they are read:");
    } else {
        text.push_str("\nAs it is read:\n");
    }
    finding.previews.iter().for_each(|preview| text.push_str(&tell_preview(preview)));
    tame(&text)
}

fn tell_listing(FoundListing { url, entries, more }: &FoundListing) -> String {
    let more = more.map(|more| format!(", {more} more on its second page")).unwrap_or_default();
    format!("  listing  {url}  {}{more}\n", counted(*entries, "release", "releases"))
}

fn tell_feed(FoundFeed { url, entries, is_declared }: &FoundFeed) -> String {
    let by = if *is_declared { ", named by a listing" } else { "" };
    format!("  feed     {url}  {}{by}\n", counted(*entries, "release", "releases"))
}

fn tell_preview(preview: &Preview) -> String {
    let day = preview.day.map_or_else(|| "no date   ".to_owned(), |day| day.to_string());
    let title = if preview.title.is_empty() { "(no title)" } else { &preview.title };
    let text = if preview.words == 0 { "  (no text found)" } else { "" };
    format!("  {day}  {title}{text}\n              {}\n", preview.url)
}

/// Where commands find the file by themselves, they are told without it.
fn tell_next(file: &Path) -> String {
    let is_found = Config::locate(None).is_ok_and(|found| found == file);
    let file = file.display();
    let option = if is_found { String::new() } else { format!(" --config {file}") };
    format!(
        "\nWrote {file}; look at its comments, and put your address into [fetch] contact. Next:\n\n    \
         pressdiff check{option}    takes the baseline; from then on it reports what changed\n    \
         pressdiff run{option}      does so on schedule\n"
    )
}

/// Never over a file that has come meanwhile.
fn write(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())
}
