//! The record as JSON Lines: each line an object whose `type` says what it is.

use std::io::Write;

use serde_json::{Value, json};

use super::{BYTES_AT_ONCE, Part, ROWS_AT_ONCE};
use crate::domain::jsonl::event_line;
use crate::domain::model::{Release, Snapshot, SnapshotId, SourceId, Version};
use crate::store::{EventFilter, Store};

/// Releases and versions of each source, then snapshots, then events. Returns how many lines there are.
pub(super) async fn write(output: &mut impl Write, store: &Store, part: &Part) -> anyhow::Result<u64> {
    let mut lines = 0;
    for source in sources(store, part).await? {
        for release in store.list_releases(&source).await? {
            write_line(output, &release_line(&release))?;
            lines += 1 + write_versions(output, store, part, &release).await?;
        }
    }
    let mut after = SnapshotId(0);
    loop {
        let at_once = (ROWS_AT_ONCE, BYTES_AT_ONCE);
        let snapshots = store.list_snapshots_after(after, part.source.as_ref(), part.since, at_once).await?;
        let Some(last) = snapshots.last() else { break };
        after = last.id;
        snapshots.iter().try_for_each(|snapshot| write_line(output, &snapshot_line(snapshot)))?;
        lines += snapshots.len() as u64;
    }
    let mut filter = filter(part);
    loop {
        let events = store.list_events(filter.clone()).await?;
        let Some(last) = events.last() else { return Ok(lines) };
        filter.after = Some(last.id);
        for event in &events {
            let mut line: Value = serde_json::from_str(&event_line(event))?;
            line["type"] = "event".into();
            line["release"] = json!(event.event.release);
            line["explanation"] = event.event.explanation.clone().into();
            line["evidence"] = json!(event.event.evidence);
            write_line(output, &line)?;
        }
        lines += events.len() as u64;
    }
}

async fn write_versions(output: &mut impl Write, store: &Store, part: &Part, release: &Release) -> anyhow::Result<u64> {
    let mut lines = 0;
    for line in store.list_versions(release.id).await? {
        if part.since.is_some_and(|since| line.recorded_at < since) {
            continue;
        }
        if let Some(version) = store.find_version(release.id, line.number).await? {
            write_line(output, &version_line(&version))?;
            lines += 1;
        }
    }
    Ok(lines)
}

/// Which events, in portions.
pub(super) fn filter(part: &Part) -> EventFilter {
    EventFilter { source: part.source.clone(), since: part.since, limit: Some(ROWS_AT_ONCE), ..EventFilter::default() }
}

/// The sources of the part.
pub(super) async fn sources(store: &Store, part: &Part) -> anyhow::Result<Vec<SourceId>> {
    let sources = store.list_sources().await?.into_iter().map(|line| line.id);
    Ok(sources.filter(|id| part.source.as_ref().is_none_or(|wanted| wanted == id)).collect())
}

/// Every link of the chain. Returns how many there are.
pub(super) async fn write_chain(output: &mut impl Write, store: &Store) -> anyhow::Result<u64> {
    let (mut after, mut written) = (0, 0);
    loop {
        let links = store.list_links(after, ROWS_AT_ONCE).await?;
        let Some(last) = links.last() else { return Ok(written) };
        after = last.position;
        written += links.len() as u64;
        for link in &links {
            // The record stands in the line as the text that was hashed.
            let (position, hash, record) = (link.position, &link.link, &link.record);
            writeln!(output, r#"{{"position":{position},"link":"{hash}","record":{record}}}"#)?;
        }
    }
}

fn write_line(output: &mut impl Write, line: &Value) -> anyhow::Result<()> {
    let text = serde_json::to_string(line)?;
    Ok(writeln!(output, "{}", crate::domain::jsonl::without_hidden_line_ends(&text))?)
}

fn release_line(release: &Release) -> Value {
    json!({
        "type": "release", "id": release.id, "source": release.source, "url": release.url, "title": release.title,
        "day": release.day, "found_by": release.found_by, "found_at": release.found_at, "state": release.state,
        "unlisted": release.unlisted, "versions": release.latest.as_ref().map_or(0, |latest| latest.number),
    })
}

fn version_line(version: &Version) -> Value {
    json!({
        "type": "version", "release": version.release, "number": version.number, "snapshot": version.snapshot,
        "extractor": version.extractor, "hash": version.hash, "recorded_at": version.recorded_at,
        "technical": version.technical, "document": version.document,
    })
}

fn snapshot_line(snapshot: &Snapshot) -> Value {
    let fetched = &snapshot.fetched;
    json!({
        "type": "snapshot", "id": snapshot.id, "url": fetched.url, "final_url": fetched.final_url,
        "redirects": fetched.redirects, "status": fetched.status, "headers": fetched.headers,
        "fetched_at": fetched.fetched_at, "sha256": snapshot.sha256, "length": fetched.body.len(),
    })
}
