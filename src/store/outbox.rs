//! The outbox: alerts until they are delivered. A claim is a lease with an expiry, so that an alert whose
//! deliverer died is tried again; delivery is at least once.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::types::ToSql;
use rusqlite::{Connection, Row, Transaction, named_params};

use super::column::{Columns as _, Time, Word};
use super::{Store, StoreError, events};
use crate::domain::model::{Addressee, Alert, AlertId, AlertState, EventId};

/// Columns of an alert beside those of its event; a condition follows.
pub(super) const SELECT: &str =
    "SELECT e.*, o.id AS alert_id, o.alert, o.recipient, o.state, o.attempts, o.due_at, o.error
    FROM outbox o JOIN events e ON e.id = o.event";

impl Store {
    /// Takes up to `limit` alerts that are due and that nobody else is delivering, for as long as the lease; then they
    /// can be claimed again. `attempts` counts this one.
    pub async fn claim_alerts(
        &self,
        now: DateTime<Utc>,
        lease: Duration,
        limit: u32,
    ) -> Result<Vec<Alert>, StoreError> {
        let until = now + TimeDelta::from_std(lease).unwrap_or(TimeDelta::days(1));
        self.write(move |transaction| claim(transaction, now, until, limit)).await
    }

    /// The alert was delivered.
    pub async fn mark_sent(&self, id: AlertId, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.write(move |transaction| {
            // Also when it was given up meanwhile: it did arrive.
            let sql = "UPDATE outbox SET state = 'sent', leased_until = NULL, finished_at = ?2, error = NULL
                       WHERE id = ?1";
            change(transaction, id, sql, &[&id.0, &Time(now)])
        })
        .await
    }

    /// The alert was not delivered and is due again at `due_at`.
    pub async fn mark_retry(&self, id: AlertId, due_at: DateTime<Utc>, error: &str) -> Result<(), StoreError> {
        let error = error.to_owned();
        self.write(move |transaction| {
            let sql = "UPDATE outbox SET leased_until = NULL, due_at = ?2, error = ?3
                       WHERE id = ?1 AND state = 'pending'";
            change(transaction, id, sql, &[&id.0, &Time(due_at), &error])
        })
        .await
    }

    /// The alert was not delivered and is given up.
    pub async fn mark_failed(&self, id: AlertId, now: DateTime<Utc>, error: &str) -> Result<(), StoreError> {
        let error = error.to_owned();
        self.write(move |transaction| {
            let sql = "UPDATE outbox SET state = 'failed', leased_until = NULL, finished_at = ?2, error = ?3
                       WHERE id = ?1 AND state = 'pending'";
            change(transaction, id, sql, &[&id.0, &Time(now), &error])
        })
        .await
    }

    /// Makes an alert due now and forgets how often it was tried; fails for one that was sent.
    pub async fn retry_alert(&self, id: AlertId, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.write(move |transaction| {
            let sql = "UPDATE outbox SET state = 'pending', attempts = 0, due_at = ?2, leased_until = NULL,
                           finished_at = NULL
                       WHERE id = ?1 AND state <> 'sent'";
            change(transaction, id, sql, &[&id.0, &Time(now)])
        })
        .await
    }

    /// The alerts in this state, or all of them, oldest first.
    pub async fn list_alerts(&self, state: Option<AlertState>) -> Result<Vec<Alert>, StoreError> {
        self.read(move |transaction| {
            let mut statement =
                transaction.prepare_cached(&format!("{SELECT} WHERE ?1 IS NULL OR o.state = ?1 ORDER BY o.id"))?;
            let alerts = statement.query_map([state.map(Word)], read)?;
            Ok(alerts.collect::<Result<_, _>>()?)
        })
        .await
    }
}

/// Addresses an event; the same addressee twice is told once.
pub(super) fn insert(
    transaction: &Transaction<'_>,
    event: EventId,
    addressee: &Addressee,
    due_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "INSERT INTO outbox (event, alert, recipient, state, due_at)
             VALUES (:event, :alert, :recipient, :state, :due_at) ON CONFLICT (event, alert, recipient) DO NOTHING",
        )?
        .execute(named_params! {
            ":event": event.0,
            ":alert": addressee.alert,
            ":recipient": addressee.recipient,
            ":state": Word(AlertState::Pending),
            ":due_at": Time(due_at),
        })?;
    Ok(())
}

/// This process is the only one that delivers: what another one had leased when it was killed is free again.
pub(super) fn release_leases(connection: &Connection) -> Result<(), StoreError> {
    connection.execute("UPDATE outbox SET leased_until = NULL WHERE leased_until IS NOT NULL", [])?;
    Ok(())
}

fn claim(
    transaction: &Transaction<'_>,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    limit: u32,
) -> Result<Vec<Alert>, StoreError> {
    let mut due = transaction.prepare_cached(&format!(
        "{SELECT} WHERE o.state = 'pending' AND o.due_at <= :now AND coalesce(o.leased_until <= :now, TRUE)
         ORDER BY o.due_at, o.id LIMIT :limit"
    ))?;
    let due = due.query_map(named_params! { ":now": Time(now), ":limit": limit }, read)?;
    let mut alerts = due.collect::<Result<Vec<_>, _>>()?;
    let mut lease = transaction.prepare_cached("UPDATE outbox SET leased_until = ?2, attempts = ?3 WHERE id = ?1")?;
    for alert in &mut alerts {
        alert.attempts = alert.attempts.saturating_add(1);
        lease.execute((alert.id.0, Time(until), alert.attempts))?;
    }
    Ok(alerts)
}

fn change(transaction: &Transaction<'_>, id: AlertId, sql: &str, values: &[&dyn ToSql]) -> Result<(), StoreError> {
    match transaction.prepare_cached(sql)?.execute(values)? {
        0 => Err(StoreError::UnknownAlert(id)),
        _ => Ok(()),
    }
}

/// Reads an alert with its event.
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Alert> {
    Ok(Alert {
        id: AlertId(row.get("alert_id")?),
        event: events::read(row)?,
        addressee: Addressee { alert: row.get("alert")?, recipient: row.get("recipient")? },
        state: row.word("state")?,
        attempts: row.get("attempts")?,
        due_at: row.time("due_at")?,
        error: row.get("error")?,
    })
}
