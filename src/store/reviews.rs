//! What readers made of events: the inbox of those not reviewed yet, stars, verdicts and notes. How many wait is
//! counted as they come and go, so that asking costs nothing however many there are.

use rusqlite::{Transaction, named_params};

use super::column::Word;
use super::{Store, StoreError};
use crate::domain::model::{EventKind, Significance, SourceId};

/// Which events of the inbox are counted; every part that is given has to fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InboxFilter {
    /// Of this source.
    pub source: Option<SourceId>,
    /// Of this kind.
    pub kind: Option<EventKind>,
    /// Of this significance.
    pub significance: Option<Significance>,
}

impl Store {
    /// How many events are not reviewed yet.
    pub async fn count_inbox(&self, filter: &InboxFilter) -> Result<u64, StoreError> {
        let filter = filter.clone();
        self.read(move |transaction| count(transaction, &filter)).await
    }
}

fn count(transaction: &Transaction<'_>, filter: &InboxFilter) -> Result<u64, StoreError> {
    let mut statement = transaction.prepare_cached(
        "SELECT coalesce(sum(count), 0) FROM inbox_counts
         WHERE coalesce(source = :source, TRUE) AND coalesce(kind = :kind, TRUE)
             AND coalesce(significance = :significance, TRUE)",
    )?;
    let count: i64 = statement.query_row(
        named_params! {
            ":source": filter.source.as_ref().map(|source| &source.0),
            ":kind": filter.kind.map(Word),
            ":significance": filter.significance.map(Word),
        },
        |row| row.get(0),
    )?;
    Ok(count.unsigned_abs())
}
