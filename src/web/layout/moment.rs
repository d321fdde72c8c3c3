//! An instant as readers see it: in their zone, with the exact instant for whoever points at it and for programs.

use std::fmt;

use askama::filters::HtmlSafe;
use chrono::{DateTime, Datelike as _, SecondsFormat, Utc};
use chrono_tz::Tz;

/// A `<time>` element; every part of it is of our own making.
#[derive(Clone, Copy, Debug)]
pub(in crate::web) struct Moment {
    at: DateTime<Utc>,
    zone: Tz,
    now: DateTime<Utc>,
}

impl Moment {
    /// The instant in this zone; `now` decides how much of the date has to be told.
    pub(in crate::web) fn new(at: DateTime<Utc>, zone: Tz, now: DateTime<Utc>) -> Self {
        Self { at, zone, now }
    }

    fn shown(&self) -> String {
        let (at, now) = (self.at.with_timezone(&self.zone), self.now.with_timezone(&self.zone));
        let form = match () {
            () if at.date_naive() == now.date_naive() => "%H:%M",
            () if at.year() == now.year() => "%-d %b %H:%M",
            () => "%-d %b %Y %H:%M",
        };
        at.format(form).to_string()
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exact = self.at.with_timezone(&self.zone).format("%Y-%m-%d %H:%M:%S %Z");
        let instant = self.at.to_rfc3339_opts(SecondsFormat::Secs, true);
        write!(formatter, "<time datetime=\"{instant}\" title=\"{exact} ({instant})\">{}</time>", self.shown())
    }
}

impl HtmlSafe for Moment {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_in_the_zone_of_the_reader_as_far_as_needed() {
        let now: DateTime<Utc> = "2026-06-03T22:30:00Z".parse().unwrap();
        let shown = |at: &str| Moment::new(at.parse().unwrap(), Tz::Europe__Moscow, now).shown();
        assert_eq!(shown("2026-06-03T21:05:00Z"), "00:05");
        assert_eq!(shown("2026-06-03T20:05:00Z"), "3 Jun 23:05");
        assert_eq!(shown("2025-06-03T20:05:00Z"), "3 Jun 2025 23:05");
        let html = Moment::new(now, Tz::Europe__Moscow, now).to_string();
        assert_eq!(
            html,
            "<time datetime=\"2026-06-03T22:30:00Z\" title=\"2026-06-04 01:30:00 MSK (2026-06-03T22:30:00Z)\">01:30</time>"
        );
    }
}
