//! Lists events for readers: those in the inbox, those with a star, or all. Pages follow each other by the place of
//! the last event, never by counting; where a filter fits only few, a page ends after so many events were looked at
//! and says so, so that none takes long however large the store is.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::types::ToSql;
use rusqlite::{OptionalExtension as _, Transaction};

use super::column::{Time, Word};
use super::{Store, StoreError, reviews};
use crate::domain::model::{Event, EventId, EventKind, Reason, Significance, SourceId};
use crate::domain::review::ReviewedEvent;

/// Events that are looked at for one page.
const LOOKED_AT: usize = 1_000;
/// Checks of several sources are recorded in the order in which they end, not in that of their times.
const DISORDER: TimeDelta = TimeDelta::days(1);
const BOTH: [Significance; 2] = [Significance::Major, Significance::Minor];

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
    /// Major events before minor ones, and only then by time. In the inbox only.
    pub weightiest_first: bool,
}

/// Where a page of the list ends and the next one begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The significance that is being listed, where that comes first.
    pub significance: Significance,
    /// The last event that was looked at.
    pub event: EventId,
}

/// A page of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ShelfPage {
    /// The events that fit, the newest first unless the weightiest are.
    pub events: Vec<ReviewedEvent>,
    /// Where the next page begins, if there may be one.
    pub next: Option<Place>,
    /// Whether the page ended because enough events were looked at, not because enough fit.
    pub is_cut: bool,
}

impl Store {
    /// Up to `limit` events after a place.
    pub async fn list_shelf(
        &self,
        filter: ShelfFilter,
        after: Option<Place>,
        limit: usize,
    ) -> Result<ShelfPage, StoreError> {
        self.read(move |transaction| {
            let mut page = ShelfPage::default();
            let mut looked_at = 0;
            walk(transaction, &filter, after, |place, event| {
                if page.events.len() == limit || looked_at == LOOKED_AT {
                    page.is_cut = page.events.len() < limit;
                    return false;
                }
                looked_at += 1;
                page.next = Some(place);
                page.events.extend(filter.fits(&event.recorded.event).then_some(event));
                true
            })
            .map(|is_over| {
                if is_over {
                    page.next = None;
                }
                page
            })
        })
        .await
    }
}

/// The first events of the inbox that fit, up to and with `newest`, and whether there may be more.
pub(super) fn fitting(
    transaction: &Transaction<'_>,
    filter: &ShelfFilter,
    newest: EventId,
    limit: usize,
) -> Result<(Vec<EventId>, bool), StoreError> {
    let filter = ShelfFilter { shelf: Shelf::Inbox, weightiest_first: false, ..filter.clone() };
    let start = Place { significance: Significance::Major, event: EventId(newest.0.saturating_add(1)) };
    let mut ids = Vec::new();
    let is_over = walk(transaction, &filter, Some(start), |_, event| {
        ids.extend(filter.fits(&event.recorded.event).then_some(event.recorded.id));
        ids.len() < limit
    })?;
    Ok((ids, !is_over))
}

impl ShelfFilter {
    fn fits(&self, event: &Event) -> bool {
        let has_words = || {
            let words = self.words.to_lowercase();
            let has = |text: &str| text.to_lowercase().contains(&words);
            words.is_empty() || has(&event.title) || has(&event.summary) || has(event.url.as_str())
        };
        self.source.as_ref().is_none_or(|source| event.source == *source)
            && self.kind.is_none_or(|kind| event.kind == kind)
            && self.significance.is_none_or(|significance| event.significance == significance)
            && self.reason.is_none_or(|reason| event.reasons.contains(&reason))
            && self.since.is_none_or(|since| event.at >= since)
            && self.until.is_none_or(|until| event.at < until)
            && has_words()
    }
}

/// Goes through the events of a shelf until `visit` has enough; returns whether it came to the end.
fn walk(
    transaction: &Transaction<'_>,
    filter: &ShelfFilter,
    after: Option<Place>,
    mut visit: impl FnMut(Place, ReviewedEvent) -> bool,
) -> Result<bool, StoreError> {
    let latest = latest_id(transaction, filter.until)?;
    let mut runs = runs(filter, after, latest);
    let oldest = filter.since.map(|since| since - DISORDER);
    while let Some(place) = next_place(transaction, filter, &mut runs)? {
        let Some(event) = reviews::find(transaction, place.event)? else { continue };
        if oldest.is_some_and(|oldest| event.recorded.event.at < oldest) {
            runs.retain(|run| filter.weightiest_first && run.significance != Some(place.significance));
            continue;
        }
        if !visit(place, event) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Events of one significance, or of any, newest first, read a few at a time.
struct Run {
    significance: Option<Significance>,
    before: i64,
    waiting: Vec<Place>,
    is_over: bool,
}

/// The runs that make up the list. The inbox has one for each significance, because that is how it is indexed.
fn runs(filter: &ShelfFilter, after: Option<Place>, latest: i64) -> Vec<Run> {
    let run = |significance, before| Run { significance, before, waiting: Vec::new(), is_over: false };
    let before = after.map_or(latest, |place| place.event.0.min(latest));
    if filter.shelf != Shelf::Inbox {
        return vec![run(filter.significance, before)];
    }
    let wanted = BOTH.into_iter().filter(|each| filter.significance.is_none_or(|wanted| wanted == *each));
    let runs = wanted.filter_map(|each| match after {
        // In this order a later place belongs to the same significance or to a lesser one.
        Some(place) if filter.weightiest_first && each > place.significance => None,
        Some(place) if filter.weightiest_first && each < place.significance => Some(run(Some(each), latest)),
        _ => Some(run(Some(each), before)),
    });
    runs.collect()
}

/// The next event: of the first run that has one, or the newest of all.
fn next_place(
    transaction: &Transaction<'_>,
    filter: &ShelfFilter,
    runs: &mut Vec<Run>,
) -> Result<Option<Place>, StoreError> {
    for run in runs.iter_mut() {
        run.fill(transaction, filter)?;
    }
    runs.retain(|run| !run.waiting.is_empty());
    let run = if filter.weightiest_first {
        runs.first_mut()
    } else {
        runs.iter_mut().max_by_key(|run| run.waiting.last().map(|place| place.event))
    };
    Ok(run.and_then(|run| run.waiting.pop()))
}

impl Run {
    /// Reads on when nothing is waiting.
    fn fill(&mut self, transaction: &Transaction<'_>, filter: &ShelfFilter) -> Result<(), StoreError> {
        const AT_ONCE: usize = 100;
        if self.is_over || !self.waiting.is_empty() {
            return Ok(());
        }
        let (sql, values) = self.select(filter);
        let values: Vec<&dyn ToSql> = values.iter().map(|value| &**value).collect();
        let mut statement = transaction.prepare_cached(&format!("{sql} LIMIT {AT_ONCE}"))?;
        let significance = self.significance.unwrap_or(Significance::Major);
        let places = statement
            .query_map(&*values, |row| Ok(Place { significance, event: EventId(row.get(0)?) }))?
            .collect::<Result<Vec<_>, _>>()?;
        self.is_over = places.len() < AT_ONCE;
        self.before = places.last().map_or(self.before, |place| place.event.0);
        self.waiting = places.into_iter().rev().collect();
        Ok(())
    }

    /// Parts that are not given drop out of the text, so that the indexes are used for those that are.
    fn select<'f>(&self, filter: &'f ShelfFilter) -> (String, Vec<Box<dyn ToSql + 'f>>) {
        let (id, from) = match filter.shelf {
            Shelf::Inbox => ("event", "inbox"),
            Shelf::All => ("id", "events"),
            Shelf::Starred => return (STARRED.to_owned(), vec![Box::new(self.before)]),
        };
        let mut sql = format!("SELECT {id} FROM {from} WHERE {id} < ?");
        let mut values: Vec<Box<dyn ToSql>> = vec![Box::new(self.before)];
        if let Some(source) = &filter.source {
            sql.push_str(" AND source = ?");
            values.push(Box::new(&source.0));
        }
        if let Some(kind) = filter.kind {
            sql.push_str(" AND kind = ?");
            values.push(Box::new(Word(kind)));
        }
        if let (Some(significance), Shelf::Inbox) = (self.significance, filter.shelf) {
            sql.push_str(" AND significance = ?");
            values.push(Box::new(Word(significance)));
        }
        (format!("{sql} ORDER BY {id} DESC"), values)
    }
}

const STARRED: &str = "SELECT event FROM reviews WHERE starred = 1 AND event < ? ORDER BY event DESC";

/// An id above all events, or above all that were found out before a time.
fn latest_id(transaction: &Transaction<'_>, until: Option<DateTime<Utc>>) -> Result<i64, StoreError> {
    let Some(until) = until else { return Ok(i64::MAX) };
    let mut statement = transaction.prepare_cached("SELECT id FROM events WHERE at >= ?1 ORDER BY at, id LIMIT 1")?;
    let first: Option<i64> = statement.query_row([Time(until + DISORDER)], |row| row.get(0)).optional()?;
    Ok(first.unwrap_or(i64::MAX))
}
