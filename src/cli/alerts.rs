//! `pressdiff alerts`: what waits to be delivered, and what could not be.

use anyhow::{Result, bail};
use chrono::{DateTime, SecondsFormat, Utc};
use clap::Args;
use serde::Serialize;

use super::ListFormat;
use super::failure::Status;
use super::session::Session;
use super::table::{Rows, local_minute};
use crate::domain::counted::counted;
use crate::domain::discreet::discreet;
use crate::domain::message::MessageId;
use crate::domain::model::AlertState;
use crate::domain::route::Form;
use crate::domain::word::word;
use crate::store::{MessageLine, Store, StoreError};

/// List the alerts that wait or could not be delivered, and try them again.
///
/// Lists the messages that wait or were given up, oldest first, with when they are tried next and what went wrong
/// last. Times are local.
#[derive(Debug, Args)]
pub(super) struct Alerts {
    /// Only what waits to be delivered
    #[arg(long, conflicts_with_all = ["failed", "all"])]
    pending: bool,
    /// Only what was given up
    #[arg(long, conflicts_with = "all")]
    failed: bool,
    /// Also what was delivered
    #[arg(long)]
    all: bool,
    /// Try again at once: the message with this number, or `all` that failed
    #[arg(long, value_name = "ID", value_parser = Retry::parse)]
    retry: Option<Retry>,
    /// How to list them
    #[arg(long, value_enum, default_value_t = ListFormat::Table)]
    format: ListFormat,
}

/// What is tried again.
#[derive(Clone, Copy, Debug)]
enum Retry {
    One(MessageId),
    All,
}

impl Retry {
    fn parse(text: &str) -> Result<Self, &'static str> {
        match text {
            "all" => Ok(Self::All),
            number => number.parse().map(|id| Self::One(MessageId(id))).map_err(|_| "neither a number nor `all`"),
        }
    }
}

impl Alerts {
    pub(super) async fn run(self, session: &Session) -> Result<Status> {
        if let Some(retry) = self.retry {
            return try_again(retry, session).await;
        }
        let (_, store) = session.record()?;
        let state = match (self.pending, self.failed) {
            (true, _) => Some(AlertState::Pending),
            (_, true) => Some(AlertState::Failed),
            _ => None,
        };
        let mut lines = store.list_messages(state).await?;
        lines.retain(|line| self.all || line.state != AlertState::Sent);
        match self.format {
            ListFormat::Table if lines.is_empty() => session.output.note(self.nothing()),
            ListFormat::Table => session.output.print(&table(&lines, session))?,
            ListFormat::Jsonl => session.output.print(&json_lines(&lines)?)?,
        }
        Ok(Status::Done)
    }

    fn nothing(&self) -> &'static str {
        match (self.pending, self.failed, self.all) {
            (true, ..) => "nothing waits",
            (_, true, _) => "nothing has failed",
            (.., true) => "no messages",
            _ => "nothing waits and nothing has failed",
        }
    }
}

async fn try_again(retry: Retry, session: &Session) -> Result<Status> {
    let config = session.config()?;
    let store = Store::open_beside(&config.store.path)?;
    let now = session.clock.now();
    let retried = match retry {
        Retry::All => store.retry_all(now).await?,
        Retry::One(id) => match store.retry(id, now).await {
            Err(StoreError::UnknownMessage(id)) => {
                let sent = store.list_messages(Some(AlertState::Sent)).await?;
                if sent.iter().any(|line| line.id == id) {
                    bail!("message {id} was delivered");
                }
                bail!("there is no message {id}");
            }
            retried => retried.map(|()| 1)?,
        },
    };
    session.output.note(&match retried {
        0 => "no message had failed".to_owned(),
        _ => format!(
            "{} due now; `pressdiff run` or `pressdiff check` delivers",
            counted(retried, "message is", "messages are")
        ),
    });
    Ok(Status::Done)
}

fn table(lines: &[MessageLine], session: &Session) -> String {
    let headings = ["ID", "ALERT", "RECIPIENT", "STATE", "TRIED", "NEXT TRY", "TELLS", "LAST ERROR"];
    let mut rows = Rows::new(&session.output, &headings);
    for line in lines {
        rows.add([
            line.id.to_string(),
            line.addressee.alert.clone(),
            discreet(&line.addressee.recipient),
            word(&line.state),
            line.attempts.to_string(),
            match line.state {
                AlertState::Pending => next_try(line.due_at, session),
                AlertState::Failed => "never".to_owned(),
                AlertState::Sent => String::new(),
            },
            line.tells(),
            line.error.clone().unwrap_or_default(),
        ]);
    }
    rows.render()
}

fn next_try(due_at: DateTime<Utc>, session: &Session) -> String {
    if due_at <= session.clock.now() {
        return "now".to_owned();
    }
    local_minute(due_at)
}

/// The members of a line, in their order.
#[derive(Serialize)]
struct Line<'a> {
    id: i64,
    alert: &'a str,
    recipient: String,
    state: AlertState,
    attempts: u32,
    form: Form,
    events: u32,
    tells: String,
    created_at: String,
    next_at: Option<String>,
    finished_at: Option<String>,
    error: Option<&'a str>,
}

fn json_lines(lines: &[MessageLine]) -> Result<String> {
    let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let mut text = String::new();
    for line in lines {
        let json = Line {
            id: line.id.0,
            alert: &line.addressee.alert,
            recipient: discreet(&line.addressee.recipient),
            state: line.state,
            attempts: line.attempts,
            form: line.form,
            events: line.events,
            tells: line.tells(),
            created_at: time(line.created_at),
            next_at: (line.state == AlertState::Pending).then(|| time(line.due_at)),
            finished_at: line.finished_at.map(time),
            error: line.error.as_deref(),
        };
        text.push_str(&crate::domain::jsonl::without_hidden_line_ends(&serde_json::to_string(&json)?));
        text.push('\n');
    }
    Ok(text)
}
