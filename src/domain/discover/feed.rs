//! Reads RSS, Atom and JSON feeds. Publishers break the rules of XML daily, so what a reader program would forgive
//! is repaired once: a bare ampersand, an undeclared encoding. Entities stay unexpanded.

use std::borrow::Cow;
use std::collections::HashSet;

use feed_rs::model;
use feed_rs::parser::{self, ParseFeedError};
use url::Url;

use super::{DiscoverError, Entry, MOST_ENTRIES, latest};
use crate::domain::address::{canonical, is_reasonable, same_site};
use crate::domain::charset;
use crate::domain::normalize::clean_text;

/// Most bytes of a feed.
const MOST_BYTES: usize = 5 << 20;

/// Reads the entries of a feed in its order, or the latest [`MOST_ENTRIES`] of them, the latest first; those that name
/// no page of its site are left out: the site that serves the feed (`base` is the address that answered), the one that
/// the feed calls its home, or where it calls none the one that all entries are of.
pub fn read_feed(body: &[u8], content_type: Option<&str>, base: &Url) -> Result<Vec<Entry>, DiscoverError> {
    if body.len() > MOST_BYTES {
        return Err(DiscoverError::TooLarge { limit: MOST_BYTES });
    }
    let text = charset::decode(body, content_type).text;
    let text = without_declaration(&text);
    let feed = parse(text, base).or_else(|error| match escape_ampersands(text) {
        Cow::Owned(repaired) => parse(&repaired, base),
        Cow::Borrowed(_) => Err(error),
    });
    let feed = feed.map_err(DiscoverError::Feed)?;
    let home = feed.links.iter().find(|link| is_page(link)).and_then(|link| base.join(link.href.trim()).ok());
    let all: Vec<Entry> = feed.entries.iter().filter_map(|entry| entry_of(entry, base)).collect();
    let home = home.or_else(|| only_site(&all));
    let is_own = |url: &Url| same_site(url, base) || home.as_ref().is_some_and(|home| same_site(url, home));
    let entries = feed.entries.iter().filter_map(|entry| own_entry(entry, base, is_own));
    let mut seen = HashSet::new();
    let entries = entries.filter(|entry| seen.insert(entry.url.clone())).collect();
    Ok(latest(entries, MOST_ENTRIES, |entry: &Entry| entry.day))
}

/// A page of the site to which all entries belong, if there is one: a feed that names no home may be served by another
/// host than its pages.
fn only_site(entries: &[Entry]) -> Option<Url> {
    let first = &entries.first()?.url;
    entries.iter().all(|entry| same_site(&entry.url, first)).then(|| first.clone())
}

fn parse(text: &str, base: &Url) -> Result<model::Feed, ParseFeedError> {
    let parser = parser::Builder::new().base_uri(Some(base.as_str())).build();
    parser.parse(text.as_bytes())
}

fn entry_of(entry: &model::Entry, base: &Url) -> Option<Entry> {
    let link = entry.links.iter().find(|link| is_page(link)).and_then(|link| base.join(link.href.trim()).ok());
    // An id that is no address, or one that the parser made up, must not become a page.
    let id = || Url::parse(entry.id.trim()).ok();
    let url = canonical(&link.filter(is_reasonable).or_else(id)?);
    let title = entry.title.as_ref().map(|title| clean_text(&title.content)).unwrap_or_default();
    let day = entry.published.or(entry.updated).map(|time| time.date_naive());
    is_reasonable(&url).then_some(Entry { url, title, day })
}

/// The entry under an address of the site: where links lead through a host that counts readers, the id may be one.
fn own_entry(entry: &model::Entry, base: &Url, is_own: impl Fn(&Url) -> bool) -> Option<Entry> {
    let named = entry_of(entry, base)?;
    if is_own(&named.url) {
        return Some(named);
    }
    let url = canonical(&Url::parse(entry.id.trim()).ok()?);
    (is_own(&url) && url.path() != "/" && is_reasonable(&url)).then_some(Entry { url, ..named })
}

fn is_page(link: &model::Link) -> bool {
    link.rel.as_deref().is_none_or(|rel| rel == "alternate")
}

/// The text is UTF-8 by now, whatever its declaration says.
fn without_declaration(text: &str) -> &str {
    let text = text.trim_start();
    let declaration = text.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>"));
    declaration.map_or(text, |(_, rest)| rest.trim_start())
}

/// Escapes each `&` that starts no entity.
fn escape_ampersands(text: &str) -> Cow<'_, str> {
    let mut pieces = text.split('&');
    let mut repaired = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        repaired.push_str(if starts_entity(piece) { "&" } else { "&amp;" });
        repaired.push_str(piece);
    }
    if repaired.len() == text.len() { Cow::Borrowed(text) } else { Cow::Owned(repaired) }
}

fn starts_entity(rest: &str) -> bool {
    let name = rest.split(';').next().unwrap_or_default();
    let is_closed = name.len() < rest.len() && name.len() <= 32;
    match name.strip_prefix('#') {
        Some(number) => is_closed && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_alphanumeric()),
        None => is_closed && !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::WINDOWS_1251;

    fn base() -> Url {
        Url::parse("https://example.org/feeds/news.xml").unwrap()
    }

    fn check(body: &[u8], expected: &[(&str, &str, &str)]) {
        let entries = read_feed(body, None, &base()).unwrap();
        let day = |entry: &Entry| entry.day.map(|day| day.to_string()).unwrap_or_default();
        let found: Vec<_> =
            entries.iter().map(|entry| (entry.url.as_str(), entry.title.as_str(), day(entry))).collect();
        let expected: Vec<_> = expected.iter().map(|&(url, title, day)| (url, title, day.to_owned())).collect();
        assert_eq!(found, expected);
    }

    fn rss(items: &str) -> String {
        format!("<?xml version='1.0'?><rss version='2.0'><channel><title>News</title>{items}</channel></rss>")
    }

    const FIRST: (&str, &str, &str) = ("https://example.org/news/1/", "Council meets", "2024-03-12");

    #[test]
    fn rss_atom_and_json_name_the_same_release() {
        let item = "<item><title>Council meets</title><link>https://example.org/news/1/?utm_source=rss</link>
            <pubDate>Tue, 12 Mar 2024 10:00:00 GMT</pubDate></item>";
        check(rss(item).as_bytes(), &[FIRST]);
        check(
            br#"<feed xmlns="http://www.w3.org/2005/Atom"><title>News</title><id>x</id><entry><title>Council meets</title>
            <id>tag:example.org,2024:1</id><link rel="edit" href="/edit/1"/><link rel="alternate" href="/news/1/"/>
            <updated>2024-03-12T10:00:00Z</updated></entry></feed>"#,
            &[FIRST],
        );
        check(
            br#"{"version":"https://jsonfeed.org/version/1.1","title":"News","items":[{"id":"1","title":"Council meets",
            "url":"https://example.org/news/1/","date_published":"2024-03-12T10:00:00Z","content_text":"-"}]}"#,
            &[FIRST],
        );
    }

    #[test]
    fn items_without_an_address_on_this_site_are_left_out() {
        let items = "<item><title>No address at all</title></item>
            <item><title>An id only</title><guid isPermaLink='false'>4512</guid></item>
            <item><title>Elsewhere</title><link>https://other.org/news/1/</link></item>
            <item><title>By its id</title><guid>https://example.org/news/2/</guid></item>
            <item><title>Twice</title><link>https://example.org/news/2/#comments</link></item>";
        check(rss(items).as_bytes(), &[("https://example.org/news/2/", "By its id", "")]);
    }

    #[test]
    fn a_feed_served_elsewhere_is_of_the_site_it_calls_its_home() {
        let item = "<link>https://www.example.net/</link>
            <item><title>Council meets</title><link>https://example.net/news/1/</link></item>
            <item><title>Elsewhere</title><link>https://other.org/news/1/</link></item>";
        check(rss(item).as_bytes(), &[("https://example.net/news/1/", "Council meets", "")]);
    }

    #[test]
    fn an_id_is_the_address_where_links_lead_through_a_counter() {
        let item = |id: &str| {
            format!("<item><title>A</title><link>https://counter.net/r/1</link><guid>{id}</guid></item><link>/</link>")
        };
        check(rss(&item("https://example.org/news/1/")).as_bytes(), &[("https://example.org/news/1/", "A", "")]);
        check(rss(&item("https://example.org/?p=1")).as_bytes(), &[]);
        check(rss(&item("tag:example.org,2024:1")).as_bytes(), &[]);
    }

    #[test]
    fn a_feed_that_calls_no_home_is_of_the_site_of_all_its_entries() {
        let item = |url: &str| format!("<item><title>Council meets</title><link>{url}</link></item>");
        let entries = [item("https://example.net/news/1/"), item("https://www.example.net/news/2/")].concat();
        let found = |body: &str| read_feed(body.as_bytes(), None, &base()).unwrap().len();
        assert_eq!(found(&rss(&entries)), 2);
        assert_eq!(found(&rss(&(entries.clone() + &item("https://other.org/news/1/")))), 0, "of several sites");
        assert_eq!(found(&rss(&(entries + &item("https://example.org/news/3/")))), 1, "one of its own");
    }

    #[test]
    fn common_faults_are_forgiven() {
        let item = |title: &str| {
            rss(&format!("<item><title>{title}</title><link>https://example.org/a?x=1&y=2</link></item>"))
        };
        check(item("Tea & treaties").as_bytes(), &[("https://example.org/a?x=1&y=2", "Tea & treaties", "")]);
        let russian = rss(
            "<item><title>Заседание Совета министров обороны</title><link>https://example.org/news/3/</link></item>",
        );
        let bytes = WINDOWS_1251.encode(&russian).0;
        check(&bytes, &[("https://example.org/news/3/", "Заседание Совета министров обороны", "")]);
        let declared = russian.replace("version='1.0'", "version='1.0' encoding='windows-1251'");
        let bytes = WINDOWS_1251.encode(&declared).0;
        check(&bytes, &[("https://example.org/news/3/", "Заседание Совета министров обороны", "")]);
    }

    #[test]
    fn hostile_feeds_end_in_an_error_or_a_bound() {
        assert!(matches!(read_feed(b"<html><body>Moved</body></html>", None, &base()), Err(DiscoverError::Feed(_))));
        assert!(matches!(read_feed(&vec![b' '; MOST_BYTES + 1], None, &base()), Err(DiscoverError::TooLarge { .. })));
        let many = (0..MOST_ENTRIES + 5)
            .map(|n| format!("<item><link>https://example.org/{n}</link></item>"))
            .collect::<Vec<_>>()
            .concat();
        let entries = read_feed(rss(&many).as_bytes(), None, &base()).unwrap();
        assert_eq!((entries.len(), entries[0].url.path()), (MOST_ENTRIES, "/10004"), "the end may be what is new");
        let bomb = "<!DOCTYPE rss [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]>".to_owned()
            + &rss("<item><title>x&b;x</title><link>https://example.org/1</link></item>");
        let entries = read_feed(bomb.as_bytes(), None, &base()).unwrap_or_default();
        assert!(entries.iter().all(|entry| entry.title.len() < 20), "{entries:?}");
    }
}
