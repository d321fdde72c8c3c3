//! When the next request to a host may start. Requests to one host start one after the other, in the order in
//! which they came, at least an interval and a little more apart; hosts do not wait for each other. A host that is
//! busy (429, 503) or slow is given longer intervals until it answers well again. Time is tokio's, so that tests can
//! make it pass; only a pause of many minutes, which people read about, is told by the wall clock.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep_until};
use url::Url;

use super::per_host::PerHost;
use super::retry::{MAX_HOLD, Pause};
use crate::clock::Clock;

/// The longest interval that a robots.txt may ask for.
pub(super) const MAX_INTERVAL: Duration = Duration::from_mins(1);

/// Doublings of the interval of a host that says that it is busy.
const MOST_STRAIN: u32 = 5;
/// Good answers in a row after which the interval is halved again.
const CALM_ANSWERS: u32 = 8;
/// Intervals that a host is given which takes its time to answer.
const MOST_PATIENCE: u32 = 8;
/// The longest that chance adds to an interval, of which it adds up to a quarter.
const MOST_JITTER: Duration = Duration::from_secs(1);

/// Pages of one host that are left alone by themselves; beyond them the host is.
const MOST_HELD_PAGES: usize = 64;

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
    /// Pages that want to be left alone, while the host answers for others.
    held_pages: HashMap<String, DateTime<Utc>>,
    /// Whether the host was not busy at the last request, and at the one before the last that found it busy.
    is_well: bool,
    was_well: bool,
    /// Requests that were started.
    starts: u64,
    /// The interval that was kept last.
    pace: Option<Duration>,
    /// How often the host said that it is busy, less what it has recovered.
    strain: u32,
    /// Good answers in a row.
    calm: u32,
    /// How long its answers take.
    slowness: Duration,
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
        host.times().start(interval);
        Ok(Turn { _permit: permit })
    }

    /// Takes note of how a request went: how long it took, and whether the host said that it is busy.
    pub(super) fn note(&self, host: &str, took: Duration, is_busy: bool) {
        self.host(host).times().note(took, is_busy);
    }

    /// The interval that was kept last, if there was a request.
    pub(super) fn pace(&self, host: &str) -> Option<Duration> {
        self.host(host).times().pace
    }

    /// Leaves a host alone as long as it asked for; or only `page`, if it is that page which asked for it, and the host
    /// was well just before.
    pub(super) fn pause(&self, host: &str, page: Option<&Url>, pause: Pause) {
        let (host, now) = (self.host(host), self.clock.now());
        let mut times = host.times();
        match (pause, page) {
            (Pause::Short(pause), _) => times.not_before = times.not_before.max(Some(Instant::now() + pause)),
            (Pause::Long(pause), Some(page)) if times.was_well && times.has_room_for_page(now) => {
                times.held_pages.insert(page.as_str().to_owned(), now + pause);
            }
            (Pause::Long(pause), _) => times.held_until = times.held_until.max(Some(now + pause)),
        }
    }

    /// Whether requests for a page of a host fail at once, and until when.
    pub(super) fn held_back(&self, host: &str, page: &Url) -> Result<(), HeldBack> {
        let host = self.host(host);
        self.refuse_if_held(&host)?;
        match host.times().held_pages.get(page.as_str()) {
            Some(until) if is_ahead(self.clock.now(), *until) => Err(HeldBack { until: *until }),
            _ => Ok(()),
        }
    }

    fn refuse_if_held(&self, host: &Host) -> Result<(), HeldBack> {
        match host.times().held_until {
            // What is further away than any host is believed was noted before the clock was set back.
            Some(until) if is_ahead(self.clock.now(), until) => Err(HeldBack { until }),
            _ => Ok(()),
        }
    }

    fn host(&self, host: &str) -> Arc<Host> {
        let now = self.clock.now();
        self.hosts.of(host, |host| {
            let times = host.times();
            times.strain == 0
                && times.held_until.is_none_or(|until| until <= now)
                && times.held_pages.values().all(|until| *until <= now)
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
        let interval = self.stretched(interval);
        self.not_before.max(self.last_start.map(|start| start + interval + self.jitter(interval)))
    }

    fn start(&mut self, interval: Duration) {
        self.last_start = Some(Instant::now());
        self.pace = Some(self.stretched(interval));
        self.starts += 1;
    }

    /// Forgets the pages whose time is over; whether another one can be remembered.
    fn has_room_for_page(&mut self, now: DateTime<Utc>) -> bool {
        self.held_pages.retain(|_, until| is_ahead(now, *until));
        self.held_pages.len() < MOST_HELD_PAGES
    }

    /// Doubled while the host is busy, and as long as its answers take, both within bounds; never shorter.
    fn stretched(&self, interval: Duration) -> Duration {
        let busy = interval * 2_u32.pow(self.strain);
        let slow = self.slowness.min(interval * MOST_PATIENCE);
        busy.max(slow).min(MAX_INTERVAL.max(interval))
    }

    /// A host sees that requests come one after the other, but not a clock. The number of the request decides, so
    /// that a start that is looked at again stays where it is.
    fn jitter(&self, interval: Duration) -> Duration {
        let mixed = self.starts.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48;
        let part = f64::from(u16::try_from(mixed).unwrap_or_default()) / f64::from(u16::MAX);
        (interval / 4).min(MOST_JITTER).mul_f64(part)
    }

    fn note(&mut self, took: Duration, is_busy: bool) {
        self.slowness = took.max(self.slowness / 2);
        let is_well = std::mem::replace(&mut self.is_well, !is_busy);
        if is_busy {
            self.was_well = is_well;
            self.strain = (self.strain + 1).min(MOST_STRAIN);
            self.calm = 0;
            return;
        }
        self.calm += 1;
        if self.calm >= CALM_ANSWERS {
            self.strain = self.strain.saturating_sub(1);
            self.calm = 0;
        }
    }
}

/// What is further ahead than any host is believed was noted before the clock was set back.
fn is_ahead(now: DateTime<Utc>, until: DateTime<Utc>) -> bool {
    now < until && (until - now).to_std().is_ok_and(|left| left <= MAX_HOLD)
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

    /// How far apart requests to one host start, in milliseconds, while each takes so long and some find it busy.
    async fn distances(queue: &HostQueue, count: usize, took: Duration, busy: &[usize]) -> Vec<u64> {
        let mut starts = Vec::new();
        let begin = Instant::now();
        for at in 0..count {
            drop(queue.turn("a", SECOND).await.unwrap());
            starts.push(u64::try_from(begin.elapsed().as_millis()).unwrap());
            queue.note("a", took, busy.contains(&at));
        }
        starts.windows(2).map(|pair| pair[1] - pair[0]).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn intervals_differ_by_up_to_a_quarter() {
        let distances = distances(&queue(8), 40, Duration::ZERO, &[]).await;
        assert!(distances.iter().all(|distance| (1_000..=1_250).contains(distance)), "{distances:?}");
        let distinct: std::collections::BTreeSet<_> = distances.iter().collect();
        assert!(distinct.len() > 20, "{distances:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_busy_host_is_asked_half_as_often_each_time_until_it_has_recovered() {
        let queue = queue(8);
        let distances = distances(&queue, 30, Duration::ZERO, &[0, 1]).await;
        let whole: Vec<u64> = distances.iter().map(|distance| distance / 1_000).collect();
        assert!(whole[0] == 2 && whole[1..9].iter().all(|seconds| (4..=5).contains(seconds)), "{distances:?}");
        assert!(whole[10..17].iter().all(|seconds| *seconds == 2), "{distances:?}");
        assert!(whole[18..].iter().all(|seconds| *seconds == 1), "{distances:?}");
        assert_eq!(queue.pace("a"), Some(SECOND));
    }

    #[tokio::test(start_paused = true)]
    async fn no_host_is_slowed_down_for_ever() {
        let queue = queue(8);
        let busy: Vec<usize> = (0..20).collect();
        let distances = distances(&queue, 20, Duration::ZERO, &busy).await;
        assert!(distances.iter().all(|distance| *distance <= 33_000), "{distances:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_host_is_given_as_long_as_it_takes() {
        let queue = queue(8);
        let distances = distances(&queue, 4, 5 * SECOND, &[]).await;
        assert!(distances.iter().all(|distance| (5_000..=6_250).contains(distance)), "{distances:?}");
        queue.note("a", 60 * SECOND, false);
        let begin = Instant::now();
        drop(queue.turn("a", SECOND).await.unwrap());
        assert!(begin.elapsed() <= 9 * SECOND, "but no more than eight intervals");
        for _ in 0..8 {
            queue.note("a", Duration::ZERO, false);
        }
        drop(queue.turn("a", SECOND).await.unwrap());
        assert_eq!(queue.pace("a"), Some(SECOND), "quick answers make up for it");
    }

    #[tokio::test(start_paused = true)]
    async fn who_stops_waiting_leaves_no_gap() {
        let queue = queue(8);
        drop(queue.turn("a", SECOND).await.unwrap());
        let impatient = tokio::time::timeout(Duration::from_millis(10), queue.turn("a", SECOND)).await;
        assert!(impatient.is_err());
        let begin = Instant::now();
        starts(&queue, &["a", "a"], SECOND).await;
        assert!((2 * SECOND..SECOND * 5 / 2).contains(&(begin.elapsed() + Duration::from_millis(10))));
    }

    #[tokio::test(start_paused = true)]
    async fn a_short_pause_moves_those_who_wait_already() {
        let queue = queue(8);
        drop(queue.turn("a", SECOND).await.unwrap());
        let waiting = Arc::clone(&queue);
        let waiting = tokio::spawn(async move { starts(&waiting, &["a", "a"], SECOND).await });
        tokio::task::yield_now().await;
        queue.pause("a", None, Pause::Short(10 * SECOND));
        assert_eq!(waiting.await.unwrap(), [10, 11]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_long_pause_fails_at_once_until_it_is_over() {
        let clock = Clock::fixed(noon());
        let queue = HostQueue::new(8, clock.clone());
        queue.pause("a", None, Pause::Long(600 * SECOND));
        let until = noon() + 600 * SECOND;
        assert_eq!(queue.turn("a", SECOND).await.err(), Some(HeldBack { until }));
        assert_eq!(queue.held_back("b", &Url::parse("https://b/").unwrap()), Ok(()));
        clock.set(until);
        assert!(queue.turn("a", SECOND).await.is_ok());
    }
}
