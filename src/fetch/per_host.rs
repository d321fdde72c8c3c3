//! One value for each host, made when first asked for. Redirects can lead to any number of hosts, so values
//! that have become idle are forgotten whenever their number has doubled.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Below this number nothing is forgotten.
const SMALL: usize = 1024;

/// Values by host.
#[derive(Debug)]
pub(super) struct PerHost<T> {
    hosts: Mutex<Hosts<T>>,
}

#[derive(Debug)]
struct Hosts<T> {
    values: HashMap<String, Arc<T>>,
    prune_at: usize,
}

impl<T: Default> PerHost<T> {
    /// No hosts yet.
    pub(super) fn new() -> Self {
        Self { hosts: Mutex::new(Hosts { values: HashMap::new(), prune_at: SMALL }) }
    }

    /// The value of a host. One that nobody holds and that is `idle` may be made anew the next time.
    pub(super) fn of(&self, host: &str, idle: impl Fn(&T) -> bool) -> Arc<T> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = hosts.values.get(host) {
            return Arc::clone(value);
        }
        if hosts.values.len() >= hosts.prune_at {
            hosts.values.retain(|_, value| Arc::strong_count(value) > 1 || !idle(value));
            hosts.prune_at = SMALL.max(hosts.values.len() * 2);
        }
        Arc::clone(hosts.values.entry(host.to_owned()).or_default())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[test]
    fn idle_hosts_are_forgotten_and_others_kept() {
        let hosts = PerHost::<AtomicBool>::new();
        let idle = |busy: &AtomicBool| !busy.load(Ordering::Relaxed);
        let held = hosts.of("held.example", idle);
        hosts.of("busy.example", idle).store(true, Ordering::Relaxed);
        for number in 0..10 * SMALL {
            hosts.of(&format!("{number}.example"), idle);
        }
        assert!(hosts.hosts.lock().unwrap().values.len() <= SMALL);
        assert!(Arc::ptr_eq(&held, &hosts.of("held.example", idle)));
        assert!(hosts.of("busy.example", idle).load(Ordering::Relaxed));
    }
}
