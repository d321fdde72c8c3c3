//! When the next request to a host may start. Requests to one host start one after the other, in the order in
//! which they came, at least an interval apart; hosts do not wait for each other. Time is tokio's, so that
//! tests can make it pass; only a pause of many minutes, which people read about, is told by the wall clock.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep_until};

use super::per_host::PerHost;
use super::retry::Pause;
use crate::clock::Clock;

/// The longest interval that a robots.txt may ask for.
pub(super) const MAX_INTERVAL: Duration = Duration::from_mins(1);

/// The requests that wait, over all hosts.
#[derive(Debug)]
pub(super) struct HostQueue {
    hosts: Arc<PerHost<Host>>,
    under_way: Semaphore,
    clock: Clock,
}

/// The right to make one request; to be kept until its answer is complete.
#[derive(Debug)]
pub(super) struct Turn<'queue> {
    _permit: Option<SemaphorePermit<'queue>>,
}

/// The host wants no requests before this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct HeldBack {
    pub(super) until: DateTime<Utc>,
}

#[derive(Debug, Default)]
struct Host {
    /// Whoever holds it starts next; the others queue up behind.
    gate: tokio::sync::Mutex<()>,
    times: Mutex<Times>,
}

#[derive(Debug, Default)]
struct Times {
    last_start: Option<Instant>,
    not_before: Option<Instant>,
    held_until: Option<DateTime<Utc>>,
}

impl HostQueue {
    /// A queue that lets `concurrency` requests run at once, over all hosts.
    pub(super) fn new(concurrency: usize, clock: Clock) -> Self {
        Self { hosts: Arc::new(PerHost::new()), under_way: permits(concurrency), clock }
    }

    /// Another number of requests at once, to the same hosts with their pauses.
    pub(super) fn with_concurrency(&self, concurrency: usize) -> Self {
        Self { hosts: Arc::clone(&self.hosts), under_way: permits(concurrency), clock: self.clock.clone() }
    }

    /// Waits until a request to this host may start, `interval` after the one before. A caller that stops
    /// waiting leaves no gap behind.
    pub(super) async fn turn(&self, host: &str, interval: Duration) -> Result<Turn<'_>, HeldBack> {
        let host = self.host(host);
        self.refuse_if_held(&host)?;
        let _first_in_line = host.gate.lock().await;
        loop {
            self.refuse_if_held(&host)?;
            let start = host.times().next_start(interval);
            match start {
                // The time is looked at again afterwards: an answer may have moved it.
                Some(start) if start > Instant::now() => sleep_until(start).await,
                _ => break,
            }
        }
        // Taken last, so that a host with a long interval does not keep the others waiting.
        let permit = self.under_way.acquire().await.ok();
        host.times().last_start = Some(Instant::now());
        Ok(Turn { _permit: permit })
    }

    /// Leaves a host alone as long as it asked for.
    pub(super) fn pause(&self, host: &str, pause: Pause) {
        let host = self.host(host);
        let mut times = host.times();
        match pause {
            Pause::Short(pause) => times.not_before = times.not_before.max(Some(Instant::now() + pause)),
            Pause::Long(pause) => times.held_until = times.held_until.max(Some(self.clock.now() + pause)),
        }
    }

    /// Whether requests to a host fail at once, and until when.
    pub(super) fn held_back(&self, host: &str) -> Result<(), HeldBack> {
        self.refuse_if_held(&self.host(host))
    }

    fn refuse_if_held(&self, host: &Host) -> Result<(), HeldBack> {
        match host.times().held_until {
            Some(until) if self.clock.now() < until => Err(HeldBack { until }),
            _ => Ok(()),
        }
    }

    fn host(&self, host: &str) -> Arc<Host> {
        let now = self.clock.now();
        self.hosts.of(host, |host| {
            let times = host.times();
            times.held_until.is_none_or(|until| until <= now)
                && times.next_start(MAX_INTERVAL).is_none_or(|start| start <= Instant::now())
        })
    }
}

fn permits(concurrency: usize) -> Semaphore {
    Semaphore::new(concurrency.clamp(1, Semaphore::MAX_PERMITS))
}

impl Host {
    fn times(&self) -> MutexGuard<'_, Times> {
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Times {
    fn next_start(&self, interval: Duration) -> Option<Instant> {
        self.not_before.max(self.last_start.map(|start| start + interval))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn noon() -> DateTime<Utc> {
        "2026-03-01T12:00:00Z".parse().unwrap()
    }

    fn queue(concurrency: usize) -> Arc<HostQueue> {
        Arc::new(HostQueue::new(concurrency, Clock::fixed(noon())))
    }

    /// When requests to these hosts start, all asked for at once, in whole seconds.
    async fn starts(queue: &HostQueue, hosts: &[&str], interval: Duration) -> Vec<u64> {
        let begin = Instant::now();
        join_all(hosts.iter().map(async |host| {
            let _turn = queue.turn(host, interval).await.unwrap();
            begin.elapsed().as_secs()
        }))
        .await
    }

    #[tokio::test(start_paused = true)]
    async fn one_host_is_asked_once_an_interval_and_others_do_not_wait() {
        let starts = starts(&queue(8), &["a", "a", "b", "a", "b"], SECOND).await;
        assert_eq!(starts, [0, 1, 0, 2, 1]);
    }

    #[tokio::test(start_paused = true)]
    async fn without_an_interval_only_the_overall_limit_counts() {
        let queue = queue(2);
        assert_eq!(starts(&queue, &["a"; 5], Duration::ZERO).await, [0; 5]);
        let _first = queue.turn("a", Duration::ZERO).await.unwrap();
        let _second = queue.turn("a", Duration::ZERO).await.unwrap();
        let third = tokio::time::timeout(SECOND, queue.turn("a", Duration::ZERO)).await;
        assert!(third.is_err(), "two are under way");
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_with_a_long_interval_leaves_room_for_the_others() {
        let queue = queue(1);
        drop(queue.turn("slow", MAX_INTERVAL).await.unwrap());
        let (slow, quick) = tokio::join!(starts(&queue, &["slow"], MAX_INTERVAL), starts(&queue, &["quick"], SECOND));
        assert_eq!((slow, quick), (vec![60], vec![0]));
    }

    #[tokio::test(start_paused = true)]
    async fn who_stops_waiting_leaves_no_gap() {
        let queue = queue(8);
        drop(queue.turn("a", SECOND).await.unwrap());
        let impatient = tokio::time::timeout(Duration::from_millis(10), queue.turn("a", SECOND)).await;
        assert!(impatient.is_err());
        assert_eq!(starts(&queue, &["a", "a"], SECOND).await, [0, 1]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_short_pause_moves_those_who_wait_already() {
        let queue = queue(8);
        drop(queue.turn("a", SECOND).await.unwrap());
        let waiting = Arc::clone(&queue);
        let waiting = tokio::spawn(async move { starts(&waiting, &["a", "a"], SECOND).await });
        tokio::task::yield_now().await;
        queue.pause("a", Pause::Short(10 * SECOND));
        assert_eq!(waiting.await.unwrap(), [10, 11]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_pause_fails_at_once_until_it_is_over() {
        let clock = Clock::fixed(noon());
        let queue = HostQueue::new(8, clock.clone());
        queue.pause("a", Pause::Long(600 * SECOND));
        let until = noon() + 600 * SECOND;
        assert_eq!(queue.turn("a", SECOND).await.err(), Some(HeldBack { until }));
        assert_eq!(queue.held_back("b"), Ok(()));
        clock.set(until);
        assert!(queue.turn("a", SECOND).await.is_ok());
    }
}
