//! Links, pictures and contact lines: sets, in which a thing came, went or took the place of another.
//! A link that came or went with its words is part of the edit of the text and not told again.

use std::collections::HashSet;

use super::likeness::Features;
use super::{BlockEdit, ItemEdit, SpanKind};
use crate::domain::model::{Document, Image, Link};
use crate::domain::normalize::{
    canonical_contact, canonical_image, canonical_link, canonical_target, canonical_text, clean_text, is_bare_address,
};

/// More items than this on either side are not paired with their successors.
const MAX_PAIRED: usize = 200;

/// Contact lines and linked words that are this alike took each other's place.
const ALIKE: f64 = 0.4;

/// Every difference between the links of two documents with the same text.
pub(super) fn links(old: &Document, new: &Document) -> Vec<ItemEdit<Link>> {
    let (removed, added) = link_differences(old, new);
    pair(removed, added, link_likeness)
}

/// The links that lead elsewhere, came or went while their words stayed.
pub(super) fn links_beside_text(old: &Document, new: &Document, blocks: &[BlockEdit]) -> Vec<ItemEdit<Link>> {
    let (mut removed, mut added) = link_differences(old, new);
    if removed.is_empty() && added.is_empty() {
        return Vec::new();
    }
    let targets = |document: &Document| -> HashSet<String> {
        document.links.iter().map(|link| canonical_target(&link.target)).collect()
    };
    let (old_targets, new_targets) = (targets(old), targets(new));
    removed.retain(|link| !new_targets.contains(&canonical_target(&link.target)));
    added.retain(|link| !old_targets.contains(&canonical_target(&link.target)));
    let edited = EditedText::new(blocks);
    let mut edits = pair(removed, added, |old, new| f64::from(u8::from(same_words(old, new))));
    edits.retain(|edit| match edit {
        ItemEdit::Replaced { .. } => true,
        ItemEdit::Removed { old } => !edited.removed.contains(&old.text),
        ItemEdit::Added { new } => !edited.added.contains(&new.text),
    });
    edits
}

fn same_words(old: &Link, new: &Link) -> bool {
    canonical_text(&old.text) == canonical_text(&new.text)
}

/// Pictures by their files.
pub(super) fn images(old: &Document, new: &Document) -> Vec<ItemEdit<Image>> {
    let show = |image: &Image| Image { source: clean_text(&image.source), alt: clean_text(&image.alt) };
    let (removed, added) = differences(&old.images, &new.images, canonical_image);
    pair(removed.into_iter().map(show).collect(), added.into_iter().map(show).collect(), |_, _| 1.0)
}

/// Contact lines by their words and digits.
pub(super) fn contacts(old: &Document, new: &Document) -> Vec<ItemEdit<String>> {
    let (removed, added) = differences(&old.contacts, &new.contacts, |line| canonical_contact(line));
    let show = |lines: Vec<&String>| lines.into_iter().map(|line| clean_text(line)).collect();
    pair(show(removed), show(added), |old: &String, new: &String| likeness(old, new))
}

fn link_differences(old: &Document, new: &Document) -> (Vec<Link>, Vec<Link>) {
    let items = |document: &Document| -> Vec<Link> {
        document.links.iter().filter(|link| !is_bare_address(link)).cloned().collect()
    };
    let (old, new) = (items(old), items(new));
    let show = |link: &Link| Link { text: clean_text(&link.text), target: clean_text(&link.target) };
    let (removed, added) = differences(&old, &new, canonical_link);
    (removed.into_iter().map(show).collect(), added.into_iter().map(show).collect())
}

fn link_likeness(old: &Link, new: &Link) -> f64 {
    if same_words(old, new) {
        return 3.0;
    }
    if canonical_target(&old.target) == canonical_target(&new.target) { 2.0 } else { likeness(&old.text, &new.text) }
}

fn likeness(old: &str, new: &str) -> f64 {
    Features::new(&canonical_text(old)).likeness(&Features::new(&canonical_text(new)))
}

/// What only one side has, each once, in order.
fn differences<'a, T, K: std::hash::Hash + Eq>(
    old: &'a [T],
    new: &'a [T],
    identity: impl Fn(&T) -> K,
) -> (Vec<&'a T>, Vec<&'a T>) {
    let only = |these: &'a [T], those: &[T]| {
        let mut seen: HashSet<K> = those.iter().map(&identity).collect();
        these.iter().filter(|item| seen.insert(identity(item))).collect()
    };
    (only(old, new), only(new, old))
}

/// Pairs what went with the most alike of what came, in order.
fn pair<T>(removed: Vec<T>, added: Vec<T>, likeness: impl Fn(&T, &T) -> f64) -> Vec<ItemEdit<T>> {
    let mut added: Vec<Option<T>> = added.into_iter().map(Some).collect();
    let bounded = removed.len().max(added.len()) <= MAX_PAIRED;
    let mut edits = Vec::with_capacity(removed.len() + added.len());
    for old in removed {
        let mut best: Option<(usize, f64)> = None;
        for (index, new) in added.iter().enumerate().filter(|_| bounded) {
            let score = new.as_ref().map_or(0.0, |new| likeness(&old, new));
            if score >= ALIKE && best.is_none_or(|(_, highest)| score > highest) {
                best = Some((index, score));
            }
        }
        edits.push(match best.and_then(|(index, _)| added[index].take()) {
            Some(new) => ItemEdit::Replaced { old, new },
            None => ItemEdit::Removed { old },
        });
    }
    edits.extend(added.into_iter().flatten().map(|new| ItemEdit::Added { new }));
    edits
}

/// The words that came and those that went.
struct EditedText {
    removed: Words,
    added: Words,
}

/// Text in which phrases are looked for.
struct Words(String);

impl Words {
    fn contains(&self, phrase: &str) -> bool {
        let phrase = canonical_text(phrase);
        !phrase.is_empty() && self.0.contains(&phrase)
    }
}

impl EditedText {
    fn new(blocks: &[BlockEdit]) -> Self {
        let (mut removed, mut added) = (String::new(), String::new());
        let mut note = |kind, text: &str| match kind {
            SpanKind::Removed => add_line(&mut removed, text),
            SpanKind::Added => add_line(&mut added, text),
            SpanKind::Equal => {}
        };
        for block in blocks {
            match block {
                BlockEdit::Added { text, .. } => note(SpanKind::Added, text),
                BlockEdit::Removed { text, .. } => note(SpanKind::Removed, text),
                BlockEdit::Changed { spans, .. } | BlockEdit::MovedHere { spans, .. } => {
                    for span in spans {
                        note(span.kind, &span.text);
                    }
                }
                BlockEdit::Equal { .. } | BlockEdit::MovedAway { .. } => {}
            }
        }
        Self { removed: Words(removed), added: Words(added) }
    }
}

fn add_line(text: &mut String, line: &str) {
    text.push_str(&canonical_text(line));
    text.push('\n');
}
