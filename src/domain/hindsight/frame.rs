//! What stands around the text of a release on a page that is built in another way than the one before: who wrote it,
//! whom to ask, what else there is to read. Each design has its own, and none of it is an edit.

use std::collections::{HashMap, HashSet};

use super::{Case, Glimpse, MOST_SOUGHT};
use crate::domain::model::{Block, Document};
use crate::domain::normalize::{canonical_text, typed_body};
use crate::domain::page::count_words;

/// Of so many parts of a text, one may be frame: more is the text itself.
const PARTS: usize = 3;

/// Blocks before the first and after the last line that both texts have, apart from those that stand at the very place
/// of these lines: they are as good as the text.
#[derive(Default)]
pub(super) struct Frame {
    head: Vec<Block>,
    tail: Vec<Block>,
    texts: HashSet<String>,
}

impl Frame {
    /// The frames of the old and of the new page; empty where both are built in the same way. Of the lines that differ
    /// these are in both texts, in other words.
    pub(super) fn both(case: &Case<'_>, became: &HashSet<&String>, was: &HashSet<&String>) -> (Self, Self) {
        if !case.rebuilt {
            return (Self::default(), Self::default());
        }
        (Self::of(case.old, &case.new.document, became), Self::of(case.new, &case.old.document, was))
    }

    fn of(glimpse: &Glimpse, other: &Document, paired: &HashSet<&String>) -> Self {
        let blocks = &glimpse.document.blocks;
        let texts: Vec<String> = blocks.iter().map(|block| canonical_text(&block.text)).collect();
        let shared = shared(&texts, other, paired);
        let is_shared = |at: &usize| shared.contains(at);
        let (Some(first), Some(last)) = ((0..texts.len()).find(is_shared), (0..texts.len()).rfind(is_shared)) else {
            return Self::default();
        };
        let words = |texts: &[String]| texts.iter().map(|text| count_words(text)).sum::<usize>();
        if (words(&texts[..first]) + words(&texts[last + 1..])) * PARTS > words(&texts) {
            return Self::default();
        }
        let place = |text: &String| glimpse.spots.get(text).map(|spot| spot.place);
        let home = most_common(shared.iter().filter_map(|at| place(&texts[*at])));
        let is_frame = |at: &usize| place(&texts[*at]) != home;
        let of = |range: std::ops::Range<usize>| range.filter(is_frame).map(|at| blocks[at].clone()).collect();
        let (head, tail): (Vec<Block>, Vec<Block>) = (of(0..first), of(last + 1..blocks.len()));
        let texts = head.iter().chain(&tail).map(|block| canonical_text(&block.text)).collect();
        Self { head, tail, texts }
    }

    pub(super) fn has(&self, text: &str) -> bool {
        self.texts.contains(text)
    }

    /// The same without the lines of other releases, and without those that the next capture does not show any more.
    pub(super) fn lasting(mut self, case: &Case<'_>) -> Self {
        let lasts = |text: &str| !case.others.have(text) && case.next.is_none_or(|next| next.page.contains(text));
        self.texts.retain(|text| lasts(text));
        self.head.retain(|block| self.texts.contains(&canonical_text(&block.text)));
        self.tail.retain(|block| self.texts.contains(&canonical_text(&block.text)));
        self
    }

    /// Puts these lines around a text, as if it had been shown so before.
    pub(super) fn put_around(self, document: &mut Document) {
        document.blocks.splice(0..0, self.head);
        document.blocks.extend(self.tail);
    }
}

/// The places of those texts that another document has too, be it as part of a longer one or in other words.
fn shared(texts: &[String], other: &Document, paired: &HashSet<&String>) -> HashSet<usize> {
    let known: HashSet<String> = other.blocks.iter().map(|block| canonical_text(&block.text)).collect();
    let (body, mut sought) = (typed_body(other), 0);
    let is_shared = |(_, text): &(usize, &String)| {
        known.contains(*text) || paired.contains(*text) || {
            sought += 1;
            sought <= MOST_SOUGHT && body.contains(text.as_str())
        }
    };
    texts.iter().enumerate().filter(is_shared).map(|(at, _)| at).collect()
}

fn most_common(places: impl Iterator<Item = u32>) -> Option<u32> {
    let mut counts: HashMap<u32, usize> = HashMap::new();
    places.for_each(|place| *counts.entry(place).or_default() += 1);
    counts.into_iter().max_by_key(|(place, count)| (*count, *place)).map(|(place, _)| place)
}
