//! What hostile servers do to a check, as a table:
//!
//!     cargo build --release && cargo run --release --example hostile
//!
//! For each kind of attack the built program watches a small site of its own, in a process of its own: a check of the
//! healthy site first, then one in which one answer is hostile and another release has been edited. That edit has to
//! be reported, whatever the hostile answer does. Further arguments choose the rows whose names hold one of them.
//!
//! Where the system allows an unprivileged network namespace, everything happens inside one: the site has a public
//! address there, so that private ones are refused as they are for everybody. Elsewhere those rows are left out.

#![expect(clippy::format_collect, reason = "what is made here is small beside what it does")]

mod bodies;
mod cases;
mod desk;
mod names;
mod process;
mod server;

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, ExitCode};

use cases::{Case, cases};
use desk::{Desk, Outcome};

/// What no row may exceed: seconds of processor time, and MiB of memory.
const MOST_SECONDS: f64 = 20.0;
const MOST_MEMORY: u64 = 300;
/// Set in the namespace.
const INSIDE: &str = "PRESSDIFF_HOSTILE_INSIDE";

fn main() -> ExitCode {
    if std::env::var_os(INSIDE).is_none()
        && let Some(code) = run_inside()
    {
        return code;
    }
    match table() {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::from(2)
        }
    }
}

/// The same program in a network of its own, where the site's address is public and names are ours to give.
fn run_inside() -> Option<ExitCode> {
    let setup = format!(
        "ip link set lo up && ip addr add {}/32 dev lo && f=$(mktemp) && echo nameserver {} >$f && \
         mount --bind $f /etc/resolv.conf && rm -f $f && exec \"$@\"",
        server::PUBLIC,
        names::ADDRESS
    );
    let unshare = ["--map-root-user", "--net", "--mount"];
    let probe = Command::new("unshare").args(unshare).args(["sh", "-c", &setup, "sh", "true"]).output().ok()?;
    if !probe.status.success() {
        return None;
    }
    let program = std::env::current_exe().ok()?;
    let mut inside = Command::new("unshare");
    inside.args(unshare).args(["sh", "-c", &setup, "sh"]).arg(program).args(std::env::args().skip(1));
    let status = inside.env(INSIDE, "yes").status().ok()?;
    Some(ExitCode::from(u8::try_from(status.code().unwrap_or(2)).unwrap_or(2)))
}

/// Prints the table as it comes; how many rows are out of bounds.
fn table() -> std::io::Result<usize> {
    let is_public = std::env::var_os(INSIDE).is_some();
    if is_public {
        names::answer_in_background()?;
    }
    let chosen: Vec<String> = std::env::args().skip(1).collect();
    let mut out = std::io::stdout();
    writeln!(
        out,
        "| hostile input | what is said of it | exit | seconds | CPU s | MiB | others judged | within bounds |"
    )?;
    writeln!(out, "|---|---|---|---|---|---|---|---|")?;
    let is_chosen = |case: &Case| chosen.is_empty() || chosen.iter().any(|part| case.name.contains(part.as_str()));
    let (mut rows, mut bad) = (0, 0);
    for case in cases().into_iter().filter(is_chosen).filter(|case| is_public || !case.needs_public) {
        let name = case.name;
        let outcome = Desk::new(case, is_public)?.attack()?;
        rows += 1;
        bad += usize::from(!outcome.is_within_bounds());
        writeln!(out, "{}", row(name, &outcome))?;
    }
    writeln!(out, "\n{rows} rows, {bad} out of bounds ({MOST_SECONDS} s of processor time, {MOST_MEMORY} MiB)")?;
    if !is_public {
        writeln!(out, "rows about addresses need `unshare --map-root-user --net --mount`, which is refused here")?;
    }
    Ok(bad)
}

fn row(name: &str, outcome: &Outcome) -> String {
    let mut row = format!("| {name} | {} | {} ", outcome.message.replace('|', "\\|"), outcome.status);
    let judged = if outcome.is_judged { "yes" } else { "NO" };
    let bounded = if outcome.is_within_bounds() { "yes" } else { "NO" };
    let spent = &outcome.spent;
    let _ = write!(row, "| {:.1} | {:.1} | {} | {judged} | {bounded} |", spent.seconds, spent.processor, spent.memory);
    row
}

impl Outcome {
    fn is_within_bounds(&self) -> bool {
        let is_light = self.spent.processor <= MOST_SECONDS && self.spent.memory <= MOST_MEMORY;
        is_light && self.is_judged && self.status != "killed"
    }
}
