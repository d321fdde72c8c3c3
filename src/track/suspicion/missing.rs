//! The page that a site shows for what does not exist, and whether another page is the same. It may repeat what was
//! asked for, and show whatever fits to that.

use std::collections::HashSet;

use url::{Url, form_urlencoded};

use crate::domain::likeness::Shingles;
use crate::domain::model::Document;
use crate::domain::normalize::canonical_text;

/// Resemblance from which two pages show the same notice; they may repeat the address that was asked for.
const SAME_NOTICE: f64 = 0.8;
/// Words of an address that are looked at.
const MOST_WORDS: usize = 64;
/// Parts of a query that are looked at.
const MOST_PAIRS: usize = 16;

/// The site's page for what does not exist.
pub(super) struct Missing {
    face: Face,
    /// The same without the address that was asked for, if the page repeats that: in a search for its words, say.
    bare: Option<Face>,
}

/// By what a page is known.
struct Face {
    title: String,
    text: Shingles,
}

impl Face {
    fn of(document: &Document) -> Self {
        Self { title: folded(&document.title), text: Shingles::of(document) }
    }

    /// The page without these words.
    fn without(document: &Document, asked: &HashSet<String>) -> Self {
        let text = Shingles::of_text(&bare(&folded(&text_of(document)), asked));
        Self { title: bare(&folded(&document.title), asked), text }
    }

    /// Whether both show the same; banners and stories around a short notice may differ, its title does not. A title
    /// that the release had already is the name of the site, say, and tells nothing.
    fn is_shown_by(&self, other: &Self, former_title: &str) -> bool {
        let has_its_title = !self.title.is_empty() && self.title == other.title && other.title != former_title;
        has_its_title || self.text.resemblance(&other.text) >= SAME_NOTICE
    }
}

impl Missing {
    /// The page as an answer to a request for these words.
    pub(super) fn of(document: &Document, asked: &HashSet<String>) -> Option<Self> {
        let face = Face::of(document);
        if face.text.is_empty() {
            return None;
        }
        let text = folded(&text_of(document));
        let shown: HashSet<&str> = words(&text).collect();
        let repeats = !asked.is_empty() && asked.iter().all(|word| shown.contains(word.as_str()));
        Some(Self { face, bare: repeats.then(|| Face::without(document, asked)) })
    }

    /// Whether this is the text of the page, mostly.
    pub(super) fn has_text(&self, text: &Shingles) -> bool {
        self.face.text.resemblance(text) >= SAME_NOTICE
    }

    /// Whether a page shows the same as an answer to its own address.
    pub(super) fn is_shown_by(&self, document: &Document, address: &Url, former_title: &str) -> bool {
        let former_title = folded(former_title);
        if self.face.is_shown_by(&Face::of(document), &former_title) {
            return true;
        }
        let Some(bare_face) = &self.bare else { return false };
        let asked = words_of(address);
        bare_face.is_shown_by(&Face::without(document, &asked), &bare(&former_title, &asked))
    }
}

/// What a page may repeat of the address that was asked for: the words of the last segment, and those of the query.
pub(super) fn words_of(address: &Url) -> HashSet<String> {
    let last = address.path().trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let last = form_urlencoded::parse(last.as_bytes()).map(|(name, _)| folded(&name));
    let values = address.query_pairs().take(MOST_PAIRS).map(|(_, value)| folded(&value));
    let texts: Vec<String> = if address.query().is_some() { values.collect() } else { last.collect() };
    texts.iter().flat_map(|text| words(text)).take(MOST_WORDS).map(str::to_owned).collect()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// A text without these words.
fn bare(text: &str, asked: &HashSet<String>) -> String {
    words(text).filter(|word| !asked.contains(*word)).collect::<Vec<_>>().join(" ")
}

fn text_of(document: &Document) -> String {
    let texts = document.blocks.iter().map(|block| block.text.as_str());
    std::iter::once(document.title.as_str()).chain(texts).collect::<Vec<_>>().join(" ")
}

pub(super) fn folded(title: &str) -> String {
    canonical_text(title).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::model::{Block, BlockKind};

    fn document(title: &str, text: &str) -> Document {
        let block = Block { kind: BlockKind::Paragraph, text: text.to_owned() };
        Document { title: title.to_owned(), blocks: vec![block], ..Document::default() }
    }

    #[test]
    fn a_notice_is_known_by_its_title_whatever_stands_around_it() {
        let notice =
            "Nothing is kept at this address, or not any more. Try the map of the site, or ask the harbour office.";
        let missing = Missing::of(&document("Oh dear", notice), &HashSet::new()).unwrap();
        let other_banner = document("Oh dear", "We bake cookies for you, and for our nine partners, if you let us.");
        assert!(missing.is_shown_by(&other_banner, &address("news/1"), "The harbour is open again"));
        assert!(missing.is_shown_by(&document("Dear", notice), &address("news/1"), ""));
        let other = document("The harbour is closed", "Ships lie at anchor.");
        assert!(!missing.is_shown_by(&other, &address("news/1"), "The harbour is open again"));
    }

    fn address(path: &str) -> Url {
        Url::parse("https://example.org/").unwrap().join(path).unwrap()
    }

    #[test]
    fn a_notice_that_repeats_the_address_is_known_without_it() {
        let probe = address("news/no-such-page-ab12");
        let found = document("Search: no such page ab12", "Here is what we found. The harbour is open again.");
        let missing = Missing::of(&found, &words_of(&probe)).unwrap();
        let asked = address("news/the-lock-is-closed");
        let other = document("Search: the lock is closed", "Here is what we found. Pilots refuse the new tariff.");
        assert!(missing.is_shown_by(&other, &asked, "The lock is closed"));
        let rewritten =
            document("Lock closed: what we know", "The lock is closed from Monday on, and for three weeks.");
        assert!(!missing.is_shown_by(&rewritten, &asked, "The lock is closed"));
    }

    #[test]
    fn a_title_that_all_pages_bear_tells_nothing() {
        let missing =
            Missing::of(&document("Harbour office", "Nothing is kept at this address."), &HashSet::new()).unwrap();
        let rewritten = document("Harbour office", "The quay will be closed from Monday on, and for three weeks.");
        assert!(!missing.is_shown_by(&rewritten, &address("news/1"), "Harbour office"));
    }
}
