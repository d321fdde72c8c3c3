//! Times as people give them on the command line.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

/// A time, or a while ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Since {
    /// That instant.
    At(DateTime<Utc>),
    /// So long before now.
    Ago(TimeDelta),
}

impl Since {
    /// Reads `2026-11-21T10:15:00+03:00`, `2026-11-21` (midnight UTC), or `2d`, `3h`, `30m`, `2w` ago.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if let Ok(at) = DateTime::parse_from_rfc3339(text) {
            return Ok(Self::At(at.to_utc()));
        }
        if let Ok(day) = text.parse::<NaiveDate>() {
            return Ok(Self::At(day.and_time(NaiveTime::MIN).and_utc()));
        }
        ago(text).map(Self::Ago).ok_or_else(|| "write 2026-11-21, 2026-11-21T10:15:00Z, 2w, 2d, 3h or 30m".to_owned())
    }

    /// The instant meant, the present one being `now`.
    pub(super) fn before(self, now: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            Self::At(at) => at,
            Self::Ago(while_ago) => now.checked_sub_signed(while_ago).unwrap_or_default().max(DateTime::UNIX_EPOCH),
        }
    }
}

fn ago(text: &str) -> Option<TimeDelta> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number: i64 = number.parse().ok()?;
    match unit {
        "m" => TimeDelta::try_minutes(number),
        "h" => TimeDelta::try_hours(number),
        "d" => TimeDelta::try_days(number),
        "w" => TimeDelta::try_weeks(number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Option<String> {
        let now = "2026-11-21T10:15:00Z".parse().unwrap();
        Since::parse(text).ok().map(|since| since.before(now).to_rfc3339())
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        assert_eq!(check("2026-11-20T13:00:00+03:00").as_deref(), Some("2026-11-20T10:00:00+00:00"));
        assert_eq!(check("2026-11-20").as_deref(), Some("2026-11-20T00:00:00+00:00"));
        assert_eq!(check("2d").as_deref(), Some("2026-11-19T10:15:00+00:00"));
        assert_eq!(check("90m").as_deref(), Some("2026-11-21T08:45:00+00:00"));
        assert_eq!(check("9999999w").as_deref(), Some("1970-01-01T00:00:00+00:00"));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "yesterday", "d", "-2d", "2026-13-01", "99999999999999999999d", "9223372036854775807w", "2é"]
        {
            assert_eq!(check(text), None, "{text}");
        }
    }
}
