//! Wires store, fetcher, tracker and channels for the commands that check sources.

use tokio::signal::ctrl_c;

use crate::clock::Clock;
use crate::config::Config;
use crate::fetch::Fetcher;
use crate::notify::{FeedWriter, Notifiers, notifiers, subscriptions};
use crate::store::Store;
use crate::track::Tracker;

/// Everything that a check needs.
pub(super) struct Service {
    pub(super) store: Store,
    pub(super) tracker: Tracker,
    pub(super) notifiers: Notifiers,
    pub(super) feeds: Option<FeedWriter>,
}

impl Service {
    /// Opens the store for this process alone and makes the sources known to it.
    pub(super) async fn open(config: &Config, clock: &Clock) -> anyhow::Result<Self> {
        let notifiers = notifiers(config)?;
        let store = Store::open(&config.store.path)?;
        let sources = config.sources.iter().map(|source| (source.id.clone(), source.name.clone()));
        store.sync_sources(sources.collect()).await?;
        let fetcher = Fetcher::new(&config.fetch, clock.clone())?;
        let alerts = subscriptions(&config.alerts);
        let tracker = Tracker::new(store.clone(), fetcher, clock.clone(), alerts, config.fetch.concurrency);
        let feeds = config.feed.as_ref();
        let feeds = feeds.map(|feed| FeedWriter::new(feed, &config.sources, store.clone(), clock.clone()));
        Ok(Self { store, tracker, notifiers, feeds })
    }
}

/// Is there when somebody wants this process to end: Ctrl-C, or SIGTERM from a service manager. From then on the
/// signals no longer end it by themselves.
pub(super) fn stop_signal() -> anyhow::Result<impl Future<Output = ()> + Send> {
    #[cfg(unix)]
    let mut terminate = {
        use tokio::signal::unix::{SignalKind, signal};
        signal(SignalKind::terminate())?
    };
    Ok(async move {
        #[cfg(unix)]
        tokio::select! {
            _ = ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        #[cfg(not(unix))]
        let _ = ctrl_c().await;
    })
}
