//! Lines that say who wrote a release and when, which a new template may add to all of them, or take away.

use std::collections::{HashMap, HashSet};

use super::{FEWEST_RELEASES, Piece, Pieces, shape_of};
use crate::domain::dates::find_dates;
use crate::domain::extract::is_byline_alone;
use crate::domain::model::{Field, ReleaseId};

/// Bytes of such a line.
const LONGEST_STAMP: usize = 200;

/// Lines that most releases gained or lost at once, each with a day or figures of its own, and for which nothing came
/// in return: a template that newly says who wrote a release and when. They are kept; their releases are returned.
pub(super) fn stamps(pieces: &Pieces, others: &Pieces, read: usize, kept: &mut HashSet<Piece>) -> Vec<ReleaseId> {
    let returned: HashSet<String> = others.keys().filter_map(stamp_of).collect();
    let mut shapes: HashMap<String, Vec<&Piece>> = HashMap::new();
    for piece in pieces.keys() {
        if let Some(shape) = stamp_of(piece).filter(|shape| !returned.contains(shape)) {
            shapes.entry(shape).or_default().push(piece);
        }
    }
    let mut stamped = Vec::new();
    for group in shapes.into_values() {
        let releases: HashSet<ReleaseId> = group.iter().flat_map(|piece| &pieces[*piece]).copied().collect();
        if releases.len() >= FEWEST_RELEASES && releases.len() * 2 > read {
            kept.extend(group.into_iter().cloned());
            stamped.extend(releases);
        }
    }
    stamped
}

/// Lines that say nothing but who wrote a release, and that most of those which changed gained or lost at once, with
/// none in return. They are kept; their releases are returned.
pub(super) fn bylines(pieces: &Pieces, others: &Pieces, edited: usize, kept: &mut HashSet<Piece>) -> Vec<ReleaseId> {
    let signed = |pieces: &Pieces| -> Vec<(Piece, Vec<ReleaseId>)> {
        let signed = pieces.iter().filter(|(piece, _)| piece.field == Field::Body && is_byline_alone(&piece.text));
        signed.map(|(piece, releases)| (piece.clone(), releases.clone())).collect()
    };
    let returned: HashSet<ReleaseId> = signed(others).into_iter().flat_map(|(_, releases)| releases).collect();
    let (lines, releases): (Vec<Piece>, Vec<Vec<ReleaseId>>) = signed(pieces).into_iter().unzip();
    let releases: HashSet<ReleaseId> = releases.into_iter().flatten().collect();
    if releases.len() < FEWEST_RELEASES || releases.len() * 2 <= edited || !releases.is_disjoint(&returned) {
        return Vec::new();
    }
    kept.extend(lines);
    releases.into_iter().collect()
}

/// What such a line has in common with those of other releases.
fn stamp_of(piece: &Piece) -> Option<String> {
    let is_line = piece.field == Field::Body && piece.text.len() <= LONGEST_STAMP;
    let shape = || shape_of(&without_days(&piece.text));
    is_line.then(shape).filter(|shape| shape.contains('#'))
}

/// Text with a mark in place of each day that it names.
fn without_days(text: &str) -> String {
    let mut left = String::with_capacity(text.len());
    let mut end = 0;
    for (range, _) in find_dates(text) {
        left.push_str(&text[end..range.start]);
        left.push('#');
        end = range.end;
    }
    left.push_str(&text[end..]);
    left
}
