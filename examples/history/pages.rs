//! Pages as sites make them: a template that all share, text of their own, teasers that rotate, a list of news that
//! moves on, and tokens and counters that are never the same twice. The same numbers give the same bytes.

use std::fmt::Write as _;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use pressdiff::domain::model::{Fetched, SourceId};
use url::Url;

const SYLLABLES: [&str; 16] =
    ["ba", "re", "to", "mi", "lan", "der", "ves", "quo", "sta", "ne", "pri", "cal", "or", "um", "ex", "tin"];
/// A text is edited once in so many versions.
const EDITED_EVERY: u64 = 50;

pub(crate) fn source() -> SourceId {
    SourceId("bulk".to_owned())
}

/// Numbers that look random (xorshift).
struct Numbers(u64);

impl Numbers {
    fn of(seed: u64) -> Self {
        let mut numbers = Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        for _ in 0..8 {
            numbers.next();
        }
        numbers
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, limit: u64) -> u64 {
        (self.next() >> 11) % limit
    }

    fn word(&mut self) -> String {
        (0..2 + self.below(3)).map(|_| SYLLABLES[usize::try_from(self.below(16)).unwrap()]).collect()
    }

    fn sentence(&mut self, words: &[String]) -> String {
        let mut sentence = String::new();
        for _ in 0..8 + self.below(14) {
            // Few words are frequent, most are rare.
            let (rank, most) = (self.next(), words.len() as u64);
            let at = usize::try_from((rank >> 11) % (1 + (rank >> 40) % most)).unwrap();
            sentence.push_str(&words[at]);
            sentence.push(' ');
        }
        sentence.trim_end().to_owned() + "."
    }
}

pub(crate) struct Site {
    pages: u64,
    words: Vec<String>,
}

impl Site {
    pub(crate) fn new(pages: u64) -> Self {
        let mut numbers = Numbers::of(1);
        Self { pages, words: (0..4_000).map(|_| numbers.word()).collect() }
    }

    /// How many pages there are.
    pub(crate) fn pages(&self) -> u64 {
        self.pages
    }

    /// When a page was fetched; all pages of a version within an hour.
    pub(crate) fn time(&self, page: u64, version: u64) -> DateTime<Utc> {
        let start: DateTime<Utc> = "2020-01-01T00:00:00Z".parse().unwrap();
        let seconds = version * 3600 + page * 3600 / self.pages;
        start + TimeDelta::seconds(i64::try_from(seconds).unwrap())
    }

    /// A page as it was fetched.
    pub(crate) fn page(&self, page: u64, version: u64) -> Fetched {
        let fetched_at = self.time(page, version);
        let url = Url::parse(&format!("https://bulk.example/news/release-number-{page}/")).unwrap();
        let mut token = Numbers::of(version * 1_000_003 + page);
        let headers = [
            ("server", "nginx".to_owned()),
            ("date", fetched_at.to_rfc2822()),
            ("content-type", "text/html; charset=utf-8".to_owned()),
            ("cache-control", "no-store, no-cache, must-revalidate".to_owned()),
            ("set-cookie", format!("SESSION={:016x}; path=/; HttpOnly", token.next())),
            ("x-frame-options", "SAMEORIGIN".to_owned()),
            ("strict-transport-security", "max-age=31536000; includeSubDomains".to_owned()),
        ];
        Fetched {
            final_url: url.clone(),
            url,
            redirects: Vec::new(),
            status: 200,
            headers: headers.map(|(name, value)| (name.to_owned(), value)).to_vec(),
            body: Bytes::from(self.html(page, version, &mut token)),
            fetched_at,
        }
    }

    fn html(&self, page: u64, version: u64, token: &mut Numbers) -> String {
        let size = usize::try_from(70_000 + 410_000 * page / self.pages).unwrap();
        let mut template = Numbers::of(7);
        let mut html = format!(
            "<!doctype html><html><head><meta charset=\"utf-8\"><title>Release {page}</title>\
             <meta name=\"csrf-token\" content=\"{:016x}{:016x}\"></head><body><nav><ul>\n",
            token.next(),
            token.next()
        );
        while html.len() < size / 3 {
            let (number, word, other) = (template.next() >> 40, template.word(), template.word());
            let _ =
                writeln!(html, "<li class=\"menu-{number:x}\"><a href=\"/{word}/{other}/\">{word} {other}</a></li>");
        }
        html.push_str("</ul></nav>\n");
        self.write_text(&mut html, page, version);
        self.write_moving(&mut html, version, token);
        while html.len() < size {
            let (number, name) = (template.next() >> 40, template.word());
            let sentence = template.sentence(&self.words);
            let _ = writeln!(
                html,
                "<div class=\"card\" data-id=\"{number:x}\"><img src=\"/upload/{number:x}/{name}.jpg\" alt=\"\"><a \
                 href=\"/section/{name}/{number:x}/\">{sentence}</a></div>"
            );
        }
        html.push_str("</body></html>\n");
        html
    }

    fn write_text(&self, html: &mut String, page: u64, version: u64) {
        let _ = writeln!(html, "<main><article><h1>Release number {page} about a matter</h1>");
        for paragraph in 0..12 {
            let edition = if paragraph == page % 12 { version / EDITED_EVERY } else { 0 };
            let mut text = Numbers::of(1_000 + page * 100 + paragraph + edition * 1_000_000);
            let sentences: Vec<String> = (0..5).map(|_| text.sentence(&self.words)).collect();
            let _ = writeln!(html, "<p>{}</p>", sentences.join(" "));
        }
        html.push_str("</article></main>\n");
    }

    /// A counter, a hidden token, six of sixty teasers, and the latest news.
    fn write_moving(&self, html: &mut String, version: u64, token: &mut Numbers) {
        let _ = writeln!(
            html,
            "<form><input type=\"hidden\" name=\"sessid\" value=\"{:016x}\"></form><script>var t={};</script>",
            token.next(),
            1_577_836_800 + version * 3600
        );
        for _ in 0..6 {
            let teaser = token.below(60);
            let sentence = Numbers::of(500 + teaser).sentence(&self.words);
            let _ = writeln!(html, "<div class=\"teaser\"><a href=\"/news/teaser-{teaser}/\">{sentence}</a></div>");
        }
        for news in version / 6..version / 6 + 20 {
            let sentence = Numbers::of(900_000 + news).sentence(&self.words);
            let _ = writeln!(html, "<li class=\"latest\"><a href=\"/news/latest-{news}/\">{sentence}</a></li>");
        }
    }
}
