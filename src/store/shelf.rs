//! Lists events for readers: those in the inbox, those with a star, or all. Pages follow each other by the place of
//! the last event, never by counting; where a filter fits only few, a page ends after so many events were looked at
//! and says so, so that none takes long however large the store is. How events are gone through is in `scan`.

mod scan;
mod select;

use chrono::{DateTime, Utc};
use rusqlite::Transaction;

use self::scan::{Scan, Step};
use super::{Store, StoreError, reviews};
use crate::domain::model::{EventId, EventKind, Reason, Significance, SourceId};
use crate::domain::review::ReviewedEvent;

/// Which events are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shelf {
    /// Not reviewed yet.
    #[default]
    Inbox,
    /// With a star.
    Starred,
    /// All, reviewed or not.
    All,
}

/// Which of them; every part that is given has to fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShelfFilter {
    /// Where they are looked for.
    pub shelf: Shelf,
    /// Of this source.
    pub source: Option<SourceId>,
    /// Of this kind.
    pub kind: Option<EventKind>,
    /// Of this significance.
    pub significance: Option<Significance>,
    /// With this reason.
    pub reason: Option<Reason>,
    /// Found out at this time or later.
    pub since: Option<DateTime<Utc>>,
    /// Found out before this time.
    pub until: Option<DateTime<Utc>>,
    /// With these words in title, summary or address, whatever their case.
    pub words: String,
    /// Major events before minor ones, and only then by time.
    pub weightiest_first: bool,
}

/// Where a page of the list ends and the next one begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventCursor {
    /// The significance that is being listed, where that comes first.
    pub significance: Significance,
    /// The last event that was looked at.
    pub event: EventId,
}

/// A page of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShelfPage {
    /// The events that fit, the newest first unless the weightiest are; with a date, by their times, else as recorded.
    pub events: Vec<ReviewedEvent>,
    /// Where the next page begins, if there may be one.
    pub next: Option<EventCursor>,
    /// Whether the page ended because enough events were looked at, not because enough fit.
    pub is_cut: bool,
}

impl Store {
    /// Up to `limit` events after a cursor.
    pub async fn list_shelf(
        &self,
        filter: ShelfFilter,
        after: Option<EventCursor>,
        limit: usize,
    ) -> Result<ShelfPage, StoreError> {
        self.read(move |transaction| {
            let mut page = ShelfPage::default();
            let mut scan = Scan::new(transaction, &filter, after, None)?;
            loop {
                match scan.step()? {
                    Step::Fits(_) if page.events.len() == limit => return Ok(page),
                    Step::Fits(cursor) => {
                        page.events.extend(reviews::find(transaction, cursor.event)?);
                        page.next = Some(cursor);
                    }
                    Step::Tired(cursor) => return Ok(ShelfPage { next: cursor, is_cut: cursor.is_some(), ..page }),
                    Step::Over => return Ok(ShelfPage { next: None, ..page }),
                }
            }
        })
        .await
    }
}

/// Up to `limit` events of the inbox that fit, up to and with `newest`, and where to go on.
pub(super) fn fitting(
    transaction: &Transaction<'_>,
    filter: &ShelfFilter,
    newest: EventId,
    after: Option<EventCursor>,
    limit: usize,
) -> Result<(Vec<EventId>, Option<EventCursor>), StoreError> {
    let filter = ShelfFilter { shelf: Shelf::Inbox, weightiest_first: false, ..filter.clone() };
    let mut scan = Scan::new(transaction, &filter, after, Some(newest))?;
    let (mut ids, mut last) = (Vec::new(), None);
    while ids.len() < limit {
        match scan.step()? {
            Step::Fits(cursor) => {
                ids.push(cursor.event);
                last = Some(cursor);
            }
            Step::Tired(cursor) => return Ok((ids, cursor)),
            Step::Over => return Ok((ids, None)),
        }
    }
    Ok((ids, last))
}
