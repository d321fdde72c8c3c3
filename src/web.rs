//! The review pages: what changed, for people with a browser. One page is one file below, beside its template;
//! `routes` is the table of them all. Every request passes `guard` first, which denies what it does not know.
//!
//! Nothing here decides what changed or fetches anything: the store is read, reviews are written to it, and a check
//! that somebody asks for is handed to whoever holds the other end of [`Parts::wanted`].

mod access;
mod alerts;
mod answer;
mod api;
mod change;
mod event;
mod feeds;
mod guard;
mod inbox;
mod indexer;
mod layout;
pub mod operations;
mod release;
mod routes;
mod search;
mod server;
mod settings;
mod snapshot;
mod source;
mod words;

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc, watch};

use self::access::Access;
use crate::clock::Clock;
use crate::config::WebConfig;
use crate::domain::model::{NextCheck, Source, SourceId};
use crate::feed::FeedMaker;
use crate::store::Store;

pub use self::access::{PasswordError, Passwords, fresh_token};

/// What the pages are made from.
pub struct Parts {
    /// The record.
    pub store: Store,
    /// Tells the time.
    pub clock: Clock,
    /// What is watched at present.
    pub sources: watch::Receiver<Vec<Source>>,
    /// What comes next for each of them, as the daemon has it; nothing where none runs in this process.
    pub planned: watch::Receiver<BTreeMap<SourceId, NextCheck>>,
    /// Takes the sources that somebody wants checked now.
    pub wanted: mpsc::Sender<SourceId>,
    /// Where the password is kept.
    pub passwords: Passwords,
}

/// The pages, bound to their address.
pub struct Web {
    listener: TcpListener,
    address: SocketAddr,
    router: Router,
    app: App,
}

/// Why the pages cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// The address cannot be listened on.
    #[error("cannot serve the review pages on {address}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// Others than this machine could read the pages.
    #[error(
        "the review pages at {0} need a password: set one with `pressdiff passwd`, or let [web] listen on 127.0.0.1"
    )]
    NoPassword(String),
    /// The password cannot be read.
    #[error(transparent)]
    Password(#[from] PasswordError),
}

/// What every page has at hand.
#[derive(Clone)]
pub(crate) struct App(Arc<Shared>);

pub(crate) struct Shared {
    store: Store,
    clock: Clock,
    config: WebConfig,
    sources: watch::Receiver<Vec<Source>>,
    planned: watch::Receiver<BTreeMap<SourceId, NextCheck>>,
    wanted: mpsc::Sender<SourceId>,
    access: Access,
    feeds: FeedMaker,
    /// The turn of marking many events as reviewed.
    marking: Semaphore,
}

impl std::ops::Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl Shared {
    /// The name of a source for people; its id when it is not watched any more.
    fn source_name(&self, id: &SourceId) -> String {
        let sources = self.sources.borrow();
        sources.iter().find(|source| source.id == *id).map_or_else(|| id.0.clone(), |source| source.name.clone())
    }

    /// Ids and names of what is watched.
    fn source_names(&self) -> Vec<(String, String)> {
        self.sources.borrow().iter().map(|source| (source.id.0.clone(), source.name.clone())).collect()
    }
}

impl Web {
    /// Listens from now on; nothing is answered before [`Web::serve`]. `beside` are routes of others, such as those
    /// for a service manager; they pass the same guard. Fails where others than this machine could read the pages
    /// and no password is set.
    pub async fn bind(config: &WebConfig, parts: Parts, beside: Router) -> Result<Self, WebError> {
        let Parts { store, clock, sources, planned, wanted, passwords } = parts;
        let for_this_machine = demand_loopback(config);
        let is_exposed = for_this_machine.is_err();
        if passwords.read()?.is_none() {
            for_this_machine?;
        }
        let failed = |source| WebError::Bind { address: config.listen, source };
        let listener = TcpListener::bind(config.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let access = Access::new(passwords, is_exposed);
        let feeds = FeedMaker::new(store.clone());
        let config = config.clone();
        let marking = Semaphore::new(1);
        let app = App(Arc::new(Shared { store, clock, config, sources, planned, wanted, access, feeds, marking }));
        Ok(Self { listener, address, router: routes::router(&app, beside), app })
    }

    /// Where the pages are.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `stop` is true or gone, then lets answers under way come to their end.
    pub async fn serve(self, stop: watch::Receiver<bool>) {
        let indexing = tokio::spawn(indexer::run(self.app, stop.clone()));
        server::serve(self.listener, self.router, stop).await;
        // What it has under way is a transaction, which is done or not at all.
        indexing.abort();
    }

    /// The description of the API for programs, as JSON.
    pub const OPENAPI: &str = api::OPENAPI;

    /// The paths that are served, with `{…}` for what varies; for the test that tries each of them.
    pub fn paths() -> Vec<&'static str> {
        routes::ROUTES.iter().map(|route| route.path).collect()
    }
}

/// Without a password the pages are for this machine only, also when a proxy hands them on.
fn demand_loopback(config: &WebConfig) -> Result<(), WebError> {
    if !config.listen.ip().is_loopback() {
        return Err(WebError::NoPassword(config.listen.to_string()));
    }
    match &config.url {
        Some(url) if !is_local(url.host_str().unwrap_or_default()) => Err(WebError::NoPassword(url.to_string())),
        _ => Ok(()),
    }
}

fn is_local(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}
