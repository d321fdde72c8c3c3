//! Compares `domain::cadence` with two independent readings of crontab(5), over two years in zones with every kind of
//! summer time:
//!
//!     cargo run --release --example cron_oracle             # compares and counts
//!     cargo run --release --example cron_oracle -- table    # prints tests/fixtures/cron/table.txt
//!
//! On ordinary days the crate `croner` is the oracle, told to join the two day fields by "and" where one of them starts
//! with a star, as Vixie's cron does. Around the changes of the clocks, where `croner` has rules of its own, it is a
//! walk over all minutes, which says in a few lines what cron(8) means: a job of given hours runs at the first minute
//! at which the wall clocks have reached or passed its time, and never while they show times that they showed before.

use std::io::{self, Write};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use pressdiff::domain::cadence::Cadence;

use walk::{Instants, changes, walk};

#[path = "../src/domain/cadence/tests/walk.rs"]
mod walk;

const MINUTES: [&str; 7] = ["0", "*/15", "7", "5-59/20", "0,30", "*", "59"];
const HOURS: [&str; 7] = ["*", "2", "*/2", "0", "1-3", "9-17/4", "23"];
const DAYS: [&str; 12] = [
    "* * *",
    "1 * *",
    "* * 1-5",
    "1,15 * 5",
    "*/2 * 1",
    "* jan,Jul *",
    "31 * *",
    "29 2 *",
    "* * sun",
    "* * 7",
    "10-20/3 3-10/7 *",
    "* 10 0",
];
/// Forward and back by an hour at one, two or three; by half an hour; at midnight; in the south; twice a year by
/// decree; none.
const ZONES: [&str; 10] = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Africa/Cairo",
    "Asia/Beirut",
    "Pacific/Auckland",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "UTC",
];
/// Times of one expression in one zone that are compared.
const MOST_STEPS: usize = 3_000;
/// Around a change of the clocks.
const MARGIN: TimeDelta = TimeDelta::hours(26);

fn main() -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    if std::env::args().nth(1).as_deref() == Some("table") {
        return table(&mut out);
    }
    let (mut expressions, mut ordinary, mut nights, mut wrong, mut own_rules) = (0, 0, 0, 0, 0);
    for name in ZONES {
        let zone = zone(name);
        let changes = changes(zone, start(), end());
        for expression in expressions_of() {
            expressions += 1;
            let (cadence, oracle) = (Cadence::parse(&expression)?, oracle(&expression)?);
            let mut ours = steps(start(), |now| cadence.next_after(now, zone));
            let mut theirs = steps(start(), |now| next(&oracle, now, zone));
            let last = ours.last().min(theirs.last()).copied().unwrap_or(start());
            ours.retain(|at| *at <= last);
            theirs.retain(|at| *at <= last);
            let is_night = |at: &&DateTime<Utc>| changes.iter().any(|change| (**at - *change).abs() <= MARGIN);
            ordinary += ours.iter().filter(|at| !is_night(at)).count();
            for at in ours.symmetric_difference(&theirs) {
                if is_night(&at) {
                    own_rules += 1;
                } else {
                    wrong += 1;
                    writeln!(
                        out,
                        "{expression} in {name}: {at} only {}",
                        if ours.contains(at) { "here" } else { "there" }
                    )?;
                }
            }
            for change in &changes {
                let (from, to) = (*change - MARGIN, *change + MARGIN);
                let ours: Instants =
                    std::iter::successors(cadence.next_after(from, zone), |now| cadence.next_after(*now, zone))
                        .take_while(|at| *at <= to)
                        .collect();
                let walked = walk(&expression, from, to, zone);
                nights += walked.len();
                for at in ours.symmetric_difference(&walked) {
                    wrong += 1;
                    writeln!(
                        out,
                        "{expression} in {name}: {at} only {}",
                        if ours.contains(at) { "here" } else { "walking" }
                    )?;
                }
            }
        }
    }
    writeln!(out, "{expressions} pairs of expression and zone")?;
    writeln!(out, "{ordinary} times on ordinary days compared with croner")?;
    writeln!(out, "{nights} times around changes of the clocks compared with a walk over the minutes")?;
    writeln!(out, "{own_rules} times around changes of the clocks that croner has otherwise")?;
    writeln!(out, "{wrong} differences")?;
    anyhow::ensure!(wrong == 0, "{wrong} differences");
    Ok(())
}

/// The next three times of some expressions at some days, ordinary ones, by `croner` alone.
fn table(out: &mut impl Write) -> anyhow::Result<()> {
    writeln!(
        out,
        "# expression; zone; after; the next three times, as croner 4 has them. Made by examples/cron_oracle.rs"
    )?;
    for (number, expression) in expressions_of().enumerate() {
        let name = ZONES[number % ZONES.len()];
        let (zone, oracle) = (zone(name), oracle(&expression)?);
        let changes = changes(zone, start(), end());
        let mut after = start() + TimeDelta::minutes(i64::try_from(number)? * 997);
        let mut times: Vec<DateTime<Utc>> = Vec::new();
        for _ in 0..9 {
            times =
                std::iter::successors(next(&oracle, after, zone), |now| next(&oracle, *now, zone)).take(3).collect();
            let last = times.last().copied().unwrap_or(after);
            if !changes.iter().any(|change| *change + MARGIN >= after && *change - MARGIN <= last) {
                break;
            }
            after += TimeDelta::days(40);
        }
        let last = times.last().copied().unwrap_or(after);
        if changes.iter().any(|change| *change + MARGIN >= after && *change - MARGIN <= last) {
            continue;
        }
        let times: Vec<String> = times.iter().map(|at| at.format("%FT%RZ").to_string()).collect();
        writeln!(out, "{expression}; {name}; {}; {}", after.format("%FT%RZ"), times.join(" "))?;
    }
    Ok(())
}

fn expressions_of() -> impl Iterator<Item = String> {
    MINUTES.iter().flat_map(|minute| {
        HOURS.iter().flat_map(move |hour| DAYS.iter().map(move |days| format!("{minute} {hour} {days}")))
    })
}

fn zone(name: &str) -> Tz {
    name.parse().unwrap_or(Tz::UTC)
}

fn start() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_454)
}

fn end() -> DateTime<Utc> {
    start() + TimeDelta::days(730)
}

fn oracle(expression: &str) -> anyhow::Result<Cron> {
    let fields: Vec<&str> = expression.split(' ').collect();
    let both = fields[2].starts_with('*') || fields[4].starts_with('*');
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).dom_and_dow(both).build();
    Ok(parser.parse(expression)?)
}

fn next(oracle: &Cron, now: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
    oracle.find_next_occurrence(&now.with_timezone(&zone), false).ok().map(|next| next.to_utc())
}

fn steps(start: DateTime<Utc>, next: impl Fn(DateTime<Utc>) -> Option<DateTime<Utc>>) -> Instants {
    std::iter::successors(next(start), |now| next(*now)).take(MOST_STEPS).take_while(|at| *at < end()).collect()
}
