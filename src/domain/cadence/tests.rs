use walk::{changes, walk};

use super::*;

mod walk;

/// The next three times after a wall clock time of the zone, as the wall clocks show them.
fn check(expression: &str, zone: &str, now: &str) -> Vec<String> {
    let zone: Tz = zone.parse().unwrap();
    let cadence = Cadence::parse(expression).unwrap();
    let now: DateTime<Utc> = DateTime::parse_from_rfc3339(now).unwrap().to_utc();
    std::iter::successors(Some(now), |now| cadence.next_after(*now, zone))
        .skip(1)
        .take(3)
        .map(|next| next.with_timezone(&zone).format("%a %F %R %:z").to_string())
        .collect()
}

fn refused(expression: &str) -> String {
    Cadence::parse(expression).unwrap_err().to_string()
}

#[test]
fn weekdays_count_from_sunday_as_zero_or_seven() {
    let monday = ["Mon 2026-11-23 09:00 +00:00", "Mon 2026-11-30 09:00 +00:00", "Mon 2026-12-07 09:00 +00:00"];
    assert_eq!(check("0 9 * * 1", "UTC", "2026-11-21T12:00:00Z"), monday);
    assert_eq!(check("0 9 * * mon", "UTC", "2026-11-21T12:00:00Z"), monday);
    let sunday = ["Sun 2026-11-22 09:00 +00:00", "Sun 2026-11-29 09:00 +00:00", "Sun 2026-12-06 09:00 +00:00"];
    for weekday in ["0", "7", "SUN", "7-7", "0,7", "*/7"] {
        assert_eq!(check(&format!("0 9 * * {weekday}"), "UTC", "2026-11-21T12:00:00Z"), sunday, "{weekday}");
    }
}

#[test]
fn ranges_steps_lists_and_names() {
    let cases: [(&str, [&str; 3]); 10] = [
        ("*/15 * * * *", ["Fri 2026-11-20 23:45", "Sat 2026-11-21 00:00", "Sat 2026-11-21 00:15"]),
        ("5-59/20 * * * *", ["Fri 2026-11-20 23:45", "Sat 2026-11-21 00:05", "Sat 2026-11-21 00:25"]),
        ("0 9 * * 1-5", ["Mon 2026-11-23 09:00", "Tue 2026-11-24 09:00", "Wed 2026-11-25 09:00"]),
        ("0 9 * * 5-7", ["Sat 2026-11-21 09:00", "Sun 2026-11-22 09:00", "Fri 2026-11-27 09:00"]),
        ("0 9 * * fri-sun", ["Sat 2026-11-21 09:00", "Sun 2026-11-22 09:00", "Fri 2026-11-27 09:00"]),
        ("0 9 * * Mon,wed-FRI", ["Mon 2026-11-23 09:00", "Wed 2026-11-25 09:00", "Thu 2026-11-26 09:00"]),
        ("0 0 1 jan,Jul *", ["Fri 2027-01-01 00:00", "Thu 2027-07-01 00:00", "Sat 2028-01-01 00:00"]),
        ("0 0 29 2 *", ["Tue 2028-02-29 00:00", "Sun 2032-02-29 00:00", "Fri 2036-02-29 00:00"]),
        ("0 8,20 * * *", ["Sat 2026-11-21 08:00", "Sat 2026-11-21 20:00", "Sun 2026-11-22 08:00"]),
        ("0 0 31 * *", ["Thu 2026-12-31 00:00", "Sun 2027-01-31 00:00", "Wed 2027-03-31 00:00"]),
    ];
    for (expression, expected) in cases {
        let expected = expected.map(|time| format!("{time} +00:00"));
        assert_eq!(check(expression, "UTC", "2026-11-20T23:30:00Z"), expected, "{expression}");
    }
}

#[test]
fn nicknames() {
    let cases = [
        ("@hourly", "Sat 2026-11-21 00:00"),
        ("@daily", "Sat 2026-11-21 00:00"),
        ("@midnight", "Sat 2026-11-21 00:00"),
        ("@weekly", "Sun 2026-11-22 00:00"),
        ("@monthly", "Tue 2026-12-01 00:00"),
        ("@yearly", "Fri 2027-01-01 00:00"),
        ("@annually", "Fri 2027-01-01 00:00"),
    ];
    for (nickname, expected) in cases {
        assert_eq!(check(nickname, "UTC", "2026-11-20T23:30:00Z")[0], format!("{expected} +00:00"), "{nickname}");
    }
    assert_eq!(Cadence::parse(" @hourly ").unwrap().to_string(), "@hourly");
}

/// As crontab(5) has it: either day is enough, unless one of the two fields starts with a star.
#[test]
fn day_of_month_and_weekday() {
    let either = ["Fri 2026-11-27 00:00 +00:00", "Tue 2026-12-01 00:00 +00:00", "Fri 2026-12-04 00:00 +00:00"];
    assert_eq!(check("0 0 1 * 5", "UTC", "2026-11-21T12:00:00Z"), either);
    let both = ["Mon 2026-11-23 00:00 +00:00", "Mon 2026-12-07 00:00 +00:00", "Mon 2026-12-21 00:00 +00:00"];
    assert_eq!(check("0 0 */2 * 1", "UTC", "2026-11-21T12:00:00Z"), both);
}

#[test]
fn a_time_that_the_clocks_skip_is_made_up_for_at_once() {
    let spring = ["Sat 2026-03-28 02:30 +01:00", "Sun 2026-03-29 03:00 +02:00", "Mon 2026-03-30 02:30 +02:00"];
    assert_eq!(check("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00+01:00"), spring);
}

#[test]
fn a_time_that_the_clocks_show_twice_counts_once() {
    let autumn = ["Sat 2026-10-24 02:30 +02:00", "Sun 2026-10-25 02:30 +02:00", "Mon 2026-10-26 02:30 +01:00"];
    assert_eq!(check("30 2 * * *", "Europe/Berlin", "2026-10-24T00:00:00+02:00"), autumn);
    let second_pass = check("30 2 * * *", "Europe/Berlin", "2026-10-25T02:10:00+01:00");
    assert_eq!(second_pass[0], "Mon 2026-10-26 02:30 +01:00");
}

#[test]
fn every_hour_means_every_hour() {
    let spring = ["Sun 2026-03-29 01:00 +01:00", "Sun 2026-03-29 03:00 +02:00", "Sun 2026-03-29 04:00 +02:00"];
    assert_eq!(check("@hourly", "Europe/Berlin", "2026-03-29T00:30:00+01:00"), spring);
    let autumn = ["Sun 2026-10-25 02:00 +02:00", "Sun 2026-10-25 02:00 +01:00", "Sun 2026-10-25 03:00 +01:00"];
    assert_eq!(check("0 * * * *", "Europe/Berlin", "2026-10-25T01:30:00+02:00"), autumn);
    let quarters = ["Sun 2026-10-25 02:45 +02:00", "Sun 2026-10-25 02:00 +01:00", "Sun 2026-10-25 02:15 +01:00"];
    assert_eq!(check("*/15 * * * *", "Europe/Berlin", "2026-10-25T02:30:00+02:00"), quarters);
}

/// The offset of the last check is not that of the next one; the day is that of the wall clocks all the same.
#[test]
fn every_hour_of_a_day_beyond_the_change() {
    let monday = ["Mon 2026-10-26 00:00 +01:00", "Mon 2026-10-26 01:00 +01:00", "Mon 2026-10-26 02:00 +01:00"];
    assert_eq!(check("0 * * * 1", "Europe/Berlin", "2026-10-24T12:00:00+02:00"), monday);
    let july = ["Wed 2026-07-01 00:00 +02:00", "Wed 2026-07-01 01:00 +02:00", "Wed 2026-07-01 02:00 +02:00"];
    assert_eq!(check("0 * 1 7 *", "Europe/Berlin", "2026-01-15T12:00:00+01:00"), july);
    let half_hour = ["Sun 2026-10-04 01:30 +10:30", "Sun 2026-10-04 02:30 +11:00", "Sun 2026-10-04 03:00 +11:00"];
    assert_eq!(check("*/30 * * * *", "Australia/Lord_Howe", "2026-10-04T01:00:00+10:30"), half_hour);
}

/// Against walking minute by minute, over both changes of the clocks in three zones.
#[test]
fn every_hour_is_what_the_wall_clocks_show() {
    let cadence = Cadence::parse("*/20 * * * sun").unwrap();
    for (zone, month) in
        [("Europe/Berlin", 3), ("Europe/Berlin", 10), ("America/New_York", 11), ("Australia/Lord_Howe", 4)]
    {
        let zone: Tz = zone.parse().unwrap();
        let fits = |instant: &DateTime<Utc>| {
            instant
                .with_timezone(&zone)
                .format("%a %M")
                .to_string()
                .strip_prefix("Sun ")
                .is_some_and(|minute| ["00", "20", "40"].contains(&minute))
        };
        let start = Utc.with_ymd_and_hms(2026, month, 1, 0, 0, 0).unwrap();
        let minutes = (1..32 * 24 * 60).map(|minute| start + TimeDelta::minutes(minute));
        let expected: Vec<_> = minutes.filter(fits).take(360).collect();
        let found =
            std::iter::successors(Some(start), |now| cadence.next_after(*now, zone)).skip(1).take(expected.len());
        assert!(found.eq(expected), "{zone} in month {month}");
    }
}

#[test]
fn the_next_time_is_always_later() {
    let berlin: Tz = "Europe/Berlin".parse().unwrap();
    let start = DateTime::parse_from_rfc3339("2026-10-25T00:00:00.750+02:00").unwrap().to_utc();
    for expression in ["*/7 * * * *", "*/20 1-3 * * *", "30 2 * * 0", "0 */2 * * *"] {
        let cadence = Cadence::parse(expression).unwrap();
        for minutes in 0..300 {
            let now = start + TimeDelta::minutes(minutes);
            assert!(cadence.next_after(now, berlin).unwrap() > now, "{expression} after {now}");
        }
    }
}

#[test]
fn what_is_wrong_and_how_to_mend_it() {
    let mistakes = [
        "61 * * * *",
        "0 0 9***",
        "* * * * * *",
        "? * * * *",
        "0 0 ? * *",
        "0 0 30 2 *",
        "5/20 * * * *",
        "*/0 * * * *",
        "0 17-9 * * *",
        "0 0 * foo *",
        "0 0 * * 8",
        "1,,2 * * * *",
        "+1 * * * *",
        "@reboot",
        "",
    ]
    .map(refused)
    .join("\n");
    insta::assert_snapshot!(mistakes, @r#"
    minute "61": not within 0 to 59; write 0 to 59, *, a range such as 1-5, */2 or a list
    3 fields instead of five; write minute, hour, day of month, month and weekday with spaces between, such as "*/15 * * * *"
    6 fields instead of five; write minute, hour, day of month, month and weekday with spaces between, such as "*/15 * * * *"
    minute "?": not understood; write 0 to 59, *, a range such as 1-5, */2 or a list
    day of month "?": not understood; write 1 to 31, *, a range such as 1-5, */2 or a list
    this day never comes; write a day of month that the month has
    minute "5/20": a step needs a range; write 5-59/20
    minute "*/0": a step is a number from 1 to 59; write 0 to 59, *, a range such as 1-5, */2 or a list
    hour "17-9": the range runs backwards; write 0 to 23, *, a range such as 1-5, */2 or a list
    month "foo": not understood; write 1 to 12 or jan to dec, *, a range such as 1-5, */2 or a list
    weekday "8": not within 0 to 7; write 0 to 7 or sun to sat, *, a range such as 1-5, */2 or a list
    minute "": not understood; write 0 to 59, *, a range such as 1-5, */2 or a list
    minute "+1": not understood; write 0 to 59, *, a range such as 1-5, */2 or a list
    no such nickname as @reboot; write @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually or five fields
    0 fields instead of five; write minute, hour, day of month, month and weekday with spaces between, such as "*/15 * * * *"
    "#);
}

#[test]
fn waits_double_up_to_the_cap() {
    let wait = |attempt| backoff(attempt, Duration::from_secs(30), Duration::from_hours(1)).as_secs();
    assert_eq!(
        [0, 1, 2, 3, 7, 8, 31, 32, 33, u32::MAX].map(wait),
        [30, 30, 60, 120, 1920, 3600, 3600, 3600, 3600, 3600]
    );
    assert_eq!(backoff(u32::MAX, Duration::MAX, Duration::MAX), Duration::MAX);
}

/// Computed by another implementation; `examples/cron_oracle.rs` tells how.
#[test]
fn the_table_of_another_implementation() {
    let table = include_str!("../../../tests/fixtures/cron/table.txt");
    let mut compared = 0;
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let [expression, zone, after, times] = line.split("; ").collect::<Vec<_>>().try_into().unwrap();
        let time = |text: &str| -> DateTime<Utc> { format!("{}:00Z", text.trim_end_matches('Z')).parse().unwrap() };
        let (cadence, zone) = (Cadence::parse(expression).unwrap(), zone.parse().unwrap());
        let found = std::iter::successors(Some(time(after)), |now| cadence.next_after(*now, zone)).skip(1).take(3);
        assert_eq!(found.collect::<Vec<_>>(), times.split(' ').map(time).collect::<Vec<_>>(), "{line}");
        compared += 1;
    }
    assert!(compared > 300, "{compared}");
}

/// Summer time that comes at one, two or three, at midnight, by half an hour, in the south, and twice a year by decree.
#[test]
fn changes_of_the_clocks_are_what_a_walk_over_the_minutes_finds() {
    let zones = [
        "Europe/Berlin",
        "America/New_York",
        "Africa/Cairo",
        "Asia/Beirut",
        "America/Santiago",
        "Australia/Lord_Howe",
        "Africa/Casablanca",
    ];
    let start = Utc.with_ymd_and_hms(2026, 1, 1, 0, 0, 0).unwrap();
    for zone in zones {
        let zone: Tz = zone.parse().unwrap();
        let nights = changes(zone, start, start + TimeDelta::days(365));
        assert!(nights.len() >= 2, "{zone}");
        for night in nights {
            let (from, to) = (night - TimeDelta::hours(5), night + TimeDelta::hours(5));
            for expression in
                ["30 2 * * *", "0 0 * * *", "*/20 0-3 * * *", "15 */2 * * *", "45 1 * * 0", "*/30 * * * *"]
            {
                let cadence = Cadence::parse(expression).unwrap();
                let found = std::iter::successors(cadence.next_after(from, zone), |now| cadence.next_after(*now, zone));
                let found: walk::Instants = found.take_while(|at| *at <= to).collect();
                assert_eq!(found, walk(expression, from, to, zone), "{expression} in {zone} around {night}");
            }
        }
    }
}
