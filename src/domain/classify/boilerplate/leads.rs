//! Teasers quote the first paragraphs of releases: one that comes to a release, or goes from it, is no edit of that
//! release, and neither is the date or the name that stands beside it.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::Pair;
use crate::domain::classify::LEAD_BLOCKS;
use crate::domain::likeness::Shingles;
use crate::domain::model::{Block, Document, ReleaseId};
use crate::domain::normalize::canonical_text;

/// Words that make a block a paragraph worth quoting.
const LEAD_WORDS: usize = 6;

/// Resemblance of a paragraph to what it was before it was edited.
const REWORDED: f64 = 0.25;
/// Paragraphs that one is compared with.
const MOST_COMPARED: usize = 50;

/// First paragraphs of releases that came or went somewhere, and whose they are.
#[derive(Debug, Default)]
pub(super) struct Leads(HashMap<String, BTreeSet<ReleaseId>>);

impl Leads {
    /// Of the blocks that came or went somewhere, those that are the first blocks of releases.
    pub(super) fn find<'a>(pairs: &[Pair<'_>], releases: impl Iterator<Item = (ReleaseId, &'a Document)>) -> Self {
        let mut wanted: HashSet<String> = HashSet::new();
        for pair in pairs {
            let (old, new) = (occurrences(pair.old), occurrences(pair.new));
            wanted.extend(old.symmetric_difference(&new).map(|(text, _)| text.clone()));
        }
        wanted.retain(|text| !is_short(text));
        let mut leads: HashMap<String, BTreeSet<ReleaseId>> = HashMap::new();
        for (release, document) in releases.filter(|_| !wanted.is_empty()) {
            for block in document.blocks.iter().take(LEAD_BLOCKS) {
                let text = canonical_text(&block.text);
                if wanted.contains(&text) {
                    leads.entry(text).or_default().insert(release);
                }
            }
        }
        Self(leads)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes the teasers out of a release's text, and the short lines beside them that its other text has not.
    pub(super) fn drop_teasers(&self, release: ReleaseId, blocks: &mut Vec<Block>, other: &Document) {
        let mut seen = HashSet::new();
        let texts: Vec<String> = blocks.iter().map(|block| canonical_text(&block.text)).collect();
        let teasers: Vec<bool> = texts.iter().map(|text| self.is_teaser(release, text, &mut seen)).collect();
        if !teasers.contains(&true) {
            return;
        }
        let others: HashSet<String> = other.blocks.iter().map(|block| canonical_text(&block.text)).collect();
        let teasers: Vec<bool> = texts
            .iter()
            .zip(teasers)
            .map(|(text, is_teaser)| is_teaser && !is_reworded(text, &texts, &others))
            .collect();
        let is_beside = |at: usize| {
            let neighbours = [at.checked_sub(1), Some(at + 1)];
            neighbours.into_iter().flatten().any(|at| teasers.get(at) == Some(&true))
        };
        let is_label = |at: usize| is_short(&texts[at]) && is_beside(at) && !others.contains(&texts[at]);
        let mut kept = (0..texts.len()).map(|at| !teasers[at] && !is_label(at));
        blocks.retain(|_| kept.next().unwrap_or(true));
    }

    /// The first paragraph of another release, or the release's own once more.
    fn is_teaser<'a>(&self, release: ReleaseId, text: &'a str, seen: &mut HashSet<&'a str>) -> bool {
        let Some(releases) = self.0.get(text) else { return false };
        !releases.contains(&release) || !seen.insert(text)
    }
}

/// Whether the other text has the same paragraph in other words: an edit, wherever else the old words may stand.
fn is_reworded(text: &str, texts: &[String], others: &HashSet<String>) -> bool {
    let shingles = Shingles::of_text(text);
    let fresh = others.iter().filter(|other| !others.contains(text) && !texts.contains(other));
    fresh.take(MOST_COMPARED).any(|other| shingles.resemblance(&Shingles::of_text(other)) >= REWORDED)
}

fn is_short(text: &str) -> bool {
    text.split_whitespace().count() < LEAD_WORDS
}

/// The texts of a document, each with a number that tells equal ones apart.
fn occurrences(document: &Document) -> HashSet<(String, usize)> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    let mut numbered = |text: String| {
        let count = counts.entry(text.clone()).or_default();
        *count += 1;
        (text, *count)
    };
    document.blocks.iter().map(|block| numbered(canonical_text(&block.text))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::model::BlockKind;

    const OWN: &str = "The harbour will be deepened by two metres next year.";
    const OTHER: &str = "Ferry fares rise by a tenth in the coming spring.";
    const MORE: &str = "Residents can look at the plans in the town hall.";

    fn document(texts: &[&str]) -> Document {
        let block = |text: &&str| Block { kind: BlockKind::Paragraph, text: (*text).to_owned() };
        Document { blocks: texts.iter().map(block).collect(), ..Document::default() }
    }

    /// What is left of the new text when the other release starts with its own sentence.
    fn left(old: &[&str], new: &[&str]) -> Vec<String> {
        let (old, mut new, other) = (document(old), document(new), document(&[OTHER]));
        let own = ReleaseId(1);
        let pairs = [Pair { id: own, old: &old, new: &new }];
        let leads = Leads::find(&pairs, [(own, &new), (ReleaseId(2), &other)].into_iter());
        leads.drop_teasers(own, &mut new.blocks, &old);
        new.blocks.into_iter().map(|block| block.text).collect()
    }

    #[test]
    fn a_teaser_goes_with_its_date() {
        assert_eq!(left(&[OWN, MORE], &[OWN, MORE, "27.05.2024", OTHER]), [OWN, MORE]);
    }

    #[test]
    fn a_release_may_quote_itself() {
        assert_eq!(left(&[OWN, MORE], &[OWN, MORE, "02.11.2024", OWN]), [OWN, MORE]);
    }

    #[test]
    fn words_that_stand_elsewhere_too_may_be_edited() {
        let edited = "Ferry fares rise by a third in the coming spring.";
        let (old, mut new) = (document(&[OWN, edited]), document(&[OWN, OTHER]));
        let (own, other) = (ReleaseId(1), document(&[OTHER]));
        let pairs = [Pair { id: own, old: &old, new: &new }];
        let leads = Leads::find(&pairs, [(own, &new), (ReleaseId(2), &other)].into_iter());
        leads.drop_teasers(own, &mut new.blocks, &old);
        assert_eq!(new.blocks.len(), 2);
    }

    #[test]
    fn what_the_release_says_itself_stays() {
        assert_eq!(left(&[OWN], &[OWN, MORE]), [OWN, MORE]);
        assert_eq!(left(&[OWN, "Contact"], &[OWN, "Contact", OTHER]), [OWN, "Contact"]);
        assert_eq!(left(&[OWN], &[OWN, "New: 5 p.m.", MORE, OTHER]), [OWN, "New: 5 p.m.", MORE]);
    }
}
