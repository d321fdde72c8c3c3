//! Hands messages out to who delivers them, one at a time, and notes what became of each.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::types::ToSql;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, named_params};

use super::super::column::{Columns as _, Time};
use super::super::{Store, StoreError, events};
use crate::domain::message::{MessageId, Notice};
use crate::domain::model::{Addressee, RecordedEvent};
use crate::domain::route::Form;

/// A message that is being delivered.
#[derive(Clone, Debug, PartialEq)]
pub struct Claimed {
    /// Its row.
    pub id: MessageId,
    /// What its store is known by.
    pub store: String,
    /// To whom.
    pub addressee: Addressee,
    /// What kind of message.
    pub form: Form,
    /// What it says, if it is a notice.
    pub notice: Option<Notice>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Since when it has been due.
    pub waits_from: DateTime<Utc>,
    /// Deliveries tried, this one included.
    pub attempts: u32,
}

/// What can be delivered now. A due time that no wait explains was written before the clock was set back.
const CLAIMABLE: &str = "m.state = 'pending'
    AND (m.due_at <= :now OR m.created_at > :soon
         OR (m.due_at > :soon AND (m.tried_at IS NOT NULL OR m.form NOT IN ('digest', 'quiet'))))
    AND (m.leased_until IS NULL OR m.leased_until <= :now OR m.leased_until > :soon)
    AND NOT EXISTS (SELECT 1 FROM failures f WHERE f.alert = m.alert AND f.recipient IN ('', m.recipient)
                    AND f.over_at IS NULL AND f.retry_at > :now AND f.retry_at <= :soon)";

/// Longer than any wait between two attempts, and than a lease.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(7);

impl Store {
    /// The alerts that have a message to be delivered now.
    pub async fn list_due_alerts(&self, now: DateTime<Utc>) -> Result<Vec<String>, StoreError> {
        self.read(move |transaction| {
            let sql = format!("SELECT DISTINCT m.alert FROM messages m WHERE {CLAIMABLE} ORDER BY m.alert");
            let mut statement = transaction.prepare_cached(&sql)?;
            let params = named_params! { ":now": Time(now), ":soon": Time(now + LONGEST_WAIT) };
            let alerts = statement.query_map(params, |row| row.get(0))?;
            Ok(alerts.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Takes the oldest message of this alert that is due and that nobody else delivers, for as long as the lease; then
    /// it can be claimed again. From now on no event joins it.
    pub async fn claim_message(
        &self,
        alert: &str,
        now: DateTime<Utc>,
        lease: Duration,
    ) -> Result<Option<Claimed>, StoreError> {
        let until = now + TimeDelta::from_std(lease).unwrap_or(TimeDelta::hours(1));
        let alert = alert.to_owned();
        self.write(move |transaction| claim(transaction, &alert, now, until)).await
    }

    /// The events that a message tells, oldest first.
    pub async fn list_told(&self, id: MessageId) -> Result<Vec<RecordedEvent>, StoreError> {
        self.read(move |transaction| {
            let mut statement = transaction.prepare_cached(
                "SELECT e.* FROM outbox o JOIN events e ON e.id = o.event WHERE o.message = ?1 ORDER BY e.id",
            )?;
            let told = statement.query_map([id.0], events::read)?;
            Ok(told.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// The message was delivered: whoever it went to can be reached again.
    pub async fn mark_sent(&self, id: MessageId, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.write(move |transaction| {
            // Also when it was given up meanwhile: it did arrive.
            let sql = "UPDATE messages SET state = 'sent', leased_until = NULL, finished_at = ?2, error = NULL
                       WHERE id = ?1";
            change(transaction, id, sql, &[&id.0, &Time(now)])?;
            super::failing::end(transaction, id, now)
        })
        .await
    }

    /// The message was not delivered and is due again at `due_at`.
    pub async fn mark_retry(&self, id: MessageId, due_at: DateTime<Utc>, error: &str) -> Result<(), StoreError> {
        let error = error.to_owned();
        self.write(move |transaction| {
            let sql = "UPDATE messages SET leased_until = NULL, due_at = ?2, error = ?3
                       WHERE id = ?1 AND state = 'pending'";
            change(transaction, id, sql, &[&id.0, &Time(due_at), &error])
        })
        .await
    }

    /// The message was not delivered and is given up.
    pub async fn mark_failed(&self, id: MessageId, now: DateTime<Utc>, error: &str) -> Result<(), StoreError> {
        let error = error.to_owned();
        self.write(move |transaction| {
            let sql = "UPDATE messages SET state = 'failed', leased_until = NULL, finished_at = ?2, error = ?3
                       WHERE id = ?1 AND state = 'pending'";
            change(transaction, id, sql, &[&id.0, &Time(now), &error])
        })
        .await
    }

    /// Makes a message due now and forgets how often it was tried; fails for one that was sent.
    pub async fn retry(&self, id: MessageId, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.write(move |transaction| {
            let mut statement = transaction.prepare_cached(
                "UPDATE messages SET state = 'pending', attempts = 0, due_at = ?2, waits_from = ?2,
                     leased_until = NULL, finished_at = NULL
                 WHERE id = ?1 AND state <> 'sent' RETURNING alert",
            )?;
            let alert: Option<String> = statement.query_row((id.0, Time(now)), |row| row.get(0)).optional()?;
            let alert = alert.ok_or(StoreError::UnknownMessage(id))?;
            super::failing::ask_again(transaction, &alert, now)
        })
        .await
    }

    /// As [`Store::retry`], for all messages that were given up or that wait after a failure. How many there were.
    pub async fn retry_all(&self, now: DateTime<Utc>) -> Result<usize, StoreError> {
        self.write(move |transaction| {
            transaction.execute("UPDATE failures SET retry_at = ?1 WHERE over_at IS NULL", [Time(now)])?;
            let retried = transaction.execute(
                "UPDATE messages SET state = 'pending', attempts = 0, due_at = ?1, waits_from = ?1,
                     leased_until = NULL, finished_at = NULL
                 WHERE state = 'failed' OR (state = 'pending' AND attempts > 0)",
                [Time(now)],
            )?;
            Ok(retried)
        })
        .await
    }
}

/// This process is the only one that delivers: what another one had leased when it was killed is free again.
pub(in crate::store) fn release_leases(connection: &Connection) -> Result<(), StoreError> {
    connection.execute("UPDATE messages SET leased_until = NULL WHERE leased_until IS NOT NULL", [])?;
    Ok(())
}

fn claim(
    transaction: &Transaction<'_>,
    alert: &str,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Option<Claimed>, StoreError> {
    let mut due = transaction.prepare_cached(&format!(
        "SELECT m.*, (SELECT value FROM meta WHERE name = 'store_id') AS store FROM messages m
         WHERE m.alert = :alert AND {CLAIMABLE} ORDER BY m.id LIMIT 1"
    ))?;
    let params = named_params! { ":alert": alert, ":now": Time(now), ":soon": Time(now + LONGEST_WAIT) };
    let Some(mut claimed) = due.query_row(params, read).optional()? else { return Ok(None) };
    claimed.attempts = claimed.attempts.saturating_add(1);
    transaction
        .prepare_cached(
            "UPDATE messages SET leased_until = ?2, attempts = ?3, tried_at = coalesce(tried_at, ?4) WHERE id = ?1",
        )?
        .execute((claimed.id.0, Time(until), claimed.attempts, Time(now)))?;
    Ok(Some(claimed))
}

fn change(transaction: &Transaction<'_>, id: MessageId, sql: &str, values: &[&dyn ToSql]) -> Result<(), StoreError> {
    match transaction.prepare_cached(sql)?.execute(values)? {
        0 => Err(StoreError::UnknownMessage(id)),
        _ => Ok(()),
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Claimed> {
    Ok(Claimed {
        id: MessageId(row.get("id")?),
        store: row.get("store")?,
        addressee: Addressee { alert: row.get("alert")?, recipient: row.get("recipient")? },
        form: row.word("form")?,
        notice: row.maybe_json("notice")?,
        created_at: row.time("created_at")?,
        waits_from: row.time("waits_from")?,
        attempts: row.get("attempts")?,
    })
}
