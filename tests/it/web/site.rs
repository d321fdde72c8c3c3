//! Pages with a store of their own, served on loopback, and somebody who asks for them.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use pressdiff::clock::Clock;
use pressdiff::config::WebConfig;
use pressdiff::domain::classify::ReleaseOutcome;
use pressdiff::domain::model::{
    Addressee, Block, BlockKind, ContentHash, Discovery, Document, Event, EventKind, Fetched, Field, Link, NextCheck,
    Reason, Release, ReleaseState, Significance, SnapshotId, Source, SourceId, SourceState, Version,
};
use pressdiff::domain::route::{Dispatch, Form};
use pressdiff::metrics::Meter;
use pressdiff::store::{CheckOutcome, NewRelease, Router, Store};
use pressdiff::web::operations::{Operations, routes};
use pressdiff::web::{Parts, Passwords, Web};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response};
use tempfile::TempDir;
use tokio::sync::{mpsc, watch};

/// The pages while they are served.
pub(crate) struct Pages {
    pub(crate) store: Store,
    pub(crate) passwords: Passwords,
    pub(crate) wanted: mpsc::Receiver<SourceId>,
    pub(crate) planned: watch::Sender<BTreeMap<SourceId, NextCheck>>,
    pub(crate) address: SocketAddr,
    client: Client,
    _folder: TempDir,
    _sources: watch::Sender<Vec<Source>>,
    _stop: watch::Sender<bool>,
}

/// Noon on a day in June.
pub(crate) fn noon() -> DateTime<Utc> {
    "2026-06-03T12:00:00Z".parse().unwrap()
}

impl Pages {
    pub(crate) async fn open() -> Self {
        Self::with(|_| {}, Vec::new()).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut WebConfig), sources: Vec<Source>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pressdiff.db");
        let store = Store::open(&path).unwrap();
        let named = sources.iter().map(|source| (source.id.clone(), source.name.clone()));
        store.sync_sources(named.collect()).await.unwrap();
        let passwords = Passwords::beside(&path);
        let mut config = WebConfig { listen: "127.0.0.1:0".parse().unwrap(), ..WebConfig::default() };
        change(&mut config);
        let (wishes, wanted) = mpsc::channel(4);
        let planned = watch::Sender::new(BTreeMap::new());
        let (watching, watched) = watch::channel(sources);
        let parts = Parts {
            store: store.clone(),
            clock: Clock::fixed(noon()),
            sources: watched,
            planned: planned.subscribe(),
            wanted: wishes,
            passwords: passwords.clone(),
        };
        let operations = Operations { store: store.clone(), clock: Clock::fixed(noon()), meter: Meter::default() };
        let web = Web::bind(&config, parts, routes(operations)).await.unwrap();
        let address = web.address();
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(web.serve(stopped));
        let client = Client::builder().redirect(Policy::none()).build().unwrap();
        Self { store, passwords, wanted, planned, address, client, _folder: folder, _sources: watching, _stop: stop }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A request as a browser makes it when somebody follows a link.
    pub(crate) fn request(&self, path: &str) -> RequestBuilder {
        self.client.get(self.url(path))
    }

    /// The same without the body of the answer.
    pub(crate) fn head(&self, path: &str) -> RequestBuilder {
        self.client.head(self.url(path))
    }

    /// A request as a browser makes it when somebody sends a form of these pages.
    pub(crate) fn form(&self, path: &str, fields: &[(&str, &str)]) -> RequestBuilder {
        self.bare_form(path, fields)
            .header("Origin", format!("http://{}", self.address))
            .header("Sec-Fetch-Site", "same-origin")
    }

    /// The same without saying where the form came from.
    pub(crate) fn bare_form(&self, path: &str, fields: &[(&str, &str)]) -> RequestBuilder {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let kind = "application/x-www-form-urlencoded";
        self.client.post(self.url(path)).header("Content-Type", kind).body(body)
    }

    /// The page at a path, which has to be there.
    pub(crate) async fn page(&self, path: &str) -> String {
        let answer = self.request(path).send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert_eq!(status, 200, "{path}: {text}");
        text
    }

    /// Sends a form, which has to be taken; returns where it leads.
    pub(crate) async fn submit(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.form(path, fields).send().await.unwrap();
        assert_eq!(answer.status(), 303, "{path}: {}", answer.text().await.unwrap());
        location(&answer)
    }
}

/// Where an answer leads.
pub(crate) fn location(answer: &Response) -> String {
    answer.headers()["location"].to_str().unwrap().to_owned()
}

/// What pages need, in this folder.
pub(crate) fn parts(folder: &std::path::Path) -> Parts {
    let path = folder.join("pressdiff.db");
    let store = Store::open(&path).unwrap();
    let (wanted, _) = mpsc::channel(1);
    let (_, sources) = watch::channel(Vec::new());
    let (_, planned) = watch::channel(BTreeMap::new());
    Parts { store, clock: Clock::fixed(noon()), sources, planned, wanted, passwords: Passwords::beside(&path) }
}

/// A source that is watched.
pub(crate) fn source() -> Source {
    let text = "[[source]]\nid = \"harbour\"\nname = \"Harbour & <b>Council</b>\"\nlistings = [\"https://harbour.example/\"]\n";
    let config = pressdiff::config::Config::parse(text, std::path::Path::new("pressdiff.toml")).unwrap();
    config.sources.into_iter().next().unwrap()
}

const SCRIPT: &str = "<script>alert(1)</script><img src=x onerror=\"alert(1)\">";

/// So many releases that are new and then edited, from a site that tries to run script.
pub(crate) async fn hostile_day(store: &Store, releases: u32) {
    let id = SourceId("harbour".into());
    store.sync_sources(vec![(id.clone(), format!("Harbour {SCRIPT}"))]).await.unwrap();
    for number in 1..=releases {
        let url: url::Url = format!("https://harbour.example/news/{number}/?a=%22%3E").parse().unwrap();
        let snapshot = store.save_snapshot(&id, &answer(&url, number)).await.unwrap();
        let mut release = store.add_releases(&id, vec![found(&url)]).await.unwrap().remove(0);
        release.title = format!("Release {number} {SCRIPT}");
        release.state = ReleaseState::Present;
        release.judged = Some(snapshot);
        let version = |version: u32, sum: &str| Version {
            release: release.id,
            number: version,
            snapshot,
            extractor: 1,
            hash: ContentHash(format!("{number}-{version}")),
            recorded_at: noon() - TimeDelta::hours(1) + TimeDelta::seconds(27),
            document: document(&release.title, sum),
            technical: false,
        };
        let versions = vec![version(1, "12.4"), version(2, "15.9")];
        let events = vec![event(&release, None, snapshot), event(&release, Some(1), snapshot)];
        let outcome = ReleaseOutcome { versions, events, ..ReleaseOutcome::of(release) };
        store.record(check(id.clone(), outcome)).await.unwrap();
    }
}

/// One more event of the first release, about which the desk cannot be told.
pub(crate) async fn fail_to_deliver(store: &Store, recipient: &str) {
    let id = SourceId("harbour".into());
    let release = store.list_releases(&id).await.unwrap().remove(0);
    let events = vec![event(&release, Some(1), release.judged.unwrap())];
    let outcome = ReleaseOutcome { events, ..ReleaseOutcome::of(release) };
    let desk = Addressee { alert: "desk".into(), recipient: recipient.into() };
    let told = Dispatch { addressee: desk, form: Form::Single, due_at: noon(), events: vec![0] };
    let alerts: Router = Box::new(move |_| vec![told.clone()]);
    store.record(CheckOutcome { alerts, ..check(id, outcome) }).await.unwrap();
    let claimed = store.claim_message("desk", noon(), Duration::from_mins(1)).await.unwrap().unwrap();
    store.mark_failed(claimed.id, noon(), "550 no such mailbox").await.unwrap();
}

/// The first release is gone from the site.
pub(crate) async fn remove_release(store: &Store) {
    let id = SourceId("harbour".into());
    let release = Release { state: ReleaseState::Removed, ..store.list_releases(&id).await.unwrap().remove(0) };
    let outcome = ReleaseOutcome::of(release);
    store.record(check(id, outcome)).await.unwrap();
}

fn answer(url: &url::Url, number: u32) -> Fetched {
    Fetched {
        url: url.clone(),
        final_url: url.clone(),
        redirects: Vec::new(),
        status: 200,
        headers: vec![("content-type".into(), "text/html".into()), ("x-evil".into(), SCRIPT.into())],
        body: format!("<p>{SCRIPT} release {number}</p>").into(),
        fetched_at: noon() - TimeDelta::hours(1),
    }
}

fn found(url: &url::Url) -> NewRelease {
    NewRelease {
        identity: pressdiff::domain::address::identity(url),
        url: url.clone(),
        title: "found".into(),
        day: None,
        found_by: Discovery::Listing,
        found_at: noon() - TimeDelta::hours(2),
        announce: true,
    }
}

/// An edit of a version, or a new release where there is none.
fn event(release: &Release, old: Option<u32>, snapshot: SnapshotId) -> Event {
    let (kind, significance) = match old {
        Some(_) => (EventKind::Edited, Significance::Major),
        None => (EventKind::New, Significance::Minor),
    };
    Event {
        at: noon() - TimeDelta::hours(1),
        kind,
        source: release.source.clone(),
        url: release.url.clone(),
        old_url: None,
        title: release.title.clone(),
        fields: vec![Field::Body],
        significance,
        reasons: vec![Reason::Number],
        summary: format!("“12.4” became “15.9” {SCRIPT}"),
        old_version: old,
        new_version: Some(old.unwrap_or_default() + 1),
        explanation: format!("Seen twice. {SCRIPT}"),
        evidence: vec![snapshot],
        release: Some(release.id),
    }
}

fn check(source: SourceId, outcome: ReleaseOutcome) -> CheckOutcome {
    CheckOutcome {
        releases: vec![outcome],
        ..CheckOutcome::quiet(source, noon(), SourceState { checked_at: Some(noon()), ..SourceState::default() })
    }
}

fn document(title: &str, sum: &str) -> Document {
    let block = |text: String| Block { kind: BlockKind::Paragraph, text };
    let blocks = vec![
        block(format!("The Council has set aside {sum} million for the works.")),
        block(format!("{SCRIPT} The works office is open at noon.")),
        block("北京市政府 ёлка крон".to_owned()),
    ];
    let links = vec![Link { text: SCRIPT.into(), target: format!("javascript:alert({sum})") }];
    Document { title: title.to_owned(), blocks, links, contacts: vec![SCRIPT.into()], ..Document::default() }
}
