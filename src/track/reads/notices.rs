//! A notice that the site shows in place of releases, of most of them or of one.

use std::collections::{HashMap, HashSet};

use super::UNLIKE;
use crate::domain::classify::{Against, Observation, Sighting, Walk};
use crate::domain::likeness::Shingles;
use crate::domain::model::{Document, Reason, ReleaseId, SnapshotId, Source, Standing};
use crate::domain::normalize::{canonical_text, content_hash};
use crate::domain::page::count_words;
use crate::track::{TrackError, Tracker};

/// So many releases with the very same text or title show a notice.
const SAME_NOTICE: usize = 3;

/// Most releases that show the very same text, or the very same title over whatever rotates around it, show a
/// notice of the site, if that is not what they showed before.
pub(super) fn mark_notices(sightings: &mut [Sighting]) {
    let shown: Vec<Vec<String>> = sightings.iter().map(notice_keys).collect();
    let mut counts: HashMap<&String, usize> = HashMap::new();
    shown.iter().flatten().for_each(|key| *counts.entry(key).or_default() += 1);
    let most = sightings.len().div_ceil(2);
    for (sighting, keys) in sightings.iter_mut().zip(&shown) {
        let count = keys.iter().filter_map(|key| counts.get(key)).max().copied().unwrap_or_default();
        if count >= SAME_NOTICE && count >= most {
            sighting.observation = notice(count);
        }
    }
}

impl Tracker {
    /// A title that took the place of all that a release showed, with nothing left of it, not even the day, is most
    /// often a fault that passes. A notice may quote another number at each time, and a withdrawal keeps the day of
    /// what it withdraws.
    pub(super) async fn mark_usurped(
        &self,
        source: &Source,
        walks: &[Walk],
        sightings: &mut [Sighting],
    ) -> Result<(), TrackError> {
        let usurped = usurped(sightings);
        if usurped.is_empty() {
            return Ok(());
        }
        let standings = self.store.list_standings(&source.id, HashSet::new()).await?;
        for (at, count) in usurped {
            let Sighting { release, observation } = &mut sightings[at];
            match withdrawn(observation).filter(|_| count == 1 && is_dropped(release.id, walks, &standings)) {
                Some(snapshot) => *observation = Observation::Gone { reason: Reason::SoftNotFound, snapshot },
                None if self.is_lasting(release).await? => {}
                None => *observation = notice(count),
            }
        }
        Ok(())
    }
}

/// The answer, if it shows so little that it may say that there is nothing any more, in whatever words.
fn withdrawn(observation: &Observation) -> Option<SnapshotId> {
    let Observation::Seen(seen) = observation else { return None };
    (seen.document.date.is_none() && words_of(&seen.document) < FEW_WORDS_GONE).then_some(seen.snapshot)
}

/// Whether a listing that names what stood behind a release does not name it any more.
fn is_dropped(release: ReleaseId, walks: &[Walk], standings: &[Standing]) -> bool {
    standings.iter().filter(|standing| standing.release == release).any(|standing| {
        let walk = walks.iter().find(|walk| walk.listing == standing.listing && walk.is_whole());
        let is_behind = |other: &&Standing| other.listing == standing.listing && other.position > standing.position;
        walk.is_some_and(|walk| {
            !walk.entries.contains(&release)
                && standings.iter().filter(is_behind).any(|other| walk.entries.contains(&other.release))
        })
    })
}

/// What a release shows in place of itself, with so many others.
fn notice(count: usize) -> Observation {
    let detail = match count {
        1 => "shows another title and text, and no day".to_owned(),
        _ => format!("shows the same as {} other releases", count - 1),
    };
    Observation::Unreadable { reason: Reason::Maintenance, detail }
}

/// What a newly read or changed page has in common with others if it shows a notice.
fn notice_keys(sighting: &Sighting) -> Vec<String> {
    let Observation::Seen(seen) = &sighting.observation else { return Vec::new() };
    let text = || content_hash(&seen.document).0;
    let title = canonical_text(&seen.document.title);
    match &seen.against {
        Against::Edited { old, .. } if canonical_text(&old.title) != title => vec![text(), title],
        Against::First | Against::Edited { .. } => vec![text()],
        Against::Same | Against::Technical => Vec::new(),
    }
}

/// The sightings in which another title took the place of all, with the number of those that share it.
fn usurped(sightings: &[Sighting]) -> Vec<(usize, usize)> {
    let mut shown: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, sighting) in sightings.iter().enumerate() {
        if let Some(title) = usurping_title(sighting) {
            shown.entry(title).or_default().push(at);
        }
    }
    shown.into_values().flat_map(|places| places.clone().into_iter().map(move |at| (at, places.len()))).collect()
}

/// Words of a notice.
const FEW_WORDS: usize = 80;
/// Words of one that says no more than that something is gone.
const FEW_WORDS_GONE: usize = 30;

/// The title, if it is another one than before, the text is another and the day is gone. Where there was no day, little
/// took the place of much.
fn usurping_title(sighting: &Sighting) -> Option<String> {
    let Observation::Seen(seen) = &sighting.observation else { return None };
    let Against::Edited { old, .. } = &seen.against else { return None };
    let title = canonical_text(&seen.document.title);
    let is_scant = || words_of(&seen.document) < FEW_WORDS.min(words_of(old) / 2);
    let is_dateless = seen.document.date.is_none() && (old.date.is_some() || is_scant());
    let is_other = || Shingles::of(old).resemblance(&Shingles::of(&seen.document)) < UNLIKE;
    (canonical_text(&old.title) != title && is_dateless && is_other()).then_some(title)
}

fn words_of(document: &Document) -> usize {
    document.blocks.iter().map(|block| count_words(&block.text)).sum()
}
