//! Whether the feeds are as new as the events, told by looking at the files: so it is seen from another process, and
//! also when the one that should write them does not run.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use chrono::{DateTime, Utc};

use super::path_of;
use crate::config::FeedConfig;
use crate::domain::model::{Source, SourceId};
use crate::store::{Store, StoreError};

/// Bytes in which the head of a feed stands.
const HEAD: u64 = 4 << 10;

/// What is wrong with the files of the feeds, in words.
pub async fn feed_troubles(config: &FeedConfig, sources: &[Source], store: &Store) -> Result<Vec<String>, StoreError> {
    let mut troubles = Vec::new();
    for source in sources.iter().map(|source| Some(&source.id)).chain([None]) {
        troubles.extend(trouble(config, source, store).await?);
    }
    Ok(troubles)
}

async fn trouble(config: &FeedConfig, source: Option<&SourceId>, store: &Store) -> Result<Option<String>, StoreError> {
    let Some(newest) = store.list_newest_events(source.cloned(), 1).await?.pop() else { return Ok(None) };
    let path = path_of(config, source);
    Ok(match updated_at(&path) {
        Err(error) => Some(format!("feed {}: {error}", path.display())),
        Ok(Some(updated_at)) if updated_at.timestamp() >= newest.event.at.timestamp() => None,
        Ok(_) => Some(format!("feed {}: event {} is not in it", path.display(), newest.id)),
    })
}

/// What the first `updated` of the file says.
fn updated_at(path: &Path) -> io::Result<Option<DateTime<Utc>>> {
    let mut head = Vec::new();
    File::open(path)?.take(HEAD).read_to_end(&mut head)?;
    let head = String::from_utf8_lossy(&head);
    let text = head.split_once("<updated>").and_then(|(_, rest)| rest.split_once("</updated>"));
    Ok(text.and_then(|(text, _)| text.parse().ok()))
}
