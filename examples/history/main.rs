//! Measures what years of one site cost: `history PAGES VERSIONS` makes histories of pages of 70 to 480 KB whose tokens
//! and counters are new in every version, takes them into a record, and prints sizes and speeds beside those of git,
//! of zstd -19 for each version alone, and of parsing alone; with `sizes` as third argument only the sizes. benches/README.md says how to read them.

#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement that cannot go on has failed")]
#![expect(clippy::cast_precision_loss, reason = "the counts are small")]

mod later;
mod pages;
mod rivals;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use pressdiff::config::Config;
use pressdiff::domain::model::{Fetched, SnapshotId};
use pressdiff::store::Store;
use pressdiff::track::{Archive, Importer};

use self::later::Later;
use self::pages::Site;

/// Captures that are taken in at once, and the bytes of them, as `pressdiff import` does.
const BATCH: u64 = 64;
const BATCH_BYTES: usize = 4 << 20;

/// Threads that parse and read files, as many as the program has: each takes memory of its own.
const BLOCKING_THREADS: usize = 4;

fn main() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().max_blocking_threads(BLOCKING_THREADS).build();
    runtime.unwrap().block_on(measure_all());
}

async fn measure_all() {
    let mut arguments = std::env::args().skip(1).take(2).map(|text| text.parse::<u64>().unwrap());
    let (pages, versions) = (arguments.next().unwrap_or(20), arguments.next().unwrap_or(100));
    let site = Arc::new(Site::new(pages));
    let folder = tempfile::tempdir().unwrap();
    let total = pages * versions;
    println!("{total} snapshots: {pages} pages of 70 to 480 KB, {versions} versions of each");

    let made = measure(|| (0..total).map(|n| site.page(n % pages, n / pages).body.len() as u64).sum::<u64>());
    let bytes = made.0;
    tell("all bytes", &format!("{} MB, {} KB for each", bytes >> 20, (bytes / total) >> 10));
    let making = made.1;
    let speed = |spent: Duration| total as f64 / spent.saturating_sub(making).as_secs_f64();

    if std::env::args().nth(3).is_some_and(|only| only == "sizes") {
        let path = folder.path().join("saved.db");
        save(&path, &site, pages, total).await;
        tell("the store", &format!("{} bytes for each snapshot", size(&path) / total));
        tell_packed(&path, total).await;
        let path = folder.path().join("imported.db");
        import(&path, &site, pages, total).await;
        tell("importing", &format!("{} bytes for each snapshot, with versions and events", size(&path) / total));
        tell_packed(&path, total).await;
        return tell_git(&folder.path().join("git"), &site, pages, total);
    }

    let parsed = measure(|| (0..total).map(|n| rivals::parse(&site.page(n % pages, n / pages).body)).sum::<usize>());
    tell("parsing alone", &format!("{:.0} snapshots in a CPU second", speed(parsed.1)));

    let path = folder.path().join("saved.db");
    let before = cpu();
    save(&path, &site, pages, total).await;
    tell("saving alone", &format!("{:.0} snapshots in a CPU second", speed(cpu().saturating_sub(before))));
    tell("the store", &format!("{} bytes for each snapshot", size(&path) / total));

    let path = folder.path().join("imported.db");
    let before = cpu();
    let (found, ahead) = import(&path, &site, pages, total).await;
    let imported = speed(cpu().saturating_sub(before).saturating_sub(ahead));
    let share = imported / speed(parsed.1) * 100.0;
    tell("importing", &format!("{imported:.0} snapshots in a CPU second, {share:.0} % of parsing alone; {found}"));
    tell("the store", &format!("{} bytes for each snapshot, with versions and events", size(&path) / total));
    tell("memory", &format!("{} MB at most so far", peak() >> 10));

    tell_packed(&path, total).await;
    read_back(&path, total).await;
    let (start, before) = (Instant::now(), cpu());
    let verification = Store::open_read(&path).unwrap().verify(Arc::new(|_, _| {})).await.unwrap();
    assert_eq!(verification.broken, None);
    tell(
        "verify",
        &format!(
            "{:.1} s, {:.1} CPU seconds",
            start.elapsed().as_secs_f64(),
            (cpu().saturating_sub(before)).as_secs_f64()
        ),
    );

    tell_git(&folder.path().join("git"), &site, pages, total);
    let every = usize::try_from(total / 20).unwrap().max(1);
    let sample: Vec<usize> =
        (0..total).step_by(every).map(|n| rivals::zstd_19(&site.page(n % pages, n / pages).body)).collect();
    tell(
        "zstd -19",
        &format!("{} bytes for each snapshot alone, of {}", sample.iter().sum::<usize>() / sample.len(), sample.len()),
    );
}

/// Packs the record as `pressdiff repack` does; the daemon does the same when it is idle, but leaves the room that it
/// saves in the file, for what comes next.
async fn tell_packed(path: &Path, total: u64) {
    let (before, store) = (cpu(), Store::open(path).unwrap());
    let mut saved = 0;
    loop {
        let done = store.repack_some(32).await.unwrap();
        if done.bodies == 0 {
            break;
        }
        saved += done.saved;
    }
    drop(store);
    let spent = cpu().saturating_sub(before).as_secs_f64();
    let in_place = (size(path) - free(path)) / total;
    Store::open(path).unwrap().shrink(saved).await.unwrap();
    let packed = size(path) / total;
    tell("packed", &format!("{packed} bytes for each snapshot, {in_place} in place, after {spent:.1} CPU seconds"));
}

fn tell_git(folder: &Path, site: &Site, pages: u64, total: u64) {
    let bytes = rivals::git(folder, total, |n| site.page(n % pages, n / pages));
    let figures = bytes.map(|bytes| format!("{} bytes for each snapshot, pack after gc", bytes / total));
    tell("git", &figures.unwrap_or_else(|| "is not here".to_owned()));
}

fn tell(what: &str, figures: &str) {
    println!("{what:>16}  {figures}");
}

async fn save(path: &Path, site: &Site, pages: u64, total: u64) {
    let store = Store::open(path).unwrap();
    let source = pages::source();
    store.sync_sources(vec![(source.clone(), "Bulk".to_owned())]).await.unwrap();
    for batch in batches(site, pages, total) {
        store.save_captures(&source, batch).await.unwrap();
    }
}

/// What was found, and the CPU time that it took to make the captures that were looked ahead at.
async fn import(path: &Path, site: &Arc<Site>, pages: u64, total: u64) -> (String, Duration) {
    let text = "[[source]]\nid = \"bulk\"\nlistings = [\"https://bulk.example/news/\"]\ninclude = [\"/news/*/\"]\n";
    let source = Config::parse(text, Path::new("pressdiff.toml")).unwrap().sources.remove(0);
    let store = Store::open(path).unwrap();
    store.sync_sources(vec![(source.id.clone(), "Bulk".to_owned())]).await.unwrap();
    let later = Arc::new(Mutex::new(Later::of(Arc::clone(site), total)));
    let archive: Arc<Mutex<dyn Archive>> = Arc::clone(&later) as _;
    let mut importer = Importer::new(store, source, archive).await.unwrap();
    importer.learn(&(0..pages.min(48)).map(|page| site.page(page, 0)).collect::<Vec<_>>());
    let (mut versions, mut events, mut taken) = (0, 0, 0);
    for batch in batches(site, pages, total) {
        taken += u32::try_from(batch.len()).unwrap();
        let done = importer.take(batch, taken).await.unwrap();
        versions += done.versions;
        events += done.events;
    }
    let (looked, spent) = later.lock().unwrap().looked();
    (format!("{versions} versions, {events} events; {looked} captures looked ahead at"), spent)
}

/// The captures in the order of time.
fn batches(site: &Site, pages: u64, total: u64) -> impl Iterator<Item = Vec<Fetched>> {
    let mut next = 0;
    std::iter::from_fn(move || {
        let (mut batch, mut bytes, end) = (Vec::new(), 0, total.min(next + BATCH));
        while next < end && bytes < BATCH_BYTES {
            let fetched = site.page(next % pages, next / pages);
            bytes += fetched.body.len();
            batch.push(fetched);
            next += 1;
        }
        (!batch.is_empty()).then_some(batch)
    })
}

/// Snapshots from all over the record, each read by a process that has nothing in memory.
async fn read_back(path: &Path, total: u64) {
    let mut spent = Vec::new();
    for n in 0..200.min(total) {
        let id = SnapshotId(i64::try_from(n * 7_919 % total + 1).unwrap());
        let store = Store::open_read(path).unwrap();
        store.find_snapshot(SnapshotId(i64::MAX)).await.unwrap();
        let start = Instant::now();
        assert!(store.find_snapshot(id).await.unwrap().is_some());
        spent.push(start.elapsed());
    }
    spent.sort_unstable();
    let at = |share: usize| spent[(spent.len() - 1) * share / 100].as_secs_f64() * 1000.0;
    tell(
        "reading back",
        &format!("{:.2} ms in the middle, 95 of 100 within {:.2} ms, at most {:.2} ms", at(50), at(95), at(100)),
    );
}

fn measure<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let before = cpu();
    let value = work();
    (value, cpu().saturating_sub(before))
}

/// CPU time of this process, in steps of a hundredth of a second.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}

/// The most memory that this process had, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

/// Bytes of the file that are left for what comes next.
fn free(path: &Path) -> u64 {
    let connection = rusqlite::Connection::open(path).unwrap();
    let count = |name| connection.pragma_query_value(None, name, |row| row.get::<_, u32>(0)).unwrap();
    u64::from(count("freelist_count")) * u64::from(count("page_size"))
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).unwrap().len()
}
