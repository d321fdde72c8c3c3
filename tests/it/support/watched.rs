//! One source that is watched in this process, with a record in a temporary folder and a clock that the test moves.

use std::path::PathBuf;

use chrono::TimeDelta;
use pressdiff::clock::Clock;
use pressdiff::config::Config;
use pressdiff::domain::model::SourceId;
use pressdiff::fetch::Fetcher;
use pressdiff::store::Store;
use pressdiff::track::{CheckReport, Tracker};
use tempfile::TempDir;

/// The source `quay`.
pub(crate) struct Watched {
    pub(crate) config: Config,
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    folder: TempDir,
}

impl Watched {
    /// A source with these keys that has not been checked yet.
    pub(crate) async fn new(keys: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = parse(keys, &folder);
        let store = Store::open(&config.store.path).unwrap();
        store.sync_sources(vec![(config.sources[0].id.clone(), "Quay".to_owned())]).await.unwrap();
        Self { config, store, clock: Clock::fixed("2026-06-01T08:00:00Z".parse().unwrap()), folder }
    }

    pub(crate) fn source(&self) -> &SourceId {
        &self.config.sources[0].id
    }

    /// A file in the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Gives the source other keys.
    pub(crate) fn configure(&mut self, keys: &str) {
        self.config = parse(keys, &self.folder);
    }

    /// Lets time pass.
    pub(crate) fn wait(&self, time: TimeDelta) {
        self.clock.set(self.clock.now() + time);
    }

    /// What checks the source; each knows nothing of the hosts that the one before asked.
    pub(crate) fn tracker(&self) -> Tracker {
        let fetcher = Fetcher::new(&self.config.fetch, self.clock.clone()).unwrap();
        Tracker::new(self.store.clone(), fetcher, self.clock.clone(), Vec::new(), 2)
    }

    /// One check, an hour after the one before.
    pub(crate) async fn check(&self) -> CheckReport {
        self.wait(TimeDelta::hours(1));
        self.tracker().check(&self.config.sources[0], &|_| {}).await.unwrap()
    }
}

fn parse(keys: &str, folder: &TempDir) -> Config {
    let text = format!(
        "[store]\npath = \"pressdiff.db\"\n[fetch]\nper_host_interval = \"0s\"\nallow_private_addresses = true\n\
         [[source]]\nid = \"quay\"\n{keys}\n"
    );
    Config::parse(&text, &folder.path().join("pressdiff.toml")).unwrap()
}
