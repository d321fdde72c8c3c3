//! What nearly all releases show in another form at once, though none of them was edited: pictures and files at other
//! addresses, after a move to another host or another system, and the day that it is today.

use std::collections::{BTreeSet, HashSet};

use super::{FEWEST_RELEASES, Pair, Piece, Shared, piece_of_date};
use crate::domain::classify::{Observation, Sighting};
use crate::domain::model::{Document, Field, ReleaseId};
use crate::domain::normalize::{canonical_image, canonical_link};

/// The targets of a document's pictures or links.
fn targets(field: Field, document: &Document) -> BTreeSet<String> {
    match field {
        Field::Images => document.images.iter().map(canonical_image).collect(),
        _ => document.links.iter().map(|link| canonical_link(link).1).collect(),
    }
}

/// Whether a document has as many pictures or links as before, and none of those.
fn is_replaced(field: Field, old: &Document, new: &Document) -> bool {
    let (old, new) = (targets(field, old), targets(field, new));
    !old.is_empty() && old.len() == new.len() && old.is_disjoint(&new)
}

impl Shared {
    /// Releases that were not read anew count as those that have kept what they had.
    pub(super) fn find_replaced(&mut self, pairs: &[Pair<'_>], sightings: &[Sighting]) {
        for field in [Field::Images, Field::Links] {
            let of_field = |document: &Document| targets(field, document);
            let changed: Vec<ReleaseId> =
                pairs.iter().filter(|pair| is_replaced(field, pair.old, pair.new)).map(|pair| pair.id).collect();
            let may_have = |sighting: &&Sighting| match &sighting.observation {
                Observation::Seen(seen) => !of_field(&seen.document).is_empty(),
                observation => matches!(observation, Observation::NotModified { .. }),
            };
            let having = sightings.iter().filter(may_have).count();
            if changed.len() >= FEWEST_RELEASES && changed.len() * 5 >= having * 4 {
                self.replaced.insert(field);
                self.shifted.extend(changed);
            }
        }
    }

    /// Lets a new document have the pictures or links of the old one where nearly all releases have others.
    pub(super) fn keep_replaced(&self, old: &Document, new: &mut Document) {
        for field in &self.replaced {
            match (field, is_replaced(*field, old, new)) {
                (Field::Images, true) => new.images.clone_from(&old.images),
                (_, true) => new.links.clone_from(&old.links),
                (_, false) => {}
            }
        }
    }

    /// Whether a date is one that most releases bore or bear now: what day it is, and none of a publication.
    pub(super) fn is_clock(&self, old: &Document, new: &Document) -> bool {
        let is_shared = |document: &Document, pieces: &HashSet<Piece>| {
            document.date.as_ref().is_some_and(|date| pieces.contains(&piece_of_date(date)))
        };
        is_shared(old, &self.gone) || is_shared(new, &self.come)
    }
}
