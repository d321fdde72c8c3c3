//! What happens to one release at one time: the page, the version, the events.

use chrono::TimeDelta;
use pressdiff::domain::extract::REVISION;
use pressdiff::domain::model::{
    Block, BlockKind, ContentHash, Document, Event, EventKind, Fetched, Field, Reason, Release, ReleaseState,
    Significance, SnapshotId, SourceId, Version, VersionHead,
};
use pressdiff::domain::recheck::Looks;
use url::Url;

use crate::plan::{self, Coming, Plan};
use crate::words::Dice;

/// The most frequent first.
const REASONS: [Reason; 18] = [
    Reason::Wording,
    Reason::Spelling,
    Reason::Number,
    Reason::SentenceAdded,
    Reason::Punctuation,
    Reason::Date,
    Reason::Name,
    Reason::SentenceRemoved,
    Reason::Link,
    Reason::Title,
    Reason::Money,
    Reason::Image,
    Reason::Contact,
    Reason::Quote,
    Reason::Negation,
    Reason::Modal,
    Reason::Percentage,
    Reason::Rewritten,
];

pub(crate) fn address(source: usize, number: u32) -> Result<Url, url::ParseError> {
    Url::parse(&format!("https://newsroom-{source}.example/news/{}/", number + 1))
}

/// Makes what happens.
pub(crate) struct Maker {
    pub(crate) plan: Plan,
}

impl Maker {
    /// The page: short, and the same as long as the release is, so that its bytes are kept once.
    pub(crate) fn capture(&self, source: usize, coming: Coming) -> Result<Fetched, url::ParseError> {
        let url = address(source, coming.release)?;
        let text = plan::language(source).words(&mut Dice::new(coming.release.into()), 40);
        Ok(Fetched {
            final_url: url.clone(),
            url,
            redirects: Vec::new(),
            status: 200,
            headers: vec![("content-type".to_owned(), "text/html; charset=utf-8".to_owned())],
            body: format!("<!DOCTYPE html><h1>A release</h1><p>{text}</p>").into(),
            fetched_at: self.plan.time(coming.minute),
        })
    }

    /// The next version, with the events that it makes; the release goes on from there.
    pub(crate) fn happen(
        &self,
        source: usize,
        release: &mut Release,
        coming: Coming,
        snapshot: SnapshotId,
    ) -> (Version, Vec<Event>) {
        let at = self.plan.time(coming.minute);
        let number = release.latest.as_ref().map_or(1, |latest| latest.number + 1);
        let mut dice = Dice::new(u64::from(coming.release) << 20 | u64::from(number));
        let document = document(source, coming.release, number, &mut dice);
        let hash = ContentHash(format!("{:064x}", u128::from(dice.next()) << 64 | u128::from(dice.next())));
        release.title.clone_from(&document.title);
        release.latest = Some(VersionHead { number, snapshot, hash: hash.clone(), extractor: REVISION });
        release.judged = Some(snapshot);
        release.changed_at = (number > 1).then_some(at);
        release.seen_at = Some(self.plan.ends_at);
        release.full_at = Some(self.plan.ends_at);
        release.looks = self.looks(release, number, &mut dice);
        let kind = if number == 1 { EventKind::New } else { EventKind::Edited };
        let mut events = vec![event(kind, release, number, &mut dice)];
        release.state = ReleaseState::Present;
        let further = match dice.below(1_000) {
            0 | 1 => Some(EventKind::Removed),
            2 => Some(EventKind::Moved),
            3 => Some(EventKind::Unlisted),
            _ => None,
        };
        if further == Some(EventKind::Removed) {
            release.state = ReleaseState::Removed;
        }
        events.extend(further.map(|kind| event(kind, release, number, &mut dice)));
        for event in &mut events {
            event.at = at;
        }
        let extractor = REVISION;
        let id = release.id;
        let version =
            Version { release: id, number, snapshot, extractor, hash, recorded_at: at, document, technical: false };
        (version, events)
    }

    /// A release that is quiet for long was looked at long ago: by the rule that chooses, few are due at any time.
    fn looks(&self, release: &Release, number: u32, dice: &mut Dice) -> Looks {
        let begin = release.changed_at.unwrap_or(release.found_at);
        let quiet = (self.plan.ends_at - begin).max(TimeDelta::hours(1));
        let pause = (quiet / 100).min(TimeDelta::days(5)) / 1000 * i32::try_from(dice.below(1000)).unwrap_or(0);
        Looks { count: number * 20 + dice.below(400), changes: number - 1, last_at: Some(self.plan.ends_at - pause) }
    }

    /// A site that did not answer, now and then.
    pub(crate) fn trouble(&self, source: usize, last: Coming) -> Vec<Event> {
        let mut dice = Dice::new(u64::from(last.minute));
        if dice.below(4) > 0 {
            return Vec::new();
        }
        let id = SourceId(format!("newsroom-{source}"));
        let Ok(url) = Url::parse(&format!("https://{id}.example/news/")) else { return Vec::new() };
        vec![Event {
            at: self.plan.time(last.minute),
            kind: EventKind::Site,
            title: format!("Newsroom {source}"),
            summary: "The site does not answer.".to_owned(),
            source: id,
            url,
            old_url: None,
            fields: Vec::new(),
            significance: Significance::Major,
            reasons: vec![if dice.below(2) == 0 { Reason::Outage } else { Reason::Recovered }],
            old_version: None,
            new_version: None,
            explanation: "No listing could be read.".to_owned(),
            evidence: Vec::new(),
            release: None,
        }]
    }
}

/// A text of 30 to 300 words, one paragraph of which is another in each version.
fn document(source: usize, release: u32, number: u32, own: &mut Dice) -> Document {
    let language = plan::language(source);
    let mut dice = Dice::new(u64::from(release) ^ 0xabcd_ef00);
    let title = language.words(&mut dice, 7);
    let block = |text: String| Block { kind: BlockKind::Paragraph, text };
    let count = 1 + dice.below(8);
    let mut blocks: Vec<Block> = (0..count).map(|_| block(language.words(&mut dice, 30))).collect();
    blocks.push(block(format!("{} {number}", language.words(own, 12))));
    Document { title, blocks, ..Document::default() }
}

fn event(kind: EventKind, release: &Release, number: u32, dice: &mut Dice) -> Event {
    let is_edit = kind == EventKind::Edited;
    let reasons = match kind {
        EventKind::Edited => reasons(dice),
        EventKind::Removed => vec![Reason::NotFound],
        EventKind::Moved => vec![Reason::Redirected],
        EventKind::Unlisted => vec![Reason::NotListed],
        EventKind::New | EventKind::Restored | EventKind::Site => Vec::new(),
    };
    let is_minor = |reason: &Reason| {
        matches!(reason, Reason::Wording | Reason::Spelling | Reason::Punctuation | Reason::Link | Reason::Image)
    };
    let is_major = !is_edit || !reasons.iter().all(is_minor);
    Event {
        at: release.found_at,
        kind,
        source: release.source.clone(),
        url: release.url.clone(),
        old_url: (kind == EventKind::Moved).then(|| release.url.clone()),
        title: release.title.clone(),
        fields: if is_edit { vec![Field::Body] } else { Vec::new() },
        significance: if is_major { Significance::Major } else { Significance::Minor },
        reasons,
        summary: format!("“{}” became “{number}”", number - 1),
        old_version: is_edit.then(|| number - 1),
        new_version: Some(number),
        explanation: "The text was another one in two fetches.".to_owned(),
        evidence: release.judged.into_iter().collect(),
        release: Some(release.id),
    }
}

/// One to three of them; the last of the list stands in one edit of thousands.
fn reasons(dice: &mut Dice) -> Vec<Reason> {
    let mut reasons = Vec::new();
    for _ in 0..=dice.below(3) {
        let place = dice.zipf(40.0) / 2;
        let reason = REASONS[place.min(REASONS.len() - 1)];
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    if dice.below(20_000) == 0 {
        reasons.push(Reason::Unstable);
    }
    reasons
}
