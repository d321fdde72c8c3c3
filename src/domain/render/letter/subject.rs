//! The subject of a letter: what happened, to what, where. One line, whatever a title holds.

use unicode_segmentation::UnicodeSegmentation;

use super::sheet::one_line;
use super::told::what_happened;
use crate::domain::message::{Content, Notice, Occasion, Told};
use crate::domain::model::EventKind;

/// Characters of a subject.
const MOST: usize = 150;

/// Characters that a title gets even where the rest is long.
const LEAST_FOR_TITLE: usize = 40;

/// Sources that a subject names.
const MOST_SOURCES: usize = 3;

/// The subject. Mail programs take what begins with `=?` for encoded text and decode line ends and all else from it.
pub(super) fn subject(content: &Content) -> String {
    let subject = match content {
        Content::Event(told) => of_release(told),
        Content::Summary { occasion, told } => of_summary(*occasion, told),
        Content::Notice(notice) => shorten(&one_line(&of_notice(notice)), MOST),
    };
    subject.replace("=?", "= ?")
}

fn of_release(told: &Told) -> String {
    let Some(last) = told.events.last() else { return "pressdiff".to_owned() };
    // The title of a `site` event is the name of the source, which stands in the brackets.
    let about = one_line(if last.event.kind == EventKind::Site { &last.event.summary } else { &last.event.title });
    let about = if about.is_empty() { last.event.url.to_string() } else { about };
    fitted(&what_happened(told), &about, &shorten(&one_line(&told.source_name), LEAST_FOR_TITLE))
}

/// `what: title [source]`, of which the title gives way.
fn fitted(what: &str, title: &str, source: &str) -> String {
    let source = if source.is_empty() { String::new() } else { format!(" [{source}]") };
    let taken = what.chars().count() + 2 + source.chars().count();
    let title = shorten(title, MOST.saturating_sub(taken).max(LEAST_FOR_TITLE));
    format!("{what}: {title}{source}")
}

fn of_summary(occasion: Occasion, told: &[Told]) -> String {
    let when = match occasion {
        Occasion::Digest => "",
        Occasion::Burst => " in one check",
        Occasion::QuietHours => " in the quiet hours",
    };
    format!("{}{when} [{}]", counts(told), sources(told))
}

/// The names of the first sources.
fn sources(told: &[Told]) -> String {
    let mut names: Vec<String> = Vec::new();
    let mut last = None;
    // Releases of one source stand together.
    for release in told {
        if last.replace(&release.source_name) != Some(&release.source_name) {
            if names.len() == MOST_SOURCES {
                names.push("…".to_owned());
                break;
            }
            names.push(shorten(&one_line(&release.source_name), 30));
        }
    }
    names.join(", ")
}

/// How many releases something happened to, such as `3 edited, 1 removed`; the most first.
pub(super) fn counts(told: &[Told]) -> String {
    const KINDS: [(EventKind, &str); 7] = [
        (EventKind::Removed, "removed"),
        (EventKind::Edited, "edited"),
        (EventKind::New, "new"),
        (EventKind::Restored, "restored"),
        (EventKind::Moved, "moved"),
        (EventKind::Unlisted, "unlisted"),
        (EventKind::Site, "about the site"),
    ];
    let has = |release: &Told, kind| release.events.iter().any(|recorded| recorded.event.kind == kind);
    let count = |kind| told.iter().filter(|release| has(release, kind)).count();
    let mut counts: Vec<(usize, &str)> = KINDS.iter().map(|(kind, word)| (count(*kind), *word)).collect();
    counts.retain(|(count, _)| *count > 0);
    counts.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    counts.iter().map(|(count, word)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
}

fn of_notice(notice: &Notice) -> String {
    match notice {
        Notice::Heartbeat { releases, sources, troubles, .. } => {
            let trouble = match troubles.len() {
                0 => String::new(),
                1 => ", one in trouble".to_owned(),
                count => format!(", {count} in trouble"),
            };
            format!("still watching {} of {}{trouble}", count(*releases, "release"), count(*sources, "source"))
        }
        Notice::ChannelFailing { alert, .. } => format!("failing: the alert “{alert}” cannot be delivered"),
        Notice::ChannelRecovered { alert, .. } => format!("recovered: the alert “{alert}” is delivered again"),
        Notice::Sample => "This is a test of pressdiff".to_owned(),
    }
}

/// A number with its noun.
pub(super) fn count(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// At most so many characters, cut after a word where one ends in the second half, and never within a character as
/// readers see it.
pub(super) fn shorten(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut cut = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        used += grapheme.chars().count();
        if used >= most {
            break;
        }
        cut.push_str(grapheme);
    }
    let word_end = cut.rfind(' ').filter(|end| *end * 2 > cut.len());
    format!("{}…", cut[..word_end.unwrap_or(cut.len())].trim_end())
}
