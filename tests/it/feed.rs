//! Feeds as readers get them: valid, whole, with ids that never change, and no reason to stop for anything.
//!
//! What `.ci/run` holds against the grammar of RFC 4287 is left in `target/tmp/feeds` by these tests.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use feed_rs::model::Feed;
use pressdiff::cli::demo_site::DemoSite;
use pressdiff::clock::Clock;
use pressdiff::config::Config;
use pressdiff::domain::model::{Event, EventKind, Reason, Significance, SourceId, SourceState};
use pressdiff::notify::{FeedWriter, feed_troubles};
use pressdiff::store::{CheckOutcome, Store};
use tempfile::TempDir;
use url::Url;

use crate::support::program::Desk;

/// A feed that is well-formed and keeps the rules which no grammar can state: somebody wrote each entry, no id comes
/// twice or is relative, and the feed is as new as its newest entry.
fn read(path: &Path) -> Feed {
    let text = fs::read(path).unwrap();
    let feed = feed_rs::parser::parse(text.as_slice()).unwrap();
    assert!(!feed.authors.is_empty() && feed.title.is_some() && feed.updated.is_some());
    let ids: BTreeSet<&str> = feed.entries.iter().map(|entry| entry.id.as_str()).chain([feed.id.as_str()]).collect();
    assert_eq!(ids.len(), feed.entries.len() + 1);
    assert!(ids.iter().all(|id| id.starts_with("urn:uuid:") && id.len() == 45), "{ids:?}");
    let newest = feed.entries.iter().filter_map(|entry| entry.updated).max();
    assert!(newest.is_none() || newest == feed.updated);
    for entry in &feed.entries {
        assert!(entry.title.is_some() && entry.updated.is_some() && entry.content.is_some(), "{entry:#?}");
        assert_eq!(entry.links.iter().filter(|link| link.rel.as_deref() == Some("alternate")).count(), 1);
    }
    feed
}

/// For the check against the grammar.
fn keep(path: &Path, name: &str) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("feeds");
    fs::create_dir_all(&folder).unwrap();
    fs::copy(path, folder.join(name)).unwrap();
}

fn ids(feed: &Feed) -> Vec<String> {
    feed.entries.iter().map(|entry| entry.id.clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_check_with_news_renews_the_feeds() {
    let site = DemoSite::start().await.unwrap();
    let listing = site.root().join("news/").unwrap();
    let desk = Desk::configured(&format!(
        "[fetch]\nallow_private_addresses = true\nper_host_interval = \"1ms\"\n\
         [feed]\nfolder = \"public/feeds\"\nurl = \"https://desk.example/feeds/\"\n\
         [[source]]\nid = \"demo\"\nname = \"Demo\"\nlistings = [\"{listing}\"]\n\
         confirm_removal = {{ checks = 1, after = \"0s\" }}\n"
    ));
    let (all, demo) = (desk.path("public/feeds/all.atom"), desk.path("public/feeds/demo.atom"));
    desk.succeed(&["check"]);
    assert!(read(&all).entries.is_empty() && read(&demo).entries.is_empty());
    keep(&all, "empty.atom");

    let mut known = Vec::new();
    for step in 1..DemoSite::steps() {
        site.set_step(step);
        desk.succeed(&["check"]);
        let feed = read(&all);
        let events = desk.succeed(&["events", "--format", "jsonl"]).lines().count();
        assert_eq!(feed.entries.len(), events);
        assert!(ids(&feed).ends_with(&known), "older entries stay as they are, below the new ones");
        assert_eq!(ids(&read(&demo)), ids(&feed));
        known = ids(&feed);
    }
    keep(&all, "demo.atom");
    let feed = read(&all);
    assert_eq!(feed.links[0].href, "https://desk.example/feeds/all.atom");
    let edited = feed.entries.iter().filter(|entry| entry.categories.iter().any(|category| category.term == "edited"));
    for entry in edited.clone() {
        let html = entry.content.as_ref().unwrap().body.as_ref().unwrap();
        assert!(html.contains("<ins ") || html.contains("<del "), "{html}");
        assert!(!html.contains("<script"), "{html}");
    }
    assert!(edited.count() > 0);

    fs::remove_dir_all(desk.path("public")).unwrap();
    assert!(desk.run(&["sources"]).err.contains("all.atom"), "a feed that is gone is seen");
    desk.succeed(&["check"]);
    assert_eq!(ids(&read(&all)), known);
    assert!(!desk.run(&["sources"]).err.contains("all.atom"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_cannot_be_written_is_told_and_stops_nothing() {
    let site = DemoSite::start().await.unwrap();
    let desk = Desk::configured(&format!(
        "[fetch]\nallow_private_addresses = true\nper_host_interval = \"1ms\"\n[feed]\nfolder = \"feeds\"\n\
         [[source]]\nid = \"demo\"\nlistings = [\"{}news/\"]\n[[alert]]\nname = \"log\"\nchannel = \"log\"\npath = \"events.jsonl\"\n",
        site.root()
    ));
    fs::write(desk.path("feeds"), "this is no folder").unwrap();
    desk.succeed(&["check"]);
    site.set_step(2);
    let ran = desk.run(&["check", "-v"]);
    assert_eq!(ran.status, 0, "{ran:#?}");
    assert!(ran.err.contains("feed not written"), "{}", ran.err);
    assert!(!desk.log().is_empty());
    let told = desk.run(&["sources"]);
    assert_eq!(told.status, 0);
    assert!(told.err.contains("feeds/all.atom") && told.err.contains("feeds/demo.atom"), "{}", told.err);
}

/// A store with two sources, and a writer of their feeds.
struct Newsroom {
    folder: TempDir,
    store: Store,
    config: Config,
    writer: FeedWriter,
}

impl Newsroom {
    async fn open(entries: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "[feed]\nfolder = \"feeds\"\nentries = {entries}\n\
             [[source]]\nid = \"harbour\"\nname = \"The Harbour <&>\"\npages = [\"https://example.org/\"]\n\
             [[source]]\nid = \"island\"\npages = [\"https://example.net/\"]\n"
        );
        let config = Config::parse(&text, &folder.path().join("pressdiff.toml")).unwrap();
        let store = Store::open(&folder.path().join("pressdiff.db")).unwrap();
        let names = config.sources.iter().map(|source| (source.id.clone(), source.name.clone()));
        store.sync_sources(names.collect()).await.unwrap();
        let clock = Clock::fixed(start());
        let writer = FeedWriter::new(config.feed.as_ref().unwrap(), None, &config.sources, store.clone(), clock);
        Self { folder, store, config, writer }
    }

    fn feed(&self, name: &str) -> PathBuf {
        self.folder.path().join("feeds").join(name)
    }

    async fn record(&self, source: &str, titles: &[&str]) {
        let source = SourceId(source.into());
        let outcome = CheckOutcome {
            events: (0..).zip(titles).map(|(number, title)| event(&source, title, number)).collect(),
            ..CheckOutcome::quiet(source.clone(), start(), SourceState::default())
        };
        self.store.record(outcome).await.unwrap();
    }

    async fn troubles(&self) -> Vec<String> {
        feed_troubles(self.config.feed.as_ref().unwrap(), &self.config.sources, &self.store).await.unwrap()
    }
}

fn start() -> DateTime<Utc> {
    "2026-05-20T08:00:00Z".parse().unwrap()
}

fn event(source: &SourceId, title: &str, minute: i64) -> Event {
    Event {
        at: start() + TimeDelta::minutes(minute),
        kind: EventKind::Removed,
        source: source.clone(),
        url: Url::parse("https://example.org/news/\"><script>'&amp;/").unwrap(),
        old_url: None,
        title: title.into(),
        fields: Vec::new(),
        significance: Significance::Major,
        reasons: vec![Reason::NotFound],
        summary: format!("{title} is gone"),
        old_version: Some(1),
        new_version: None,
        explanation: format!("{title} twice"),
        evidence: Vec::new(),
        release: None,
    }
}

#[tokio::test]
async fn only_feeds_with_news_are_written_again() {
    let room = Newsroom::open(100).await;
    room.record("harbour", &["One"]).await;
    room.record("island", &["Two"]).await;
    room.writer.refresh().await.unwrap();
    fs::remove_file(room.feed("island.atom")).unwrap();
    room.record("harbour", &["Three"]).await;
    room.writer.refresh().await.unwrap();
    assert_eq!(read(&room.feed("harbour.atom")).entries.len(), 2);
    assert_eq!(read(&room.feed("all.atom")).entries.len(), 3);
    assert!(!room.feed("island.atom").exists());
}

#[tokio::test]
async fn the_newest_entries_stay_when_there_are_too_many() {
    let room = Newsroom::open(3).await;
    room.record("harbour", &["One", "Two", "Three", "Four", "Five"]).await;
    room.writer.refresh().await.unwrap();
    let feed = read(&room.feed("harbour.atom"));
    let titles: Vec<&str> = feed.entries.iter().map(|entry| entry.title.as_ref().unwrap().content.as_str()).collect();
    let title = |word| format!("removed (not-found): {word} [The Harbour <&>]");
    assert_eq!(titles, ["Five", "Four", "Three"].map(title));
}

#[tokio::test]
async fn hostile_text_makes_no_other_feed() {
    let room = Newsroom::open(100).await;
    let titles = [
        "]]></content></entry></feed>",
        "<script>alert(1)</script>",
        "\u{0}\u{1}\u{8}\u{b}\u{c}\u{1f}\u{7f}\u{85}\u{9f}\u{fffe}\u{ffff}",
        "&amp;&bogus;&#0;&#x1;",
        "\u{202e}backwards\u{2066}",
        "",
        &"long ".repeat(50_000),
    ];
    room.record("harbour", &titles).await;
    room.writer.refresh().await.unwrap();
    let path = room.feed("all.atom");
    let feed = read(&path);
    assert_eq!(feed.entries.len(), titles.len());
    assert!(fs::metadata(&path).unwrap().len() < 1_000_000);
    let text = fs::read_to_string(&path).unwrap();
    assert!(!text.contains("<script") && !text.contains("\u{202e}") && !text.contains('\u{0}'));
    for entry in &feed.entries {
        let html = entry.content.as_ref().unwrap().body.as_ref().unwrap();
        assert!(!html.contains("<script"), "{html}");
    }
    keep(&path, "hostile.atom");
}

#[tokio::test]
async fn a_feed_that_could_not_be_written_is_written_later() {
    let room = Newsroom::open(100).await;
    room.record("harbour", &["One"]).await;
    fs::write(room.folder.path().join("feeds"), "in the way").unwrap();
    room.writer.refresh().await.unwrap();
    assert_eq!(room.troubles().await.len(), 2, "{:?}", room.troubles().await);
    fs::remove_file(room.folder.path().join("feeds")).unwrap();
    room.writer.refresh().await.unwrap();
    assert_eq!(room.troubles().await, [""; 0]);
    room.record("harbour", &["One", "Two"]).await;
    assert!(room.troubles().await[0].ends_with("event 3 is not in it"), "{:?}", room.troubles().await);
    let left: Vec<_> =
        fs::read_dir(room.folder.path().join("feeds")).unwrap().map(|file| file.unwrap().path()).collect();
    assert!(left.iter().all(|path| path.extension().unwrap() == "atom"), "{left:?}");
}

#[test]
fn a_source_cannot_have_the_name_of_the_feed_of_all() {
    let text = "[feed]\nfolder = \"feeds\"\nurl = \"https://example.org/feeds\"\n[[source]]\nid = \"all\"\npages = [\"https://example.org/\"]\n";
    let mistakes = Config::parse(text, Path::new("pressdiff.toml")).unwrap_err().to_string();
    assert!(mistakes.contains("feed.folder") && mistakes.contains("feed of all sources"), "{mistakes}");
    assert!(mistakes.contains("feed.url") && mistakes.contains("slash"), "{mistakes}");
}
