//! crontab(5) to the next times; the first byte chooses the zone and the month.
#![no_main]

use chrono::{DateTime, TimeDelta, Utc};
use libfuzzer_sys::fuzz_target;
use pressdiff::domain::cadence::Cadence;

fuzz_target!(|input: (u8, &str)| {
    let (choice, text) = input;
    let Ok(cadence) = Cadence::parse(text) else { return };
    let zone = [chrono_tz::UTC, chrono_tz::Europe::Berlin, chrono_tz::Australia::Lord_Howe, chrono_tz::Africa::Casablanca]
        [usize::from(choice % 4)];
    let start: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
    let mut now = start + TimeDelta::days(i64::from(choice / 4) * 6);
    for _ in 0..4 {
        let Some(next) = cadence.next_after(now, zone) else { return };
        assert!(next > now, "{text}: {next} after {now}");
        now = next;
    }
});
