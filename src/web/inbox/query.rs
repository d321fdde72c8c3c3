//! The filter of the inbox as it stands in an address. What is not understood is as if it were not there.

use chrono::{DateTime, NaiveDate, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;
use serde::Deserialize;
use url::form_urlencoded::Serializer;

use crate::domain::model::{EventId, SourceId};
use crate::domain::word::word;
use crate::store::{EventCursor, Shelf, ShelfFilter};
use crate::web::words::parse_word;

/// Most characters of the words that are looked for.
const LONGEST_WORDS: usize = 200;

/// `?shelf=&source=&kind=&significance=&reason=&from=&to=&words=&order=&after=`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web) struct FilterQuery {
    pub(super) shelf: String,
    pub(super) source: String,
    pub(super) kind: String,
    pub(super) significance: String,
    pub(super) reason: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) words: String,
    pub(super) order: String,
    pub(super) after: String,
    /// How many were marked just now.
    pub(super) marked: String,
    /// The newest event that the reader of a form can have seen.
    pub(super) newest: String,
    /// The zone of the days, in the address of a feed: its readers have chosen none.
    pub(super) zone: String,
}

impl FilterQuery {
    /// What it means to the store; days are those of the reader's zone.
    pub(in crate::web) fn filter(&self, zone: Tz) -> ShelfFilter {
        let zone = self.zone.parse().unwrap_or(zone);
        ShelfFilter {
            shelf: match self.shelf.as_str() {
                "starred" => Shelf::Starred,
                "all" => Shelf::All,
                _ => Shelf::Inbox,
            },
            source: Some(&self.source).filter(|id| !id.is_empty()).map(|id| SourceId(id.clone())),
            kind: parse_word(&self.kind),
            significance: parse_word(&self.significance),
            reason: parse_word(&self.reason),
            since: start_of(&self.from, 0, zone),
            until: start_of(&self.to, 1, zone),
            words: self.words.trim().chars().take(LONGEST_WORDS).collect(),
            weightiest_first: self.order != "newest" && matches!(self.shelf.as_str(), "" | "inbox"),
        }
    }

    /// Whether anything is filtered.
    pub(super) fn is_narrow(&self) -> bool {
        let parts = [&self.source, &self.kind, &self.significance, &self.reason, &self.from, &self.to, &self.words];
        parts.iter().any(|part| !part.is_empty())
    }

    /// Where the page begins.
    pub(super) fn cursor(&self) -> Option<EventCursor> {
        let (significance, event) = self.after.split_once('-')?;
        Some(EventCursor { significance: parse_word(significance)?, event: EventId(event.parse().ok()?) })
    }

    /// The address of the list from a place on.
    pub(in crate::web) fn address(&self, after: Option<EventCursor>) -> String {
        let after = after.map(|place| ("after", format!("{}-{}", word(&place.significance), place.event)));
        self.address_with("/", after)
    }

    /// The address of the list after so many were marked.
    pub(super) fn marked_address(&self, count: &str) -> String {
        self.address_with("/", Some(("marked", count.to_owned())))
    }

    fn address_with(&self, path: &str, more: Option<(&str, String)>) -> String {
        let mut query = Serializer::new(String::new());
        query.extend_pairs(self.pairs()).extend_pairs(more);
        let query = query.finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }

    /// The address of the feed of the list, whoever asks for it.
    pub(in crate::web) fn feed_address(&self, zone: Tz) -> String {
        let zone: Tz = self.zone.parse().unwrap_or(zone);
        let has_days = !self.from.is_empty() || !self.to.is_empty();
        let newest_first = Self { order: String::new(), ..self.clone() };
        newest_first.address_with("/inbox.atom", has_days.then(|| ("zone", zone.name().to_owned())))
    }

    /// What it lets through, for the title of a feed.
    pub(in crate::web) fn describe(&self) -> String {
        let pairs = self.pairs().into_iter().filter(|(name, _)| !matches!(*name, "shelf" | "order"));
        let parts = pairs.map(|(name, value)| format!("{name} {value}"));
        let shelf = if self.shelf.is_empty() { "inbox" } else { &self.shelf };
        std::iter::once(shelf.to_owned()).chain(parts).collect::<Vec<_>>().join(", ")
    }

    /// The parts that are given, but for the place.
    pub(super) fn pairs(&self) -> Vec<(&'static str, &str)> {
        let pairs = [
            ("shelf", &self.shelf),
            ("source", &self.source),
            ("kind", &self.kind),
            ("significance", &self.significance),
            ("reason", &self.reason),
            ("from", &self.from),
            ("to", &self.to),
            ("words", &self.words),
            ("order", &self.order),
        ];
        pairs.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| (name, value.as_str())).collect()
    }
}

/// The first instant of a day, or of the day after it.
fn start_of(day: &str, later: i64, zone: Tz) -> Option<DateTime<Utc>> {
    let day = NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()?.checked_add_signed(TimeDelta::days(later))?;
    let midnight = day.and_hms_opt(0, 0, 0)?;
    // Where a day begins at one o'clock, because the clocks were set.
    let start = zone.from_local_datetime(&midnight).earliest();
    let start = start.or_else(|| zone.from_local_datetime(&(midnight + TimeDelta::hours(1))).earliest());
    Some(start?.to_utc())
}
