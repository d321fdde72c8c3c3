//! Writes the feeds of `[feed]`: all events into `all.atom`, those of each source into a file of its own. A reader
//! always finds a whole file, because a new one takes the place of the old one in a single step. What stands in a
//! feed is `domain::render`'s.

mod file;
mod trouble;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

pub use self::trouble::feed_troubles;
use super::load::load_change;
use crate::clock::Clock;
use crate::config::FeedConfig;
use crate::domain::model::{EventId, RecordedEvent, Source, SourceId};
use crate::domain::render::{AtomEntry, AtomFeed, entry_html, permanent_id, render_atom};
use crate::store::{Store, StoreError};

/// Contents that are kept for the next time, those of the newest events.
const MOST_KEPT: usize = 1_000;

/// Writes feeds of one store. Clones share what they know.
#[derive(Clone, Debug)]
pub struct FeedWriter {
    config: FeedConfig,
    names: BTreeMap<SourceId, String>,
    store: Store,
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
    contents: BTreeMap<EventId, Arc<str>>,
}

impl FeedWriter {
    /// A writer for these sources.
    pub fn new(config: &FeedConfig, sources: &[Source], store: Store, clock: Clock) -> Self {
        let names = sources.iter().map(|source| (source.id.clone(), source.name.clone())).collect();
        Self { config: config.clone(), names, store, clock, progress: Arc::default() }
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
            let text = self.render(source.as_ref(), &mut progress.contents).await?;
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

    async fn render(
        &self,
        source: Option<&SourceId>,
        kept: &mut BTreeMap<EventId, Arc<str>>,
    ) -> Result<String, StoreError> {
        let store_id = self.store.find_identity().await?;
        let events = self.store.list_newest_events(source.cloned(), self.config.entries).await?;
        let mut contents = Vec::with_capacity(events.len());
        for event in &events {
            contents.push(self.content(event, kept).await?);
        }
        let entries = events.iter().zip(&contents).map(|(event, content)| AtomEntry {
            id: permanent_id(&store_id, &format!("event {}", event.id)),
            event,
            source_name: self.names.get(&event.event.source).unwrap_or(&event.event.source.0),
            content,
        });
        let name = file_name(source);
        let self_url = self.config.url.as_ref().and_then(|folder| folder.join(&name).ok());
        Ok(render_atom(&AtomFeed {
            id: permanent_id(&store_id, &format!("feed {name}")),
            title: source.and_then(|source| self.names.get(source)).map_or("pressdiff".to_owned(), title),
            self_url: self_url.as_ref().map(url::Url::as_str),
            updated: events.first().map_or_else(|| self.clock.now(), |newest| newest.event.at),
            entries: entries.collect(),
        }))
    }

    /// Made once for the newest events, because a comparison of long texts takes its time.
    async fn content(
        &self,
        recorded: &RecordedEvent,
        kept: &mut BTreeMap<EventId, Arc<str>>,
    ) -> Result<Arc<str>, StoreError> {
        if let Some(content) = kept.get(&recorded.id) {
            return Ok(Arc::clone(content));
        }
        let content: Arc<str> = self.make_content(recorded).await?.into();
        kept.insert(recorded.id, Arc::clone(&content));
        if kept.len() > MOST_KEPT {
            kept.pop_first();
        }
        Ok(content)
    }

    async fn make_content(&self, recorded: &RecordedEvent) -> Result<String, StoreError> {
        let event = &recorded.event;
        let change = match (event.release, event.old_version, event.new_version) {
            (Some(release), Some(old), Some(new)) => load_change(&self.store, release, old, new, &mut 0).await?,
            _ => None,
        };
        Ok(entry_html(event, change.as_ref()))
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

fn title(name: &String) -> String {
    format!("pressdiff: {name}")
}

fn file_name(source: Option<&SourceId>) -> String {
    format!("{}.atom", source.map_or("all", |source| source.0.as_str()))
}

fn path_of(config: &FeedConfig, source: Option<&SourceId>) -> PathBuf {
    config.folder.join(file_name(source))
}

async fn write(path: PathBuf, text: String) -> io::Result<()> {
    spawn_blocking(move || file::replace(&path, &text)).await.map_err(io::Error::other).flatten()
}
