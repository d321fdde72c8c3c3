//! What tells when releases may change. Of the many that a source may have, a check reads those whose time may have
//! come: how long a release rests is written beside it by whoever knows the rule, `domain::recheck`.

use chrono::{DateTime, NaiveTime, Utc};
use rusqlite::{Row, ToSql, Transaction};

use super::column::{Columns as _, Time};
use super::{Store, StoreError};
use crate::domain::model::{GoneStreak, ReleaseId, SourceId};
use crate::domain::recheck::{Looks, Prospect, Relative, Wanted, fingerprint};
use crate::domain::template::section_of;

/// Those that were not looked at for longest are read, too, in case hardly any are due.
const LONGEST: u32 = 32;
/// Releases whose rest is noted in one transaction.
const AT_ONCE: usize = 1_000;
const COLUMNS: &str = "id, day, found_at, announce, state, gone, changed_at, looks, changes, looked_at";

impl Store {
    /// The releases of a source whose time may have come, those that `wanted` names, and a few that were not looked at
    /// for longest, in the order they were found.
    pub async fn list_prospects(&self, source: &SourceId, wanted: Wanted) -> Result<Vec<Prospect>, StoreError> {
        let source = source.clone();
        self.read(move |transaction| {
            let mut prospects = Vec::new();
            let mut add = |part: &str, values: &[&dyn ToSql]| select(transaction, part, values, &mut prospects);
            add("source = ?1 AND rests_until <= ?2", &[&source.0, &Time(wanted.now)])?;
            add("source = ?1 AND looked_at <= ?2", &[&source.0, &Time(wanted.looked_at_by)])?;
            add("source = ?1 AND looked_at > ?2", &[&source.0, &Time(wanted.now)])?;
            add("source = ?1 AND looked_at IS NOT NULL ORDER BY looked_at LIMIT ?2", &[&source.0, &LONGEST])?;
            for id in &wanted.signs {
                add("source = ?1 AND id = ?2", &[&source.0, &id.0])?;
            }
            prospects.sort_unstable_by_key(|prospect| prospect.id);
            prospects.dedup_by_key(|prospect| prospect.id);
            Ok(prospects)
        })
        .await
    }

    /// Notes until when releases rest, some at a time. Whatever changes about one later makes this void.
    pub async fn rest(&self, resting: &[(ReleaseId, DateTime<Utc>)]) -> Result<(), StoreError> {
        for part in resting.chunks(AT_ONCE) {
            let part = part.to_vec();
            self.write(move |transaction| {
                let sql = "UPDATE releases SET rests_until = ?2 WHERE id = ?1 AND rests_until <> ?2";
                let mut statement = transaction.prepare_cached(sql)?;
                for (release, until) in &part {
                    statement.execute((release.0, Time(*until)))?;
                }
                Ok(())
            })
            .await?;
        }
        Ok(())
    }

    /// What the releases of a source have to do with each other: all of them, in the order they were found.
    pub async fn list_relatives(&self, source: &SourceId) -> Result<Vec<Relative>, StoreError> {
        let source = source.clone();
        self.read(move |transaction| {
            let mut statement = transaction.prepare_cached(
                "SELECT r.id, r.url, r.title, r.state, r.gone, r.changed_at, r.looked_at, v.hash
                 FROM releases r LEFT JOIN versions v ON v.release = r.id
                     AND v.number = (SELECT max(number) FROM versions WHERE release = r.id)
                 WHERE r.source = ?1 ORDER BY r.id",
            )?;
            let relatives = statement.query_map([&source.0], read_relative)?;
            Ok(relatives.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The rows of all releases of a source, in the order they were found.
    pub async fn list_release_ids(&self, source: &SourceId) -> Result<Vec<ReleaseId>, StoreError> {
        let source = source.clone();
        self.read(move |transaction| {
            let mut statement = transaction.prepare_cached("SELECT id FROM releases WHERE source = ?1 ORDER BY id")?;
            let ids = statement.query_map([&source.0], |row| row.get(0).map(ReleaseId))?;
            Ok(ids.collect::<Result<_, _>>()?)
        })
        .await
    }
}

fn select(
    transaction: &Transaction<'_>,
    part: &str,
    values: &[&dyn ToSql],
    prospects: &mut Vec<Prospect>,
) -> Result<(), StoreError> {
    let mut statement = transaction.prepare_cached(&format!("SELECT {COLUMNS} FROM releases WHERE {part}"))?;
    for prospect in statement.query_map(values, read)? {
        prospects.push(prospect?);
    }
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Prospect> {
    let found_at = row.time("found_at")?;
    Ok(Prospect {
        id: ReleaseId(row.get("id")?),
        state: row.word("state")?,
        born_at: born_at(row, found_at)?,
        found_at,
        stirred_at: stirred_at(row)?,
        looks: Looks { count: row.get("looks")?, changes: row.get("changes")?, last_at: row.maybe_time("looked_at")? },
    })
}

fn read_relative(row: &Row<'_>) -> rusqlite::Result<Relative> {
    let title = row.get_ref("title")?.as_str()?;
    let hash = row.get_ref("hash")?.as_str_or_null()?;
    Ok(Relative {
        id: ReleaseId(row.get("id")?),
        state: row.word("state")?,
        stirred_at: stirred_at(row)?,
        looked_at: row.maybe_time("looked_at")?,
        section: section_of(&row.url("url")?),
        title: fingerprint(title),
        text: hash.map(fingerprint),
    })
}

fn stirred_at(row: &Row<'_>) -> rusqlite::Result<Option<DateTime<Utc>>> {
    let gone: Option<GoneStreak> = row.maybe_json("gone")?;
    let changed_at: Option<DateTime<Utc>> = row.maybe_time("changed_at")?;
    Ok(changed_at.max(gone.map(|gone| gone.first_at)))
}

/// What appeared under our eyes is as old as that, whatever date it bears.
fn born_at(row: &Row<'_>, found_at: DateTime<Utc>) -> rusqlite::Result<DateTime<Utc>> {
    let appeared: bool = row.get("announce")?;
    let day = row.maybe_day("day")?.filter(|_| !appeared);
    Ok(day.map_or(found_at, |day| day.and_time(NaiveTime::MIN).and_utc().min(found_at)))
}
