//! Lines as systemd's journal wants them: led by their priority, as sd-daemon(3) has it.

use std::fmt;
use std::os::unix::fs::MetadataExt as _;

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::{Compact, DefaultFields, Format, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent};
use tracing_subscriber::registry::LookupSpan;

/// Whether standard error is the stream that systemd has connected with the journal, and no other.
pub(super) fn reads_standard_error() -> bool {
    let Ok(stream) = std::env::var("JOURNAL_STREAM") else { return false };
    let ours = std::fs::metadata("/proc/self/fd/2").map(|file| format!("{}:{}", file.dev(), file.ino()));
    ours.is_ok_and(|ours| ours == stream)
}

/// The lines.
pub(super) fn format() -> Journal {
    Journal(Format::default().compact().without_time().with_level(false).with_target(false).with_ansi(false))
}

pub(super) struct Journal(Format<Compact, ()>);

impl<S> FormatEvent<S, DefaultFields> for Journal
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, DefaultFields>,
        mut line: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        line.write_str(priority(*event.metadata().level()))?;
        self.0.format_event(context, line, event)
    }
}

fn priority(level: Level) -> &'static str {
    match level {
        Level::ERROR => "<3>",
        Level::WARN => "<4>",
        Level::INFO => "<6>",
        _ => "<7>",
    }
}
