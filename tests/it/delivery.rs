//! When and how alerts arrive, over days of a clock that the test moves: outages, digests, bursts, quiet hours,
//! fallbacks, heartbeats, and what the program says of itself.

use std::fs;

use chrono::{DateTime, TimeDelta, Utc};
use pressdiff::cli::demo_site::DemoSite;
use pressdiff::config::Config;
use pressdiff::domain::model::AlertState;
use serde_json::Value;

use crate::notify::{Desk, log, start};
use crate::support::app::TestApp;
use crate::support::program;

impl Desk {
    fn set(&self, now: &str) {
        self.clock.set(now.parse::<DateTime<Utc>>().unwrap());
    }

    /// Delivers every so often for so long, from now on; attempts that failed.
    async fn deliver_for(&self, time: TimeDelta, step: TimeDelta) -> usize {
        let end = self.clock.now() + time;
        let mut failed = 0;
        while self.clock.now() < end {
            self.wait(step);
            failed += self.deliver().await.1;
        }
        failed
    }

    /// The notices in a log.
    fn notices(&self, name: &str) -> Vec<Value> {
        let text = fs::read_to_string(self.folder.path().join(name)).unwrap_or_default();
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.filter(|line| line["notice"].is_string()).collect()
    }

    /// Other alerts from now on.
    fn configure(&mut self, alerts: &str) {
        let text = format!("[[source]]\nid = \"harbour\"\npages = [\"https://example.org/\"]\n{alerts}");
        self.config = Config::parse(&text, &self.folder.path().join("pressdiff.toml")).unwrap();
    }

    fn mend(&self, folder: &str) {
        fs::create_dir(self.folder.path().join(folder)).unwrap();
    }

    async fn messages(&self) -> usize {
        self.store.list_messages(None).await.unwrap().len()
    }
}

fn words(notices: &[Value]) -> Vec<&str> {
    notices.iter().map(|notice| notice["notice"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn after_a_week_without_its_channel_everything_arrives_once_and_in_order() {
    let desk = Desk::with(&(log("down/a.jsonl", "") + &log("b.jsonl", ""))).await;
    let mut failed = 0;
    for _ in 0..7 {
        desk.record(3).await;
        failed += desk.deliver_for(TimeDelta::days(1), TimeDelta::minutes(10)).await;
    }
    assert!((100..400).contains(&failed), "{failed} attempts in a week");
    assert_eq!(desk.logged("b.jsonl"), (1..=21).collect::<Vec<_>>(), "another channel is not held up");
    assert_eq!(desk.store.count_messages().await.unwrap().pending, 21);

    desk.mend("down");
    desk.deliver_for(TimeDelta::minutes(40), TimeDelta::minutes(5)).await;
    let mut arrived = desk.logged("down/a.jsonl");
    // The one that found the channel mended may have come first.
    assert!(arrived[1..].is_sorted(), "{arrived:?}");
    arrived.sort_unstable();
    assert_eq!(arrived, (1..=21).collect::<Vec<_>>());
    assert_eq!(desk.states().await, [AlertState::Sent; 42]);
    assert_eq!(desk.store.list_failing().await.unwrap(), []);
}

#[tokio::test]
async fn what_cannot_be_delivered_for_two_weeks_is_given_up_and_can_be_tried_again() {
    let desk = Desk::with(&log("down/a.jsonl", "")).await;
    desk.record(2).await;
    desk.deliver_for(TimeDelta::days(13), TimeDelta::hours(1)).await;
    assert_eq!(desk.states().await, [AlertState::Pending; 2]);
    desk.deliver_for(TimeDelta::days(2), TimeDelta::hours(1)).await;
    let failed = desk.store.list_messages(Some(AlertState::Failed)).await.unwrap();
    assert_eq!(failed.len(), 2);
    assert!(failed.iter().all(|line| line.error.as_ref().unwrap().contains("down/a.jsonl")), "{failed:?}");

    desk.mend("down");
    assert_eq!(desk.store.retry_all(desk.clock.now()).await.unwrap(), 2);
    assert_eq!(desk.deliver().await, (2, 0));
    assert_eq!(desk.logged("down/a.jsonl"), [1, 2]);
}

#[tokio::test]
async fn after_a_month_off_nothing_is_given_up_before_it_was_tried_in_earnest() {
    let desk = Desk::with(&log("down/a.jsonl", "")).await;
    desk.record(2).await;
    desk.wait(TimeDelta::days(30));
    assert_eq!(desk.deliver().await, (0, 1));
    assert_eq!(desk.states().await, [AlertState::Pending; 2]);
    desk.mend("down");
    desk.wait(TimeDelta::minutes(1));
    assert_eq!(desk.deliver().await, (2, 0));
}

#[tokio::test]
async fn after_a_time_off_nothing_is_given_up_that_was_hardly_tried() {
    let desk = Desk::with(&log("down/a.jsonl", "")).await;
    desk.record(6).await;
    assert_eq!(desk.deliver().await, (0, 1));
    desk.wait(TimeDelta::days(15));
    assert_eq!(desk.deliver().await, (0, 1), "one attempt in two weeks, and no more");
    assert_eq!(desk.states().await, [AlertState::Pending; 6]);
    desk.mend("down");
    desk.wait(TimeDelta::minutes(2));
    assert_eq!(desk.deliver().await, (6, 0));
}

#[tokio::test]
async fn what_was_never_tried_is_never_given_up() {
    let desk = Desk::with(&log("down/a.jsonl", "burst_limit = 1000")).await;
    desk.record(40).await;
    desk.deliver_for(TimeDelta::days(16), TimeDelta::hours(1)).await;
    let messages = desk.store.list_messages(None).await.unwrap();
    let (given_up, waiting): (Vec<_>, Vec<_>) = messages.iter().partition(|line| line.state == AlertState::Failed);
    assert!(!given_up.is_empty() && given_up.iter().all(|line| line.attempts >= 20), "{given_up:?}");
    assert!(waiting.iter().any(|line| line.attempts == 0), "{waiting:?}");
    desk.mend("down");
    desk.wait(TimeDelta::hours(1));
    assert_eq!(desk.deliver().await, (waiting.len(), 0));
}

#[tokio::test]
async fn what_waits_for_an_alert_that_is_gone_is_given_up_after_two_weeks() {
    let mut desk = Desk::with(&(log("a.jsonl", "burst_limit = 1000") + &log("b.jsonl", ""))).await;
    desk.record(40).await;
    desk.config.alerts.remove(0);
    desk.deliver_for(TimeDelta::days(15), TimeDelta::hours(6)).await;
    assert!(desk.store.list_messages(Some(AlertState::Pending)).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_digest_that_waits_follows_the_configuration() {
    let rhythm = |lines: &str| log("a.jsonl", lines);
    for (before, after, due) in [
        ("digest = \"0 8 1 1 *\"", "", "2026-05-20T08:01:00Z"),
        ("digest = \"0 8 1 1 *\"", "digest = \"0 * * * *\"", "2026-05-20T09:00:00Z"),
        ("digest = \"0 * * * *\"", "digest = \"30 22 * * *\"", "2026-05-20T22:30:00Z"),
        ("quiet_hours = \"07:00-23:00\"", "", "2026-05-20T08:01:00Z"),
        ("quiet_hours = \"07:00-23:00\"", "quiet_hours = \"07:00-10:00\"", "2026-05-20T10:00:00Z"),
        ("digest = \"0 8 1 1 *\"", "quiet_hours = \"08:00-10:00\"", "2026-05-20T10:00:00Z"),
        ("digest = \"0 8 1 1 *\"", "quiet_hours = \"08:01-10:00\"", "2026-05-20T10:00:00Z"),
    ] {
        let mut desk = Desk::with(&rhythm(before)).await;
        desk.record(2).await;
        assert_eq!(desk.deliver().await, (0, 0));
        desk.wait(TimeDelta::minutes(1));
        desk.configure(&rhythm(after));
        let due: DateTime<Utc> = due.parse().unwrap();
        let early = [desk.clock.now(), due - TimeDelta::seconds(1)];
        for early in early.into_iter().filter(|early| *early >= desk.clock.now() && *early < due) {
            desk.clock.set(early);
            assert_eq!(desk.deliver().await, (0, 0), "{before} to {after}");
        }
        desk.clock.set(due);
        assert_eq!(desk.deliver().await, (1, 0), "{before} to {after}");
        assert_eq!(desk.logged("a.jsonl"), [1, 2]);
    }
}

#[tokio::test]
async fn a_digest_that_was_tried_keeps_its_time() {
    let mut desk = Desk::with(&log("down/a.jsonl", "digest = \"0 * * * *\"")).await;
    desk.record(1).await;
    desk.wait(TimeDelta::hours(1));
    assert_eq!(desk.deliver().await, (0, 1));
    desk.configure(&log("down/a.jsonl", "digest = \"0 8 1 1 *\""));
    desk.mend("down");
    desk.wait(TimeDelta::minutes(2));
    assert_eq!(desk.deliver().await, (1, 0));
}

#[tokio::test]
async fn a_burst_is_one_message_with_everything_in_it() {
    let desk = Desk::with(&log("a.jsonl", "burst_limit = 3")).await;
    desk.record(3).await;
    assert_eq!(desk.deliver().await, (3, 0));
    desk.record(4).await;
    assert_eq!(desk.deliver().await, (1, 0));
    assert_eq!(desk.logged("a.jsonl"), (1..=7).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_digest_arrives_at_eight_in_berlin_on_the_days_that_the_clocks_change() {
    let desk = Desk::with(&log("a.jsonl", "digest = \"0 8 * * *\"\ntimezone = \"Europe/Berlin\"")).await;
    for (recorded, early, due) in [
        ("2026-03-28T12:00:00Z", "2026-03-29T05:59:59Z", "2026-03-29T06:00:00Z"),
        ("2026-10-24T12:00:00Z", "2026-10-25T06:59:59Z", "2026-10-25T07:00:00Z"),
    ] {
        desk.set(recorded);
        desk.record(30).await;
        desk.wait(TimeDelta::hours(3));
        desk.record(1).await;
        desk.set(early);
        assert_eq!(desk.deliver().await, (0, 0), "{early}");
        desk.set(due);
        assert_eq!(desk.deliver().await, (1, 0), "{due}");
    }
    assert_eq!(desk.logged("a.jsonl"), (1..=62).collect::<Vec<_>>());
    desk.deliver_for(TimeDelta::days(3), TimeDelta::hours(1)).await;
    assert_eq!(desk.messages().await, 2, "nothing is sent when there is nothing");
}

#[tokio::test]
async fn quiet_hours_end_with_one_message() {
    let desk = Desk::with(&log("a.jsonl", "quiet_hours = \"22:00-07:00\"\ntimezone = \"Europe/Berlin\"")).await;
    desk.set("2026-05-20T19:59:00Z");
    desk.record(1).await;
    assert_eq!(desk.deliver().await, (1, 0));
    for minutes in [2, 60, 180] {
        desk.wait(TimeDelta::minutes(minutes));
        desk.record(1).await;
        assert_eq!(desk.deliver().await, (0, 0));
    }
    desk.set("2026-05-21T05:00:00Z");
    assert_eq!(desk.deliver().await, (1, 0));
    assert_eq!(desk.logged("a.jsonl"), [1, 2, 3, 4]);
}

#[tokio::test]
async fn a_message_under_way_when_the_program_died_comes_again_as_it_was() {
    let lines = "digest = \"0 8 * * *\"";
    let mut desk = Desk::with(&log("a.jsonl", lines)).await;
    desk.record(2).await;
    desk.set("2026-05-21T08:00:00Z");
    let lease = std::time::Duration::from_mins(5);
    let before = desk.store.claim_message("a.jsonl", desk.clock.now(), lease).await.unwrap().unwrap();
    // It may have arrived: what happens now is for the next message.
    desk.set("2026-05-21T07:59:59Z");
    desk.record(1).await;
    let path = desk.folder.path().join("pressdiff.db");
    drop(std::mem::replace(
        &mut desk.store,
        pressdiff::store::Store::open(&desk.folder.path().join("other.db")).unwrap(),
    ));
    desk.store = pressdiff::store::Store::open(&path).unwrap();
    desk.set("2026-05-21T08:00:01Z");
    let again = desk.store.claim_message("a.jsonl", desk.clock.now(), lease).await.unwrap().unwrap();
    assert_eq!((again.id, &again.store, again.attempts), (before.id, &before.store, 2));
    assert_eq!(desk.store.list_told(again.id).await.unwrap().len(), 2);
    desk.wait(TimeDelta::minutes(5));
    assert_eq!(desk.deliver().await, (2, 0));
    assert_eq!(desk.logged("a.jsonl"), [1, 2, 3]);
}

#[tokio::test]
async fn the_fallback_is_told_once_after_an_hour_and_once_when_it_is_over() {
    let desk =
        Desk::with(&(log("down/a.jsonl", "fallback = \"b.jsonl\"") + &log("b.jsonl", "kinds = [\"new\"]"))).await;
    desk.record(2).await;
    desk.deliver().await;
    desk.deliver_for(TimeDelta::minutes(59), TimeDelta::minutes(1)).await;
    assert_eq!(desk.logged("b.jsonl"), [0; 0]);
    desk.deliver_for(TimeDelta::minutes(2), TimeDelta::minutes(1)).await;
    assert_eq!(desk.logged("b.jsonl"), [1, 2]);
    desk.record(1).await;
    desk.deliver_for(TimeDelta::hours(12), TimeDelta::minutes(10)).await;
    assert_eq!(desk.logged("b.jsonl"), [1, 2, 3], "what happens while it lasts is told too, once");
    let notices = desk.notices("b.jsonl");
    assert_eq!(words(&notices), ["channel-failing"]);
    assert_eq!((&notices[0]["alert"], &notices[0]["waiting"]), (&"down/a.jsonl".into(), &2.into()));
    assert_eq!(notices[0]["since"], "2026-05-20T08:00:00Z");

    desk.mend("down");
    desk.deliver_for(TimeDelta::hours(2), TimeDelta::minutes(10)).await;
    assert_eq!(words(&desk.notices("b.jsonl")), ["channel-failing", "channel-recovered"]);
    let mut arrived = desk.logged("down/a.jsonl");
    arrived.sort_unstable();
    assert_eq!((arrived, desk.logged("b.jsonl").len()), (vec![1, 2, 3], 3));
}

#[tokio::test]
async fn what_is_given_up_goes_to_the_fallback_at_once() {
    let desk = Desk::with(&(log("a.jsonl", "fallback = \"b.jsonl\"") + &log("b.jsonl", "burst_limit = 1"))).await;
    desk.record(2).await;
    for _ in 0..2 {
        let lease = std::time::Duration::from_mins(5);
        let claimed = desk.store.claim_message("a.jsonl", start(), lease).await.unwrap().unwrap();
        let recipient = claimed.addressee.recipient;
        desk.store
            .note_failure("a.jsonl", Some(&recipient), "no such mailbox", start(), |_| TimeDelta::zero())
            .await
            .unwrap();
        desk.store.mark_failed(claimed.id, start(), "no such mailbox").await.unwrap();
    }
    desk.deliver().await;
    desk.deliver().await;
    assert_eq!(desk.logged("b.jsonl"), [1, 2], "b hears of them by itself and is not told twice");
    let notices = desk.notices("b.jsonl");
    assert_eq!(words(&notices), ["channel-failing"]);
    assert!(notices[0]["error"].as_str().unwrap().ends_with("a.jsonl: no such mailbox"), "{notices:?}");
}

#[tokio::test]
async fn a_heartbeat_comes_at_its_times_and_once_after_a_long_time_off() {
    let lines = "digest = \"0 8 1 * *\"\nheartbeat = \"0 9 * * 1\"\ntimezone = \"Europe/Berlin\"";
    let desk = Desk::with(&log("a.jsonl", lines)).await;
    desk.deliver().await;
    desk.wait(TimeDelta::minutes(1));
    desk.record(2).await;
    // The first Monday after the start, a Wednesday, is the 25th.
    desk.set("2026-05-25T06:59:59Z");
    assert_eq!(desk.deliver().await, (0, 0));
    desk.set("2026-05-25T07:00:00Z");
    assert_eq!(desk.deliver().await, (1, 0));
    assert_eq!(desk.deliver().await, (0, 0));
    let beat = &desk.notices("a.jsonl")[0];
    assert_eq!((&beat["sources"], &beat["releases"], &beat["events"]), (&1.into(), &0.into(), &2.into()));

    desk.wait(TimeDelta::days(60));
    desk.deliver().await;
    assert_eq!(words(&desk.notices("a.jsonl")), ["heartbeat", "heartbeat"]);
    assert_eq!(desk.notices("a.jsonl")[1]["events"], 0);
}

#[tokio::test]
async fn a_source_that_is_not_checked_is_told_once_and_once_when_it_is_over() {
    let app = TestApp::watching().await;
    assert_eq!(app.miss_checks().await.as_deref(), Some("site / unchecked"));
    assert_eq!(app.miss_checks().await, None);
    assert_eq!(app.check().await, ["site / unchecked recovered"]);
    assert_eq!(app.check().await, [""; 0]);
    assert_eq!(app.miss_checks().await.as_deref(), Some("site / unchecked"));
}

#[tokio::test]
async fn keywords_are_looked_for_in_what_changed_or_in_the_whole_release() {
    let alerts = log("changed.jsonl", "keywords = [\"whale\"]")
        + &log("anywhere.jsonl", "keywords = [\"whale\"]\nkeywords_in = \"release\"");
    let app = TestApp::with(&alerts).await;
    let slug = app.site.slug(1);
    app.site.edit(&slug, |release| release.paragraphs[0].push_str(" The museum shows a whale."));
    assert_eq!(app.check().await, [""; 0]);
    let told = |app: &TestApp| (app.logged("changed.jsonl").len(), app.logged("anywhere.jsonl").len());
    app.site.edit(&slug, |release| release.paragraphs[1].push_str(" Some 40 berths are closed until Friday."));
    app.check().await;
    assert_eq!(told(&app), (0, 1));
    app.site.edit(&slug, |release| release.paragraphs[0] = release.paragraphs[0].replace("a whale", "an old ship"));
    app.check().await;
    assert_eq!(told(&app), (1, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_shows_tests_and_repairs_the_outbox() {
    let site = DemoSite::start().await.unwrap();
    let listing = site.root().join("news/").unwrap();
    let text = format!(
        "[fetch]\nallow_private_addresses = true\nper_host_interval = \"1ms\"\n\
         [[source]]\nid = \"demo\"\nlistings = [\"{listing}\"]\n{}",
        log("down/a.jsonl", "")
    );
    let desk = program::Desk::configured(&text);
    desk.succeed(&["check"]);
    site.set_step((1..DemoSite::steps()).find(|step| !DemoSite::expected(*step).is_empty()).unwrap());
    assert_eq!(desk.run(&["check"]).status, 1, "what was not delivered makes the check incomplete");

    let failed = desk.run(&["test-alert", "down/a.jsonl"]);
    assert_eq!((failed.status, failed.out.as_str()), (1, ""));
    assert!(failed.err.contains("cannot write to") && failed.err.contains("down/a.jsonl"), "{}", failed.err);
    assert_eq!(desk.run(&["test-alert", "dwon"]).status, 2);
    let sources = desk.run(&["sources"]);
    assert!(sources.err.contains("alert down/a.jsonl: not delivered since 2"), "{}", sources.err);

    let listed = desk.succeed(&["alerts", "--pending", "--format", "jsonl"]);
    let line: Value = serde_json::from_str(listed.lines().next().unwrap()).unwrap();
    assert_eq!((&line["state"], &line["attempts"], &line["form"]), (&"pending".into(), &1.into(), &"single".into()));
    assert!(line["error"].as_str().unwrap().contains("down/a.jsonl") && line["next_at"].is_string(), "{line}");
    assert!(desk.succeed(&["alerts"]).starts_with("ID"), "a table");
    let failed = desk.run(&["alerts", "--failed"]);
    assert_eq!((failed.status, failed.out.as_str(), failed.err.as_str()), (0, "", "nothing has failed\n"));

    fs::create_dir(desk.path("down")).unwrap();
    let id = line["id"].to_string();
    let unknown = desk.run(&["alerts", "--retry", "999"]);
    assert!(unknown.status == 1 && unknown.err.contains("there is no message 999"), "{unknown:#?}");
    desk.succeed(&["alerts", "--retry", &id]);
    desk.succeed(&["check"]);
    assert_eq!(desk.succeed(&["alerts"]), "");
    let arrived = desk.run(&["alerts", "--retry", &id]);
    assert!(arrived.status == 1 && arrived.err.contains(&format!("message {id} was delivered")), "{arrived:#?}");
    assert!(desk.run(&["alerts", "--retry", "all"]).err.contains("no message had failed"));
    assert!(desk.run(&["alerts", "--pending"]).err.contains("nothing waits\n"));
    assert!(!desk.succeed(&["alerts", "--all"]).contains("never"), "what was sent is not tried");
    desk.succeed(&["test-alert", "down/a.jsonl"]);
    let log = fs::read_to_string(desk.path("down/a.jsonl")).unwrap();
    assert!(log.lines().last().unwrap().starts_with("{\"notice\":\"sample\""), "{log}");
}
