//! `pressdiff import`: captures from WARC files, folders and listings, in the order of time, into the history of a
//! source.

mod captures;
mod choice;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use clap::Args;
use url::Url;

use self::captures::Captures;
use self::choice::{Choice, name_of, rules_of};
use super::check::chosen;
use super::failure::{Status, UsageError};
use super::progress::bar;
use super::service::stop_signal;
use super::session::Session;
use crate::config::Config;
use crate::domain::model::{Fetched, Source};
use crate::store::Store;
use crate::track::{Archive, Imported, Importer};

/// Take captures from archives (WARC files, CDX listings, folders) into the history of a source.
///
/// Takes captures of a source that were recorded elsewhere into its history, as if they had been fetched then:
/// snapshots, versions and events, which are marked as imported. Nobody is alerted. What is known already is passed
/// over, so an import that was interrupted is simply started again. Captures that are older than what is known of their
/// release are kept, but make no versions.
///
/// A FILE is a WARC file (of wget, Browsertrix, the Wayback Machine and others, plain or compressed record by record),
/// a folder of captures (TIMESTAMP/HOST/PATH or HOST/TIMESTAMP/PATH, as `waybackpack --raw` and
/// `wayback_machine_downloader --all-timestamps` write it), or a listing: the answer of a CDX server as text or JSON, a
/// .cdx file, or .cdxj. A listing names records in WARC files beside it, or says more of the captures in folders that
/// are given as well.
#[derive(Debug, Args)]
pub(super) struct Import {
    /// WARC files, folders of captures, listings of captures
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Id of the source they belong to, if there are several; its `include` or its known releases tell releases from
    /// other pages
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,
}

/// Captures, and bytes of bodies, that are taken in at once.
const MOST_AT_ONCE: usize = 64;
const BYTES_AT_ONCE: usize = 4 << 20;
/// Pages from which the template of the source is learned.
const MOST_SAMPLES: usize = 48;

impl Import {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Status> {
        let config = session.config()?;
        let source = self.source(&config)?.clone();
        if let Some(missing) = self.files.iter().find(|file| !file.exists()) {
            return Err(UsageError(format!("there is no file or folder {}", missing.display())).into());
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

impl Import {
    fn source<'c>(&self, config: &'c Config) -> Result<&'c Source, UsageError> {
        match (&self.source, config.sources.as_slice()) {
            (Some(id), _) => Ok(chosen(config, std::slice::from_ref(id))?.remove(0)),
            (None, [source]) => Ok(source),
            (None, sources) => {
                let ids: Vec<&str> = sources.iter().map(|source| source.id.0.as_str()).collect();
                Err(UsageError(format!("which source do they belong to? Say --source with one of {}", ids.join(", "))))
            }
        }
    }
}

async fn import(files: Vec<PathBuf>, source: Source, store: Store, session: &Session) -> anyhow::Result<Status> {
    let (output, id, hosts) = (session.output.clone(), source.id.clone(), hosts_of(&source));
    let captures = tokio::task::spawn_blocking(move || Captures::index(files, &id, &hosts, &output)).await?;
    let captures = Arc::new(Mutex::new(captures));
    let archive: Arc<Mutex<dyn Archive>> = Arc::clone(&captures) as _;
    let mut importer = Importer::new(store, source.clone(), archive).await?;
    let (choice, resumed_at) = begin(&mut importer, &captures, &source, session).await?;
    let bar = bar(&session.output, "importing", open(&captures).left() as u64);
    let mut total = Imported::default();
    loop {
        let batch = read(&captures, move |captures| next_batch(captures, resumed_at)).await?;
        if batch.is_empty() {
            break;
        }
        let done = open(&captures).done();
        add(&mut total, importer.take(batch, done).await?);
        bar.set_position(done.into());
    }
    bar.finish_and_clear();
    let captures = open(&captures);
    session.output.note(&summary(&total, &captures));
    choice.tell(&session.output);
    captures.complain(&session.output);
    Ok(if captures.broken() == 0 { Status::Done } else { Status::Incomplete })
}

/// Chooses the captures of releases, and learns what their pages share, unless that was done before the import was
/// stopped; and how far it came then.
async fn begin(
    importer: &mut Importer,
    captures: &Arc<Mutex<Captures>>,
    source: &Source,
    session: &Session,
) -> anyhow::Result<(Choice, u32)> {
    let fingerprint = open(captures).fingerprint(&rules_of(source));
    if let Some(begun) = importer.resume(fingerprint).await? {
        let choice = Choice::again(&open(captures), &begun.chosen);
        choice.apply(&mut open(captures));
        return Ok((choice, begun.done));
    }
    let (known, found_at): (Vec<Url>, Vec<DateTime<Utc>>) = importer.known().await?.into_iter().unzip();
    let choice = Choice::of(&open(captures), source, &known);
    choice.apply(&mut open(captures));
    if open(captures).left() == 0 {
        session.output.complain(&format!(
            "no capture is a release of {}; its `include` in the configuration says which addresses are",
            source.id
        ));
    }
    let found = known.iter().map(name_of).zip(found_at.iter().map(DateTime::timestamp_millis)).collect();
    let early = open(captures).count_before(&found);
    if early > 0 {
        session.output.complain(&format!(
            "{early} captures are from before their releases were first read, and make no versions: what was checked is \
             not told anew; for their history, import into a new store, and check then"
        ));
    }
    let samples = read(captures, |captures| captures.samples(MOST_SAMPLES)).await?;
    importer.begin(fingerprint, choice.spell(), &samples).await?;
    Ok((choice, 0))
}

/// The hosts of the source, without `www.`.
fn hosts_of(source: &Source) -> Vec<String> {
    let hosts = source.places().filter_map(|url| url.host_str());
    hosts.map(|host| host.strip_prefix("www.").unwrap_or(host).to_owned()).collect()
}

fn open(captures: &Mutex<Captures>) -> MutexGuard<'_, Captures> {
    captures.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads files off the threads that wait.
async fn read<T: Send + 'static>(
    captures: &Arc<Mutex<Captures>>,
    work: impl FnOnce(&mut Captures) -> T + Send + 'static,
) -> anyhow::Result<T> {
    let captures = Arc::clone(captures);
    Ok(tokio::task::spawn_blocking(move || work(&mut open(&captures))).await?)
}

/// None reaches over the place where an earlier run was stopped.
fn next_batch(captures: &mut Captures, resumed_at: u32) -> Vec<Fetched> {
    let (mut batch, mut bytes) = (Vec::new(), 0);
    let begins_before = captures.done() < resumed_at;
    while batch.len() < MOST_AT_ONCE && bytes < BYTES_AT_ONCE && (captures.done() < resumed_at) == begins_before {
        let Some(fetched) = captures.next() else { break };
        bytes += fetched.body.len();
        batch.push(fetched);
    }
    batch
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
