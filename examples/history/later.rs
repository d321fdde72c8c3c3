//! The archive in which an import looks ahead: it makes later captures again, as they are not kept, and counts what that
//! costs.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use pressdiff::domain::model::Fetched;
use pressdiff::track::Archive;
use url::Url;

use super::pages::Site;

pub(crate) struct Later {
    site: Arc<Site>,
    versions: u64,
    looked: usize,
    spent: Duration,
}

impl Later {
    /// What comes later among the first so many captures.
    pub(crate) fn of(site: Arc<Site>, total: u64) -> Self {
        let versions = total / site.pages();
        Self { site, versions, looked: 0, spent: Duration::ZERO }
    }

    /// How many captures were asked for, and the CPU time that it took to make them.
    pub(crate) fn looked(&self) -> (usize, Duration) {
        (self.looked, self.spent)
    }
}

impl Archive for Later {
    fn later(&mut self, url: &Url, after: DateTime<Utc>, most: usize) -> Vec<Fetched> {
        let before = cpu();
        let number = url.path().trim_end_matches('/').rsplit('-').next().and_then(|number| number.parse().ok());
        let Some(page) = number.filter(|page| *page < self.site.pages()) else { return Vec::new() };
        let versions = (0..self.versions).filter(|version| self.site.time(page, *version) > after);
        let captures: Vec<Fetched> = versions.take(most).map(|version| self.site.page(page, version)).collect();
        self.looked += captures.len();
        self.spent += cpu().saturating_sub(before);
        captures
    }
}

/// CPU time of this thread.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(stat.split_whitespace().next().unwrap().parse().unwrap())
}
