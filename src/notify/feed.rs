//! Writes the feeds of `[feed]`: all events into `all.atom`, those of each source into a file of its own. A reader
//! always finds a whole file, because a new one takes the place of the old one in a single step. What stands in a
//! feed is made by `crate::feed`, which the review pages serve feeds with.

mod file;
mod trouble;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::Mutex;
use tokio::task::spawn_blocking;
use url::Url;

pub use self::trouble::feed_troubles;
use crate::clock::Clock;
use crate::config::FeedConfig;
use crate::domain::model::{EventId, Source, SourceId};
use crate::feed::{Feed, FeedMaker, name_of, title_of};
use crate::store::{Store, StoreError};

/// Writes feeds of one store. Clones share what they know.
#[derive(Clone, Debug)]
pub struct FeedWriter {
    config: FeedConfig,
    names: BTreeMap<SourceId, String>,
    /// Where the review pages are, if others find them.
    pages: Option<String>,
    store: Store,
    maker: FeedMaker,
    clock: Clock,
    progress: Arc<Mutex<Progress>>,
}

/// How far the files are.
#[derive(Debug, Default)]
struct Progress {
    /// The newest event that all files have, 0 when there was none; nothing before they were written once.
    written: Option<EventId>,
    /// What went wrong last.
    trouble: Option<String>,
}

impl FeedWriter {
    /// A writer for these sources, whose entries lead to the review pages where these have an address.
    pub fn new(config: &FeedConfig, pages: Option<&Url>, sources: &[Source], store: Store, clock: Clock) -> Self {
        let names = sources.iter().map(|source| (source.id.clone(), source.name.clone())).collect();
        let pages = pages.map(|pages| pages.origin().ascii_serialization());
        let maker = FeedMaker::new(store.clone());
        Self { config: config.clone(), names, pages, store, maker, clock, progress: Arc::default() }
    }

    /// Writes the feeds that have news, the first time all of them. Fails only when the store does: a file that cannot
    /// be written is logged, and tried again the next time.
    pub async fn refresh(&self) -> Result<(), StoreError> {
        let mut progress = self.progress.lock().await;
        let newest = self.store.list_newest_events(None, 1).await?.first().map_or(EventId(0), |event| event.id);
        if progress.written == Some(newest) {
            return Ok(());
        }
        let mut trouble = None;
        for source in self.sources_with_news(progress.written).await? {
            let text = self.render(source.as_ref()).await?;
            let path = path_of(&self.config, source.as_ref());
            if let Err(error) = write(path.clone(), text).await {
                trouble = Some(format!("cannot write {}: {error}", path.display()));
            }
        }
        if trouble.is_none() {
            progress.written = Some(newest);
        }
        progress.note(trouble);
        Ok(())
    }

    /// The feeds to be written; none stands for that of all sources.
    async fn sources_with_news(&self, written: Option<EventId>) -> Result<BTreeSet<Option<SourceId>>, StoreError> {
        let news: BTreeSet<SourceId> = match written {
            None => self.names.keys().cloned().collect(),
            Some(after) => self.store.list_sources_since(after).await?.into_iter().collect(),
        };
        let watched = news.into_iter().filter(|source| self.names.contains_key(source)).map(Some);
        Ok(watched.chain([None]).collect())
    }

    async fn render(&self, source: Option<&SourceId>) -> Result<String, StoreError> {
        let events = self.store.list_newest_events(source.cloned(), self.config.entries).await?;
        let name = name_of(source);
        let feed = Feed {
            title: title_of(source.and_then(|source| self.names.get(source)).map(String::as_str)),
            self_url: self.config.url.as_ref().and_then(|folder| folder.join(&name).ok()).map(String::from),
            page_url: None,
            pages: self.pages.clone(),
            names: &self.names,
            now: self.clock.now(),
            name,
        };
        self.maker.render(&feed, &events).await
    }
}

impl Progress {
    /// Logs a trouble once, and its end.
    fn note(&mut self, trouble: Option<String>) {
        if let Some(error) = trouble.as_ref().filter(|_| trouble != self.trouble) {
            tracing::warn!(error, "feed not written; it is tried again");
        } else if trouble.is_none() && self.trouble.is_some() {
            tracing::info!("feeds are written again");
        }
        self.trouble = trouble;
    }
}

fn path_of(config: &FeedConfig, source: Option<&SourceId>) -> PathBuf {
    config.folder.join(name_of(source))
}

async fn write(path: PathBuf, text: String) -> io::Result<()> {
    spawn_blocking(move || file::replace(&path, &text)).await.map_err(io::Error::other).flatten()
}
