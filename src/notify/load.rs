//! A claimed message with everything that it tells: its events, folded, and what changed in the texts, from the stored
//! versions. Loaded for one message at a time, and bounded, because a digest may tell of a thousand releases.

use std::collections::HashMap;

use tokio::task::spawn_blocking;

use crate::domain::diff::{Change, diff};
use crate::domain::message::{Content, Fold, Message, Occasion, Told, fold};
use crate::domain::model::{Document, ReleaseId, SourceId};
use crate::domain::route::Form;
use crate::store::{Claimed, Store, StoreError};

/// Releases of a summary whose changes are told word by word; the rest is told by its summary line.
const MOST_CHANGES: usize = 50;
/// Bytes of text that the changes of a summary may hold.
const MOST_TEXT: usize = 4 << 20;

/// The message as it goes out. The same for every attempt, unless a source was given another name meanwhile.
pub(super) async fn load(store: &Store, claimed: &Claimed) -> Result<Message, StoreError> {
    let content = match &claimed.notice {
        Some(notice) => Content::Notice(notice.clone()),
        None => load_told(store, claimed).await?,
    };
    Ok(Message {
        id: claimed.id,
        key: format!("{}-{}", claimed.store, claimed.id),
        addressee: claimed.addressee.clone(),
        content,
        created_at: claimed.created_at,
        attempts: claimed.attempts,
    })
}

async fn load_told(store: &Store, claimed: &Claimed) -> Result<Content, StoreError> {
    let folds = fold(store.list_told(claimed.id).await?);
    let names = store.list_source_names().await?;
    let mut told = Vec::with_capacity(folds.len());
    let (mut changes, mut text) = (0, 0);
    for fold in folds {
        let may_load = claimed.form == Form::Single || (changes < MOST_CHANGES && text < MOST_TEXT);
        let change = match fold.versions().filter(|_| may_load) {
            Some((release, old, new)) => load_change(store, release, old, new, &mut text).await?,
            None => None,
        };
        changes += usize::from(change.is_some());
        told.push(tell(claimed, fold, change, &names));
    }
    let occasion = match claimed.form {
        Form::Single | Form::Burst | Form::Notice => Occasion::Burst,
        Form::Quiet => Occasion::QuietHours,
        Form::Digest => Occasion::Digest,
    };
    Ok(match <[Told; 1]>::try_from(told) {
        Ok([told]) if claimed.form == Form::Single => Content::Event(Box::new(told)),
        Ok([told]) => Content::Summary { occasion, told: vec![told] },
        Err(told) => Content::Summary { occasion, told },
    })
}

fn tell(claimed: &Claimed, fold: Fold, change: Option<Change>, names: &HashMap<SourceId, String>) -> Told {
    let event = &fold.events[0].event;
    let source_name = names.get(&event.source).unwrap_or(&event.source.0).clone();
    let store = &claimed.store;
    let thread = match event.release {
        Some(release) => format!("{store}-release-{release}"),
        // Nothing but letters, digits, `-` and `.`; an id has no dot, so that the names stay apart.
        None => format!("{store}-source-{}", event.source.0.replace('_', ".")),
    };
    Told { events: fold.events, source_name, change, thread }
}

async fn load_change(
    store: &Store,
    release: ReleaseId,
    old: u32,
    new: u32,
    text: &mut usize,
) -> Result<Option<Change>, StoreError> {
    let (old, new) = (store.find_version(release, old).await?, store.find_version(release, new).await?);
    let (Some(old), Some(new)) = (old, new) else { return Ok(None) };
    *text += size(&old.document) + size(&new.document);
    // Whatever goes wrong with the comparison, the event itself is told.
    let change = spawn_blocking(move || diff(&old.document, &new.document)).await.ok();
    Ok(change.filter(|change| !change.is_empty()))
}

fn size(document: &Document) -> usize {
    document.blocks.iter().map(|block| block.text.len()).sum()
}
