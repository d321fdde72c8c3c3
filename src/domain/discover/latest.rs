//! What is left out of a list that is too long: what is hardly new. Lists begin or end with what is new, and often say
//! when it was.

use chrono::NaiveDate;

/// At most so many of a list, the likeliest to be new first, which tells the order of what is left: by their days, and
/// where these are the same or nobody says any, from both ends of the list to its middle. A list that is short enough
/// stays as it is.
pub(super) fn latest<T>(items: Vec<T>, most: usize, day: impl Fn(&T) -> Option<NaiveDate>) -> Vec<T> {
    if items.len() <= most {
        return items;
    }
    let mut items = latest_first(items, day);
    items.truncate(most);
    items
}

/// All of a list, the likeliest to be new first.
pub fn latest_first<T>(items: Vec<T>, day: impl Fn(&T) -> Option<NaiveDate>) -> Vec<T> {
    let mut ordered = Vec::with_capacity(items.len());
    let mut items = items.into_iter();
    while let Some(last) = items.next_back() {
        ordered.push(last);
        ordered.extend(items.next());
    }
    ordered.sort_by_key(|item| std::cmp::Reverse(day(item)));
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(list: &[(u32, u32)], most: usize) -> Vec<u32> {
        let list = list.to_vec();
        let day = |item: &(u32, u32)| NaiveDate::from_ymd_opt(2026, 6, item.1);
        latest(list, most, day).into_iter().map(|(number, _)| number).collect()
    }

    #[test]
    fn the_newest_are_left_or_both_ends_where_nobody_says() {
        assert_eq!(days(&[(1, 3), (2, 2), (3, 1)], 3), [1, 2, 3], "as it is");
        assert_eq!(days(&[(1, 1), (2, 2), (3, 3), (4, 0)], 2), [3, 2]);
        assert_eq!(days(&[(1, 3), (2, 2), (3, 1), (4, 0)], 2), [1, 2]);
        // There is no such day.
        assert_eq!(days(&[(1, 0), (2, 0), (3, 0), (4, 0), (5, 0)], 4), [5, 1, 4, 2]);
        assert_eq!(days(&[(1, 9), (2, 9), (3, 9), (4, 9), (5, 9)], 3), [5, 1, 4]);
    }
}
