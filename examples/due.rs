//! How long it takes to find the releases that are due among many of one source, and what it costs in memory:
//!
//!     cargo run --release --example due -- 1000000
//!
//! The releases are of all ages up to six years, and one in ten thousand is due, as in a daemon that has run for long.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use chrono::{DateTime, TimeDelta, Utc};
use pressdiff::domain::model::SourceId;
use pressdiff::domain::recheck::{DUE_FROM, MAX_AGE, Plan};
use pressdiff::store::Store;

const LOOK_UPS: usize = 500;
/// Nobody knows yet how long they rest.
const RELEASES: &str = "
    INSERT INTO sources (id, name) VALUES ('large', 'Large');
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < COUNT),
    aged (n, age, quiet) AS (SELECT n, n * 2190.0 / COUNT + 2.5, n * 2190.0 / COUNT * (n * 7919 % 1000) / 1000.0 + 2.5
        FROM numbers),
    resting (n, age, quiet, rest) AS (SELECT n, age, quiet,
        min(5.2, 0.9 / CASE WHEN n % 5 = 0 THEN 100 / quiet + 5000 / age ELSE 100 / age END) FROM aged)
    INSERT INTO releases (source, url, title, found_by, found_at, announce, state, changed_at, looks, changes, looked_at)
    SELECT 'large', 'https://large.example/news/' || n || '/', 'Release number ' || n, 'listing',
        strftime('%Y-%m-%dT%H:%M:%fZ', '2026-06-01', '-' || age || ' days'), 1, 'present',
        CASE WHEN n % 5 = 0 THEN strftime('%Y-%m-%dT%H:%M:%fZ', '2026-06-01', '-' || quiet || ' days') END,
        100 + n % 400, n % 5 = 0,
        strftime('%Y-%m-%dT%H:%M:%fZ', '2026-06-01', '-' || CASE WHEN n % 10000 = 0 THEN 6.99
            ELSE rest * (n * 104729 % 1000) / 1000 END || ' days')
    FROM resting;";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let count: u32 = std::env::args().nth(1).context("usage: due RELEASES")?.parse()?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("pressdiff.db");
    drop(Store::open(&file)?);
    rusqlite::Connection::open(&file)?.execute_batch(&RELEASES.replace("COUNT", &count.to_string()))?;
    let store = Store::open(&file)?;
    let now: DateTime<Utc> = "2026-06-01T00:00:00Z".parse()?;

    let began = Instant::now();
    let (_, due) = look_up(&store, now, true).await?;
    tell(&format!(
        "{count} releases, {due} due; first look-up, which notes how long the others rest: {:.1?}",
        began.elapsed()
    ))?;
    let mut times = Vec::new();
    let mut read = 0;
    for _ in 0..LOOK_UPS {
        let began = Instant::now();
        read = look_up(&store, now, false).await?.0;
        times.push(began.elapsed());
    }
    times.sort_unstable();
    let (median, p99): (Duration, Duration) = (times[LOOK_UPS / 2], times[LOOK_UPS * 99 / 100]);
    tell(&format!("then {read} are read: median {median:.1?}, 99th percentile {p99:.1?}"))?;
    Ok(())
}

/// How many releases were read, and how many of them are due; the others rest if that is noted.
async fn look_up(store: &Store, now: DateTime<Utc>, notes: bool) -> anyhow::Result<(usize, usize)> {
    let source = SourceId("large".to_owned());
    let plan = Plan { max_age: MAX_AGE, now, gap: TimeDelta::minutes(1), budget: usize::MAX, due_from: DUE_FROM };
    let prospects = store.list_prospects(&source, plan.wanted(BTreeSet::new())).await?;
    let chosen = plan.choose(&prospects, &BTreeSet::new());
    if notes {
        store.rest(&plan.resting(&prospects, &chosen)).await?;
    }
    Ok((prospects.len(), chosen.len()))
}

fn tell(line: &str) -> std::io::Result<()> {
    writeln!(std::io::stdout(), "{line}")
}
