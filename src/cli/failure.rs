//! How a command ends: the exit status, and the words on standard error when something went wrong.

use std::process::ExitCode;

use super::session::Session;
use crate::config::ConfigError;
use crate::domain::causes::with_causes;

/// How a command that came to its end went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// Everything was done.
    Done,
    /// Something could not be done, as has been said.
    Incomplete,
}

/// Arguments that fit the command line but nothing else.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct UsageError(pub(super) String);

/// Whoever read our standard output has had enough.
#[derive(Debug, thiserror::Error)]
#[error("standard output is closed")]
pub(super) struct OutputClosed;

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        match status {
            Status::Done => Self::SUCCESS,
            Status::Incomplete => Self::from(1),
        }
    }
}

/// Says what went wrong and returns the exit status for it.
pub(super) fn report(error: &anyhow::Error, session: &Session) -> ExitCode {
    if error.is::<OutputClosed>() {
        return ExitCode::SUCCESS;
    }
    session.output.complain(&words(error));
    let is_usage = error.is::<UsageError>() || error.is::<ConfigError>();
    ExitCode::from(if is_usage { 2 } else { 1 })
}

/// The error with its causes; the mistakes of a configuration on a line each, as compilers do.
fn words(error: &anyhow::Error) -> String {
    if let Some(mistakes @ ConfigError::Mistakes { .. }) = error.downcast_ref() {
        return mistakes.to_string();
    }
    format!("error: {}", with_causes(error.as_ref()))
}
