//! `pressdiff explain`: what counts as the release on its page, line by line.

use std::fmt::Write as _;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use clap::Args;

use super::failure::Status;
use super::lookup::find_release;
use super::output::tame;
use super::releases::state_of;
use super::session::Session;
use crate::config::Config;
use crate::domain::counted::counted;
use crate::domain::extract::Verdict;
use crate::domain::model::{Release, ReleaseState, Snapshot, VersionHead};
use crate::domain::normalize::content_hash;
use crate::domain::rule::ExtractionRule;
use crate::domain::template::Knowledge;
use crate::domain::word::word;
use crate::store::{Attempt, EventFilter, Store};
use crate::track::{Reading, read};

/// What stands in front of the lines.
const LEGEND: &str = "T title, D date, · text, C contact, - left out (why)";
/// Characters of a line that are shown.
const LONGEST_LINE: usize = 160;

/// Show what counts as the release on its page, what is left out, and why.
///
/// Shows each line of the page as it was read last: T is the title, D the date, a dot the text, C a contact line;
/// a dash marks what is left out, and why. The lines above say what state the release is in and what the last fetch
/// made of it.
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// Present or earlier address of the release
    url: String,
}

impl Explain {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Status> {
        let (config, store) = session.record()?;
        let release = find_release((&config, &store), &self.url, &session.output).await?;
        let mut text = tell_state(&release);
        text.push_str(&tell_events(&store, &release).await?);
        text.push_str(&tell_last_look(&store, &release).await?);
        if let Some(attempt) = store.find_failure(&release.url).await? {
            text.push_str(&tell_failure(&release, &attempt));
        }
        text.push_str(&tell_answer(&store, &release).await?);
        match release.judged {
            Some(id) => {
                let snapshot = store.find_snapshot(id).await?.with_context(|| format!("snapshot {id} is missing"))?;
                let knowledge = store.find_template(&release.source).await?.knowledge();
                text.push_str(&tell_page(&snapshot, release.latest.as_ref(), &rule(&config, &release), &knowledge)?);
            }
            None => text.push_str("the page has not been read yet\n"),
        }
        session.output.print(&text)?;
        Ok(Status::Done)
    }
}

fn second(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn tell_state(release: &Release) -> String {
    let mut text =
        format!("{}\n{}\nsource {}, {}\n", tame(&release.title), release.url, release.source, state_of(release));
    if let Some(streak) = &release.gone {
        let (reason, first_at) = (word(&streak.reason), second(streak.first_at));
        let what = if streak.is_gone() { "gone" } else { "not readable" };
        let _ = writeln!(text, "{what} ({reason}) in {} since {first_at}", counted(streak.checks, "check", "checks"));
    }
    if !release.announce {
        text.push_str("part of the baseline: its first reading was no event\n");
    }
    if let Some(seen_at) = release.seen_at {
        let _ = writeln!(text, "last readable {}", second(seen_at));
    }
    if let Some(last_at) = release.looks.last_at {
        let times = counted(release.looks.count, "time", "times");
        let changes = counted(release.looks.changes, "change", "changes");
        let _ = writeln!(text, "looked at {times} since its first reading, {changes}; last {}", second(last_at));
    }
    text
}

/// What the last look came to: the event that was told, or why there was none.
async fn tell_last_look(store: &Store, release: &Release) -> anyhow::Result<String> {
    if let Some((made_at, text)) = store.find_remark(release.id).await?
        && release.looks.last_at.is_none_or(|last_at| last_at <= made_at)
    {
        return Ok(format!("last look, {}, made no event: {}\n", second(made_at), tame(&text)));
    }
    let Some(last_at) = release.looks.last_at else { return Ok(String::new()) };
    let events = EventFilter { release: Some(release.id), since: Some(last_at), ..EventFilter::default() };
    let made_one = !store.list_events(events).await?.is_empty();
    Ok(match &release.latest {
        _ if made_one => format!("last look, {}, made the event above\n", second(last_at)),
        Some(_) if release.state == ReleaseState::Removed => {
            format!("last look, {}, made no event: the release is still gone\n", second(last_at))
        }
        Some(latest) if release.looks.count > 0 => {
            format!("last look, {}, made no event: nothing differs from version {}\n", second(last_at), latest.number)
        }
        _ => String::new(),
    })
}

/// The last event with what it rests on.
async fn tell_events(store: &Store, release: &Release) -> anyhow::Result<String> {
    let filter = EventFilter { release: Some(release.id), ..EventFilter::default() };
    let events = store.list_events(filter).await?;
    let Some(last) = events.last() else { return Ok("no event so far\n".to_owned()) };
    let event = &last.event;
    let mut text =
        format!("last event: {} {}, {}: {}\n", last.id, word(&event.kind), second(event.at), tame(&event.summary));
    if !event.explanation.is_empty() {
        let _ = writeln!(text, "  {}", tame(&event.explanation));
    }
    Ok(text)
}

fn tell_failure(release: &Release, attempt: &Attempt) -> String {
    let is_over = release.seen_at.is_some_and(|seen_at| seen_at > attempt.at);
    let after = if is_over { "; it was readable after that" } else { "" };
    format!("last failure that was noted: {}: {}{after}\n", second(attempt.at), tame(&attempt.message))
}

/// The last answer that was kept, if it is not the one that is explained below: one that was no page, or not judged
/// yet.
async fn tell_answer(store: &Store, release: &Release) -> anyhow::Result<String> {
    let last = store.list_snapshots(&release.url).await?.pop();
    Ok(match last.filter(|line| Some(line.id) != release.judged) {
        Some(line) => {
            let is_over = release.seen_at.is_some_and(|seen_at| seen_at > line.fetched_at);
            let after = if is_over { "; later ones said what was known" } else { "" };
            let at = second(line.fetched_at);
            format!("last answer that was kept: snapshot {}, {at}, status {}{after}\n", line.id, line.status)
        }
        None => String::new(),
    })
}

/// What the configuration says now, which may be news to the last check.
fn rule(config: &Config, release: &Release) -> ExtractionRule {
    let source = config.sources.iter().find(|source| source.id == release.source);
    source.map(|source| source.extract.clone()).unwrap_or_default()
}

fn tell_page(
    snapshot: &Snapshot,
    latest: Option<&VersionHead>,
    rule: &ExtractionRule,
    knowledge: &Knowledge,
) -> anyhow::Result<String> {
    let fetched = &snapshot.fetched;
    let mut text =
        format!("judged: snapshot {}, {}, status {}, ", snapshot.id, second(fetched.fetched_at), fetched.status);
    let _ = writeln!(text, "{} bytes, SHA-256 {}\n", fetched.body.len(), snapshot.sha256);
    let Reading { page, extraction } = read(fetched, rule, knowledge)?;
    for (line, verdict) in page.lines.iter().zip(&extraction.verdicts) {
        let pictures = if line.images.is_empty() { "" } else { "[picture] " };
        let _ = writeln!(text, "{}{}", mark(*verdict), shorten(&format!("{pictures}{}", line.text)));
    }
    let reads = match latest {
        Some(latest) if content_hash(&extraction.document) == latest.hash => {
            format!("reads the same as version {}", latest.number)
        }
        Some(latest) => format!("differs from version {}", latest.number),
        None => "is read for the first time".to_owned(),
    };
    let words = counted(extraction.words, "word", "words");
    let _ = writeln!(text, "\n{LEGEND}\n{words} of text; it {reads}");
    Ok(text)
}

fn mark(verdict: Verdict) -> String {
    match verdict {
        Verdict::Title => "T ".to_owned(),
        Verdict::Date => "D ".to_owned(),
        Verdict::Text => "· ".to_owned(),
        Verdict::Contact => "C ".to_owned(),
        Verdict::LeftOut(why) => format!("- ({why}) "),
    }
}

fn shorten(text: &str) -> String {
    let text = tame(text).replace('\t', " | ");
    match text.char_indices().nth(LONGEST_LINE) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
