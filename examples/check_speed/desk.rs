//! A folder with a configuration and a record, in which the built program is run and its CPU time taken.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// CPU time of one child process, in seconds, and what it said.
pub(crate) struct Spent {
    pub(crate) seconds: f64,
    pub(crate) said: String,
}

pub(crate) struct Desk {
    folder: TempDir,
}

impl Desk {
    /// A desk for the site at this port. Listings are walked `depth` pages deep.
    pub(crate) fn new(port: u16, depth: usize) -> std::io::Result<Self> {
        let desk = Self { folder: tempfile::tempdir()? };
        desk.configure(port, depth)?;
        Ok(desk)
    }

    pub(crate) fn configure(&self, port: u16, depth: usize) -> std::io::Result<()> {
        let text = format!(
            "[store]\npath = \"bulk.db\"\n[fetch]\nper_host_interval = \"0s\"\nallow_private_addresses = true\n\
             [[source]]\nid = \"bulk\"\nlistings = [\"http://127.0.0.1:{port}/news/\"]\nlisting_depth = {depth}\n"
        );
        std::fs::write(self.folder.path().join("pressdiff.toml"), text)
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.folder.path().join("bulk.db")
    }

    /// Runs a command of the program.
    pub(crate) fn run(&self, program: &Path, command: &str) -> std::io::Result<Spent> {
        let config = self.folder.path().join("pressdiff.toml");
        measured(Command::new(program).args([command, "--config"]).arg(config))
    }
}

/// Runs a child process to its end. Others must not end meanwhile.
pub(crate) fn measured(command: &mut Command) -> std::io::Result<Spent> {
    let before = children_ticks();
    let output = command.stdout(Stdio::piped()).stderr(Stdio::piped()).output()?;
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    // 1: a listing is in trouble, which is told where it matters.
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}: {said}", output.status);
    let ticks = u32::try_from(children_ticks() - before).expect("less than a year");
    Ok(Spent { seconds: f64::from(ticks) / 100.0, said })
}

/// CPU time of the child processes that have ended, user and system, in hundredths of a second.
fn children_ticks() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let number = |at: usize| fields.get(at).and_then(|text| text.parse::<u64>().ok()).expect("proc(5)");
    number(13) + number(14)
}
