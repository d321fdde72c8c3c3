//! The time of the next check: cron expressions as people write them, and the wait after a failure.
//!
//! The `cron` crate counts weekdays from 1, wants seconds, joins the two day fields by "and" and loses its way
//! when clocks are set forward or back. All of that is made good here; nobody else speaks to it.

mod field;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, FixedOffset, NaiveDateTime, Offset, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use cron::Schedule;

use field::{DAY, HOUR, MINUTE, MONTH, WEEKDAY};

/// When something is done again and again: five fields as in crontab(5), or a nickname such as `@hourly`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cadence {
    text: String,
    /// Two when day of month and weekday are both given: either is enough.
    schedules: Vec<Schedule>,
    /// Runs through a change of the clocks as if there was none.
    every_hour: bool,
}

/// An expression that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}; {mend}")]
pub struct CadenceError {
    /// What is wrong.
    pub problem: String,
    /// What would be right.
    pub mend: String,
}

impl CadenceError {
    fn new(problem: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { problem: problem.into(), mend: mend.into() }
    }
}

impl Cadence {
    /// Reads an expression; one that never comes true, such as 30 February, is refused.
    pub fn parse(text: &str) -> Result<Self, CadenceError> {
        let expression = if text.trim_start().starts_with('@') { nickname(text.trim())? } else { text };
        let fields: Vec<&str> = expression.split_whitespace().collect();
        let &[minute, hour, day, month, weekday] = fields.as_slice() else {
            return Err(CadenceError::new(
                format!("{} fields instead of five", fields.len()),
                "write minute, hour, day of month, month and weekday with spaces between, such as \"*/15 * * * *\"",
            ));
        };
        let time = format!("0 {} {}", MINUTE.translate(minute)?, HOUR.translate(hour)?);
        let (days, month) = (DAY.translate(day)?, MONTH.translate(month)?);
        let weekdays = WEEKDAY.translate(weekday)?;
        let lines = if day.starts_with('*') || weekday.starts_with('*') {
            vec![format!("{time} {days} {month} {weekdays}")]
        } else {
            vec![format!("{time} {days} {month} *"), format!("{time} * {month} {weekdays}")]
        };
        let schedules = lines.iter().map(|line| read(line)).collect::<Result<Vec<_>, _>>()?;
        let cadence = Self { text: text.trim().to_owned(), schedules, every_hour: hour == "*" };
        cadence.first_after(DateTime::UNIX_EPOCH.naive_utc()).map(|_| cadence.clone()).ok_or_else(never)
    }

    /// The next instant after `now`, on the wall clocks of `zone`; none when there is no such instant before 2100.
    ///
    /// A time that the clocks skip is made up for at once, a time that they show twice counts the first time;
    /// with `*` for the hour, each hour counts.
    pub fn next_after(&self, now: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        if self.every_hour { self.next_of_every_hour(now, zone) } else { self.next_of_given_hours(now, zone) }
    }

    fn next_of_given_hours(&self, now: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let mut local = now.with_timezone(&zone).naive_local();
        loop {
            local = self.first_after(local)?;
            match first_valid_instant(zone, local) {
                Some(instant) if instant > now => return Some(instant),
                _ => {}
            }
        }
    }

    /// Looks on within one offset from UTC at a time, so that no wall clock time is skipped or met twice.
    fn next_of_every_hour(&self, now: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let mut from = DateTime::from_timestamp(now.timestamp() + 1, 0)?;
        loop {
            let offset = offset_at(zone, from);
            let before = from.naive_utc().checked_add_offset(offset)? - TimeDelta::seconds(1);
            let instant = self.first_after(before)?.checked_sub_offset(offset)?.and_utc();
            if offset_at(zone, instant) == offset {
                return Some(instant);
            }
            from = find_change(zone, from, instant, offset);
        }
    }

    fn first_after(&self, local: NaiveDateTime) -> Option<NaiveDateTime> {
        // Passed off as UTC: given a zone with summer time, the crate returns times that are past.
        let local = local.and_utc();
        self.schedules.iter().filter_map(|schedule| schedule.after(&local).next()).min().map(|next| next.naive_utc())
    }
}

impl fmt::Display for Cadence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// How long to wait after the `attempt`-th failure in a row (0 counts as 1): `base`, then twice as long each
/// time, never longer than `cap`.
pub fn backoff(attempt: u32, base: Duration, cap: Duration) -> Duration {
    let factor = 2_u32.checked_pow(attempt.saturating_sub(1)).unwrap_or(u32::MAX);
    base.saturating_mul(factor).min(cap)
}

fn nickname(text: &str) -> Result<&'static str, CadenceError> {
    match text {
        "@hourly" => Ok("0 * * * *"),
        "@daily" | "@midnight" => Ok("0 0 * * *"),
        "@weekly" => Ok("0 0 * * 0"),
        "@monthly" => Ok("0 0 1 * *"),
        "@yearly" | "@annually" => Ok("0 0 1 1 *"),
        _ => Err(CadenceError::new(
            format!("no such nickname as {text}"),
            "write @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually or five fields",
        )),
    }
}

fn read(line: &str) -> Result<Schedule, CadenceError> {
    Schedule::from_str(line).map_err(|error| {
        CadenceError::new(error.to_string(), "write five fields as in crontab(5), such as \"*/15 * * * *\"")
    })
}

fn never() -> CadenceError {
    CadenceError::new("this day never comes", "write a day of month that the month has")
}

fn offset_at(zone: Tz, instant: DateTime<Utc>) -> FixedOffset {
    zone.offset_from_utc_datetime(&instant.naive_utc()).fix()
}

/// When the wall clocks first show this time, or the first valid time after it if they skip it.
fn first_valid_instant(zone: Tz, local: NaiveDateTime) -> Option<DateTime<Utc>> {
    // The longest gap known is a whole day, in Samoa in 2011.
    (0..=24 * 60).find_map(|minutes| {
        let shown = local.checked_add_signed(TimeDelta::minutes(minutes))?;
        zone.from_local_datetime(&shown).earliest().map(|instant| instant.to_utc())
    })
}

/// A whole second in which the clocks leave `offset`: after `start`, which has it, and by `end`, which has not.
fn find_change(zone: Tz, start: DateTime<Utc>, end: DateTime<Utc>, offset: FixedOffset) -> DateTime<Utc> {
    let (mut low, mut high) = (start.timestamp(), end.timestamp());
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        let kept = DateTime::from_timestamp(middle, 0).is_some_and(|instant| offset_at(zone, instant) == offset);
        if kept { low = middle } else { high = middle }
    }
    DateTime::from_timestamp(high, 0).unwrap_or(end)
}

#[cfg(test)]
mod tests;
