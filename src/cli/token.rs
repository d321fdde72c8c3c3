//! `pressdiff token`: what programs and feed readers show to the review pages in place of a password.

use anyhow::bail;
use chrono::{DateTime, SecondsFormat, Utc};
use clap::{Args, Subcommand};
use serde::Serialize;

use super::ListFormat;
use super::failure::{Status, UsageError};
use super::session::Session;
use super::table::{Rows, local_minute};
use crate::store::{AccessToken, Store};
use crate::web::{Passwords, fresh_token};

/// Most characters of a name.
const LONGEST_NAME: usize = 100;

/// Make, list and revoke access tokens for feed readers and programs.
///
/// Access tokens for programs and feed readers, which cannot log in where the review pages ask for a password. A token
/// can read the API, the feeds and /metrics, and nothing else; it is good until it is revoked.
#[derive(Debug, Args)]
pub(super) struct Token {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Make a token and print it: it is shown this once, and only a hash of it is kept
    Create {
        /// What it is for, such as grafana
        #[arg(value_parser = parse_name)]
        name: String,
    },
    /// List the tokens, with when they were used last
    List {
        /// How to list them
        #[arg(long, value_enum, default_value_t = ListFormat::Table)]
        format: ListFormat,
    },
    /// Revoke a token at once
    Revoke {
        /// Its name
        name: String,
    },
}

fn parse_name(text: &str) -> Result<String, &'static str> {
    let name = text.trim();
    let is_fit = (1..=LONGEST_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if is_fit { Ok(name.to_owned()) } else { Err("a name has 1 to 100 characters on one line") }
}

impl Token {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Status> {
        match self.act {
            Act::Create { name } => create(name, session).await,
            Act::List { format } => list(format, session).await,
            Act::Revoke { name } => revoke(name, session).await,
        }
    }
}

async fn create(name: String, session: &Session) -> anyhow::Result<Status> {
    let config = session.config()?;
    let store = Store::open_beside(&config.store.path)?;
    let (token, hash) = fresh_token()?;
    if !store.add_token(name.clone(), hash, session.clock.now()).await? {
        return Err(
            UsageError(format!("there is a token named {name} already; revoke it or choose another name")).into()
        );
    }
    session.output.print(&format!("{token}\n"))?;
    session.output.note(
        "Keep it now: it cannot be shown again. Send it as `Authorization: Bearer TOKEN`, or put it at \
                         the end of the address of a feed as `?token=TOKEN`.",
    );
    if !Passwords::beside(&config.store.path).is_set()? {
        session.output.note("The review pages ask for no password yet, so nobody needs a token.");
    }
    Ok(Status::Done)
}

async fn list(format: ListFormat, session: &Session) -> anyhow::Result<Status> {
    let (_, store) = session.record()?;
    let tokens = store.list_tokens().await?;
    match format {
        ListFormat::Table if tokens.is_empty() => session.output.note("there are no access tokens"),
        ListFormat::Table => {
            let mut rows = Rows::new(&session.output, &["NAME", "CREATED", "LAST USED"]);
            for token in tokens {
                let used = token.used_at.map_or_else(|| "never".to_owned(), local_minute);
                rows.add([token.name, local_minute(token.created_at), used]);
            }
            session.output.print(&rows.render())?;
        }
        ListFormat::Jsonl => session.output.print(&json_lines(&tokens)?)?,
    }
    Ok(Status::Done)
}

async fn revoke(name: String, session: &Session) -> anyhow::Result<Status> {
    let config = session.config()?;
    let store = Store::open_beside(&config.store.path)?;
    if !store.revoke_token(name.clone()).await? {
        bail!("there is no token named {name}");
    }
    session.output.note(&format!("{name} is revoked"));
    Ok(Status::Done)
}

/// The members of a line, in their order.
#[derive(Serialize)]
struct Line<'a> {
    name: &'a str,
    created_at: String,
    used_at: Option<String>,
}

fn json_lines(tokens: &[AccessToken]) -> anyhow::Result<String> {
    let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let mut text = String::new();
    for AccessToken { name, created_at, used_at } in tokens {
        let line = Line { name, created_at: time(*created_at), used_at: used_at.map(time) };
        text.push_str(&crate::domain::jsonl::without_hidden_line_ends(&serde_json::to_string(&line)?));
        text.push('\n');
    }
    Ok(text)
}
