//! What those see who watch over the service: health, readiness, and metrics that can be read back.

mod exposition;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use pressdiff::cli::demo_site::DemoSite;
use pressdiff::clock::Clock;
use pressdiff::config::Config;
use pressdiff::domain::model::SourceId;
use pressdiff::fetch::Fetcher;
use pressdiff::metrics::Meter;
use pressdiff::notify::{notifiers, subscriptions};
use pressdiff::schedule::{Channels, Commands, Daemon, Manager, Setup};
use pressdiff::store::Store;
use pressdiff::track::Tracker;
use pressdiff::web::operations::{Operations, routes};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use self::exposition::{Family, read};

/// A daemon in this process, with its pages for operators on a port of its own.
struct Watched {
    _folder: TempDir,
    store: Store,
    meter: Meter,
    address: String,
    serving: JoinHandle<()>,
}

impl Watched {
    /// Sources with these listings; nothing is checked yet.
    async fn start(listings: &[(&str, String)]) -> (Self, Daemon) {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::parse(&configuration(listings), &folder.path().join("pressdiff.toml")).unwrap();
        let store = Store::open(&config.store.path).unwrap();
        let sources = config.sources.iter().map(|source| (source.id.clone(), source.name.clone()));
        store.sync_sources(sources.collect()).await.unwrap();
        let (clock, meter) = (Clock::system(), Meter::default());
        let fetcher = Fetcher::metered(&config.fetch, clock.clone(), meter.clone()).unwrap();
        let tracker = Tracker::new(store.clone(), fetcher, clock.clone(), subscriptions(&config.alerts), 4);
        let channels = Channels { notifiers: notifiers(&config).unwrap(), feeds: None };
        let setup = Setup { tracker, channels, sources: config.sources };
        let daemon = Daemon {
            store: store.clone(),
            clock: clock.clone(),
            meter: meter.clone(),
            manager: Manager::default(),
            next_checks: tokio::sync::watch::Sender::default(),
            setup,
        };
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let router = routes(Operations { store: store.clone(), clock, meter: meter.clone() });
        let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        (Self { _folder: folder, store, meter, address, serving }, daemon)
    }

    /// Status and body.
    async fn get(&self, path: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    async fn metrics(&self) -> BTreeMap<String, Family> {
        let (status, text) = self.get("/metrics").await;
        assert_eq!(status, 200, "{text}");
        read(&text)
    }

    /// Waits until this many checks have ended; each look at the store lets the daemon go on.
    async fn checked(&self, checks: f64) {
        let deadline = tokio::time::Instant::now() + Duration::from_mins(1);
        // A metric without samples, before the sources are known, is not there at all.
        while self.metrics().await.get("pressdiff_checks").map_or(0.0, Family::sum) < checks {
            assert!(tokio::time::Instant::now() < deadline, "the checks do not end");
            tokio::task::yield_now().await;
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn configuration(listings: &[(&str, String)]) -> String {
    let mut text = "[fetch]\nallow_private_addresses = true\nper_host_interval = \"0s\"\n\
         [[alert]]\nname = \"log\"\nchannel = \"log\"\npath = \"events.jsonl\"\n"
        .to_owned();
    let source = |(id, listing): &(&str, String)| {
        format!("[[source]]\nid = \"{id}\"\nlistings = [\"{listing}\"]\nschedule = \"@yearly\"\n")
    };
    text.extend(listings.iter().map(source));
    text
}

/// A daemon at work, until the sender is dropped.
fn work(daemon: Daemon) -> (oneshot::Sender<()>, JoinHandle<()>) {
    let (stop, stopped) = oneshot::channel();
    let commands = Commands { wanted: mpsc::channel(1).1, reconfigurations: mpsc::channel(1).1 };
    let stopped = async { drop(stopped.await) };
    (stop, tokio::spawn(async move { daemon.run(commands, stopped).await.unwrap() }))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_is_alive_before_it_is_ready() {
    let site = DemoSite::start().await.unwrap();
    let (watched, daemon) = Watched::start(&[("demo", site.root().join("news/").unwrap().to_string())]).await;
    assert_eq!(watched.get("/healthz").await, (200, "alive\n".to_owned()));
    assert_eq!(watched.get("/readyz").await, (503, "the schedule does not run\n".to_owned()));
    let (stop, ended) = work(daemon);
    watched.checked(1.0).await;
    assert_eq!(watched.get("/readyz").await, (200, "ready\n".to_owned()));
    drop(stop);
    ended.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_tell_what_was_done() {
    let site = DemoSite::start().await.unwrap();
    let good = site.root().join("news/").unwrap().to_string();
    let (watched, daemon) = Watched::start(&[("demo", good), ("dead", "http://127.0.0.1:1/news/".to_owned())]).await;
    let (stop, ended) = work(daemon);
    watched.checked(2.0).await;
    let metrics = watched.metrics().await;
    let value = |family: &str, labels: &[(&str, &str)]| metrics[family].value(labels);
    let told = |family: &str, labels: &[(&str, &str)]| value(family, labels).to_string();
    assert_eq!(told("pressdiff_checks", &[("source", "demo"), ("outcome", "done")]), "1");
    assert_eq!(told("pressdiff_checks", &[("source", "dead"), ("outcome", "unreachable")]), "1");
    assert_eq!(told("pressdiff_checks", &[("source", "dead"), ("outcome", "done")]), "0");
    assert_eq!(told("pressdiff_releases", &[("state", "present")]), "8");
    assert_eq!(told("pressdiff_source_degraded", &[("source", "demo")]), "0");
    assert_eq!(told("pressdiff_source_degraded", &[("source", "dead")]), "1");
    assert_eq!(told("pressdiff_sources_degraded", &[]), "1");
    assert_eq!(told("pressdiff_sources", &[]), "2");
    assert!(value("pressdiff_responses", &[("kind", "success")]) >= 9.0, "a listing and eight releases");
    assert!(metrics["pressdiff_fetch_errors"].sum() >= 1.0);
    assert!(value("pressdiff_fetched_bytes", &[]) > 1000.0);
    assert!(value("process_resident_memory_bytes", &[]) > 1e6);
    assert!(value("pressdiff_store_bytes", &[]) > 1000.0);
    for (name, family) in &metrics {
        for (key, value) in family.labels() {
            assert!(!value.contains(['/', ':']), "{name} has an address in {key}: {value}");
        }
    }
    assert_eq!(documented(), served(&metrics), "docs/metrics.md and what is served");
    drop(stop);
    ended.await.unwrap();
}

#[tokio::test]
async fn a_source_that_left_the_configuration_is_no_longer_told_of() {
    let (watched, _daemon) = Watched::start(&[("old", "http://127.0.0.1:1/".to_owned())]).await;
    let sources = |metrics: &BTreeMap<String, Family>| -> BTreeSet<String> {
        let labels = ["pressdiff_checks", "pressdiff_source_degraded"].map(|name| metrics.get(name).cloned());
        let labels = labels.into_iter().flatten().flat_map(|family| family.labels());
        labels.filter(|(key, _)| key == "source").map(|(_, value)| value).collect()
    };
    watched.meter.watch([SourceId("old".into())]);
    assert_eq!(sources(&watched.metrics().await), BTreeSet::from(["old".to_owned()]));
    watched.store.sync_sources(vec![(SourceId("fresh".into()), "Fresh".into())]).await.unwrap();
    watched.meter.watch([SourceId("fresh".into())]);
    assert_eq!(sources(&watched.metrics().await), BTreeSet::from(["fresh".to_owned()]));
}

/// Name, type, labels and meaning.
type Row = (String, String, BTreeSet<String>, String);

fn served(metrics: &BTreeMap<String, Family>) -> BTreeSet<Row> {
    let row = |(name, family): (&String, &Family)| {
        let labels = family.labels().into_iter().map(|(key, _)| key).filter(|key| key != "le").collect();
        (name.clone(), family.kind.clone(), labels, family.help.clone())
    };
    metrics.iter().map(row).collect()
}

fn documented() -> BTreeSet<Row> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/metrics.md");
    let text = std::fs::read_to_string(path).unwrap();
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let labels = cells[2].split(',').map(|label| label.trim().to_owned()).filter(|label| !label.is_empty());
        (cells[0].trim_matches('`').to_owned(), cells[1].to_owned(), labels.collect(), cells[3].to_owned())
    };
    rows.map(row).collect()
}
