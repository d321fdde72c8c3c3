//! How much happened in each week, as a small drawing; the numbers stand in it as text, too.

use chrono::{Datelike as _, NaiveDate, TimeDelta};

/// Weeks that are drawn.
pub(super) const WEEKS: i64 = 52;
/// Height of the tallest bar.
const HEIGHT: u32 = 48;

/// A bar for each week.
pub(in crate::web) struct Plot {
    pub(in crate::web) bars: Vec<Bar>,
    pub(in crate::web) total: u32,
    pub(in crate::web) most: u32,
}

/// One week.
pub(in crate::web) struct Bar {
    pub(in crate::web) x: u32,
    pub(in crate::web) y: u32,
    pub(in crate::web) height: u32,
    pub(in crate::web) monday: NaiveDate,
    pub(in crate::web) count: u32,
}

impl Plot {
    /// The last weeks up to `today`, from how much happened on which day.
    pub(super) fn of(days: &[(NaiveDate, u32)], today: NaiveDate) -> Self {
        let this_week = monday(today);
        let mut counts = vec![0_u32; usize::try_from(WEEKS).unwrap_or_default()];
        for (day, count) in days {
            let weeks_ago = (this_week - monday(*day)).num_weeks();
            let place = usize::try_from(WEEKS - 1 - weeks_ago).ok();
            if let Some(week) = place.and_then(|place| counts.get_mut(place)) {
                *week = week.saturating_add(*count);
            }
        }
        let most = counts.iter().copied().max().unwrap_or_default();
        let bar = |(x, count): (u32, u32)| {
            let height = (u64::from(count) * u64::from(HEIGHT)).div_ceil(u64::from(most.max(1)));
            let height = u32::try_from(height).unwrap_or(HEIGHT);
            let monday = this_week - TimeDelta::weeks(WEEKS - 1 - i64::from(x));
            Bar { x: x * 6, y: HEIGHT - height, height, monday, count }
        };
        let total = counts.iter().fold(0, |sum: u32, count| sum.saturating_add(*count));
        Self { bars: (0..).zip(counts).map(bar).collect(), total, most }
    }
}

fn monday(day: NaiveDate) -> NaiveDate {
    day - TimeDelta::days(i64::from(day.weekday().num_days_from_monday()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_added_up_by_week_and_the_tallest_bar_is_the_fullest_week() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let days = [(day("2020-01-01"), 9), (day("2026-05-25"), 1), (day("2026-06-01"), 3), (day("2026-06-07"), 1)];
        let plot = Plot::of(&days, day("2026-06-07"));
        let last: Vec<_> =
            plot.bars.iter().rev().take(3).map(|bar| (bar.monday.to_string(), bar.count, bar.height)).collect();
        assert_eq!((plot.bars.len(), plot.total, plot.most), (52, 5, 4));
        assert_eq!(last, [("2026-06-01".into(), 4, 48), ("2026-05-25".into(), 1, 12), ("2026-05-18".into(), 0, 0)]);
    }
}
