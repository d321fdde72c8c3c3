//! What robots.txt says (RFC 9309), read once a day for each scheme, host and port. A file that is missing
//! forbids nothing. One that cannot be read for now leaves an earlier copy in force and, without one, makes
//! fetches fail, which is to say that all is forbidden, but as a trouble that passes; after a month of it the file
//! counts as missing, as section 2.3.1.4 has it.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use texting_robots::Robot;
use tokio::sync::Mutex;
use url::{Position, Url};

use super::error::{FetchError, RobotsTrouble};
use super::host_queue::MAX_INTERVAL;
use super::per_host::PerHost;
use crate::clock::Clock;
use crate::domain::model::Fetched;

/// Bytes that are read; the rest of the file does not count.
pub(super) const MAX_SIZE: u64 = 512 << 10;
/// Redirects that are followed; after more the file counts as missing.
pub(super) const MAX_REDIRECTS: usize = 5;
/// The name that rules are written for: a bare product token, since "pressdiff/1.0" would match no group.
const PRODUCT: &str = "pressdiff";
const LIFE: Duration = Duration::from_hours(24);
const LIFE_OF_TROUBLE: Duration = Duration::from_mins(5);
/// How long a file that cannot be read forbids everything.
const PATIENCE: TimeDelta = TimeDelta::days(30);
/// Lines that are read, and the longest one.
const MAX_LINES: usize = 20_000;
const MAX_LINE: usize = 2 << 10;
/// Rules with `$` become regular expressions, which cost memory.
const MAX_ANCHORED: usize = 500;

/// The rules of all sites that were asked.
#[derive(Debug)]
pub(super) struct Robots {
    sites: PerHost<Site>,
    clock: Clock,
}

/// Locked while its file is read, so that fetches which begin together read it once.
type Site = Mutex<Option<Known>>;

#[derive(Debug)]
struct Known {
    rules: Result<Arc<Rules>, Arc<RobotsTrouble>>,
    good_until: DateTime<Utc>,
    /// Since when it cannot be read.
    troubled_since: Option<DateTime<Utc>>,
}

/// What one robots.txt says to us.
#[derive(Debug, Default)]
pub(super) struct Rules {
    robot: Option<Robot>,
}

impl Known {
    /// What seems to be good for longer than anything was noted before the clock was set back.
    fn is_good(&self, now: DateTime<Utc>) -> bool {
        now < self.good_until && (self.good_until - now).to_std().is_ok_and(|left| left <= LIFE)
    }
}

impl Robots {
    /// Knows no site yet.
    pub(super) fn new(clock: Clock) -> Self {
        Self { sites: PerHost::new(), clock }
    }

    /// The rules for a site, which `load` reads unless they are known.
    pub(super) async fn rules(
        &self,
        origin: &str,
        load: impl Future<Output = Result<Fetched, FetchError>>,
    ) -> Result<Arc<Rules>, Arc<RobotsTrouble>> {
        let site = self.site(origin);
        let mut known = site.lock().await;
        if let Some(known) = known.as_ref().filter(|known| known.is_good(self.clock.now())) {
            return known.rules.clone();
        }
        let (mut rules, life) = read(load.await).await;
        let now = self.clock.now();
        let since = known.as_ref().and_then(|known| known.troubled_since).unwrap_or(now);
        let troubled_since = rules.is_err().then_some(since);
        if let (Err(_), Some(Known { rules: earlier @ Ok(_), .. })) = (&rules, known.as_ref()) {
            rules = earlier.clone();
        }
        if rules.is_err() && now - since >= PATIENCE {
            rules = Ok(Arc::default());
        }
        *known = Some(Known { rules: rules.clone(), good_until: now + life, troubled_since });
        rules
    }

    fn site(&self, origin: &str) -> Arc<Site> {
        let now = self.clock.now();
        self.sites.of(origin, |site| {
            site.try_lock().is_ok_and(|known| known.as_ref().is_none_or(|known| known.good_until <= now))
        })
    }
}

/// Where the robots.txt is that speaks for an address.
pub(super) fn address(url: &Url) -> Result<Url, url::ParseError> {
    let mut address = url.join("/robots.txt")?;
    // Credentials are for the page; a failure to remove them is a failure to have any.
    let _ = address.set_username("");
    let _ = address.set_password(None);
    Ok(address)
}

/// What an answer to the request for robots.txt means, and how long that is believed.
async fn read(answer: Result<Fetched, FetchError>) -> (Result<Arc<Rules>, Arc<RobotsTrouble>>, Duration) {
    match answer {
        Ok(fetched) if (200..300).contains(&fetched.status) => (Ok(Arc::new(parse_apart(fetched).await)), LIFE),
        Ok(fetched) if fetched.status == 429 || fetched.status >= 500 => {
            (Err(Arc::new(RobotsTrouble::Status(fetched.status))), LIFE_OF_TROUBLE)
        }
        Ok(_) => (Ok(Arc::default()), LIFE),
        Err(error) if error.is_transient() => (Err(Arc::new(RobotsTrouble::Fetch(Box::new(error)))), LIFE_OF_TROUBLE),
        // Redirects in a circle, no TLS, a private address: the page itself will tell, if it is the same there.
        Err(_) => (Ok(Arc::default()), LIFE_OF_TROUBLE),
    }
}

/// A hostile file takes a while.
async fn parse_apart(fetched: Fetched) -> Rules {
    tokio::task::spawn_blocking(move || Rules::parse(&fetched.body)).await.unwrap_or_default()
}

impl Rules {
    /// Reads a file as far as it can be read.
    pub(super) fn parse(text: &[u8]) -> Self {
        let parse = |max_anchored| Robot::new(PRODUCT, &bounded(text, max_anchored)).ok();
        // One rule too large for a regular expression spoils them all; those without `$` need none.
        Self { robot: parse(MAX_ANCHORED).or_else(|| parse(0)) }
    }

    /// Whether an address may be fetched.
    pub(super) fn allows(&self, url: &Url) -> bool {
        let path = &url[Position::BeforePath..Position::AfterQuery];
        self.robot.as_ref().is_none_or(|robot| robot.allowed(path))
    }

    /// The least time between two requests, at most [`MAX_INTERVAL`].
    pub(super) fn crawl_delay(&self) -> Duration {
        let seconds = self.robot.as_ref().and_then(|robot| robot.delay).unwrap_or_default();
        Duration::try_from_secs_f32(seconds.min(MAX_INTERVAL.as_secs_f32())).unwrap_or_default()
    }
}

fn bounded(text: &[u8], max_anchored: usize) -> Vec<u8> {
    let mut anchored = 0;
    let lines = text.split(|byte| matches!(byte, b'\n' | b'\r')).filter(|line| !line.is_empty()).take(MAX_LINES);
    let kept = lines.filter(|line| {
        let is_anchored = line.contains(&b'$');
        anchored += usize::from(is_anchored);
        line.len() <= MAX_LINE && (!is_anchored || anchored <= max_anchored)
    });
    kept.collect::<Vec<_>>().join(&b'\n')
}

#[cfg(test)]
mod tests {
    use std::future::ready;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use bytes::Bytes;
    use futures_util::future::join_all;

    use super::*;

    const ORIGIN: &str = "https://example.org";

    fn noon() -> DateTime<Utc> {
        "2026-03-01T12:00:00Z".parse().unwrap()
    }

    fn url(path: &str) -> Url {
        Url::parse(ORIGIN).unwrap().join(path).unwrap()
    }

    fn answer(status: u16, body: &'static str) -> Fetched {
        let url = url("/robots.txt");
        Fetched {
            final_url: url.clone(),
            url,
            redirects: Vec::new(),
            status,
            headers: Vec::new(),
            body: Bytes::from_static(body.as_bytes()),
            fetched_at: noon(),
        }
    }

    fn loaded(status: u16, body: &'static str) -> impl Future<Output = Result<Fetched, FetchError>> {
        ready(Ok(answer(status, body)))
    }

    fn allows(text: &str, path: &str) -> bool {
        Rules::parse(text.as_bytes()).allows(&url(path))
    }

    #[test]
    fn the_group_for_us_counts_and_the_longest_match_in_it() {
        let text = "\u{feff}User-agent: *\nDisallow: /\n\nUser-agent: PressDiff\nDisallow: /news/*/print$\nAllow: /\nDisallow: /q?";
        for (path, allowed) in
            [("/news/1", true), ("/news/1/print", false), ("/news/1/print?x", true), ("/q?a#b", false), ("/q#?", true)]
        {
            assert_eq!(allows(text, path), allowed, "{path}");
        }
        assert!(!allows("User-agent: *\rDisallow: /private\r", "/private/x"));
        assert!(allows("<html>Not found</html>", "/"));
    }

    #[test]
    fn a_crawl_delay_is_believed_up_to_a_minute() {
        for (delay, seconds) in [("2.5", 2.5), ("86400", 60.0), ("inf", 60.0), ("NaN", 0.0), ("-1", 0.0), ("x", 0.0)] {
            let rules = Rules::parse(format!("User-agent: *\nCrawl-delay: {delay}\n").as_bytes());
            assert_eq!(rules.crawl_delay(), Duration::from_secs_f32(seconds), "{delay}");
        }
    }

    #[test]
    fn a_hostile_file_costs_little_and_its_plain_rules_still_count() {
        let monster = format!("Disallow: /{}$\n", "a*b".repeat(600));
        let text = format!("User-agent: *\nDisallow: /plain\n{}", monster.repeat(200));
        assert!(!allows(&text, "/plain/x"));
        let many = "Disallow: /*a*$\n".repeat(30_000);
        assert!(!allows(&format!("User-agent: *\nDisallow: /plain\n{many}"), "/plain"));
    }

    #[tokio::test]
    async fn a_missing_file_forbids_nothing() {
        for status in [304, 401, 403, 404, 410] {
            let rules = Robots::new(Clock::fixed(noon())).rules(ORIGIN, loaded(status, "Disallow: /")).await;
            assert!(rules.unwrap().allows(&url("/")), "{status}");
        }
    }

    #[tokio::test]
    async fn trouble_is_remembered_for_minutes_and_an_earlier_copy_outlives_it() {
        let clock = Clock::fixed(noon());
        let robots = Robots::new(clock.clone());
        let forbidding = || loaded(200, "User-agent: *\nDisallow: /");
        assert!(robots.rules(ORIGIN, loaded(503, "")).await.is_err());
        assert!(robots.rules(ORIGIN, forbidding()).await.is_err(), "still remembered");

        clock.set(noon() + LIFE_OF_TROUBLE);
        assert!(!robots.rules(ORIGIN, forbidding()).await.unwrap().allows(&url("/")));

        clock.set(noon() + LIFE_OF_TROUBLE + LIFE);
        let copy = robots.rules(ORIGIN, loaded(500, "")).await;
        assert!(!copy.unwrap().allows(&url("/")), "the earlier copy");

        clock.set(noon() + LIFE_OF_TROUBLE + LIFE + LIFE_OF_TROUBLE);
        assert!(robots.rules(ORIGIN, loaded(404, "")).await.unwrap().allows(&url("/")), "asked again");
    }

    #[tokio::test]
    async fn a_month_of_trouble_makes_the_file_count_as_missing() {
        let clock = Clock::fixed(noon());
        let robots = Robots::new(clock.clone());
        for day in 0..30 {
            clock.set(noon() + TimeDelta::days(day));
            assert!(robots.rules(ORIGIN, loaded(503, "")).await.is_err(), "day {day}");
        }
        clock.set(noon() + PATIENCE);
        assert!(robots.rules(ORIGIN, loaded(503, "")).await.unwrap().allows(&url("/")));
        clock.set(noon() + PATIENCE + LIFE_OF_TROUBLE);
        let forbidding = loaded(200, "User-agent: *\nDisallow: /");
        assert!(!robots.rules(ORIGIN, forbidding).await.unwrap().allows(&url("/")), "asked for all the while");
    }

    #[tokio::test]
    async fn fetches_that_begin_together_read_it_once() {
        let robots = Robots::new(Clock::fixed(noon()));
        let reads = AtomicUsize::new(0);
        let load = || async {
            reads.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            Ok(answer(200, ""))
        };
        join_all((0..20).map(|_| robots.rules(ORIGIN, load()))).await;
        assert_eq!(reads.into_inner(), 1);
    }

    #[test]
    fn it_is_asked_for_at_the_root_and_without_credentials() {
        let page = Url::parse("http://user:secret@example.org:8080/a/b?c#d").unwrap();
        assert_eq!(address(&page).unwrap().as_str(), "http://example.org:8080/robots.txt");
    }
}
