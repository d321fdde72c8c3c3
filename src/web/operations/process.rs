//! The process as the system sees it, under the names that Prometheus has for it. Where the system does not tell, the
//! metric is missing.

use std::fs;

use prometheus_client::encoding::text::encode_registry;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

pub(super) fn encode(text: &mut String) -> std::fmt::Result {
    let mut registry = Registry::with_prefix("process");
    let mut register = |name: &str, help: &str, value: Option<i64>| {
        if let Some(value) = value {
            let gauge: Gauge = Gauge::default();
            gauge.set(value);
            registry.register(name, help, gauge);
        }
    };
    register("resident_memory_bytes", "Memory of the process", resident_memory());
    register("open_fds", "Files and connections that are open", open_files());
    encode_registry(text, &registry)
}

/// As Linux tells it, in units of 1024 bytes.
fn resident_memory() -> Option<i64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<i64>().ok()? * 1024)
}

fn open_files() -> Option<i64> {
    // The folder itself is open while it is read.
    i64::try_from(fs::read_dir("/proc/self/fd").ok()?.count()).ok().map(|count| count - 1)
}
