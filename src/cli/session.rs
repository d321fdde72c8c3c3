//! What the subcommands share: the options, the output, the clock, and how to get at configuration and store.

use super::Options;
use super::output::Output;
use crate::clock::Clock;
use crate::config::{Config, ConfigError};
use crate::store::Store;

/// One run of the program.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) options: Options,
    pub(super) output: Output,
    pub(super) clock: Clock,
}

impl Session {
    pub(super) fn new(options: Options) -> Self {
        let output = Output::new(options.quiet);
        Self { options, output, clock: Clock::system() }
    }

    /// Reads the configuration.
    pub(super) fn config(&self) -> Result<Config, ConfigError> {
        Config::load(&Config::locate(self.options.config.as_deref())?)
    }

    /// Reads the configuration and opens its store for reading, also while a daemon writes to it.
    pub(super) fn record(&self) -> anyhow::Result<(Config, Store)> {
        let config = self.config()?;
        let store = Store::open_read(&config.store.path)?;
        Ok((config, store))
    }
}
