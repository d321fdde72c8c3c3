//! Heartbeats: that they come is the message, what they count is beside it.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, Transaction};

use super::super::column::{Columns as _, Time};
use super::super::{Store, StoreError};
use super::write;
use crate::domain::message::Notice;
use crate::domain::model::{Addressee, Reason, SourceId, SourceState};

/// A heartbeat of one alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heartbeat {
    /// Name of the alert.
    pub alert: String,
    /// Its recipients.
    pub to: Vec<Addressee>,
    /// The sources that it is about.
    pub sources: Vec<SourceId>,
}

impl Store {
    /// When an alert last had a heartbeat, or was first asked for one: that is `now` if it never was, or if the clock
    /// was set back since.
    pub async fn find_heartbeat(&self, alert: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, StoreError> {
        let name = alert.to_owned();
        let last_at: Option<DateTime<Utc>> = self
            .read(move |transaction| {
                let mut statement = transaction.prepare_cached("SELECT last_at FROM heartbeats WHERE alert = ?1")?;
                Ok(statement.query_row([name], |row| row.time("last_at")).optional()?)
            })
            .await?;
        match last_at {
            Some(last_at) if last_at <= now => Ok(last_at),
            _ => {
                let name = alert.to_owned();
                self.write(move |transaction| set_heartbeat(transaction, &name, now)).await?;
                Ok(now)
            }
        }
    }

    /// Puts one heartbeat for each recipient into the outbox.
    pub async fn record_heartbeat(&self, heartbeat: Heartbeat, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.write(move |transaction| {
            let since: Option<DateTime<Utc>> = transaction
                .prepare_cached("SELECT last_at FROM heartbeats WHERE alert = ?1")?
                .query_row([&heartbeat.alert], |row| row.time("last_at"))
                .optional()?;
            let notice = count(transaction, &heartbeat.sources, since.unwrap_or(now))?;
            write::notify(transaction, &heartbeat.to, &notice, now)?;
            set_heartbeat(transaction, &heartbeat.alert, now)
        })
        .await
    }
}

fn set_heartbeat(transaction: &Transaction<'_>, alert: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
    transaction
        .prepare_cached(
            "INSERT INTO heartbeats (alert, last_at) VALUES (?1, ?2)
             ON CONFLICT (alert) DO UPDATE SET last_at = excluded.last_at",
        )?
        .execute((alert, Time(now)))?;
    Ok(())
}

fn count(transaction: &Transaction<'_>, sources: &[SourceId], since: DateTime<Utc>) -> Result<Notice, StoreError> {
    let mut releases_of = transaction.prepare_cached("SELECT count(*) FROM releases WHERE source = ?1")?;
    let mut events_of = transaction.prepare_cached("SELECT count(*) FROM events WHERE source = ?1 AND at > ?2")?;
    let mut state_of = transaction.prepare_cached("SELECT name, state FROM sources WHERE id = ?1")?;
    let (mut releases, mut events, mut troubles) = (0, 0, Vec::new());
    for source in sources {
        releases += releases_of.query_row([&source.0], |row| row.get::<_, i64>(0))?.unsigned_abs();
        events += events_of.query_row((&source.0, Time(since)), |row| row.get::<_, i64>(0))?.unsigned_abs();
        let state = state_of.query_row([&source.0], |row| Ok((row.get("name")?, row.json("state")?))).optional()?;
        let (name, state): (String, SourceState) = state.unwrap_or_else(|| (source.0.clone(), SourceState::default()));
        troubles.extend(state.troubles.iter().map(|trouble| line(&name, &word(trouble.cause), trouble.since)));
    }
    let mut failing = transaction.prepare_cached("SELECT alert, since FROM failures WHERE over_at IS NULL")?;
    let failing = failing.query_map([], |row| Ok((row.get::<_, String>("alert")?, row.time("since")?)))?;
    for failing in failing {
        let (alert, since) = failing?;
        troubles.push(line(&format!("alert {alert}"), "not delivered", since));
    }
    let sources = u64::try_from(sources.len()).unwrap_or(u64::MAX);
    Ok(Notice::Heartbeat { releases, sources, events, troubles })
}

fn line(name: &str, trouble: &str, since: DateTime<Utc>) -> String {
    format!("{name}: {trouble} since {}", since.format("%Y-%m-%d %H:%M UTC"))
}

/// As the event list spells it.
fn word(cause: Reason) -> String {
    match serde_json::to_value(cause) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}
