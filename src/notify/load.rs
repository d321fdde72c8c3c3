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

/// What changed from one version to another; none when it reads the same or cannot be compared. Adds up the bytes of
/// both texts.
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;
    use chrono::DateTime;
    use url::Url;

    use super::*;
    use crate::domain::classify::ReleaseOutcome;
    use crate::domain::model::{
        Addressee, Block, BlockKind, ContentHash, Discovery, Event, EventKind, Fetched, Reason, Significance,
        SnapshotId, SourceState, Version,
    };
    use crate::domain::route::Dispatch;
    use crate::notify::tests::event;
    use crate::store::{CheckOutcome, NewRelease};

    const TEXTS: [&str; 3] = ["Some 40 berths are open.", "Some 45 berths are open.", "Some 45 berths are closed."];

    fn version(release: ReleaseId, number: u32, snapshot: SnapshotId) -> Version {
        let text = TEXTS[number as usize - 1].to_owned();
        let blocks = vec![Block { kind: BlockKind::Paragraph, text }];
        Version {
            release,
            number,
            snapshot,
            extractor: 1,
            hash: ContentHash(number.to_string()),
            recorded_at: DateTime::UNIX_EPOCH,
            document: Document { title: "Berths".into(), blocks, ..Document::default() },
            technical: false,
        }
    }

    fn edited(release: ReleaseId, new: u32, reason: Reason) -> Event {
        Event {
            kind: EventKind::Edited,
            release: Some(release),
            old_version: Some(new - 1),
            new_version: Some(new),
            reasons: vec![reason],
            significance: Significance::Major,
            ..event(1).event
        }
    }

    /// A store with a release of three versions, and a digest of its two edits and an outage.
    async fn filled(store: &Store) -> Claimed {
        let source = SourceId("harbour".into());
        store.sync_sources(vec![(source.clone(), "Harbour".into())]).await.unwrap();
        let url = Url::parse("https://example.org/news/1/").unwrap();
        let fetched = Fetched {
            url: url.clone(),
            final_url: url.clone(),
            redirects: Vec::new(),
            status: 200,
            headers: Vec::new(),
            body: Bytes::from_static(b"page"),
            fetched_at: DateTime::UNIX_EPOCH,
        };
        let snapshot = store.save_snapshot(&source, &fetched).await.unwrap();
        let new = NewRelease {
            url,
            identity: "example.org/news/1".into(),
            title: "Berths".into(),
            day: None,
            found_by: Discovery::Listing,
            found_at: DateTime::UNIX_EPOCH,
            announce: true,
        };
        let release = store.add_releases(&source, vec![new]).await.unwrap().remove(0);
        let events = vec![edited(release.id, 2, Reason::Number), edited(release.id, 3, Reason::Wording)];
        let versions = (1..=3).map(|number| version(release.id, number, snapshot)).collect();
        let addressee = Addressee { alert: "desk".into(), recipient: "desk@example.org".into() };
        let due_at = DateTime::UNIX_EPOCH;
        let outcome = CheckOutcome {
            releases: vec![ReleaseOutcome { versions, events, ..ReleaseOutcome::of(release) }],
            events: vec![Event { kind: EventKind::Site, ..event(1).event }],
            alerts: Box::new(move |_| vec![Dispatch { addressee, form: Form::Digest, due_at, events: vec![0, 1, 2] }]),
            ..CheckOutcome::quiet(source, due_at, SourceState::default())
        };
        store.record(outcome).await.unwrap();
        store.claim_message("desk", due_at, Duration::from_mins(1)).await.unwrap().unwrap()
    }

    #[tokio::test]
    async fn several_edits_of_one_release_are_told_as_one_before_and_after() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("record.db")).unwrap();
        let claimed = filled(&store).await;
        let message = load(&store, &claimed).await.unwrap();
        assert_eq!(message.key, format!("{}-1", claimed.store));
        assert_eq!(load(&store, &claimed).await.unwrap(), message);
        let Content::Summary { occasion: Occasion::Digest, told } = &message.content else { panic!("{message:?}") };
        let [edits, outage] = told.as_slice() else { panic!("{told:?}") };
        assert_eq!((edits.events.len(), edits.source_name.as_str()), (2, "Harbour"));
        assert_eq!(edits.thread, format!("{}-release-1", claimed.store));
        let document = |number| version(ReleaseId(1), number, SnapshotId(1)).document;
        assert_eq!(edits.change, Some(diff(&document(1), &document(3))));
        assert_eq!((outage.events.len(), outage.change.is_none()), (1, true));
        assert_eq!(outage.thread, format!("{}-source-harbour", claimed.store));
    }
}
