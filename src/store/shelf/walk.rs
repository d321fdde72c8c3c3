//! Goes through the events of a shelf in their order. The narrowest index leads: stars, days, reasons, or what is in
//! the inbox by source, kind and significance. What the index does not decide is asked of the row in the inbox, which
//! is short, or of the row of the event, which is read in full only when it fits.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, Row, ToSql, Transaction};

use super::{Place, Shelf, ShelfFilter};
use crate::domain::model::{EventId, Significance};
use crate::store::StoreError;
use crate::store::column::{Columns as _, Time, Word};

/// Events that are looked at before a walk is tired: each may stand on another page of the file.
const LOOKED_AT: usize = 2_500;
/// Events that are read at once: few at first, because most walks end soon.
const FIRST: usize = 100;
const LATER: usize = 1_000;
const BOTH: [Significance; 2] = [Significance::Major, Significance::Minor];

/// A walk from the newest event, or from a place, to the oldest.
pub(super) struct Walk<'w> {
    transaction: &'w Transaction<'w>,
    filter: &'w ShelfFilter,
    /// The words as they are compared.
    words: String,
    runs: Vec<Run>,
    looked_at: usize,
    last: Option<Place>,
}

/// What comes next.
pub(super) enum Step {
    /// An event that fits.
    Fits(Place),
    /// Enough was looked at; the walk goes on after this place.
    Tired(Option<Place>),
    /// There is nothing more.
    Over,
}

/// Events of one significance, or of any, the newest first.
struct Run {
    significance: Option<Significance>,
    /// Only events before this one.
    before: i64,
    /// Where days lead: only what is before this time, or of this time and before that event.
    before_at: Option<DateTime<Utc>>,
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

/// The text of a query with its values.
#[derive(Default)]
struct Select<'f> {
    sql: String,
    values: Vec<Box<dyn ToSql + 'f>>,
}

impl<'w> Walk<'w> {
    /// From `after` on, and only up to `newest`, where they are given.
    pub(super) fn new(
        transaction: &'w Transaction<'w>,
        filter: &'w ShelfFilter,
        after: Option<Place>,
        newest: Option<EventId>,
    ) -> Result<Self, StoreError> {
        let ceiling = newest.map_or(i64::MAX, |newest| newest.0.saturating_add(1));
        let after_at = match after {
            Some(place) if filter.is_dated() => find_time(transaction, place.event)?,
            _ => None,
        };
        let run = |significance, after: Option<Place>| Run {
            significance,
            before: after.map_or(ceiling, |place| place.event.0.min(ceiling)),
            before_at: after.and(after_at),
            waiting: VecDeque::new(),
            is_over: false,
        };
        let runs = if filter.weightiest_first || (filter.is_split() && filter.significance.is_none()) {
            let wanted = BOTH.into_iter().filter(|each| filter.significance.is_none_or(|wanted| wanted == *each));
            let runs = wanted.filter_map(|each| match after {
                // In this order a later place belongs to the same significance or to a lesser one.
                Some(place) if filter.weightiest_first && each > place.significance => None,
                Some(place) if filter.weightiest_first && each < place.significance => Some(run(Some(each), None)),
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
            if self.looked_at >= LOOKED_AT {
                return Ok(Step::Tired(self.last));
            }
            let Some(candidate) = self.next()? else { return Ok(Step::Over) };
            let place = Place { significance: candidate.significance, event: EventId(candidate.id) };
            self.last = Some(place);
            if candidate.fits {
                return Ok(Step::Fits(place));
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

impl ShelfFilter {
    /// Whether days lead.
    fn is_dated(&self) -> bool {
        self.shelf != Shelf::Starred && (self.since.is_some() || self.until.is_some())
    }

    /// Whether the index that leads has one part for each significance.
    fn is_split(&self) -> bool {
        !self.is_dated() && (self.shelf == Shelf::Inbox || (self.shelf == Shelf::All && self.reason.is_some()))
    }

    /// Whether the index that leads leaves something to ask of a row.
    fn needs_row(&self) -> bool {
        self.shelf != Shelf::Inbox || self.is_dated() || self.reason.is_some() || !self.words.is_empty()
    }
}

impl Run {
    fn select<'f>(&self, filter: &'f ShelfFilter, at_once: usize) -> Select<'f> {
        let lead = self.lead(filter, at_once);
        if !filter.needs_row() {
            return lead;
        }
        let mut select = Select::default();
        select.add("SELECT c.id, c.at, ");
        select.add(if filter.words.is_empty() { "NULL AS title" } else { "e.title, e.summary, e.url" });
        self.conditions(filter, &mut select);
        select.add(" AS fits FROM (");
        select.sql.push_str(&lead.sql);
        select.values.extend(lead.values);
        select.add(") c");
        if filter.shelf == Shelf::Inbox {
            select.add(" LEFT JOIN inbox i ON i.event = c.id");
        }
        if filter.shelf != Shelf::Inbox || !filter.words.is_empty() {
            select.add(" JOIN events e ON e.id = c.id");
        }
        select.add(if filter.is_dated() { " ORDER BY c.at DESC, c.id DESC" } else { " ORDER BY c.id DESC" });
        select
    }

    /// The ids in question, by the index that leads. Parts that are not given drop out of the text, so that the indexes
    /// are used for those that are.
    fn lead<'f>(&self, filter: &'f ShelfFilter, at_once: usize) -> Select<'f> {
        let mut lead = Select::default();
        if filter.shelf == Shelf::Starred {
            lead.part("SELECT event AS id, NULL AS at FROM reviews WHERE starred = 1 AND event < ?", Some(self.before));
            lead.add(" ORDER BY event DESC");
        } else if filter.is_dated() {
            self.lead_by_days(filter, &mut lead);
        } else if let Some(reason) = filter.reason {
            lead.part("SELECT event AS id, NULL AS at FROM event_reasons WHERE reason = ?", Some(Word(reason)));
            lead.part(" AND significance = ?", self.significance.map(Word));
            lead.part(" AND event < ? ORDER BY event DESC", Some(self.before));
        } else {
            let is_inbox = filter.shelf == Shelf::Inbox;
            let (id, from) = if is_inbox { ("event", "inbox") } else { ("id", "events") };
            lead.add(&format!("SELECT {id} AS id, NULL AS at FROM {from} WHERE"));
            lead.part(&format!(" {id} < ?"), Some(self.before));
            lead.part(" AND source = ?", filter.source.as_ref().map(|source| &source.0));
            lead.part(" AND kind = ?", filter.kind.map(Word));
            lead.part(" AND significance = ?", self.significance.filter(|_| is_inbox).map(Word));
            lead.add(&format!(" ORDER BY {id} DESC"));
        }
        lead.add(&format!(" LIMIT {at_once}"));
        lead
    }

    fn lead_by_days<'f>(&self, filter: &'f ShelfFilter, lead: &mut Select<'f>) {
        lead.add("SELECT id, at FROM events WHERE TRUE");
        lead.part(" AND at >= ?", filter.since.map(Time));
        if let Some(at) = self.before_at {
            // Before the end of the days, too, since the place is.
            lead.part(" AND (at, id) < (?, ", Some(Time(at)));
            lead.part("?)", Some(self.before));
        } else {
            lead.part(" AND at < ?", filter.until.map(Time));
            lead.part(" AND id < ?", Some(self.before));
        }
        lead.add(" ORDER BY at DESC, id DESC");
    }

    /// What is asked of the row.
    fn conditions<'f>(&self, filter: &'f ShelfFilter, select: &mut Select<'f>) {
        let row = if filter.shelf == Shelf::Inbox { "i" } else { "e" };
        select.add(if filter.shelf == Shelf::Inbox { ", i.event IS NOT NULL" } else { ", TRUE" });
        select.part(&format!(" AND {row}.source = ?"), filter.source.as_ref().map(|source| &source.0));
        select.part(&format!(" AND {row}.kind = ?"), filter.kind.map(Word));
        select.part(&format!(" AND {row}.significance = ?"), self.significance.map(Word));
        if filter.shelf == Shelf::Starred {
            select.part(" AND e.at >= ?", filter.since.map(Time));
            select.part(" AND e.at < ?", filter.until.map(Time));
        }
        if filter.shelf == Shelf::Starred || filter.is_dated() {
            let has_reason = format!(
                " AND EXISTS (SELECT 1 FROM event_reasons WHERE reason = ? AND significance = {row}.significance
                  AND event = c.id)"
            );
            select.part(&has_reason, filter.reason.map(Word));
        }
    }
}

impl<'f> Select<'f> {
    fn add(&mut self, sql: &str) {
        self.sql.push_str(sql);
    }

    /// A part with its value, where there is one.
    fn part(&mut self, sql: &str, value: Option<impl ToSql + 'f>) {
        if let Some(value) = value {
            self.sql.push_str(sql);
            self.values.push(Box::new(value));
        }
    }
}

fn find_time(transaction: &Transaction<'_>, event: EventId) -> Result<Option<DateTime<Utc>>, StoreError> {
    let mut statement = transaction.prepare_cached("SELECT at FROM events WHERE id = ?1")?;
    Ok(statement.query_row([event.0], |row| row.time("at")).optional()?)
}
