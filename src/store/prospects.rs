//! What tells when releases may change, for all releases of a source: lean, because a source may have many of them,
//! of which a check looks at few.

use chrono::{DateTime, NaiveTime, Utc};
use rusqlite::Row;

use super::column::Columns as _;
use super::releases::read_looks;
use super::{Store, StoreError};
use crate::domain::model::{GoneStreak, ReleaseId, SourceId};
use crate::domain::recheck::{Prospect, fingerprint};
use crate::domain::template::section_of;

impl Store {
    /// The prospects of all releases of a source, in the order they were found.
    pub async fn list_prospects(&self, source: &SourceId) -> Result<Vec<Prospect>, StoreError> {
        let source = source.clone();
        self.read(move |transaction| {
            let mut statement = transaction.prepare_cached(
                "SELECT r.id, r.url, r.title, r.day, r.found_at, r.announce, r.state, r.gone, r.unlisted, r.changed_at,
                     r.looks, r.changes, r.looked_at, v.hash
                 FROM releases r LEFT JOIN versions v ON v.release = r.id
                     AND v.number = (SELECT max(number) FROM versions WHERE release = r.id)
                 WHERE r.source = ?1 ORDER BY r.id",
            )?;
            let prospects = statement.query_map([&source.0], read)?;
            Ok(prospects.collect::<Result<_, _>>()?)
        })
        .await
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Prospect> {
    let found_at = row.time("found_at")?;
    let gone: Option<GoneStreak> = row.maybe_json("gone")?;
    let changed_at: Option<DateTime<Utc>> = row.maybe_time("changed_at")?;
    let title = row.get_ref("title")?.as_str()?;
    let hash = row.get_ref("hash")?.as_str_or_null()?;
    Ok(Prospect {
        id: ReleaseId(row.get("id")?),
        state: row.word("state")?,
        unlisted: row.get("unlisted")?,
        born_at: born_at(row, found_at)?,
        found_at,
        stirred_at: changed_at.max(gone.map(|gone| gone.first_at)),
        looks: read_looks(row)?,
        section: section_of(&row.url("url")?),
        title: fingerprint(title),
        text: hash.map(fingerprint),
    })
}

/// What appeared under our eyes is as old as that, whatever date it bears.
fn born_at(row: &Row<'_>, found_at: DateTime<Utc>) -> rusqlite::Result<DateTime<Utc>> {
    let appeared: bool = row.get("announce")?;
    let day = row.maybe_day("day")?.filter(|_| !appeared);
    Ok(day.map_or(found_at, |day| day.and_time(NaiveTime::MIN).and_utc().min(found_at)))
}
