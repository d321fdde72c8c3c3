//! The program is killed at any moment, between requests, while it writes and while it tells, and nothing is lost and
//! nothing happens twice: what it reports afterwards is what an undisturbed program reports.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use pressdiff::clock::Clock;
use pressdiff::config::Config;
use pressdiff::notify::{deliver_due, notifiers};
use pressdiff::store::{EventFilter, Store, StoreError};
use tempfile::TempDir;

use crate::support::app::config;
use crate::support::evolving::text::Numbers;
use crate::support::evolving::{Evolving, Fate};

/// When the program is killed. No moment is a point in time: each is something that the program did.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// It has sent so many requests, and the last of them has no answer yet.
    Request(u64),
    /// The log of the database has grown to so many bytes: a write is under way or has just ended.
    Written(u64),
    /// So many lines are on standard output: an alert has just been delivered.
    Line(usize),
}

/// A folder with configuration, record and log.
pub(crate) struct Desk {
    folder: TempDir,
}

/// The built program.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_pressdiff");

type SharedChild = Arc<Mutex<Option<Child>>>;

impl Desk {
    fn new(config: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("pressdiff.toml"), config).unwrap();
        Self { folder }
    }

    /// Another desk in the same state.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self { folder: tempfile::tempdir().unwrap() };
        for file in fs::read_dir(self.folder.path()).unwrap() {
            let path = file.unwrap().path();
            fs::copy(&path, copy.path(path.file_name().unwrap().to_str().unwrap())).unwrap();
        }
        copy
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn start(&self) -> Child {
        self.command(Path::new(PROGRAM)).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// A check by this program, or by one that starts it.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.args(["check", "--config"]).arg(self.path("pressdiff.toml"));
        command
    }

    /// One check to its end.
    pub(crate) fn check(&self) {
        let output = self.start().wait_with_output().unwrap();
        assert!(output.status.success(), "{}", output.status);
    }

    /// One check that is killed at this moment, unless it ends before.
    fn check_killed(&self, site: &Evolving, moment: Moment) -> ExitStatus {
        let child = SharedChild::default();
        let killed = Arc::clone(&child);
        let kill = move || {
            if let Some(child) = killed.lock().unwrap().as_mut() {
                child.kill().unwrap();
            }
        };
        if let Moment::Request(count) = moment {
            site.interrupt(count, kill.clone());
        }
        let output = {
            // Held until the child is in its place, so that no request comes before.
            let mut slot = child.lock().unwrap();
            slot.insert(self.start()).stdout.take().unwrap()
        };
        if let Moment::Written(bytes) = moment {
            self.wait_for_writing(bytes, &child);
            kill();
        }
        for (at, line) in BufReader::new(output).lines().enumerate() {
            line.unwrap();
            if matches!(moment, Moment::Line(count) if count == at + 1) {
                kill();
            }
        }
        site.interrupt(0, || {});
        child.lock().unwrap().as_mut().unwrap().wait().unwrap()
    }

    /// Looks at the file again and again: there is nothing to wait on.
    fn wait_for_writing(&self, bytes: u64, child: &SharedChild) {
        let log = self.path("pressdiff.db-wal");
        while fs::metadata(&log).map_or(0, |file| file.len()) < bytes {
            if child.lock().unwrap().as_mut().unwrap().try_wait().unwrap().is_some() {
                return;
            }
            std::thread::yield_now();
        }
    }

    /// A process that another test starts at this moment holds a copy of our lock until it runs its own program.
    fn open(&self) -> Store {
        let path = self.path("pressdiff.db");
        for _ in 0..1_000_000 {
            match Store::open(&path) {
                Err(StoreError::Locked { .. }) => std::thread::yield_now(),
                opened => return opened.unwrap(),
            }
        }
        panic!("the store stays locked")
    }

    pub(crate) async fn assert_whole(&self) {
        assert_eq!(self.open().check_integrity().await.unwrap(), [""; 0]);
    }

    /// What happened, without numbers and times, which differ between two programs.
    pub(crate) async fn events(&self) -> Vec<String> {
        let events = self.open().list_events(EventFilter::default()).await.unwrap();
        let plain = events.iter().map(|recorded| {
            let mut event = serde_json::to_value(recorded).unwrap();
            let fields = event.as_object_mut().unwrap();
            fields.remove("id");
            fields.remove("at");
            event.to_string()
        });
        plain.collect()
    }

    /// Delivers what a killed program had claimed, as one that starts a day later would.
    async fn deliver_the_rest(&self) {
        let mut config = Config::load(&self.path("pressdiff.toml")).unwrap();
        let later = Clock::fixed(Clock::system().now() + TimeDelta::days(1));
        config.alerts.retain(|alert| alert.name == "log");
        deliver_due(&self.open(), &notifiers(&config).unwrap(), &later).await.unwrap();
    }

    /// How often each event is in the log; every line of it has to be whole.
    fn told(&self) -> BTreeMap<i64, usize> {
        let mut told = BTreeMap::new();
        for line in read(&self.path("events.jsonl")).lines() {
            let event: serde_json::Value = serde_json::from_str(line).unwrap();
            *told.entry(event["id"].as_i64().unwrap()).or_default() += 1;
        }
        told
    }

    /// Each event is in the log, and at most one twice: the one under way when the program was killed.
    pub(crate) async fn assert_told(&self, kills: usize) {
        self.deliver_the_rest().await;
        let events = self.open().list_events(EventFilter::default()).await.unwrap();
        let told = self.told();
        assert!(read(&self.path("events.jsonl")).ends_with('\n'));
        assert_eq!(told.keys().copied().collect::<Vec<_>>(), events.iter().map(|event| event.id.0).collect::<Vec<_>>());
        let repeated: usize = told.values().map(|times| times - 1).sum();
        assert!(repeated <= kills, "{told:?}");
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// Alerts go to a file, and to standard output for the tests to see.
fn config_of(site: &Evolving) -> String {
    config(site, "") + "\n[[alert]]\nname = \"output\"\nchannel = \"log\"\n"
}

/// Two edits, one new release, one removal, one move.
fn change(site: &Evolving) {
    let [first, second, removed, moved] = [1, 6, 9, 12].map(|at| site.slug(at));
    site.edit(&first, |release| release.paragraphs[0].push_str(" The ferry is late by 40 minutes."));
    site.edit(&second, |release| release.title.push_str(" at last"));
    site.set_fate(&removed, Fate::Status(404));
    site.move_to(&moved, "moved-for-good");
    site.publish_any("a-fresh-release");
}

/// A desk after its baseline, a site that has changed since, and what an undisturbed program makes of it.
pub(crate) struct Scene {
    site: Evolving,
    pub(crate) baseline: Desk,
    pub(crate) expected: Vec<String>,
    /// Requests of the first check after the change.
    requests: u64,
    /// Bytes of the database's log at the end of that check.
    pub(crate) written: u64,
}

impl Scene {
    pub(crate) async fn set() -> Self {
        let site = Evolving::start().await;
        let baseline = Desk::new(&config_of(&site));
        blocking(|| baseline.check());
        assert_eq!(baseline.events().await, [""; 0]);
        change(&site);
        let undisturbed = baseline.copy();
        let before = site.served();
        let written = blocking(|| undisturbed.check_while_looking());
        let requests = site.served() - before;
        blocking(|| undisturbed.check());
        let expected = undisturbed.events().await;
        assert_eq!(expected.len(), 5, "{expected:#?}");
        undisturbed.assert_told(0).await;
        Self { site, baseline, expected, requests, written }
    }

    /// Kills a check at each of these moments in turn, then lets two run to their end, and compares. How many did not
    /// end before their moment.
    async fn assert_same_after(&self, moments: &[Moment]) -> usize {
        let desk = self.baseline.copy();
        let mut kills = 0;
        for moment in moments {
            let status = blocking(|| desk.check_killed(&self.site, *moment));
            kills += usize::from(!status.success());
            desk.assert_whole().await;
        }
        blocking(|| desk.check());
        blocking(|| desk.check());
        assert_eq!(desk.events().await, self.expected, "{moments:?}");
        desk.assert_told(kills).await;
        desk.assert_whole().await;
        kills
    }
}

impl Desk {
    /// One check to its end; how large the database's log became.
    fn check_while_looking(&self) -> u64 {
        let child: SharedChild = Arc::new(Mutex::new(Some(self.start())));
        let (log, mut most) = (self.path("pressdiff.db-wal"), 0);
        loop {
            most = most.max(fs::metadata(&log).map_or(0, |file| file.len()));
            if let Some(status) = child.lock().unwrap().as_mut().unwrap().try_wait().unwrap() {
                assert!(status.success(), "{status}");
                return most;
            }
            std::thread::yield_now();
        }
    }
}

/// The site answers on the other threads meanwhile.
pub(crate) fn blocking<T>(work: impl FnOnce() -> T) -> T {
    tokio::task::block_in_place(work)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_between_any_two_requests() {
    let scene = Scene::set().await;
    let mut numbers = Numbers(20);
    let parts = 12;
    for part in 0..parts {
        // One in each part of the range, somewhere.
        let (from, to) = (scene.requests * part / parts, scene.requests * (part + 1) / parts);
        let count = 1 + from + numbers.next() % (to - from).max(1);
        assert_eq!(scene.assert_same_after(&[Moment::Request(count)]).await, 1, "request {count}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_while_it_writes_and_while_it_tells() {
    let scene = Scene::set().await;
    for hundredths in [35, 70, 85, 92, 96, 98, 99, 100] {
        scene.assert_same_after(&[Moment::Written(scene.written * hundredths / 100)]).await;
    }
    for line in 1..=4 {
        scene.assert_same_after(&[Moment::Line(line)]).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_again_and_again() {
    let scene = Scene::set().await;
    let requests = scene.requests;
    let moments = [2, requests / 3, requests, requests - 1, requests / 2, requests].map(Moment::Request);
    scene.assert_same_after(&moments).await;
    // The second check confirms the removal; it is killed as it does.
    scene.assert_same_after(&[Moment::Line(4), Moment::Line(1), Moment::Request(requests / 2)]).await;
}

/// A moment that nobody chose.
fn any_moment(scene: &Scene, numbers: &mut Numbers) -> Moment {
    match numbers.next() % 4 {
        0 | 1 => Moment::Request(1 + numbers.next() % scene.requests),
        2 => Moment::Written(1 + numbers.next() % scene.written),
        _ => Moment::Line(1 + usize::try_from(numbers.next() % 4).unwrap()),
    }
}

/// `PRESSDIFF_KILLS=300 cargo test --release --test it killed_at_any -- --nocapture` kills hundreds of times.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment_as_often_as_asked() {
    const AT_ONCE: usize = 4;
    let wanted = std::env::var("PRESSDIFF_KILLS").map_or(AT_ONCE, |kills| kills.parse().unwrap());
    let scene = Scene::set().await;
    let mut numbers = Numbers(40);
    let (mut kills, mut rounds) = (0, 0);
    while kills < wanted {
        let moments: Vec<Moment> = (0..AT_ONCE).map(|_| any_moment(&scene, &mut numbers)).collect();
        kills += scene.assert_same_after(&moments).await;
        rounds += 1;
    }
    let events = rounds * scene.expected.len();
    println!("{kills} kills in {rounds} rounds: {events} events expected and found, none lost, none twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_baseline_that_was_killed_is_still_a_baseline() {
    let site = Evolving::start().await;
    for moment in [Moment::Request(1), Moment::Request(4), Moment::Request(11), Moment::Request(18), Moment::Written(1)]
    {
        let desk = Desk::new(&config_of(&site));
        blocking(|| desk.check_killed(&site, moment));
        blocking(|| desk.check());
        blocking(|| desk.check());
        assert_eq!(desk.events().await, [""; 0], "{moment:?}");
        desk.assert_whole().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_baseline_that_was_killed_while_it_was_recorded_is_finished_by_the_next_check() {
    let site = Evolving::start().await;
    let undisturbed = Desk::new(&config_of(&site));
    let written = blocking(|| undisturbed.check_while_looking());
    let killed = [70, 85, 94, 98].map(|hundredths| {
        let desk = Desk::new(&config_of(&site));
        blocking(|| desk.check_killed(&site, Moment::Written(written * hundredths / 100)));
        blocking(|| desk.check());
        desk
    });
    change(&site);
    let mut told = Vec::new();
    for desk in [undisturbed].iter().chain(&killed) {
        blocking(|| desk.check());
        blocking(|| desk.check());
        desk.assert_whole().await;
        told.push(desk.events().await);
    }
    assert_eq!(told[0].len(), 5, "{:#?}", told[0]);
    assert!(told.iter().all(|events| *events == told[0]), "{told:#?}");
}
