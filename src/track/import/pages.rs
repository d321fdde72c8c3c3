//! Pages of captures, read once: a capture that was looked ahead at has its turn later, and the page of the latest
//! version is looked at again for each capture that differs. Pages are kept within bounds, by their bytes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use sha2::{Digest as _, Sha256};
use url::Url;

use super::learning::Known;
use crate::domain::extract::{core_of, extract};
use crate::domain::hindsight::Glimpse;
use crate::domain::model::{ContentHash, Document, Fetched};
use crate::domain::normalize::content_hash;
use crate::domain::page::Page;
use crate::domain::rule::ExtractionRule;
use crate::domain::template::{Knowledge, Sample};
use crate::track::TrackError;
use crate::track::parsing::Parsers;
use crate::track::reading::{ReadingError, is_whole, page_of};
use crate::track::suspicion::{is_wall, says_not_found};

/// Bytes of pages that are kept at hand, twice those of a batch; read, a page takes some eight times as much memory.
const MOST_BYTES: usize = 8 << 20;

/// All that the lines of a page depend on, as a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct PageKey([u8; 32]);

impl PageKey {
    pub(super) fn of(fetched: &Fetched) -> Self {
        Self::of_hashed(fetched, &Sha256::digest(&fetched.body).into())
    }

    /// Of an answer whose body has this SHA-256.
    pub(super) fn of_hashed(fetched: &Fetched, sha256: &[u8; 32]) -> Self {
        let content_type = fetched.header("content-type").unwrap_or_default();
        let hasher = Sha256::new().chain_update(sha256).chain_update(content_type).chain_update([0]);
        Self(hasher.chain_update(fetched.final_url.as_str()).finalize().into())
    }
}

/// A page, and what is found on it.
pub(super) struct CachedPage {
    page: Page,
    bytes: usize,
    is_whole: bool,
    sample: OnceLock<Sample>,
    /// What was found last, and with which knowledge.
    content: Mutex<Option<(u64, Arc<PageContent>)>>,
}

/// What is found on a page with what is known of the others.
struct PageContent {
    document: Document,
    hash: ContentHash,
    is_wall: bool,
    says_not_found: bool,
    glimpse: OnceLock<Arc<Glimpse>>,
}

/// A page with what is found on it now.
pub(super) struct PageView {
    page: Arc<CachedPage>,
    content: Arc<PageContent>,
}

impl PageView {
    pub(super) fn document(&self) -> &Document {
        &self.content.document
    }

    pub(super) fn hash(&self) -> &ContentHash {
        &self.content.hash
    }

    /// Whether the end of the page was recorded.
    pub(super) fn is_whole(&self) -> bool {
        self.page.is_whole
    }

    /// Whether the page says that there is nothing.
    pub(super) fn says_not_found(&self) -> bool {
        self.content.says_not_found
    }

    /// Whether there is text that does not stand between a reader and the release.
    pub(super) fn is_text(&self) -> bool {
        !self.content.document.blocks.is_empty() && !self.content.is_wall && !self.content.says_not_found
    }

    pub(super) fn glimpse(&self) -> Arc<Glimpse> {
        let made = || Arc::new(Glimpse::of(&self.page.page, self.content.document.clone()));
        Arc::clone(self.content.glimpse.get_or_init(made))
    }
}

impl CachedPage {
    fn of(fetched: &Fetched, rule: &ExtractionRule) -> Result<Self, ReadingError> {
        // A page that is served as its own source tells of the server.
        if is_source(fetched) {
            return Err(ReadingError::Type("the source of a page".to_owned()));
        }
        let page = page_of(fetched, rule)?;
        let (sample, content) = (OnceLock::new(), Mutex::default());
        Ok(Self { page, bytes: fetched.body.len(), is_whole: is_whole(fetched), sample, content })
    }

    fn sample(&self) -> Sample {
        let made = || Sample::of(&self.page, core_of(&self.page, &Knowledge::default()));
        self.sample.get_or_init(made).clone()
    }

    fn content(&self, known: &Known) -> Arc<PageContent> {
        let last = self
            .last_content()
            .as_ref()
            .filter(|(number, _)| *number == known.number)
            .map(|(_, content)| content.clone());
        last.unwrap_or_else(|| {
            let content = Arc::new(PageContent::of(&self.page, &known.knowledge));
            *self.last_content() = Some((known.number, Arc::clone(&content)));
            content
        })
    }

    fn last_content(&self) -> MutexGuard<'_, Option<(u64, Arc<PageContent>)>> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PageContent {
    fn of(page: &Page, knowledge: &Knowledge) -> Self {
        let extraction = extract(page, knowledge);
        let is_wall = is_wall(&extraction);
        let document = extraction.document;
        let says_not_found = says_not_found(&document.title) || says_not_found(&page.head.title);
        Self { hash: content_hash(&document), document, is_wall, says_not_found, glimpse: OnceLock::new() }
    }
}

/// Reads captures, and keeps what it read.
pub(super) struct PageReader {
    rule: Arc<ExtractionRule>,
    parsers: Parsers,
    cache: Mutex<PageCache>,
}

/// Pages of two generations: the older one goes when the younger one is full.
#[derive(Default)]
struct PageCache {
    young: HashMap<PageKey, Arc<CachedPage>>,
    old: HashMap<PageKey, Arc<CachedPage>>,
    bytes: usize,
}

impl PageCache {
    fn find(&mut self, key: PageKey) -> Option<Arc<CachedPage>> {
        if let Some(page) = self.young.get(&key) {
            return Some(Arc::clone(page));
        }
        let page = self.old.remove(&key)?;
        self.keep(key, Arc::clone(&page));
        Some(page)
    }

    fn keep(&mut self, key: PageKey, page: Arc<CachedPage>) {
        if self.bytes + page.bytes > MOST_BYTES / 2 {
            self.old = std::mem::take(&mut self.young);
            self.bytes = 0;
        }
        self.bytes += page.bytes;
        self.young.insert(key, page);
    }
}

impl PageReader {
    pub(super) fn new(rule: ExtractionRule) -> Self {
        Self { rule: Arc::new(rule), parsers: Parsers::new(), cache: Mutex::default() }
    }

    /// A page that is at hand.
    fn at_hand(&self, key: PageKey) -> Option<Arc<CachedPage>> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner).find(key)
    }

    /// The lines of a capture; nothing, if it cannot be read.
    pub(super) async fn read(&self, fetched: &Fetched, key: PageKey) -> Result<Option<Arc<CachedPage>>, TrackError> {
        if let Some(page) = self.at_hand(key) {
            return Ok(Some(page));
        }
        let (rule, capture) = (Arc::clone(&self.rule), fetched.clone());
        let read = self.parsers.run(fetched.body.len(), move || CachedPage::of(&capture, &rule)).await?;
        let page = readable(&fetched.url, read).map(Arc::new);
        if let Some(page) = &page {
            let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
            cache.keep(key, Arc::clone(page));
        }
        Ok(page)
    }

    /// A capture with what is found on it now.
    pub(super) async fn look(
        &self,
        fetched: &Fetched,
        key: PageKey,
        known: &Arc<Known>,
    ) -> Result<Option<PageView>, TrackError> {
        let Some(page) = self.read(fetched, key).await? else { return Ok(None) };
        self.find(&fetched.url, page, known).await
    }

    /// The same of a page, if that is at hand.
    pub(super) async fn look_at_hand(
        &self,
        url: &Url,
        key: PageKey,
        known: &Arc<Known>,
    ) -> Result<Option<PageView>, TrackError> {
        let Some(page) = self.at_hand(key) else { return Ok(None) };
        self.find(url, page, known).await
    }

    async fn find(&self, url: &Url, page: Arc<CachedPage>, known: &Arc<Known>) -> Result<Option<PageView>, TrackError> {
        let (of_page, known) = (Arc::clone(&page), Arc::clone(known));
        let content = self.parsers.run(page.bytes, move || Ok::<_, ReadingError>(of_page.content(&known))).await?;
        Ok(readable(url, content).map(|content| PageView { page, content }))
    }

    /// What the template learns of a capture by itself.
    pub(super) async fn sample(&self, fetched: &Fetched, key: PageKey) -> Result<Option<Sample>, TrackError> {
        let Some(page) = self.read(fetched, key).await? else { return Ok(None) };
        let sample = self.parsers.run(page.bytes, move || Ok::<_, ReadingError>(page.sample())).await?;
        Ok(readable(&fetched.url, sample))
    }
}

/// What was read. A fault of the parser is told; what is no page is none.
fn readable<T>(url: &Url, read: Result<T, ReadingError>) -> Option<T> {
    if let Err(ReadingError::Panic(problem)) = &read {
        tracing::warn!(%url, %problem, "capture not read");
    }
    read.ok()
}

fn is_source(fetched: &Fetched) -> bool {
    let is_plain = fetched.header("content-type").is_some_and(|media| media.trim_start().starts_with("text/plain"));
    let start = fetched.body.trim_ascii_start();
    is_plain && (start.get(..5).is_some_and(|start| start.eq_ignore_ascii_case(b"<html") || start.starts_with(b"<!")))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn capture(body: String) -> Fetched {
        let url = Url::parse("https://quay.example/news/fog/").unwrap();
        Fetched {
            final_url: url.clone(),
            url,
            redirects: Vec::new(),
            status: 200,
            headers: vec![("content-type".to_owned(), "text/html".to_owned())],
            body: Bytes::from(body),
            fetched_at: chrono::DateTime::UNIX_EPOCH,
        }
    }

    impl PageCache {
        fn bytes_of_all(&self) -> usize {
            self.young.values().chain(self.old.values()).map(|page| page.bytes).sum()
        }
    }

    #[test]
    fn a_page_is_at_hand_until_many_others_were_read() {
        let capture_of = |number: usize| capture(format!("<p>Page {number}</p>"));
        let mut cache = PageCache::default();
        for number in 0..40 {
            let capture = capture_of(number);
            // As of a large page.
            let page = CachedPage::of(&capture, &ExtractionRule::default()).unwrap();
            let page = Arc::new(CachedPage { bytes: MOST_BYTES / 8, ..page });
            cache.keep(PageKey::of(&capture), Arc::clone(&page));
            assert!(Arc::ptr_eq(&page, &cache.find(PageKey::of(&capture)).unwrap()));
            // What is asked for all the time stays.
            assert!(cache.find(PageKey::of(&capture_of(0))).is_some());
            assert!(cache.bytes_of_all() <= MOST_BYTES);
        }
        assert!(cache.find(PageKey::of(&capture_of(1))).is_none());
    }

    #[tokio::test]
    async fn the_same_bytes_are_read_once() {
        let (reader, capture) = (PageReader::new(ExtractionRule::default()), capture("<p>Fog</p>".to_owned()));
        let read = async || reader.read(&capture, PageKey::of(&capture)).await.unwrap().unwrap();
        assert!(Arc::ptr_eq(&read().await, &read().await));
    }

    #[test]
    fn a_sheet_is_of_bytes_address_and_type() {
        let one = capture("<p>Fog</p>".to_owned());
        let elsewhere = Fetched { final_url: Url::parse("https://quay.example/fog/").unwrap(), ..one.clone() };
        let plain = Fetched { headers: vec![("content-type".to_owned(), "text/plain".to_owned())], ..one.clone() };
        let later = Fetched { fetched_at: chrono::DateTime::<chrono::Utc>::MAX_UTC, ..one.clone() };
        assert_eq!(PageKey::of(&one), PageKey::of(&later));
        assert!(
            [elsewhere, plain, capture("<p>Frost</p>".to_owned())]
                .iter()
                .all(|other| PageKey::of(other) != PageKey::of(&one))
        );
    }
}
