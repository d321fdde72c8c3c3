//! The answers of the site that an event rests on.

use crate::domain::hex::hex;
use crate::domain::model::{Event, Redirect, SnapshotId};
use crate::web::App;
use crate::web::answer::Fault;
use crate::web::guard::Visitor;
use crate::web::layout::Moment;

/// Answers that are shown; an event rests on two or three.
const MOST: usize = 12;
/// Header lines that are shown of each.
const MOST_HEADERS: usize = 60;

/// One answer.
pub(in crate::web) struct Evidence {
    pub(in crate::web) id: SnapshotId,
    pub(in crate::web) at: Moment,
    pub(in crate::web) url: String,
    pub(in crate::web) final_url: String,
    pub(in crate::web) status: u16,
    pub(in crate::web) bytes: u64,
    pub(in crate::web) sha256: String,
    pub(in crate::web) redirects: Vec<Redirect>,
    pub(in crate::web) headers: Vec<(String, String)>,
    /// The version that was read from it, with the revision of the extractor.
    pub(in crate::web) version: Option<(u32, u32)>,
}

/// The snapshots that the event names, and those of its versions.
pub(in crate::web) async fn list(app: &App, visitor: Visitor, event: &Event) -> Result<Vec<Evidence>, Fault> {
    let mut read_from = Vec::new();
    if let Some(release) = event.release {
        for number in [event.old_version, event.new_version].into_iter().flatten() {
            let line = app.store.list_versions_after(release, number.saturating_sub(1), 1).await?.pop();
            read_from.extend(line.map(|line| (line.snapshot, (line.number, line.extractor))));
        }
    }
    let mut ids: Vec<SnapshotId> = read_from.iter().map(|(id, _)| *id).chain(event.evidence.iter().copied()).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut evidence = Vec::new();
    for id in ids.into_iter().take(MOST) {
        let version = read_from.iter().find(|(snapshot, _)| *snapshot == id).map(|(_, version)| *version);
        evidence.extend(one(app, visitor, id, version).await?);
    }
    Ok(evidence)
}

async fn one(
    app: &App,
    visitor: Visitor,
    id: SnapshotId,
    version: Option<(u32, u32)>,
) -> Result<Option<Evidence>, Fault> {
    let Some(line) = app.store.find_answer(id).await? else { return Ok(None) };
    let fetched = line.fetched;
    Ok(Some(Evidence {
        id,
        at: Moment::new(fetched.fetched_at, visitor.zone, app.clock.now()),
        url: fetched.url.to_string(),
        final_url: fetched.final_url.to_string(),
        status: fetched.status,
        bytes: line.length,
        sha256: hex(&line.sha256),
        redirects: fetched.redirects,
        headers: fetched.headers.into_iter().take(MOST_HEADERS).collect(),
        version,
    }))
}
