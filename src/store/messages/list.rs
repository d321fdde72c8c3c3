//! Shows the outbox.

use chrono::{DateTime, Utc};
use rusqlite::{Row, named_params};

use super::super::column::Columns as _;
use super::super::{Store, StoreError};
use crate::domain::message::{MessageId, Notice};
use crate::domain::model::{Addressee, AlertState, EventKind};
use crate::domain::route::Form;

/// A message in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct MessageLine {
    /// Its row.
    pub id: MessageId,
    /// To whom.
    pub addressee: Addressee,
    /// What kind of message.
    pub form: Form,
    /// What it says, if it is a notice.
    pub notice: Option<Notice>,
    /// How many events it tells.
    pub events: u32,
    /// Kind and title of the first of them.
    pub first: Option<(EventKind, String)>,
    /// How far it has come.
    pub state: AlertState,
    /// Deliveries tried.
    pub attempts: u32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it is tried next, if it is.
    pub due_at: DateTime<Utc>,
    /// When it was sent or given up.
    pub finished_at: Option<DateTime<Utc>>,
    /// What went wrong last; where its alert reaches nobody, what went wrong there.
    pub error: Option<String>,
}

/// How many messages are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MessageCounts {
    /// To be delivered.
    pub pending: u64,
    /// Delivered.
    pub sent: u64,
    /// Given up.
    pub failed: u64,
}

impl MessageLine {
    /// What the message says, in a few words.
    pub fn tells(&self) -> String {
        let first = self.first.as_ref().map(|(kind, title)| format!("{}: {title}", kind.name())).unwrap_or_default();
        let occasion = match (&self.notice, self.form) {
            (Some(notice), _) => return notice.name().to_owned(),
            (None, Form::Single | Form::Notice) => return first,
            (None, Form::Digest) => "digest",
            (None, Form::Burst) => "burst",
            (None, Form::Quiet) => "quiet hours",
        };
        match self.events {
            1 => format!("{occasion}: {first}"),
            events => format!("{occasion} of {events} events"),
        }
    }
}

impl Store {
    /// The messages in this state, or all of them, oldest first.
    pub async fn list_messages(&self, state: Option<AlertState>) -> Result<Vec<MessageLine>, StoreError> {
        self.list_messages_up_to(state, u32::MAX).await
    }

    /// As [`Store::list_messages`], and no more than `limit` of them.
    pub async fn list_messages_up_to(
        &self,
        state: Option<AlertState>,
        limit: u32,
    ) -> Result<Vec<MessageLine>, StoreError> {
        self.read(move |transaction| {
            // Written out, because only then the index of the few that are in that state is taken.
            let part = match state {
                Some(AlertState::Pending) => "state = 'pending'",
                Some(AlertState::Failed) => "state = 'failed'",
                Some(AlertState::Sent) => "state = 'sent'",
                None => "TRUE",
            };
            let mut statement = transaction.prepare_cached(&format!(
                "SELECT m.*, e.kind AS event_kind, e.title,
                     (SELECT count(*) FROM outbox WHERE message = m.id) AS events,
                     max(m.due_at, coalesce(max(f.retry_at), '')) AS next_at,
                     coalesce(m.error, max(f.error)) AS last_error
                 FROM messages m
                 LEFT JOIN events e ON e.id = (SELECT min(event) FROM outbox WHERE message = m.id)
                 LEFT JOIN failures f ON f.alert = m.alert AND f.recipient IN ('', m.recipient)
                     AND f.over_at IS NULL AND m.state = 'pending' AND m.waits_from <= f.retry_at
                 WHERE m.id IN (SELECT id FROM messages WHERE {part} ORDER BY id LIMIT :limit)
                 GROUP BY m.id ORDER BY m.id"
            ))?;
            let lines = statement.query_map(named_params! { ":limit": limit }, read)?;
            Ok(lines.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// How many messages are in which state; counted as they come and go.
    pub async fn count_messages(&self) -> Result<MessageCounts, StoreError> {
        self.read(|transaction| {
            let mut statement = transaction.prepare_cached("SELECT state, count FROM message_counts")?;
            let mut rows = statement.query([])?;
            let mut counts = MessageCounts::default();
            while let Some(row) = rows.next()? {
                let place = match row.word("state")? {
                    AlertState::Pending => &mut counts.pending,
                    AlertState::Sent => &mut counts.sent,
                    AlertState::Failed => &mut counts.failed,
                };
                *place = row.get::<_, i64>("count")?.unsigned_abs();
            }
            Ok(counts)
        })
        .await
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<MessageLine> {
    let kind: Option<EventKind> = match row.get_ref("event_kind")?.as_str_or_null()? {
        Some(_) => Some(row.word("event_kind")?),
        None => None,
    };
    let title: Option<String> = row.get("title")?;
    Ok(MessageLine {
        id: MessageId(row.get("id")?),
        addressee: Addressee { alert: row.get("alert")?, recipient: row.get("recipient")? },
        form: row.word("form")?,
        notice: row.maybe_json("notice")?,
        events: row.get("events")?,
        first: kind.zip(title),
        state: row.word("state")?,
        attempts: row.get("attempts")?,
        created_at: row.time("created_at")?,
        due_at: row.time("next_at")?,
        finished_at: row.maybe_time("finished_at")?,
        error: row.get("last_error")?,
    })
}
