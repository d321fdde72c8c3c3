//! Serves the review pages over a day of changes of the demo site, for looking at them and for the browser test:
//! `review_pages ADDRESS [empty|password]`. One more source tries to run script in titles and texts. With `empty`
//! nothing has happened yet; with `password` the pages ask for "correct horse battery". Stops on Ctrl-C.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context as _;
use axum::Router;
use axum::http::StatusCode;
use axum::response::Html;
use axum::routing::{get, post};
use pressdiff::cli::demo_site::DemoSite;
use pressdiff::clock::Clock;
use pressdiff::config::Config;
use pressdiff::fetch::Fetcher;
use pressdiff::notify::{deliver_due, notifiers, subscriptions};
use pressdiff::store::Store;
use pressdiff::track::Tracker;
use pressdiff::web::{Parts, Passwords, Web};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use url::Url;

const SCRIPT: &str =
    "&lt;script&gt;document.title='run'&lt;/script&gt;&lt;img src=x onerror=&quot;document.title='run'&quot;&gt;";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let address = std::env::args().nth(1).context("usage: review_pages ADDRESS [empty|password]")?;
    let mode = std::env::args().nth(2).unwrap_or_default();
    let folder = std::env::temp_dir().join(format!("pressdiff-review-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let served = serve(&folder, &address, &mode).await;
    std::fs::remove_dir_all(&folder)?;
    served
}

async fn serve(folder: &Path, address: &str, mode: &str) -> anyhow::Result<()> {
    let site = DemoSite::start().await?;
    let (hostile, edited) = hostile_site().await?;
    let config = config(folder, address, &site.root().join("news/")?, &hostile)?;
    let store = Store::open(&config.store.path)?;
    let named = config.sources.iter().map(|source| (source.id.clone(), source.name.clone()));
    store.sync_sources(named.collect()).await?;
    let clock = Clock::system();
    if mode != "empty" {
        watch_a_day(&config, &store, &clock, &site, &edited).await?;
    }
    let passwords = Passwords::beside(&config.store.path);
    if mode == "password" {
        passwords.set("correct horse battery")?;
    }
    let (wanted, _asked) = mpsc::channel(1);
    let (_sources, sources) = watch::channel(config.sources.clone());
    let (_outlook, planned) = watch::channel(BTreeMap::new());
    let parts = Parts { store, clock, sources, planned, wanted, passwords };
    let web = Web::bind(&config.web, parts, Router::new()).await?;
    let (stop, stopped) = watch::channel(false);
    let serving = tokio::spawn(web.serve(stopped));
    tokio::signal::ctrl_c().await?;
    stop.send_replace(true);
    serving.await?;
    Ok(())
}

/// Checks both sites at every step of the demo.
async fn watch_a_day(
    config: &Config,
    store: &Store,
    clock: &Clock,
    site: &DemoSite,
    edited: &watch::Sender<bool>,
) -> anyhow::Result<()> {
    let fetcher = Fetcher::new(&config.fetch, clock.clone())?;
    let alerts = subscriptions(&config.alerts);
    let tracker = Tracker::new(store.clone(), fetcher, clock.clone(), alerts, config.fetch.concurrency);
    for step in 0..DemoSite::steps() {
        site.set_step(step);
        edited.send_replace(step > 0);
        for source in config.sources.iter().chain(&config.sources) {
            tracker.check(source, &|_| {}).await?;
        }
    }
    // Nobody listens at one address, and the other has moved away for good.
    deliver_due(store, &notifiers(config)?, clock).await?;
    Ok(())
}

fn config(folder: &Path, address: &str, demo: &Url, hostile: &Url) -> anyhow::Result<Config> {
    let text = format!(
        "[fetch]\nallow_private_addresses = true\nper_host_interval = \"0s\"\n[web]\nlisten = \"{address}\"\n\
         [[source]]\nid = \"demo\"\nname = \"Council of Eastmere\"\nlistings = [\"{demo}\"]\n\
         confirm_removal = {{ checks = 1, after = \"0s\" }}\n\
         [[source]]\nid = \"hostile\"\nname = \"<script>document.title='run'</script>\"\nlistings = [\"{hostile}\"]\n\
         [[alert]]\nname = \"desk\"\nchannel = \"webhook\"\nurl = \"http://127.0.0.1:9/services/T000/s3cret\"\n\
         [[alert]]\nname = \"archive\"\nchannel = \"webhook\"\nurl = \"{hostile}hook/s3cret\"\nsources = [\"demo\"]\n"
    );
    Ok(Config::parse(&text, &folder.join("pressdiff.toml"))?)
}

/// A site whose texts look like markup; they change when the sender says so.
async fn hostile_site() -> anyhow::Result<(Url, watch::Sender<bool>)> {
    let (edited, is_edited) = watch::channel(false);
    let listing =
        (1..=4).map(|n| format!("<li><a href=\"/news/item-{n}/\">Release {n} {SCRIPT}</a> 0{n}.06.2026</li>"));
    let listing = format!("<h1>News</h1><ul>{}</ul>", listing.collect::<String>());
    let release = async move |axum::extract::Path(slug): axum::extract::Path<String>| {
        let sum = if *is_edited.borrow() { "15.9" } else { "12.4" };
        let more = "The council met at noon and spoke about the harbour, the ferry and the bridge for three hours.";
        Html(format!(
            "<html><title>{slug}</title><h1>Release {slug} {SCRIPT}</h1><article><p>{SCRIPT} costs {sum} million crowns this \
             year, as the council of {slug} said in its meeting on the island.</p><p>{more} {slug}</p></article></html>"
        ))
    };
    let router = Router::new()
        .route("/news/", get(async move || Html(listing)))
        .route("/news/{slug}/", get(release))
        .route("/news/hook/{secret}", post(async || (StatusCode::GONE, format!("moved away {SCRIPT}"))))
        .route("/robots.txt", get(async || ""));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let url = Url::parse(&format!("http://{}/news/", listener.local_addr()?))?;
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok((url, edited))
}
