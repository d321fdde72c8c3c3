//! The built program with a configuration and a store of its own.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;
use url::Url;

/// A folder in which the program works.
pub(crate) struct Desk {
    folder: TempDir,
}

/// What one run of the program left.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: i32,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

impl Desk {
    /// A desk that watches one listing as source `demo` and writes alerts to `events.jsonl`.
    pub(crate) fn watching(listing: &Url) -> Self {
        Self::with_schedule(listing, "@hourly")
    }

    /// The same with another schedule.
    pub(crate) fn with_schedule(listing: &Url, schedule: &str) -> Self {
        Self::configured(&format!(
            "[store]\npath = \"pressdiff.db\"\n\
             [fetch]\nallow_private_addresses = true\nper_host_interval = \"1ms\"\ntimeout = \"20s\"\n\
             [[source]]\nid = \"demo\"\nname = \"Demo\"\nlistings = [\"{listing}\"]\nschedule = \"{schedule}\"\n\
             confirm_removal = {{ checks = 1, after = \"0s\" }}\n\
             [[alert]]\nname = \"log\"\nchannel = \"log\"\npath = \"events.jsonl\"\n"
        ))
    }

    /// A desk with this configuration.
    pub(crate) fn configured(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("pressdiff.toml"), text).unwrap();
        Self { folder }
    }

    /// A file in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The lines of the log that alerts go to.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.path("events.jsonl")).unwrap_or_default()
    }

    /// The program, ready to be started with these arguments.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pressdiff"));
        command.arg("--config").arg(self.path("pressdiff.toml")).args(arguments);
        command.env_remove("RUST_LOG").env_remove("PRESSDIFF_CONFIG").stdin(Stdio::null());
        command
    }

    /// Runs the program to its end. Sites it asks have to be served by other threads than this one.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments).output().unwrap())
    }

    /// Runs the program, which has to succeed, and returns its standard output.
    pub(crate) fn succeed(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments);
        assert_eq!(ran.status, 0, "{arguments:?}: {ran:#?}");
        ran.out
    }
}

impl Ran {
    pub(crate) fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { status: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
    }
}
