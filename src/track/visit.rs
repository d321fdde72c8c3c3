//! Fetches the releases of a source and keeps what the site answered, before anything is made of it.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::TimeDelta;
use futures_util::{StreamExt, TryStreamExt, stream};
use tracing::Instrument as _;
use url::Url;

mod turns;

use self::turns::Turn;
use super::round::Round;
use super::{Progress, TrackError, Tracker, Watcher};
use crate::domain::causes::with_causes;
use crate::domain::classify::Observation;
use crate::domain::model::{
    Fetched, Reason, Release, ReleaseId, ReleaseState, Snapshot, SnapshotId, Source, Validators,
};
use crate::domain::template::{Sample, Template};
use crate::fetch::FetchError;

/// One release with the answer to the request for it.
#[derive(Clone)]
pub(super) struct Visit {
    pub(super) release: Box<Release>,
    pub(super) answer: Answer,
}

/// What a request came to.
#[derive(Clone)]
pub(super) enum Answer {
    /// Settled by the answer's status, or by its absence.
    Settled(Observation),
    /// A body that has to be read.
    Body {
        /// Its row.
        id: SnapshotId,
        /// The answer itself, while there is room for it.
        held: Option<Snapshot>,
    },
}

/// What all visits of one look have in common.
struct VisitContext<'a> {
    source: &'a Source,
    former: &'a HashMap<ReleaseId, Url>,
    round: Round,
    watcher: Watcher<'a>,
    total: usize,
}

const SILENT: &str = "the host left the requests before it without an answer";

/// Validators lie: a full body is asked for at least this often.
const FULL_EVERY: TimeDelta = TimeDelta::hours(24);

impl Tracker {
    /// Asks for these releases. What the template of the source learns does not depend on the order of answers: it
    /// keeps the same pages, in whatever order they come, so one that it does not want now it would not keep.
    pub(super) async fn visit_all(
        &self,
        source: &Source,
        releases: Vec<Release>,
        template: Template,
        former: &HashMap<ReleaseId, Url>,
        watcher: Watcher<'_>,
    ) -> Result<(Vec<Visit>, Template), TrackError> {
        let total = releases.len();
        watcher(Progress { done: 0, total });
        let turns = self.in_turn(source, releases).await?;
        let context = VisitContext { source, former, round: Round::new(template), watcher, total };
        let mut visits = Vec::with_capacity(total);
        let skipped = self.visit_some(&context, turns, &mut visits).await?;
        // Where a host that was silent answers again, the nearest to that answer were skipped last.
        let (mut again, silent): (Vec<Turn>, Vec<Turn>) =
            skipped.into_iter().partition(|turn| context.round.is_answering(&turn.release.url));
        again.reverse();
        let skipped = self.visit_some(&context, again, &mut visits).await?;
        visits.extend(silent.into_iter().chain(skipped).map(|turn| {
            let observation = Observation::Unasked { detail: SILENT.to_owned() };
            Visit { release: turn.release, answer: Answer::Settled(observation) }
        }));
        watcher(Progress { done: total, total });
        visits.sort_by_cached_key(|visit| visit.release.id);
        Ok((visits, context.round.template.into_inner()))
    }

    /// Asks for releases in their order, and returns those that were skipped because their host is silent.
    async fn visit_some(
        &self,
        context: &VisitContext<'_>,
        turns: Vec<Turn>,
        visits: &mut Vec<Visit>,
    ) -> Result<Vec<Turn>, TrackError> {
        let mut skipped = Vec::new();
        let mut answers = stream::iter(turns)
            .map(|turn| {
                let span = tracing::debug_span!("release", url = %turn.release.url);
                self.visit(context, turn).instrument(span)
            })
            .buffer_unordered(self.concurrency);
        while let Some(visited) = answers.try_next().await? {
            match visited {
                Ok(visit) => visits.push(visit),
                Err(turn) => skipped.push(turn),
            }
            (context.watcher)(Progress { done: visits.len(), total: context.total });
        }
        Ok(skipped)
    }

    /// Asks for one release; one whose host is silent is given back.
    async fn visit(&self, context: &VisitContext<'_>, turn: Turn) -> Result<Result<Visit, Turn>, TrackError> {
        if context.round.may_ask(&turn.release.url, turn.has_answered) {
            self.ask(context, turn.release).await.map(Ok)
        } else {
            Ok(Err(turn))
        }
    }

    async fn ask(&self, context: &VisitContext<'_>, release: Box<Release>) -> Result<Visit, TrackError> {
        let VisitContext { source, former, round, .. } = context;
        // What was removed has to be seen again to count as restored: "not modified" would say too little.
        let is_due_in_full = release.state == ReleaseState::Removed
            || release.full_at.is_none_or(|at| self.now() - at >= FULL_EVERY || at > self.now());
        let validators = if is_due_in_full { Validators::default() } else { release.validators.clone() };
        let fetched = self.fetcher.fetch(&release.url, &validators).await;
        if let Err(error @ FetchError::HostHeldBack { .. }) = &fetched {
            tracing::debug!(source = %source.id, url = %release.url, error = with_causes(error), "release not asked for");
            let observation = Observation::Unasked { detail: with_causes(error) };
            return Ok(Visit { release, answer: Answer::Settled(observation) });
        }
        round.note(&release.url, fetched.as_ref().map_or_else(FetchError::is_of_answer, |_| true));
        let fetched = match fetched {
            Ok(fetched) => self.at_former_address(source, former.get(&release.id), fetched).await?,
            Err(error) => return self.failed(source, release, &error).await,
        };
        if fetched.status == 304 {
            return Ok(Visit { release, answer: Answer::Settled(Observation::NotModified { renewed: None }) });
        }
        if !is_due_in_full && says_the_same(&release, &fetched) {
            let validators = Validators { digest: release.validators.digest, ..fetched.validators() };
            let renewed = (validators != release.validators).then_some(validators);
            return Ok(Visit { release, answer: Answer::Settled(Observation::NotModified { renewed }) });
        }
        let snapshot = self.store.keep(&source.id, fetched).await?;
        if let Some(observation) = observe_status(&snapshot.fetched, snapshot.id) {
            self.note_pause(source, &release, &snapshot.fetched).await?;
            return Ok(Visit { release, answer: Answer::Settled(observation) });
        }
        if round.template.lock().await.wants(&release.url)
            && let Some(sample) = self.sample(source, &snapshot.fetched).await?
        {
            round.template.lock().await.learn(&release.url, sample, self.today());
        }
        let answer = Answer::Body { id: snapshot.id, held: round.hold(snapshot) };
        Ok(Visit { release, answer })
    }

    /// A listing may name a release by an address that it had before: it has moved back, if it is gone where it was.
    async fn at_former_address(
        &self,
        source: &Source,
        former: Option<&Url>,
        fetched: Fetched,
    ) -> Result<Fetched, TrackError> {
        let is_gone = matches!(fetched.status, 404 | 410) || !fetched.redirects.is_empty();
        let Some(former) = former.filter(|_| is_gone) else { return Ok(fetched) };
        match self.fetcher.fetch(former, &Validators::default()).await {
            Ok(there) if there.status == 200 && there.redirects.is_empty() => {
                self.store.save_snapshot(&source.id, &fetched).await?;
                Ok(there)
            }
            _ => Ok(fetched),
        }
    }

    async fn sample(&self, source: &Source, fetched: &Arc<Fetched>) -> Result<Option<Sample>, TrackError> {
        let (rule, fetched) = (source.extract.clone(), Arc::clone(fetched));
        let sample = self.parse(fetched.body.len(), move || super::reading::sample(&fetched, &rule)).await?;
        Ok(sample.ok())
    }

    /// A page for which the host wants to be left alone is asked for after the others, the next time.
    async fn note_pause(&self, source: &Source, release: &Release, fetched: &Fetched) -> Result<(), TrackError> {
        if !matches!(fetched.status, 429 | 500..=599) || fetched.header("retry-after").is_none() {
            return Ok(());
        }
        let problem = format!("answers {} and asks for a pause", fetched.status);
        self.note_failure(source, &release.url, release.seen_at, ("held-back", &problem)).await?;
        Ok(())
    }

    async fn failed(&self, source: &Source, release: Box<Release>, error: &FetchError) -> Result<Visit, TrackError> {
        let detail = with_causes(error);
        tracing::warn!(source = %source.id, url = %release.url, error = detail, "release not fetched");
        self.note_failure(source, &release.url, release.seen_at, (error.kind(), &detail)).await?;
        let observation = match error {
            FetchError::ForbiddenByRobots { .. } => Observation::Forbidden,
            _ => Observation::Unreachable { detail },
        };
        Ok(Visit { release, answer: Answer::Settled(observation) })
    }
}

/// Whether an answer is, but for headers, the one that was judged last. It says nothing new of the release, as long as
/// that is believed to be there, and is as good as "not modified": neither is kept.
fn says_the_same(release: &Release, fetched: &Fetched) -> bool {
    let is_there = matches!(release.state, ReleaseState::Present | ReleaseState::Suspect) && release.latest.is_some();
    let is_direct = fetched.redirects.is_empty() && fetched.url == release.url && fetched.status == 200;
    is_there && is_direct && release.validators.digest.is_some_and(|judged| judged == fetched.digest())
}

/// What the status alone says: nothing, if there is a body to be read.
pub(super) fn observe_status(fetched: &Fetched, snapshot: SnapshotId) -> Option<Observation> {
    let status = fetched.status;
    let unreadable = |reason: Reason| Some(Observation::Unreadable { reason, detail: format!("answers {status}") });
    match status {
        200 | 203 => None,
        404 => Some(Observation::Gone { reason: Reason::NotFound, snapshot }),
        410 => Some(Observation::Gone { reason: Reason::Gone, snapshot }),
        451 => Some(Observation::Gone { reason: Reason::LegalReasons, snapshot }),
        401 | 402 | 403 | 407 | 429 => unreadable(Reason::Blocked),
        500..=599 => Some(Observation::Unreachable { detail: format!("answers {status}") }),
        _ => unreadable(Reason::Unreadable),
    }
}
