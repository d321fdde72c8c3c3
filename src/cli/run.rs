//! `pressdiff run`: the daemon.

mod reloader;

use clap::Args;
use tokio::sync::mpsc;

use self::reloader::Reloader;
use super::control::Control;
use super::failure::Status;
use super::service::{Service, stop_signal};
use super::session::Session;
use crate::config::Config;
use crate::metrics::Meter;
use crate::schedule::{Daemon, Manager, Plan};

/// Checks each source at the times of its schedule and delivers alerts, until it gets Ctrl-C or SIGTERM; a second one
/// ends it at once. A source whose time has passed since its last check is checked at once. SIGHUP, or `pressdiff
/// reload`, makes it read its configuration again.
#[derive(Debug, Args)]
pub(super) struct Run {}

impl Run {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Status> {
        let config = session.config()?;
        log_notes(&config);
        let stop = stop_signal()?;
        let (meter, manager, clock) = (Meter::default(), Manager::default(), session.clock.clone());
        let Service { store, fetcher, tracker, notifiers } = Service::metered(&config, &clock, &meter).await?;
        tracing::info!(version = env!("CARGO_PKG_VERSION"), store = %config.store.path.display(), sources = config.sources.len(), "watching");
        let control = Control::open(&config.store.path);
        let (changes, changed) = mpsc::channel(1);
        let plan = Plan { tracker, notifiers, sources: config.sources.clone() };
        let daemon = Daemon {
            store: store.clone(),
            clock: clock.clone(),
            meter: meter.clone(),
            manager: manager.clone(),
            plan,
        };
        let reloads = Reloader { config, store, fetcher, clock, meter, manager, changes }.run(control)?;
        let stop = async {
            tokio::select! {
                () = stop => {}
                () = reloads => {}
            }
        };
        daemon.run(stop, changed).await?;
        tracing::info!("stopped");
        Ok(Status::Done)
    }
}

fn log_notes(config: &Config) {
    for note in &config.notes {
        tracing::warn!(config = %config.path.display(), "{note}");
    }
}
