//! Which line became which: the same sentence in other words, or with other figures.

use std::collections::HashSet;

use super::stamp::shape_of;
use crate::domain::dates::find_dates;

/// Share of word pairs that two forms of one line have in common.
const KIN: f64 = 0.5;
/// Share from which nobody but an editor made one line of the other: frames around changing words stay below it.
const CLOSE: f64 = 0.75;
/// Lines that are compared with each other.
const MOST_LINES: usize = 200;

/// A line, ready to be compared.
pub(super) struct Form {
    pairs: HashSet<(String, String)>,
    shape: String,
    /// The text with every day written in one way, if it has any.
    dated: Option<String>,
}

impl Form {
    pub(super) fn of(text: &str) -> Self {
        let folded = text.to_lowercase();
        let words = folded.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
        let words: Vec<&str> = std::iter::once("").chain(words).chain([""]).collect();
        let pairs = words.windows(2).map(|pair| (pair[0].to_owned(), pair[1].to_owned())).collect();
        Self { pairs, shape: shape_of(text), dated: dated(text) }
    }

    fn kinship(&self, other: &Self) -> f64 {
        let shared = self.pairs.intersection(&other.pairs).count();
        let all = self.pairs.len() + other.pairs.len();
        f64::from(u32::try_from(shared * 2).unwrap_or_default()) / f64::from(u32::try_from(all.max(1)).unwrap_or(1))
    }

    /// Whether only figures and dates differ.
    pub(super) fn is_same_shape(&self, other: &Self) -> bool {
        self.has_shape_of(other) && self.shape.contains('#')
    }

    /// Whether nothing differs, or only figures and dates.
    pub(super) fn has_shape_of(&self, other: &Self) -> bool {
        self.shape == other.shape
    }

    /// Whether only the days are written in another way.
    pub(super) fn is_same_but_for_spelling_of_days(&self, other: &Self) -> bool {
        self.dated.is_some() && self.dated == other.dated
    }

    /// Whether few words differ.
    pub(super) fn is_close(&self, other: &Self) -> bool {
        self.kinship(other) >= CLOSE
    }

    /// Whether both are forms of one line.
    pub(super) fn is_kin(&self, other: &Self) -> bool {
        self.is_same_shape(other) || self.is_same_but_for_spelling_of_days(other) || self.kinship(other) >= KIN
    }
}

/// The text with every day written in one way, if it has any.
pub(super) fn dated(text: &str) -> Option<String> {
    let (mut dated, mut from) = (String::new(), 0);
    for (range, day) in find_dates(text) {
        if range.start >= from {
            dated.push_str(&text[from..range.start]);
            dated.push_str(&day.to_string());
            from = range.end;
        }
    }
    dated.push_str(&text[from..]);
    (from > 0).then_some(dated)
}

/// Pairs of lines of two texts that are forms of one line, the closest first; each line is in one pair at most.
pub(super) fn pair(gone: &[Form], come: &[Form]) -> Vec<(usize, usize)> {
    let mut close: Vec<(f64, usize, usize)> = Vec::new();
    for (at, one) in gone.iter().enumerate().take(MOST_LINES) {
        for (to, other) in come.iter().enumerate().take(MOST_LINES).filter(|(_, other)| one.is_kin(other)) {
            close.push((if one.is_same_shape(other) { 1.0 } else { one.kinship(other) }, at, to));
        }
    }
    close.sort_by(|one, other| other.0.total_cmp(&one.0).then((one.1, one.2).cmp(&(other.1, other.2))));
    let (mut left, mut right) = (HashSet::new(), HashSet::new());
    close.retain(|(_, at, to)| !left.contains(at) && !right.contains(to) && left.insert(*at) && right.insert(*to));
    close.into_iter().map(|(_, at, to)| (at, to)).collect()
}
