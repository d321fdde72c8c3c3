//! `pressdiff backup`: a copy of the store, also while the daemon writes to it.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};

use super::failure::{Status, UsageError};
use super::service::stop_signal;
use super::session::Session;
use super::target::{Target, check_target};

/// Copy the store to a file, even while the daemon runs.
///
/// Writes a copy of the store, as it is at one moment, to a file; the daemon may go on meanwhile. The copy is checked
/// before it gets its name. To restore it, stop the daemon and put the copy where the store was, without the `-wal` and
/// `-shm` files that stood beside it.
#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The file to write
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
}

impl Backup {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Status> {
        let (config, store) = session.record()?;
        if check_target(&self.file, self.force, &config)? == Target::Stream {
            let file = self.file.display();
            return Err(
                UsageError(format!("{file} is not a regular file; a backup has to be one, to be checked")).into()
            );
        }
        let bar = session.output.bars.add(ProgressBar::no_length());
        bar.set_style(style());
        let stopped = Arc::new(AtomicBool::new(false));
        let watcher = {
            let (bar, stopped) = (bar.clone(), Arc::clone(&stopped));
            move |done, total| {
                bar.set_length(total);
                bar.set_position(done);
                if done == total {
                    bar.set_message("checking the copy");
                }
                if stopped.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            }
        };
        let stop = stop_signal()?;
        let stop = async {
            stop.await;
            stopped.store(true, Ordering::Relaxed);
            std::future::pending::<()>().await;
        };
        let copied = tokio::select! {
            copied = store.back_up(&self.file, Box::new(watcher)) => copied?,
            () = stop => None,
        };
        bar.finish_and_clear();
        let Some(bytes) = copied else {
            session.output.complain("interrupted: no backup was written");
            return Ok(Status::Incomplete);
        };
        session.output.note(&format!("{}: {}, checked", self.file.display(), HumanBytes(bytes)));
        Ok(Status::Done)
    }
}

fn style() -> ProgressStyle {
    let template = "{msg} {wide_bar} {percent}%";
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
