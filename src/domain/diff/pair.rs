//! Pairs changed blocks by likeness, not by position: the old and the new wording of a paragraph, a paragraph
//! that was split in two while it was reworded, a paragraph that was reworded and moved.

use std::ops::Range;

use super::align::{Alignment, Gap, Piece};
use super::likeness::Features;
use crate::domain::normalize::is_row;

/// More left-over blocks than this on either side are paired by position.
const MAX_SIDE: usize = 200;

/// Blocks in the same place that are this alike are one block, reworded.
const ALIKE: f64 = 0.4;

/// Blocks in different places have to be this alike to be one that moved.
const ALIKE_ELSEWHERE: f64 = 0.65;

/// A block moves only with this many words; shorter ones resemble each other by chance.
const MIN_MOVED_WORDS: usize = 5;

/// Longest line, in bytes, that is compared with what took its place even if they have nothing in common.
const MAX_LINE: usize = 40;

/// A paragraph is split into at most this many.
const MAX_PARTS: usize = 4;

/// Joins what belongs together among the blocks that are still free.
pub(super) fn pair_up(alignment: &mut Alignment, old: &[Piece], new: &[Piece], gaps: &[Gap]) {
    let left = Side::new(old, &alignment.old_free, gaps, |gap| &gap.old);
    let right = Side::new(new, &alignment.new_free, gaps, |gap| &gap.new);
    if left.entries.len().max(right.entries.len()) > MAX_SIDE {
        alignment.coarse = true;
        pair_by_position(alignment, old, new, gaps);
        return;
    }
    let mut candidates = single_pairs(&left, &right);
    candidates.extend(split_pairs(&left, &right).into_iter().map(|(old, new, score)| Candidate { old, new, score }));
    candidates.extend(split_pairs(&right, &left).into_iter().map(|(new, old, score)| Candidate { old, new, score }));
    candidates.sort_by(Candidate::better_first);
    for candidate in candidates {
        let free = alignment.old_free[candidate.old.clone()].iter().all(|free| *free)
            && alignment.new_free[candidate.new.clone()].iter().all(|free| *free);
        if free {
            alignment.join(candidate.old, candidate.new, false);
        }
    }
    pair_by_place(alignment, old, new, gaps);
}

/// The free blocks of one document.
struct Side {
    entries: Vec<Entry>,
}

struct Entry {
    index: usize,
    gap: usize,
    row: bool,
    features: Features,
}

impl Side {
    fn new(pieces: &[Piece], free: &[bool], gaps: &[Gap], side: fn(&Gap) -> &Range<usize>) -> Self {
        let mut entries = Vec::new();
        for (gap, place) in gaps.iter().enumerate() {
            for index in side(place).clone().filter(|index| free[*index]) {
                if entries.len() > MAX_SIDE {
                    return Self { entries };
                }
                let features = Features::new(&pieces[index].key);
                entries.push(Entry { index, gap, row: is_row(pieces[index].kind), features });
            }
        }
        Self { entries }
    }
}

struct Candidate {
    old: Range<usize>,
    new: Range<usize>,
    score: f64,
}

impl Candidate {
    fn better_first(&self, other: &Self) -> std::cmp::Ordering {
        other
            .score
            .total_cmp(&self.score)
            .then(self.old.start.cmp(&other.old.start))
            .then(self.new.start.cmp(&other.new.start))
    }
}

fn single_pairs(left: &Side, right: &Side) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for (old_rank, old) in left.entries.iter().enumerate() {
        for (new_rank, new) in right.entries.iter().enumerate() {
            let likeness = old.features.likeness(&new.features);
            let here = old.gap == new.gap;
            let long = old.features.words().min(new.features.words()) >= MIN_MOVED_WORDS;
            if likeness < if here { ALIKE } else { ALIKE_ELSEWHERE } || !here && !long {
                continue;
            }
            // Of equally alike blocks the nearest is meant.
            let distance = f64::from(u32::try_from(old_rank.abs_diff(new_rank)).unwrap_or(u32::MAX));
            let score =
                likeness + if here { 0.1 } else { 0.0 } + if old.row == new.row { 0.02 } else { 0.0 } - distance * 1e-4;
            candidates.push(Candidate { old: old.index..old.index + 1, new: new.index..new.index + 1, score });
        }
    }
    candidates
}

/// Blocks of one side whose words are those of two to four neighbours on the other, in the same gap.
fn split_pairs(whole: &Side, parts: &Side) -> Vec<(Range<usize>, Range<usize>, f64)> {
    let mut found = Vec::new();
    for block in whole.entries.iter().filter(|entry| !entry.row) {
        let mut run: Vec<(usize, f64, f64)> = Vec::new();
        for part in &parts.entries {
            let (share_of_part, share_of_block) = part.features.contained_in(&block.features);
            if part.gap != block.gap || part.row || share_of_part < 0.6 {
                run.clear();
                continue;
            }
            if run.last().is_some_and(|(index, ..)| index + 1 != part.index) {
                run.clear();
            }
            run.push((part.index, share_of_part, share_of_block));
            for length in 2..=run.len().min(MAX_PARTS) {
                let members = &run[run.len() - length..];
                let covered: f64 = members.iter().map(|(_, _, share)| share).sum();
                let largest = members.iter().map(|(_, _, share)| *share).fold(0.0, f64::max);
                if covered >= 0.7 && covered - largest >= 0.1 {
                    let score = covered.min(1.0) + 0.15 - members_missing(members);
                    found.push((block.index..block.index + 1, members[0].0..part.index + 1, score));
                }
            }
        }
    }
    found
}

/// How much of the parts is not from the block, on average.
fn members_missing(members: &[(usize, f64, f64)]) -> f64 {
    let missing: f64 = members.iter().map(|(_, share, _)| 1.0 - share).sum();
    missing / f64::from(u32::try_from(members.len()).unwrap_or(u32::MAX))
}

/// Rows of a table that have only numbers are alike by their place, and so is a short line between others.
fn pair_by_place(alignment: &mut Alignment, old: &[Piece], new: &[Piece], gaps: &[Gap]) {
    for gap in gaps.iter().filter(|gap| gap.old.len() == gap.new.len()) {
        for (left, right) in gap.old.clone().zip(gap.new.clone()) {
            let (from, to) = (&old[left], &new[right]);
            let rows = is_row(from.kind) && is_row(to.kind);
            let alone = gap.old.len() == 1 && from.kind == to.kind && from.key.len().max(to.key.len()) <= MAX_LINE;
            if alignment.old_free[left] && alignment.new_free[right] && (rows || alone) {
                alignment.join(left..left + 1, right..right + 1, false);
            }
        }
    }
}

fn pair_by_position(alignment: &mut Alignment, old: &[Piece], new: &[Piece], gaps: &[Gap]) {
    for gap in gaps {
        for (left, right) in gap.old.clone().zip(gap.new.clone()) {
            let free = alignment.old_free[left] && alignment.new_free[right];
            if free && Features::new(&old[left].key).likeness(&Features::new(&new[right].key)) >= ALIKE {
                alignment.join(left..left + 1, right..right + 1, false);
            }
        }
    }
}
