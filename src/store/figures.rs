//! Figures about the record as a whole, for those who watch over the service. Each is read from an index or a small
//! table, so that asking often costs little.

use chrono::{DateTime, Utc};
use rusqlite::Transaction;

use super::column::{Columns as _, Word};
use super::{Store, StoreError};
use crate::domain::model::AlertState;

/// What waits in the outbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutboxFigures {
    /// Alerts that are to be delivered.
    pub pending: u64,
    /// Alerts that were given up.
    pub failed: u64,
    /// When the event of the oldest pending one was recorded.
    pub oldest_at: Option<DateTime<Utc>>,
}

impl Store {
    /// Whether the writer answers: waits for its turn among the writes, and returns how many alerts wait.
    pub async fn answer_as_writer(&self) -> Result<u64, StoreError> {
        self.write(|transaction| count(transaction, AlertState::Pending)).await
    }

    /// What waits in the outbox.
    pub async fn outbox_figures(&self) -> Result<OutboxFigures, StoreError> {
        self.read(|transaction| {
            let sql = "SELECT min(e.at) AS oldest_at FROM outbox o JOIN events e ON e.id = o.event WHERE o.state = ?1";
            let mut oldest = transaction.prepare_cached(sql)?;
            Ok(OutboxFigures {
                pending: count(transaction, AlertState::Pending)?,
                failed: count(transaction, AlertState::Failed)?,
                oldest_at: oldest.query_row([Word(AlertState::Pending)], |row| row.maybe_time("oldest_at"))?,
            })
        })
        .await
    }

    /// Bytes of the database, its free pages included; what waits in the log beside it is not counted.
    pub async fn size(&self) -> Result<u64, StoreError> {
        self.read(|transaction| {
            let pages: u64 = transaction.pragma_query_value(None, "page_count", unsigned)?;
            let bytes: u64 = transaction.pragma_query_value(None, "page_size", unsigned)?;
            Ok(pages * bytes)
        })
        .await
    }
}

fn count(transaction: &Transaction<'_>, state: AlertState) -> Result<u64, StoreError> {
    let mut statement = transaction.prepare_cached("SELECT count(*) FROM outbox WHERE state = ?1")?;
    Ok(statement.query_row([Word(state)], unsigned)?)
}

/// Counts are never negative.
fn unsigned(row: &rusqlite::Row<'_>) -> rusqlite::Result<u64> {
    row.get::<_, i64>(0).map(i64::unsigned_abs)
}
