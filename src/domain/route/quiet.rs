//! Quiet hours: from one time of day to another, on the wall clocks of a zone, over midnight if need be.

use chrono::{DateTime, NaiveTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;

/// The part of each day in which nobody wants to be told anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietHours {
    from: NaiveTime,
    until: NaiveTime,
}

impl QuietHours {
    /// Reads `22:00-07:00`; none when it is something else, or no time at all.
    pub fn parse(text: &str) -> Option<Self> {
        let (from, until) = text.split_once('-')?;
        let time = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").ok();
        let hours = Self { from: time(from)?, until: time(until)? };
        (hours.from != hours.until).then_some(hours)
    }

    /// When they end, if it is in them that `now` falls.
    ///
    /// An end that the clocks skip comes when they go on; of one that they show twice, the first counts that is still
    /// to come.
    pub fn end_after(&self, now: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        let local = now.with_timezone(&zone).naive_local();
        let time = local.time();
        let is_quiet = if self.from < self.until {
            (self.from..self.until).contains(&time)
        } else {
            time >= self.from || time < self.until
        };
        if !is_quiet {
            return None;
        }
        let is_tomorrow = time >= self.until;
        let day = local.date() + TimeDelta::days(i64::from(is_tomorrow));
        let shown = day.and_time(self.until);
        // The longest gap known is a whole day, in Samoa in 2011.
        (0..=24 * 60).find_map(|minutes| {
            let instants = zone.from_local_datetime(&(shown + TimeDelta::minutes(minutes)));
            let instants = [instants.earliest(), instants.latest()].into_iter().flatten();
            instants.map(|instant| instant.to_utc()).find(|instant| *instant > now)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(hours: &str, zone: Tz, now: &str, end: Option<&str>) {
        let now: DateTime<Utc> = now.parse().unwrap();
        let end = end.map(|end| end.parse::<DateTime<Utc>>().unwrap());
        assert_eq!(QuietHours::parse(hours).unwrap().end_after(now, zone), end, "{hours} {zone} {now}");
    }

    #[test]
    fn they_may_go_over_midnight() {
        let utc = chrono_tz::UTC;
        check("22:00-07:00", utc, "2026-03-01T21:59:59Z", None);
        check("22:00-07:00", utc, "2026-03-01T22:00:00Z", Some("2026-03-02T07:00:00Z"));
        check("22:00-07:00", utc, "2026-03-02T06:59:59Z", Some("2026-03-02T07:00:00Z"));
        check("22:00-07:00", utc, "2026-03-02T07:00:00Z", None);
        check("12:00-14:30", utc, "2026-03-01T12:10:00Z", Some("2026-03-01T14:30:00Z"));
        check("12:00-14:30", utc, "2026-03-01T22:10:00Z", None);
        check("08:00-00:00", utc, "2026-03-01T22:10:00Z", Some("2026-03-02T00:00:00Z"));
    }

    #[test]
    fn they_follow_the_clocks_of_their_zone() {
        let berlin = chrono_tz::Europe::Berlin;
        check("22:00-07:00", berlin, "2026-07-01T20:00:00Z", Some("2026-07-02T05:00:00Z"));
        check("22:00-07:00", berlin, "2026-01-01T20:00:00Z", None);
        // The night in which the clocks go forward is an hour shorter, the one in which they go back an hour longer.
        check("22:00-07:00", berlin, "2026-03-28T21:00:00Z", Some("2026-03-29T05:00:00Z"));
        check("22:00-07:00", berlin, "2026-10-24T20:00:00Z", Some("2026-10-25T06:00:00Z"));
    }

    #[test]
    fn an_end_that_the_clocks_skip_or_show_twice_is_after_now() {
        let berlin = chrono_tz::Europe::Berlin;
        // 02:30 is skipped on this night: it ends as the clocks show 03:00.
        check("22:00-02:30", berlin, "2026-03-29T00:59:00Z", Some("2026-03-29T01:00:00Z"));
        // 02:30 comes at 00:30 and at 01:30.
        check("22:00-02:30", berlin, "2026-10-25T00:10:00Z", Some("2026-10-25T00:30:00Z"));
        check("22:00-02:30", berlin, "2026-10-25T01:10:00Z", Some("2026-10-25T01:30:00Z"));
    }

    #[test]
    fn what_is_no_span_of_a_day_is_refused() {
        for text in ["", "22:00", "22-7", "25:00-07:00", "07:00-07:00", "22:00-07:00-08:00", "22:00 bis 07:00"] {
            assert_eq!(QuietHours::parse(text), None, "{text}");
        }
    }
}
