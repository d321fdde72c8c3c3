//! A news site that the tests change while it is watched. It knows nothing of the program that watches it, and
//! never sends the same bytes twice unless it is told to.

mod pages;
pub(crate) mod text;

use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::watch;
use url::Url;

use self::pages::{Content, Noise};
use self::text::Numbers;
use super::server::{Answer, Request, Server};

/// The running site: `/news/` with its pages, `/news/<slug>/`, `/feed.xml`.
pub(crate) struct Evolving {
    server: Server,
    site: Arc<Mutex<Site>>,
}

/// One release.
#[derive(Clone, Debug)]
pub(crate) struct Release {
    pub(crate) slug: String,
    pub(crate) title: String,
    pub(crate) day: String,
    pub(crate) paragraphs: Vec<String>,
    fate: Fate,
    listed: bool,
    edition: u32,
}

/// What the address of a release answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The release.
    There,
    /// This status.
    Status(u16),
    /// Status 200 with a page that says that there is nothing.
    Soft,
    /// A redirect with this status to this path.
    Redirect(u16, String),
    /// Nothing, for ever.
    Hang,
    /// Status 503, and the wish to be left alone for two hours.
    Busy,
}

/// The template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    First,
    Second,
}

/// What is wrong with the site as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Status 503 everywhere.
    Down,
    /// Every connection is closed without an answer.
    Reset,
    /// No answer ever comes.
    Hang,
    /// The same page of maintenance everywhere, with status 200.
    Notice,
    /// The listing is there and lists nothing.
    EmptyListing,
}

const RELEASES: u64 = 14;
const ON_ONE_PAGE: usize = 6;
const IN_FEED: usize = 5;
const TEASERS: usize = 3;

struct Site {
    /// Newest first.
    releases: Vec<Release>,
    look: Look,
    typeset: bool,
    trouble: Option<Trouble>,
    crowded: bool,
    has_validators: bool,
    /// Requests so far: the source of all noise.
    served: u64,
    /// Done when so many requests have come, before the last of them is answered.
    interruption: Option<(u64, Box<dyn FnMut() + Send>)>,
    held: Option<Held>,
}

/// Releases that are answered after all others have been asked for.
struct Held {
    slugs: Vec<String>,
    others: usize,
    gate: watch::Sender<bool>,
}

impl Evolving {
    /// The site with fourteen releases.
    pub(crate) async fn start() -> Self {
        let site = Arc::new(Mutex::new(Site::new()));
        let answering = Arc::clone(&site);
        let server = Server::answering(move |request| answering.lock().unwrap().answer(request)).await;
        Self { server, site }
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        self.server.url(path)
    }

    /// The slug of a release, 0 the newest.
    pub(crate) fn slug(&self, at: usize) -> String {
        self.site().releases[at].slug.clone()
    }

    /// A new release on top of the listing.
    pub(crate) fn publish(&self, slug: &str, title: &str, paragraphs: &[&str]) {
        let paragraphs = paragraphs.iter().map(|&paragraph| paragraph.to_owned()).collect();
        let release = Release::new(slug, title, "30 May 2026", paragraphs);
        self.site().releases.insert(0, release);
    }

    /// A release that nobody has seen, with a text of its own.
    pub(crate) fn publish_any(&self, slug: &str) {
        let mut numbers = Numbers(slug.bytes().fold(7, |sum, byte| sum.wrapping_mul(31) ^ u64::from(byte)));
        let title = text::title(&mut numbers);
        let paragraphs = text::paragraphs(&mut numbers);
        self.site().releases.insert(0, Release::new(slug, &title, "30 May 2026", paragraphs));
    }

    /// Changes a release: its title, day or text.
    pub(crate) fn edit(&self, slug: &str, edit: impl FnOnce(&mut Release)) {
        let mut site = self.site();
        let release = site.find(slug);
        edit(release);
        release.edition += 1;
    }

    /// Changes what the address of a release answers; one that is not there is not listed either.
    pub(crate) fn set_fate(&self, slug: &str, fate: Fate) {
        let mut site = self.site();
        let release = site.find(slug);
        release.listed = fate == Fate::There;
        release.fate = fate;
    }

    /// A release that stays listed while its address answers this status.
    pub(crate) fn fail(&self, slug: &str, status: u16) {
        self.set_listed_fate(slug, Fate::Status(status));
    }

    /// A release that stays listed, whatever its address answers.
    pub(crate) fn set_listed_fate(&self, slug: &str, fate: Fate) {
        self.site().find(slug).fate = fate;
    }

    /// Takes a release from the listing and the feed.
    pub(crate) fn unlist(&self, slug: &str) {
        self.site().find(slug).listed = false;
    }

    /// The same release under a new address; the old one redirects there for ever.
    pub(crate) fn move_to(&self, slug: &str, new: &str) {
        self.readdress(slug, new, Fate::Redirect(301, format!("/news/{new}/")));
    }

    /// The same release under a new address, with this fate of the old one.
    pub(crate) fn readdress(&self, slug: &str, new: &str, fate: Fate) {
        let mut site = self.site();
        let mut old = site.find(slug).clone();
        new.clone_into(&mut site.find(slug).slug);
        (old.fate, old.listed) = (fate, false);
        site.releases.push(old);
    }

    /// The release is listed at a second address too.
    pub(crate) fn copy_to(&self, slug: &str, new: &str) {
        let mut site = self.site();
        let mut copy = site.find(slug).clone();
        new.clone_into(&mut copy.slug);
        site.releases.insert(0, copy);
    }

    pub(crate) fn set_look(&self, look: Look) {
        self.site().look = look;
    }

    /// Typographic quotation marks, dashes and spaces, or plain ones.
    pub(crate) fn set_typeset(&self, typeset: bool) {
        self.site().typeset = typeset;
    }

    /// Whether teasers with whole paragraphs and a counter stand with the text, in elements that do not say so.
    pub(crate) fn set_crowded(&self, crowded: bool) {
        self.site().crowded = crowded;
    }

    pub(crate) fn set_trouble(&self, trouble: Option<Trouble>) {
        self.site().trouble = trouble;
    }

    /// Whether releases have an ETag, which changes with their text, and answer 304.
    pub(crate) fn set_validators(&self, has_validators: bool) {
        self.site().has_validators = has_validators;
    }

    /// Answers these releases only when all others have been asked for.
    pub(crate) fn hold(&self, slugs: &[String]) {
        let mut site = self.site();
        let others = site
            .releases
            .iter()
            .filter(|release| release.fate == Fate::There && !slugs.contains(&release.slug))
            .count();
        site.held = Some(Held { slugs: slugs.to_vec(), others, gate: watch::Sender::new(false) });
    }

    /// Does something when the `count`th request from now on has come and before it is answered; 0 is never.
    pub(crate) fn interrupt(&self, count: u64, action: impl FnMut() + Send + 'static) {
        let mut site = self.site();
        site.interruption = (count > 0).then(|| (site.served + count, Box::new(action) as Box<_>));
    }

    /// Requests so far.
    pub(crate) fn served(&self) -> u64 {
        self.site().served
    }

    pub(crate) fn requests_for(&self, slug: &str) -> Vec<Request> {
        self.server.requests_for(&format!("/news/{slug}/"))
    }

    fn site(&self) -> MutexGuard<'_, Site> {
        self.site.lock().unwrap()
    }
}

impl Release {
    fn new(slug: &str, title: &str, day: &str, paragraphs: Vec<String>) -> Self {
        let (slug, title, day) = (slug.to_owned(), title.to_owned(), day.to_owned());
        Self { slug, title, day, paragraphs, fate: Fate::There, listed: true, edition: 1 }
    }

    fn generate(number: u64) -> Self {
        let mut numbers = Numbers(number);
        let title = text::title(&mut numbers);
        let slug = format!("{number:03}-{}", title.to_lowercase().replace(' ', "-"));
        let day = format!("{} May 2026", 1 + number);
        Self::new(&slug, &title, &day, text::paragraphs(&mut numbers))
    }

    fn path(&self) -> String {
        format!("/news/{}/", self.slug)
    }
}

impl Site {
    fn new() -> Self {
        Self {
            releases: (0..RELEASES).rev().map(Release::generate).collect(),
            look: Look::First,
            typeset: false,
            trouble: None,
            crowded: false,
            has_validators: false,
            served: 0,
            interruption: None,
            held: None,
        }
    }

    fn find(&mut self, slug: &str) -> &mut Release {
        self.releases.iter_mut().find(|release| release.slug == slug).unwrap()
    }

    fn answer(&mut self, request: &Request) -> Answer {
        self.served += 1;
        if let Some((at, action)) = &mut self.interruption
            && *at == self.served
        {
            action();
        }
        match self.trouble {
            Some(Trouble::Down) => Answer::status(503),
            Some(Trouble::Reset) => Answer::raw(""),
            Some(Trouble::Hang) => Answer::hang(),
            Some(Trouble::Notice) => Answer::html(self.page(
                "Back soon",
                "<h1>Back soon</h1><p>The site is being improved. Thank you for waiting with us.</p>",
            )),
            Some(Trouble::EmptyListing) | None => self.route(request),
        }
    }

    fn route(&mut self, request: &Request) -> Answer {
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        if path == "/feed.xml" {
            let feed = pages::feed(self.releases.iter().filter(|release| release.listed).take(IN_FEED));
            return Answer::with(200, &[("Content-Type", "application/rss+xml")], feed);
        }
        if path == "/news/" {
            let page = query.strip_prefix("page=").and_then(|number| number.parse().ok()).unwrap_or(1);
            return self.listing(page);
        }
        let slug = path.strip_prefix("/news/").and_then(|rest| rest.strip_suffix('/')).unwrap_or_default();
        match self.releases.iter().find(|release| release.slug == slug).cloned() {
            Some(release) => self.release(&release, request),
            None => self.missing(404),
        }
    }

    fn listing(&self, page: usize) -> Answer {
        let empty = self.trouble == Some(Trouble::EmptyListing);
        let listed: Vec<&Release> = self.releases.iter().filter(|release| release.listed && !empty).collect();
        let pages = listed.len().div_ceil(ON_ONE_PAGE).max(1);
        if !(1..=pages).contains(&page) {
            return self.missing(404);
        }
        let releases: Vec<&Release> = listed.into_iter().skip((page - 1) * ON_ONE_PAGE).take(ON_ONE_PAGE).collect();
        Answer::html(self.page("News", &pages::listing(self.look, &releases, page, pages)))
    }

    fn release(&mut self, release: &Release, request: &Request) -> Answer {
        let answer = match &release.fate {
            Fate::There => self.there(release, request),
            Fate::Status(status) => self.missing(*status),
            Fate::Soft => self.missing(200),
            Fate::Redirect(status, path) => Answer::redirect(*status, path),
            Fate::Hang => Answer::hang(),
            Fate::Busy => Answer::with(503, &[("Retry-After", "7200")], "busy"),
        };
        let Some(held) = &mut self.held else { return answer };
        if held.slugs.contains(&release.slug) {
            return answer.behind(held.gate.subscribe());
        }
        held.others = held.others.saturating_sub(1);
        if held.others == 0 {
            held.gate.send_replace(true);
        }
        answer
    }

    fn there(&self, release: &Release, request: &Request) -> Answer {
        let tag = format!("\"{}-{}\"", release.slug, release.edition);
        if self.has_validators && request.header("if-none-match") == Some(&tag) {
            return Answer::status(304);
        }
        let counter = self.crowded.then(|| Noise::of_request(self.served ^ 0x5eed).count());
        let page = self.page(&release.title, &pages::release(self.look, release, self.typeset, counter));
        let mut headers = vec![("Content-Type", "text/html; charset=utf-8")];
        headers.extend(self.has_validators.then_some(("ETag", tag.as_str())));
        Answer::with(200, &headers, page)
    }

    fn missing(&self, status: u16) -> Answer {
        let body = "<h1>Nothing under this address</h1><p>It was never there, or it is kept elsewhere now.</p>";
        Answer::with(status, &[("Content-Type", "text/html; charset=utf-8")], self.page("Vellmar", body))
    }

    /// A page with teasers that rotate.
    fn page(&self, title: &str, body: &str) -> String {
        let listed: Vec<&Release> = self.releases.iter().filter(|release| release.listed).collect();
        let first = usize::try_from(self.served).unwrap() * 5;
        let beside = (0..TEASERS).filter_map(|at| listed.get((first + at) % listed.len().max(1)).copied()).collect();
        let content = Content { title, body, beside, crowded: self.crowded };
        pages::page(self.look, &content, &mut Noise::of_request(self.served))
    }
}
