//! Disks, files, clocks and networks fail. Each time a message says what, where and how to mend it; afterwards the
//! program has reported what an undisturbed one reports.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Output};

use chrono::TimeDelta;
use pressdiff::cli::demo_site::DemoSite;
use rusqlite::Connection;
use url::Url;

use crate::kill::{PROGRAM, Scene, blocking};
use crate::run::Daemon;
use crate::support::app::TestApp;
use crate::support::evolving::{Fate, Trouble};
use crate::support::program::Desk;

/// Standard error of a program that could not do what it was asked to.
fn complaint(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    text
}

/// Two undisturbed checks of a desk come to what an undisturbed desk has come to.
async fn assert_recovers(scene: &Scene, desk: &crate::kill::Desk, repeats: usize) {
    blocking(|| desk.check());
    blocking(|| desk.check());
    assert_eq!(desk.events().await, scene.expected);
    desk.assert_told(repeats).await;
    desk.assert_whole().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_takes_no_more_costs_a_check_and_nothing_else() {
    let scene = Scene::set().await;
    // Late in the check the disk may take no more just when it is to be noted that an event was told.
    for (hundredths, repeats) in [(15, 0), (60, 1)] {
        let desk = scene.baseline.copy();
        // A file that may not grow fails as a disk does that is full, and needs no disk of its own. In blocks of 512.
        let blocks = scene.written * hundredths / 100 / 512;
        let limited = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" check --config \"$1\"");
        let mut command = Command::new("sh");
        command.args(["-c", &limited, PROGRAM]).arg(desk.path("pressdiff.toml"));
        let text = complaint(&blocking(|| command.output().unwrap()));
        assert!(text.contains("pressdiff.db") && text.contains("look at space, quota"), "{text}");
        desk.assert_whole().await;
        assert_recovers(&scene, &desk, repeats).await;
    }
}

/// Rights mean nothing to root: then somebody else runs the program, from a place where everybody may.
fn as_anybody(command: &mut Command) {
    if fs::metadata("/proc/self").unwrap().uid() == 0 {
        command.uid(65_534).gid(65_534);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_may_not_be_written_is_named_and_left_as_it_is() {
    let scene = Scene::set().await;
    let desk = scene.baseline.copy();
    let program = desk.path("pressdiff");
    fs::copy(PROGRAM, &program).unwrap();
    let folder = desk.path("");
    let allow = |path: &Path, mode: u32| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    allow(&program, 0o755);
    for (file, mode) in [("pressdiff.toml", 0o644), ("pressdiff.db", 0o444), ("pressdiff.db.lock", 0o666)] {
        allow(&desk.path(file), mode);
    }
    allow(&folder, 0o555);
    let before = fs::read(desk.path("pressdiff.db")).unwrap();
    let mut command = desk.command(&program);
    as_anybody(&mut command);
    let text = complaint(&blocking(|| command.output().unwrap()));
    assert!(text.contains("pressdiff.db") && text.contains("let this user write"), "{text}");
    assert!(fs::read(desk.path("pressdiff.db")).unwrap() == before);
    allow(&folder, 0o755);
    allow(&desk.path("pressdiff.db"), 0o644);
    assert_recovers(&scene, &desk, 0).await;
}

fn news(site: &DemoSite) -> Url {
    site.root().join("news/").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_deleted_under_the_daemon_is_noticed_and_saved() {
    let site = DemoSite::start().await.unwrap();
    let desk = Desk::with_schedule(&news(&site), "@yearly");
    let mut daemon = Daemon::start(&desk);
    daemon.wait_for("source checked");
    fs::remove_file(desk.path("pressdiff.db")).unwrap();
    let line = daemon.wait_for("was deleted or replaced while in use");
    assert!(line.contains("pressdiff.db.rescued: move it into its place and start again"), "{line}");
    assert_eq!(daemon.exit(), Some(1));
    // A service manager starts it again; an empty record must not take the place of the old one.
    let refused = desk.run(&["check"]);
    assert_eq!(refused.status, 1);
    assert!(refused.err.contains("pressdiff.db.rescued into its place"), "{}", refused.err);
    for name in ["pressdiff.db-wal", "pressdiff.db-shm"] {
        let _ = fs::remove_file(desk.path(name));
    }
    fs::rename(desk.path("pressdiff.db.rescued"), desk.path("pressdiff.db")).unwrap();
    site.set_step(2);
    desk.succeed(&["check"]);
    assert_eq!(desk.succeed(&["releases"]).lines().count(), 9);
    assert_eq!(desk.log().lines().count(), 1, "the edit of step 2, and no new baseline");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_from_elsewhere_is_waited_for() {
    let site = DemoSite::start().await.unwrap();
    let desk = Desk::with_schedule(&news(&site), "@yearly");
    let mut daemon = Daemon::start(&desk);
    daemon.wait_for("source checked");
    let other = Connection::open(desk.path("pressdiff.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let line = daemon.wait_for("the store takes no writes");
    assert!(line.contains("pressdiff.db") && line.contains("another program holds it"), "{line}");
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(daemon.end(), Some(0), "it has gone on");
    site.set_step(2);
    desk.succeed(&["check"]);
    assert_eq!(desk.log().lines().count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_reader_holds_nothing_up() {
    let scene = Scene::set().await;
    let desk = scene.baseline.copy();
    let reader = Connection::open(desk.path("pressdiff.db")).unwrap();
    let count = || reader.query_row("SELECT count(*) FROM events", [], |row| row.get::<_, u32>(0)).unwrap();
    reader.execute_batch("BEGIN").unwrap();
    assert_eq!(count(), 0);
    blocking(|| desk.check());
    assert_eq!(count(), 0, "it reads what was there when it began");
    reader.execute_batch("COMMIT").unwrap();
    drop(reader);
    blocking(|| desk.check());
    assert_eq!(desk.events().await, scene.expected);
    desk.assert_told(0).await;
}

/// Two edits and a removal, with a jump of the clock before each check.
async fn events_with_jumps(jumps: [TimeDelta; 4]) -> Vec<String> {
    let app = TestApp::watching().await;
    let [edited, removed, later] = [2, 5, 8].map(|at| app.site.slug(at));
    app.site.edit(&edited, |release| release.paragraphs[0].push_str(" The ferry is late by 40 minutes."));
    app.site.set_fate(&removed, Fate::Status(404));
    let mut events = Vec::new();
    for (number, jump) in jumps.into_iter().enumerate() {
        app.jump(jump);
        if number == 3 {
            app.site.edit(&later, |release| release.title.push_str(" at last"));
        }
        events.extend(app.check_sorted().await);
    }
    events
}

#[tokio::test]
async fn a_clock_that_jumps_by_a_day_changes_no_event() {
    let (none, day) = (TimeDelta::zero(), TimeDelta::days(1));
    let undisturbed = events_with_jumps([none; 4]).await;
    assert_eq!(undisturbed.len(), 3, "{undisturbed:?}");
    for jumps in [[day, none, none, none], [-day, none, none, none], [none, -day, none, none], [none, day, -day, -day]]
    {
        assert_eq!(events_with_jumps(jumps).await, undisturbed, "{jumps:?}");
    }
}

#[tokio::test]
async fn a_removal_is_confirmed_although_the_clock_was_set_back() {
    let app = TestApp::with("confirm_removal = { checks = 2, after = \"90m\" }").await;
    app.check().await;
    let removed = app.site.slug(3);
    app.site.set_fate(&removed, Fate::Status(410));
    assert_eq!(app.check().await, [""; 0]);
    app.jump(-TimeDelta::days(1));
    assert_eq!(app.check().await, [""; 0], "the wait begins again");
    assert_eq!(app.check().await, [""; 0]);
    assert_eq!(app.check().await, [format!("removed /news/{removed}/ gone")]);
}

#[tokio::test]
async fn a_day_without_a_network_is_one_outage() {
    let app = TestApp::watching().await;
    app.site.set_trouble(Some(Trouble::Reset));
    let mut events = Vec::new();
    for _ in 0..8 {
        app.jump(TimeDelta::hours(2));
        events.extend(app.check().await);
    }
    assert_eq!(events, ["site / outage"]);
    app.site.set_trouble(None);
    let edited = app.site.slug(4);
    app.site.edit(&edited, |release| release.title.push_str(" at last"));
    let after = app.check_sorted().await;
    assert_eq!(after, [format!("edited /news/{edited}/ title"), "site / outage recovered".to_owned()]);
}
