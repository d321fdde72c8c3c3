use super::*;

const MINUTES: TimeDelta = TimeDelta::minutes(15);

fn noon() -> DateTime<Utc> {
    "2026-06-01T12:00:00Z".parse().unwrap()
}

/// A release that was published so many days ago and never changed, looked at so long ago.
fn prospect(id: i64, days: i64, ago: TimeDelta) -> Prospect {
    let born_at = noon() - TimeDelta::days(days);
    Prospect {
        id: ReleaseId(id),
        state: ReleaseState::Present,
        born_at,
        found_at: born_at,
        stirred_at: None,
        looks: Looks { count: 100, changes: 0, last_at: Some(noon() - ago) },
    }
}

fn plan(budget: usize) -> Plan {
    Plan { max_age: MAX_AGE, now: noon(), gap: MINUTES, budget, due_from: DUE_FROM }
}

/// The chosen ones of releases, among eight that were looked at a moment ago and are chosen only to make up the number.
fn check(budget: usize, prospects: &[Prospect]) -> Vec<i64> {
    let fill = (900..900 + 8).map(|id| prospect(id, 700, TimeDelta::zero()));
    let all: Vec<Prospect> = prospects.iter().copied().chain(fill).collect();
    plan(budget).choose(&all, &BTreeSet::new()).into_iter().map(|id| id.0).filter(|id| *id < 900).collect()
}

/// After how many quarters of an hour a release of this age is due.
fn due_after(days: i64) -> i32 {
    let is_due = |quarters: &i32| {
        let fill = (900..900 + 8).map(|id| prospect(id, 1, TimeDelta::hours(2)));
        let all: Vec<Prospect> = fill.chain([prospect(1, days, MINUTES * *quarters)]).collect();
        plan(100).choose(&all, &BTreeSet::new()).contains(&ReleaseId(1))
    };
    (1..100_000).find(is_due).unwrap()
}

#[test]
fn the_longer_a_release_was_quiet_the_rarer_it_is_looked_at() {
    assert_eq!([1, 2, 10, 30, 100, 365].map(due_after), [1, 2, 10, 29, 97, 351]);
    assert!(due_after(10_000) <= 7 * 24 * 4, "never less often than once a week");
}

#[test]
fn a_release_that_changed_is_young_again() {
    let quiet = prospect(1, 100, MINUTES);
    let changed = Prospect { stirred_at: Some(noon() - TimeDelta::hours(40)), ..prospect(2, 100, MINUTES) };
    let fill = (900..900 + 8).map(|id| prospect(id, 1, TimeDelta::hours(2)));
    let all: Vec<Prospect> = fill.chain([quiet, changed]).collect();
    let chosen = plan(100).choose(&all, &BTreeSet::new());
    assert_eq!([1, 2].map(|id| chosen.contains(&ReleaseId(id))), [false, true]);
}

#[test]
fn the_estimate_is_the_bias_reduced_one() {
    let habit = |count, changes| {
        let looks = Looks { count, changes, last_at: Some(noon()) };
        Prospect { looks, ..prospect(1, 100, TimeDelta::zero()) }.observed() * 86_400.0
    };
    assert!(habit(1_000, 0).abs() < f64::EPSILON);
    // 100 looks in 100 days: -ln((100 - 10 + 0.5) / 100.5) a day.
    assert!((habit(100, 10) - 0.104_80).abs() < 1e-4, "{}", habit(100, 10));
    // Every look found a change: many more may have been missed, but the estimate stays finite.
    assert!((habit(10, 10) - 0.304_45).abs() < 1e-4, "{}", habit(10, 10));
    assert!(habit(2, 7).is_finite(), "counts of an older version may not fit");
}

#[test]
fn a_release_that_changes_again_and_again_is_looked_at_each_time() {
    let looks = Looks { count: 1_000, changes: 12, last_at: Some(noon() - MINUTES) };
    let serial = Prospect { looks, stirred_at: Some(noon() - TimeDelta::days(9)), ..prospect(1, 100, MINUTES) };
    assert_eq!(check(100, &[serial]), [1]);
}

#[test]
fn the_budget_goes_to_the_likeliest_and_what_must_be_is_beyond_it() {
    let due: Vec<Prospect> = (1..=20).map(|id| prospect(id, 10 * id, TimeDelta::days(4))).collect();
    assert_eq!(check(10, &due), (1..=10).collect::<Vec<_>>());
    let overdue = prospect(30, 400, TimeDelta::days(8));
    let suspect = Prospect { state: ReleaseState::Suspect, ..prospect(31, 400, MINUTES) };
    let unread = Prospect { looks: Looks::default(), ..prospect(32, 400, MINUTES) };
    let all: Vec<Prospect> = due.into_iter().chain([overdue, suspect, unread]).collect();
    assert_eq!(check(10, &all), [1, 2, 3, 4, 5, 6, 7, 30, 31, 32]);
    assert_eq!(check(0, &all[20..]), [30, 31, 32]);
}

#[test]
fn a_sign_is_followed_whatever_the_rule_says() {
    let all: Vec<Prospect> = (1..=40).map(|id| prospect(id, 400, MINUTES)).collect();
    let chosen = plan(100).choose(&all, &BTreeSet::from([ReleaseId(33)]));
    assert_eq!((chosen.len(), chosen.contains(&ReleaseId(33))), (FEWEST, true));
}

#[test]
fn releases_that_were_found_together_do_not_become_overdue_together() {
    let weeks_end = |hours: i64| {
        let all: Vec<Prospect> = (1..=400).map(|id| prospect(id, 4_000, TimeDelta::hours(hours))).collect();
        plan(0).choose(&all, &BTreeSet::new()).len()
    };
    assert_eq!(weeks_end(5 * 24), FEWEST);
    assert!((150..250).contains(&weeks_end(147)), "{}", weeks_end(147));
    assert_eq!(weeks_end(7 * 24), 400);
}

#[test]
fn a_clock_that_was_set_back_makes_a_release_due() {
    assert_eq!(check(100, &[prospect(1, 400, TimeDelta::days(-3))]), [1]);
}

#[test]
fn nothing_calls_for_a_look_while_a_release_rests_and_something_does_when_its_rest_is_over() {
    let second = TimeDelta::seconds(1);
    for (days, changes) in [(3, 0), (10, 0), (30, 1), (100, 0), (100, 3), (400, 12), (4_000, 0), (4_000, 90)] {
        for id in 1..=20 {
            let looks = Looks { count: 1_000, changes, last_at: Some(noon()) };
            let prospect = Prospect { looks, ..prospect(id, days, TimeDelta::zero()) };
            let need = |now| Plan { now, ..plan(0) }.need(&prospect, &BTreeSet::new());
            let until = plan(0).rests_until(&prospect).unwrap();
            assert!(need(until - second) == Need::Idle || until - second < noon(), "{days} days, {until}");
            assert_ne!(need(until + second * 2), Need::Idle, "{days} days, {changes} changes, {until}");
        }
    }
}

#[test]
fn what_may_change_at_any_time_does_not_rest() {
    let young = prospect(1, 1, MINUTES);
    let suspect = Prospect { state: ReleaseState::Suspect, ..prospect(2, 400, MINUTES) };
    let unread = Prospect { looks: Looks::default(), ..prospect(3, 400, MINUTES) };
    let tomorrows = prospect(4, 400, TimeDelta::days(-1));
    let resting = prospect(5, 400, MINUTES);
    let all = [young, suspect, unread, tomorrows, resting];
    let resting = plan(0).resting(&all, &BTreeSet::new());
    assert_eq!(resting.iter().map(|(id, _)| id.0).collect::<Vec<_>>(), [5]);
}
