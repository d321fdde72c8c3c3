//! Figures about the record as a whole, for those who watch over the service. Each is read from an index or a small
//! table, so that asking often costs little.

use chrono::{DateTime, Utc};
use rusqlite::Transaction;

use super::column::Columns as _;
use super::{Store, StoreError};

/// What waits in the outbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutboxFigures {
    /// Messages that are to be delivered.
    pub pending: u64,
    /// Messages that were given up.
    pub failed: u64,
    /// Since when the one that waits longest is due; in the future where all wait for their time.
    pub oldest_at: Option<DateTime<Utc>>,
}

impl Store {
    /// Whether the writer answers: waits for its turn among the writes, and returns how many messages wait.
    pub async fn answer_as_writer(&self) -> Result<u64, StoreError> {
        self.write(|transaction| count(transaction, PENDING)).await
    }

    /// What waits in the outbox.
    pub async fn outbox_figures(&self) -> Result<OutboxFigures, StoreError> {
        self.read(|transaction| {
            // Named, because SQLite would rather go through all messages for the lowest.
            let sql = "SELECT min(waits_from) AS oldest_at FROM messages INDEXED BY messages_pending_by_id
                       WHERE state = 'pending'";
            let mut oldest = transaction.prepare_cached(sql)?;
            Ok(OutboxFigures {
                pending: count(transaction, PENDING)?,
                failed: count(transaction, FAILED)?,
                oldest_at: oldest.query_row([], |row| row.maybe_time("oldest_at"))?,
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

/// Counted as they come and go.
const PENDING: &str = "SELECT coalesce(sum(count), 0) FROM message_counts WHERE state = 'pending'";
const FAILED: &str = "SELECT coalesce(sum(count), 0) FROM message_counts WHERE state = 'failed'";

fn count(transaction: &Transaction<'_>, sql: &str) -> Result<u64, StoreError> {
    Ok(transaction.prepare_cached(sql)?.query_row([], unsigned)?)
}

/// Counts are never negative.
fn unsigned(row: &rusqlite::Row<'_>) -> rusqlite::Result<u64> {
    row.get::<_, i64>(0).map(i64::unsigned_abs)
}
