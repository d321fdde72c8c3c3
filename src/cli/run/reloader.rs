//! Reads the configuration again while the daemon runs: on SIGHUP, and when `pressdiff reload` asks for it. One with
//! mistakes changes nothing.

use std::io::{self, IsTerminal as _};

use tokio::signal::unix::Signal;
use tokio::sync::{mpsc, oneshot, watch};

use crate::cli::control::{Control, ReloadOutcome};
use crate::cli::service;
use crate::clock::Clock;
use crate::config::{Config, ConfigError};
use crate::domain::causes::with_causes;
use crate::domain::model::Source;
use crate::fetch::Fetcher;
use crate::metrics::Meter;
use crate::schedule::{Manager, Reconfiguration};
use crate::store::Store;

/// What the daemon was started with, and where other configurations go.
pub(super) struct Reloader {
    /// The configuration that is in force.
    pub(super) config: Config,
    pub(super) store: Store,
    pub(super) fetcher: Fetcher,
    pub(super) clock: Clock,
    pub(super) meter: Meter,
    pub(super) manager: Manager,
    pub(super) reconfigurations: mpsc::Sender<Reconfiguration>,
    /// What is watched, for those who show it.
    pub(super) sources: watch::Sender<Vec<Source>>,
}

impl Reloader {
    /// Goes on until the terminal that the process was started from is gone, which is the other meaning of a hangup.
    pub(super) fn run(mut self, mut hangup: Signal, mut control: Control) -> impl Future<Output = ()> {
        let began_on_terminal = io::stderr().is_terminal();
        async move {
            loop {
                tokio::select! {
                    () = received(&mut hangup) => {
                        if began_on_terminal && !io::stderr().is_terminal() {
                            return;
                        }
                        self.reload().await;
                    }
                    asked = control.asked() => asked.answer(&self.reload().await).await,
                }
            }
        }
    }

    /// Tells the service manager, the log and the meter how it went.
    async fn reload(&mut self) -> ReloadOutcome {
        self.manager.reloading();
        let answer = match self.take().await {
            Ok(notes) => ReloadOutcome::Taken { sources: self.config.sources.len(), notes },
            Err(error) => match error.downcast::<ConfigError>() {
                Ok(mistakes) => ReloadOutcome::Refused { mistakes: mistakes.to_string() },
                Err(error) => ReloadOutcome::Failed { error: with_causes(error.as_ref()) },
            },
        };
        self.meter.reloaded(matches!(answer, ReloadOutcome::Taken { .. }), self.clock.now());
        let complaint = match &answer {
            ReloadOutcome::Taken { sources, notes } => {
                tracing::info!(sources, "configuration read again and taken");
                notes.iter().for_each(|note| tracing::warn!("{note}"));
                None
            }
            ReloadOutcome::Refused { mistakes } => {
                tracing::error!("the new configuration has mistakes; the old one stays in force\n{mistakes}");
                Some("the new configuration has mistakes, the old one is in force")
            }
            ReloadOutcome::Failed { error } => {
                tracing::error!(error, "the new configuration cannot be used; the old one stays in force");
                Some("the new configuration cannot be used, the old one is in force")
            }
        };
        self.manager.complain(complaint.map(str::to_owned));
        self.manager.ready();
        answer
    }

    /// Puts the new configuration into force; returns what of it needs a restart, in sentences.
    async fn take(&mut self) -> anyhow::Result<Vec<String>> {
        let config = Config::load(&self.config.path)?;
        let notes = needing_restart(&self.config, &config);
        let fetcher = if config.fetch == self.config.fetch {
            self.fetcher.clone()
        } else {
            self.fetcher.with_settings(&config.fetch)?
        };
        let setup = service::set_up(&config, &self.store, &fetcher, &self.clock).await?;
        let (done, is_followed) = oneshot::channel();
        self.reconfigurations.send(Reconfiguration { setup, done }).await?;
        is_followed.await?;
        self.fetcher = fetcher;
        self.sources.send_replace(config.sources.clone());
        // The store stays the one that is open, and the pages where they are.
        self.config = Config { store: self.config.store.clone(), web: self.config.web.clone(), ..config };
        Ok(notes)
    }
}

async fn received(signal: &mut Signal) {
    // None would say that there are no more signals, which the runtime never says.
    if signal.recv().await.is_none() {
        std::future::pending().await
    }
}

fn needing_restart(old: &Config, new: &Config) -> Vec<String> {
    let mut notes = Vec::new();
    if old.store != new.store {
        let (old, new) = (old.store.path.display(), new.store.path.display());
        notes.push(format!("[store] path: {old} stays open; restart to use {new}"));
    }
    if old.web != new.web {
        notes.push("[web]: the review pages stay as they are until a restart".to_owned());
    }
    notes
}
