//! `pressdiff reload`: makes the running daemon read its configuration again.

use anyhow::Context as _;
use clap::Args;

use super::control::{ReloadOutcome, ask_to_reload};
use super::failure::{Status, UsageError};
use super::session::Session;
use crate::domain::counted::counted;

/// Make the running daemon read its configuration again.
///
/// Makes the daemon read its configuration again, and tells whether it was taken. With mistakes, which are told, the
/// daemon goes on with what it had. Sources, alerts, schedules and `[fetch]` change at once; the path of the store
/// needs a restart.
#[derive(Debug, Args)]
pub(super) struct Reload {}

impl Reload {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Status> {
        let config = session.config()?;
        let store = config.store.path.clone();
        let asked = tokio::task::spawn_blocking(move || ask_to_reload(&store)).await?;
        let output = &session.output;
        match asked.context("the daemon cannot be asked")? {
            Some(ReloadOutcome::Taken { sources, notes }) => {
                let sources = counted(sources, "source is", "sources are");
                output.note(&format!("the new configuration is in force: {sources} watched"));
                notes.iter().for_each(|note| output.complain(note));
                Ok(Status::Done)
            }
            Some(ReloadOutcome::Refused { mistakes }) => {
                Err(UsageError(format!("the daemon goes on with its old configuration:\n{mistakes}")).into())
            }
            Some(ReloadOutcome::Failed { error }) => {
                output.complain(&format!("error: the daemon goes on with its old configuration: {error}"));
                Ok(Status::Incomplete)
            }
            None => {
                let store = config.store.path.display();
                output.complain(&format!("error: no `pressdiff run` is at work with the store {store}"));
                Ok(Status::Incomplete)
            }
        }
    }
}
