//! Days in running text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pressdiff::domain::dates::{find_date, find_dates};

fuzz_target!(|input: &str| {
    let found = find_dates(input);
    assert_eq!(found.first().cloned(), find_date(input));
    let mut end = 0;
    for (place, day) in found {
        assert!(place.start >= end && place.start < place.end);
        end = place.end;
        // What is found in the words alone is the same day.
        assert_eq!(find_date(&input[place]).map(|(_, day)| day), Some(day));
    }
});
