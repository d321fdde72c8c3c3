//! Tells the aligned blocks in reading order: what stands where it stood, what came, went and moved.

use super::align::{Group, Piece, align, pieces};
use super::order::staying;
use super::rows::compare_rows;
use super::words::{compare as compare_words, join_spans};
use super::{BlockEdit, Span, SpanKind};
use crate::domain::model::{BlockKind, Document};
use crate::domain::normalize::is_row;

/// The blocks of a document whose text did not change.
pub(super) fn unchanged(new: &Document) -> Vec<BlockEdit> {
    pieces(new).into_iter().map(|piece| BlockEdit::Equal { kind: piece.kind, text: piece.shown }).collect()
}

/// What became of the blocks, and whether the texts were too large to find out everything.
pub(super) fn compare(old: &Document, new: &Document) -> (Vec<BlockEdit>, bool) {
    let (old, new) = (pieces(old), pieces(new));
    let alignment = align(&old, &new);
    let weigh = |group: &Group| (group.old.start, old[group.old.clone()].iter().map(|piece| piece.key.len()).sum());
    let stays = staying(&alignment.groups.iter().map(weigh).collect::<Vec<_>>());
    let mut teller = Teller::new(&old, &new, alignment.coarse);
    for (group, _) in alignment.groups.iter().zip(&stays).filter(|(_, stays)| !**stays) {
        teller.note_move(group);
    }
    for (group, _) in alignment.groups.iter().zip(&stays).filter(|(_, stays)| **stays) {
        teller.tell_until(group.old.start, group.new.start);
        teller.tell_group(group);
    }
    teller.tell_until(old.len(), new.len());
    teller.link_moves();
    (teller.edits, teller.coarse)
}

/// Changed blocks are compared word by word until both sides together come to this many bytes; the rest is
/// replaced as a whole. A long press release has 25 KB.
const MAX_COMPARED: usize = 4 << 20;

/// And until the products of the lengths of what differs in them come to this: few words in ever another order
/// take as much work. Some 0.7 s.
const MAX_EFFORT: usize = 2_500_000_000;

/// What differs over more bytes than this is replaced as a whole, or nearly so, without much work.
const MAX_LENGTH: usize = 40_000;

/// Walks through both documents side by side.
struct Teller<'a> {
    old: &'a [Piece],
    new: &'a [Piece],
    old_at: usize,
    new_at: usize,
    /// The groups that moved, and for each block which of them it belongs to.
    moves: Vec<Group>,
    old_moves: Vec<Option<usize>>,
    new_moves: Vec<Option<usize>>,
    /// For each block the first row of its table.
    old_heads: Vec<usize>,
    new_heads: Vec<usize>,
    edits: Vec<BlockEdit>,
    coarse: bool,
    bytes_left: usize,
    effort_left: usize,
}

impl<'a> Teller<'a> {
    fn new(old: &'a [Piece], new: &'a [Piece], coarse: bool) -> Self {
        let (old_moves, new_moves) = (vec![None; old.len()], vec![None; new.len()]);
        let (moves, edits, bytes_left) = (Vec::new(), Vec::new(), MAX_COMPARED);
        let (old_heads, new_heads) = (heads(old), heads(new));
        let (old_at, new_at) = (0, 0);
        Self {
            old,
            new,
            old_at,
            new_at,
            moves,
            old_moves,
            new_moves,
            old_heads,
            new_heads,
            edits,
            coarse,
            bytes_left,
            effort_left: MAX_EFFORT,
        }
    }

    fn note_move(&mut self, group: &Group) {
        self.old_moves[group.old.clone()].fill(Some(self.moves.len()));
        self.new_moves[group.new.clone()].fill(Some(self.moves.len()));
        self.moves.push(group.clone());
    }

    /// Tells everything before these places: first what went, then what came.
    fn tell_until(&mut self, old_end: usize, new_end: usize) {
        while self.old_at < old_end {
            let (piece, moved) = (&self.old[self.old_at], self.old_moves[self.old_at]);
            let removed = || BlockEdit::Removed { kind: piece.kind, text: piece.shown.clone() };
            self.edits.push(moved.map_or_else(removed, |id| self.moved_away(id)));
            self.old_at = moved.map_or(self.old_at + 1, |id| self.moves[id].old.end);
        }
        while self.new_at < new_end {
            let (piece, moved) = (&self.new[self.new_at], self.new_moves[self.new_at]);
            let added = || BlockEdit::Added { kind: piece.kind, text: piece.shown.clone() };
            let edit = moved.map_or_else(added, |id| self.moved_here(id));
            self.edits.push(edit);
            self.new_at = moved.map_or(self.new_at + 1, |id| self.moves[id].new.end);
        }
    }

    fn moved_away(&self, id: usize) -> BlockEdit {
        let pieces = &self.old[self.moves[id].old.clone()];
        BlockEdit::MovedAway { kind: pieces[0].kind, text: join_shown(pieces, false), to: id }
    }

    fn moved_here(&mut self, id: usize) -> BlockEdit {
        let group = self.moves[id].clone();
        let spans = join_spans(self.compare(&group));
        BlockEdit::MovedHere { kind: self.new[group.new.start].kind, from: id, spans }
    }

    fn tell_group(&mut self, group: &Group) {
        let new = &self.new[group.new.clone()];
        if group.equal {
            self.edits.extend(new.iter().map(|piece| BlockEdit::Equal { kind: piece.kind, text: piece.shown.clone() }));
        } else {
            let spans = self.compare(group);
            self.edits.extend(cut(spans, new));
        }
        (self.old_at, self.new_at) = (group.old.end, group.new.end);
    }

    fn compare(&mut self, group: &Group) -> Vec<Span> {
        let (old, new) = (&self.old[group.old.clone()], &self.new[group.new.clone()]);
        let rows = old.iter().chain(new).all(|piece| is_row(piece.kind));
        let (old_text, new_text) = (join_shown(old, rows), join_shown(new, rows));
        if group.equal {
            let old = (old_text != new_text).then_some(old_text);
            return vec![Span { kind: SpanKind::Equal, text: new_text, old }];
        }
        if !self.can_afford(&old_text, &new_text) {
            self.coarse = true;
            return vec![Span::new(SpanKind::Removed, old_text), Span::new(SpanKind::Added, new_text)];
        }
        let one_each = group.old.len() == 1 && group.new.len() == 1;
        let (spans, coarse) = if rows && one_each {
            let heads = (self.old_heads[group.old.start], self.new_heads[group.new.start]);
            compare_rows(&old_text, &new_text, (&self.old[heads.0].shown, &self.new[heads.1].shown))
        } else {
            compare_words(&old_text, &new_text)
        };
        self.coarse |= coarse;
        spans
    }

    /// Pays for a comparison, if there is enough left.
    fn can_afford(&mut self, old: &str, new: &str) -> bool {
        let bytes_left = self.bytes_left.checked_sub(old.len() + new.len());
        let effort_left = self.effort_left.checked_sub(effort(old.as_bytes(), new.as_bytes()));
        let (Some(bytes_left), Some(effort_left)) = (bytes_left, effort_left) else { return false };
        (self.bytes_left, self.effort_left) = (bytes_left, effort_left);
        true
    }

    /// Moves were told by their number; now that all stand somewhere, they name each other's place.
    fn link_moves(&mut self) {
        let mut places = vec![(0, 0); self.moves.len()];
        for (place, edit) in self.edits.iter().enumerate() {
            match edit {
                BlockEdit::MovedAway { to, .. } => places[*to].0 = place,
                BlockEdit::MovedHere { from, .. } => places[*from].1 = place,
                BlockEdit::Equal { .. }
                | BlockEdit::Changed { .. }
                | BlockEdit::Added { .. }
                | BlockEdit::Removed { .. } => {}
            }
        }
        for edit in &mut self.edits {
            match edit {
                BlockEdit::MovedAway { to, .. } => *to = places[*to].1,
                BlockEdit::MovedHere { from, .. } => *from = places[*from].0,
                BlockEdit::Equal { .. }
                | BlockEdit::Changed { .. }
                | BlockEdit::Added { .. }
                | BlockEdit::Removed { .. } => {}
            }
        }
    }
}

/// The product of both lengths without what they have in common at the beginning and at the end.
fn effort(old: &[u8], new: &[u8]) -> usize {
    let head = old.iter().zip(new).take_while(|(left, right)| left == right).count();
    let (old, new) = (&old[head..], &new[head..]);
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(|(left, right)| left == right).count();
    (old.len() - tail).min(MAX_LENGTH) * (new.len() - tail).min(MAX_LENGTH)
}

fn heads(pieces: &[Piece]) -> Vec<usize> {
    let mut head = 0;
    let mut follows = false;
    let head_of = |(index, piece): (usize, &Piece)| {
        let row = is_row(piece.kind);
        if !(row && follows) {
            head = index;
        }
        follows = row;
        head
    };
    pieces.iter().enumerate().map(head_of).collect()
}

fn join_shown(pieces: &[Piece], rows: bool) -> String {
    let joined = pieces.iter().map(|piece| piece.shown.as_str()).collect::<Vec<_>>().join(" ");
    if rows || !joined.contains('\t') {
        joined
    } else {
        joined.split(['\t', ' ']).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

/// Cuts the spans of a text that was split where the new blocks end, if the words there are equal.
fn cut(spans: Vec<Span>, pieces: &[Piece]) -> Vec<BlockEdit> {
    let mut ends = Vec::with_capacity(pieces.len());
    let mut end = 0;
    for piece in &pieces[..pieces.len() - 1] {
        end += piece.shown.len();
        ends.push(end);
        end += 1;
    }
    let mut edits = Vec::new();
    let mut part = Vec::new();
    let (mut kind, mut at) = (pieces[0].kind, 0);
    for mut span in spans {
        let length = span.new_text().len();
        let here = ends.binary_search(&at).ok().filter(|_| opens_with_space(&span));
        if let Some(index) = here {
            edits.push(edit_of(std::mem::take(&mut part), kind));
            kind = pieces[index + 1].kind;
            span.text.remove(0);
            span.old = span.old.map(|old| old[1..].to_owned()).filter(|old| *old != span.text);
        }
        at += length;
        if !span.text.is_empty() {
            part.push(span);
        }
    }
    edits.push(edit_of(part, kind));
    edits
}

fn opens_with_space(span: &Span) -> bool {
    span.kind == SpanKind::Equal && span.new_text().starts_with(' ') && span.old_text().starts_with(' ')
}

fn edit_of(spans: Vec<Span>, kind: BlockKind) -> BlockEdit {
    if spans.iter().all(|span| span.kind == SpanKind::Equal) {
        let text = spans.iter().map(|span| span.text.as_str()).collect();
        return BlockEdit::Equal { kind, text };
    }
    BlockEdit::Changed { kind, spans: join_spans(spans) }
}
