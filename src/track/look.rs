//! A look at releases: asked for, read with what is known now, ready to be judged.

use std::collections::HashSet;
use std::sync::Arc;

use super::reads::ReadAll;
use super::visit::{Answer, Visit};
use super::{CheckContext, TrackError, Tracker};
use crate::domain::classify::Sighting;
use crate::domain::model::{Document, ReleaseId, Source};
use crate::domain::template::{Knowledge, Template};

/// What a look saw.
pub(super) struct Look {
    pub(super) read: ReadAll,
    /// What is known of the pages of the source from now on.
    pub(super) template: Template,
    /// Releases whose outcome is recorded already.
    pub(super) recorded: HashSet<ReleaseId>,
}

impl Tracker {
    pub(super) async fn look_at_all(&self, check: &CheckContext<'_>) -> Result<Look, TrackError> {
        let releases = self.store.list_releases(&check.source.id).await?;
        let template = check.before.clone();
        let (visits, learned) =
            self.visit_all(check.source, releases, template, &check.walked.former, check.watcher).await?;
        self.read_visits(check, learned, visits).await
    }

    /// Reads the answers with what they taught.
    pub(super) async fn read_visits(
        &self,
        check: &CheckContext<'_>,
        mut template: Template,
        visits: Vec<Visit>,
    ) -> Result<Look, TrackError> {
        let today = self.today();
        template.age(today);
        // Where nothing has to be read, nothing needs to be known.
        let has_bodies = visits.iter().any(|visit| matches!(visit.answer, Answer::Body { .. }));
        let knowledge = if has_bodies { knowledge_of(&template, check.before) } else { Knowledge::default() };
        let read = self.read_all(check.source, visits, Arc::new(knowledge), check.walked).await?;
        for url in &read.unlearned {
            template.unlearn(url, check.before);
        }
        // Once more, without the pages that turned out to show something else.
        template.learn_volatile(&template.churn_since(check.before).found(), today);
        template.learn_volatile(&read.volatile, today);
        Ok(Look { read, template, recorded: HashSet::new() })
    }

    /// How the releases begin that were not read, or did not change; needed only to judge edits.
    pub(super) async fn leads(
        &self,
        source: &Source,
        sightings: &[Sighting],
    ) -> Result<Vec<(ReleaseId, Document)>, TrackError> {
        if !sightings.iter().any(is_edited) {
            return Ok(Vec::new());
        }
        let is_held = |sighting: &&Sighting| sighting.seen().is_some_and(|seen| seen.against.makes_version());
        let held = sightings.iter().filter(is_held).map(|sighting| sighting.release.id).collect();
        Ok(self.store.list_leads(&source.id, held).await?)
    }
}

/// What is known in a check, and was known at the one before.
pub(super) fn knowledge_of(template: &Template, before: &Template) -> Knowledge {
    template.knowledge().with_churn(template.churn_since(before)).after(before.knowledge())
}

fn is_edited(sighting: &Sighting) -> bool {
    sighting.seen().is_some_and(|seen| seen.against.is_edited())
}
