//! What an import learns of the template of a source: from some captures before the first is taken in, and from each
//! batch as it goes by.

use std::collections::HashSet;
use std::sync::Arc;

use url::Url;

use super::{Capture, Importer};
use crate::domain::address::identity;
use crate::domain::model::Fetched;
use crate::domain::template::{Knowledge, Template};
use crate::track::parsing::guarded;
use crate::track::reading::sample;
use crate::track::{SECONDS_OF_DAY, TrackError};

/// Days for which a page counts among those of its time: archives have long gaps.
const DAYS_OF_AN_ERA: i64 = 365;

/// What is known of the pages of a source.
pub(super) struct Known {
    pub(super) knowledge: Knowledge,
    /// Another one whenever the knowledge is.
    pub(super) number: u64,
    /// What the template says now, without what was known before.
    own: Knowledge,
    /// Whether what was known before is the same.
    pub(super) is_steady: bool,
}

impl Known {
    pub(super) fn of(template: &Template) -> Self {
        let own = template.knowledge();
        Self { knowledge: own.clone(), number: 0, own, is_steady: false }
    }

    /// What was known after a batch with this template; before it was another one, unless both say the same.
    pub(super) fn since(template: &Template, before: Option<&Template>) -> Self {
        let own = template.knowledge();
        let earlier = before.map_or_else(|| own.clone(), Template::knowledge);
        Self { knowledge: own.clone().after(earlier), number: 0, own, is_steady: before.is_none() }
    }

    /// What is known after a batch in which the template came to be this one.
    fn then(&self, template: &Template, is_steady: bool) -> Self {
        let own = if is_steady { self.own.clone() } else { template.knowledge() };
        Self { knowledge: own.clone().after(self.own.clone()), number: self.number + 1, own, is_steady }
    }
}

impl Importer {
    /// Learns what pages have in common, before any of them is taken in.
    pub fn learn(&mut self, captures: &[Fetched]) {
        for fetched in captures.iter().filter(|fetched| fetched.status == 200) {
            if self.template.wants(&fetched.url)
                && let Ok(sample) = guarded(|| sample(fetched, &self.source.extract))
            {
                self.template.learn(&fetched.url, sample, day_of(fetched));
            }
        }
        self.known = Arc::new(Known { number: self.known.number + 1, ..Known::of(&self.template) });
    }

    /// Learns what the pages of these captures share, and what changed on most of them since they were last seen.
    pub(super) async fn learn_from(&mut self, captures: &[Capture]) -> Result<(), TrackError> {
        let Some(day) = captures.last().map(|capture| day_of(&capture.fetched)) else { return Ok(()) };
        let before = self.template.clone();
        let pages = || captures.iter().filter(|capture| capture.is_page());
        let changed = pages().filter(|page| !page.is_repeated).map(|page| self.learned_as(page));
        let changed: HashSet<Url> = changed.collect();
        let mut learned = HashSet::new();
        // The template remembers of each page only what it was like last.
        for page in pages().rev() {
            let url = self.learned_as(page);
            if !learned.contains(&url) && self.learn_page(page, &url, changed.contains(&url)).await? {
                learned.insert(url);
            }
        }
        let volatile = self.template.churn_since(&before).found();
        self.template.believe_volatile(&volatile, day);
        self.template.age(day - DAYS_OF_AN_ERA);
        let is_steady = self.template.says_the_same_as(&before);
        if !(is_steady && self.known.is_steady) {
            self.known = Arc::new(self.known.then(&self.template, is_steady));
        }
        Ok(())
    }

    /// The address under which the template knows a page: one, in however many spellings it was captured.
    fn learned_as(&self, capture: &Capture) -> Url {
        let url = &capture.fetched.url;
        self.releases.get(&identity(url)).map_or(url, |release| &release.url).clone()
    }

    /// Whether the template knows now what the page is like, or does not want to.
    async fn learn_page(&mut self, capture: &Capture, url: &Url, has_changed: bool) -> Result<bool, TrackError> {
        let day = day_of(&capture.fetched);
        if !self.template.wants(url) || !has_changed && self.template.saw_again(url, day) {
            return Ok(true);
        }
        let sample = self.reader.sample(&capture.fetched, capture.key).await?;
        Ok(sample.map(|sample| self.template.learn(url, sample, day)).is_some())
    }
}

fn day_of(fetched: &Fetched) -> i64 {
    fetched.fetched_at.timestamp() / SECONDS_OF_DAY
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use bytes::Bytes;
    use chrono::{DateTime, TimeDelta};

    use super::*;
    use crate::config::Config;
    use crate::domain::model::Source;
    use crate::store::Store;

    fn source() -> Source {
        let text = "[[source]]\nid = \"quay\"\npages = [\"https://quay.example/fog/\"]\n";
        Config::parse(text, std::path::Path::new("pressdiff.toml")).unwrap().sources.remove(0)
    }

    fn capture(hour: i64, teaser: &str) -> Fetched {
        let url = Url::parse("https://quay.example/fog/").unwrap();
        let text = "The ferries will not leave before the fog over the harbour has lifted.";
        Fetched {
            final_url: url.clone(),
            url,
            redirects: Vec::new(),
            status: 200,
            headers: vec![("content-type".to_owned(), "text/html".to_owned())],
            body: Bytes::from(format!("<h1>Fog</h1><p>{text}</p><ul><li>{teaser}</li></ul></body>")),
            fetched_at: DateTime::UNIX_EPOCH + TimeDelta::hours(hour),
        }
    }

    /// What is known of the pages after these batches.
    async fn learned(batches: &[&[Fetched]]) -> Template {
        let folder = tempfile::TempDir::new().unwrap();
        let store = Store::open(&folder.path().join("record.db")).unwrap();
        store.sync_sources(vec![(source().id, "Quay".to_owned())]).await.unwrap();
        let mut importer = Importer::new(store, source(), Arc::new(Mutex::new(()))).await.unwrap();
        for batch in batches {
            importer.take(batch.to_vec(), 1).await.unwrap();
        }
        importer.template
    }

    #[tokio::test]
    async fn what_a_page_is_like_last_is_learned_however_captures_are_cut_into_batches() {
        let all = [capture(1, "Old boats"), capture(2, "New boats"), capture(3, "New boats")];
        let one_by_one = learned(&[&all[..1], &all[1..2], &all[2..]]).await;
        assert_ne!(one_by_one, learned(&[&all[..1]]).await);
        assert_eq!(learned(&[&all[..1], &all[1..]]).await, one_by_one);
        assert_eq!(learned(&[&all[..2], &all[2..]]).await, one_by_one);
    }

    #[tokio::test]
    async fn a_page_that_was_captured_under_several_spellings_of_its_address_is_one_page() {
        let spelled = |hour: i64, address: &str| {
            let url = Url::parse(address).unwrap();
            Fetched { url: url.clone(), final_url: url, ..capture(hour, &format!("Boat {hour}")) }
        };
        let all = [
            spelled(1, "https://quay.example/fog/"),
            spelled(2, "http://quay.example/fog"),
            spelled(3, "http://www.quay.example/fog/?utm_source=letter"),
        ];
        let plain = [capture(1, "Boat 1"), capture(2, "Boat 2"), capture(3, "Boat 3")];
        assert_eq!(learned(&[&all]).await, learned(&[&plain]).await);
        assert_eq!(learned(&[&all[..1], &all[1..]]).await, learned(&[&plain[..1], &plain[1..]]).await);
    }
}
