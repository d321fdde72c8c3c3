//! Many events to what is told in one message: all events of a release together, by source, the most significant first.

use std::collections::BTreeMap;

use crate::domain::meaning::score;
use crate::domain::model::{EventKind, RecordedEvent, ReleaseId, Significance, SourceId};

/// What is told of one release, or of one source as a whole; its texts are looked up elsewhere.
#[derive(Clone, Debug, PartialEq)]
pub struct Fold {
    /// What happened, oldest first; never empty.
    pub events: Vec<RecordedEvent>,
    /// How much it matters, from 0 to 1.
    pub score: f64,
}

/// Folds the events of a message. Sources with what matters most come first; of one source, what matters most.
pub fn fold(mut events: Vec<RecordedEvent>) -> Vec<Fold> {
    events.sort_by_key(|recorded| recorded.id);
    let mut groups: BTreeMap<(SourceId, Option<ReleaseId>), Vec<RecordedEvent>> = BTreeMap::new();
    for recorded in events {
        groups.entry((recorded.event.source.clone(), recorded.event.release)).or_default().push(recorded);
    }
    let folds = groups.into_values().map(|events| Fold { score: highest(&events), events });
    let mut sources: BTreeMap<SourceId, Vec<Fold>> = BTreeMap::new();
    for fold in folds {
        sources.entry(fold.events[0].event.source.clone()).or_default().push(fold);
    }
    let mut sources: Vec<Vec<Fold>> = sources.into_values().collect();
    for folds in &mut sources {
        folds
            .sort_by(|left, right| right.score.total_cmp(&left.score).then(left.events[0].id.cmp(&right.events[0].id)));
    }
    sources.sort_by(|left, right| right[0].score.total_cmp(&left[0].score));
    sources.into_iter().flatten().collect()
}

impl Fold {
    /// The release with the version before the first event and the one after the last, if its text has changed
    /// between them: they make one change, however many edits there were.
    pub fn versions(&self) -> Option<(ReleaseId, u32, u32)> {
        let release = self.events.first()?.event.release?;
        let old = self.events.first()?.event.old_version?;
        let new = self.events.iter().rev().find_map(|recorded| recorded.event.new_version)?;
        (old != new).then_some((release, old, new))
    }
}

fn highest(events: &[RecordedEvent]) -> f64 {
    events.iter().map(weight).fold(0.0, f64::max)
}

/// What a reader looks at first: that a text is gone, then what was changed in one, then that there is a new one.
fn weight(recorded: &RecordedEvent) -> f64 {
    let event = &recorded.event;
    let text = score(&event.reasons);
    match event.kind {
        EventKind::Removed => 1.0,
        EventKind::Edited => text,
        EventKind::Restored => text.max(0.7),
        EventKind::New => 0.65,
        EventKind::Unlisted => 0.5,
        EventKind::Moved => text.max(0.3),
        EventKind::Site if event.significance == Significance::Major => 0.9,
        EventKind::Site => 0.2,
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use url::Url;

    use super::*;
    use crate::domain::model::{Event, EventId, Reason};

    fn event(id: i64, source: &str, release: Option<i64>, kind: EventKind, versions: (u32, u32)) -> RecordedEvent {
        let some = |number: u32| (number > 0).then_some(number);
        let event = Event {
            at: DateTime::UNIX_EPOCH,
            kind,
            source: SourceId(source.into()),
            url: Url::parse("https://example.org/").unwrap(),
            old_url: None,
            title: String::new(),
            fields: Vec::new(),
            significance: Significance::Major,
            reasons: vec![Reason::Number],
            summary: String::new(),
            old_version: some(versions.0),
            new_version: some(versions.1),
            explanation: String::new(),
            evidence: Vec::new(),
            release: release.map(ReleaseId),
        };
        RecordedEvent { id: EventId(id), event }
    }

    fn check(events: Vec<RecordedEvent>, wanted: &[&[i64]]) {
        let told: Vec<Vec<i64>> =
            fold(events).iter().map(|fold| fold.events.iter().map(|event| event.id.0).collect()).collect();
        assert_eq!(told, wanted);
    }

    #[test]
    fn events_of_one_release_stand_together_and_sources_apart() {
        let events = vec![
            event(1, "a", Some(1), EventKind::New, (0, 1)),
            event(2, "b", Some(7), EventKind::Edited, (1, 2)),
            event(3, "a", Some(2), EventKind::Edited, (1, 2)),
            event(4, "a", Some(1), EventKind::Edited, (1, 2)),
            event(5, "a", None, EventKind::Site, (0, 0)),
            event(6, "b", Some(8), EventKind::Removed, (1, 0)),
            event(7, "a", Some(3), EventKind::Unlisted, (0, 0)),
        ];
        check(events, &[&[6], &[2], &[1, 4], &[3], &[5], &[7]]);
    }

    #[test]
    fn several_edits_are_one_before_and_after() {
        let edit = |id, versions| event(id, "a", Some(1), EventKind::Edited, versions);
        let versions = |events| fold(events)[0].versions().map(|(_, old, new)| (old, new));
        assert_eq!(versions(vec![edit(2, (3, 5)), edit(1, (2, 3))]), Some((2, 5)));
        let removed = event(3, "a", Some(1), EventKind::Removed, (5, 0));
        assert_eq!(versions(vec![edit(1, (2, 5)), removed.clone()]), Some((2, 5)));
        assert_eq!(versions(vec![removed]), None);
        let new = event(1, "a", Some(1), EventKind::New, (0, 1));
        assert_eq!(versions(vec![new, edit(2, (1, 2))]), None);
    }
}
