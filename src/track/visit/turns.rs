//! In which order a check asks for releases: a few that do not answer, or for which a host wants to be left alone, must
//! not keep the others from their turn for ever.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use crate::domain::model::{Release, Source};
use crate::store::Attempt;
use crate::track::{TrackError, Tracker};

/// Failures of a source that are remembered, the last ones.
const MOST_FAILURES: u32 = 500;

/// A release that waits for its turn.
pub(super) struct Turn {
    pub(super) release: Box<Release>,
    /// Whether the last request for it was answered with a page.
    pub(super) has_answered: bool,
}

impl Tracker {
    /// Those that failed the last time come last, and whoever was not read for longest comes first.
    pub(super) async fn in_turn(&self, source: &Source, releases: Vec<Release>) -> Result<Vec<Turn>, TrackError> {
        let failures = self.store.list_failures(&source.id, MOST_FAILURES).await?;
        let mut failed: HashMap<&str, DateTime<Utc>> = HashMap::new();
        for Attempt { url, at, .. } in &failures {
            failed.entry(url.as_str()).or_insert(*at);
        }
        let mut turns: Vec<_> = releases
            .into_iter()
            .map(|release| {
                let key = key_of(&release, failed.get(release.url.as_str()).copied());
                let has_answered = key.0.is_none() && key.1.is_some();
                (key, Turn { release: Box::new(release), has_answered })
            })
            .collect();
        turns.sort_by_key(|(key, turn)| (*key, turn.release.id));
        Ok(turns.into_iter().map(|(_, turn)| turn).collect())
    }
}

/// When the release failed, if it did so the last time, and when it last answered.
fn key_of(release: &Release, failed_at: Option<DateTime<Utc>>) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
    let (gone, unread) = match &release.gone {
        Some(streak) if streak.is_gone() => (Some(streak.last_at), None),
        Some(streak) => (None, Some(streak.last_at)),
        None => (None, None),
    };
    let answered_at = release.full_at.max(release.seen_at).max(gone);
    (unread.max(failed_at.filter(|at| answered_at.is_none_or(|answered_at| answered_at < *at))), answered_at)
}
