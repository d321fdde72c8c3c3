//! What one observation makes of one release.

use chrono::{DateTime, Utc};

use super::boilerplate::Shared;
use super::moves::Move;
use super::remarks::told;
use super::{Against, Edit, Judge, Observation, ReleaseOutcome, Return, Seen, Sighting, edit_between};
use crate::domain::model::{
    Document, Event, EventKind, GoneStreak, Reason, Release, ReleaseState, Significance, SnapshotId, Validators,
};

impl Judge<'_> {
    /// The release at its own address. Nothing, if the observation says nothing about it.
    pub(super) fn release(&self, sighting: Sighting, shared: &Shared, unlisted: bool) -> Option<ReleaseOutcome> {
        let release = sighting.release;
        let marks_unlisted = unlisted && !release.unlisted;
        match sighting.observation {
            Observation::Seen(seen) => Some(self.seen(release, &seen, shared, unlisted)),
            Observation::NotModified { renewed } => Some(self.not_modified(release, renewed, unlisted)),
            Observation::Gone { reason, snapshot } => self.gone(release, reason, snapshot),
            Observation::Unreadable { .. } | Observation::Forbidden | Observation::Unreachable { .. } => {
                self.unread(release, marks_unlisted)
            }
            Observation::Postponed | Observation::Unasked { .. } | Observation::Duplicate { .. } => None,
        }
    }

    fn not_modified(&self, mut release: Box<Release>, renewed: Option<Validators>, unlisted: bool) -> ReleaseOutcome {
        let events = if unlisted && !release.unlisted { vec![self.unlisted(&release)] } else { Vec::new() };
        let standing = |release: &Release| (release.state, release.unlisted, release.gone.is_some());
        let (before, is_renewed) = (standing(&release), renewed.is_some());
        release.unlisted = unlisted;
        release.validators = renewed.unwrap_or(release.validators);
        self.is_there(&mut release);
        let is_as_before = before == standing(&release) && !is_renewed;
        ReleaseOutcome { is_as_before, ..outcome(release, events) }
    }

    /// What cannot be read keeps its state. Should it be dropped from its listings as well, it is as good as withdrawn.
    fn unread(&self, mut release: Box<Release>, marks_unlisted: bool) -> Option<ReleaseOutcome> {
        let streak = self.unread.get(&release.id)?.clone();
        let is_unlisted =
            marks_unlisted && release.latest.is_some() && streak.checks >= self.source.confirm_removal.checks;
        let mut events = Vec::new();
        if is_unlisted {
            let mut event = self.unlisted(&release);
            event.significance = Significance::Major;
            "on no listing any more, and cannot be read".clone_into(&mut event.summary);
            events.push(event);
            release.unlisted = true;
        }
        release.gone = Some(streak);
        Some(outcome(release, events))
    }

    fn is_there(&self, release: &mut Release) {
        release.looks.note(self.now, release.latest.is_some());
        release.seen_at = Some(self.now);
        // A removal stands until the text is read again.
        if release.state != ReleaseState::Removed {
            release.gone = None;
        }
        if release.state == ReleaseState::Suspect {
            release.state = ReleaseState::Present;
        }
    }

    fn seen(&self, mut release: Box<Release>, seen: &Seen, shared: &Shared, unlisted: bool) -> ReleaseOutcome {
        let was_removed = release.state == ReleaseState::Removed;
        let gone = release.gone.clone();
        let is_first = matches!(seen.against, Against::First);
        let read = self.read(&mut release, seen, shared);
        let mut events = Vec::new();
        if is_first && release.announce {
            events.push(self.published(&release, seen));
        }
        if was_removed {
            events.push(self.restored(&release, gone.as_ref(), seen, &read));
        } else if let Some(edit) = &read.edit {
            events.push(self.edited(&release, edit, &read, seen));
        }
        if unlisted && !release.unlisted && !was_removed {
            events.push(self.unlisted(&release));
        }
        release.unlisted = unlisted;
        release.state = ReleaseState::Present;
        release.gone = None;
        ReleaseOutcome { versions: read.versions, ..outcome(release, events) }
    }

    /// Takes the document into the release: its title, its versions, what changed.
    fn read(&self, release: &mut Release, seen: &Seen, shared: &Shared) -> Read {
        self.is_there(release);
        release.judged = Some(seen.snapshot);
        release.validators = seen.validators.clone();
        release.full_at = Some(self.now);
        release.title.clone_from(&seen.document.title);
        release.day = seen.document.date.as_ref().and_then(|date| date.day);
        let number = release.latest.as_ref().map_or(0, |latest| latest.number);
        let mut read = Read { versions: Vec::new(), edit: None, old_version: number, returns_to: None, before: None };
        let version = |number, technical| self.version(release, seen, number, seen.document.clone(), technical);
        match &seen.against {
            Against::Same => {}
            Against::First => read.versions.push(version(1, false)),
            Against::Technical => read.versions.push(version(number + 1, true)),
            Against::Edited { old, returns_to } => {
                read.before = release.latest.as_ref().map(|latest| latest.snapshot);
                let edit = shared.without(release.id, old, &seen.document);
                self.keep_old_reading(release, old, &mut read);
                let next = read.old_version + 1;
                read.versions.push(self.version(release, seen, next, seen.document.clone(), false));
                read.returns_to = *returns_to;
                read.edit = edit.filter(|_| returns_to.is_none_or(Return::is_news));
                release.changed_at = Some(self.now);
                release.looks.changes += 1;
            }
        }
        read
    }

    /// Where the old page reads otherwise than when it was stored, the new reading of it becomes a technical version,
    /// so that the versions before and after the edit differ by the edit alone.
    fn keep_old_reading(&self, release: &Release, old: &Document, read: &mut Read) {
        let Some(latest) = &release.latest else { return };
        let hash = crate::domain::normalize::content_hash(old);
        if hash != latest.hash {
            read.old_version += 1;
            read.versions.push(crate::domain::model::Version {
                release: release.id,
                number: read.old_version,
                snapshot: latest.snapshot,
                extractor: crate::domain::extract::REVISION,
                hash,
                recorded_at: self.now,
                document: old.clone(),
                technical: true,
            });
        }
    }

    fn gone(&self, mut release: Box<Release>, reason: Reason, snapshot: SnapshotId) -> Option<ReleaseOutcome> {
        if !self.withholding.lets_count(reason) {
            return None;
        }
        release.looks.note(self.now, release.latest.is_some());
        if matches!(release.state, ReleaseState::Removed | ReleaseState::Found) {
            return Some(outcome(release, Vec::new()));
        }
        let before = release.gone.take().filter(GoneStreak::is_gone);
        let streak = before.unwrap_or(GoneStreak { reason, first_at: self.now, last_at: self.now, checks: 0 });
        // A clock that was set back must not make the wait longer than what the configuration says.
        let first_at = streak.first_at.min(self.now);
        let streak = GoneStreak { reason, first_at, last_at: self.now, checks: streak.checks + 1 };
        let confirm = self.source.confirm_removal;
        let lasted = (self.now - streak.first_at).to_std().unwrap_or_default();
        let confirmed = streak.checks >= confirm.checks && lasted >= confirm.after;
        release.state = if confirmed { ReleaseState::Removed } else { ReleaseState::Suspect };
        let events = if confirmed { vec![self.removed(&release, &streak, snapshot)] } else { Vec::new() };
        release.gone = Some(streak);
        Some(outcome(release, events))
    }

    /// The release under another address: by redirect with the document seen there, or by the text of a release
    /// that was found as new.
    pub(super) fn moved(&self, sighting: Sighting, to: &Move, arrival: Option<Box<Seen>>) -> Option<ReleaseOutcome> {
        let mut release = sighting.release;
        let old_url = release.url.clone();
        let seen = match sighting.observation {
            Observation::Seen(seen) => seen,
            _ => arrival?,
        };
        let seen = match to.old.as_ref() {
            Some(old) => Seen { against: moves_against(old, &seen), ..*seen },
            None => *seen,
        };
        release.url = to.url.clone();
        let read = self.read(&mut release, &seen, &Shared::default());
        release.state = ReleaseState::Present;
        release.gone = None;
        if to.reason == Reason::Canonical {
            // The page was read at the old address: what it is known by there says nothing about the new one.
            release.validators = Validators::default();
        }
        let mut event = self.event(EventKind::Moved, &release);
        event.old_url = Some(old_url.clone());
        event.reasons = vec![to.reason];
        event.significance = Significance::Minor;
        event.summary = format!("moved from {}", old_url.path());
        event.explanation = match to.reason {
            Reason::SameText => format!("{old_url} is gone, and {} shows nearly the same text", release.url),
            Reason::Canonical => {
                format!("{old_url} names {} as its own address, which shows the same release", release.url)
            }
            _ => format!("{old_url} redirects permanently to {}, which shows the same release", release.url),
        };
        Self::explain_edit(&mut event, read.edit.as_ref(), &read, &seen);
        let merged = (to.arrival != release.id).then_some(to.arrival);
        let new_address = Some(release.url.clone());
        Some(ReleaseOutcome { versions: read.versions, new_address, merged, ..outcome(release, vec![event]) })
    }

    fn published(&self, release: &Release, seen: &Seen) -> Event {
        let mut event = self.event(EventKind::New, release);
        event.new_version = Some(1);
        event.summary = match &seen.document.date {
            Some(date) if !date.text.is_empty() => format!("published, dated {}", date.text),
            _ => "published".to_owned(),
        };
        event.explanation =
            format!("first seen at {} and read at {}", release.found_at.to_rfc3339(), self.now.to_rfc3339());
        event.evidence = vec![seen.snapshot];
        event
    }

    fn edited(&self, release: &Release, edit: &Edit, read: &Read, seen: &Seen) -> Event {
        let mut event = self.event(EventKind::Edited, release);
        Self::explain_edit(&mut event, Some(edit), read, seen);
        event
    }

    fn restored(&self, release: &Release, gone: Option<&GoneStreak>, seen: &Seen, read: &Read) -> Event {
        let mut event = self.event(EventKind::Restored, release);
        let since = gone.map(|gone| minute(gone.first_at));
        event.explanation =
            format!("readable again; it was gone since {}", since.as_deref().unwrap_or("an earlier check"));
        "back, unchanged".clone_into(&mut event.summary);
        Self::explain_edit(&mut event, read.edit.as_ref(), read, seen);
        event
    }

    fn removed(&self, release: &Release, streak: &GoneStreak, snapshot: SnapshotId) -> Event {
        let mut event = self.event(EventKind::Removed, release);
        let seen = told(streak.reason);
        event.reasons = vec![streak.reason];
        event.summary = format!("removed: the address {seen}");
        let (first, last) = (minute(streak.first_at), minute(streak.last_at));
        event.explanation = match streak.checks {
            0 | 1 => format!("the address {seen}, at {last}"),
            checks => format!("the address {seen}, in {checks} checks from {first} to {last}"),
        };
        event.old_version = release.latest.as_ref().map(|latest| latest.number);
        event.evidence = release.latest.iter().map(|latest| latest.snapshot).chain([snapshot]).collect();
        event
    }

    fn unlisted(&self, release: &Release) -> Event {
        let mut event = self.event(EventKind::Unlisted, release);
        event.reasons = vec![Reason::NotListed];
        event.significance = Significance::Minor;
        "still reachable, but on no listing any more".clone_into(&mut event.summary);
        "none of the listings that named it does so any more, though they name what stood around it"
            .clone_into(&mut event.explanation);
        event
    }

    fn explain_edit(event: &mut Event, edit: Option<&Edit>, read: &Read, seen: &Seen) {
        event.evidence = read.before.into_iter().chain([seen.snapshot]).collect();
        let Some(edit) = edit else { return };
        event.fields.clone_from(&edit.fields);
        event.significance = edit.assessment.significance.max(if event.kind == EventKind::Restored {
            Significance::Major
        } else {
            Significance::Minor
        });
        event.reasons.extend(edit.assessment.reasons.iter().copied());
        event.summary = if event.kind == EventKind::Edited {
            edit.assessment.summary.clone()
        } else {
            format!("{}; {}", event.summary.trim_end_matches(", unchanged"), edit.assessment.summary)
        };
        event.old_version = Some(read.old_version);
        event.new_version = Some(read.old_version + 1);
        if let Some(back) = read.returns_to {
            event.reasons.push(Reason::Reverted);
            event.reasons.extend(back.is_last().then_some(Reason::Unstable));
            let until = if back.is_last() { " (it keeps changing back; no more is told of that)" } else { "" };
            event.summary = format!("back to version {}{until}: {}", back.version, event.summary);
        }
        if event.explanation.is_empty() {
            event.explanation = format!("version {} differs from version {}", read.old_version + 1, read.old_version);
        }
    }
}

/// What came of reading a document.
struct Read {
    versions: Vec<crate::domain::model::Version>,
    edit: Option<Edit>,
    /// The version before the edit.
    old_version: u32,
    returns_to: Option<Return>,
    before: Option<SnapshotId>,
}

/// The document found at the new address, against the latest version at the old one.
fn moves_against(old: &Document, seen: &Seen) -> Against {
    match edit_between(old, &seen.document) {
        None => Against::Same,
        Some(_) => Against::Edited { old: Box::new(old.clone()), returns_to: None },
    }
}

fn outcome(release: Box<Release>, events: Vec<Event>) -> ReleaseOutcome {
    ReleaseOutcome { events, ..ReleaseOutcome::of_boxed(release) }
}

/// An instant for people, who may be in any zone.
fn minute(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}
