//! `pressdiff check`: one pass over sources, now.

use std::collections::BTreeMap;

use anyhow::Context as _;
use clap::Args;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use indicatif::{ProgressBar, ProgressStyle};
use tokio::task::JoinSet;

use super::failure::{Status, UsageError};
use super::output::Output;
use super::service::{Service, stop_signal};
use super::session::Session;
use crate::config::Config;
use crate::domain::causes::with_causes;
use crate::domain::counted::counted;
use crate::domain::model::{EventKind, Source};
use crate::domain::word::word;
use crate::notify::deliver_due;
use crate::schedule::{MOST_AT_ONCE, is_unreachable};
use crate::store::StoreError;
use crate::track::{CheckReport, Progress, TrackError, Tracker};

/// Check sources once, now, and deliver the alerts that are due.
///
/// Walks the listings, reads every known release again, records what changed and delivers the alerts that are due.
/// The first check of a source is its baseline and reports nothing.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// Ids of the sources to check [default: all]
    #[arg(value_name = "SOURCE")]
    sources: Vec<String>,
}

impl Check {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Status> {
        let config = session.config()?;
        let sources = chosen(&config, &self.sources)?;
        let service = Service::open(&config, &session.clock).await?;
        let stop = stop_signal()?;
        tokio::select! {
            outcome = check_and_deliver(&service, sources, session) => outcome,
            () = stop => {
                session.output.complain("interrupted: what was not finished is not recorded");
                Ok(Status::Incomplete)
            }
        }
    }
}

/// The sources with these ids, or all.
pub(super) fn chosen<'c>(config: &'c Config, ids: &[String]) -> Result<Vec<&'c Source>, UsageError> {
    let find = |id: &String| config.sources.iter().find(|source| source.id.0 == *id).ok_or_else(|| unknown(config, id));
    if ids.is_empty() {
        return Ok(config.sources.iter().collect());
    }
    let mut chosen: Vec<&Source> = Vec::new();
    for source in ids.iter().map(find) {
        let source = source?;
        if !chosen.iter().any(|known| known.id == source.id) {
            chosen.push(source);
        }
    }
    Ok(chosen)
}

/// A mistake that names what would have been right.
pub(super) fn unknown(config: &Config, id: &str) -> UsageError {
    let known: Vec<&str> = config.sources.iter().map(|source| source.id.0.as_str()).collect();
    UsageError(format!("no source `{id}` in {}; it has {}", config.path.display(), known.join(", ")))
}

async fn check_and_deliver(service: &Service, sources: Vec<&Source>, session: &Session) -> anyhow::Result<Status> {
    let checks = stream::iter(by_host(sources)).map(|group| check_in_turn(&service.tracker, group, &session.output));
    let statuses: Vec<Status> =
        checks.buffer_unordered(MOST_AT_ONCE).try_collect().await.context("check ended early")?;
    if let Some(feeds) = &service.channels.feeds {
        feeds.refresh().await?;
    }
    let delivery = deliver_due(&service.store, &service.channels.notifiers, &session.clock).await?;
    let is_done = delivery.failed == 0 && !statuses.contains(&Status::Incomplete);
    Ok(if is_done { Status::Done } else { Status::Incomplete })
}

/// Sources of one host wait for each other anyway; in turn, the first is done sooner.
fn by_host(sources: Vec<&Source>) -> Vec<Vec<&Source>> {
    let mut groups: BTreeMap<String, Vec<&Source>> = BTreeMap::new();
    for source in sources {
        groups.entry(host(source).unwrap_or_default().to_owned()).or_default().push(source);
    }
    groups.into_values().collect()
}

fn host(source: &Source) -> Option<&str> {
    source.places().next()?.host_str()
}

/// Fails only when the store does.
async fn check_in_turn(tracker: &Tracker, sources: Vec<&Source>, output: &Output) -> Result<Status, StoreError> {
    let mut status = Status::Done;
    for source in sources {
        match check(tracker, source, output).await {
            Ok(report) => {
                if is_unreachable(source, &report) {
                    output.complain(&summary(source, &report));
                    status = Status::Incomplete;
                } else {
                    output.note(&summary(source, &report));
                }
            }
            Err(TrackError::Store(error)) => return Err(error),
            Err(error) => {
                output.complain(&format!("{}: error: {}", source.id, with_causes(&error)));
                status = Status::Incomplete;
            }
        }
    }
    Ok(status)
}

async fn check(tracker: &Tracker, source: &Source, output: &Output) -> Result<CheckReport, TrackError> {
    let bar = output.bars.add(ProgressBar::no_length());
    bar.set_style(style());
    bar.set_prefix(source.id.0.clone());
    bar.set_message("walking the listings");
    let report = check_as_task(tracker.clone(), source.clone(), bar.clone()).await;
    bar.finish_and_clear();
    output.bars.remove(&bar);
    report
}

/// A task mostly goes on in the thread that read the answer it waited for, where the main thread has to be woken. It
/// ends when nobody waits for it any more.
async fn check_as_task(tracker: Tracker, source: Source, bar: ProgressBar) -> Result<CheckReport, TrackError> {
    let watcher = move |progress: Progress| {
        if progress.done == 0 {
            bar.set_message("reading releases");
            bar.set_length(progress.total as u64);
        }
        bar.set_position(progress.done as u64);
    };
    let mut task = JoinSet::new();
    task.spawn(async move { tracker.check(&source, &watcher).await });
    match task.join_next().await {
        Some(report) => report?,
        None => unreachable!("a task was spawned"),
    }
}

fn style() -> ProgressStyle {
    let template = "{prefix} {msg} {wide_bar} {pos}/{len}";
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// One line for the check and one for each problem.
fn summary(source: &Source, report: &CheckReport) -> String {
    let mut kinds: BTreeMap<EventKind, usize> = BTreeMap::new();
    for recorded in &report.events {
        *kinds.entry(recorded.event.kind).or_default() += 1;
    }
    let counts: Vec<String> = kinds.iter().map(|(kind, count)| format!("{count} {}", word(kind))).collect();
    let (answered, asked) = (report.state.answered, report.state.asked);
    let releases = counted(asked, "release", "releases");
    let outcome = match counts.as_slice() {
        [] if report.is_baseline && answered == 0 && asked > 0 => {
            format!("no baseline yet: none of {releases} could be read")
        }
        [] if report.is_baseline && answered > 0 => {
            format!("the baseline is taken; later checks report what changes; {answered} of {releases} read")
        }
        [] => format!("no events; {answered} of {releases} read"),
        counts => format!("{}; {answered} of {releases} read", counts.join(", ")),
    };
    let mut lines = vec![format!("{}: {outcome}", source.id)];
    let troubles = report.state.troubles.iter();
    lines.extend(troubles.map(|trouble| {
        format!("{}: {} since {}", source.id, word(&trouble.cause), trouble.since.format("%Y-%m-%d %H:%M UTC"))
    }));
    lines.extend(report.problems.iter().map(|problem| format!("{}: {problem}", source.id)));
    lines.join("\n")
}
