//! How fast a check is, beside a loop that only downloads the same pages and a parser that only parses them:
//!
//!     cargo run --release --example check_speed -- [RELEASES [BYTES [RUNS]]] [gzip] [still]
//!     cargo run --release --example check_speed -- history
//!
//! `benches/README.md` says what is measured, and how to read it.

#![expect(clippy::print_stdout, reason = "a measurement prints what it found")]
#![expect(clippy::cast_precision_loss, reason = "the counts are small")]

mod bare;
mod desk;
mod history;
mod site;

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use self::desk::{Desk, measured};
use self::site::Site;

/// Pages of the listing that a check walks, as without a configuration; the baseline walks all of them.
const DEPTH: usize = 5;
/// Checks after which a shorter listing is nothing new.
const WALKS: usize = 12;
/// Times that the bare loop asks for each page, so that starting it does not count.
const ROUNDS: usize = 5;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("bare") => {
            let number = |at: usize| arguments.get(at).and_then(|text| text.parse::<u64>().ok());
            let (port, releases) = (number(1).unwrap_or_default(), number(2).unwrap_or_default());
            bare::download(u16::try_from(port)?, usize::try_from(releases)?, ROUNDS, number(3)).await;
            Ok(())
        }
        Some("history") => history::measure().await,
        _ => Bench::start(&arguments).await?.run(),
    }
}

/// The built program, which stands beside the examples.
fn program() -> anyhow::Result<PathBuf> {
    let program = std::env::current_exe()?.with_file_name("../pressdiff");
    anyhow::ensure!(program.exists(), "no program at {}: cargo build --release --bin pressdiff", program.display());
    Ok(program)
}

/// What differs from one check to the next.
struct Case {
    name: &'static str,
    validators: bool,
    noise: bool,
    /// Every so many releases one is edited before each check; 0 for none.
    edited: usize,
}

impl Case {
    fn is_still(&self) -> bool {
        !self.noise && self.edited == 0
    }
}

const CASES: [Case; 5] = [
    Case { name: "nothing changed, 304", validators: true, noise: false, edited: 0 },
    Case { name: "nothing changed, no validators", validators: false, noise: false, edited: 0 },
    Case { name: "noise changed", validators: false, noise: true, edited: 0 },
    Case { name: "noise changed, text of 1 in 20", validators: false, noise: true, edited: 20 },
    Case { name: "text of all changed", validators: false, noise: false, edited: 1 },
];

struct Bench {
    site: Arc<Site>,
    port: u16,
    desk: Desk,
    program: PathBuf,
    runs: usize,
    /// Whether pages on which something changed are left out: they take long.
    only_still: bool,
}

impl Bench {
    async fn start(arguments: &[String]) -> anyhow::Result<Self> {
        let number = |at: usize, default: usize| {
            arguments
                .get(at)
                .filter(|text| !matches!(text.as_str(), "gzip" | "still"))
                .map_or(Ok(default), |text| text.parse())
        };
        let has = |word: &str| arguments.iter().any(|argument| argument == word);
        let site = Arc::new(Site::new(number(0, 2_000)?, number(1, 60_000)?, has("gzip")));
        let port = site::serve(Arc::clone(&site)).await?;
        let desk = Desk::new(port, 1_000)?;
        Ok(Self { site, port, desk, program: program()?, runs: number(2, 5)?, only_still: has("still") })
    }

    fn run(&self) -> anyhow::Result<()> {
        let Site { releases, bytes, gzip, .. } = *self.site;
        println!("{releases} releases of {bytes} bytes{}, {} runs", if gzip { ", gzip" } else { "" }, self.runs);
        let parse = self.parse_speed();
        println!("html5ever alone, tree of scraper: {parse:.0} pages a CPU second");
        self.site.validators.store(true, SeqCst);
        let baseline = self.desk.run(&self.program, "check")?;
        println!("baseline: {:.0} releases a CPU second; {}", releases as f64 / baseline.seconds, baseline.said);
        self.desk.configure(self.port, DEPTH)?;
        // Until it is believed that the listing names less than it did.
        for _ in 0..WALKS {
            self.desk.run(&self.program, "check")?;
        }
        println!(
            "{:>32} {:>9} {:>7} {:>9} {:>9} {:>9} {:>8}",
            "", "check", "±", "bare loop", "of bare", "of parse", "requests"
        );
        for case in CASES.iter().filter(|case| !self.only_still || case.is_still()) {
            self.measure(case, parse)?;
        }
        Ok(())
    }

    fn measure(&self, case: &Case, parse: f64) -> anyhow::Result<()> {
        self.site.validators.store(case.validators, SeqCst);
        self.site.noise.store(case.noise, SeqCst);
        let releases = self.site.releases as f64;
        let mut checks = Vec::new();
        // The first one learns what this case is like.
        for run in 0..=self.runs {
            if case.edited > 0 {
                self.site.edited.store(case.edited, SeqCst);
                self.site.edition.fetch_add(1, SeqCst);
            }
            let asked = self.site.requests.load(SeqCst);
            let spent = self.desk.run(&self.program, "check")?;
            let asked = self.site.requests.load(SeqCst) - asked;
            if run > 0 {
                checks.push((releases / spent.seconds, asked, spent.said));
            }
        }
        checks.sort_by(|one, other| one.0.total_cmp(&other.0));
        let (speed, asked, said) = &checks[checks.len() / 2];
        let spread = (checks[checks.len() - 1].0 - checks[0].0) / 2.0;
        let bare = self.bare_speed(case)?;
        println!(
            "{:>32} {speed:>9.0} {spread:>7.0} {bare:>9.0} {:>8.1}% {:>8.1}% {:>8.2}   {said}",
            case.name,
            speed / bare * 100.0,
            speed / parse * 100.0,
            *asked as f64 / releases,
        );
        Ok(())
    }

    /// Pages a CPU second.
    fn bare_speed(&self, case: &Case) -> anyhow::Result<f64> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["bare".to_owned(), self.port.to_string(), self.site.releases.to_string()]);
        if case.validators {
            command.arg(self.site.edition.load(SeqCst).to_string());
        }
        let mut speeds = Vec::new();
        for _ in 0..self.runs {
            let spent = measured(&mut command)?;
            speeds.push((ROUNDS * self.site.releases) as f64 / spent.seconds);
        }
        speeds.sort_by(f64::total_cmp);
        Ok(speeds[speeds.len() / 2])
    }

    /// Pages a CPU second.
    fn parse_speed(&self) -> f64 {
        let pages: Vec<String> = (0..100).map(|number| self.site.release_page(number % self.site.releases)).collect();
        let mut speeds: Vec<f64> =
            (0..self.runs).map(|_| pages.len() as f64 * 1e9 / bare::parse(&pages) as f64).collect();
        speeds.sort_by(f64::total_cmp);
        speeds[speeds.len() / 2]
    }
}
