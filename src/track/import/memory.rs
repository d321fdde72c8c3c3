//! What an import remembers of the captures that went by, within bounds.

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::pages::PageKey;
use crate::domain::hindsight::{Glimpse, Others};
use crate::domain::model::{Document, ReleaseId, SnapshotId};
use crate::domain::normalize::canonical_text;
use crate::domain::page::count_words;

/// Latest documents that are kept at hand.
const MOST_DOCUMENTS: usize = 1_000;
/// Lines of releases, some 24 bytes each, and of each release.
const MOST_LINES: usize = 400_000;
const MOST_BLOCKS: usize = 40;
/// Captures, some 50 bytes each.
const MOST_KEYS: usize = 100_000;
/// Pages that showed something else than their release.
const MOST_STRANGERS: usize = 32;
/// Words below which a line is no sign of the release that has it.
const FEWEST_WORDS: usize = 3;

#[derive(Default)]
pub(super) struct Memory {
    /// The latest documents of the releases that were read in this run.
    documents: HashMap<ReleaseId, Document>,
    /// Whose each line is; nobody's, if several releases have it.
    lines: HashMap<u64, Option<ReleaseId>>,
    strangers: VecDeque<(ReleaseId, Glimpse)>,
    has_new_strangers: bool,
    /// What the captures were that tell of their releases.
    keys: HashMap<SnapshotId, PageKey>,
}

impl Memory {
    pub(super) fn keep(&mut self, release: ReleaseId, document: &Document) {
        if self.documents.len() >= MOST_DOCUMENTS {
            self.documents.clear();
        }
        self.keep_lines(release, document);
        self.documents.insert(release, document.clone());
    }

    pub(super) fn keep_lines(&mut self, release: ReleaseId, document: &Document) {
        if self.lines.len() >= MOST_LINES {
            self.lines.clear();
        }
        let blocks = document.blocks.iter().take(MOST_BLOCKS).map(|block| &block.text);
        for text in blocks.chain([&document.title]).filter(|text| count_words(text) >= FEWEST_WORDS) {
            let owner = self.lines.entry(hash(&canonical_text(text))).or_insert(Some(release));
            *owner = owner.filter(|owner| *owner == release);
        }
    }

    /// The release that alone has at least half of the lines of a document.
    pub(super) fn owner_of(&self, document: &Document) -> Option<ReleaseId> {
        let blocks = document.blocks.iter().take(MOST_BLOCKS).map(|block| &block.text);
        let texts: Vec<&String> = blocks.filter(|text| count_words(text) >= FEWEST_WORDS).collect();
        let mut counts: HashMap<ReleaseId, usize> = HashMap::new();
        for owner in texts.iter().filter_map(|text| *self.lines.get(&hash(&canonical_text(text)))?) {
            *counts.entry(owner).or_default() += 1;
        }
        let (owner, count) = counts.into_iter().max_by_key(|(owner, count)| (*count, *owner))?;
        (count * 2 >= texts.len()).then_some(owner)
    }

    pub(super) fn document(&self, release: ReleaseId) -> Option<&Document> {
        self.documents.get(&release)
    }

    pub(super) fn keep_key(&mut self, snapshot: SnapshotId, key: PageKey) {
        if self.keys.len() >= MOST_KEYS {
            self.keys.clear();
        }
        self.keys.insert(snapshot, key);
    }

    pub(super) fn key(&self, snapshot: SnapshotId) -> Option<PageKey> {
        self.keys.get(&snapshot).copied()
    }

    /// Whether another release showed the same in place of its text: a notice of the site.
    pub(super) fn is_notice(&self, release: ReleaseId, glimpse: &Glimpse) -> bool {
        self.strangers.iter().any(|(other, stranger)| *other != release && stranger.is_like(glimpse))
    }

    pub(super) fn note_stranger(&mut self, release: ReleaseId, glimpse: Glimpse) {
        if self.strangers.len() >= MOST_STRANGERS {
            self.strangers.pop_front();
        }
        self.strangers.push_back((release, glimpse));
        self.has_new_strangers = true;
    }

    /// All strangers by their documents, if there are new ones since this was last asked.
    pub(super) fn take_new_strangers(&mut self) -> Option<impl Iterator<Item = (ReleaseId, &Document)>> {
        let is_new = std::mem::take(&mut self.has_new_strangers);
        is_new.then(|| self.strangers.iter().map(|(release, glimpse)| (*release, &glimpse.document)))
    }

    /// Of strangers no more is asked than how alike their texts are.
    pub(super) fn set_strangers(&mut self, strangers: impl Iterator<Item = (ReleaseId, Document)>) {
        self.strangers = strangers.map(|(release, document)| (release, Glimpse::of_document(document))).collect();
    }

    pub(super) fn others_than(&self, release: ReleaseId) -> impl Others + '_ {
        OthersThan { memory: self, release }
    }
}

struct OthersThan<'a> {
    memory: &'a Memory,
    release: ReleaseId,
}

impl Others for OthersThan<'_> {
    fn have(&self, text: &str) -> bool {
        self.memory.lines.get(&hash(text)).is_some_and(|owner| *owner != Some(self.release))
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
