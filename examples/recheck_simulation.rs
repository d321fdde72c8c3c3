//! How many changes the rule of `domain::recheck` sees how late, against asking in turn with as many requests:
//!
//!     cargo run --example recheck_simulation
//!
//! The histories are invented, from fixed seeds: 1,500 releases of 500 days, three new ones a day, of which a quarter
//! is touched up within hours of its publication; one in a hundred is edited every few days for as long as it stands;
//! any may be corrected after months, once in four years on average, and then perhaps once more the same day.

#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "shares of small numbers"
)]

use std::collections::{BTreeSet, VecDeque};
use std::io::{self, Write};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use pressdiff::domain::model::{ReleaseId, ReleaseState};
use pressdiff::domain::recheck::{DUE_FROM, Looks, MAX_AGE, Plan, Prospect};

const OLD_RELEASES: i64 = 1_500;
const OLDEST: TimeDelta = TimeDelta::days(500);
const NEW_EVERY: TimeDelta = TimeDelta::hours(8);
const INTERVAL: TimeDelta = TimeDelta::minutes(15);
/// Changes count after this time: the rule knows nothing of the releases at first.
const WARM_UP: TimeDelta = TimeDelta::days(30);
const LENGTH: TimeDelta = TimeDelta::days(120);
const SEEDS: u64 = 3;

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "budget  policy    requests  changes  within one check    1 hour     1 day    median  95 of 100    latest"
    )?;
    for percent in [None, Some(2), Some(10), Some(25), Some(50), Some(100)] {
        let rule = Tally::sum((0..SEEDS).map(|seed| World::new(seed).run(percent, Policy::Rule)));
        let share = rule.asked as f64 / rule.known as f64;
        let turn = Tally::sum((0..SEEDS).map(|seed| World::new(seed).run(percent, Policy::InTurn(share))));
        rule.print(&mut out, percent, "rule")?;
        turn.print(&mut out, percent, "in turn")?;
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Policy {
    Rule,
    /// This share of the releases at each check, those first that were not looked at for longest.
    InTurn(f64),
}

/// A release with the times at which it changes.
struct Release {
    prospect: Prospect,
    changes: VecDeque<DateTime<Utc>>,
}

struct World {
    start: DateTime<Utc>,
    releases: Vec<Release>,
    dice: Dice,
}

/// What came of a run.
#[derive(Default)]
struct Tally {
    asked: usize,
    known: usize,
    /// How late each change was seen.
    delays: Vec<TimeDelta>,
}

impl World {
    fn new(seed: u64) -> Self {
        let start = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let mut world = Self { start, releases: Vec::new(), dice: Dice(seed * 7_919 + 12_345) };
        for number in 0..OLD_RELEASES {
            let age = OLDEST * i32::try_from(number).unwrap_or(0) / i32::try_from(OLD_RELEASES).unwrap_or(1);
            world.publish(start - age, start);
        }
        let mut next = start + NEW_EVERY;
        while next < start + LENGTH {
            world.publish(next, next);
            next += NEW_EVERY;
        }
        world
    }

    fn publish(&mut self, born_at: DateTime<Utc>, found_at: DateTime<Utc>) {
        let id = ReleaseId(i64::try_from(self.releases.len()).unwrap_or_default() + 1);
        let mut changes = self.dice.changes(born_at, self.start + LENGTH);
        changes.retain(|at| *at > found_at);
        changes.sort_unstable();
        let prospect = Prospect {
            id,
            state: ReleaseState::Present,
            born_at,
            found_at,
            stirred_at: None,
            looks: Looks { last_at: Some(found_at), ..Looks::default() },
        };
        self.releases.push(Release { prospect, changes: changes.into() });
    }

    fn run(mut self, percent: Option<usize>, policy: Policy) -> Tally {
        let mut tally = Tally::default();
        let mut now = self.start;
        while now < self.start + LENGTH {
            now += INTERVAL;
            let known: Vec<Prospect> =
                self.releases.iter().map(|release| &release.prospect).filter(|p| p.found_at < now).copied().collect();
            let chosen = choose(&known, percent, policy, now);
            let counts = now >= self.start + WARM_UP;
            if counts {
                tally.asked += chosen.len();
                tally.known += known.len();
            }
            for release in self.releases.iter_mut().filter(|release| chosen.contains(&release.prospect.id)) {
                let seen = release.look(now);
                tally.delays.extend(seen.into_iter().filter(|_| counts));
            }
        }
        // What nobody saw was late all the same.
        let unseen = self.releases.iter().flat_map(|release| &release.changes).filter(|at| **at <= now);
        tally.delays.extend(unseen.map(|at| now - at));
        tally
    }
}

fn choose(known: &[Prospect], percent: Option<usize>, policy: Policy, now: DateTime<Utc>) -> BTreeSet<ReleaseId> {
    match policy {
        Policy::Rule => {
            let (budget, due_from) = match percent {
                Some(percent) => (known.len() * percent / 100, 0.0),
                None => (usize::MAX, DUE_FROM),
            };
            let plan = Plan { max_age: MAX_AGE, now, gap: INTERVAL, budget, due_from };
            plan.choose(known, &BTreeSet::new())
        }
        Policy::InTurn(share) => {
            let mut waiting: Vec<_> = known.iter().map(|prospect| (prospect.looks.last_at, prospect.id)).collect();
            waiting.sort_unstable();
            let count = (known.len() as f64 * share).round() as usize;
            waiting.into_iter().take(count).map(|(_, id)| id).collect()
        }
    }
}

impl Release {
    /// How late the changes are that a look finds.
    fn look(&mut self, now: DateTime<Utc>) -> Vec<TimeDelta> {
        let seen = self.changes.iter().take_while(|at| **at <= now).count();
        let delays: Vec<TimeDelta> = self.changes.drain(..seen).map(|at| now - at).collect();
        self.prospect.looks.note(now, true);
        if !delays.is_empty() {
            self.prospect.looks.changes += 1;
            self.prospect.stirred_at = Some(now);
        }
        delays
    }
}

impl Tally {
    fn sum(parts: impl Iterator<Item = Self>) -> Self {
        let mut sum = parts.fold(Self::default(), |mut sum, part| {
            sum.asked += part.asked;
            sum.known += part.known;
            sum.delays.extend(part.delays);
            sum
        });
        sum.delays.sort_unstable();
        sum
    }

    fn within(&self, limit: TimeDelta) -> f64 {
        let count = self.delays.iter().take_while(|delay| **delay <= limit).count();
        100.0 * count as f64 / self.delays.len().max(1) as f64
    }

    fn percentile(&self, percent: usize) -> String {
        let at = (self.delays.len() * percent / 100).min(self.delays.len().saturating_sub(1));
        let delay = self.delays.get(at).copied().unwrap_or_default();
        match delay.num_hours() {
            0..=2 => format!("{} min", delay.num_minutes()),
            3..=71 => format!("{} h", delay.num_hours()),
            _ => format!("{} d", delay.num_days()),
        }
    }

    fn print(&self, out: &mut impl Write, budget: Option<usize>, policy: &str) -> io::Result<()> {
        let share = 100.0 * self.asked as f64 / self.known as f64;
        let [check, hour, day] = [INTERVAL, TimeDelta::hours(1), TimeDelta::days(1)].map(|limit| self.within(limit));
        let [median, most, latest] = [50, 95, 100].map(|percent| self.percentile(percent));
        let changes = self.delays.len();
        let budget = budget.map_or("as due".to_owned(), |percent| format!("{percent} %"));
        writeln!(
            out,
            "{budget:>6}  {policy:8} {share:7.1} %  {changes:7}  {check:14.1} %  {hour:6.1} %  {day:6.1} %  {median:>8}  {most:>9}  {latest:>8}"
        )
    }
}

/// Chance that is the same each time: `SplitMix64`.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) as f64 / u64::MAX as f64
    }

    fn is(&mut self, chance: f64) -> bool {
        self.roll() < chance
    }

    /// A waiting time that is this long on average.
    fn wait(&mut self, mean: TimeDelta) -> TimeDelta {
        let seconds = -(1.0 - self.roll()).ln() * mean.as_seconds_f64();
        TimeDelta::from_std(Duration::from_secs_f64(seconds.clamp(1.0, 1e9))).unwrap_or(mean)
    }

    fn changes(&mut self, born_at: DateTime<Utc>, end: DateTime<Utc>) -> Vec<DateTime<Utc>> {
        let mut changes = Vec::new();
        let mut chance = 0.25;
        let mut at = born_at;
        while self.is(chance) {
            at += self.wait(TimeDelta::hours(5));
            changes.push(at);
            chance = 0.35;
        }
        let habit = self.is(0.01).then(|| TimeDelta::hours(36) + self.wait(TimeDelta::days(4)));
        for mean in habit.into_iter().chain([TimeDelta::days(4 * 365)]) {
            let mut at = born_at + self.wait(mean);
            while at < end {
                changes.push(at);
                if self.is(0.3) {
                    changes.push(at + self.wait(TimeDelta::hours(6)));
                }
                at += self.wait(mean);
            }
        }
        changes
    }
}
