//! `pressdiff man`: the manual pages, made from the help texts.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, CommandFactory as _};

use super::Arguments;
use super::failure::Status;
use super::session::Session;

/// Print or write the manual pages.
///
/// Prints the manual page of the program, or writes it and those of all commands into a folder, such as
/// /usr/local/share/man/man1.
#[derive(Debug, Args)]
pub(super) struct Man {
    /// Write all pages into this folder, which has to be there
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

impl Man {
    pub(super) fn run(&self, session: &Session) -> anyhow::Result<Status> {
        let command = Arguments::command();
        if let Some(dir) = &self.dir {
            clap_mangen::generate_to(command, dir)
                .with_context(|| format!("cannot write manual pages into {}", dir.display()))?;
            return Ok(Status::Done);
        }
        let mut page = Vec::new();
        clap_mangen::Man::new(command).render(&mut page)?;
        session.output.print_bytes(&page)?;
        Ok(Status::Done)
    }
}
