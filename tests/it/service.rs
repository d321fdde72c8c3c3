//! The daemon under a service manager: what it tells on its socket, how it takes another configuration while it runs,
//! and how it ends when something hangs.

use std::fs;
use std::io::Write as _;
use std::os::unix::net::UnixDatagram;
use std::process::Stdio;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use pressdiff::cli::demo_site::DemoSite;
use url::Url;

use crate::run::{Daemon, forget_check, news};
use crate::support::program::Desk;
use crate::support::server::{Answer, Server};

/// The longest wait for a message; only a broken daemon takes it.
const PATIENCE: Duration = Duration::from_mins(1);

/// The service manager's end of the socket, which is always listened to.
struct Manager {
    messages: Receiver<String>,
    heard: Vec<String>,
}

impl Manager {
    /// Starts a daemon that tells this manager what it does.
    fn start(desk: &Desk) -> (Self, Daemon) {
        let path = desk.path("notify");
        let socket = UnixDatagram::bind(&path).unwrap();
        let (sender, messages) = channel();
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(length) = socket.recv(&mut bytes) {
                if sender.send(String::from_utf8(bytes[..length].to_vec()).unwrap()).is_err() {
                    return;
                }
            }
        });
        let mut command = desk.command(&["run", "-v"]);
        command.env("NOTIFY_SOCKET", path).env("WATCHDOG_USEC", "300000").stdout(Stdio::null());
        (Self { messages, heard: Vec::new() }, Daemon::spawn(&mut command))
    }

    /// The lines of the next message with these words.
    fn wait_for(&mut self, words: &str) -> Vec<String> {
        loop {
            let Ok(message) = self.messages.recv_timeout(PATIENCE) else { panic!("no {words}: {:#?}", self.heard) };
            if message.contains(words) {
                return message.lines().map(str::to_owned).collect();
            }
            self.heard.push(message);
        }
    }
}

/// The configuration of a desk with these sources.
fn configuration(sources: &[(&str, Url)]) -> String {
    let mut text = "[store]\npath = \"pressdiff.db\"\n\
         [fetch]\nallow_private_addresses = true\nper_host_interval = \"1ms\"\ntimeout = \"20s\"\n\
         [[alert]]\nname = \"log\"\nchannel = \"log\"\n"
        .to_owned();
    let source = |(id, listing): &(&str, Url)| {
        format!("[[source]]\nid = \"{id}\"\nlistings = [\"{listing}\"]\nschedule = \"@yearly\"\n")
    };
    text.extend(sources.iter().map(source));
    text
}

fn write(desk: &Desk, text: &str) {
    fs::write(desk.path("pressdiff.toml"), text).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_manager_hears_of_readiness_status_life_and_end() {
    let site = DemoSite::start().await.unwrap();
    let desk = Desk::with_schedule(&news(&site), "@yearly");
    let (mut manager, mut daemon) = Manager::start(&desk);
    assert_eq!(manager.wait_for("READY"), ["READY=1"]);
    daemon.wait_for("source checked");
    let status = manager.wait_for("STATUS=watching 1 source; next check: demo at ");
    assert!(status[0].ends_with("UTC; no alerts wait"), "{status:?}");
    assert_eq!(manager.wait_for("WATCHDOG"), ["WATCHDOG=1"]);
    assert_eq!(manager.wait_for("WATCHDOG"), ["WATCHDOG=1"], "again and again");
    daemon.signal("TERM");
    assert_eq!(manager.wait_for("STOPPING"), ["STOPPING=1", "STATUS=stopping"]);
    assert_eq!(daemon.exit(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_takes_no_writes_is_no_sign_of_life() {
    let site = DemoSite::start().await.unwrap();
    let desk = Desk::with_schedule(&news(&site), "@yearly");
    let (mut manager, mut daemon) = Manager::start(&desk);
    daemon.wait_for("source checked");
    manager.wait_for("WATCHDOG");
    let other = rusqlite::Connection::open(desk.path("pressdiff.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let pause = Duration::from_secs(1);
    let silence = (0..200).find(|_| manager.messages.recv_timeout(pause).is_err());
    assert!(silence.is_some(), "signs of life come all the same");
    other.execute_batch("ROLLBACK").unwrap();
    manager.wait_for("WATCHDOG");
    assert_eq!(daemon.end(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_comes_with_a_reload_is_checked_and_one_that_goes_is_left_alone() {
    let (site, server) = (DemoSite::start().await.unwrap(), Server::start().await);
    server.on("/news/", Answer::hang());
    let desk = Desk::configured(&configuration(&[("slow", server.url("/news/"))]));
    let (mut manager, mut daemon) = Manager::start(&desk);
    daemon.wait_for("check begins");
    write(&desk, &configuration(&[("demo", news(&site))]));
    let reloaded = desk.run(&["reload"]);
    assert_eq!((reloaded.status, reloaded.out.as_str()), (0, ""), "{reloaded:?}");
    assert!(reloaded.err.contains("the new configuration is in force: 1 source is watched"), "{}", reloaded.err);
    let reloading = manager.wait_for("RELOADING=1");
    assert!(reloading[1].strip_prefix("MONOTONIC_USEC=").unwrap().parse::<u64>().unwrap() > 0);
    assert_eq!(manager.wait_for("READY"), ["READY=1"]);
    daemon.wait_for("check cut off");
    let line = daemon.wait_for("source checked");
    assert!(line.contains("source=demo"), "{line}");
    assert_eq!(daemon.end(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configuration_with_mistakes_changes_nothing_and_says_so() {
    let site = DemoSite::start().await.unwrap();
    let desk = Desk::configured(&configuration(&[("demo", news(&site))]));
    let (mut manager, mut daemon) = Manager::start(&desk);
    daemon.wait_for("source checked");
    write(&desk, "[store]\npath = \"pressdiff.db\"\n[[source]]\nid = \"demo\"\nlistings = [\"gopher://x/\"]\n");
    let refused = desk.run(&["reload"]);
    assert_eq!(refused.status, 2, "{refused:?}");
    assert!(refused.err.contains("pressdiff.toml:5:13: source.listings"), "{}", refused.err);
    daemon.signal("HUP");
    daemon.wait_for("the new configuration has mistakes; the old one stays in force");
    daemon.wait_for("pressdiff.toml:5:13: source.listings");
    let status = manager.wait_for("; the new configuration has mistakes, the old one is in force");
    assert!(status[0].starts_with("STATUS=watching 1 source; next check: demo at "), "{status:?}");

    let text = configuration(&[("demo", news(&site))]).replace("pressdiff.db", "other.db");
    write(&desk, &text);
    daemon.signal("HUP");
    daemon.wait_for("configuration read again and taken");
    let line = daemon.wait_for("stays open; restart to use");
    assert!(line.contains("other.db"), "{line}");
    let status = manager.wait_for("STATUS=");
    assert!(status[0].ends_with("no alerts wait"), "the complaint is gone: {status:?}");
    assert_eq!(daemon.end(), Some(0));
    assert!(!desk.path("other.db").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_daemon_there_is_nobody_to_reload() {
    let site = DemoSite::start().await.unwrap();
    let desk = Desk::configured(&configuration(&[("demo", news(&site))]));
    let nobody = desk.run(&["reload"]);
    assert_eq!((nobody.status, nobody.err.contains("no `pressdiff run` is at work with the store")), (1, true));
    let mut daemon = Daemon::start(&desk);
    daemon.wait_for("source checked");
    daemon.signal("KILL");
    assert_eq!(daemon.exit(), None);
    assert!(desk.path("pressdiff.db.control").exists(), "the socket of the dead daemon is still there");
    assert_eq!(desk.run(&["reload"]).status, 1);
    let mut daemon = Daemon::start(&desk);
    daemon.wait_for("next check");
    assert_eq!(desk.run(&["reload"]).status, 0);
    assert_eq!(daemon.end(), Some(0));
    assert!(!desk.path("pressdiff.db.control").exists());
}

/// A daemon whose delivery hangs, because nobody reads its standard output and the pipe is full.
async fn hanging(site: &DemoSite) -> (Daemon, Desk, std::io::PipeReader) {
    let desk = Desk::configured(&configuration(&[("demo", news(site))]));
    desk.succeed(&["check"]);
    site.set_step(2);
    forget_check(&desk).await;
    let (reader, mut writer) = std::io::pipe().unwrap();
    writer.write_all(&vec![b' '; 1 << 16]).unwrap();
    let mut daemon = Daemon::spawn(desk.command(&["run", "-v"]).stdout(writer));
    daemon.wait_for("source checked");
    (daemon, desk, reader)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_hangs_is_cut_off() {
    let site = DemoSite::start().await.unwrap();
    let (mut daemon, _desk, _reader) = hanging(&site).await;
    let began = Instant::now();
    daemon.signal("TERM");
    daemon.wait_for("a delivery was cut off");
    assert_eq!(daemon.exit(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_it_at_once() {
    let site = DemoSite::start().await.unwrap();
    let (mut daemon, _desk, _reader) = hanging(&site).await;
    daemon.signal("INT");
    daemon.wait_for("stopping");
    daemon.signal("INT");
    assert_eq!(daemon.exit(), Some(130));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_asks_the_daemon_whether_it_is_well() {
    let site = DemoSite::start().await.unwrap();
    // A port that is free now, most likely for a moment longer.
    let port = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let web = format!("[web]\nlisten = \"127.0.0.1:{port}\"\n");
    let desk = Desk::configured(&(web + &configuration(&[("demo", news(&site))])));
    let nobody = desk.run(&["health"]);
    assert!(nobody.status == 1 && nobody.err.contains("nobody answers at 127.0.0.1"), "{nobody:?}");
    let mut daemon = Daemon::start(&desk);
    daemon.wait_for("source checked");
    assert_eq!(desk.succeed(&["health"]), "alive\n");
    assert_eq!(desk.succeed(&["health", "--ready"]), "ready\n");
    assert_eq!(daemon.end(), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_is_told_how_urgent_a_line_is() {
    use std::os::unix::fs::MetadataExt as _;
    let server = Server::start().await;
    server.on("/news/", Answer::status(503));
    let desk = Desk::configured(&configuration(&[("dead", server.url("/news/"))]));
    let log = fs::File::create(desk.path("journal")).unwrap();
    let (dev, ino) = log.metadata().map(|file| (file.dev(), file.ino())).unwrap();
    let ran = |stream: String| {
        let mut command = desk.command(&["check"]);
        command.env("JOURNAL_STREAM", stream).stderr(log.try_clone().unwrap());
        assert_eq!(command.status().unwrap().code(), Some(1));
        fs::read_to_string(desk.path("journal")).unwrap()
    };
    let elsewhere = ran(format!("{dev}:{}", ino + 1));
    assert!(elsewhere.contains(" WARN ") && !elsewhere.contains("<4>"), "{elsewhere}");
    let journal = ran(format!("{dev}:{ino}"));
    assert!(journal[elsewhere.len()..].starts_with("<4>listing not read"), "{journal}");
}
