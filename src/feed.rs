//! Feeds of what happened: gathers what each event has to tell and makes an Atom document of it. `notify` writes such
//! documents to files and `web` serves them, both with the same ids; how an entry looks is `domain::render`'s.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

use crate::domain::diff::{Change, diff};
use crate::domain::model::{EventId, RecordedEvent, SourceId};
use crate::domain::render::{AtomEntry, AtomFeed, entry_html, permanent_id, render_atom};
use crate::store::{Store, StoreError};

/// Contents that are kept for the next time, those of the newest events.
const MOST_KEPT: usize = 1_000;

/// What a feed says of itself.
#[derive(Clone, Debug)]
pub struct Feed<'a> {
    /// What its id is made of: the same name in the same store is the same feed.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Where it can be read itself, if that is known.
    pub self_url: Option<String>,
    /// The page that shows the same events, if there is one.
    pub page_url: Option<String>,
    /// Where the review pages are, without a slash at the end; entries lead to the site alone where nobody knows.
    pub pages: Option<String>,
    /// Names of the sources, for people.
    pub names: &'a BTreeMap<SourceId, String>,
    /// When it is made; told only when nothing happened.
    pub now: DateTime<Utc>,
}

/// Makes feeds of one store, one at a time. Clones share what they have gathered.
#[derive(Clone, Debug)]
pub struct FeedMaker {
    store: Store,
    contents: Arc<Mutex<BTreeMap<EventId, Arc<str>>>>,
}

/// The name of the feed of a source, or of that of all sources.
pub fn name_of(source: Option<&SourceId>) -> String {
    format!("{}.atom", source.map_or("all", |source| source.0.as_str()))
}

/// The title of the feed of a source, or of that of all sources.
pub fn title_of(source: Option<&str>) -> String {
    source.map_or_else(|| "pressdiff".to_owned(), |name| format!("pressdiff: {name}"))
}

impl FeedMaker {
    /// A maker that has gathered nothing yet.
    pub fn new(store: Store) -> Self {
        Self { store, contents: Arc::default() }
    }

    /// The feed with these events, newest first, as an XML document.
    pub async fn render(&self, feed: &Feed<'_>, events: &[RecordedEvent]) -> Result<String, StoreError> {
        let store_id = self.store.find_identity().await?;
        let contents = self.contents(events).await?;
        let entries = events.iter().zip(&contents).map(|(event, content)| AtomEntry {
            id: permanent_id(&store_id, &format!("event {}", event.id)),
            event,
            source_name: feed.names.get(&event.event.source).unwrap_or(&event.event.source.0),
            review_url: feed.pages.as_ref().map(|pages| format!("{pages}/events/{}", event.id)),
            content,
        });
        Ok(render_atom(&AtomFeed {
            id: permanent_id(&store_id, &format!("feed {}", feed.name)),
            title: feed.title.clone(),
            self_url: feed.self_url.as_deref(),
            page_url: feed.page_url.as_deref(),
            updated: events.first().map_or(feed.now, |newest| newest.event.at),
            entries: entries.collect(),
        }))
    }

    /// Made once for the newest events, because a comparison of long texts takes its time.
    async fn contents(&self, events: &[RecordedEvent]) -> Result<Vec<Arc<str>>, StoreError> {
        // Held meanwhile, so that many readers at once make nothing twice and keep no more than one thread busy.
        let mut kept = self.contents.lock().await;
        let mut contents = Vec::with_capacity(events.len());
        for recorded in events {
            if let Some(content) = kept.get(&recorded.id) {
                contents.push(Arc::clone(content));
                continue;
            }
            let content: Arc<str> = entry_html(&recorded.event, self.find_change(recorded).await?.as_ref()).into();
            kept.insert(recorded.id, Arc::clone(&content));
            contents.push(content);
            if kept.len() > MOST_KEPT {
                kept.pop_first();
            }
        }
        Ok(contents)
    }

    /// What changed; none where no text did, or where it cannot be compared.
    async fn find_change(&self, recorded: &RecordedEvent) -> Result<Option<Change>, StoreError> {
        let event = &recorded.event;
        let (Some(release), Some(old), Some(new)) = (event.release, event.old_version, event.new_version) else {
            return Ok(None);
        };
        let (old, new) = (self.store.find_version(release, old).await?, self.store.find_version(release, new).await?);
        let (Some(old), Some(new)) = (old, new) else { return Ok(None) };
        // Whatever goes wrong with the comparison, the event itself is told.
        let change = spawn_blocking(move || diff(&old.document, &new.document)).await.ok();
        Ok(change.filter(|change| !change.is_empty()))
    }
}
