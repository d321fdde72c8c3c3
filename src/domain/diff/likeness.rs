//! How much two blocks have in common, in time that hostile blocks cannot drive up: a block is remembered by
//! a bounded sample of its words, and a short one by its letter pairs too, so that misspellings are found.

use std::hash::{DefaultHasher, Hash, Hasher};

use unicode_segmentation::UnicodeSegmentation;

/// Features kept of a block. Longer blocks are compared by the sample with the smallest hashes.
const MAX_SAMPLE: usize = 256;

/// Texts of up to this many characters are compared by their letters too.
const MAX_SHORT: usize = 120;

/// What is remembered of a text.
pub(super) struct Features {
    words: Sample,
    letters: Option<Sample>,
}

struct Sample {
    hashes: Vec<u64>,
    cut: bool,
}

impl Features {
    /// Reads a canonical text.
    pub(super) fn new(canonical: &str) -> Self {
        let folded = canonical.to_lowercase();
        let letters = (folded.chars().take(MAX_SHORT + 1).count() <= MAX_SHORT).then(|| {
            let letters: Vec<char> = folded.chars().filter(|letter| letter.is_alphanumeric()).collect();
            Sample::new(letters.windows(2))
        });
        Self { words: Sample::new(folded.unicode_words()), letters }
    }

    /// From 0, nothing in common, to 1.
    pub(super) fn likeness(&self, other: &Self) -> f64 {
        let words = self.words.dice(&other.words);
        match (&self.letters, &other.letters) {
            // Unrelated texts share many letter pairs, so these count for less.
            (Some(left), Some(right)) => words.max(left.dice(right) * 0.85),
            _ => words,
        }
    }

    /// Which share of these words the other text has too, and how many of its words that is.
    pub(super) fn contained_in(&self, other: &Self) -> (f64, f64) {
        let (shared, mine, its) = self.words.shared(&other.words);
        (ratio(shared, mine), ratio(shared, its))
    }

    /// Words, as far as they were sampled.
    pub(super) fn words(&self) -> usize {
        self.words.hashes.len()
    }
}

impl Sample {
    fn new<T: Hash>(features: impl Iterator<Item = T>) -> Self {
        let mut hashes: Vec<u64> = features.map(hash).collect();
        hashes.sort_unstable();
        tell_repeats_apart(&mut hashes);
        let cut = hashes.len() > MAX_SAMPLE;
        hashes.truncate(MAX_SAMPLE);
        Self { hashes, cut }
    }

    fn dice(&self, other: &Self) -> f64 {
        let (shared, mine, its) = self.shared(other);
        ratio(shared * 2, mine + its)
    }

    /// Common features, and the features of each side within the range that both samples cover.
    fn shared(&self, other: &Self) -> (usize, usize, usize) {
        let limit = self.limit().min(other.limit());
        let mine = &self.hashes[..self.hashes.partition_point(|hash| *hash <= limit)];
        let its = &other.hashes[..other.hashes.partition_point(|hash| *hash <= limit)];
        let mut rest = its;
        let shared = mine.iter().filter(|hash| {
            rest = &rest[rest.partition_point(|other| other < hash)..];
            rest.first() == Some(hash)
        });
        (shared.count(), mine.len(), its.len())
    }

    fn limit(&self) -> u64 {
        if self.cut { self.hashes.last().copied().unwrap_or(u64::MAX) } else { u64::MAX }
    }
}

/// The second "the" is another feature than the first.
fn tell_repeats_apart(hashes: &mut [u64]) {
    let mut run = (0, 0);
    for place in hashes.iter_mut() {
        run = if run.0 == *place { (*place, run.1 + 1) } else { (*place, 0_u64) };
        if run.1 > 0 {
            *place = hash((run.0, run.1));
        }
    }
    hashes.sort_unstable();
}

/// The same in every process, so that a diff never depends on chance.
fn hash<T: Hash>(feature: T) -> u64 {
    let mut hasher = DefaultHasher::new();
    feature.hash(&mut hasher);
    hasher.finish()
}

#[expect(clippy::cast_precision_loss, reason = "counts of sampled words are small")]
fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(left: &str, right: &str) -> f64 {
        Features::new(left).likeness(&Features::new(right))
    }

    #[test]
    fn likeness_follows_the_common_words() {
        assert!((check("the cat sat on the mat", "the cat sat on the mat") - 1.0).abs() < 1e-9);
        assert!(check("the cat sat on the mat", "the cat lay on the mat") > 0.7);
        assert!(check("The ministers met in Rome today", "Rain is expected over the coast") < 0.4);
    }

    #[test]
    fn misspelt_short_texts_are_alike() {
        assert!(check("Waron terorism", "War on terrorism") > 0.5);
    }

    #[test]
    fn a_long_text_is_compared_by_its_sample() {
        let words = |range: std::ops::Range<u32>| range.map(|word| format!("w{word}")).collect::<Vec<_>>().join(" ");
        assert!(check(&words(0..4000), &words(200..4200)) > 0.85);
        assert!(check(&words(0..4000), &words(4000..8000)) < 0.1);
    }
}
