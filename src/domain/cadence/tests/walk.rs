//! An independent reading of crontab(5) and of what cron(8) says of summer time: slow, and simple enough to be seen
//! to be right. `examples/cron_oracle.rs` uses it too.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, NaiveDateTime, Offset, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;

/// Times in order.
pub(super) type Instants = BTreeSet<DateTime<Utc>>;

/// The first hours in which a zone has another offset than an hour before.
pub(super) fn changes(zone: Tz, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let offset = |at: DateTime<Utc>| zone.offset_from_utc_datetime(&at.naive_utc()).fix();
    let hours = std::iter::successors(Some(from), |at| Some(*at + TimeDelta::hours(1))).take_while(|at| *at < to);
    hours.filter(|at| offset(*at) != offset(*at - TimeDelta::hours(1))).collect()
}

/// The times of an expression by looking at every minute: a job of given hours runs at the first minute at which the
/// wall clocks have reached or passed its time, and never while they show times that they showed before; one of every
/// hour runs whenever they show its minute.
pub(super) fn walk(expression: &str, from: DateTime<Utc>, to: DateTime<Utc>, zone: Tz) -> Instants {
    let fields: Vec<&str> = expression.split(' ').collect();
    let local = |at: DateTime<Utc>| at.with_timezone(&zone).naive_local();
    let mut reached = local(from);
    let mut times = Instants::new();
    let mut at = from + TimeDelta::minutes(1);
    while at <= to {
        let now = local(at);
        if fields[1] == "*" {
            if fits(&fields, now) {
                times.insert(at);
            }
        } else {
            while reached < now {
                reached += TimeDelta::minutes(1);
                if fits(&fields, reached) {
                    times.insert(at);
                }
            }
        }
        at += TimeDelta::minutes(1);
    }
    times
}

fn fits(fields: &[&str], at: NaiveDateTime) -> bool {
    let day = has(fields[2], at.day(), 31);
    let weekday = at.weekday().num_days_from_sunday();
    let weekday = has(fields[4], weekday, 7) || (weekday == 0 && fields[4] != "*" && has(fields[4], 7, 7));
    let both = fields[2].starts_with('*') || fields[4].starts_with('*');
    let is_day = if both { day && weekday } else { day || weekday };
    is_day && has(fields[0], at.minute(), 59) && has(fields[1], at.hour(), 23) && has(fields[3], at.month(), 12)
}

/// Whether a field has a value.
fn has(field: &str, value: u32, most: u32) -> bool {
    field.split(',').any(|part| {
        let (range, step) = part.split_once('/').unwrap_or((part, "1"));
        let step: u32 = number(step);
        let (first, last) = match range.split_once('-') {
            Some((first, last)) => (number(first), number(last)),
            // Days and months, where a star has to begin with 1, have no step of their own but `*/2` of days.
            None if range == "*" => (u32::from(most == 31 || most == 12), most),
            None => (number(range), number(range)),
        };
        (first..=last).contains(&value) && (value - first).is_multiple_of(step)
    })
}

fn number(text: &str) -> u32 {
    match text.to_ascii_lowercase().as_str() {
        "jan" => 1,
        "jul" => 7,
        "sun" => 0,
        digits => digits.parse().unwrap_or(u32::MAX),
    }
}
