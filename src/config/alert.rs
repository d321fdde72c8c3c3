//! The sections about who is told: `[[alert]]`.

use std::path::Path;

use super::report::{Problem, Report};
use super::section::Section;
use super::source::Taken;
use super::value::{nearest, one_of, path, quoted, words};
use super::{AlertConfig, Channel};
use crate::domain::model::{EventKind, Significance, SourceId};

const KINDS: [(&str, EventKind); 7] = [
    ("new", EventKind::New),
    ("edited", EventKind::Edited),
    ("removed", EventKind::Removed),
    ("restored", EventKind::Restored),
    ("moved", EventKind::Moved),
    ("unlisted", EventKind::Unlisted),
    ("site", EventKind::Site),
];
const SIGNIFICANCES: [(&str, Significance); 2] = [("minor", Significance::Minor), ("major", Significance::Major)];

/// The alerts, unless one has a mistake.
pub(super) fn read_all(
    sections: Vec<Section<'_>>,
    ids: &Taken,
    report: &Report<'_>,
    folder: &Path,
) -> Option<Vec<AlertConfig>> {
    let mut names = Taken::default();
    let known = |text: &str| if report.is_partial() { Ok(SourceId(text.to_owned())) } else { known_source(text, ids) };
    let alerts: Vec<_> = sections.into_iter().map(|section| read(section, &mut names, known, folder)).collect();
    alerts.into_iter().collect()
}

fn read(
    mut section: Section<'_>,
    names: &mut Taken,
    known_source: impl Fn(&str) -> Result<SourceId, Problem>,
    folder: &Path,
) -> Option<AlertConfig> {
    let name = read_name(&mut section, names);
    let channel = read_channel(&mut section, folder);
    let sources = section.list("sources", known_source);
    let kinds = section.list("kinds", one_of(&KINDS));
    let min_significance = section.text("min_significance", one_of(&SIGNIFICANCES)).unwrap_or(Significance::Minor);
    let keywords = section.list("keywords", words);
    section.text("mode", immediate);
    section.refuse("digest", &Problem::new("this version has no digests yet", "leave it out: alerts come at once"));
    section.finish();
    Some(AlertConfig { name: name?, channel: channel?, sources, kinds, min_significance, keywords })
}

fn read_name(section: &mut Section<'_>, names: &mut Taken) -> Option<String> {
    let entry = section.required("name", "name = \"…\", to tell this alert from others")?;
    let name = entry.parse(words)?;
    names.claim(&entry, &name);
    Some(name)
}

fn read_channel(section: &mut Section<'_>, folder: &Path) -> Option<Channel> {
    let channel = section.required("channel", "channel = \"log\"").and_then(|entry| entry.parse(log));
    let file = section.text("path", path);
    let recipients = section.entry("to");
    channel?;
    if let Some(recipients) = recipients {
        recipients.wrong(&Problem::new("the log channel has no recipients", "leave it out, or write path = \"…\""));
    }
    Some(Channel::Log { path: file.filter(|file| file.as_os_str() != "-").map(|file| folder.join(file)) })
}

fn log(text: &str) -> Result<(), Problem> {
    match text {
        "log" => Ok(()),
        "email" | "webhook" => {
            let message = format!("{}: this version has only the log channel", quoted(text));
            Err(Problem::new(message, "write \"log\""))
        }
        _ => Err(Problem::new(format!("{}: no such channel", quoted(text)), "write \"log\"")),
    }
}

fn immediate(text: &str) -> Result<(), Problem> {
    if text == "immediate" {
        return Ok(());
    }
    let message = format!("{}: this version delivers every alert at once", quoted(text));
    Err(Problem::new(message, "write \"immediate\" or leave it out"))
}

fn known_source(text: &str, ids: &Taken) -> Result<SourceId, Problem> {
    if ids.contains(text) {
        return Ok(SourceId(text.to_owned()));
    }
    let mend = match nearest(text, ids.names()) {
        Some(near) => format!("write {near:?}"),
        None if ids.names().next().is_none() => "write a [[source]] with this id".to_owned(),
        None => format!("write one of {}", ids.names().collect::<Vec<_>>().join(", ")),
    };
    Err(Problem::new(format!("{}: no such source", quoted(text)), mend))
}
