//! Wires store, fetcher, tracker and channels for the commands that check sources.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::clock::Clock;
use crate::config::Config;
use crate::fetch::Fetcher;
use crate::metrics::Meter;
use crate::notify::{FeedWriter, notifiers, subscriptions};
use crate::schedule::{Channels, Setup};
use crate::store::Store;
use crate::track::Tracker;

/// Everything that a check needs.
pub(super) struct Service {
    pub(super) store: Store,
    pub(super) fetcher: Fetcher,
    pub(super) tracker: Tracker,
    pub(super) channels: Channels,
}

impl Service {
    /// Opens the store for this process alone and makes the sources known to it.
    pub(super) async fn open(config: &Config, clock: &Clock) -> anyhow::Result<Self> {
        Self::metered(config, clock, &Meter::default()).await
    }

    /// As `open`, where there has to be a store already.
    pub(super) async fn of_existing(config: &Config, clock: &Clock) -> anyhow::Result<Self> {
        Self::with(Store::open_existing(&config.store.path)?, config, clock, &Meter::default()).await
    }

    /// As `open`, counted by `meter`.
    pub(super) async fn metered(config: &Config, clock: &Clock, meter: &Meter) -> anyhow::Result<Self> {
        Self::with(Store::open(&config.store.path)?, config, clock, meter).await
    }

    async fn with(store: Store, config: &Config, clock: &Clock, meter: &Meter) -> anyhow::Result<Self> {
        let fetcher = Fetcher::metered(&config.fetch, clock.clone(), meter.clone())?;
        let Setup { tracker, channels, .. } = set_up(config, &store, &fetcher, clock).await?;
        Ok(Self { store, fetcher, tracker, channels })
    }
}

/// What a configuration makes of the work with this store; its sources are known to it from then on.
pub(super) async fn set_up(config: &Config, store: &Store, fetcher: &Fetcher, clock: &Clock) -> anyhow::Result<Setup> {
    let notifiers = notifiers(config)?;
    let sources = config.sources.iter().map(|source| (source.id.clone(), source.name.clone()));
    store.sync_sources(sources.collect()).await?;
    let alerts = subscriptions(&config.alerts);
    let tracker = Tracker::new(store.clone(), fetcher.clone(), clock.clone(), alerts, config.fetch.concurrency);
    let feeds = config.feed.as_ref();
    let pages = config.web.url.as_ref();
    let feeds = feeds.map(|feed| FeedWriter::new(feed, pages, &config.sources, store.clone(), clock.clone()));
    Ok(Setup { tracker, channels: Channels { notifiers, feeds }, sources: config.sources.clone() })
}

/// Exit status of a process that was interrupted, as shells have it.
const INTERRUPTED: i32 = 130;

/// Is there when somebody wants this process to end: Ctrl-C, or SIGTERM from a service manager. From then on these
/// signals no longer end it by themselves; a second one ends it at once, which costs nothing that was recorded.
pub(super) fn stop_signal() -> anyhow::Result<impl Future<Output = ()> + Send> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        next(&mut interrupt, &mut terminate).await;
        tokio::spawn(async move {
            next(&mut interrupt, &mut terminate).await;
            std::process::exit(INTERRUPTED);
        });
    })
}

async fn next(interrupt: &mut Signal, terminate: &mut Signal) {
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
