//! One edit on many releases at once is one event of the source: the phone of the press office, a paragraph about
//! the organisation. What remains of an edit without it is the release's own.

use std::collections::{HashMap, HashSet};

use super::{Against, Edit, Facts, Observation, Seen, Sighting, edit_between};
use crate::domain::model::{Document, Event, EventKind, Field, Reason, ReleaseId, Significance};
use crate::domain::normalize::{canonical_contact, canonical_image, canonical_link, canonical_text};

/// From this many releases on, the same edit is one of the template.
const FEWEST_RELEASES: usize = 3;

/// A piece of a document that came or went.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Piece {
    field: Field,
    text: String,
}

/// The pieces that came to, or went from, many releases in this check.
#[derive(Debug, Default)]
pub(super) struct Shared {
    gone: HashSet<Piece>,
    come: HashSet<Piece>,
    releases: HashSet<ReleaseId>,
}

pub(super) fn find(sightings: &[Sighting]) -> Shared {
    let edits: Vec<(ReleaseId, &Document, &Document)> = sightings.iter().filter_map(edit_of).collect();
    if edits.len() < FEWEST_RELEASES {
        return Shared::default();
    }
    let mut gone: HashMap<Piece, Vec<ReleaseId>> = HashMap::new();
    let mut come: HashMap<Piece, Vec<ReleaseId>> = HashMap::new();
    for (id, old, new) in edits {
        let (before, after) = (pieces(old), pieces(new));
        before.difference(&after).for_each(|piece| gone.entry(piece.clone()).or_default().push(id));
        after.difference(&before).for_each(|piece| come.entry(piece.clone()).or_default().push(id));
    }
    let mut shared = Shared::default();
    for (pieces, kept) in [(gone, &mut shared.gone), (come, &mut shared.come)] {
        for (piece, releases) in pieces {
            if releases.len() >= FEWEST_RELEASES {
                kept.insert(piece);
                shared.releases.extend(releases);
            }
        }
    }
    shared
}

fn edit_of(sighting: &Sighting) -> Option<(ReleaseId, &Document, &Document)> {
    let Observation::Seen(seen) = &sighting.observation else { return None };
    let Seen { document, against: Against::Edited { old, .. }, .. } = seen.as_ref() else { return None };
    Some((sighting.release.id, old, document))
}

fn pieces(document: &Document) -> HashSet<Piece> {
    let piece = |field: Field, text: String| Piece { field, text };
    let blocks = document.blocks.iter().map(|block| piece(Field::Body, canonical_text(&block.text)));
    let contacts = document.contacts.iter().map(|line| piece(Field::Contacts, canonical_contact(line)));
    let images = document.images.iter().map(|image| piece(Field::Images, canonical_image(image)));
    let links = document.links.iter().map(|link| {
        let (text, target) = canonical_link(link);
        piece(Field::Links, format!("{text}\u{0}{target}"))
    });
    blocks.chain(contacts).chain(images).chain(links).collect()
}

impl Shared {
    /// What remains of an edit without the pieces that many releases share.
    pub(super) fn without(&self, old: &Document, new: &Document) -> Option<Edit> {
        if self.releases.is_empty() {
            return edit_between(old, new);
        }
        edit_between(&without(old, &self.gone), &without(new, &self.come))
    }
}

fn without(document: &Document, pieces: &HashSet<Piece>) -> Document {
    let mut document = document.clone();
    let is_own = |field: Field, text: String| !pieces.contains(&Piece { field, text });
    document.blocks.retain(|block| is_own(Field::Body, canonical_text(&block.text)));
    document.contacts.retain(|line| is_own(Field::Contacts, canonical_contact(line)));
    document.images.retain(|image| is_own(Field::Images, canonical_image(image)));
    document.links.retain(|link| {
        let (text, target) = canonical_link(link);
        is_own(Field::Links, format!("{text}\u{0}{target}"))
    });
    document
}

/// The event of the source about it, if there is one.
pub(super) fn tell(facts: &Facts<'_>, shared: &Shared) -> Option<Event> {
    if shared.releases.is_empty() {
        return None;
    }
    let mut fields: Vec<Field> = shared.gone.iter().chain(&shared.come).map(|piece| piece.field).collect();
    fields.sort_unstable();
    fields.dedup();
    let count = shared.releases.len();
    let mut event = super::troubles::site_event(facts, EventKind::Site, Reason::Boilerplate);
    event.significance = Significance::Minor;
    event.summary = format!("the same edit on {count} releases");
    event.explanation = match (example(&shared.gone), example(&shared.come)) {
        (Some(old), Some(new)) => format!("{old:?} became {new:?} on {count} releases in one check"),
        (Some(old), None) => format!("{old:?} went from {count} releases in one check"),
        (None, Some(new)) => format!("{new:?} came to {count} releases in one check"),
        (None, None) => String::new(),
    };
    event.fields = fields;
    Some(event)
}

fn example(pieces: &HashSet<Piece>) -> Option<String> {
    pieces.iter().map(|piece| piece.text.chars().take(120).collect::<String>()).min()
}
