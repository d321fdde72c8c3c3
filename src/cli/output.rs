//! Standard output for data, standard error for everything else, and whether colours are welcome there.

use std::io::{self, IsTerminal as _, Write as _};

use indicatif::MultiProgress;

use super::failure::OutputClosed;
use crate::domain::render::is_harmful;

/// Where a command writes.
#[derive(Clone, Debug)]
pub(super) struct Output {
    /// Progress bars, which make room for what is written beside them.
    pub(super) bars: MultiProgress,
    /// Whether standard output is a terminal.
    pub(super) is_terminal: bool,
    /// Whether it is one that shows colours, and nobody objects.
    pub(super) colour: bool,
    /// Columns of the terminal; 80 where there is none.
    pub(super) width: usize,
    quiet: bool,
}

impl Output {
    pub(super) fn new(quiet: bool) -> Self {
        let bars = MultiProgress::new();
        if quiet {
            bars.set_draw_target(indicatif::ProgressDrawTarget::hidden());
        }
        let is_terminal = io::stdout().is_terminal();
        let width = comfy_table::Table::new().width().filter(|width| *width > 0).map_or(80, usize::from);
        Self { bars, is_terminal, colour: is_terminal && wants_colour(), width, quiet }
    }

    /// Writes text and a line end, unless it has one, to standard output.
    pub(super) fn print(&self, text: &str) -> anyhow::Result<()> {
        let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        self.print_bytes(format!("{text}{end}").as_bytes())
    }

    /// Writes bytes as they are to standard output. The lock is given back each time, because alerts may go there
    /// too.
    pub(super) fn print_bytes(&self, bytes: &[u8]) -> anyhow::Result<()> {
        let write = || {
            let mut stdout = io::stdout().lock();
            stdout.write_all(bytes)?;
            stdout.flush()
        };
        match self.bars.suspend(write) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(OutputClosed.into()),
            written => Ok(written?),
        }
    }

    /// Tells something on standard error, unless nothing is to be told.
    pub(super) fn note(&self, text: &str) {
        if !self.quiet {
            self.complain(text);
        }
    }

    /// Tells on standard error what went wrong.
    pub(super) fn complain(&self, text: &str) {
        // There is nobody to tell that standard error is closed.
        self.bars.suspend(|| {
            let _ = writeln!(io::stderr().lock(), "{}", tame(text));
        });
    }
}

/// Whether the person at the terminal wants colours, as <https://no-color.org> has it.
pub(super) fn wants_colour() -> bool {
    let says = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    says("NO_COLOR").is_none() && says("TERM").is_none_or(|terminal| terminal != "dumb")
}

/// Scraped text without what commands a terminal or turns the direction of the text around it; lines stay.
pub(super) fn tame(text: &str) -> String {
    text.chars().filter(|character| *character == '\n' || !is_harmful(*character)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scraped_text_does_not_command_the_terminal() {
        assert_eq!(tame("a\u{1b}[2Jb\u{9b}c\rd\u{202e}e"), "a[2Jbcde");
        assert_eq!(tame("één\tline\nтекст"), "één\tline\nтекст");
    }
}
