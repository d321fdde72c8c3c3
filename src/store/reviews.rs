//! What readers made of events: reviewed or not, stars, verdicts and notes. How many wait is counted as they come
//! and go, so that asking costs nothing however many there are. How they are listed is in `shelf`.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, Row, Transaction, named_params};

use super::column::{Columns as _, Time, Word};
use super::shelf::{self, EventCursor, ShelfFilter};
use super::{Store, StoreError, events};
use crate::domain::model::{EventId, EventKind, Significance, SourceId};
use crate::domain::review::{Review, ReviewVerdict, ReviewedEvent};

/// Events that one transaction marks: a check that wants to be recorded waits no longer than for these.
const MARKED_AT_ONCE: usize = 500;

/// How many events of one sort wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxCount {
    /// Of this source.
    pub source: SourceId,
    /// Of this kind.
    pub kind: EventKind,
    /// Of this significance.
    pub significance: Significance,
    /// So many.
    pub count: u64,
}

/// What to change about a review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReviewChange {
    /// Take it out of the inbox.
    Reviewed,
    /// Put it back.
    Unreviewed,
    /// Star it, or take the star away.
    Starred(bool),
    /// Write down what the reader thinks.
    Noted {
        /// In a word.
        verdict: Option<ReviewVerdict>,
        /// In the reader's words.
        note: String,
    },
}

/// What marking many has come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marked {
    /// Events that were marked.
    pub count: usize,
    /// Where to go on, if there may be more.
    pub next: Option<EventCursor>,
}

impl Store {
    /// How many events are not reviewed yet, by their sorts.
    pub async fn count_inbox(&self) -> Result<Vec<InboxCount>, StoreError> {
        self.read(|transaction| {
            let mut statement = transaction.prepare_cached("SELECT * FROM inbox_counts WHERE count > 0")?;
            let counts = statement.query_map([], |row| {
                Ok(InboxCount {
                    source: SourceId(row.get("source")?),
                    kind: row.word("kind")?,
                    significance: row.word("significance")?,
                    count: row.get::<_, i64>("count")?.unsigned_abs(),
                })
            })?;
            Ok(counts.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// An event with what was made of it.
    pub async fn find_reviewed_event(&self, id: EventId) -> Result<Option<ReviewedEvent>, StoreError> {
        self.read(move |transaction| find(transaction, id)).await
    }

    /// Changes the review of an event; returns whether there is such an event.
    pub async fn review(&self, id: EventId, change: ReviewChange, now: DateTime<Utc>) -> Result<bool, StoreError> {
        self.write(move |transaction| {
            if !transaction.prepare_cached("SELECT 1 FROM events WHERE id = ?1")?.exists([id.0])? {
                return Ok(false);
            }
            apply(transaction, id, &change, now)?;
            Ok(true)
        })
        .await
    }

    /// Marks events of the inbox that fit as reviewed, up to and with `newest`: what came later nobody has seen. Some
    /// hundred at once, from `after` on; they are looked for before the writer has to do with them.
    pub async fn review_all(
        &self,
        filter: ShelfFilter,
        newest: EventId,
        after: Option<EventCursor>,
        now: DateTime<Utc>,
    ) -> Result<Marked, StoreError> {
        let (ids, next) =
            self.read(move |transaction| shelf::fitting(transaction, &filter, newest, after, MARKED_AT_ONCE)).await?;
        let count = ids.len();
        if count > 0 {
            self.write(move |transaction| {
                ids.into_iter().try_for_each(|id| apply(transaction, id, &ReviewChange::Reviewed, now))
            })
            .await?;
        }
        Ok(Marked { count, next })
    }
}

fn apply(
    transaction: &Transaction<'_>,
    id: EventId,
    change: &ReviewChange,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    transaction.prepare_cached("INSERT INTO reviews (event) VALUES (?1) ON CONFLICT DO NOTHING")?.execute([id.0])?;
    match change {
        ReviewChange::Reviewed => {
            let sql = "UPDATE reviews SET reviewed_at = coalesce(reviewed_at, ?2) WHERE event = ?1";
            transaction.prepare_cached(sql)?.execute((id.0, Time(now)))?;
            transaction.prepare_cached("DELETE FROM inbox WHERE event = ?1")?.execute([id.0])?;
        }
        ReviewChange::Unreviewed => {
            transaction.prepare_cached("UPDATE reviews SET reviewed_at = NULL WHERE event = ?1")?.execute([id.0])?;
            let sql = "INSERT INTO inbox (event, source, kind, significance)
                       SELECT id, source, kind, significance FROM events WHERE id = ?1 ON CONFLICT DO NOTHING";
            transaction.prepare_cached(sql)?.execute([id.0])?;
        }
        ReviewChange::Starred(starred) => {
            transaction.prepare_cached("UPDATE reviews SET starred = ?2 WHERE event = ?1")?.execute((id.0, starred))?;
        }
        ReviewChange::Noted { verdict, note } => {
            transaction
                .prepare_cached("UPDATE reviews SET verdict = :verdict, note = :note WHERE event = :id")?
                .execute(named_params! { ":id": id.0, ":verdict": verdict.map(Word), ":note": note })?;
        }
    }
    Ok(())
}

/// One event with its review.
pub(super) fn find(transaction: &Transaction<'_>, id: EventId) -> Result<Option<ReviewedEvent>, StoreError> {
    let mut statement = transaction.prepare_cached(
        "SELECT e.*, r.reviewed_at, r.starred, r.verdict, r.note
         FROM events e LEFT JOIN reviews r ON r.event = e.id WHERE e.id = ?1",
    )?;
    Ok(statement.query_row([id.0], read).optional()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<ReviewedEvent> {
    let verdict: Option<String> = row.get("verdict")?;
    let review = Review {
        reviewed_at: row.maybe_time("reviewed_at")?,
        starred: row.get::<_, Option<bool>>("starred")?.unwrap_or_default(),
        verdict: if verdict.is_some() { Some(row.word("verdict")?) } else { None },
        note: row.get::<_, Option<String>>("note")?.unwrap_or_default(),
    };
    Ok(ReviewedEvent { recorded: events::read(row)?, review })
}
