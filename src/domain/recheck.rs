//! Which releases a check of the daemon looks at. Most texts never change after their first days and a few change
//! again and again, so requests go where a change is likely: young and recently changed releases each time, quiet
//! ones ever more rarely, none less often than the source allows. `examples/recheck_simulation.rs` compares that with
//! asking in turn; what a check looks at besides, once it has seen something, is in `follow_up`.

mod follow_up;

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

pub use follow_up::{Call, Relative, follow_up};

use crate::domain::model::{ReleaseId, ReleaseState};

/// Which releases the daemon looks at when a source is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recheck {
    /// All of them, at every check.
    Always,
    /// Those that may have changed, by the rule of this module.
    Adaptive {
        /// The longest time between two looks at a release.
        max_age: Duration,
    },
}

impl Default for Recheck {
    fn default() -> Self {
        Self::Adaptive { max_age: MAX_AGE }
    }
}

/// How often a release was looked at since it was first read, and what came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Looks {
    /// Looks that found out how it is.
    pub count: u32,
    /// Those that found its text changed.
    pub changes: u32,
    /// When the last one was; the first reading counts here.
    pub last_at: Option<DateTime<Utc>>,
}

/// What is known of a release that tells when it may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prospect {
    /// The release.
    pub id: ReleaseId,
    /// Where it stands.
    pub state: ReleaseState,
    /// When it was published, as far as that is known.
    pub born_at: DateTime<Utc>,
    /// When it was found.
    pub found_at: DateTime<Utc>,
    /// When its text last changed, or when it went.
    pub stirred_at: Option<DateTime<Utc>>,
    /// The looks at it.
    pub looks: Looks,
}

/// What one check may ask for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plan {
    /// The longest time between two looks at a release.
    pub max_age: Duration,
    /// When the check begins.
    pub now: DateTime<Utc>,
    /// The time until the next one.
    pub gap: TimeDelta,
    /// Releases that it may ask for; what has to be looked at is, whatever stands here.
    pub budget: usize,
    /// Expected changes since the last look from which a release is due: [`DUE_FROM`], or 0 to use the whole budget.
    pub due_from: f64,
}

/// Which releases a plan has to know: all others are surely not due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// When the check begins: those whose rest is over by then.
    pub now: DateTime<Utc>,
    /// Those that were not looked at since then, whatever was thought of their rest under another longest age.
    pub looked_at_by: DateTime<Utc>,
    /// Those of which something speaks.
    pub signs: BTreeSet<ReleaseId>,
}

/// The default of `max_recheck_age`.
pub const MAX_AGE: Duration = Duration::from_hours(7 * 24);
/// Releases that are looked at if there are as many: troubles of the source show on several or on none.
pub const FEWEST: usize = 8;
/// So long after publication or a change a release is looked at each time.
const YOUNG: TimeDelta = TimeDelta::hours(48);
/// Edits that a release gets while its age grows by the factor e.
const EDITS_BY_AGE: f64 = 0.02;
/// Expected changes since the last look from which one is due: by the hazard of age alone, a release that has been
/// quiet for a time is looked at after a hundredth of it.
pub const DUE_FROM: f64 = EDITS_BY_AGE / 100.0;
/// Keeps the hazard of the first minutes finite, in seconds.
const FIRST_HOUR: f64 = 3_600.0;

impl Looks {
    /// Counts a look; the first reading of a release only begins the time that looks are about.
    pub fn note(&mut self, at: DateTime<Utc>, has_version: bool) {
        self.count += u32::from(has_version);
        self.last_at = Some(at);
    }
}

impl Prospect {
    /// Changes that have to be expected since the last look; none when there was no look.
    pub fn expected(&self, now: DateTime<Utc>) -> Option<f64> {
        let elapsed = seconds(now - self.looks.last_at?);
        Some(elapsed * self.rate(now))
    }

    /// Changes a second, the sum of two parts. What any release does: the hazard of an edit falls with the time since
    /// publication or the last change, as one over that time. And what this one did.
    fn rate(&self, now: DateTime<Utc>) -> f64 {
        EDITS_BY_AGE / (seconds(self.quiet(now)) + FIRST_HOUR) + self.observed()
    }

    /// The bias-reduced estimator of Cho and Garcia-Molina, "Estimating frequency of change" (ACM TOIT 3(3), 2003):
    /// `-ln((n - X + 0.5) / (n + 0.5))` for each of `n` looks, `X` of which found a change. Looks are not equally far
    /// apart, so it is divided by their mean distance.
    fn observed(&self) -> f64 {
        let (looks, changes) = (self.looks.count.max(self.looks.changes), self.looks.changes);
        let Some(last_at) = self.looks.last_at.filter(|_| changes > 0) else { return 0.0 };
        let (looks, changes) = (f64::from(looks), f64::from(changes));
        let distance = seconds(last_at - self.found_at).max(FIRST_HOUR) / looks;
        -((looks - changes + 0.5) / (looks + 0.5)).ln() / distance
    }

    /// The time since it was published or last changed.
    fn quiet(&self, now: DateTime<Utc>) -> TimeDelta {
        now - self.stirred_at.map_or(self.born_at, |at| at.max(self.born_at))
    }

    /// Seconds after the last look at which so many changes have to be expected. With `t` for them, `c` for the quiet
    /// time before that look, `A` for the part of age and `o` for what was observed, `t (A / (t + c) + o) = d` is the
    /// quadratic equation `o t² + (A + o c - d) t - d c = 0`, of which one solution is positive.
    fn seconds_until(&self, expected: f64, last_at: DateTime<Utc>) -> f64 {
        let (quiet, observed) = (seconds(self.quiet(last_at)) + FIRST_HOUR, self.observed());
        let linear = EDITS_BY_AGE + observed * quiet - expected;
        let constant = expected * quiet;
        // In this form nothing is divided by what may be zero, and nothing large subtracted from its like.
        2.0 * constant / (linear + (linear * linear + 4.0 * observed * constant).sqrt())
    }
}

/// What tells two texts apart, in eight bytes; only good within one process.
pub fn fingerprint(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// Never negative: clocks may be set back.
fn seconds(time: TimeDelta) -> f64 {
    time.as_seconds_f64().max(0.0)
}

/// How pressing a look is, most pressing first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Need {
    /// It has to be, whatever the budget.
    Must,
    /// It is due, if the budget allows.
    Due,
    /// It is not due.
    Idle,
}

impl Plan {
    /// Which releases it has to know.
    pub fn wanted(&self, signs: BTreeSet<ReleaseId>) -> Wanted {
        let next_at = self.now.checked_add_signed(self.gap).unwrap_or(DateTime::<Utc>::MAX_UTC);
        let age = TimeDelta::from_std(self.max_age).unwrap_or(TimeDelta::MAX);
        let looked_at_by = next_at.checked_sub_signed(age).unwrap_or(DateTime::<Utc>::MIN_UTC);
        Wanted { now: self.now, looked_at_by, signs }
    }

    /// The releases to look at: those that `signs` speak of, those whose time has come, and of those that may have
    /// changed the likeliest, within the budget.
    pub fn choose(&self, prospects: &[Prospect], signs: &BTreeSet<ReleaseId>) -> BTreeSet<ReleaseId> {
        let mut ranked: Vec<(Need, Reverse<u64>, ReleaseId)> = prospects
            .iter()
            .map(|prospect| (self.need(prospect, signs), Reverse(self.weight(prospect)), prospect.id))
            .collect();
        ranked.sort_unstable();
        let chosen = ranked.into_iter().enumerate().take_while(|(at, (need, ..))| match need {
            Need::Must => true,
            Need::Due => *at < self.budget.max(FEWEST),
            Need::Idle => *at < FEWEST,
        });
        chosen.map(|(_, (.., id))| id).collect()
    }

    fn need(&self, prospect: &Prospect, signs: &BTreeSet<ReleaseId>) -> Need {
        let is_overdue = prospect.looks.last_at.is_none_or(|last_at| self.is_overdue(prospect.id, last_at));
        let is_suspect = prospect.state == ReleaseState::Suspect;
        if is_overdue || is_suspect || signs.contains(&prospect.id) {
            return Need::Must;
        }
        let is_likely = prospect.expected(self.now).is_none_or(|expected| expected >= self.due_from);
        if is_likely || prospect.quiet(self.now) < YOUNG { Need::Due } else { Need::Idle }
    }

    /// Whether the next check would come too late. Releases that were found together come up apart: each has an age
    /// of its own within the last quarter of what is allowed.
    fn is_overdue(&self, id: ReleaseId, last_at: DateTime<Utc>) -> bool {
        // A clock that was set back tells nothing of when it was.
        last_at > self.now || seconds(self.now - last_at + self.gap) > self.allowed(id)
    }

    /// The longest time between two looks at this release, in seconds.
    fn allowed(&self, id: ReleaseId) -> f64 {
        self.max_age.as_secs_f64() * (1.0 - spread(id) / 4.0)
    }

    /// Those that were not chosen and need no look for some time, with the time before which none is called for.
    pub fn resting(&self, prospects: &[Prospect], chosen: &BTreeSet<ReleaseId>) -> Vec<(ReleaseId, DateTime<Utc>)> {
        let idle = prospects.iter().filter(|prospect| !chosen.contains(&prospect.id));
        idle.filter_map(|prospect| Some((prospect.id, self.rests_until(prospect)?))).collect()
    }

    /// The time before which nothing calls for a look; none where something does now.
    fn rests_until(&self, prospect: &Prospect) -> Option<DateTime<Utc>> {
        let last_at = prospect.looks.last_at.filter(|last_at| *last_at <= self.now)?;
        if prospect.state == ReleaseState::Suspect || prospect.quiet(self.now) < YOUNG {
            return None;
        }
        let likely = prospect.seconds_until(self.due_from, last_at);
        let rests = likely.min(self.allowed(prospect.id) - seconds(self.gap)).max(0.0);
        // A second early: what is computed in two ways differs in its last digits.
        let rests = Duration::try_from_secs_f64(rests).ok()?;
        last_at.checked_add_signed(TimeDelta::from_std(rests).ok()? - TimeDelta::seconds(1))
    }

    /// Orders equally pressing releases; the bits of positive numbers sort as the numbers do.
    fn weight(&self, prospect: &Prospect) -> u64 {
        prospect.expected(self.now).unwrap_or(f64::MAX).to_bits()
    }
}

/// A number from 0 to 1 that only the release decides: Fibonacci hashing.
fn spread(id: ReleaseId) -> f64 {
    let mixed = id.0.unsigned_abs().wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48;
    f64::from(u16::try_from(mixed).unwrap_or_default()) / f64::from(u16::MAX)
}

#[cfg(test)]
mod tests;
