//! The program at work on one hostile site: a folder, a configuration, two checks.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::TempDir;

use crate::bodies;
use crate::cases::{Case, Place};
use crate::names;
use crate::process::{Ended, Spent, run};
use crate::server::{Answer, PUBLIC, Server, trap};

/// What became of one case.
pub(crate) struct Outcome {
    /// What the program said of the hostile answer.
    pub(crate) message: String,
    pub(crate) status: String,
    pub(crate) spent: Spent,
    /// Whether the edit of another release was reported, and no local service was reached.
    pub(crate) is_judged: bool,
}

pub(crate) struct Desk {
    case: Arc<Case>,
    folder: TempDir,
    server: Server,
    caught: Arc<AtomicUsize>,
}

impl Desk {
    pub(crate) fn new(case: Case, is_public: bool) -> io::Result<Self> {
        let case = Arc::new(case);
        let (local_port, caught) = trap()?;
        let address = if is_public { PUBLIC } else { "127.0.0.1" };
        let served = Arc::clone(&case);
        let server =
            Server::start(address, Arc::new(move |path, is_hostile| serve(&served, path, is_hostile, local_port)))?;
        let folder = tempfile::tempdir()?;
        let root = format!("http://{address}:{}", server.port);
        fs::write(folder.path().join("pressdiff.toml"), config(&case, &root, is_public))?;
        Ok(Self { case, folder, server, caught })
    }

    /// A check of the healthy site, then one of the hostile one.
    pub(crate) fn attack(&self) -> io::Result<Outcome> {
        names::forget();
        let healthy = self.run(&["check"])?;
        if healthy.status != "0" {
            return Err(io::Error::other(format!(
                "{}: the healthy site is not read: {}",
                self.case.name, healthy.errors
            )));
        }
        self.server.is_hostile.store(true, Ordering::SeqCst);
        let check = self.run(&["check"])?;
        let events = self.run(&["events", "--format", "jsonl"])?.output;
        let is_edited = |line: &str| line.contains("\"kind\":\"edited\"") && line.contains("/news/edited/");
        let is_judged = events.lines().filter(|line| is_edited(line)).count() == 1;
        let caught = self.caught.load(Ordering::SeqCst);
        let mut message = message(&check);
        if caught > 0 {
            message = format!("REACHED A LOCAL SERVICE {caught} times; {message}");
        }
        Ok(Outcome { message, status: check.status, spent: check.spent, is_judged: is_judged && caught == 0 })
    }

    fn run(&self, arguments: &[&str]) -> io::Result<Ended> {
        let mut command = Command::new(program()?);
        command.arg("--config").arg(self.folder.path().join("pressdiff.toml")).args(arguments);
        run(command.env_remove("RUST_LOG").env("RUST_BACKTRACE", "0").env("NO_COLOR", "1"))
    }
}

/// The program that is named for it, or the one beside the example.
fn program() -> io::Result<PathBuf> {
    if let Some(named) = std::env::var_os("PRESSDIFF_PROGRAM") {
        return Ok(named.into());
    }
    let example = std::env::current_exe()?;
    let folder = example.parent().and_then(|folder| folder.parent());
    folder
        .map(|folder| folder.join("pressdiff"))
        .filter(|program| program.exists())
        .ok_or_else(|| io::Error::other("the program is not built: cargo build --release"))
}

fn config(case: &Case, root: &str, is_public: bool) -> String {
    let place = match case.place {
        Place::Release | Place::Robots => String::new(),
        Place::Listing => format!("listings = [\"{root}/archive/\", \"{root}/news/\"]"),
        Place::Feed => format!("feeds = [\"{root}/feed.xml\"]"),
        Place::Sitemap => format!("sitemaps = [\"{root}/sitemap.xml\"]"),
    };
    let listings = if case.place == Place::Listing { String::new() } else { format!("listings = [\"{root}/news/\"]") };
    let (timeout, depth, robots, allow) = (case.timeout, case.depth, case.place == Place::Robots, !is_public);
    format!(
        "[store]\npath = \"pressdiff.db\"\n\
         [fetch]\nper_host_interval = \"1ms\"\ntimeout = \"{timeout}\"\nrobots = {robots}\n\
         allow_private_addresses = {allow}\n\
         [[source]]\nid = \"site\"\n{listings}\n{place}\nlisting_depth = {depth}\nschedule = \"@hourly\"\n"
    )
}

fn serve(case: &Case, path: &str, is_hostile: bool, local_port: u16) -> Answer {
    let place = match path.split('?').next().unwrap_or_default() {
        "/news/hostile/" => Some(Place::Release),
        "/feed.xml" => Some(Place::Feed),
        "/sitemap.xml" => Some(Place::Sitemap),
        "/robots.txt" => Some(Place::Robots),
        path if path.starts_with("/archive/") => Some(Place::Listing),
        _ => None,
    };
    if is_hostile && (place == Some(case.place) || path.starts_with("/trap/")) {
        return (case.answer)(path, local_port);
    }
    bodies::healthy(path, is_hostile)
}

/// What was said of the one address that is hostile.
fn message(check: &Ended) -> String {
    let mut said: Vec<String> = check.errors.lines().filter_map(told).collect();
    said.dedup();
    said.truncate(3);
    let said = if said.is_empty() { "read like any other".to_owned() } else { said.join("; ") };
    said.chars().take(220).collect()
}

/// The words of a log line about what was not fetched or not read.
fn told(line: &str) -> Option<String> {
    let (_, words) = line.split_once("error=").or_else(|| line.split_once("problem="))?;
    Some(words.trim_matches('"').to_owned())
}
