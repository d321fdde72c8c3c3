//! The command line: reads the arguments, wires the parts together, runs one subcommand and turns its outcome into
//! an exit status. Each subcommand has a file of its own below; what they do is done in the other modules.

mod alerts;
mod attest;
mod backup;
mod check;
mod completions;
mod control;
mod demo;
pub mod demo_site;
mod diff;
mod events;
mod explain;
mod export;
mod failure;
mod health;
mod history;
mod import;
mod init;
mod logging;
mod lookup;
mod man;
mod output;
mod pages;
mod passwd;
mod progress;
mod reextract;
mod releases;
mod reload;
mod repack;
mod run;
mod service;
mod session;
mod show;
mod since;
mod sources;
mod table;
mod target;
mod test_alert;
mod token;
mod verify;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

use self::failure::Status;
use self::session::Session;

/// How long work that cannot be interrupted may go on after the end, such as parsing a page.
const SHUTDOWN: Duration = Duration::from_secs(3);

/// Watches the news pages of organisations, keeps every version of every release, and reports what really changed.
#[derive(Debug, Parser)]
#[command(name = "pressdiff", version, arg_required_else_help = true, max_term_width = 100)]
#[command(after_help = "Exit status: 0 done, 1 something could not be done, 2 wrong usage or configuration.\n\
                        Data goes to standard output, everything else to standard error.")]
struct Arguments {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    command: Command,
}

/// What every subcommand takes.
#[derive(Debug, Args)]
struct Options {
    #[arg(help = "Configuration file [default: $PRESSDIFF_CONFIG, config/pressdiff.toml, then \
                  pressdiff/pressdiff.toml in the user's configuration folder and in /etc]")]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Global options")]
    config: Option<PathBuf>,
    #[arg(help = "Format of log lines on standard error; RUST_LOG filters them")]
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Text, help_heading = "Global options")]
    log_format: LogFormat,
    /// Log more; twice for even more
    #[arg(short, long, global = true, action = ArgAction::Count, help_heading = "Global options")]
    verbose: u8,
    /// Log errors only, and no progress
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = "Global options")]
    quiet: bool,
}

/// Forms of log lines.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogFormat {
    /// For people
    Text,
    /// One JSON object on each line
    Json,
}

/// Forms of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ListFormat {
    /// For people
    Table,
    /// One JSON object on each line
    Jsonl,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Run),
    Check(check::Check),
    Events(events::Events),
    Diff(diff::Diff),
    History(history::History),
    Show(show::Show),
    Explain(explain::Explain),
    Sources(sources::Sources),
    Releases(releases::Releases),
    Alerts(alerts::Alerts),
    TestAlert(test_alert::TestAlert),
    Reextract(reextract::Reextract),
    Init(init::Init),
    Backup(backup::Backup),
    Reload(reload::Reload),
    Passwd(passwd::Passwd),
    Token(token::Token),
    Health(health::Health),
    Verify(verify::Verify),
    Attest(attest::Attest),
    Import(import::Import),
    Export(export::Export),
    Repack(repack::Repack),
    Demo(demo::Demo),
    Completions(completions::Completions),
    Man(man::Man),
}

impl Command {
    /// Work that goes on by itself tells more than work that somebody waits for.
    fn log_level(&self) -> &'static str {
        if matches!(self, Self::Run(_)) { "info" } else { "warn" }
    }

    async fn run(self, session: &Session) -> anyhow::Result<Status> {
        match self {
            Self::Run(command) => command.run(session).await,
            Self::Check(command) => command.run(session).await,
            Self::Events(command) => command.run(session).await,
            Self::Diff(command) => command.run(session).await,
            Self::History(command) => command.run(session).await,
            Self::Show(command) => command.run(session).await,
            Self::Explain(command) => command.run(session).await,
            Self::Sources(command) => command.run(session).await,
            Self::Releases(command) => command.run(session).await,
            Self::Alerts(command) => command.run(session).await,
            Self::TestAlert(command) => command.run(session).await,
            Self::Reextract(command) => command.run(session).await,
            Self::Init(command) => command.run(session).await,
            Self::Backup(command) => command.run(session).await,
            Self::Reload(command) => command.run(session).await,
            Self::Passwd(command) => command.run(session),
            Self::Token(command) => command.run(session).await,
            Self::Health(command) => command.run(session).await,
            Self::Verify(command) => command.run(session).await,
            Self::Attest(command) => command.run(session).await,
            Self::Import(command) => command.run(session).await,
            Self::Export(command) => command.run(session).await,
            Self::Repack(command) => command.run(session).await,
            Self::Demo(command) => command.run(session).await,
            Self::Completions(command) => command.run(session),
            Self::Man(command) => command.run(session),
        }
    }
}

/// Threads that parse and read files. Each allocates from memory of its own, so that many cost much.
const BLOCKING_THREADS: usize = 4;

/// Runs the program with the arguments of this process.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(answer) => {
            // Help, version or a mistake; nobody is left to tell when the terminal is gone.
            let _ = answer.print();
            return ExitCode::from(u8::try_from(answer.exit_code()).unwrap_or(2));
        }
    };
    let session = Session::new(arguments.options);
    logging::start(&session, arguments.command.log_level());
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().max_blocking_threads(BLOCKING_THREADS).build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return failure::report(&error.into(), &session),
    };
    let outcome = runtime.block_on(arguments.command.run(&session));
    runtime.shutdown_timeout(SHUTDOWN);
    match outcome {
        Ok(status) => status.into(),
        Err(error) => failure::report(&error, &session),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_arguments_fit_together() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_commands_stand_in_the_order_of_the_work() {
        let command = Arguments::command();
        let names: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
        assert_eq!(
            names,
            [
                "run",
                "check",
                "events",
                "diff",
                "history",
                "show",
                "explain",
                "sources",
                "releases",
                "alerts",
                "test-alert",
                "reextract",
                "init",
                "backup",
                "reload",
                "passwd",
                "token",
                "health",
                "verify",
                "attest",
                "import",
                "export",
                "repack",
                "demo",
                "completions",
                "man"
            ]
        );
    }
}
