//! `pressdiff run`: the daemon.

mod reloader;

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};

use self::reloader::Reloader;
use super::control::Control;
use super::failure::Status;
use super::pages::Pages;
use super::service::{Service, stop_signal};
use super::session::Session;
use crate::metrics::Meter;
use crate::schedule::{Commands, Daemon, Manager, NextChecks, Setup};
use crate::web::operations::{Operations, routes};
use crate::web::{Parts, Passwords};

/// Wishes for a check at once that are remembered until the daemon hears them.
const WANTED_AT_ONCE: usize = 64;

/// Check all sources on schedule, deliver alerts and serve the review pages, until stopped.
///
/// Checks each source at the times of its schedule, delivers alerts and serves the review pages, until it gets Ctrl-C
/// or SIGTERM; a second one ends it at once. A source whose time has passed since its last check is checked at once.
/// SIGHUP, or `pressdiff reload`, makes it read its configuration again.
#[derive(Debug, Args)]
pub(super) struct Run {}

impl Run {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Status> {
        // First of all: a hangup that nobody listens for ends the process.
        let hangup = signal(SignalKind::hangup())?;
        let config = session.config()?;
        let stop = stop_signal()?;
        let (meter, manager, clock) = (Meter::default(), Manager::default(), session.clock.clone());
        let Service { store, fetcher, tracker, channels } = Service::metered(&config, &clock, &meter).await?;
        let control = Control::open(&config.store.path);
        let (wanted, asked) = mpsc::channel(WANTED_AT_ONCE);
        let (sources, watched) = watch::channel(config.sources.clone());
        let passwords = Passwords::beside(&config.store.path);
        let (next_checks, planned) = watch::channel(NextChecks::new());
        let parts = Parts { store: store.clone(), clock: clock.clone(), sources: watched, planned, wanted, passwords };
        let beside = routes(Operations { store: store.clone(), clock: clock.clone(), meter: meter.clone() });
        let pages = Pages::open(&config.web, parts, beside).await?;
        tracing::info!(version = env!("CARGO_PKG_VERSION"), store = %config.store.path.display(), sources = config.sources.len(), "watching");
        let (reconfigurations, received) = mpsc::channel(1);
        let daemon = Daemon {
            store: store.clone(),
            clock: clock.clone(),
            meter: meter.clone(),
            manager: manager.clone(),
            next_checks,
            setup: Setup { tracker, channels, sources: config.sources.clone() },
        };
        let reloads =
            Reloader { config, store, fetcher, clock, meter, manager, reconfigurations, sources }.run(hangup, control);
        let stop = async {
            tokio::select! {
                () = stop => {}
                () = reloads => {}
            }
            pages.stop();
        };
        let worked = Box::pin(daemon.run(Commands { wanted: asked, reconfigurations: received }, stop)).await;
        pages.close().await;
        worked?;
        tracing::info!("stopped");
        Ok(Status::Done)
    }
}
