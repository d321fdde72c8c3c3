//! Runs a child to its end and looks at what it takes.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// What a process has taken.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spent {
    /// On the wall.
    pub(crate) seconds: f64,
    /// Of processors.
    pub(crate) processor: f64,
    /// At its peak, in MiB.
    pub(crate) memory: u64,
}

/// A process that has ended.
pub(crate) struct Ended {
    /// Exit status, or "killed".
    pub(crate) status: String,
    pub(crate) errors: String,
    pub(crate) output: String,
    pub(crate) spent: Spent,
}

/// The longest that a child may take; then it is killed.
const PATIENCE: Duration = Duration::from_mins(3);
const GLANCE: Duration = Duration::from_millis(4);
/// Ticks of the processor clock in a second, as Linux shows them.
const TICKS: f64 = 100.0;

pub(crate) fn run(command: &mut Command) -> std::io::Result<Ended> {
    let began = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (output, errors) = (collect(child.stdout.take()), collect(child.stderr.take()));
    let (status, mut spent) = watch(&mut child, began)?;
    spent.seconds = began.elapsed().as_secs_f64();
    let text = |thread: thread::JoinHandle<String>| thread.join().unwrap_or_default();
    Ok(Ended { status, errors: text(errors), output: text(output), spent })
}

/// Looks again and again: the system shows the peak only while the process lives.
fn watch(child: &mut Child, began: Instant) -> std::io::Result<(String, Spent)> {
    let mut spent = Spent::default();
    loop {
        let seen = look(child.id());
        spent.memory = spent.memory.max(seen.memory);
        spent.processor = spent.processor.max(seen.processor);
        if let Some(status) = child.try_wait()? {
            return Ok((status.code().map_or_else(|| "killed".to_owned(), |code| code.to_string()), spent));
        }
        if began.elapsed() > PATIENCE {
            child.kill()?;
        }
        thread::sleep(GLANCE);
    }
}

fn look(process: u32) -> Spent {
    let read = |file: &str| fs::read_to_string(format!("/proc/{process}/{file}")).unwrap_or_default();
    let (status, stat) = (read("status"), read("stat"));
    let peak =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix("kB")?.trim().parse().ok());
    // The name of the program, in brackets, may hold anything.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or_default();
    let memory = peak.unwrap_or(0_u64) / 1024;
    Spent { seconds: 0.0, processor: (ticks(11) + ticks(12)) / TICKS, memory }
}

fn collect(pipe: Option<impl std::io::Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
