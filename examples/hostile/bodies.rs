//! The healthy site, and what it takes to make hostile bodies.

use std::io::{self, Write as _};
use std::sync::LazyLock;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::server::Answer;

/// Releases of the healthy site.
const RELEASES: [&str; 5] = ["hostile", "edited", "quiet", "tender", "ferry"];

/// The site as it is when nobody attacks; one of its releases changes.
pub(crate) fn healthy(path: &str, is_edited: bool) -> Answer {
    match path.split('?').next().unwrap_or_default() {
        "/news/" | "/archive/" => Answer::html(listing("", "")),
        "/feed.xml" => Answer::typed("application/rss+xml", feed("")),
        "/sitemap.xml" => Answer::typed("application/xml", sitemap("")),
        "/robots.txt" => Answer::typed("text/plain", "User-agent: *\nDisallow: /private/\n"),
        path => match RELEASES.iter().position(|slug| path == format!("/news/{slug}/")) {
            Some(number) => Answer::html(release(number, is_edited)),
            None => Answer::missing(),
        },
    }
}

fn entry(path: &str, title: &str, day: usize) -> String {
    format!("<li><span>{day} May 2026</span> <a href=\"{path}\">{title}</a></li>\n")
}

/// The listing with more entries, and more below them.
pub(crate) fn listing(more: &str, below: &str) -> String {
    let entries = RELEASES.iter().enumerate();
    let entries: String = entries
        .map(|(at, slug)| {
            entry(&format!("/news/{slug}/"), &format!("The harbour office and its {slug} decision"), 20 - at)
        })
        .collect();
    format!(
        "<html><head><title>News</title></head><body><main><h1>News</h1><ul class=\"list\">{entries}{more}</ul>{below}\
         </main></body></html>"
    )
}

/// Entries that nobody needs, from this number on.
pub(crate) fn entries(from: usize, count: usize) -> String {
    let title = |number: usize| format!("Another announcement with the number {number}");
    (from..from + count).map(|number| entry(&format!("/news/endless-{number}/"), &title(number), 1)).collect()
}

fn release(number: usize, is_edited: bool) -> String {
    let slug = RELEASES[number];
    let ferries = if is_edited && slug == "edited" { 40 } else { 12 };
    let text = format!(
        "<p>The harbour office decided on Tuesday about the {slug} matter, after hearing all {ferries} ferry lines and \
         the pilots of the outer roads.</p><p>The decision number {number} takes effect in June and will be looked at \
         again by the council in two years, when the new breakwater is complete.</p>"
    );
    page(&format!("The harbour office and its {slug} decision"), &text)
}

/// A page with a title and this text.
pub(crate) fn page(title: &str, text: &str) -> String {
    format!(
        "<html><head><title>{title}</title></head><body><nav><a href=\"/news/\">News</a></nav>\
         <article><h1>{title}</h1><p>20 May 2026</p>{text}</article></body></html>"
    )
}

/// A page whose text has this inside.
pub(crate) fn around(markup: &str) -> String {
    page("The harbour office and its hostile decision", &format!("<p>The text.</p>{markup}<p>Its end.</p>"))
}

/// A feed with more items.
pub(crate) fn feed(more: &str) -> String {
    format!(
        "<rss version=\"2.0\"><channel><title>News</title><item><title>The harbour office and its quiet decision\
         </title><link>/news/quiet/</link></item>{more}</channel></rss>"
    )
}

/// A sitemap with more addresses.
pub(crate) fn sitemap(more: &str) -> String {
    format!("<urlset><url><loc>/news/quiet/</loc></url>{more}</urlset>")
}

/// A GiB of spaces, compressed.
pub(crate) fn bomb(coding: &str) -> Vec<u8> {
    static GZIP: LazyLock<Vec<u8>> = LazyLock::new(|| spaces("gzip"));
    if coding == "gzip" { GZIP.clone() } else { spaces(coding) }
}

fn spaces(coding: &str) -> Vec<u8> {
    pack(coding, |writer| {
        let spaces = vec![b' '; 1 << 20];
        (0..1024).try_for_each(|_| writer.write_all(&spaces))
    })
}

/// What this writes, compressed.
pub(crate) fn pack(coding: &str, write: impl Fn(&mut dyn io::Write) -> io::Result<()>) -> Vec<u8> {
    let mut packed = Vec::new();
    let done = match coding {
        "gzip" => {
            let mut encoder = GzEncoder::new(&mut packed, Compression::fast());
            write(&mut encoder).and_then(|()| encoder.finish().map(drop))
        }
        "zstd" => zstd::Encoder::new(&mut packed, 1)
            .and_then(|mut encoder| write(&mut encoder).and_then(|()| encoder.finish().map(drop))),
        _ => {
            let mut encoder = brotli::CompressorWriter::new(&mut packed, 4096, 1, 22);
            write(&mut encoder).and_then(|()| encoder.flush())
        }
    };
    done.map(|()| packed).unwrap_or_default()
}
