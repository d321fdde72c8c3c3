//! A message as the body of a webhook: one JSON object whose members are a promise, which `docs/webhook.md` and
//! `docs/webhook.schema.json` describe. How it is signed and sent is the affair of the channel.

use chrono::SecondsFormat;
use serde::Serialize;
use serde_json::Value;

use super::jsonl::{EventLine, NoticeLine, without_hidden_line_ends};
use super::message::{Content, Message, Occasion, Told};
use super::model::EventId;
use super::render::json;

/// Rises when a member changes its meaning; new members leave it as it is.
const VERSION: u32 = 1;

/// Bytes of a whole body. Changes that would take more are left out first, then events; the body counts both.
pub const MOST_BYTES: usize = 1_000_000;

/// What the members beside the events may take.
const HEAD: usize = 20_000;

/// The body of the webhook that tells this message, the same at every attempt.
pub fn payload(message: &Message) -> String {
    let mut room = MOST_BYTES - HEAD;
    let told: &[Told] = match &message.content {
        Content::Event(told) => std::slice::from_ref(&**told),
        Content::Summary { told, .. } => told,
        Content::Notice(_) => &[],
    };
    let (mut events, events_left_out) = list_events(told, &mut room);
    let changes_left_out = add_changes(&mut events, told, &mut room);
    let notice = match &message.content {
        Content::Notice(notice) => Some(NoticeLine::of(notice, message.created_at)),
        Content::Event(_) | Content::Summary { .. } => None,
    };
    let body = Body {
        version: VERSION,
        id: &message.key,
        form: form(&message.content),
        alert: &message.addressee.alert,
        created_at: message.created_at.to_rfc3339_opts(SecondsFormat::Secs, true),
        events,
        events_left_out,
        changes_left_out,
        notice,
    };
    text_of(&body)
}

#[derive(Serialize)]
struct Body<'a> {
    version: u32,
    id: &'a str,
    form: &'static str,
    alert: &'a str,
    created_at: String,
    events: Vec<Entry<'a>>,
    events_left_out: usize,
    changes_left_out: usize,
    notice: Option<NoticeLine<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    #[serde(flatten)]
    line: EventLine<'a>,
    source_name: &'a str,
    thread: &'a str,
    /// At the last event of a release only: the one change that its events come to.
    change: Option<Value>,
    /// The events that came to this change, whether it is told or left out.
    change_of: Vec<EventId>,
    change_left_out: bool,
}

/// As many events as there is room for, in their order, and how many are left out.
fn list_events<'a>(told: &'a [Told], room: &mut usize) -> (Vec<Entry<'a>>, usize) {
    let all = told.iter().flat_map(|told| told.events.iter().map(move |recorded| (told, recorded)));
    let mut entries = Vec::new();
    let mut left_out = 0;
    for (told, recorded) in all {
        let entry = Entry {
            line: EventLine::of(recorded),
            source_name: &told.source_name,
            thread: &told.thread,
            change: None,
            change_of: Vec::new(),
            change_left_out: false,
        };
        // The list of events that a change is of has one number for each of them.
        if left_out == 0 && take(room, text_of(&entry).len() + recorded.id.to_string().len() + 2) {
            entries.push(entry);
        } else {
            left_out += 1;
        }
    }
    (entries, left_out)
}

/// Puts each change that there is still room for beside the last event of its release; how many are left out.
fn add_changes(entries: &mut [Entry<'_>], told: &[Told], room: &mut usize) -> usize {
    let mut left_out = 0;
    let mut end = 0;
    for told in told {
        end += told.events.len();
        let Some(change) = &told.change else { continue };
        let Some(entry) = end.checked_sub(1).and_then(|last| entries.get_mut(last)) else {
            left_out += 1;
            continue;
        };
        entry.change_of = told.events.iter().map(|recorded| recorded.id).collect();
        let change = json(change);
        if take(room, text_of(&change).len()) {
            entry.change = Some(change);
        } else {
            entry.change_left_out = true;
            left_out += 1;
        }
    }
    left_out
}

fn take(room: &mut usize, bytes: usize) -> bool {
    let left = room.checked_sub(bytes);
    *room = left.unwrap_or(*room);
    left.is_some()
}

fn form(content: &Content) -> &'static str {
    match content {
        Content::Event(_) => "event",
        Content::Summary { occasion: Occasion::Digest, .. } => "digest",
        Content::Summary { occasion: Occasion::Burst, .. } => "burst",
        Content::Summary { occasion: Occasion::QuietHours, .. } => "quiet-hours",
        Content::Notice(_) => "notice",
    }
}

fn text_of(value: &impl Serialize) -> String {
    let text =
        serde_json::to_string(value).unwrap_or_else(|error| unreachable!("text and numbers always make JSON: {error}"));
    without_hidden_line_ends(&text)
}
