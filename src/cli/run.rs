//! `pressdiff run`: the daemon.

use clap::Args;

use super::failure::Status;
use super::service::{Service, stop_signal};
use super::session::Session;
use crate::schedule::Daemon;

/// Checks each source at the times of its schedule and delivers alerts, until it gets Ctrl-C or SIGTERM. A source
/// whose time has passed since its last check is checked at once.
#[derive(Debug, Args)]
pub(super) struct Run {}

impl Run {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Status> {
        let config = session.config()?;
        for note in &config.notes {
            tracing::warn!(config = %config.path.display(), "{note}");
        }
        let stop = stop_signal()?;
        let Service { store, tracker, notifiers, feeds } = Service::open(&config, &session.clock).await?;
        tracing::info!(version = env!("CARGO_PKG_VERSION"), store = %config.store.path.display(), sources = config.sources.len(), "watching");
        let daemon = Daemon { store, tracker, notifiers, feeds, clock: session.clock.clone(), sources: config.sources };
        daemon.run(stop).await?;
        tracing::info!("stopped");
        Ok(Status::Done)
    }
}
