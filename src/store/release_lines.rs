//! Releases as lists show them, a page at a time and without what only a check needs.

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::{Row, named_params};
use url::Url;

use super::column::{Columns as _, Word};
use super::{Store, StoreError};
use crate::domain::model::{ReleaseId, ReleaseState, SourceId};

/// A release in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseLine {
    /// Its row.
    pub id: ReleaseId,
    /// Its source.
    pub source: SourceId,
    /// Its address.
    pub url: Url,
    /// Its title.
    pub title: String,
    /// The day it was published, as far as known.
    pub day: Option<NaiveDate>,
    /// Where it stands.
    pub state: ReleaseState,
    /// When it was found.
    pub found_at: DateTime<Utc>,
    /// When its text last changed.
    pub changed_at: Option<DateTime<Utc>>,
}

impl Store {
    /// Releases with a lower id than `before`, the newest first: of one source or of all, in one state or in any.
    pub async fn list_release_lines(
        &self,
        source: Option<SourceId>,
        state: Option<ReleaseState>,
        before: Option<ReleaseId>,
        limit: u32,
    ) -> Result<Vec<ReleaseLine>, StoreError> {
        self.read(move |transaction| {
            // Parts that are not given drop out of the text, so that the indexes are used for those that are.
            let source_part = if source.is_some() { "source = :source" } else { ":source IS NULL" };
            let state_part = if state.is_some() { "state = :state" } else { ":state IS NULL" };
            let sql = format!(
                "SELECT id, source, url, title, day, state, found_at, changed_at FROM releases
                 WHERE {source_part} AND {state_part} AND id < :before ORDER BY id DESC LIMIT :limit"
            );
            let mut statement = transaction.prepare_cached(&sql)?;
            let values = named_params! {
                ":source": source.as_ref().map(|source| &source.0),
                ":state": state.map(Word),
                ":before": before.map_or(i64::MAX, |before| before.0),
                ":limit": limit,
            };
            let lines = statement.query_map(values, read_line)?;
            Ok(lines.collect::<Result<_, _>>()?)
        })
        .await
    }
}

fn read_line(row: &Row<'_>) -> rusqlite::Result<ReleaseLine> {
    Ok(ReleaseLine {
        id: ReleaseId(row.get("id")?),
        source: SourceId(row.get("source")?),
        url: row.url("url")?,
        title: row.get("title")?,
        day: row.maybe_day("day")?,
        state: row.word("state")?,
        found_at: row.time("found_at")?,
        changed_at: row.maybe_time("changed_at")?,
    })
}
