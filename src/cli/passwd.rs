//! `pressdiff passwd`: the password of the review pages.

use std::io::{self, BufRead as _, IsTerminal as _};
use std::process::{Command, Stdio};

use anyhow::Context as _;
use clap::Args;

use super::failure::{Status, UsageError};
use super::session::Session;
use crate::web::{PasswordError, Passwords};

/// Set the password of the review pages.
///
/// Asks for the password of the review pages, twice on a terminal, and keeps a hash of it beside the store. From then
/// on the pages ask for it, also on loopback; a running daemon need not be restarted. Whoever is logged in has to log
/// in again; access tokens stay good until they are revoked.
#[derive(Debug, Args)]
pub(super) struct Passwd {
    /// Take the password away: only this machine can read the pages then, and nobody if they are opened to others
    #[arg(long)]
    remove: bool,
}

impl Passwd {
    pub(super) fn run(self, session: &Session) -> anyhow::Result<Status> {
        let config = session.config()?;
        let passwords = Passwords::beside(&config.store.path);
        if self.remove {
            let was_there = passwords.remove()?;
            session.output.note(if was_there { "password removed" } else { "there was no password" });
            return Ok(Status::Done);
        }
        match passwords.set(&ask(session)?) {
            Err(error @ PasswordError::Length) => return Err(UsageError(error.to_string()).into()),
            set => set?,
        }
        session.output.note("password set");
        Ok(Status::Done)
    }
}

/// The first line of standard input; on a terminal without showing it, and twice.
fn ask(session: &Session) -> anyhow::Result<String> {
    if !io::stdin().is_terminal() {
        return read_line();
    }
    let _hidden = Hidden::hide();
    session.output.note("New password of the review pages:");
    let password = read_line()?;
    session.output.note("Once more:");
    if read_line()? != password {
        return Err(UsageError("the two passwords differ; the old one stays".to_owned()).into());
    }
    Ok(password)
}

fn read_line() -> anyhow::Result<String> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).context("cannot read the password")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// The terminal shows nothing of what is typed until this is dropped. `stty` does it, as on every Unix; where there is
/// none, what is typed is seen.
struct Hidden;

impl Hidden {
    fn hide() -> Self {
        stty("-echo");
        Self
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        stty("echo");
    }
}

fn stty(setting: &str) {
    let _ = Command::new("stty").arg(setting).stdin(Stdio::inherit()).stderr(Stdio::null()).status();
}
