//! Messages that collect events until they are due, and other times for them.

use chrono::{DateTime, Utc};
use rusqlite::Row;

use super::super::column::{Columns as _, Time};
use super::super::{Store, StoreError};
use crate::domain::message::MessageId;

/// A digest, or what waits for the end of the quiet hours, that was never tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collecting {
    /// Its row.
    pub id: MessageId,
    /// Name of the alert.
    pub alert: String,
    /// When the first of its events happened.
    pub created_at: DateTime<Utc>,
    /// When it is to be sent.
    pub due_at: DateTime<Utc>,
}

impl Store {
    /// The messages that collect events.
    pub async fn list_collecting(&self) -> Result<Vec<Collecting>, StoreError> {
        self.read(|transaction| {
            let mut statement = transaction.prepare_cached(
                "SELECT id, alert, created_at, due_at FROM messages
                 WHERE state = 'pending' AND form IN ('digest', 'quiet') AND tried_at IS NULL ORDER BY id",
            )?;
            let collecting = statement.query_map([], read)?;
            Ok(collecting.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Makes messages due at other times, unless they were tried meanwhile.
    pub async fn reschedule(&self, times: Vec<(MessageId, DateTime<Utc>)>) -> Result<(), StoreError> {
        self.write(move |transaction| {
            let mut change = transaction.prepare_cached(
                "UPDATE messages SET due_at = ?2, waits_from = ?2
                 WHERE id = ?1 AND state = 'pending' AND tried_at IS NULL",
            )?;
            for (id, due_at) in times {
                change.execute((id.0, Time(due_at)))?;
            }
            Ok(())
        })
        .await
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Collecting> {
    Ok(Collecting {
        id: MessageId(row.get("id")?),
        alert: row.get("alert")?,
        created_at: row.time("created_at")?,
        due_at: row.time("due_at")?,
    })
}
