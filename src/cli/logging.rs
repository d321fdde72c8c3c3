//! Log lines on standard error, between the progress bars and not through them. Where the journal reads them, they
//! bear their priority in place of their time, which the journal knows.

mod journal;

use std::io::{self, IsTerminal as _, Write};

use indicatif::MultiProgress;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, fmt};

use super::session::Session;
use super::{LogFormat, Options, output};

/// Starts logging at this level, unless `RUST_LOG` or the options say otherwise.
pub(super) fn start(session: &Session, level: &'static str) {
    let filter = std::env::var("RUST_LOG").ok().and_then(|text| EnvFilter::try_new(text).ok());
    let filter = filter.unwrap_or_else(|| EnvFilter::new(directives(&session.options, level)));
    let lines = Lines(session.output.bars.clone());
    let builder = fmt().with_env_filter(filter).with_writer(lines).with_target(false);
    // Refused only when there is a subscriber already, which then does the work.
    let _ = match session.options.log_format {
        LogFormat::Text if journal::reads_standard_error() => {
            builder.event_format(journal::format()).finish().try_init()
        }
        LogFormat::Text => builder.with_ansi(io::stderr().is_terminal() && output::wants_colour()).finish().try_init(),
        LogFormat::Json => builder.json().flatten_event(true).finish().try_init(),
    };
}

/// What others may say. That a certificate is not trusted is told where it matters, with the host.
const OTHERS: &str = "warn,rustls_platform_verifier=off";

fn directives(options: &Options, level: &'static str) -> String {
    match (options.quiet, options.verbose, level) {
        (true, _, _) => "error".to_owned(),
        (_, 0, level) => format!("{OTHERS},pressdiff={level}"),
        (_, 1, "warn") => format!("{OTHERS},pressdiff=info"),
        (_, 1, _) | (_, 2, "warn") => format!("{OTHERS},pressdiff=debug"),
        _ => "debug,pressdiff=trace".to_owned(),
    }
}

#[derive(Clone)]
struct Lines(MultiProgress);

impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.suspend(|| io::stderr().lock().write(line))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().lock().flush()
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}
