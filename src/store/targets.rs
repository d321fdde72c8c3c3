//! What snapshots are of, each spelled once: the address that was asked for on behalf of a source, and the way from it
//! to the one that answered.

use rusqlite::{OptionalExtension as _, Transaction};
use url::Url;

use super::StoreError;
use super::column::Json;
use crate::domain::model::{Fetched, Redirect, SourceId};

/// The row of an address and a source, written if it is new.
pub(super) fn save(transaction: &Transaction<'_>, source: &SourceId, url: &Url) -> Result<i64, StoreError> {
    if let Some(id) = find(transaction, source, url)? {
        return Ok(id);
    }
    let sql = "INSERT INTO targets (source, url) VALUES (?1, ?2)";
    transaction.prepare_cached(sql)?.execute((&source.0, url.as_str()))?;
    Ok(transaction.last_insert_rowid())
}

/// The row of an address and a source.
pub(super) fn find(transaction: &Transaction<'_>, source: &SourceId, url: &Url) -> Result<Option<i64>, StoreError> {
    let mut statement = transaction.prepare_cached("SELECT id FROM targets WHERE url = ?1 AND source = ?2")?;
    Ok(statement.query_row((url.as_str(), &source.0), |row| row.get(0)).optional()?)
}

/// The row of the way that an answer took: that of the snapshot before it, if it is the same. None when the target
/// itself answered.
pub(super) fn save_route(
    transaction: &Transaction<'_>,
    target: i64,
    fetched: &Fetched,
) -> Result<Option<i64>, StoreError> {
    let final_url = Some(fetched.final_url.as_str()).filter(|_| fetched.final_url != fetched.url);
    let redirects: Option<Json<&Vec<Redirect>>> = Some(&fetched.redirects).filter(|all| !all.is_empty()).map(Json);
    if final_url.is_none() && redirects.is_none() {
        return Ok(None);
    }
    let mut last = transaction.prepare_cached(
        "SELECT r.id FROM routes r WHERE r.id = (SELECT route FROM snapshots WHERE target = ?1 ORDER BY id DESC LIMIT 1)
             AND r.final_url IS ?2 AND r.redirects IS ?3",
    )?;
    if let Some(id) = last.query_row((target, final_url, &redirects), |row| row.get(0)).optional()? {
        return Ok(Some(id));
    }
    let sql = "INSERT INTO routes (final_url, redirects) VALUES (?1, ?2)";
    transaction.prepare_cached(sql)?.execute((final_url, &redirects))?;
    Ok(Some(transaction.last_insert_rowid()))
}
