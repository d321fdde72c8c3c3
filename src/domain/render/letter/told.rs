//! What is told of one release, or of a source as a whole: in full, in short, and in a line.

use chrono::{DateTime, Utc};
use url::Url;

use super::super::mail::{QUIET, TEXT};
use super::sheet::{Fact, Sheet};
use super::subject::shorten;
use crate::domain::message::Told;
use crate::domain::model::{Event, EventKind, Reason, RecordedEvent, Significance};
use crate::domain::word::{spoken, word};

/// Reasons that are named before the title; all of them stand below it.
const MOST_REASONS: usize = 3;

/// Characters of a title.
const MOST_OF_TITLE: usize = 300;

/// Events of one release that are listed.
const MOST_EVENTS: usize = 20;

/// Where more can be seen.
pub(super) struct Place<'a> {
    web: Option<&'a Url>,
}

impl<'a> Place<'a> {
    /// The review pages at this address, if they are served.
    pub(super) fn at(web: Option<&'a Url>) -> Self {
        Self { web }
    }

    fn event(&self, event: &RecordedEvent) -> Option<String> {
        Some(format!("{}/events/{}", self.web?.as_str().trim_end_matches('/'), event.id))
    }
}

/// Everything: what, when, where, why, and the change; with a number where it is one of many.
pub(super) fn in_full(sheet: &mut Sheet, told: &Told, number: Option<usize>, place: &Place<'_>) {
    let Some(last) = told.events.last() else { return };
    let event = &last.event;
    let number = number.map_or_else(String::new, |number| format!("{number}. "));
    sheet.line(QUIET, &format!("{number}{}", verdict(told)));
    sheet.heading(&shorten(&event.title, MOST_OF_TITLE));
    for paragraph in paragraphs(event) {
        sheet.line(TEXT, &sentence(paragraph));
    }
    if told.events.len() > 1 {
        history(sheet, &told.events);
    }
    let permalink = place.event(last);
    sheet.facts(&facts(told, last, permalink.as_deref()));
    if let Some(change) = &told.change {
        sheet.change(change, &permalink.unwrap_or_else(|| command(told, last)));
    }
}

/// A line or two where there is no room for more.
pub(super) fn in_short(sheet: &mut Sheet, told: &Told, number: usize) {
    let Some(last) = told.events.last() else { return };
    sheet.rule();
    sheet.line(TEXT, &format!("{number}. {}", headline(told)));
    let summary = shorten(&last.event.summary, MOST_OF_TITLE);
    sheet.facts(&[("What", Fact::Words(summary)), ("Page", Fact::Link(last.event.url.as_str()))]);
}

/// What happened to which release, in one line.
pub(super) fn headline(told: &Told) -> String {
    let title = told.events.last().map_or("", |last| &last.event.title);
    format!("{}: {}", what_happened(told), shorten(title, MOST_OF_TITLE))
}

/// The kind of the last event and why it matters, such as `edited (number, date)`.
pub(super) fn what_happened(told: &Told) -> String {
    let Some(last) = told.events.last() else { return String::new() };
    let kind = word(&last.event.kind);
    // Why something is removed or moved says little beside that it is.
    if !matches!(last.event.kind, EventKind::Edited | EventKind::Site) {
        return kind;
    }
    let reasons = reasons(told);
    let mut words: Vec<String> = reasons.iter().take(MOST_REASONS).map(spoken).collect();
    if reasons.len() > MOST_REASONS {
        words.push("…".to_owned());
    }
    if words.is_empty() { kind } else { format!("{kind} ({})", words.join(", ")) }
}

/// The reasons of all events, each once, in their order.
fn reasons(told: &Told) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for reason in told.events.iter().rev().flat_map(|recorded| &recorded.event.reasons) {
        if !reasons.contains(reason) {
            reasons.push(*reason);
        }
    }
    reasons
}

/// `edited: number, date · major`
fn verdict(told: &Told) -> String {
    let kinds: Vec<String> = told.events.iter().map(|recorded| word(&recorded.event.kind)).collect();
    let reasons: Vec<String> = reasons(told).iter().map(spoken).collect();
    let significance = told.events.iter().map(|recorded| recorded.event.significance).max();
    let weight = match significance {
        Some(Significance::Minor) => "minor",
        Some(Significance::Major) | None => "major",
    };
    let mut kind = kinds.last().cloned().unwrap_or_default();
    let times = kinds.iter().filter(|other| **other == kind).count();
    if times > 1 {
        kind = format!("{kind} {times} times");
    }
    if reasons.is_empty() {
        format!("{kind} · {weight}")
    } else {
        format!("{kind}: {} · {weight}", reasons.join(", "))
    }
}

/// The summary and what it rests on, or only that where it says the same and more.
fn paragraphs(event: &Event) -> impl Iterator<Item = &str> {
    let explanation = if explains(event.kind) { event.explanation.as_str() } else { "" };
    let core = event.summary.strip_prefix("removed: ").unwrap_or(&event.summary);
    let summary = if explanation.contains(core) { "" } else { event.summary.as_str() };
    [summary, explanation].into_iter().filter(|paragraph| !paragraph.is_empty())
}

/// Whether a reader of such an event wants to know what it rests on.
fn explains(kind: EventKind) -> bool {
    match kind {
        EventKind::Removed | EventKind::Restored | EventKind::Moved | EventKind::Unlisted | EventKind::Site => true,
        EventKind::New | EventKind::Edited => false,
    }
}

fn history(sheet: &mut Sheet, events: &[RecordedEvent]) {
    let skipped = events.len().saturating_sub(MOST_EVENTS);
    if skipped > 0 {
        sheet.item(&format!("{skipped} earlier ones"));
    }
    for RecordedEvent { event, .. } in &events[skipped..] {
        sheet.item(&format!("{} {}: {}", minute(event.at), word(&event.kind), event.summary));
    }
}

fn facts<'a>(told: &Told, last: &'a RecordedEvent, permalink: Option<&'a str>) -> Vec<(&'static str, Fact<'a>)> {
    let event = &last.event;
    let mut facts = vec![("Source", Fact::Words(source(told, event))), ("Seen", Fact::Words(minute(event.at)))];
    if let Some(versions) = versions(told) {
        facts.push(("Versions", Fact::Words(versions)));
    }
    let page = if event.kind == EventKind::Site { "Site" } else { "Page" };
    facts.push((page, Fact::Link(event.url.as_str())));
    if let Some(old_url) = &event.old_url {
        facts.push(("Before", Fact::Link(old_url.as_str())));
    }
    facts.push(match permalink {
        Some(page) => ("Review", Fact::Link(page)),
        None => ("Review", Fact::Words(command(told, last))),
    });
    facts
}

fn source(told: &Told, event: &Event) -> String {
    match told.source_name.as_str() {
        "" => event.source.to_string(),
        name => name.to_owned(),
    }
}

fn versions(told: &Told) -> Option<String> {
    let old = told.events.iter().find_map(|recorded| recorded.event.old_version);
    let new = told.events.iter().rev().find_map(|recorded| recorded.event.new_version);
    match (old, new) {
        (Some(old), Some(new)) => Some(format!("{old} became {new}")),
        (Some(old), None) => Some(format!("{old} was the last")),
        (None, _) => None,
    }
}

/// What shows more on the machine that keeps the record.
fn command(told: &Told, last: &RecordedEvent) -> String {
    let event = &last.event;
    match (told.events.len(), event.kind, event.new_version) {
        (_, EventKind::Site, _) => format!("pressdiff events --source {}", event.source),
        (1, _, Some(_)) if event.old_version.is_some() => format!("pressdiff diff {}", last.id),
        _ => format!("pressdiff history {}", event.url),
    }
}

/// A time for people, in UTC.
pub(super) fn minute(at: DateTime<Utc>) -> String {
    at.format("%-d %B %Y, %H:%M UTC").to_string()
}

/// A fragment as a sentence begins and ends.
fn sentence(fragment: &str) -> String {
    let mut characters = fragment.trim().chars();
    let first: String = characters.next().into_iter().flat_map(char::to_uppercase).collect();
    let text = format!("{first}{}", characters.as_str());
    if text.is_empty() || text.ends_with(['.', '!', '?', '…']) { text } else { text + "." }
}
