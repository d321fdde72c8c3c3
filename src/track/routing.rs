//! Who is told of what a check found out. Where keywords decide, the texts before and after are looked at.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{TrackError, Tracker};
use crate::domain::classify::{Judgement, ReleaseOutcome};
use crate::domain::model::{Document, Event, RecordedEvent, Source, Trouble};
use crate::domain::route::{Texts, plan, wanting};
use crate::store::{CheckOutcome, Router};

impl Tracker {
    /// Decides who is told of the events of a judgement.
    pub(super) async fn route(&self, judgement: &Judgement) -> Result<Router, TrackError> {
        let mut wanted = Vec::new();
        for outcome in &judgement.releases {
            for event in &outcome.events {
                let texts = self.texts(outcome, event).await?;
                wanted.push(wanting(&self.subscriptions, event, &texts));
            }
        }
        let others = judgement.events.iter();
        wanted.extend(others.map(|event| wanting(&self.subscriptions, event, &Texts::default())));
        Ok(self.router(wanted))
    }

    /// Records something about a source that no check of it can find out, such as that there is none, and tells it.
    pub async fn record_trouble(
        &self,
        source: &Source,
        trouble: Trouble,
        event: Event,
    ) -> Result<Option<RecordedEvent>, TrackError> {
        let mut state = self.store.find_source_state(&source.id).await?;
        if state.troubles.iter().any(|known| known.cause == trouble.cause) {
            return Ok(None);
        }
        state.troubles.push(trouble);
        let wanted = vec![wanting(&self.subscriptions, &event, &Texts::default())];
        let outcome = CheckOutcome {
            events: vec![event],
            alerts: self.router(wanted),
            ..CheckOutcome::quiet(source.id.clone(), self.now(), state)
        };
        Ok(self.store.record(outcome).await?.pop())
    }

    /// `wanted` holds for each event the places of the alerts that are about it.
    fn router(&self, wanted: Vec<Vec<usize>>) -> Router {
        let (subscriptions, now): (_, DateTime<Utc>) = (Arc::clone(&self.subscriptions), self.now());
        Box::new(move |_| plan(&subscriptions, &wanted, now))
    }

    async fn texts(&self, outcome: &ReleaseOutcome, event: &Event) -> Result<Texts, TrackError> {
        if !self.subscriptions.iter().any(|alert| alert.filter.needs_texts(event)) {
            return Ok(Texts::default());
        }
        let old = self.document(outcome, event.old_version).await?;
        let new = self.document(outcome, event.new_version).await?;
        Ok(Texts::new(old.as_ref(), new.as_ref()))
    }

    async fn document(&self, outcome: &ReleaseOutcome, number: Option<u32>) -> Result<Option<Document>, TrackError> {
        let Some(number) = number else { return Ok(None) };
        if let Some(version) = outcome.versions.iter().find(|version| version.number == number) {
            return Ok(Some(version.document.clone()));
        }
        let version = self.store.find_version(outcome.release.id, number).await?;
        Ok(version.map(|version| version.document))
    }
}
