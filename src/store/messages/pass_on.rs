//! What the fallback of an alert is told: the events that do not arrive, why they come this way, and that it is over.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Row, Transaction, named_params};

use super::super::column::{Columns as _, Time};
use super::super::{Store, StoreError};
use super::failing::{self, Failing};
use super::write;
use crate::domain::message::{MessageId, Notice};
use crate::domain::model::{Addressee, EventId};
use crate::domain::route::{Form, MOST_EVENTS};

/// Where the events of an alert go when they do not arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FallbackRule {
    /// Name of the alert.
    pub alert: String,
    /// The recipients of its fallback.
    pub to: Vec<Addressee>,
    /// More events than this at once come in one message.
    pub burst_limit: u32,
    /// For how long somebody cannot be reached before others are told.
    pub patience: TimeDelta,
}

/// How long ago a message may have been given up to be passed on still: a fallback that is new in the configuration is
/// not told of old times.
const OLDEST: TimeDelta = TimeDelta::days(1);
/// Messages that are passed on at once.
const MOST_AT_ONCE: u32 = 1000;

const TO_PASS_ON: &str = "m.alert = :alert AND m.passed_on = 0 AND m.form <> 'notice'
    AND ((m.state = 'failed' AND m.finished_at > :oldest)
         OR (m.state = 'pending' AND m.waits_from <= :now AND EXISTS (
             SELECT 1 FROM failures f WHERE f.alert = m.alert AND f.recipient IN ('', m.recipient)
                 AND f.over_at IS NULL AND f.since <= :since)))";

impl Store {
    /// Whether [`Store::pass_on`] has something to do.
    pub async fn has_to_pass_on(&self, rule: &FallbackRule, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let rule = rule.clone();
        self.read(move |transaction| {
            let sql = format!(
                "SELECT 1 FROM messages m WHERE {TO_PASS_ON}
                 UNION ALL SELECT 1 FROM failures WHERE alert = :alert AND over_at IS NOT NULL"
            );
            let mut statement = transaction.prepare_cached(&sql)?;
            Ok(statement.exists(named_params! {
                ":alert": rule.alert,
                ":now": Time(now),
                ":since": Time(now - rule.patience),
                ":oldest": Time(now - OLDEST),
            })?)
        })
        .await
    }

    /// Tells the fallback of an alert the events that were given up or that wait for too long, each once, and that the
    /// alert fails or is delivered again. How many messages were passed on.
    pub async fn pass_on(&self, rule: FallbackRule, now: DateTime<Utc>) -> Result<usize, StoreError> {
        self.write(move |transaction| {
            let messages = list_to_pass_on(transaction, &rule, now)?;
            tell_failures(transaction, &rule, &messages, now)?;
            copy(transaction, &rule, &messages, now)?;
            tell_recoveries(transaction, &rule, now)?;
            Ok(messages.len())
        })
        .await
    }
}

/// A message with what it tells.
struct Undelivered {
    id: MessageId,
    form: Form,
    recipient: String,
    events: Vec<EventId>,
}

fn list_to_pass_on(
    transaction: &Transaction<'_>,
    rule: &FallbackRule,
    now: DateTime<Utc>,
) -> Result<Vec<Undelivered>, StoreError> {
    let sql = format!("SELECT m.id, m.form, m.recipient FROM messages m WHERE {TO_PASS_ON} ORDER BY m.id LIMIT :limit");
    let mut statement = transaction.prepare_cached(&sql)?;
    let params = named_params! {
        ":alert": rule.alert,
        ":now": Time(now),
        ":since": Time(now - rule.patience),
        ":oldest": Time(now - OLDEST),
        ":limit": MOST_AT_ONCE,
    };
    let read = |row: &Row<'_>| {
        let (id, form, recipient) = (MessageId(row.get("id")?), row.word("form")?, row.get("recipient")?);
        Ok(Undelivered { id, form, recipient, events: Vec::new() })
    };
    let mut messages = statement.query_map(params, read)?.collect::<Result<Vec<_>, _>>()?;
    let mut told = transaction.prepare_cached("SELECT event FROM outbox WHERE message = ?1 ORDER BY event")?;
    for message in &mut messages {
        let events = told.query_map([message.id.0], |row| row.get(0).map(EventId))?;
        message.events = events.collect::<Result<_, _>>()?;
    }
    Ok(messages)
}

/// Each message as it is, unless they are too many.
fn copy(
    transaction: &Transaction<'_>,
    rule: &FallbackRule,
    messages: &[Undelivered],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let mut all: Vec<EventId> = messages.iter().flat_map(|message| message.events.iter().copied()).collect();
    all.sort_unstable();
    all.dedup();
    let is_burst = messages.len() > 1 && all.len() > rule.burst_limit as usize;
    for addressee in &rule.to {
        if is_burst {
            for events in all.chunks(MOST_EVENTS) {
                write::tell(transaction, addressee, Form::Burst, events, now, now)?;
            }
        } else {
            for message in messages {
                let form = if message.form == Form::Single { Form::Single } else { Form::Burst };
                write::tell(transaction, addressee, form, &message.events, now, now)?;
            }
        }
    }
    let mut mark = transaction.prepare_cached("UPDATE messages SET passed_on = 1 WHERE id = ?1")?;
    for message in messages {
        mark.execute([message.id.0])?;
    }
    Ok(())
}

/// Before its events come, the fallback is told why they do.
fn tell_failures(
    transaction: &Transaction<'_>,
    rule: &FallbackRule,
    messages: &[Undelivered],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let sql = format!("{} WHERE f.alert = ?1 AND f.told = 0 AND f.over_at IS NULL", failing::SELECT);
    let mut statement = transaction.prepare_cached(&sql)?;
    let failing = statement.query_map([&rule.alert], failing::read)?.collect::<Result<Vec<_>, _>>()?;
    let mut mark = transaction.prepare_cached("UPDATE failures SET told = 1 WHERE alert = ?1 AND recipient = ?2")?;
    for Failing { alert, recipient, since, error, waiting, .. } in failing {
        let concerns = |message: &Undelivered| recipient.as_ref().is_none_or(|name| *name == message.recipient);
        if messages.iter().any(concerns) {
            mark.execute((&alert, recipient.as_deref().unwrap_or_default()))?;
            let error = recipient.map_or_else(|| error.clone(), |recipient| format!("{recipient}: {error}"));
            let notice = Notice::ChannelFailing { alert, since, waiting, error };
            write::notify(transaction, &rule.to, &notice, now)?;
        }
    }
    Ok(())
}

fn tell_recoveries(transaction: &Transaction<'_>, rule: &FallbackRule, now: DateTime<Utc>) -> Result<(), StoreError> {
    let mut statement = transaction
        .prepare_cached("SELECT since FROM failures WHERE alert = ?1 AND over_at IS NOT NULL ORDER BY since")?;
    let over = statement.query_map([&rule.alert], |row| row.time("since"))?.collect::<Result<Vec<_>, _>>()?;
    for since in over {
        let notice = Notice::ChannelRecovered { alert: rule.alert.clone(), since };
        write::notify(transaction, &rule.to, &notice, now)?;
    }
    transaction
        .prepare_cached("DELETE FROM failures WHERE alert = ?1 AND over_at IS NOT NULL")?
        .execute([&rule.alert])?;
    Ok(())
}
