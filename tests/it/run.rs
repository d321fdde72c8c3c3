//! The daemon as a service manager meets it: it checks what is due, says so, and ends when it is asked to.

use std::fs::{self, OpenOptions};
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use pressdiff::cli::demo_site::DemoSite;
use pressdiff::domain::model::{SourceId, SourceState};
use pressdiff::store::{CheckOutcome, Store};
use url::Url;

use crate::support::program::Desk;
use crate::support::server::{Answer, Server};

/// The longest wait for a line of the log; only a broken daemon takes it.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long the end may take.
const END: Duration = Duration::from_secs(10);

/// A running daemon, killed when the test fails.
pub(crate) struct Daemon {
    child: Child,
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Daemon {
    pub(crate) fn start(desk: &Desk) -> Self {
        Self::spawn(desk.command(&["run", "-v"]).stdout(Stdio::null()))
    }

    /// Any way to start it.
    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let errors = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = channel();
        thread::spawn(move || errors.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Self { child, lines, seen: Vec::new() }
    }

    /// Waits for a line of the log with these words.
    pub(crate) fn wait_for(&mut self, words: &str) -> String {
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) if line.contains(words) => return line,
                Ok(line) => self.seen.push(line),
                Err(error) => panic!("no line with {words:?} ({error}): {:#?}", self.seen),
            }
        }
    }

    /// Asks it to end and returns its exit status; its log closes when it has ended.
    pub(crate) fn end(self) -> Option<i32> {
        self.signal("TERM");
        self.exit()
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, name: &str) {
        let process = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &process]).status().unwrap().success());
    }

    /// Waits for its end, and returns its exit status.
    pub(crate) fn exit(mut self) -> Option<i32> {
        loop {
            match self.lines.recv_timeout(END) {
                Ok(line) => self.seen.push(line),
                Err(RecvTimeoutError::Disconnected) => return self.child.wait().unwrap().code(),
                Err(RecvTimeoutError::Timeout) => panic!("still running: {:#?}", self.seen),
            }
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) fn news(site: &DemoSite) -> Url {
    site.root().join("news/").unwrap()
}

/// As if the source had never been checked, with all that is known of it.
pub(crate) async fn forget_check(desk: &Desk) {
    let store = Store::open(&desk.path("pressdiff.db")).unwrap();
    let outcome = CheckOutcome {
        ..CheckOutcome::quiet(SourceId("demo".into()), chrono::DateTime::UNIX_EPOCH, SourceState::default())
    };
    store.record(outcome).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_source_is_checked_at_once_and_the_daemon_ends_when_asked() {
    let site = DemoSite::start().await.unwrap();
    let desk = Desk::with_schedule(&news(&site), "@yearly");
    let mut daemon = Daemon::start(&desk);
    let line = daemon.wait_for("source checked");
    assert!(line.contains("source=demo") && line.contains("answered=8"), "{line}");
    assert_eq!(daemon.end(), Some(0));
    assert_eq!(desk.succeed(&["releases"]).lines().count(), 9);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_whose_time_has_not_come_is_left_alone() {
    let site = DemoSite::start().await.unwrap();
    let desk = Desk::with_schedule(&news(&site), "@yearly");
    desk.succeed(&["check"]);
    let mut daemon = Daemon::start(&desk);
    let line = daemon.wait_for("next check");
    assert!(line.contains("-01-01 00:00:"), "{line}");
    assert_eq!(daemon.end(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_are_delivered_beside_the_checks() {
    let site = DemoSite::start().await.unwrap();
    let desk = Desk::with_schedule(&news(&site), "@yearly");
    desk.succeed(&["check"]);
    site.set_step(2);
    forget_check(&desk).await;
    let mut daemon = Daemon::start(&desk);
    daemon.wait_for("source checked");
    assert_eq!(daemon.end(), Some(0));
    assert_eq!(desk.log(), desk.succeed(&["events", "--format", "jsonl"]));
    assert_eq!(desk.log().lines().count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_cannot_be_reached_does_not_end_the_daemon() {
    let server = Server::start().await;
    server.on("/news/", Answer::status(503));
    let desk = Desk::with_schedule(&server.url("/news/"), "@yearly");
    let mut daemon = Daemon::start(&desk);
    daemon.wait_for("source cannot be reached");
    daemon.wait_for("next check");
    assert_eq!(daemon.end(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_hangs_does_not_delay_the_end() {
    let server = Server::start().await;
    server.on("/news/", Answer::hang());
    let desk = Desk::with_schedule(&server.url("/news/"), "@yearly");
    let mut daemon = Daemon::start(&desk);
    daemon.wait_for("check begins");
    assert_eq!(daemon.end(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hangup_in_the_first_moment_is_a_reload() {
    let site = DemoSite::start().await.unwrap();
    let desk = Desk::with_schedule(&news(&site), "@yearly");
    let (path, text) = (desk.path("pressdiff.toml"), fs::read_to_string(desk.path("pressdiff.toml")).unwrap());
    fs::remove_file(&path).unwrap();
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    let mut daemon = Daemon::start(&desk);
    // A pipe can be opened when somebody reads from it: that is the daemon, before it knows what to do.
    let mut configuration = OpenOptions::new().write(true).open(&path).unwrap();
    daemon.signal("HUP");
    configuration.write_all(text.as_bytes()).unwrap();
    drop(configuration);
    daemon.wait_for("watching");
    thread::spawn(move || fs::write(&path, text).unwrap());
    daemon.wait_for("configuration read again and taken");
    assert_eq!(daemon.end(), Some(0));
}
