//! Attacks by what names releases or rules: listings, feeds, sitemaps, robots files.

use std::io::Write as _;

use super::{Case, Place};
use crate::bodies::{bomb, entries, feed, listing, pack, sitemap};
use crate::server::Answer;

/// Listings that never end or name too much.
pub(super) fn lists() -> Vec<Case> {
    let number = |path: &str| path.rsplit('=').next().and_then(|number| number.parse().ok()).unwrap_or(1_usize);
    let calendar = "<table class=\"calendar\">".to_owned()
        + &(1..29).map(|day| format!("<td><a href=\"/archive/?day={day}-2999\">{day}</a></td>")).collect::<String>();
    vec![
        Case {
            depth: 200,
            ..Case::new("endless pagination, 200 pages deep", Place::Listing, move |path, _| {
                let page = number(path);
                let next = format!("<a rel=\"next\" href=\"/archive/?page={}\">Next</a>", page + 1);
                Answer::html(listing(&entries(page * 10, 10), &next))
            })
        },
        Case {
            depth: 50,
            ..Case::new("a calendar without an end", Place::Listing, move |path, _| {
                let month = number(path);
                let next =
                    format!("{calendar}</table><a rel=\"next\" href=\"/archive/?month={}\">Next month</a>", month + 1);
                Answer::html(listing(&entries(month * 28, 28), &next))
            })
        },
        Case::fixed(
            "100,000 links on a listing",
            Place::Listing,
            Answer::html(listing(&entries(0, 20_000), &"<a href=/x>y</a>".repeat(80_000))),
        ),
        Case::new("a link of 1 MB on a listing", Place::Listing, |_, _| {
            let long =
                format!("<li><a href=\"/news/{}\">A release with a very long address</a></li>", "x".repeat(1 << 20));
            Answer::html(listing(&long, ""))
        }),
        Case::new("a title of 1 MB on a listing", Place::Listing, |_, _| {
            let long = format!("<li><a href=\"/news/long/\">{}</a></li>", "A long title ".repeat(80_000));
            Answer::html(listing(&long, ""))
        }),
        Case::fixed(
            "a listing of 200,000 nested elements",
            Place::Listing,
            Answer::html(listing(&"<div>".repeat(200_000), "")),
        ),
        Case::fixed(
            "a listing that is 1 GB of gzip",
            Place::Listing,
            Answer::with("Content-Type: text/html\r\nContent-Encoding: gzip", bomb("gzip")),
        ),
    ]
}

/// Feeds.
pub(super) fn feeds() -> Vec<Case> {
    let levels: String =
        (1..10).map(|n| format!("<!ENTITY e{n} \"{}\">", format!("&e{};", n - 1).repeat(10))).collect();
    let entity = format!("<?xml version=\"1.0\"?><!DOCTYPE rss [<!ENTITY e0 \"harbour\">{levels}]>");
    let laughing = entity + &feed("<item><title>&e9;</title><link>/news/tender/</link></item>");
    let typed = |name, body: String| Case::fixed(name, Place::Feed, Answer::typed("application/rss+xml", body));
    vec![
        typed("a feed with an entity bomb", laughing),
        typed(
            "a feed with an external entity",
            "<!DOCTYPE rss [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>".to_owned()
                + &feed("<item><title>&x;</title><link>/news/tender/</link></item>"),
        ),
        typed("a feed of 200,000 nested elements", feed(&"<item>".repeat(200_000))),
        typed(
            "a feed of 200,000 nested text elements",
            feed(&format!("<item><description><div xmlns='http://www.w3.org/1999/xhtml'>{}", "<b>".repeat(200_000))),
        ),
        typed(
            "a feed of 100,000 entries",
            feed(&(0..100_000).map(|n| format!("<item><link>/f/{n}</link></item>")).collect::<String>()),
        ),
        typed(
            "a feed with a title of 4 MB",
            feed(&format!("<item><title>{}</title><link>/news/tender/</link></item>", "x ".repeat(2 << 20))),
        ),
        typed(
            "a feed of 500,000 attributes",
            feed(&format!("<item {}/>", (0..400_000).map(|n| format!("a{n}='' ")).collect::<String>())),
        ),
        typed("a feed of 4 MB of JSON brackets", "[".repeat(4 << 20)),
    ]
}

/// Sitemaps.
pub(super) fn sitemaps() -> Vec<Case> {
    let typed = |name, body: String| Case::fixed(name, Place::Sitemap, Answer::typed("application/xml", body));
    let levels: String =
        (1..10).map(|n| format!("<!ENTITY e{n} \"{}\">", format!("&e{};", n - 1).repeat(10))).collect();
    let laughing =
        format!("<!DOCTYPE urlset [<!ENTITY e0 \"x\">{levels}]>") + &sitemap("<url><loc>/news/&e9;</loc></url>");
    let index = |parts: &str| format!("<sitemapindex>{parts}</sitemapindex>");
    let address = |number: usize| format!("<url><loc>/endless/map-{number}/</loc></url>");
    let many: String = (0..50_000).map(address).collect();
    let many = sitemap(&many);
    vec![
        typed("a sitemap with an entity bomb", laughing),
        typed("a sitemap index that names itself", index("<sitemap><loc>/sitemap.xml</loc></sitemap>")),
        Case::new("a sitemap index of indexes without an end", Place::Sitemap, |path, _| {
            let number: usize = path.rsplit(['/', '.']).nth(1).and_then(|part| part.parse().ok()).unwrap_or(0);
            let parts: String =
                (1..4).map(|n| format!("<sitemap><loc>/trap/{}.xml</loc></sitemap>", number * 3 + n)).collect();
            Answer::typed("application/xml", format!("<sitemapindex>{parts}</sitemapindex>"))
        }),
        Case::new("a sitemap index of 200 sitemaps with 50,000 addresses each", Place::Sitemap, move |path, _| {
            let parts: String = (0..200).map(|n| format!("<sitemap><loc>/trap/{n}.xml</loc></sitemap>")).collect();
            let own = path.rsplit('/').next().unwrap_or_default().trim_end_matches(".xml");
            let body = if path == "/sitemap.xml" {
                format!("<sitemapindex>{parts}</sitemapindex>")
            } else {
                many.replace("/map-", &format!("/map-{own}-"))
            };
            Answer::typed("application/xml", body)
        }),
        Case::fixed("a sitemap of 1 GB as gz", Place::Sitemap, Answer::typed("application/gzip", bomb("gzip"))),
        Case::fixed("a sitemap of 45 MB as gz, one address", Place::Sitemap, {
            let packed = pack("gzip", |writer| {
                writer.write_all(b"<urlset><url><loc>/news/quiet/")?;
                (0..45).try_for_each(|_| writer.write_all(&vec![b'x'; 1 << 20]))?;
                writer.write_all(b"</loc></url></urlset>")
            });
            Answer::typed("application/gzip", packed)
        }),
        Case::fixed("a sitemap of 45 MB of tags as gz", Place::Sitemap, {
            let packed = pack("gzip", |writer| {
                writer.write_all(b"<urlset>")?;
                (0..45).try_for_each(|_| writer.write_all(&b"<a>".repeat(350_000)))
            });
            Answer::typed("application/gzip", packed)
        }),
    ]
}

/// Robots files.
pub(super) fn robots() -> Vec<Case> {
    let typed = |name, body: String| Case::fixed(name, Place::Robots, Answer::typed("text/plain", body));
    vec![
        typed(
            "robots.txt: 20,000 rules of stars",
            format!("User-agent: *\n{}", "Disallow: /*a*a*a*a*a*b\n".repeat(20_000)),
        ),
        typed("robots.txt: one rule of 400 KB", format!("User-agent: *\nDisallow: /{}$\n", "*a".repeat(200_000))),
        typed(
            "robots.txt: 500 anchored rules of 2 KB",
            format!("User-agent: *\n{}", format!("Disallow: /{}$\n", "*a".repeat(1_000)).repeat(250)),
        ),
        typed("robots.txt: 60,000 groups", "User-agent: a\nDisallow: /\n\n".repeat(20_000)),
        Case::fixed(
            "robots.txt of 1 GB as gzip",
            Place::Robots,
            Answer::with("Content-Type: text/plain\r\nContent-Encoding: gzip", bomb("gzip")),
        ),
        Case {
            timeout: "2s",
            ..Case::fixed(
                "robots.txt without an end",
                Place::Robots,
                Answer::Endless(|stream| {
                    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
                    loop {
                        stream.write_all(&b"Allow: /\n".repeat(1000))?;
                    }
                }),
            )
        },
    ]
}
