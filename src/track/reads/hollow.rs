//! A page of which only the frame arrived: nothing is left of the text, and nothing stands in its place that was not on
//! the page before. What builds the page from parts could not get hold of one. A text that was taken away for good is
//! believed after a day, and one that gave way to a word at once.

use std::borrow::Cow;
use std::collections::HashSet;

use super::Context;
use crate::domain::model::{Document, Release};
use crate::domain::normalize::{canonical, canonical_text};
use crate::domain::page::{Page, count_words};
use crate::track::{TrackError, Tracker};

/// Of so many words, one may be left: a label that stands in the frame, too.
const ONE_OF: usize = 20;

impl Tracker {
    /// Whether the page shows its frame alone.
    pub(super) async fn is_hollow(
        &self,
        context: &Context<'_>,
        release: &Release,
        (old, new): (&Document, &Document),
    ) -> Result<bool, TrackError> {
        if !has_lost_all(old, new) {
            return Ok(false);
        }
        let latest = release.latest.as_ref().map(|latest| latest.snapshot);
        let Some(page) = self.page_of(context, latest).await? else { return Ok(false) };
        Ok(stood_on(&page, new) && !self.is_lasting(release).await?)
    }
}

/// Whether hardly a word of the old text is in the new one; mostly what is spelled alike tells.
fn has_lost_all(old: &Document, new: &Document) -> bool {
    has_lost(old, new, Cow::Borrowed) && has_lost(old, new, canonical)
}

fn has_lost<'a>(old: &'a Document, new: &'a Document, spelling: fn(&'a str) -> Cow<'a, str>) -> bool {
    let left: HashSet<Cow<'a, str>> = new.blocks.iter().map(|block| spelling(&block.text)).collect();
    let (mut all, mut kept) = (0, 0);
    for block in &old.blocks {
        let words = count_words(&block.text);
        all += words;
        kept += if left.contains(&spelling(&block.text)) { words } else { 0 };
    }
    all > 0 && kept * ONE_OF <= all
}

/// Whether all that a document says was on a page, title included.
fn stood_on(page: &Page, document: &Document) -> bool {
    let lines: HashSet<String> = page.lines.iter().map(|line| canonical_text(&line.text)).collect();
    let title = canonical_text(&document.title);
    let titles = [&page.head.title, &page.head.social_title].map(|title| canonical_text(title));
    let is_titled = lines.contains(&title) || titles.iter().any(|known| known.contains(&title));
    is_titled && document.blocks.iter().all(|block| lines.contains(&canonical_text(&block.text)))
}
