//! How alike two texts are, by their shingles: the runs of three words that they share (Broder, "On the
//! resemblance and containment of documents", 1997).

use crate::domain::model::Document;
use crate::domain::normalize::canonical_text;

/// The hashes of all runs of three words of a text, each once, in their order; of all words, if there are fewer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shingles(Vec<u64>);

const WORDS: usize = 3;
/// More words than any release has: what follows is not compared.
const MOST_WORDS: usize = 20_000;

impl Shingles {
    /// Shingles of a text.
    pub fn of_text(text: &str) -> Self {
        let text = canonical_text(text).to_lowercase();
        let words = text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
        let words: Vec<u64> = words.take(MOST_WORDS).map(hash).collect();
        let size = WORDS.min(words.len()).max(1);
        let mut shingles: Vec<u64> = words.windows(size).map(join).collect();
        shingles.sort_unstable();
        shingles.dedup();
        Self(shingles)
    }

    /// Shingles of title and text of a document.
    pub fn of(document: &Document) -> Self {
        let texts = document.blocks.iter().map(|block| block.text.as_str());
        let all: Vec<&str> = std::iter::once(document.title.as_str()).chain(texts).collect();
        Self::of_text(&all.join(" "))
    }

    /// Share of all shingles that both have, from 0 to 1; 0 if either is empty.
    #[expect(clippy::cast_precision_loss, reason = "at most 20,000 shingles")]
    pub fn resemblance(&self, other: &Self) -> f64 {
        if self.0.is_empty() || other.0.is_empty() {
            return 0.0;
        }
        let common = common(&self.0, &other.0);
        common as f64 / (self.0.len() + other.0.len() - common) as f64
    }

    /// Whether there is nothing to compare.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Never stored, so the hash need not be the same in the next version.
fn hash(word: &str) -> u64 {
    word.bytes().fold(0, |hash, byte| mix(hash, u64::from(byte)))
}

/// One hash of those of several words, in their order.
fn join(words: &[u64]) -> u64 {
    words.iter().fold(0, |joined, word| mix(joined, *word))
}

fn mix(hash: u64, next: u64) -> u64 {
    (hash ^ next).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23)
}

/// How many numbers two ascending lists have in common.
fn common(one: &[u64], other: &[u64]) -> usize {
    let (mut count, mut at) = (0, 0);
    for number in one {
        at += other[at..].iter().take_while(|other| *other < number).count();
        count += usize::from(other.get(at) == Some(number));
    }
    count
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn check(one: &str, other: &str) -> f64 {
        Shingles::of_text(one).resemblance(&Shingles::of_text(other))
    }

    proptest! {
        #[test]
        fn what_two_lists_share_is_counted(one: BTreeSet<u8>, other: BTreeSet<u8>) {
            let list = |set: &BTreeSet<u8>| set.iter().map(|number| u64::from(*number)).collect::<Vec<_>>();
            prop_assert_eq!(common(&list(&one), &list(&other)), one.intersection(&other).count());
        }
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "these are exact")]
    fn resemblance_is_a_share() {
        assert_eq!(check("the harbour council met today", "The harbour council met “today”"), 1.0);
        assert_eq!(check("the harbour council met today", "nothing of this is alike"), 0.0);
        assert_eq!(check("", ""), 0.0);
    }
}
