//! Reads sitemaps: XML of either kind, compressed or not, and plain lists of addresses. `lastmod` is a hint that many
//! sites fake. Which of the addresses are releases is told in [`super::keep`].

use std::collections::{HashMap, HashSet};
use std::io::Read;

use flate2::read::MultiGzDecoder;
use quick_xml::Reader;
use quick_xml::events::Event;
use url::Url;

use super::{DiscoverError, Entry};
use crate::domain::address::{canonical, is_reasonable, same_site};
use crate::domain::charset;
use crate::domain::dates::find_date;
use crate::domain::normalize::clean_text;

/// Most bytes of a sitemap after decompression, and most addresses, as the protocol has it.
const MOST_BYTES: usize = 50 << 20;
const MOST_URLS: usize = 50_000;
/// Longest value of one field, in bytes.
const LONGEST_FIELD: usize = 4096;

/// What one sitemap file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SitemapPart {
    /// Addresses of pages.
    Urls(Vec<Entry>),
    /// Addresses of further sitemaps.
    Index(Vec<Url>),
}

/// Reads a sitemap, a sitemap index or a plain list; addresses of other sites are left out.
pub fn read_sitemap(body: &[u8], base: &Url) -> Result<SitemapPart, DiscoverError> {
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
    if text.trim_start().starts_with('<') { read_xml(&text, base) } else { read_lines(&text, base) }
}

fn unpack(body: &[u8]) -> Result<Vec<u8>, DiscoverError> {
    let mut unpacked = Vec::new();
    let limit = MOST_BYTES as u64 + 1;
    MultiGzDecoder::new(body).take(limit).read_to_end(&mut unpacked).map_err(DiscoverError::Compression)?;
    Ok(unpacked)
}

fn read_lines(text: &str, base: &Url) -> Result<SitemapPart, DiscoverError> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut builder = Builder::new(base);
    let mut understood = false;
    for line in lines.take(MOST_URLS) {
        let is_address = line.starts_with("http://") || line.starts_with("https://");
        understood |= is_address;
        if is_address {
            builder.fields = HashMap::from([("loc", line.to_owned())]);
            builder.finish_record();
        }
    }
    if understood { Ok(SitemapPart::Urls(builder.entries)) } else { Err(DiscoverError::NoSitemap) }
}

fn read_xml(text: &str, base: &Url) -> Result<SitemapPart, DiscoverError> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    let mut builder = Builder::new(base);
    let mut kind = None;
    let mut field = None;
    while builder.count < MOST_URLS {
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
                    builder.finish_record();
                }
            }
            Event::Eof => break,
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
    match kind {
        Some(true) => Ok(SitemapPart::Index(builder.entries.into_iter().map(|entry| entry.url).collect())),
        Some(false) => Ok(SitemapPart::Urls(builder.entries)),
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
    fields: HashMap<&'static str, String>,
    entries: Vec<Entry>,
    seen: HashSet<Url>,
    /// Records read, kept or not.
    count: usize,
}

impl<'a> Builder<'a> {
    fn new(base: &'a Url) -> Self {
        Self { base, fields: HashMap::new(), entries: Vec::new(), seen: HashSet::new(), count: 0 }
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

    fn finish_record(&mut self) {
        self.count += 1;
        let fields = std::mem::take(&mut self.fields);
        let Some(url) = fields.get("loc").and_then(|loc| self.base.join(loc.trim()).ok()) else { return };
        let url = canonical(&url);
        if !same_site(&url, self.base) || !is_reasonable(&url) || !self.seen.insert(url.clone()) {
            return;
        }
        let title = fields.get("title").map(|title| clean_text(title)).unwrap_or_default();
        let date = fields.get("publication_date").or_else(|| fields.get("lastmod"));
        let day = date.and_then(|date| find_date(date)).map(|(_, day)| day);
        self.entries.push(Entry { url, title, day });
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
        assert_eq!(parts.iter().map(Url::path).collect::<Vec<_>>(), ["/a.xml.gz", "/b.xml"]);
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
    fn addresses_beyond_the_bound_are_left() {
        let line = "https://example.org/news/";
        let list = (0..MOST_URLS + 10).map(|number| format!("{line}{number}\n")).collect::<Vec<_>>().concat();
        assert_eq!(urls(list.as_bytes()).len(), MOST_URLS);
    }
}
