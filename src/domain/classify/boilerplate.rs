//! One edit on many releases at once is one event of the source: the phone of the press office, a paragraph about
//! the organisation. What remains of an edit without it is the release's own.
//!
//! The same holds for what many releases gain or lose at once (after a redesign all of them show a date, or none
//! shows its pictures), and for counters that stand on many of them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use leads::Leads;
use stamps::{bylines, stamps};

use super::{Against, Edit, Facts, Observation, Seen, Sighting, edit_between};
use crate::domain::model::{Document, Event, EventKind, Field, Reason, ReleaseId, ShownDate, Significance};
use crate::domain::normalize::{canonical_contact, canonical_image, canonical_link, canonical_text};

mod leads;
mod replaced;
mod stamps;

/// From this many releases on, the same edit is one of the template.
const FEWEST_RELEASES: usize = 3;

/// From this many releases on, a paragraph that became the same other one on all of them is no work of an editor.
const FEWEST_EXCHANGED: usize = 5;

/// Releases that an event about many names, with their snapshots.
const MOST_NAMED: usize = 20;

/// A piece of a document that came or went.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Piece {
    field: Field,
    text: String,
}

/// Pieces with the releases that they came to, or went from.
type Pieces = HashMap<Piece, Vec<ReleaseId>>;

/// A field that a document gains or loses as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Shift {
    field: Field,
    appears: bool,
}

/// What many releases have in common in this check.
#[derive(Debug, Default)]
pub(super) struct Shared {
    gone: HashSet<Piece>,
    come: HashSet<Piece>,
    /// Lines, without their figures, that went and came back with other figures.
    counters: HashSet<String>,
    shifts: BTreeSet<Shift>,
    /// Fields of which nearly every release that has them has nothing left: all pictures stand at other addresses.
    replaced: BTreeSet<Field>,
    /// What teasers quote.
    leads: Leads,
    edited: HashSet<ReleaseId>,
    shifted: HashSet<ReleaseId>,
}

struct Pair<'a> {
    id: ReleaseId,
    old: &'a Document,
    new: &'a Document,
}

pub(super) fn find(sightings: &[Sighting], leads: &[(ReleaseId, Document)]) -> Shared {
    let pairs: Vec<Pair<'_>> = sightings.iter().filter_map(pair_of).collect();
    let read = sightings.iter().filter_map(|sighting| match &sighting.observation {
        Observation::Seen(seen) => Some((sighting.release.id, &seen.document)),
        _ => None,
    });
    let read = read.chain(leads.iter().map(|(id, document)| (*id, document)));
    let mut shared = Shared { leads: Leads::find(&pairs, read), ..Shared::default() };
    if pairs.len() >= FEWEST_RELEASES {
        let read = sightings.iter().filter(|sighting| is_read(sighting)).count();
        shared.find_pieces(&pairs, read);
        shared.find_counters();
        shared.find_shifts(&pairs);
        shared.find_replaced(&pairs, sightings);
    }
    shared
}

fn is_read(sighting: &Sighting) -> bool {
    matches!(sighting.observation, Observation::Seen(_) | Observation::NotModified { .. })
}

fn pair_of(sighting: &Sighting) -> Option<Pair<'_>> {
    let Observation::Seen(seen) = &sighting.observation else { return None };
    let Seen { document, against: Against::Edited { old, .. }, .. } = seen.as_ref() else { return None };
    Some(Pair { id: sighting.release.id, old, new: document })
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
    let date = document.date.as_ref().map(piece_of_date);
    blocks.chain(contacts).chain(images).chain(links).chain(date).collect()
}

fn piece_of_date(date: &ShownDate) -> Piece {
    Piece { field: Field::Date, text: canonical_text(&date.text) }
}

/// Paragraphs that became one other paragraph on several releases, the same ones: what these say about the
/// organisation, though most releases do not.
fn exchanged(gone: &HashMap<Piece, Vec<ReleaseId>>, come: &HashMap<Piece, Vec<ReleaseId>>) -> HashSet<Piece> {
    let is_many = |(piece, releases): &(&Piece, &Vec<ReleaseId>)| {
        piece.field == Field::Body && releases.len() >= FEWEST_EXCHANGED
    };
    let mut by_releases: HashMap<&[ReleaseId], (Vec<&Piece>, Vec<&Piece>)> = HashMap::new();
    for (piece, releases) in gone.iter().filter(is_many) {
        by_releases.entry(releases).or_default().0.push(piece);
    }
    for (piece, releases) in come.iter().filter(is_many) {
        by_releases.entry(releases).or_default().1.push(piece);
    }
    let both = by_releases.into_values().filter(|(gone, come)| !gone.is_empty() && gone.len() == come.len());
    both.flat_map(|(gone, come)| gone.into_iter().chain(come)).cloned().collect()
}

/// Text with its figures folded into one mark.
fn shape_of(text: &str) -> String {
    let folded = text.chars().map(|character| if character.is_numeric() { '#' } else { character });
    let mut shape: Vec<char> = folded.collect();
    shape.dedup_by(|one, other| *one == '#' && *other == '#');
    shape.into_iter().collect()
}

/// The fields that a document gains or loses as a whole.
fn shifts(old: &Document, new: &Document) -> Vec<Shift> {
    let fields = [
        (Field::Date, old.date.is_none(), new.date.is_none()),
        (Field::Links, old.links.is_empty(), new.links.is_empty()),
        (Field::Images, old.images.is_empty(), new.images.is_empty()),
        (Field::Contacts, old.contacts.is_empty(), new.contacts.is_empty()),
    ];
    let shifted = fields.into_iter().filter(|(_, before, after)| before != after);
    shifted.map(|(field, before, _)| Shift { field, appears: before }).collect()
}

impl Shared {
    /// Contact blocks are never the text of one release; of other pieces only those count that most releases share,
    /// because an editor may well write the same sentence into a few, and those that became one and the same elsewhere.
    /// Where nearly all releases differ at once, no editor was at work: then a few will do, because a template says of
    /// each author, or in each section, something else.
    fn find_pieces(&mut self, pairs: &[Pair<'_>], read: usize) {
        let (mut gone, mut come) = (Pieces::new(), Pieces::new());
        for pair in pairs {
            let (before, after) = (pieces(pair.old), pieces(pair.new));
            before.difference(&after).for_each(|piece| gone.entry(piece.clone()).or_default().push(pair.id));
            after.difference(&before).for_each(|piece| come.entry(piece.clone()).or_default().push(pair.id));
        }
        let is_mass = pairs.len() * 5 >= read * 4;
        let exchanged = exchanged(&gone, &come);
        if is_mass {
            self.edited.extend(stamps(&gone, &come, read, &mut self.gone));
            self.edited.extend(stamps(&come, &gone, read, &mut self.come));
        }
        self.edited.extend(bylines(&gone, &come, pairs.len(), &mut self.gone));
        self.edited.extend(bylines(&come, &gone, pairs.len(), &mut self.come));
        for (pieces, kept) in [(gone, &mut self.gone), (come, &mut self.come)] {
            let is_shared = |(piece, releases): &(Piece, Vec<ReleaseId>)| {
                let is_most = is_mass || piece.field == Field::Contacts || releases.len() * 2 > read;
                releases.len() >= FEWEST_RELEASES && (is_most || exchanged.contains(piece))
            };
            for (piece, releases) in pieces.into_iter().filter(is_shared) {
                kept.insert(piece);
                self.edited.extend(releases);
            }
        }
    }

    fn find_counters(&mut self) {
        let shapes = |pieces: &HashSet<Piece>| -> HashSet<String> {
            let bodies = pieces.iter().filter(|piece| piece.field == Field::Body);
            bodies.map(|piece| shape_of(&piece.text)).filter(|shape| shape.contains('#')).collect()
        };
        self.counters = shapes(&self.gone).intersection(&shapes(&self.come)).cloned().collect();
    }

    fn find_shifts(&mut self, pairs: &[Pair<'_>]) {
        let mut counts: BTreeMap<Shift, Vec<ReleaseId>> = BTreeMap::new();
        for pair in pairs {
            shifts(pair.old, pair.new).into_iter().for_each(|shift| counts.entry(shift).or_default().push(pair.id));
        }
        for (shift, releases) in counts {
            if releases.len() >= FEWEST_RELEASES && releases.len() * 5 >= pairs.len() * 3 {
                self.shifts.insert(shift);
                self.shifted.extend(releases);
            }
        }
    }

    /// What remains of an edit without what many releases share.
    pub(super) fn without(&self, release: ReleaseId, old: &Document, new: &Document) -> Option<Edit> {
        if self.edited.is_empty() && self.shifted.is_empty() && self.leads.is_empty() {
            return edit_between(old, new);
        }
        let mut reduced = self.reduce(release, new, old, &self.come);
        let old = self.reduce(release, old, new, &self.gone);
        for shift in shifts(&old, &reduced).into_iter().filter(|shift| self.shifts.contains(shift)) {
            match shift.field {
                Field::Date => reduced.date.clone_from(&old.date),
                Field::Links => reduced.links.clone_from(&old.links),
                Field::Images => reduced.images.clone_from(&old.images),
                Field::Contacts => reduced.contacts.clone_from(&old.contacts),
                Field::Title | Field::Body => {}
            }
        }
        self.keep_replaced(&old, &mut reduced);
        if self.is_clock(&old, &reduced) {
            reduced.date.clone_from(&old.date);
        }
        edit_between(&old, &reduced)
    }

    fn reduce(&self, release: ReleaseId, document: &Document, other: &Document, pieces: &HashSet<Piece>) -> Document {
        let mut document = document.clone();
        self.leads.drop_teasers(release, &mut document.blocks, other);
        if pieces.is_empty() && self.counters.is_empty() {
            return document;
        }
        let is_own = |field: Field, text: String| !pieces.contains(&Piece { field, text });
        document.blocks.retain(|block| {
            let text = canonical_text(&block.text);
            !self.counters.contains(&shape_of(&text)) && is_own(Field::Body, text)
        });
        document.contacts.retain(|line| is_own(Field::Contacts, canonical_contact(line)));
        document.images.retain(|image| is_own(Field::Images, canonical_image(image)));
        document.links.retain(|link| {
            let (text, target) = canonical_link(link);
            is_own(Field::Links, format!("{text}\u{0}{target}"))
        });
        document
    }

    /// The pieces that are worth an event.
    fn told(&self) -> impl Iterator<Item = &Piece> {
        let is_news = |piece: &&Piece| match piece.field {
            Field::Body => !self.counters.contains(&shape_of(&piece.text)),
            field => field != Field::Date,
        };
        self.gone.iter().chain(&self.come).filter(is_news)
    }
}

/// The events of the source about it.
pub(super) fn tell(facts: &Facts<'_>, shared: &Shared) -> Vec<Event> {
    let edited: BTreeSet<Field> = shared.told().map(|piece| piece.field).collect();
    let shifted = shared.shifts.iter().map(|shift| shift.field).chain(shared.replaced.iter().copied());
    let shifted: BTreeSet<Field> = shifted.collect();
    let event = |cause: Reason, fields: BTreeSet<Field>, summary: String, mut explanation: String| {
        let touched = if cause == Reason::Boilerplate { &shared.edited } else { &shared.shifted };
        let mut event = super::troubles::site_event(facts, EventKind::Site, cause);
        let is_text = cause == Reason::Boilerplate && fields.contains(&Field::Body);
        event.significance = if is_text { Significance::Major } else { Significance::Minor };
        for sighting in
            facts.sightings.iter().filter(|sighting| touched.contains(&sighting.release.id)).take(MOST_NAMED)
        {
            explanation = format!("{explanation}; {}", sighting.release.url);
            if let Observation::Seen(seen) = &sighting.observation {
                event.evidence.push(seen.snapshot);
            }
        }
        event.fields = fields.into_iter().collect();
        event.summary = summary;
        event.explanation = explanation;
        event
    };
    let mut events = Vec::new();
    if !edited.is_empty() {
        let summary = format!("the same edit on {} releases", shared.edited.len());
        events.push(event(Reason::Boilerplate, edited, summary, explain_edit(shared)));
    }
    if !shifted.is_empty() {
        let count = shared.shifted.len();
        let summary = format!("the pages are built in another way: {count} releases gained or lost the same at once");
        events.push(event(Reason::Redesign, shifted, summary, "the same field came or went on all of them".to_owned()));
    }
    events
}

fn explain_edit(shared: &Shared) -> String {
    let count = shared.edited.len();
    let example =
        |pieces: &HashSet<Piece>| pieces.iter().min().map(|piece| piece.text.chars().take(120).collect::<String>());
    match (example(&shared.gone), example(&shared.come)) {
        (Some(old), Some(new)) => format!("{old:?} became {new:?} on {count} releases in one check"),
        (Some(old), None) => format!("{old:?} went from {count} releases in one check"),
        (None, Some(new)) => format!("{new:?} came to {count} releases in one check"),
        (None, None) => String::new(),
    }
}
