//! A small site that is a function of a state and of the number of the request, and a source that watches it.

use std::sync::{Arc, Mutex};

use chrono::TimeDelta;

use super::server::{Answer, Request, Server};
use super::watched::Watched;

/// A site whose answers follow from a state, and a source that watches it.
pub(crate) struct Room<S> {
    state: Arc<Mutex<S>>,
    watched: Watched,
    _server: Server,
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
        let what = what.replace("ROOT", server.url("/").as_str().trim_end_matches('/'));
        let keys = format!("{what}\nconfirm_removal = {{ checks = 2, after = \"0s\" }}");
        let room = Self { state, watched: Watched::new(&keys).await, _server: server };
        assert_eq!(room.check().await, [""; 0], "the first check is the baseline");
        room
    }

    /// Changes the site.
    pub(crate) fn set(&self, change: impl FnOnce(&mut S)) {
        change(&mut self.state.lock().unwrap());
    }

    /// Lets time pass.
    pub(crate) fn wait(&self, time: TimeDelta) {
        self.watched.wait(time);
    }

    /// One check, an hour after the one before: kinds and addresses of its events.
    pub(crate) async fn check(&self) -> Vec<String> {
        let report = self.watched.check().await;
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
