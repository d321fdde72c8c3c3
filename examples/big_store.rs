//! Makes a store as large as the archive of many sites over many years, to measure the review pages with:
//! `big_store FILE RELEASES VERSIONS EVENTS`. Versions and events are spread evenly over the releases, and these over
//! ten sources. All versions of a source name one snapshot: pages are not what is measured.

use std::path::Path;

use anyhow::{Context as _, bail};
use chrono::{DateTime, TimeDelta, Utc};
use pressdiff::domain::address::identity;
use pressdiff::domain::classify::ReleaseOutcome;
use pressdiff::domain::model::{
    Block, BlockKind, ContentHash, Discovery, Document, Event, EventKind, Fetched, Field, Reason, Release,
    ReleaseState, Significance, SnapshotId, SourceId, SourceState, Version,
};
use pressdiff::store::{CheckOutcome, NewRelease, Store};
use url::Url;

const SOURCES: u32 = 10;
/// Releases that are recorded together.
const AT_ONCE: u32 = 500;
const WORDS: [&str; 48] = [
    "harbour",
    "council",
    "works",
    "island",
    "budget",
    "crown",
    "ferry",
    "minister",
    "tender",
    "bridge",
    "letter",
    "summer",
    "office",
    "quarry",
    "winter",
    "market",
    "school",
    "meeting",
    "stone",
    "district",
    "railway",
    "coast",
    "survey",
    "report",
    "city",
    "river",
    "museum",
    "library",
    "harvest",
    "forest",
    "weather",
    "station",
    "garden",
    "theatre",
    "hospital",
    "fishery",
    "mill",
    "tower",
    "archive",
    "square",
    "festival",
    "village",
    "lighthouse",
    "parish",
    "road",
    "society",
    "customs",
    "election",
];

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, releases, versions, events] = arguments.as_slice() else {
        bail!("usage: big_store FILE RELEASES VERSIONS EVENTS");
    };
    let (releases, versions, events): (u32, u32, u32) = (releases.parse()?, versions.parse()?, events.parse()?);
    let maker = Maker::start(Path::new(file), versions / releases.max(1), events / releases.max(1)).await?;
    for first in (0..releases).step_by(AT_ONCE as usize) {
        maker.record(first, (first + AT_ONCE).min(releases)).await?;
    }
    while maker.store.index_versions(500).await? > 0 {}
    Ok(())
}

struct Maker {
    store: Store,
    snapshots: Vec<SnapshotId>,
    versions: u32,
    events: u32,
}

impl Maker {
    async fn start(file: &Path, versions: u32, events: u32) -> anyhow::Result<Self> {
        let store = Store::open(file)?;
        let sources = (0..SOURCES).map(|source| (source_id(source), format!("Newsroom {source}")));
        store.sync_sources(sources.collect()).await?;
        let mut snapshots = Vec::new();
        for source in 0..SOURCES {
            snapshots.push(store.save_snapshot(&source_id(source), &answer(source)?).await?);
        }
        Ok(Self { store, snapshots, versions, events })
    }

    /// Records the releases from `first` up to `end`, all of one source.
    async fn record(&self, first: u32, end: u32) -> anyhow::Result<()> {
        let source = (first / AT_ONCE) % SOURCES;
        let found = (first..end).map(|number| found(source, number)).collect::<Result<Vec<_>, _>>()?;
        let found = self.store.add_releases(&source_id(source), found).await?;
        let snapshot = *self.snapshots.get(source as usize).context("no snapshot")?;
        let outcomes =
            found.into_iter().zip(first..end).map(|(release, number)| self.outcome(release, number, snapshot));
        let state = SourceState { checked_at: Some(time(end, 0)), ..SourceState::default() };
        let outcome = CheckOutcome {
            releases: outcomes.collect(),
            ..CheckOutcome::quiet(source_id(source), time(first, 0), state)
        };
        self.store.record(outcome).await?;
        Ok(())
    }

    fn outcome(&self, mut release: Release, number: u32, snapshot: SnapshotId) -> ReleaseOutcome {
        let states = [ReleaseState::Present, ReleaseState::Removed];
        release.state = states[usize::from(number.is_multiple_of(50))];
        release.title = format!("No. {number}: {}", words(number, 6));
        release.judged = Some(snapshot);
        let versions = (1..=self.versions).map(|version| Version {
            release: release.id,
            number: version,
            snapshot,
            extractor: 1,
            hash: ContentHash(format!("{number}-{version}")),
            recorded_at: time(number, version),
            document: document(&release.title, number, version),
            technical: false,
        });
        let versions = versions.collect();
        let events = (1..=self.events).map(|event| event_of(&release, number, event, snapshot)).collect();
        ReleaseOutcome { release, versions, new_address: None, merged: None, events }
    }
}

fn source_id(source: u32) -> SourceId {
    SourceId(format!("newsroom-{source}"))
}

fn answer(source: u32) -> anyhow::Result<Fetched> {
    let url = Url::parse(&format!("https://newsroom-{source}.example/"))?;
    Ok(Fetched {
        url: url.clone(),
        final_url: url,
        redirects: Vec::new(),
        status: 200,
        headers: vec![("content-type".to_owned(), "text/html".to_owned())],
        body: format!("<h1>A release</h1><p>{}</p>", words(source, 400)).into(),
        fetched_at: time(0, 0),
    })
}

fn found(source: u32, number: u32) -> anyhow::Result<NewRelease> {
    let url = Url::parse(&format!("https://newsroom-{source}.example/news/{number}/"))?;
    Ok(NewRelease {
        identity: identity(&url),
        url,
        title: String::new(),
        day: None,
        found_by: Discovery::Listing,
        found_at: time(number, 0),
        announce: true,
    })
}

/// A text of 150 words, one sentence of which is another in each version.
fn document(title: &str, number: u32, version: u32) -> Document {
    let block = |text: String| Block { kind: BlockKind::Paragraph, text };
    let mut blocks: Vec<Block> =
        (0..4).map(|part| block(words(number.wrapping_mul(7).wrapping_add(part), 35))).collect();
    blocks.push(block(format!("The sum is {version} million crowns, {}.", words(number ^ (version << 16), 6))));
    Document { title: title.to_owned(), blocks, ..Document::default() }
}

fn event_of(release: &Release, number: u32, event: u32, snapshot: SnapshotId) -> Event {
    let is_edit = event > 1;
    let is_major = (number + event).is_multiple_of(3);
    Event {
        at: time(number, event),
        kind: if is_edit { EventKind::Edited } else { EventKind::New },
        source: release.source.clone(),
        url: release.url.clone(),
        old_url: None,
        title: release.title.clone(),
        fields: vec![Field::Body],
        significance: if is_major { Significance::Major } else { Significance::Minor },
        reasons: vec![if is_major { Reason::Number } else { Reason::Spelling }],
        summary: format!("“{}” became “{}”", event - 1, event),
        old_version: is_edit.then(|| event - 1),
        new_version: Some(event),
        explanation: "The text was another one in two fetches.".to_owned(),
        evidence: vec![snapshot],
        release: Some(release.id),
    }
}

/// Ten minutes from release to release.
fn time(number: u32, step: u32) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(365 * 54) + TimeDelta::minutes(i64::from(number) * 10 + i64::from(step))
}

/// Words that are always the same for the same number; the first of the list are the most frequent.
fn words(number: u32, count: u32) -> String {
    let mut state = u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(1);
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let random = (state >> 33) % (48 * 48);
        let rare = state >> 40 & 0xffff;
        let place = usize::try_from(random.isqrt()).unwrap_or_default();
        if random % 9 == 0 { format!("{}{rare:x}", WORDS[47 - place]) } else { WORDS[47 - place].to_owned() }
    };
    (0..count).map(|_| next()).collect::<Vec<_>>().join(" ")
}
