//! Two versions of one release: those of an event, or the latest two that differ for a reader.

use anyhow::{Context as _, bail};

use super::Pair;
use crate::cli::lookup::{find_release, find_version};
use crate::cli::session::Session;
use crate::domain::model::{EventId, Release, ReleaseId};
use crate::domain::render::Heading;
use crate::domain::word::word;
use crate::store::{Store, VersionLine};

/// Which release, and which of its versions.
struct Choice {
    release: ReleaseId,
    title: String,
    url: String,
    from: u32,
    to: u32,
}

/// Reads the two versions that an event or an address means, unless they are given.
pub(super) async fn read(target: &str, from: Option<u32>, to: Option<u32>, session: &Session) -> anyhow::Result<Pair> {
    let (config, store) = session.record()?;
    let choice = if let Ok(id) = target.parse() {
        of_event(&store, EventId(id), from, to).await?
    } else {
        let release = find_release((&config, &store), target, &session.output).await?;
        of_release(&store, release, from, to).await?
    };
    let old = find_version(&store, choice.release, choice.from).await?;
    let new = find_version(&store, choice.release, choice.to).await?;
    let label = |number: u32, at: chrono::DateTime<chrono::Utc>| {
        format!("version {number}, {}", at.format("%Y-%m-%d %H:%M UTC"))
    };
    let heading = Heading {
        title: choice.title,
        url: choice.url,
        old_label: label(old.number, old.recorded_at),
        new_label: label(new.number, new.recorded_at),
    };
    Ok(Pair { old: old.document, new: new.document, heading })
}

async fn of_event(store: &Store, id: EventId, from: Option<u32>, to: Option<u32>) -> anyhow::Result<Choice> {
    let event = store.find_event(id).await?.with_context(|| format!("there is no event {id}"))?.event;
    if event.release.is_none() {
        bail!("event {id} ({}) is about the source as a whole; there is nothing to compare", word(&event.kind));
    }
    let pair = (from.or(event.old_version), to.or(event.new_version));
    let (Some(release), (Some(from), Some(to))) = (event.release, pair) else {
        bail!("event {id} ({}) compares no two versions; see `pressdiff history {}`", word(&event.kind), event.url);
    };
    Ok(Choice { release, title: event.title, url: event.url.into(), from, to })
}

async fn of_release(store: &Store, release: Release, from: Option<u32>, to: Option<u32>) -> anyhow::Result<Choice> {
    let versions = store.list_versions(release.id).await?;
    let to = to
        .or_else(|| last_edit(&versions))
        .context("this release has no version yet: it was found but has not been read")?;
    let Some(from) = from.or(to.checked_sub(1).filter(|number| *number > 0)) else {
        bail!("{} has one version only; see `pressdiff show {}`", release.url, release.url);
    };
    Ok(Choice { release: release.id, title: release.title, url: release.url.into(), from, to })
}

/// The latest version that the publisher made.
fn last_edit(versions: &[VersionLine]) -> Option<u32> {
    versions.iter().rev().find(|version| !version.technical).or(versions.last()).map(|version| version.number)
}
