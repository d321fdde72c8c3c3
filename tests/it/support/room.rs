//! A small site that is a function of a state and of the number of the request, and a source that watches it.

use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use pressdiff::clock::Clock;
use pressdiff::config::Config;
use pressdiff::fetch::Fetcher;
use pressdiff::store::Store;
use pressdiff::track::Tracker;
use tempfile::TempDir;

use super::server::{Answer, Request, Server};

/// A site whose answers follow from a state, and a source that watches it.
pub(crate) struct Room<S> {
    state: Arc<Mutex<S>>,
    config: Config,
    store: Store,
    clock: Clock,
    _server: Server,
    _folder: TempDir,
}

impl<S: Send + 'static> Room<S> {
    /// After the baseline. `page` answers a path in a state; the number counts the requests.
    pub(crate) async fn watching(what: &str, state: S, page: fn(&S, &str, usize) -> Answer) -> Self {
        let state = Arc::new(Mutex::new(state));
        let (shared, mut count) = (Arc::clone(&state), 0);
        let server = Server::answering(move |request: &Request| {
            count += 1;
            page(&shared.lock().unwrap(), &request.path, count)
        })
        .await;
        let folder = tempfile::tempdir().unwrap();
        let what = what.replace("ROOT", server.url("/").as_str().trim_end_matches('/'));
        let text = format!(
            "[store]\npath = \"pressdiff.db\"\n[fetch]\nper_host_interval = \"0s\"\nallow_private_addresses = true\n\
             [[source]]\nid = \"room\"\nname = \"Room\"\n{what}\nconfirm_removal = {{ checks = 2, after = \"0s\" }}\n"
        );
        let config = Config::parse(&text, &folder.path().join("pressdiff.toml")).unwrap();
        let store = Store::open(&config.store.path).unwrap();
        store.sync_sources(vec![(config.sources[0].id.clone(), "Room".to_owned())]).await.unwrap();
        let clock = Clock::fixed("2026-06-01T08:00:00Z".parse().unwrap());
        let room = Self { state, config, store, clock, _server: server, _folder: folder };
        assert_eq!(room.check().await, [""; 0], "the first check is the baseline");
        room
    }

    /// Changes the site.
    pub(crate) fn set(&self, change: impl FnOnce(&mut S)) {
        change(&mut self.state.lock().unwrap());
    }

    /// Lets time pass.
    pub(crate) fn wait(&self, time: TimeDelta) {
        self.clock.set(self.clock.now() + time);
    }

    /// One check, an hour after the one before: kinds and addresses of its events.
    pub(crate) async fn check(&self) -> Vec<String> {
        self.wait(TimeDelta::hours(1));
        let fetcher = Fetcher::new(&self.config.fetch, self.clock.clone()).unwrap();
        let tracker = Tracker::new(self.store.clone(), fetcher, self.clock.clone(), Vec::new(), 4);
        let report = tracker.check(&self.config.sources[0], &|_| {}).await.unwrap();
        let tell =
            |url: &url::Url| url.query().map_or(url.path().to_owned(), |query| format!("{}?{query}", url.path()));
        let events = report.events.iter().map(|recorded| &recorded.event);
        events
            .map(|event| {
                format!("{} {}", serde_json::to_value(event.kind).unwrap().as_str().unwrap(), tell(&event.url))
            })
            .collect()
    }
}
