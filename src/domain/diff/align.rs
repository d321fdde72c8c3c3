//! Which block of the old document became which of the new one. Equal blocks first, then text that was only
//! cut in another way, then blocks that stand elsewhere as they were; what is left goes to [`super::pair`].

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::ops::Range;

use similar::{Algorithm, DiffTag, capture_diff_slices};

use super::pair::pair_up;
use crate::domain::model::{Block, BlockKind, Document};
use crate::domain::normalize::{canonical_blocks, clean_text, is_row};

/// Documents of more blocks than this, equal beginnings and ends aside, are not aligned.
const MAX_BLOCKS: usize = 20_000;

/// A block that is not empty, with the text that is shown and the text that is compared.
pub(super) struct Piece {
    pub(super) kind: BlockKind,
    pub(super) shown: String,
    pub(super) key: String,
}

/// Blocks of the old document that became blocks of the new one; mostly one and one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) old: Range<usize>,
    pub(super) new: Range<usize>,
    /// Reads the same, however it is cut.
    pub(super) equal: bool,
}

/// Neighbouring blocks between equal ones.
pub(super) struct Gap {
    pub(super) old: Range<usize>,
    pub(super) new: Range<usize>,
}

/// The result, and the state on the way to it.
pub(super) struct Alignment {
    pub(super) groups: Vec<Group>,
    pub(super) coarse: bool,
    pub(super) old_free: Vec<bool>,
    pub(super) new_free: Vec<bool>,
}

/// The blocks of a document that a reader sees.
pub(super) fn pieces(document: &Document) -> Vec<Piece> {
    let piece = |(block, key): (&Block, Cow<'_, str>)| Piece { kind: block.kind, shown: shown(block), key: key.into() };
    let keys = canonical_blocks(&document.blocks);
    document.blocks.iter().zip(keys).map(piece).filter(|piece| !piece.key.is_empty()).collect()
}

fn shown(block: &Block) -> String {
    if is_row(block.kind) {
        return block.text.split('\t').map(clean_text).collect::<Vec<_>>().join("\t");
    }
    clean_text(&block.text)
}

/// Finds what became what; the groups come in the order of the new document.
pub(super) fn align(old: &[Piece], new: &[Piece]) -> Alignment {
    let mut alignment = Alignment {
        groups: Vec::new(),
        coarse: false,
        old_free: vec![true; old.len()],
        new_free: vec![true; new.len()],
    };
    let mut gaps = alignment.match_equal(old, new);
    gaps.retain(|gap| !alignment.match_recut(old, new, gap));
    alignment.match_elsewhere(old, new);
    pair_up(&mut alignment, old, new, &gaps);
    alignment.groups.sort_unstable_by_key(|group| group.new.start);
    alignment
}

impl Alignment {
    pub(super) fn join(&mut self, old: Range<usize>, new: Range<usize>, equal: bool) {
        self.old_free[old.clone()].fill(false);
        self.new_free[new.clone()].fill(false);
        self.groups.push(Group { old, new, equal });
    }

    fn match_equal(&mut self, old: &[Piece], new: &[Piece]) -> Vec<Gap> {
        let (old_keys, new_keys) = (keys(old), keys(new));
        let head = old_keys.iter().zip(&new_keys).take_while(|(left, right)| left == right).count();
        let (old_rest, new_rest) = (&old_keys[head..], &new_keys[head..]);
        let tail = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(left, right)| left == right).count();
        self.join_each(0..head, 0);
        self.join_each(old.len() - tail..old.len(), new.len() - tail);
        let (old_rest, new_rest) = (&old_rest[..old_rest.len() - tail], &new_rest[..new_rest.len() - tail]);
        if old_rest.len().max(new_rest.len()) > MAX_BLOCKS {
            self.coarse = true;
            return Vec::new();
        }
        let mut gaps = Vec::new();
        for operation in capture_diff_slices(Algorithm::Patience, old_rest, new_rest) {
            let (old, new) = (shift(operation.old_range(), head), shift(operation.new_range(), head));
            if operation.tag() == DiffTag::Equal {
                self.join_each(old, new.start);
            } else {
                add_gap(&mut gaps, old, new);
            }
        }
        gaps
    }

    fn join_each(&mut self, old: Range<usize>, new_start: usize) {
        for (step, index) in old.enumerate() {
            self.join(index..index + 1, new_start + step..new_start + step + 1, true);
        }
    }

    /// Paragraphs that were only split or merged differently read the same.
    fn match_recut(&mut self, old: &[Piece], new: &[Piece], gap: &Gap) -> bool {
        let text = |pieces: &[Piece]| keys(pieces).join(" ");
        let same =
            !gap.old.is_empty() && !gap.new.is_empty() && text(&old[gap.old.clone()]) == text(&new[gap.new.clone()]);
        if same {
            self.join(gap.old.clone(), gap.new.clone(), true);
        }
        same
    }

    /// A block that is found word by word elsewhere has moved.
    fn match_elsewhere(&mut self, old: &[Piece], new: &[Piece]) {
        let mut places: HashMap<&str, VecDeque<usize>> = HashMap::new();
        for (index, piece) in old.iter().enumerate().filter(|(index, _)| self.old_free[*index]) {
            places.entry(&piece.key).or_default().push_back(index);
        }
        for (index, piece) in new.iter().enumerate() {
            if !self.new_free[index] {
                continue;
            }
            if let Some(place) = places.get_mut(piece.key.as_str()).and_then(VecDeque::pop_front) {
                self.join(place..place + 1, index..index + 1, true);
            }
        }
    }
}

fn keys(pieces: &[Piece]) -> Vec<&str> {
    pieces.iter().map(|piece| piece.key.as_str()).collect()
}

fn shift(range: Range<usize>, by: usize) -> Range<usize> {
    range.start + by..range.end + by
}

fn add_gap(gaps: &mut Vec<Gap>, old: Range<usize>, new: Range<usize>) {
    match gaps.last_mut() {
        Some(last) if last.old.end == old.start && last.new.end == new.start => {
            (last.old.end, last.new.end) = (old.end, new.end);
        }
        _ => gaps.push(Gap { old, new }),
    }
}
