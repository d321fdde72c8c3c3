//! `pressdiff run`: the daemon.

use clap::Args;
use tokio::sync::{mpsc, watch};

use super::failure::Status;
use super::pages::Pages;
use super::service::{Service, stop_signal};
use super::session::Session;
use crate::schedule::Daemon;
use crate::web::{Parts, Passwords};

/// Wishes for a check at once that are remembered until the daemon hears them.
const WANTED_AT_ONCE: usize = 64;

/// Checks each source at the times of its schedule, delivers alerts and serves the review pages, until it gets Ctrl-C or SIGTERM. A source
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
        let Service { store, tracker, notifiers } = Service::open(&config, &session.clock).await?;
        let (wanted, asked) = mpsc::channel(WANTED_AT_ONCE);
        let (_sources, watched) = watch::channel(config.sources.clone());
        let passwords = Passwords::beside(&config.store.path);
        let parts = Parts { store: store.clone(), clock: session.clock.clone(), sources: watched, wanted, passwords };
        let pages = Pages::open(&config.web, parts).await?;
        tracing::info!(version = env!("CARGO_PKG_VERSION"), store = %config.store.path.display(), sources = config.sources.len(), "watching");
        let daemon = Daemon { store, tracker, notifiers, clock: session.clock.clone(), sources: config.sources };
        let worked = daemon.run(asked, stop).await;
        pages.close().await;
        worked?;
        tracing::info!("stopped");
        Ok(Status::Done)
    }
}
