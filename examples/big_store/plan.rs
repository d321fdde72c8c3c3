//! Which releases there are, of which source, and when each of their versions comes.

use chrono::{DateTime, TimeDelta, Utc};

use crate::words::{ARABIC, CHINESE, Dice, ENGLISH, GERMAN, Language, RUSSIAN};

/// The time that all of it takes.
const YEARS: TimeDelta = TimeDelta::days(6 * 365);
/// Sources by size, with their shares in a hundred.
const SHARES: [(u32, Language); 10] = [
    (38, ENGLISH),
    (20, RUSSIAN),
    (12, ENGLISH),
    (9, GERMAN),
    (7, ENGLISH),
    (5, ARABIC),
    (4, CHINESE),
    (3, ENGLISH),
    (1, RUSSIAN),
    (1, ENGLISH),
];

pub(crate) fn language(source: usize) -> &'static Language {
    &SHARES[source % SHARES.len()].1
}

/// One version that comes at a time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Coming {
    /// Minutes from the beginning.
    pub(crate) minute: u32,
    pub(crate) release: u32,
}

/// The whole course of things.
pub(crate) struct Plan {
    pub(crate) begins_at: DateTime<Utc>,
    pub(crate) ends_at: DateTime<Utc>,
    releases: u32,
    sources: usize,
    /// Versions of an ordinary release, on average.
    mean: u32,
    /// Whether some are edited all the time.
    is_lively: bool,
}

impl Plan {
    /// So many versions, roughly, up to `now`.
    pub(crate) fn new(releases: u32, versions: u32, sources: usize, now: DateTime<Utc>) -> Self {
        let ends_at = now - TimeDelta::hours(1);
        let is_lively = versions / releases.max(1) >= 5;
        let plan = Self { begins_at: ends_at - YEARS, ends_at, releases, sources, mean: 1, is_lively };
        let restless: u32 = (0..releases).filter_map(|release| plan.restless(release)).sum();
        let mean = versions.saturating_sub(restless).div_ceil(releases.max(1));
        Self { mean: mean.max(1), ..plan }
    }

    /// Every version of every release, in the order of time.
    pub(crate) fn comings(&self) -> Vec<Coming> {
        let mut comings: Vec<Coming> = (0..self.releases).flat_map(|release| self.comings_of(release)).collect();
        comings.sort_unstable();
        comings
    }

    /// Where a release stands among the sources.
    pub(crate) fn source(&self, release: u32) -> usize {
        let mut place = release.wrapping_mul(0x9e37_79b1) >> 16;
        place %= 100;
        let mut source = 0;
        while source + 1 < SHARES.len() && place >= SHARES[source].0 {
            place -= SHARES[source].0;
            source += 1;
        }
        source % self.sources
    }

    pub(crate) fn time(&self, minute: u32) -> DateTime<Utc> {
        self.begins_at + TimeDelta::minutes(minute.into())
    }

    fn comings_of(&self, release: u32) -> impl Iterator<Item = Coming> {
        let mut dice = Dice::new(release.into());
        let all = u32::try_from(YEARS.num_minutes()).unwrap_or(u32::MAX);
        let found = u32::try_from(u64::from(all) * u64::from(release) / u64::from(self.releases)).unwrap_or(all);
        let left = f64::from(all - found).max(1.0);
        let restless = self.restless(release);
        let versions = restless.unwrap_or_else(|| 1 + dice.below(self.mean * 2 - 1));
        let mut minutes: Vec<u32> = (1..versions)
            .map(|_| {
                // Most edits come soon after the publication; those of a page that never rests come all the time.
                let after = if restless.is_some() { dice.share() * left } else { left.powf(dice.share()) };
                found + whole(after)
            })
            .collect();
        minutes.push(found);
        minutes.sort_unstable();
        minutes.into_iter().map(move |minute| Coming { minute, release })
    }

    /// Versions of a release that is edited all the time.
    fn restless(&self, release: u32) -> Option<u32> {
        let place = release + self.releases / 2;
        match place {
            _ if !self.is_lively => None,
            _ if place.is_multiple_of(self.releases) => Some(10_000),
            _ if place.is_multiple_of(5_000) => Some(1_000),
            _ if place.is_multiple_of(100) => Some(100),
            _ => None,
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "minutes of some years, never negative")]
fn whole(minutes: f64) -> u32 {
    minutes as u32
}
