//! Makes a store as large as the archive of many sites over years, to measure with:
//! `big_store FILE RELEASES VERSIONS [SOURCES]`. Every version has its snapshot and its event, so there are as many of
//! them; one event in three is told by a message, one in three has been reviewed. What was wrong in a real archive,
//! failed attempts, removals, releases with thousands of versions, is here too. Pages are short: their bytes are not
//! what is measured.

mod happening;
mod plan;
mod words;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use pressdiff::clock::Clock;
use pressdiff::domain::address::identity;
use pressdiff::domain::classify::ReleaseOutcome;
use pressdiff::domain::model::{
    Addressee, Discovery, ListingRecord, RecordedEvent, Release, ReleaseId, Significance, SourceId, SourceState,
    Standing,
};
use pressdiff::domain::route::{Dispatch, Form};
use pressdiff::store::{CheckOutcome, NewRelease, Store};
use url::Url;

use crate::happening::{Maker, address};
use crate::plan::{Coming, Plan};

/// Versions that are recorded in one go, of all sources.
const AT_ONCE: usize = 4_000;
/// Position of a release that is not on the pages of a listing that are walked any more.
const FALLEN: u32 = u32::MAX;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, numbers @ ..] = arguments.as_slice() else { bail!("usage: big_store FILE RELEASES VERSIONS [SOURCES]") };
    let numbers = numbers.iter().map(|number| number.parse()).collect::<Result<Vec<u32>, _>>()?;
    let (Some(releases), Some(versions)) = (numbers.first(), numbers.get(1)) else {
        bail!("usage: big_store FILE RELEASES VERSIONS [SOURCES]")
    };
    let sources = numbers.get(2).map_or(10, |sources| (*sources).clamp(1, 10) as usize);
    let plan = Plan::new(*releases, *versions, sources, Clock::system().now());
    let mut scribe = Scribe::start(Path::new(file), sources, plan).await?;
    scribe.write().await?;
    let mut indexed = 0;
    loop {
        match scribe.store.index_versions(2_000).await? {
            0 => break,
            some => indexed += some,
        }
        tell(&format!("{indexed} versions in the search"))?;
    }
    let sources = std::mem::take(&mut scribe.sources);
    drop(scribe);
    review(Path::new(file))?;
    configure(Path::new(file), &sources)
}

/// Writes down what happens.
struct Scribe {
    store: Store,
    maker: Maker,
    sources: Vec<SourceId>,
    /// The releases that were found so far.
    releases: Vec<Option<Release>>,
}

impl Scribe {
    async fn start(file: &Path, sources: usize, plan: Plan) -> anyhow::Result<Self> {
        let store = Store::open(file)?;
        let sources: Vec<SourceId> = (0..sources).map(|source| SourceId(format!("newsroom-{source}"))).collect();
        let names = (0..).zip(&sources).map(|(at, id): (u32, _)| (id.clone(), format!("Newsroom {at}")));
        store.sync_sources(names.collect()).await?;
        Ok(Self { store, maker: Maker { plan }, sources, releases: Vec::new() })
    }

    async fn write(&mut self) -> anyhow::Result<()> {
        let comings = self.maker.plan.comings();
        let all = comings.len();
        for (done, part) in comings.chunks(AT_ONCE).enumerate() {
            let mut checks: BTreeMap<usize, Vec<Coming>> = BTreeMap::new();
            for coming in part {
                checks.entry(self.maker.plan.source(coming.release)).or_default().push(*coming);
            }
            for (source, comings) in checks {
                self.record(source, &comings).await?;
            }
            tell(&format!("{} of {all} versions", done * AT_ONCE + part.len()))?;
        }
        Ok(())
    }

    /// One check of one source.
    async fn record(&mut self, source: usize, comings: &[Coming]) -> anyhow::Result<()> {
        let id = self.sources[source].clone();
        let found = self.add(source, comings).await?;
        let captures =
            comings.iter().map(|coming| self.maker.capture(source, *coming)).collect::<Result<Vec<_>, _>>()?;
        if let Some(last) = captures.last() {
            let message = "connection reset by peer";
            self.store.record_failure(&id, &last.url, last.fetched_at, "transient", message).await?;
        }
        let saved = self.store.save_captures(&id, captures).await?;
        let mut outcomes: BTreeMap<u32, ReleaseOutcome> = BTreeMap::new();
        for (coming, saved) in comings.iter().zip(saved) {
            let known = self.releases.get_mut(coming.release as usize).and_then(Option::as_mut);
            let release = known.context("a version of a release that was not found")?;
            let (version, events) = self.maker.happen(source, release, *coming, saved.id);
            let outcome = outcomes.entry(coming.release).or_insert_with(|| ReleaseOutcome::of(release.clone()));
            *outcome.release = release.clone();
            outcome.versions.push(version);
            outcome.events.extend(events);
        }
        let last = comings.last().context("an empty check")?;
        let at = self.maker.plan.time(last.minute);
        let listing = Url::parse(&format!("https://{id}.example/news/"))?;
        let outcome = CheckOutcome {
            source: id,
            at,
            releases: outcomes.into_values().collect(),
            events: self.maker.trouble(source, *last),
            listings: vec![listing_record(&listing, at)],
            listing_pages: None,
            standings: found.into_iter().map(|release| standing(&listing, release, at)).collect(),
            remarks: Vec::new(),
            state: SourceState { checked_at: Some(self.maker.plan.ends_at), ..SourceState::default() },
            template: None,
            import: None,
            alerts: Box::new(move |events: &[RecordedEvent]| {
                let is_told = |at: &usize| events[*at].event.significance == Significance::Major;
                let message = |at: usize| Dispatch {
                    addressee: Addressee { alert: "desk".to_owned(), recipient: "desk@paper.example".to_owned() },
                    form: Form::Single,
                    due_at: events[at].event.at,
                    events: vec![at],
                };
                (0..events.len()).filter(is_told).map(message).collect()
            }),
        };
        self.store.record(outcome).await?;
        Ok(())
    }

    /// Adds the releases that come up for the first time.
    async fn add(&mut self, source: usize, comings: &[Coming]) -> anyhow::Result<Vec<ReleaseId>> {
        let mut numbers: Vec<u32> = comings.iter().map(|coming| coming.release).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers.retain(|number| self.releases.get(*number as usize).is_none_or(Option::is_none));
        let mut news = Vec::with_capacity(numbers.len());
        for number in &numbers {
            let url = address(source, *number)?;
            let first = comings.iter().find(|coming| coming.release == *number).context("no first version")?;
            let found_at = self.maker.plan.time(first.minute);
            news.push(NewRelease {
                identity: identity(&url),
                url,
                title: String::new(),
                day: Some(found_at.date_naive()),
                found_by: Discovery::Listing,
                found_at,
                announce: true,
            });
        }
        let added = self.store.add_releases(&self.sources[source], news).await?;
        let ids = added.iter().map(|release| release.id).collect();
        for (number, release) in numbers.into_iter().zip(added) {
            let place = number as usize;
            self.releases.resize(self.releases.len().max(place + 1), None);
            self.releases[place] = Some(release);
        }
        Ok(ids)
    }
}

fn listing_record(url: &Url, at: chrono::DateTime<chrono::Utc>) -> ListingRecord {
    ListingRecord {
        url: url.clone(),
        kind: Discovery::Listing,
        whole_depth: 5,
        whole_at: Some(at),
        entries: 250,
        place: None,
        first_page: 50,
        failures: 0,
        problem: None,
    }
}

fn standing(listing: &Url, release: ReleaseId, named_at: chrono::DateTime<chrono::Utc>) -> Standing {
    Standing { listing: listing.clone(), release, position: FALLEN, named_at, missed: 0 }
}

/// What readers made of it over the years, and what became of the messages: by hand, because one by one it would take
/// hours.
fn review(file: &Path) -> anyhow::Result<()> {
    tell("reviews and messages")?;
    let connection = rusqlite::Connection::open(file)?;
    connection.execute_batch(
        "BEGIN;
         INSERT INTO reviews (event, reviewed_at, starred, verdict, note)
         SELECT id, at, id % 97 = 0, CASE id % 41 WHEN 0 THEN 'important' WHEN 1 THEN 'harmless' END,
             CASE id % 203 WHEN 0 THEN 'Asked the press office.' ELSE '' END
         FROM events WHERE id % 3 = 0 AND id < (SELECT max(id) - 2000 FROM events);
         DELETE FROM inbox WHERE event IN (SELECT event FROM reviews);
         UPDATE messages SET state = 'sent', attempts = 1, tried_at = due_at, finished_at = due_at
         WHERE id < (SELECT max(id) - 300 FROM messages);
         UPDATE messages SET state = 'failed', attempts = 9, error = 'mailbox unavailable' WHERE id % 1009 = 0;
         COMMIT;
         ANALYZE; PRAGMA wal_checkpoint(TRUNCATE);",
    )?;
    Ok(())
}

/// A configuration beside the store with which nothing is checked.
fn configure(file: &Path, sources: &[SourceId]) -> anyhow::Result<()> {
    let name = file.file_name().context("no file")?.to_string_lossy();
    let mut config = format!("[store]\npath = \"{name}\"\n\n[web]\nlisten = \"127.0.0.1:8787\"\n");
    for (at, id) in sources.iter().enumerate() {
        let listings = format!("listings = [\"https://{id}.example/news/\"]\nschedule = \"@yearly\"");
        write!(config, "\n[[source]]\nid = \"{id}\"\nname = \"Newsroom {at}\"\n{listings}\n")?;
    }
    Ok(std::fs::write(file.with_file_name("pressdiff.toml"), config)?)
}

fn tell(progress: &str) -> std::io::Result<()> {
    let mut out = std::io::stderr().lock();
    write!(out, "\r\x1b[K{progress}")?;
    out.flush()
}
