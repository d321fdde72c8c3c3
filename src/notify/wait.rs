//! How long after a failure the next attempt is made. All waits are a little shorter than they would be, by up to a
//! tenth, so that what failed together does not come back together; the same seed always gives the same.

use std::time::Duration;

use chrono::TimeDelta;

use crate::domain::cadence::backoff;

/// The wait after the first failure; it doubles with every further one.
const FIRST: Duration = Duration::from_mins(1);
/// The longest wait of one message.
const LONGEST: Duration = Duration::from_hours(6);
/// The longest wait of all messages for the one that failed: one bad message must not hold up the others for hours,
/// and a server that is back is to be noticed soon.
const LONGEST_HOLD: Duration = Duration::from_mins(30);

/// The wait of a message that was tried so many times.
pub(super) fn retry(attempts: u32, seed: u64) -> TimeDelta {
    jittered(backoff(attempts, FIRST, LONGEST), seed.wrapping_add(u64::from(attempts)))
}

/// The wait of everybody whom so many attempts in a row have not reached.
pub(super) fn hold(failures: u32, seed: u64) -> TimeDelta {
    jittered(backoff(failures, FIRST, LONGEST_HOLD), seed.wrapping_add(u64::from(failures)))
}

/// Another one for every alert of every store.
pub(super) fn seed(store: &str, alert: &str) -> u64 {
    let bytes = store.bytes().chain(alert.bytes());
    // FNV-1a: the standard library promises no hash that stays the same.
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn jittered(wait: Duration, seed: u64) -> TimeDelta {
    let thousandths = u32::try_from(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40).unwrap_or(0) % 101;
    TimeDelta::from_std(wait * (1000 - thousandths) / 1000).unwrap_or(TimeDelta::hours(6))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_from_one_minute_to_six_hours() {
        let full = [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360];
        for (attempts, minutes) in (1..).zip(full) {
            let wait = retry(attempts, 7).num_seconds();
            assert!((minutes * 54..=minutes * 60).contains(&wait), "{attempts}: {wait} s");
        }
        assert!(retry(u32::MAX, 7) <= TimeDelta::hours(6));
        assert!(hold(u32::MAX, 7) <= TimeDelta::minutes(30));
    }

    #[test]
    fn alerts_that_failed_together_come_back_apart() {
        let waits: std::collections::BTreeSet<TimeDelta> = (0..50).map(|id| retry(5, id)).collect();
        assert!(waits.len() > 20, "{waits:?}");
        assert_ne!(seed("a1", "desk"), seed("a2", "desk"));
    }
}
