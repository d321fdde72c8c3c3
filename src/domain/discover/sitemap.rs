//! Reads sitemaps: XML of either kind, compressed or not, and plain lists of addresses. `lastmod` is a hint that many
//! sites fake. Which of the addresses are releases is told in [`super::keep`].

use std::collections::{HashMap, HashSet, VecDeque};
use std::io::Read;

use flate2::read::MultiGzDecoder;
use quick_xml::Reader;
use quick_xml::events::Event;
use url::Url;

use super::{DiscoverError, Entry, latest_first};
use crate::domain::address::{canonical, is_reasonable, same_site};
use crate::domain::charset;
use crate::domain::dates::find_date;
use crate::domain::normalize::clean_text;
use crate::domain::rule::PathPattern;

/// Most bytes of a sitemap after decompression, as the protocol has it.
const MOST_BYTES: usize = 50 << 20;
/// Most addresses that are taken, four times what the protocol has: half of them from each end of a longer list.
const MOST_URLS: usize = 200_000;
/// Longest value of one field, in bytes.
const LONGEST_FIELD: usize = 4096;

/// What one sitemap file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SitemapPart {
    /// Addresses of pages.
    Urls(Vec<Entry>),
    /// Addresses of further sitemaps, those first that are the likeliest to name what is new.
    Index(Vec<Url>),
}

/// A sitemap as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sitemap {
    /// What it holds.
    pub part: SitemapPart,
    /// Whether it names more than is taken.
    pub is_cut: bool,
}

/// Reads a sitemap, a sitemap index or a plain list; addresses of other sites are left out.
pub fn read_sitemap(body: &[u8], base: &Url) -> Result<SitemapPart, DiscoverError> {
    read_sitemap_for(body, base, &[]).map(|sitemap| sitemap.part)
}

/// The same; of pages, only those that fit one of the patterns, if there are any.
pub fn read_sitemap_for(body: &[u8], base: &Url, include: &[PathPattern]) -> Result<Sitemap, DiscoverError> {
    let unpacked;
    let body = if body.starts_with(&[0x1f, 0x8b]) {
        unpacked = unpack(body)?;
        &unpacked
    } else {
        body
    };
    if body.len() > MOST_BYTES {
        return Err(DiscoverError::TooLarge { limit: MOST_BYTES });
    }
    let text = charset::decode(body, None).text;
    let builder = Builder::new(base, include);
    if text.trim_start().starts_with('<') { read_xml(&text, builder) } else { read_lines(&text, builder) }
}

fn unpack(body: &[u8]) -> Result<Vec<u8>, DiscoverError> {
    let mut unpacked = Vec::new();
    let limit = MOST_BYTES as u64 + 1;
    MultiGzDecoder::new(body).take(limit).read_to_end(&mut unpacked).map_err(DiscoverError::Compression)?;
    Ok(unpacked)
}

fn read_lines(text: &str, mut builder: Builder<'_>) -> Result<Sitemap, DiscoverError> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut understood = false;
    for line in lines {
        let is_address = line.starts_with("http://") || line.starts_with("https://");
        understood |= is_address;
        if is_address {
            builder.fields = HashMap::from([("loc", line.to_owned())]);
            builder.finish_record(false);
        }
    }
    if understood { Ok(builder.urls()) } else { Err(DiscoverError::NoSitemap) }
}

fn read_xml(text: &str, mut builder: Builder<'_>) -> Result<Sitemap, DiscoverError> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    let mut kind = None;
    let mut field = None;
    loop {
        match reader.read_event().map_err(DiscoverError::Sitemap)? {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "urlset" | "sitemapindex" => kind = kind.or(Some(tag.local_name().as_ref() == "sitemapindex")),
                name => field = builder.open(name),
            },
            Event::Text(text) => builder.append(field, &text.xml10_content()),
            Event::CData(text) => builder.append(field, &text.xml10_content()),
            Event::GeneralRef(reference) => builder.append(field, &resolve(&reference)),
            Event::End(tag) => {
                field = None;
                if matches!(tag.local_name().as_ref(), "url" | "sitemap") {
                    builder.finish_record(kind == Some(true));
                }
            }
            Event::Eof => break,
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
    match kind {
        Some(true) => Ok(builder.index()),
        Some(false) => Ok(builder.urls()),
        None => Err(DiscoverError::NoSitemap),
    }
}

/// Only the entities of XML itself: what a document defines is not expanded.
fn resolve(reference: &quick_xml::events::BytesRef<'_>) -> String {
    if let Ok(Some(letter)) = reference.resolve_char_ref() {
        return letter.to_string();
    }
    let known = quick_xml::escape::resolve_xml_entity(&reference.xml10_content());
    known.unwrap_or_default().to_owned()
}

struct Builder<'a> {
    base: &'a Url,
    include: &'a [PathPattern],
    fields: HashMap<&'static str, String>,
    entries: Vec<Entry>,
    /// The last entries, where there are too many.
    tail: VecDeque<Entry>,
    /// More was named than is taken.
    is_cut: bool,
    seen: HashSet<Url>,
}

impl<'a> Builder<'a> {
    fn new(base: &'a Url, include: &'a [PathPattern]) -> Self {
        let (fields, entries, tail) = (HashMap::new(), Vec::new(), VecDeque::new());
        Self { base, include, fields, entries, tail, is_cut: false, seen: HashSet::new() }
    }

    fn urls(mut self) -> Sitemap {
        self.entries.extend(self.tail);
        Sitemap { part: SitemapPart::Urls(self.entries), is_cut: self.is_cut }
    }

    fn index(mut self) -> Sitemap {
        self.entries.extend(self.tail);
        let sitemaps = latest_first(self.entries, |entry| entry.day);
        Sitemap { part: SitemapPart::Index(sitemaps.into_iter().map(|entry| entry.url).collect()), is_cut: self.is_cut }
    }

    /// Keeps both ends of a list that is too long.
    fn add(&mut self, entry: Entry) {
        if self.entries.len() < MOST_URLS / 2 {
            self.entries.push(entry);
            return;
        }
        self.tail.push_back(entry);
        if self.tail.len() > MOST_URLS / 2 {
            self.is_cut = true;
            let left_out = self.tail.pop_front();
            left_out.map(|entry| self.seen.remove(&entry.url));
        }
    }

    /// The field that an element fills; `image:loc` and the like come after the page's own `loc` and are ignored.
    fn open(&mut self, name: &str) -> Option<&'static str> {
        if matches!(name, "url" | "sitemap") {
            self.fields.clear();
        }
        let field = ["loc", "lastmod", "title", "publication_date"].into_iter().find(|field| *field == name)?;
        (!self.fields.contains_key(field)).then(|| {
            self.fields.insert(field, String::new());
            field
        })
    }

    fn append(&mut self, field: Option<&'static str>, text: &str) {
        if let Some(value) = field.and_then(|field| self.fields.get_mut(field))
            && value.len() + text.len() <= LONGEST_FIELD
        {
            value.push_str(text);
        }
    }

    fn finish_record(&mut self, is_sitemap: bool) {
        let fields = std::mem::take(&mut self.fields);
        let Some(url) = fields.get("loc").and_then(|loc| self.base.join(loc.trim()).ok()) else { return };
        let url = canonical(&url);
        let fits = is_sitemap || self.include.is_empty() || self.include.iter().any(|pattern| pattern.matches(&url));
        if !fits || !same_site(&url, self.base) || !is_reasonable(&url) || !self.seen.insert(url.clone()) {
            return;
        }
        let title = fields.get("title").map(|title| clean_text(title)).unwrap_or_default();
        let date = fields.get("publication_date").or_else(|| fields.get("lastmod"));
        let day = date.and_then(|date| find_date(date)).map(|(_, day)| day);
        self.add(Entry { url, title, day });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn base() -> Url {
        Url::parse("https://example.org/sitemap.xml").unwrap()
    }

    fn urls(body: &[u8]) -> Vec<Entry> {
        match read_sitemap(body, &base()).unwrap() {
            SitemapPart::Urls(entries) => entries,
            SitemapPart::Index(urls) => panic!("an index: {urls:?}"),
        }
    }

    fn paths(entries: &[Entry]) -> Vec<&str> {
        entries.iter().map(|entry| entry.url.path()).collect()
    }

    const NEWS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
        <s:urlset xmlns:s="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="n" xmlns:image="i">
        <s:url><s:loc> https://example.org/news/1/?a=1&amp;b=2 </s:loc><s:lastmod>2024-03-12T10:00:00Z</s:lastmod>
          <image:image><image:loc>https://example.org/photo.jpg</image:loc></image:image>
          <news:news><news:publication_date>2024-03-11</news:publication_date>
          <news:title><![CDATA[Tea & treaties]]></news:title></news:news></s:url>
        <s:url><s:loc>https://other.org/news/2/</s:loc></s:url>
        <s:url><s:loc>https://example.org/news/3/</s:loc></s:url>
        <s:url><s:loc>https://example.org/news/3/#again</s:loc></s:url></s:urlset>"#;

    #[test]
    fn any_namespace_is_read_and_other_sites_are_not() {
        let entries = urls(NEWS.as_bytes());
        assert_eq!(paths(&entries), ["/news/1/", "/news/3/"]);
        assert_eq!(entries[0].url.query(), Some("a=1&b=2"));
        assert_eq!(entries[0].title, "Tea & treaties");
        assert_eq!(entries[0].day.unwrap().to_string(), "2024-03-11");
    }

    #[test]
    fn compressed_sitemaps_are_known_by_their_bytes_and_bounded() {
        let pack = |body: &[u8]| {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(body).unwrap();
            encoder.finish().unwrap()
        };
        assert_eq!(urls(&pack(NEWS.as_bytes())).len(), 2);
        let bomb = pack(&vec![b' '; MOST_BYTES + 1]);
        assert!(matches!(read_sitemap(&bomb, &base()), Err(DiscoverError::TooLarge { .. })));
        assert!(matches!(read_sitemap(&[0x1f, 0x8b, 9], &base()), Err(DiscoverError::Compression(_))));
    }

    #[test]
    fn an_index_names_sitemaps_and_a_list_names_pages() {
        let index = b"<sitemapindex><sitemap><loc>https://example.org/a.xml.gz</loc></sitemap>
            <sitemap><loc>https://example.org/b.xml</loc></sitemap></sitemapindex>";
        let SitemapPart::Index(parts) = read_sitemap(index, &base()).unwrap() else { panic!("no index") };
        assert_eq!(parts.iter().map(Url::path).collect::<Vec<_>>(), ["/b.xml", "/a.xml.gz"]);
        assert_eq!(paths(&urls(b"https://example.org/news/1\r\nhttps://example.org/news/2\n")), ["/news/1", "/news/2"]);
        assert!(matches!(read_sitemap(b"<html><p>Not found</p></html>", &base()), Err(DiscoverError::NoSitemap)));
        assert!(matches!(read_sitemap(b"nothing here", &base()), Err(DiscoverError::NoSitemap)));
    }

    #[test]
    fn entities_of_the_document_are_not_expanded() {
        let bomb = r#"<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
            <urlset><url><loc>https://example.org/news/&b;1</loc></url></urlset>"#;
        assert_eq!(paths(&urls(bomb.as_bytes())), ["/news/1"]);
    }

    #[test]
    fn an_index_is_read_from_what_is_new() {
        let order = |sitemaps: &[(&str, &str)]| {
            let named = sitemaps.iter().map(|(name, day)| {
                format!("<sitemap><loc>https://example.org/{name}</loc><lastmod>{day}</lastmod></sitemap>")
            });
            let index = format!("<sitemapindex>{}</sitemapindex>", named.collect::<Vec<_>>().concat());
            let SitemapPart::Index(parts) = read_sitemap(index.as_bytes(), &base()).unwrap() else {
                panic!("no index")
            };
            parts.iter().map(|url| url.path().trim_start_matches('/').to_owned()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(order(&[("a", "2024-01-01"), ("b", "2026-05-03"), ("c", ""), ("d", "2025-02-01")]), "b d a c");
        assert_eq!(order(&[("a", ""), ("b", ""), ("c", ""), ("d", "")]), "d a c b", "from both ends");
    }

    #[test]
    fn addresses_beyond_the_bound_are_left_out_from_the_middle() {
        let line = |number: usize| format!("https://example.org/news/{number}\n");
        let list = (0..MOST_URLS + 10).map(line).collect::<Vec<_>>().concat();
        let Sitemap { part: SitemapPart::Urls(entries), is_cut } =
            read_sitemap_for(list.as_bytes(), &base(), &[]).unwrap()
        else {
            panic!("an index")
        };
        assert_eq!((entries.len(), is_cut), (MOST_URLS, true));
        let ends = [entries.first(), entries.last()].map(|entry| entry.unwrap().url.path().to_owned());
        assert_eq!(ends, ["/news/0".to_owned(), format!("/news/{}", MOST_URLS + 9)]);
        // What is no release by its pattern takes no room.
        let ours = list + "https://example.org/ours/1\n";
        let include = [PathPattern::parse("/ours/*").unwrap()];
        let sitemap = read_sitemap_for(ours.as_bytes(), &base(), &include).unwrap();
        let SitemapPart::Urls(entries) = sitemap.part else { panic!("an index") };
        assert_eq!((paths(&entries), sitemap.is_cut), (vec!["/ours/1"], false));
    }
}
