//! `pressdiff completions`: what a shell needs to complete commands and options.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::Arguments;
use super::failure::Status;
use super::session::Session;

/// Print completions for a shell.
///
/// For bash, say: pressdiff completions bash > ~/.local/share/bash-completion/completions/pressdiff
#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

impl Completions {
    pub(super) fn run(&self, session: &Session) -> anyhow::Result<Status> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Arguments::command(), "pressdiff", &mut script);
        session.output.print_bytes(&script)?;
        Ok(Status::Done)
    }
}
