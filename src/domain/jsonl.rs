//! One event as one line of JSON: the format of `events --format jsonl` and of log alerts, which programs read; and
//! what pressdiff says of itself in a log, in lines that no reader of events takes for one.
//! Its members are a promise, so they are written down here and not derived from the model. What people read is
//! made in `render`.

use std::fmt::Write as _;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use crate::domain::message::Notice;
use crate::domain::model::{EventId, EventKind, Field, Reason, RecordedEvent, Significance, SourceId};

/// The event as a JSON object on one line, without the line end. Times have whole seconds and end in `Z`.
pub fn event_line(recorded: &RecordedEvent) -> String {
    let line = serde_json::to_string(&EventLine::of(recorded))
        .unwrap_or_else(|error| unreachable!("text and numbers always make JSON: {error}"));
    without_hidden_line_ends(&line)
}

/// A notice as a JSON object on one line. It has no `id`, which every event has, and begins with `notice`.
pub fn notice_line(notice: &Notice, at: DateTime<Utc>) -> String {
    let line = serde_json::to_string(&NoticeLine::of(notice, at))
        .unwrap_or_else(|error| unreachable!("text and numbers always make JSON: {error}"));
    without_hidden_line_ends(&line)
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct NoticeLine<'a> {
    #[serde(flatten)]
    notice: &'a Notice,
    at: String,
}

impl<'a> NoticeLine<'a> {
    pub(crate) fn of(notice: &'a Notice, at: DateTime<Utc>) -> Self {
        Self { notice, at: at.to_rfc3339_opts(SecondsFormat::Secs, true) }
    }
}

/// The members, in their order.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct EventLine<'a> {
    id: EventId,
    at: String,
    kind: EventKind,
    source: &'a SourceId,
    url: &'a str,
    old_url: Option<&'a str>,
    title: &'a str,
    fields: &'a [Field],
    significance: Significance,
    reasons: &'a [Reason],
    summary: &'a str,
    old_version: Option<u32>,
    new_version: Option<u32>,
}

impl<'a> EventLine<'a> {
    pub(crate) fn of(recorded: &'a RecordedEvent) -> Self {
        let event = &recorded.event;
        Self {
            id: recorded.id,
            at: event.at.to_rfc3339_opts(SecondsFormat::Secs, true),
            kind: event.kind,
            source: &event.source,
            url: event.url.as_str(),
            old_url: event.old_url.as_ref().map(url::Url::as_str),
            title: &event.title,
            fields: &event.fields,
            significance: event.significance,
            reasons: &event.reasons,
            summary: &event.summary,
            old_version: event.old_version,
            new_version: event.new_version,
        }
    }
}

/// JSON escapes the controls of ASCII only. The others end lines for some readers (U+0085, U+2028, U+2029) or
/// command a terminal (U+009B), and they are inside strings, where an escape means the same.
pub(crate) fn without_hidden_line_ends(line: &str) -> String {
    let mut escaped = String::with_capacity(line.len());
    for character in line.chars() {
        if character.is_control() || matches!(character, '\u{2028}' | '\u{2029}') {
            let _ = write!(escaped, "\\u{:04x}", u32::from(character));
        } else {
            escaped.push(character);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::Url;

    use super::*;
    use crate::domain::model::Event;

    fn recorded(title: &str) -> RecordedEvent {
        let event = Event {
            at: "2026-11-21T10:15:00.987654321Z".parse::<DateTime<Utc>>().unwrap(),
            kind: EventKind::Edited,
            source: SourceId("csto".into()),
            url: Url::parse("https://example.org/news/1/").unwrap(),
            old_url: None,
            title: title.into(),
            fields: vec![Field::Title, Field::Body],
            significance: Significance::Major,
            reasons: vec![Reason::Number, Reason::SentenceAdded],
            summary: "“12” became “14”".into(),
            old_version: Some(2),
            new_version: Some(3),
            explanation: "never told".into(),
            evidence: Vec::new(),
            release: None,
        };
        RecordedEvent { id: EventId(17), event }
    }

    #[test]
    fn the_line_is_the_one_that_is_promised() {
        let wanted = concat!(
            r#"{"id":17,"at":"2026-11-21T10:15:00Z","kind":"edited","source":"csto","url":"https://example.org/news/1/","#,
            r#""old_url":null,"title":"The \"Gull\"","fields":["title","body"],"significance":"major","#,
            r#""reasons":["number","sentence-added"],"summary":"“12” became “14”","old_version":2,"new_version":3}"#
        );
        assert_eq!(event_line(&recorded("The \"Gull\"")), wanted);
    }

    #[test]
    fn a_notice_is_no_event() {
        let notice = Notice::Heartbeat { releases: 40, sources: 2, events: 3, troubles: vec!["a\nb".into()] };
        let wanted = r#"{"notice":"heartbeat","releases":40,"sources":2,"events":3,"troubles":["a\nb"],"at":"1970-01-01T00:00:00Z"}"#;
        assert_eq!(notice_line(&notice, DateTime::UNIX_EPOCH), wanted);
    }

    #[test]
    fn nothing_in_a_title_ends_the_line() {
        let title = "a\nb\r\u{b}\u{c}\u{1c}\u{85}\u{9b}2J\u{2028}c\u{2029}\u{7f}d";
        let line = event_line(&recorded(title));
        assert!(
            !line.contains(|character: char| character.is_control() || "\u{2028}\u{2029}".contains(character)),
            "{line}"
        );
        let read: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(read["title"], title);
    }

    proptest! {
        #[test]
        fn every_title_comes_back(title in any::<String>()) {
            let line = event_line(&recorded(&title));
            let read: serde_json::Value = serde_json::from_str(&line).unwrap();
            prop_assert_eq!(read["title"].as_str(), Some(title.as_str()));
            prop_assert_eq!(line.lines().count(), 1);
        }
    }
}
