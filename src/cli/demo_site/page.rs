//! The pages of the demo site, with everything around a release that a reader does not take for news: teasers that
//! rotate, counters, tokens, related releases, share buttons. No two requests get the same bytes.

use super::content::{FACELIFT, Release, releases};

/// Releases on one page of the listing.
const PAGE_SIZE: usize = 5;

/// One request: what the site says at this step, and the number that all noise is made from.
#[derive(Clone, Copy)]
pub(super) struct Visit {
    pub(super) step: usize,
    pub(super) number: u64,
}

impl Visit {
    /// Page 1, 2 … of the listing.
    pub(super) fn listing(self, page: usize) -> Option<String> {
        let all = releases(self.step);
        let pages: Vec<&[&Release]> = all.chunks(PAGE_SIZE).collect();
        let shown = pages.get(page.checked_sub(1)?)?;
        let items: String = shown.iter().map(|release| self.item(release)).collect();
        let links: String = (1..=pages.len()).map(|number| page_link(number, page)).collect();
        let main = format!(
            "<h1>News</h1>\n<ul class=\"news-list\">{items}</ul>\n<nav class=\"pages\" aria-label=\"Pages\">{links}</nav>"
        );
        Some(self.page("News", &format!("/news/?page={page}"), &main))
    }

    /// The release of this name, unless it is not, or no longer, there.
    pub(super) fn release(self, slug: &str) -> Option<String> {
        let release = *releases(self.step).iter().find(|release| release.slug == slug)?;
        let main = [self.article(release), self.related(release)].concat();
        Some(self.page(release.title, &path(release), &main))
    }

    /// The front page.
    pub(super) fn home(self) -> String {
        self.page("Welcome", "/", "<h1>Harbour Council of Eastmere</h1>\n<p>Read the <a href=\"/news/\">news</a>.</p>")
    }

    /// What stands at addresses that lead nowhere.
    pub(super) fn missing(self) -> String {
        self.page("Page not found", "/", "<h1>Page not found</h1>\n<p>Nothing stands at this address.</p>")
    }

    fn item(self, release: &Release) -> String {
        let Release { day, shown_day, title, .. } = release;
        format!(
            "<li><time datetime=\"{day}\">{shown_day}</time> <h2><a href=\"{}\">{title}</a></h2><p>{}</p>\
             <span class=\"views\">{} views</span></li>\n",
            path(release),
            release.lead(),
            self.views(release)
        )
    }

    fn article(self, release: &Release) -> String {
        let Release { day, shown_day, title, .. } = release;
        let dress = if self.step < FACELIFT { "release" } else { "release release--wide" };
        format!(
            "<article class=\"{dress}\" data-view=\"{}\">\n<h1>{title}</h1>\n\
             <p class=\"meta\"><time datetime=\"{day}\">{shown_day}</time> <span class=\"views\">{} views</span></p>\n\
             <div class=\"text\">\n{}\n</div>\n\
             <div class=\"contact\"><h4>Press office</h4><p>Tilda Marsh, +00 555 014 20, press@eastmere.example</p></div>\n\
             <div class=\"share\"><a href=\"/share?s={}\">Share</a> <a href=\"/print?s={}\">Print</a></div>\n</article>\n",
            self.token(1),
            self.views(release),
            release.body(self.step),
            self.token(2),
            self.token(3)
        )
    }

    fn related(self, release: &Release) -> String {
        let links: String = self.others(release.slug, 3, 100).iter().map(|other| link(other)).collect();
        format!("<section class=\"related\"><h3>Related releases</h3><ul>{links}</ul></section>\n")
    }

    /// Everything around the main part of a page.
    fn page(self, title: &str, path: &str, main: &str) -> String {
        let (head, header, aside, footer) = (self.head(title, path), self.header(), self.aside(path), self.footer());
        format!(
            "<!doctype html>\n<html lang=\"en\">\n{head}<body>\n{header}<main>\n{main}</main>\n{aside}{footer}</body>\n</html>\n"
        )
    }

    fn head(self, title: &str, path: &str) -> String {
        let (token, build) = (self.token(4), self.token(5));
        format!(
            "<head>\n<meta charset=\"utf-8\">\n<title>{title} | Harbour Council of Eastmere</title>\n\
             <meta name=\"csrf-token\" content=\"{token}\">\n<link rel=\"canonical\" href=\"{path}\">\n\
             <script nonce=\"{build}\">window.visit = \"{token}\";</script>\n</head>\n"
        )
    }

    fn header(self) -> String {
        let (notice, more) = if self.step < FACELIFT {
            ("", "")
        } else {
            ("<div class=\"notice\">The office is closed on Whit Monday.</div>\n", " <a href=\"/tides/\">Tides</a>")
        };
        format!(
            "<header>\n{notice}<a class=\"logo\" href=\"/\">Harbour Council of Eastmere</a>\n\
             <nav class=\"menu\"><a href=\"/\">Home</a> <a href=\"/news/\">News</a> <a href=\"/office/\">Office</a>{more}</nav>\n\
             <form action=\"/search\"><input type=\"hidden\" name=\"t\" value=\"{}\"><input name=\"q\"></form>\n</header>\n",
            self.token(6)
        )
    }

    fn aside(self, path: &str) -> String {
        let slug = path.trim_start_matches("/news/").trim_end_matches('/');
        let teasers: String = self.others(slug, 2, 200).iter().map(|other| teaser(other)).collect();
        let visitors = 3 + self.mixed(7) % 90;
        format!(
            "<aside class=\"teasers\"><h3>Also on this site</h3>{teasers}<p>{visitors} visitors are reading</p></aside>\n"
        )
    }

    fn footer(self) -> String {
        let milliseconds = 11 + self.mixed(8) % 80;
        format!(
            "<footer><p>© 2019–2026 Harbour Council of Eastmere</p><p>Page {} made in {milliseconds} ms</p></footer>\n",
            self.number
        )
    }

    /// Some releases but this one, others at every visit.
    fn others(self, slug: &str, count: usize, salt: u64) -> Vec<&'static Release> {
        let mut others: Vec<_> =
            releases(self.step).into_iter().filter(|release| release.slug != slug).zip(salt..).collect();
        others.sort_by_key(|(_, place)| self.mixed(place << 8));
        others.into_iter().take(count).map(|(release, _)| release).collect()
    }

    fn views(self, release: &Release) -> u64 {
        310 + 37 * release.slug.len() as u64 + 3 * self.number
    }

    fn token(self, salt: u64) -> String {
        format!("{:016x}", self.mixed(salt))
    }

    /// The finalizer of `SplitMix64`: looks random, yet every run of the demo makes the same pages.
    fn mixed(self, salt: u64) -> u64 {
        let mut bits = self.number.wrapping_add(salt << 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }
}

fn path(release: &Release) -> String {
    format!("/news/{}/", release.slug)
}

fn link(release: &Release) -> String {
    format!("<li><a href=\"{}\">{}</a></li>", path(release), release.title)
}

fn teaser(release: &Release) -> String {
    let Release { shown_day, title, .. } = release;
    format!(
        "<div class=\"teaser\"><span>{shown_day}</span> <a href=\"{}\">{title}</a><p>{}</p></div>",
        path(release),
        release.lead()
    )
}

fn page_link(number: usize, current: usize) -> String {
    if number == current {
        format!("<span class=\"current\">{number}</span> ")
    } else {
        format!("<a href=\"/news/?page={number}\">{number}</a> ")
    }
}
