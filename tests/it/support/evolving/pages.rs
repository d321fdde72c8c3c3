//! The HTML of the site: two templates that have nothing in common but the text, and all that moves around it.

use super::text::Numbers;
use super::{Look, Release};

/// What differs at every request.
pub(super) struct Noise {
    numbers: Numbers,
}

impl Noise {
    pub(super) fn of_request(number: u64) -> Self {
        Self { numbers: Numbers(number) }
    }

    fn token(&mut self) -> String {
        format!("{:016x}", self.numbers.next())
    }

    pub(super) fn count(&mut self) -> usize {
        self.numbers.below(90_000)
    }
}

/// A page is this much: its title, its own HTML, and what the site has to offer beside it.
pub(super) struct Content<'a> {
    pub(super) title: &'a str,
    pub(super) body: &'a str,
    pub(super) beside: Vec<&'a Release>,
    /// Whether the offers stand with the text, with texts of their own.
    pub(super) crowded: bool,
}

/// A release on its page.
pub(super) fn release(look: Look, release: &Release, typeset: bool, counter: Option<usize>) -> String {
    let title = text(&release.title, typeset);
    let day = &release.day;
    let paragraphs = release.paragraphs.iter().map(|paragraph| text(paragraph, typeset));
    match look {
        Look::First => {
            let paragraphs = concat(paragraphs.map(|paragraph| format!("<p>{paragraph}</p>\n")));
            let counter = counter.map_or(String::new(), |count| format!("<p class=\"stat\">Read {count} times</p>"));
            format!(
                "<article><h1>{title}</h1>\n<p class=\"date\">{day}</p>\n<div class=\"text\">\n{paragraphs}</div>\n\
                 {counter}</article>"
            )
        }
        Look::Second => {
            let paragraphs = concat(paragraphs.map(|paragraph| format!("<div>{paragraph}</div>")));
            format!(
                "<div class=\"head\"><time>{day}</time><h1 class=\"big\">{title}</h1></div>\
                 <div class=\"body\"><section>{paragraphs}</section></div>"
            )
        }
    }
}

/// One page of the listing.
pub(super) fn listing(look: Look, releases: &[&Release], page: usize, pages: usize) -> String {
    let items = concat(releases.iter().map(|release| item(look, release)));
    let links = concat((1..=pages).map(|number| {
        if number == page {
            format!("<b>{number}</b> ")
        } else {
            format!("<a href=\"{}\">{number}</a> ", page_path(number))
        }
    }));
    let next =
        if page < pages { format!("<a rel=\"next\" href=\"{}\">Next</a>", page_path(page + 1)) } else { String::new() };
    match look {
        Look::First => format!("<h1>News</h1><ul class=\"list\">{items}</ul><p class=\"pages\">{links}{next}</p>"),
        Look::Second => format!(
            "<h1>All news</h1><section class=\"cards\">{items}</section><div class=\"more\">{links}{next}</div>"
        ),
    }
}

fn page_path(number: usize) -> String {
    if number == 1 { "/news/".to_owned() } else { format!("/news/?page={number}") }
}

fn item(look: Look, release: &Release) -> String {
    let (path, title, day) = (release.path(), escape(&release.title), &release.day);
    match look {
        Look::First => format!("<li><span>{day}</span> <a href=\"{path}\">{title}</a></li>\n"),
        Look::Second => format!("<div class=\"card\"><h3><a href=\"{path}\">{title}</a></h3><time>{day}</time></div>"),
    }
}

/// The page around it all.
pub(super) fn page(look: Look, content: &Content<'_>, noise: &mut Noise) -> String {
    let (title, body) = (escape(content.title), content.body);
    let (token, count, other) = (noise.token(), noise.count(), noise.count());
    let teasers = concat(content.beside.iter().map(|release| teaser(look, release, content.crowded)));
    let teasers_in_main = format!("<section class=\"more\"><h2>Also on this site</h2>{teasers}</section>");
    let (inside, outside) =
        if content.crowded { (teasers_in_main, String::new()) } else { (String::new(), teasers_in_main) };
    match look {
        Look::First => format!(
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title} | Port of Vellmar</title>\
             <link rel=\"alternate\" type=\"application/rss+xml\" href=\"/feed.xml\"><meta name=\"token\" \
             content=\"{token}\"></head>\n<body><div class=\"top\"><a href=\"/\">Port of Vellmar</a> \
             <span>{count} visitors today</span></div>\n<nav><ul><li><a href=\"/news/\">News</a></li>\
             <li><a href=\"/port/\">The port</a></li><li><a href=\"/tides/\">Tides</a></li></ul></nav>\n\
             <main>{body}\n{inside}</main>\n{outside}\n\
             <footer><p>Port of Vellmar, Quay Street 1. Page made in {other} ms.</p></footer></body></html>\n"
        ),
        Look::Second => format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Vellmar Port: {title}</title>\
             <link rel=\"alternate\" type=\"application/rss+xml\" href=\"/feed.xml?{token}\"></head>\
             <body class=\"site\" data-n=\"{count}\"><header><a href=\"/\"><b>Vellmar Port</b></a></header>\
             <div class=\"columns\"><div class=\"left\"><h4>Most read</h4><ol>{teasers}</ol></div>\
             <div class=\"right\">{body}</div></div><footer><a href=\"/legal/\">Legal</a> <a href=\"/press/\">Press \
             office</a> <small>{other} pages served</small></footer></body></html>"
        ),
    }
}

fn teaser(look: Look, release: &Release, with_lead: bool) -> String {
    let (path, title) = (release.path(), escape(&release.title));
    match look {
        Look::First => {
            let lead = release.paragraphs.first().filter(|_| with_lead);
            let lead = lead.map_or(String::new(), |lead| format!("<p>{}</p>", escape(lead)));
            format!("<div><a href=\"{path}\"><b>{title}</b></a>{lead}</div>")
        }
        Look::Second => format!("<li><a href=\"{path}\">{title}</a></li>"),
    }
}

/// The newest releases as RSS.
pub(super) fn feed<'a>(releases: impl Iterator<Item = &'a Release>) -> String {
    let items = releases.map(|release| {
        let (path, title) = (release.path(), escape(&release.title));
        format!("<item><title>{title}</title><link>{path}</link><guid isPermaLink=\"false\">{path}</guid></item>")
    });
    let items = concat(items);
    format!("<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Vellmar</title>{items}</channel></rss>")
}

fn concat(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().concat()
}

fn text(plain: &str, typeset: bool) -> String {
    let html = escape(plain);
    if !typeset {
        return html;
    }
    let mut opening = false;
    let mut quotes = html.split("&quot;").map(str::to_owned);
    let first = quotes.next().unwrap_or_default();
    let typeset = quotes.fold(first, |before, after| {
        opening = !opening;
        before + if opening { "\u{201c}" } else { "\u{201d}" } + &after
    });
    typeset.replace(" - ", "&nbsp;\u{2013} ").replace(" crowns", "&nbsp;crowns")
}

fn escape(plain: &str) -> String {
    plain.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
