//! Why the last look at a release made no event; each look replaces the remark.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, Transaction};

use super::column::{Columns as _, Time};
use super::{Store, StoreError};
use crate::domain::classify::Remark;
use crate::domain::model::ReleaseId;

impl Store {
    /// The last remark on a release, and when it was made. A later look makes it stale.
    pub async fn find_remark(&self, release: ReleaseId) -> Result<Option<(DateTime<Utc>, String)>, StoreError> {
        self.read(move |transaction| {
            let mut statement = transaction.prepare_cached("SELECT made_at, text FROM remarks WHERE release = ?1")?;
            let remark = statement.query_row([release.0], |row| Ok((row.time("made_at")?, row.get("text")?)));
            Ok(remark.optional()?)
        })
        .await
    }
}

/// Writes remarks over the earlier ones on the same releases.
pub(super) fn save(transaction: &Transaction<'_>, remarks: &[Remark], at: DateTime<Utc>) -> Result<(), StoreError> {
    let mut statement = transaction.prepare_cached(
        "INSERT INTO remarks (release, made_at, text) SELECT id, ?2, ?3 FROM releases WHERE id = ?1
         ON CONFLICT (release) DO UPDATE SET made_at = excluded.made_at, text = excluded.text",
    )?;
    for remark in remarks {
        statement.execute((remark.release.0, Time(at), &remark.text))?;
    }
    Ok(())
}
