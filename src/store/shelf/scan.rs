//! Goes through the events of a shelf in their order. The narrowest index leads: stars, days, reasons, or what is in
//! the inbox by source, kind and significance. What the index does not decide is asked of the row in the inbox, which
//! is short, or of the row of the event, which is read in full only when it fits.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, Row, ToSql, Transaction};

use super::select::Select;
use super::{EventCursor, ShelfFilter};
use crate::domain::model::{EventId, Significance};
use crate::store::StoreError;
use crate::store::column::Columns as _;

/// Events that are looked at before a scan is tired, and fewer where their texts have to be read: each may stand on
/// another page of the file.
const LOOKED_AT: usize = 2_500;
const READ: usize = 1_000;
/// Events that are read at once: few at first, because most walks end soon.
const FIRST: usize = 100;
const LATER: usize = 500;
const BOTH: [Significance; 2] = [Significance::Major, Significance::Minor];

/// A scan from the newest event, or from a cursor, to the oldest.
pub(super) struct Scan<'w> {
    transaction: &'w Transaction<'w>,
    filter: &'w ShelfFilter,
    /// The words as they are compared.
    words: String,
    runs: Vec<Run>,
    looked_at: usize,
    last: Option<EventCursor>,
}

/// What comes next.
pub(super) enum Step {
    /// An event that fits.
    Fits(EventCursor),
    /// Enough was looked at; the scan goes on after this cursor.
    Tired(Option<EventCursor>),
    /// There is nothing more.
    Over,
}

/// Events of one significance, or of any, the newest first.
pub(super) struct Run {
    pub(super) significance: Option<Significance>,
    /// Only events before this one.
    pub(super) before: i64,
    /// Where days lead: only what is before this time, or of this time and before that event.
    pub(super) before_at: Option<DateTime<Utc>>,
    waiting: VecDeque<Candidate>,
    is_over: bool,
}

#[derive(Clone, Copy)]
struct Candidate {
    id: i64,
    at: Option<DateTime<Utc>>,
    significance: Significance,
    fits: bool,
}

impl<'w> Scan<'w> {
    /// From `after` on, and only up to `newest`, where they are given.
    pub(super) fn new(
        transaction: &'w Transaction<'w>,
        filter: &'w ShelfFilter,
        after: Option<EventCursor>,
        newest: Option<EventId>,
    ) -> Result<Self, StoreError> {
        let ceiling = newest.map_or(i64::MAX, |newest| newest.0.saturating_add(1));
        let after_at = match after {
            Some(cursor) if filter.is_dated() => find_time(transaction, cursor.event)?,
            _ => None,
        };
        let run = |significance, after: Option<EventCursor>| Run {
            significance,
            before: after.map_or(ceiling, |cursor| cursor.event.0.min(ceiling)),
            before_at: after.and(after_at),
            waiting: VecDeque::new(),
            is_over: false,
        };
        let runs = if filter.weightiest_first || (filter.is_split() && filter.significance.is_none()) {
            let wanted = BOTH.into_iter().filter(|each| filter.significance.is_none_or(|wanted| wanted == *each));
            let runs = wanted.filter_map(|each| match after {
                // In this order a later cursor belongs to the same significance or to a lesser one.
                Some(cursor) if filter.weightiest_first && each > cursor.significance => None,
                Some(cursor) if filter.weightiest_first && each < cursor.significance => Some(run(Some(each), None)),
                _ => Some(run(Some(each), after)),
            });
            runs.collect()
        } else {
            vec![run(filter.significance, after)]
        };
        let words = filter.words.to_lowercase();
        Ok(Self { transaction, filter, words, runs, looked_at: 0, last: None })
    }

    /// The next event that fits.
    pub(super) fn step(&mut self) -> Result<Step, StoreError> {
        loop {
            if self.looked_at >= if self.words.is_empty() { LOOKED_AT } else { READ } {
                return Ok(Step::Tired(self.last));
            }
            let Some(candidate) = self.next()? else { return Ok(Step::Over) };
            let cursor = EventCursor { significance: candidate.significance, event: EventId(candidate.id) };
            self.last = Some(cursor);
            if candidate.fits {
                return Ok(Step::Fits(cursor));
            }
            self.looked_at += 1;
        }
    }

    /// The next event: of the first run that has one, or the newest of all.
    fn next(&mut self) -> Result<Option<Candidate>, StoreError> {
        for at in 0..self.runs.len() {
            self.fill(at)?;
            if self.filter.weightiest_first && !self.runs[at].waiting.is_empty() {
                break;
            }
        }
        self.runs.retain(|run| !run.waiting.is_empty() || !run.is_over);
        let mut filled = self.runs.iter_mut().filter(|run| !run.waiting.is_empty());
        let run = if self.filter.weightiest_first {
            filled.next()
        } else {
            filled.max_by_key(|run| run.waiting.front().map(|candidate| (candidate.at, candidate.id)))
        };
        Ok(run.and_then(|run| run.waiting.pop_front()))
    }

    /// Reads on when nothing is waiting.
    fn fill(&mut self, at: usize) -> Result<(), StoreError> {
        let at_once = if self.looked_at == 0 { FIRST } else { LATER };
        let run = &self.runs[at];
        if run.is_over || !run.waiting.is_empty() {
            return Ok(());
        }
        let Select { sql, values } = run.select(self.filter, at_once);
        let values: Vec<&dyn ToSql> = values.iter().map(|value| &**value).collect();
        let mut statement = self.transaction.prepare_cached(&sql)?;
        let significance = run.significance;
        let read = statement.query_map(&*values, |row| self.read(row, significance))?;
        let waiting = read.collect::<Result<VecDeque<_>, _>>()?;
        let run = &mut self.runs[at];
        run.is_over = waiting.len() < at_once;
        if let Some(last) = waiting.back() {
            (run.before, run.before_at) = (last.id, last.at);
        }
        run.waiting = waiting;
        Ok(())
    }

    fn read(&self, row: &Row<'_>, significance: Option<Significance>) -> rusqlite::Result<Candidate> {
        let mut candidate = Candidate {
            id: row.get("id")?,
            at: None,
            significance: significance.unwrap_or(Significance::Major),
            fits: true,
        };
        if self.filter.is_dated() {
            candidate.at = Some(row.time("at")?);
        }
        if self.filter.needs_row() {
            candidate.fits = row.get::<_, Option<bool>>("fits")?.unwrap_or_default() && self.has_words(row)?;
        }
        Ok(candidate)
    }

    fn has_words(&self, row: &Row<'_>) -> rusqlite::Result<bool> {
        if self.words.is_empty() {
            return Ok(true);
        }
        for column in ["title", "summary", "url"] {
            if row.get_ref(column)?.as_str()?.to_lowercase().contains(&self.words) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn find_time(transaction: &Transaction<'_>, event: EventId) -> Result<Option<DateTime<Utc>>, StoreError> {
    let mut statement = transaction.prepare_cached("SELECT at FROM events WHERE id = ?1")?;
    Ok(statement.query_row([event.0], |row| row.time("at")).optional()?)
}
