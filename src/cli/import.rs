//! `pressdiff import`: captures from WARC files, in the order of time, into the history of a source.

mod captures;

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;

use self::captures::Captures;
use super::check::chosen;
use super::failure::{Status, UsageError};
use super::progress::bar;
use super::service::stop_signal;
use super::session::Session;
use crate::domain::discover::{Entry, keep_releases};
use crate::domain::model::{Fetched, Source};
use crate::store::Store;
use crate::track::{Imported, Importer};

/// Takes the captures of a source in WARC files (of wget, Browsertrix, the Wayback Machine and others, plain or
/// compressed record by record) into its history, as if they had been fetched when they were recorded: snapshots,
/// versions and events, which are marked as imported. Nobody is alerted. What is known already is passed over, so an
/// import that was interrupted is simply started again. Captures that are older than what is known of their release
/// are kept, but make no versions.
#[derive(Debug, Args)]
pub(super) struct Import {
    /// Files with captures
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Id of the source they belong to; its `include` or its known releases tell releases from other pages
    #[arg(long, value_name = "SOURCE")]
    source: String,
}

/// Captures, and bytes of bodies, that are taken in at once.
const MOST_AT_ONCE: usize = 64;
const BYTES_AT_ONCE: usize = 8 << 20;
/// Pages from which the template of the source is learned.
const MOST_SAMPLES: usize = 48;

impl Import {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Status> {
        let config = session.config()?;
        let source = chosen(&config, std::slice::from_ref(&self.source))?.remove(0).clone();
        if let Some(missing) = self.files.iter().find(|file| !file.is_file()) {
            return Err(UsageError(format!("there is no file {}", missing.display())).into());
        }
        let store = Store::open(&config.store.path)?;
        let sources = config.sources.iter().map(|source| (source.id.clone(), source.name.clone()));
        store.sync_sources(sources.collect()).await?;
        let stop = stop_signal()?;
        tokio::select! {
            status = import(self.files, source, store, session) => status,
            () = stop => {
                session.output.complain("interrupted; the same command goes on from here");
                Ok(Status::Incomplete)
            }
        }
    }
}

async fn import(files: Vec<PathBuf>, source: Source, store: Store, session: &Session) -> anyhow::Result<Status> {
    let output = session.output.clone();
    let mut captures = tokio::task::spawn_blocking(move || Captures::index(files, &output)).await?;
    let mut importer = Importer::new(store, source.clone()).await?;
    captures.keep(&releases_among(&captures, &source, &importer).await?);
    if captures.left() == 0 {
        session.output.complain(&format!(
            "no capture is a release of {}; its `include` in the configuration says which addresses are",
            source.id
        ));
    }
    captures = learn(captures, &mut importer).await?;
    let bar = bar(&session.output, "importing", captures.left() as u64);
    let mut total = Imported::default();
    loop {
        let (batch, rest) = next_batch(captures).await?;
        captures = rest;
        if batch.is_empty() {
            break;
        }
        add(&mut total, importer.take(batch).await?);
        bar.set_position(captures.done() as u64);
    }
    bar.finish_and_clear();
    session.output.note(&summary(&total, &captures));
    captures.complain(&session.output);
    Ok(if captures.broken() == 0 { Status::Done } else { Status::Incomplete })
}

/// The addresses among the captures that are releases of the source.
async fn releases_among(captures: &Captures, source: &Source, importer: &Importer) -> anyhow::Result<Vec<String>> {
    let known = importer.known().await?;
    let entry = |url: &url::Url| Entry { url: url.clone(), title: String::new(), day: None };
    let kept = keep_releases(captures.urls().iter().map(entry).collect(), &source.include, &known);
    let named = kept.into_iter().map(|entry| entry.url).chain(source.pages.iter().cloned()).chain(known);
    Ok(named.map(|url| crate::domain::address::identity(&url)).collect())
}

async fn learn(mut captures: Captures, importer: &mut Importer) -> anyhow::Result<Captures> {
    let (samples, captures) = tokio::task::spawn_blocking(move || (captures.samples(MOST_SAMPLES), captures)).await?;
    importer.learn(&samples);
    Ok(captures)
}

/// Reads files off the threads that wait.
async fn next_batch(mut captures: Captures) -> anyhow::Result<(Vec<Fetched>, Captures)> {
    let read = move || {
        let (mut batch, mut bytes) = (Vec::new(), 0);
        while batch.len() < MOST_AT_ONCE && bytes < BYTES_AT_ONCE {
            let Some(fetched) = captures.next() else { break };
            bytes += fetched.body.len();
            batch.push(fetched);
        }
        (batch, captures)
    };
    Ok(tokio::task::spawn_blocking(read).await?)
}

fn add(total: &mut Imported, batch: Imported) {
    total.snapshots += batch.snapshots;
    total.known += batch.known;
    total.older += batch.older;
    total.versions += batch.versions;
    total.events += batch.events;
}

fn summary(total: &Imported, captures: &Captures) -> String {
    let Imported { snapshots, known, older, versions, events } = total;
    let mut text = format!("{snapshots} captures taken in: {versions} versions, {events} events; {known} were known");
    if *older > 0 {
        let _ = write!(text, "; {older} are older than what is known of their releases and made no versions");
    }
    let (others, unchanged) = (captures.others(), captures.unchanged());
    let _ = write!(text, "; {others} records are no captures of releases, {unchanged} say only that nothing changed");
    text
}
