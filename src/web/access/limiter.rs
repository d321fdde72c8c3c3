//! A brake on guessing passwords: a few attempts at once, then one now and then, for each address and for all together.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

/// Attempts that one address has at once.
const BURST: i32 = 5;
/// After this long it has one more.
const PACE: TimeDelta = TimeDelta::seconds(20);
/// Addresses that are remembered; what is forgotten has all its attempts again, hence the bucket for all.
const MOST_ADDRESSES: usize = 1_000;
/// Attempts of all addresses together, at once.
const BURST_OF_ALL: i32 = 50;
/// After this long they have one more.
const PACE_OF_ALL: TimeDelta = TimeDelta::seconds(2);

/// Counts attempts.
#[derive(Default)]
pub(super) struct Limiter {
    /// For each address, and under `None` for all, when its bucket will be full again.
    full_at: Mutex<HashMap<Option<IpAddr>, DateTime<Utc>>>,
}

impl Limiter {
    /// Takes one attempt, or tells after how long there is one.
    pub(super) fn take(&self, peer: IpAddr, now: DateTime<Utc>) -> Result<(), TimeDelta> {
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if full_at.len() > MOST_ADDRESSES {
            full_at.retain(|peer, full_at| peer.is_none() || *full_at > now);
        }
        if full_at.len() > MOST_ADDRESSES {
            full_at.retain(|peer, _| peer.is_none());
        }
        let buckets = [(Some(network(peer)), BURST, PACE), (None, BURST_OF_ALL, PACE_OF_ALL)];
        for (key, burst, pace) in buckets {
            let wait = *full_at.get(&key).unwrap_or(&now) - now - pace * (burst - 1);
            if wait > TimeDelta::zero() {
                return Err(wait);
            }
        }
        for (key, _, pace) in buckets {
            let full = full_at.entry(key).or_insert(now);
            *full = (*full).max(now) + pace;
        }
        Ok(())
    }
}

/// Whoever has one IPv6 address has its /64.
fn network(peer: IpAddr) -> IpAddr {
    match peer {
        IpAddr::V6(address) if address.to_ipv4_mapped().is_none() => {
            IpAddr::V6((address.to_bits() & !u128::from(u64::MAX)).into())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    #[test]
    fn a_few_attempts_then_one_now_and_then() {
        let limiter = Limiter::default();
        let peer: IpAddr = "192.0.2.7".parse().unwrap();
        for _ in 0..BURST {
            limiter.take(peer, at(0)).unwrap();
        }
        assert_eq!(limiter.take(peer, at(0)), Err(PACE));
        limiter.take("192.0.2.8".parse().unwrap(), at(0)).unwrap();
        assert_eq!(limiter.take(peer, at(19)), Err(TimeDelta::seconds(1)));
        limiter.take(peer, at(20)).unwrap();
        assert!(limiter.take(peer, at(20)).is_err());
    }

    #[test]
    fn many_addresses_share_the_brake_for_all() {
        let limiter = Limiter::default();
        let peer = |number: i32| format!("2001:db8:0:{number:x}::1").parse::<IpAddr>().unwrap();
        let taken = (0..BURST_OF_ALL + 1_000).filter(|number| limiter.take(peer(*number), at(0)).is_ok()).count();
        assert_eq!(taken, usize::try_from(BURST_OF_ALL).unwrap());
    }
}
