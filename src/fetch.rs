//! Reads pages from the network, and is the only part that does: politely (robots.txt, one request at a time
//! and interval for each host, Retry-After), patiently (three tries) and warily (public addresses only, every
//! size and time bounded). What the answers mean is decided elsewhere.

mod address_guard;
mod client;
mod diagnosis;
mod error;
#[cfg(fuzzing)]
pub mod fuzzing;
mod host_queue;
mod per_host;
mod redirect;
mod retry;
mod robots;
mod tls;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use url::{Position, Url};

use self::address_guard::AddressGuard;
use self::client::{Answer, Ask, BodyLimit};
use self::error::host_of;
pub use self::error::{FetchError, RobotsTrouble, Stage};
use self::host_queue::{HeldBack, HostQueue};
use self::redirect::{Chain, is_redirect};
use self::retry::Tries;
use self::robots::Robots;
use crate::clock::Clock;
use crate::config::FetchConfig;
use crate::domain::model::{Fetched, Validators};
use crate::metrics::Meter;

const MAX_REDIRECTS: usize = 10;

/// Fetches pages; clones share connections, queues and what robots.txt said.
#[derive(Clone)]
pub struct Fetcher {
    shared: Arc<Shared>,
}

struct Shared {
    client: reqwest::Client,
    guard: AddressGuard,
    queue: HostQueue,
    robots: Option<Robots>,
    interval: Duration,
    max_body: u64,
    clock: Clock,
    meter: Meter,
}

/// How one address is fetched, its redirects included.
struct Plan<'fetch> {
    validators: &'fetch Validators,
    limit: BodyLimit,
    max_redirects: usize,
    robots: Option<&'fetch Robots>,
}

impl Fetcher {
    /// A fetcher with these settings.
    pub fn new(config: &FetchConfig, clock: Clock) -> Result<Self, FetchError> {
        let queue = HostQueue::new(config.concurrency, clock.clone());
        Self::build(config, queue, clock, Meter::default())
    }

    /// The same, with its requests counted by `meter`.
    pub fn metered(config: &FetchConfig, clock: Clock, meter: Meter) -> Result<Self, FetchError> {
        let queue = HostQueue::new(config.concurrency, clock.clone());
        Self::build(config, queue, clock, meter)
    }

    /// A fetcher with other settings that knows when each host was asked last, and which want to be left alone.
    pub fn with_settings(&self, config: &FetchConfig) -> Result<Self, FetchError> {
        let Shared { queue, clock, meter, .. } = &*self.shared;
        Self::build(config, queue.with_concurrency(config.concurrency), clock.clone(), meter.clone())
    }

    fn build(config: &FetchConfig, queue: HostQueue, clock: Clock, meter: Meter) -> Result<Self, FetchError> {
        let guard = AddressGuard { allow_private: config.allow_private_addresses };
        let shared = Shared {
            client: client::build(config, guard)?,
            guard,
            queue,
            robots: config.robots.then(|| Robots::new(clock.clone())),
            interval: config.per_host_interval,
            max_body: config.max_body,
            clock,
            meter,
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// The least time between two requests to the host of an address, as it was last kept.
    pub fn pace(&self, url: &Url) -> Duration {
        self.shared.queue.pace(&host_of(url)).unwrap_or(self.shared.interval)
    }

    /// Fetches an address and follows its redirects: a complete answer, whatever its status, or an error.
    ///
    /// The validators must come from an answer of this very address, and are sent to no other: a page behind
    /// a redirect could be another one today and still be older than what they speak of.
    pub async fn fetch(&self, url: &Url, validators: &Validators) -> Result<Fetched, FetchError> {
        let plan = Plan {
            validators,
            limit: BodyLimit::Refuse(self.shared.max_body),
            max_redirects: MAX_REDIRECTS,
            robots: self.shared.robots.as_ref(),
        };
        // Boxed, because it takes kilobytes, and those who ask for many pages move it about before it begins.
        let fetched = Box::pin(self.shared.follow(url, &plan)).await;
        fetched.inspect_err(|error| self.shared.meter.fetch_failed(error.kind()))
    }
}

impl fmt::Debug for Fetcher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Fetcher").finish_non_exhaustive()
    }
}

impl Shared {
    async fn follow(&self, url: &Url, plan: &Plan<'_>) -> Result<Fetched, FetchError> {
        let nothing_known = Validators::default();
        let mut chain = Chain::new(url, plan.max_redirects);
        let mut tries = Tries::new(self.interval);
        loop {
            let current = chain.current();
            let interval = self.permission(current, plan.robots).await?;
            let validators = if chain.is_direct() { plan.validators } else { &nothing_known };
            let ask = Ask { validators, limit: plan.limit, identity: false };
            let answer = self.get(current, &ask, interval, &mut tries).await?;
            if is_redirect(answer.status) {
                chain.follow(&answer)?;
                continue;
            }
            if answer.status == 304 && !validators.ask_server() {
                return Err(FetchError::UnaskedNotModified { host: host_of(current) });
            }
            return Ok(chain.finish(answer, self.clock.now()));
        }
    }

    /// Whether an address may be asked at all, and how long after the one before.
    async fn permission(&self, url: &Url, robots: Option<&Robots>) -> Result<Duration, FetchError> {
        self.guard.check(url)?;
        let host = host_of(url);
        self.queue.held_back(&host, url).map_err(|held| held_back(&host, held))?;
        let Some(robots) = robots else { return Ok(self.interval) };
        let rules = match robots.rules(&format!("{}://{host}", url.scheme()), self.load_robots(url)).await {
            Ok(rules) => rules,
            Err(source) => return Err(FetchError::RobotsUnreachable { host, source }),
        };
        if rules.allows(url) {
            Ok(self.interval.max(rules.crawl_delay()))
        } else {
            let path = url[Position::BeforePath..Position::AfterQuery].to_owned();
            Err(FetchError::ForbiddenByRobots { host, path })
        }
    }

    /// Boxed because fetching needs robots.txt, which is fetched.
    async fn load_robots(&self, url: &Url) -> Result<Fetched, FetchError> {
        let address = robots::address(url).map_err(|_| FetchError::Scheme { scheme: url.scheme().to_owned() })?;
        let plan = Plan {
            validators: &Validators::default(),
            limit: BodyLimit::Cut(robots::MAX_SIZE),
            max_redirects: robots::MAX_REDIRECTS,
            robots: None,
        };
        Box::pin(self.follow(&address, &plan)).await
    }

    /// The answer of one address, after as many tries as it takes and is allowed.
    async fn get(&self, url: &Url, ask: &Ask<'_>, interval: Duration, tries: &mut Tries) -> Result<Answer, FetchError> {
        let host = host_of(url);
        loop {
            let ask = Ask { identity: tries.identity(), ..*ask };
            let outcome = self.attempt(url, &host, &ask, interval).await;
            let next = tries.next(url, &outcome, self.clock.now());
            if let Some(pause) = next.pause {
                // "Too many requests" is said of all of them; "unavailable" may be said of one page.
                let is_of_host = outcome.as_ref().is_ok_and(|answer| answer.status == 429);
                self.queue.pause(&host, (!is_of_host).then_some(url), pause);
            }
            match next.again {
                Some(wait) => sleep(wait).await,
                None => return outcome,
            }
        }
    }

    async fn attempt(&self, url: &Url, host: &str, ask: &Ask<'_>, interval: Duration) -> Result<Answer, FetchError> {
        let waiting = self.meter.requests_waiting().raise();
        let _turn = self.queue.turn(host, interval).await.map_err(|held| held_back(host, held))?;
        drop(waiting);
        let _under_way = self.meter.requests_under_way().raise();
        let started = Instant::now();
        let answer = client::get(&self.client, url, ask).await;
        let is_busy = answer.as_ref().is_ok_and(|answer| matches!(answer.status, 429 | 503));
        self.queue.note(host, started.elapsed(), is_busy);
        match &answer {
            Ok(answer) => self.meter.answered(answer.status, answer.body.len(), started.elapsed()),
            Err(_) => self.meter.unanswered(),
        }
        answer
    }
}

fn held_back(host: &str, HeldBack { until }: HeldBack) -> FetchError {
    FetchError::HostHeldBack { host: host.to_owned(), until }
}
