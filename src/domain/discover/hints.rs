//! Where a site may list its releases, for somebody who has not said: what its pages, its robots.txt and custom
//! suggest. Whether such an address is a listing shows when it is read.

use std::collections::HashSet;

use scraper::{Html, Selector};
use url::Url;

use super::Entry;
use super::outline::Outline;
use super::shape::{folder, is_file};
use crate::domain::address::{canonical, identity, is_reasonable, same_site};
use crate::domain::normalize::clean_text;
use crate::domain::page::{PageError, parse_html};

/// Sections that one page may suggest.
const MOST_SECTIONS: usize = 40;
/// Sitemaps that one robots.txt may name.
const MOST_SITEMAPS: usize = 20;
/// Segments of the path of a section.
const DEEPEST_SECTION: usize = 4;
/// Characters of the name of a site.
const LONGEST_NAME: usize = 80;

/// Words for news, in addresses and on links.
const NEWS_WORDS: [&str; 41] = [
    "news",
    "newsroom",
    "press",
    "pressroom",
    "pressreleases",
    "releases",
    "media",
    "mediacenter",
    "statements",
    "announcements",
    "updates",
    "blog",
    "presse",
    "pressemitteilungen",
    "aktuelles",
    "meldungen",
    "nachrichten",
    "actualites",
    "actualités",
    "communiques",
    "communiqués",
    "noticias",
    "notícias",
    "prensa",
    "comunicados",
    "imprensa",
    "notizie",
    "stampa",
    "comunicati",
    "nieuws",
    "nyheter",
    "aktuality",
    "aktualności",
    "zprávy",
    "haberler",
    "новости",
    "пресс",
    "пресса",
    "novosti",
    "новини",
    "жаңалықтар",
];
/// Words for the first page of a site, which say nothing about its name.
const HOME_WORDS: [&str; 6] = ["home", "homepage", "startseite", "accueil", "inicio", "главная"];
/// Where feeds usually are.
const FEED_PLACES: [&str; 6] = ["/feed/", "/rss/", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml"];

/// What a page suggests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// Name of the site; empty when the page does not tell.
    pub site_name: String,
    /// Pages that may list releases, the most promising first.
    pub sections: Vec<Section>,
}

/// A page that may list releases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its address.
    pub url: Url,
    /// Why it may.
    pub reason: SectionReason,
}

/// Why a page may list releases, the best reason first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SectionReason {
    /// It stands above releases that the page shows.
    Above,
    /// Its address or its link says that it has news.
    Named,
    /// The site leads there.
    Linked,
}

/// What a page suggests on which these entries stand; `base` is the address that answered.
pub fn read_hints(html: &str, base: &Url, entries: &[Entry]) -> Result<Hints, PageError> {
    let tree = parse_html(html)?;
    let site_name = site_name(&tree, base);
    let outline = Outline::read(&tree, base);
    let shown: HashSet<String> = entries.iter().map(|entry| identity(&entry.url)).collect();
    let mut seen = HashSet::from([identity(base)]);
    let mut sections = Vec::new();
    for link in &outline.links {
        let url = canonical(&link.url);
        let key = identity(&url);
        if is_section(&url, base) && !shown.contains(&key) && seen.insert(key) {
            sections.push(Section { reason: reason(&url, &link.text, entries), url });
        }
    }
    // Of two that promise the same, the one higher up covers more.
    sections.sort_by_key(|section| (section.reason, depth(&section.url)));
    sections.truncate(MOST_SECTIONS);
    Ok(Hints { site_name, sections })
}

/// The sitemaps that a robots.txt names.
pub fn declared_sitemaps(robots: &str, base: &Url) -> Vec<Url> {
    let value = |line: &str| {
        let (key, value) = line.split_once(':')?;
        key.trim().eq_ignore_ascii_case("sitemap").then(|| base.join(value.trim()).ok())?
    };
    let sitemaps = robots.lines().filter_map(value).filter(|url| is_reasonable(url) && same_site(url, base));
    sitemaps.take(MOST_SITEMAPS).collect()
}

/// Where a site usually has its feeds.
pub fn usual_feeds(base: &Url) -> Vec<Url> {
    FEED_PLACES.iter().filter_map(|place| base.join(place).ok()).collect()
}

/// Whether a page stands beside most of the entries that it shows, and so is one of them and no listing.
pub fn is_one_of(page: &Url, entries: &[Entry]) -> bool {
    let beside = entries.iter().filter(|entry| depth(page) > 1 && folder(&entry.url) == folder(page)).count();
    beside * 2 > entries.len()
}

/// Whether an address is that of a site as a whole, or of one of its languages.
pub fn is_front(url: &Url) -> bool {
    let mut segments = segments(url);
    let first = segments.next().unwrap_or_default();
    let is_language = first.len() == 2 || (first.len() == 5 && first.contains(['-', '_']));
    let is_document = first.starts_with("index.") || first.starts_with("default.");
    url.query().is_none() && segments.next().is_none() && (first.is_empty() || is_language || is_document)
}

fn is_section(url: &Url, base: &Url) -> bool {
    same_site(url, base)
        && is_reasonable(url)
        && !is_file(url)
        && !is_front(url)
        && url.query().is_none()
        && depth(url) <= DEEPEST_SECTION
}

fn reason(url: &Url, text: &str, entries: &[Entry]) -> SectionReason {
    let path = format!("{}/", url.path().trim_end_matches('/'));
    if entries.iter().any(|entry| entry.url.path().len() > path.len() && entry.url.path().starts_with(&path)) {
        return SectionReason::Above;
    }
    let last = segments(url).last().unwrap_or_default().to_lowercase();
    if says_news(&last) || (text.len() <= LONGEST_NAME && says_news(&text.to_lowercase())) {
        SectionReason::Named
    } else {
        SectionReason::Linked
    }
}

fn says_news(text: &str) -> bool {
    text.split(|letter: char| !letter.is_alphanumeric()).any(|word| NEWS_WORDS.contains(&word))
}

fn segments(url: &Url) -> impl Iterator<Item = &str> {
    url.path().split('/').filter(|segment| !segment.is_empty())
}

fn depth(url: &Url) -> usize {
    segments(url).count()
}

/// What the site calls itself; else a part of the title that is neither "News" nor "Home": on the first page of the
/// site the first one, on others the last one of several, because a single one is the title of the page.
fn site_name(tree: &Html, base: &Url) -> String {
    let first = |selector: &str| Selector::parse(selector).ok().and_then(|selector| tree.select(&selector).next());
    let named = first("meta[property='og:site_name']").and_then(|meta| meta.attr("content")).map(clean_text);
    if let Some(name) = named.filter(|name| !name.is_empty()) {
        return shortened(&name);
    }
    let title = first("title").map(|title| clean_text(&title.text().collect::<String>())).unwrap_or_default();
    let parts: Vec<&str> = title_parts(&title).filter(|part| !part.is_empty() && !is_common(part)).collect();
    let part = if is_front(base) { parts.first() } else { parts.last().filter(|_| title_parts(&title).count() > 1) };
    shortened(part.unwrap_or(&""))
}

/// "News | Harbour Council" has two.
fn title_parts(title: &str) -> impl Iterator<Item = &str> {
    const DASHES: [&str; 6] = [" — ", " – ", " - ", " :: ", " · ", "|"];
    let mut parts = vec![title];
    for dash in DASHES {
        parts = parts.into_iter().flat_map(|part| part.split(dash)).collect();
    }
    parts.into_iter().map(str::trim)
}

fn is_common(part: &str) -> bool {
    let part = part.to_lowercase();
    NEWS_WORDS.contains(&part.as_str()) || HOME_WORDS.contains(&part.as_str())
}

fn shortened(name: &str) -> String {
    name.chars().take(LONGEST_NAME).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(path: &str) -> Url {
        Url::parse("https://example.org/").unwrap().join(path).unwrap()
    }

    fn entries(paths: &[&str]) -> Vec<Entry> {
        paths.iter().map(|path| Entry { url: url(path), title: String::new(), day: None }).collect()
    }

    fn sections(html: &str, shown: &[&str]) -> Vec<(String, SectionReason)> {
        let hints = read_hints(html, &url("/"), &entries(shown)).unwrap();
        hints.sections.into_iter().map(|section| (section.url.path().to_owned(), section.reason)).collect()
    }

    #[test]
    fn what_stands_above_releases_promises_most_then_what_is_named_so() {
        let html = "<a href='/contact/'>Contact</a> <a href='/council/'>Press</a> <a href='/de/presse/'>P</a>
            <a href='/session/'>Sessions</a> <a href='/report.pdf'>News</a> <a href='https://other.org/news/'>News</a>
            <a href='/'>News</a> <a href='/session/opening/'>The opening of the session</a>";
        let expected = [
            ("/session/", SectionReason::Above),
            ("/council/", SectionReason::Named),
            ("/de/presse/", SectionReason::Named),
            ("/contact/", SectionReason::Linked),
        ];
        assert_eq!(sections(html, &["/session/opening/"]), expected.map(|(path, why)| (path.to_owned(), why)));
    }

    #[test]
    fn a_site_has_the_name_that_it_gives_itself() {
        let name = |path: &str, head: &str| read_hints(head, &url(path), &[]).unwrap().site_name;
        assert_eq!(
            name("/", "<title>X</title><meta property=og:site_name content='Harbour Council'>"),
            "Harbour Council"
        );
        assert_eq!(name("/", "<title>Harbour Council | Home of the islands</title>"), "Harbour Council");
        assert_eq!(name("/news/", "<title>News — Harbour Council</title>"), "Harbour Council");
        assert_eq!(name("/news/", "<title>All news</title>"), "");
        assert_eq!(name("/news/", "<p>nothing</p>"), "");
    }

    #[test]
    fn robots_files_name_sitemaps_of_their_site() {
        let robots =
            "User-agent: *\nsitemap: /a.xml\nSitemap: https://example.org/b.xml\r\nSitemap: https://other.org/c.xml";
        let paths: Vec<String> = declared_sitemaps(robots, &url("/")).iter().map(|url| url.path().to_owned()).collect();
        assert_eq!(paths, ["/a.xml", "/b.xml"]);
    }

    #[test]
    fn a_release_stands_beside_others_and_a_listing_above_them() {
        let shown = entries(&["/news/one/", "/news/two/", "/about/"]);
        assert!(is_one_of(&url("/news/three/"), &shown));
        assert!(!is_one_of(&url("/news/"), &shown));
        assert!(!is_one_of(&url("/"), &entries(&["/one", "/two"])));
    }

    #[test]
    fn front_pages_are_told_from_others() {
        let fronts = ["/", "/en/", "/pt-br/", "/index.html"].map(|path| is_front(&url(path)));
        assert_eq!(fronts, [true; 4]);
        let others = ["/news/", "/?page=2", "/en/news/", "/index.html/a"].map(|path| is_front(&url(path)));
        assert_eq!(others, [false; 4]);
    }
}
