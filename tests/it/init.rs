//! `pressdiff init`, from an address to the first alert.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use pressdiff::config::Config;
use tempfile::TempDir;
use url::Url;

use crate::support::evolving::Evolving;
use crate::support::program::Ran;
use crate::support::server::{Answer, Server};

/// A folder without a configuration, in which the program is run.
struct Empty(TempDir);

impl Empty {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pressdiff"));
        command.args(arguments).current_dir(self.0.path()).stdin(Stdio::null());
        command.env_remove("RUST_LOG").env_remove("PRESSDIFF_CONFIG");
        Ran::of(command.output().unwrap())
    }

    /// Looks at an address on loopback; what it said, and the configuration that it wrote.
    fn init(&self, url: &Url) -> (String, Config) {
        let ran = self.run(&["init", url.as_str(), "--allow-private-addresses", "--interval", "0"]);
        assert_eq!(ran.status, 0, "{ran:#?}");
        (ran.out, Config::load(&self.path("config/pressdiff.toml")).unwrap())
    }
}

/// A page with a title and the rest of its head, and a body.
fn page(head: &str, body: &str) -> Answer {
    Answer::html(format!("<!DOCTYPE html><html><head><title>{head}</head><body>{body}</body></html>"))
}

const STORIES: [(&str, &str); 4] = [
    ("pier-reopens", "The eastern pier reopens for small boats"),
    ("ferry-fares", "Ferry fares to the islands stay as they are"),
    ("storm-barrier", "Work on the storm barrier begins in spring"),
    ("harbour-master", "A new harbour master takes up her office"),
];

/// A site with a front page, a press section of four releases, a feed and a sitemap.
async fn council() -> Server {
    let server = Server::start().await;
    let menu = "<nav><a href='/about/'>About us</a> <a href='/press/'>Press office</a></nav>";
    let front =
        format!("{menu}<h1>Welcome</h1><p>The council looks after the harbour, the ferries and the beacons.</p>");
    server.on("/", page("Harbour Council of Eastmere | Home</title>", &front));
    server.on("/about/", page("About us</title>", &format!("{menu}<p>We are seven members.</p>")));
    let items = (1..).zip(STORIES).map(|(day, (slug, title))| {
        format!("<li><time>{day} May 2026</time> <h3><a href='/press/{slug}/'>{title}</a></h3></li>")
    });
    let items: String = items.collect();
    let feed = "</title><link rel=alternate type='application/rss+xml' href='/press/feed.xml'>";
    server.on("/press/", page(&format!("Press{feed}"), &format!("{menu}<h1>Press</h1><ul class=list>{items}</ul>")));
    for (day, (slug, title)) in (1..).zip(STORIES) {
        let text =
            format!("{title}, the council said on Monday after a long meeting with everybody concerned. ").repeat(8);
        let body = format!("{menu}<article><h1>{title}</h1><p>{day} May 2026</p><p>{text}</p></article>");
        server.on(&format!("/press/{slug}/"), page(&format!("{title}</title>"), &body));
    }
    let items = STORIES.map(|(slug, title)| format!("<item><title>{title}</title><link>/press/{slug}/</link></item>"));
    let rss = format!("<rss version='2.0'><channel><title>Press</title>{}</channel></rss>", items.concat());
    server.on("/press/feed.xml", Answer::with(200, &[("Content-Type", "application/rss+xml")], rss));
    let sitemap = server.url("/sitemap.xml");
    server
        .on("/robots.txt", Answer::with(200, &[], format!("User-agent: *\nDisallow: /secret/\nSitemap: {sitemap}\n")));
    let urls = STORIES.map(|(slug, _)| format!("<url><loc>{}</loc></url>", server.url(&format!("/press/{slug}/"))));
    server.on("/sitemap.xml", Answer::with(200, &[], format!("<urlset>{}</urlset>", urls.concat())));
    server
}

#[tokio::test(flavor = "multi_thread")]
async fn from_an_address_to_the_first_edit() {
    let site = Evolving::start().await;
    let folder = Empty::new();
    let (said, config) = folder.init(&site.url("/news/"));
    assert_eq!(config.sources[0].listings, [site.url("/news/")]);
    let slug = site.slug(0);
    assert!(said.contains("6 releases, ") && said.contains(&format!("/news/{slug}/")), "{said}");
    assert!(said.contains("Wrote config/pressdiff.toml") && said.contains("    pressdiff check    "), "{said}");
    let first = folder.run(&["check"]);
    assert_eq!((first.status, first.err.contains("the baseline is taken")), (0, true), "{first:?}");
    site.edit(&slug, |release| release.paragraphs[0] = "The whole first paragraph was exchanged for 12 others.".into());
    let second = folder.run(&["check"]);
    assert_eq!((second.status, second.err.contains("1 edited")), (0, true), "{second:?}");
    let log = fs::read_to_string(folder.path("config/events.jsonl")).unwrap();
    assert!(log.lines().count() == 1 && log.contains("\"edited\"") && log.contains(&slug), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_front_page_leads_to_the_press_section() {
    let server = council().await;
    let (said, config) = Empty::new().init(&server.url("/"));
    let source = &config.sources[0];
    assert_eq!((source.name.as_str(), &source.listings), ("Harbour Council of Eastmere", &vec![server.url("/press/")]));
    assert!(source.feeds.is_empty() && source.sitemaps.is_empty() && source.pages.is_empty(), "{source:?}");
    assert!(config.fetch.allow_private_addresses);
    for words in [
        "Harbour Council of Eastmere\n",
        "/press/  4 releases\n",
        "/press/feed.xml  4 releases, named by a listing\n",
        "/sitemap.xml  not needed\n",
        "would watch 4 releases; the first 4",
        "2026-05-01  The eastern pier reopens for small boats\n",
        "2026-05-04  A new harbour master takes up her office\n",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_a_sitemap_and_a_single_page_are_taken_for_what_they_are() {
    let server = council().await;
    let source = |path: &str| Empty::new().init(&server.url(path)).1.sources.remove(0);
    let feed = source("/press/feed.xml");
    assert_eq!((feed.feeds, feed.listings.len()), (vec![server.url("/press/feed.xml")], 0));
    let sitemap = source("/sitemap.xml");
    assert_eq!((sitemap.sitemaps, sitemap.listings.len()), (vec![server.url("/sitemap.xml")], 0));
    let page = source("/press/ferry-fares/");
    assert_eq!((page.pages, page.listings.len()), (vec![server.url("/press/ferry-fares/")], 0));
    assert_eq!(page.name, "Harbour Council of Eastmere");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_where_nothing_is_found_or_something_is() {
    let server = council().await;
    let folder = Empty::new();
    let init = |path: &str, more: &[&str]| {
        let url = server.url(path);
        folder.run(&[&["init", url.as_str(), "--interval", "0"], more].concat())
    };
    let private = "--allow-private-addresses";
    for (path, more, status, words) in [
        ("/about/", vec![], 1, "not a public address; for a site on your own network add --allow-private-addresses"),
        ("/missing/", vec![private], 1, "/missing/ answers 404"),
        ("/secret/", vec![private], 1, "robots.txt forbids /secret/"),
    ] {
        let ran = init(path, &more);
        assert!(ran.status == status && ran.err.contains(words), "{ran:?}");
    }
    server.on("/empty/", page("Empty</title>", "<div id=app></div>"));
    server.on("/robots.txt", Answer::status(404));
    server.on("/sitemap.xml", Answer::status(404));
    let ran = init("/empty/", &[private]);
    assert!(ran.status == 1 && ran.err.contains("nothing here looks like a list of releases"), "{ran:?}");
    assert!(!folder.path("config").exists());

    let elsewhere = init("/press/", &[private, "--output", "own.toml"]);
    assert!(elsewhere.status == 0 && elsewhere.out.contains("pressdiff check --config own.toml "), "{elsewhere:?}");
    let shown = init("/press/", &[private, "--output", "-"]);
    assert!(shown.status == 0 && shown.out.starts_with("# Written by `pressdiff init`"), "{shown:?}");
    assert!(shown.err.contains("4 releases") && !folder.path("config").exists(), "{shown:?}");
    fs::write(folder.path("mine.toml"), "mine").unwrap();
    let before = server.requests().len();
    let ran = init("/press/", &[private, "--output", "mine.toml"]);
    assert!(ran.status == 2 && ran.err.contains("mine.toml is there already"), "{ran:?}");
    assert_eq!(fs::read_to_string(folder.path("mine.toml")).unwrap(), "mine");
    assert_eq!(server.requests().len(), before, "the site was not asked in vain");
    assert_eq!(folder.run(&["init", "ftp://example.org/"]).status, 2);
}
