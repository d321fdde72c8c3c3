//! Makes messages. An event is told to an addressee once, whichever message tells it.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension as _, Transaction, named_params};

use super::super::StoreError;
use super::super::column::{Json, Time, Word};
use crate::domain::message::{MessageId, Notice};
use crate::domain::model::{Addressee, EventId, RecordedEvent};
use crate::domain::route::{Dispatch, Form, MOST_EVENTS};

/// Puts events into a message: into a new one, or into one that waits for the same time.
pub(in crate::store) fn dispatch(
    transaction: &Transaction<'_>,
    dispatch: &Dispatch,
    recorded: &[RecordedEvent],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let events: Vec<EventId> = dispatch.events.iter().filter_map(|at| Some(recorded.get(*at)?.id)).collect();
    tell(transaction, &dispatch.addressee, dispatch.form, &events, dispatch.due_at, now)
}

/// As [`dispatch`]; events that the addressee is told of already are left out, and nothing is said where none is left.
pub(super) fn tell(
    transaction: &Transaction<'_>,
    addressee: &Addressee,
    form: Form,
    events: &[EventId],
    due_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let mut known =
        transaction.prepare_cached("SELECT 1 FROM outbox WHERE event = ?1 AND alert = ?2 AND recipient = ?3")?;
    let mut fresh = Vec::with_capacity(events.len());
    for event in events {
        if !known.exists((event.0, &addressee.alert, &addressee.recipient))? {
            fresh.push(*event);
        }
    }
    if fresh.is_empty() {
        return Ok(());
    }
    let open = if form.is_open() { find_open(transaction, addressee, form, due_at, fresh.len())? } else { None };
    let message = match open {
        Some(message) => message,
        None => insert(transaction, addressee, form, None, due_at, now)?,
    };
    let mut insert = transaction.prepare_cached(
        "INSERT INTO outbox (event, alert, recipient, message) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
    )?;
    for event in fresh {
        insert.execute((event.0, &addressee.alert, &addressee.recipient, message.0))?;
    }
    Ok(())
}

/// Adds a notice, due at once.
pub(super) fn notify(
    transaction: &Transaction<'_>,
    addressees: &[Addressee],
    notice: &Notice,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    for addressee in addressees {
        insert(transaction, addressee, Form::Notice, Some(notice), now, now)?;
    }
    Ok(())
}

/// The message that other events can join: never one that was tried, because that may have arrived.
fn find_open(
    transaction: &Transaction<'_>,
    addressee: &Addressee,
    form: Form,
    due_at: DateTime<Utc>,
    more: usize,
) -> Result<Option<MessageId>, StoreError> {
    let mut statement = transaction.prepare_cached(
        "SELECT m.id FROM messages m WHERE m.state = 'pending' AND m.alert = :alert AND m.recipient = :recipient
             AND m.form = :form AND m.due_at = :due_at AND m.tried_at IS NULL
             AND (SELECT count(*) FROM outbox WHERE message = m.id) + :more <= :most
         ORDER BY m.id DESC LIMIT 1",
    )?;
    let id = statement.query_row(
        named_params! {
            ":alert": addressee.alert,
            ":recipient": addressee.recipient,
            ":form": Word(form),
            ":due_at": Time(due_at),
            ":more": i64::try_from(more).unwrap_or(i64::MAX),
            ":most": i64::try_from(MOST_EVENTS).unwrap_or(i64::MAX),
        },
        |row| row.get(0),
    );
    Ok(id.optional()?.map(MessageId))
}

fn insert(
    transaction: &Transaction<'_>,
    addressee: &Addressee,
    form: Form,
    notice: Option<&Notice>,
    due_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<MessageId, StoreError> {
    transaction
        .prepare_cached(
            "INSERT INTO messages (alert, recipient, form, notice, created_at, state, due_at, waits_from)
             VALUES (:alert, :recipient, :form, :notice, :now, 'pending', :due_at, :due_at)",
        )?
        .execute(named_params! {
            ":alert": addressee.alert,
            ":recipient": addressee.recipient,
            ":form": Word(form),
            ":notice": notice.map(Json),
            ":now": Time(now),
            ":due_at": Time(due_at),
        })?;
    Ok(MessageId(transaction.last_insert_rowid()))
}
