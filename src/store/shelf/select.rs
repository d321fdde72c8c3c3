//! The queries of a scan: the index that leads, and what is asked of a row besides.

use rusqlite::ToSql;

use super::scan::Run;
use super::{Shelf, ShelfFilter};
use crate::store::column::{Time, Word};

/// The text of a query with its values.
#[derive(Default)]
pub(super) struct Select<'f> {
    pub(super) sql: String,
    pub(super) values: Vec<Box<dyn ToSql + 'f>>,
}

impl ShelfFilter {
    /// Whether days lead.
    pub(super) fn is_dated(&self) -> bool {
        self.shelf != Shelf::Starred && (self.since.is_some() || self.until.is_some())
    }

    /// Whether the index that leads has one part for each significance.
    pub(super) fn is_split(&self) -> bool {
        !self.is_dated() && (self.shelf == Shelf::Inbox || (self.shelf == Shelf::All && self.reason.is_some()))
    }

    /// Whether the index that leads leaves something to ask of a row.
    pub(super) fn needs_row(&self) -> bool {
        self.shelf != Shelf::Inbox || self.is_dated() || self.reason.is_some() || !self.words.is_empty()
    }
}

impl Run {
    pub(super) fn select<'f>(&self, filter: &'f ShelfFilter, at_once: usize) -> Select<'f> {
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
