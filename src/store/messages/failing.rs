//! Who cannot be reached, and since when. What others are told in their place is in `pass_on`.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Row, Transaction, named_params};

use super::super::column::{Columns as _, Time};
use super::super::{Store, StoreError};
use crate::domain::message::MessageId;

/// Somebody who cannot be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failing {
    /// Name of the alert.
    pub alert: String,
    /// Whom it does not reach; none when it reaches nobody.
    pub recipient: Option<String>,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Attempts in a row that failed.
    pub failures: u32,
    /// When it is tried again.
    pub retry_at: DateTime<Utc>,
    /// What the last attempt said.
    pub error: String,
    /// Messages of the alert that wait or were given up since then.
    pub waiting: u64,
}

/// Who fails, with how many messages wait for that; a condition follows.
pub(super) const SELECT: &str = "SELECT f.*, (
        SELECT count(*) FROM messages m WHERE m.alert = f.alert AND f.recipient IN ('', m.recipient)
            AND (m.state = 'pending' OR (m.state = 'failed' AND m.finished_at >= f.since))) AS waiting
    FROM failures f";

impl Store {
    /// Notes that an alert does not reach a recipient, or anybody when none is given. It is not tried again before the
    /// time that `wait` gives for so many failures in a row; returns how many those are.
    pub async fn note_failure(
        &self,
        alert: &str,
        recipient: Option<&str>,
        error: &str,
        now: DateTime<Utc>,
        wait: impl Fn(u32) -> TimeDelta + Send + 'static,
    ) -> Result<u32, StoreError> {
        let (alert, recipient) = (alert.to_owned(), recipient.unwrap_or_default().to_owned());
        let error = error.to_owned();
        self.write(move |transaction| {
            // What begins again before anybody was told that it ended has not ended; the row of failures has.
            let failures: u32 = transaction
                .prepare_cached(
                    "INSERT INTO failures (alert, recipient, since, failures, retry_at, error)
                     VALUES (?1, ?2, ?3, 1, ?3, ?4)
                     ON CONFLICT (alert, recipient) DO UPDATE
                     SET failures = CASE WHEN over_at IS NULL THEN failures + 1 ELSE 1 END,
                         error = excluded.error, over_at = NULL RETURNING failures",
                )?
                .query_row((&alert, &recipient, Time(now), &error), |row| row.get(0))?;
            transaction
                .prepare_cached("UPDATE failures SET retry_at = ?3 WHERE alert = ?1 AND recipient = ?2")?
                .execute((&alert, &recipient, Time(now + wait(failures))))?;
            Ok(failures)
        })
        .await
    }

    /// Gives up the messages of an alert that were first due before `limit`, tried or not, if it has reached nobody
    /// since `since`.
    pub async fn give_up(
        &self,
        alert: &str,
        limit: DateTime<Utc>,
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<usize, StoreError> {
        let alert = alert.to_owned();
        self.write(move |transaction| {
            let given_up = transaction
                .prepare_cached(
                    "UPDATE messages SET state = 'failed', leased_until = NULL, finished_at = :now, error = f.error
                     FROM failures f
                     WHERE f.alert = :alert AND f.recipient = '' AND f.over_at IS NULL AND f.since <= :since
                         AND messages.alert = :alert AND messages.state = 'pending' AND messages.waits_from <= :limit",
                )?
                .execute(named_params! {
                    ":alert": alert, ":limit": Time(limit), ":since": Time(since), ":now": Time(now),
                })?;
            Ok(given_up)
        })
        .await
    }

    /// Who cannot be reached.
    pub async fn list_failing(&self) -> Result<Vec<Failing>, StoreError> {
        self.read(|transaction| {
            let sql = format!("{SELECT} WHERE f.over_at IS NULL ORDER BY f.alert, f.recipient");
            let mut statement = transaction.prepare_cached(&sql)?;
            let failing = statement.query_map([], read)?;
            Ok(failing.collect::<Result<_, _>>()?)
        })
        .await
    }
}

/// After a message was delivered: nobody it concerns is failing any more. What waited for its next attempt in a longer
/// failure is due at once; after a short one it may have been the cause.
pub(super) fn end(transaction: &Transaction<'_>, id: MessageId, now: DateTime<Utc>) -> Result<(), StoreError> {
    const CONCERNED: &str = "FROM failures f JOIN messages m ON m.id = :id
        WHERE f.alert = m.alert AND f.recipient IN ('', m.recipient) AND f.over_at IS NULL";
    let longest: Option<u32> = transaction
        .prepare_cached(&format!("SELECT max(f.failures) {CONCERNED}"))?
        .query_row(named_params! { ":id": id.0 }, |row| row.get(0))?;
    let Some(longest) = longest else { return Ok(()) };
    if longest > 1 {
        transaction
            .prepare_cached(&format!(
                "UPDATE messages SET due_at = :now WHERE state = 'pending' AND tried_at IS NOT NULL AND due_at > :now
                     AND EXISTS (SELECT 1 {CONCERNED} AND m.alert = messages.alert
                                     AND f.recipient IN ('', messages.recipient))"
            ))?
            .execute(named_params! { ":id": id.0, ":now": Time(now) })?;
    }
    transaction
        .prepare_cached(&format!("UPDATE failures SET over_at = :now WHERE rowid IN (SELECT f.rowid {CONCERNED})"))?
        .execute(named_params! { ":id": id.0, ":now": Time(now) })?;
    // Who was not told that it began need not be told that it is over.
    transaction.prepare_cached("DELETE FROM failures WHERE over_at IS NOT NULL AND told = 0")?.execute([])?;
    Ok(())
}

/// Somebody put it right, perhaps.
pub(super) fn ask_again(transaction: &Transaction<'_>, alert: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    transaction
        .prepare_cached("UPDATE failures SET retry_at = ?2 WHERE alert = ?1 AND over_at IS NULL")?
        .execute((alert, Time(now)))?;
    Ok(())
}

/// A row with `waiting` beside its columns.
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Failing> {
    let recipient: String = row.get("recipient")?;
    Ok(Failing {
        alert: row.get("alert")?,
        recipient: (!recipient.is_empty()).then_some(recipient),
        since: row.time("since")?,
        failures: row.get("failures")?,
        retry_at: row.time("retry_at")?,
        error: row.get("error")?,
        waiting: row.get::<_, i64>("waiting")?.unsigned_abs(),
    })
}
