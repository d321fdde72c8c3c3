//! The sections about who is told: `[[alert]]`, with what it is about, where it goes and when.

mod fallback;
mod words;

use std::path::Path;

use self::fallback::Fallback;
use self::words::{CHANNELS, KEYWORD_PLACES, KINDS, Kind, REASONS, SIGNIFICANCES};
use super::receiver::receiver;
use super::report::{Problem, Report};
use super::section::Section;
use super::source::Taken;
use super::value::{cadence, mailbox, nearest, one_of, path, quiet_hours, quoted, timezone, words as text_words};
use super::{AlertConfig, Channel, Secret};
use crate::domain::model::{Significance, SourceId};
use crate::domain::route::{Filter, KeywordPlace, Mode, Rhythm};

const BURST_LIMIT: u32 = 20;
const SECRETS: [&str; 3] = ["secret_file", "secret_credential", "secret_env"];
const WEBHOOK: [&str; 5] = ["url", "secret", SECRETS[0], SECRETS[1], SECRETS[2]];

/// What the rest of the file says.
pub(super) struct Surroundings<'a> {
    /// The ids that the file gives.
    pub(super) sources: &'a Taken,
    pub(super) report: &'a Report<'a>,
    /// Where relative paths start.
    pub(super) folder: &'a Path,
    /// Whether there is a section `[smtp]`, whatever is in it.
    pub(super) has_smtp: bool,
}

/// The alerts, unless one has a mistake.
pub(super) fn read_all(sections: Vec<Section<'_>>, surroundings: &Surroundings<'_>) -> Option<Vec<AlertConfig>> {
    let mut names = Taken::default();
    let mut fallbacks = Vec::new();
    let read = |section| read(section, &mut names, &mut fallbacks, surroundings);
    let alerts: Vec<Option<AlertConfig>> = sections.into_iter().map(read).collect();
    fallback::check(&fallbacks, &names, surroundings.report);
    alerts.into_iter().collect()
}

fn read<'a>(
    mut section: Section<'a>,
    names: &mut Taken,
    fallbacks: &mut Vec<Fallback<'a>>,
    surroundings: &Surroundings<'_>,
) -> Option<AlertConfig> {
    let name = read_name(&mut section, names);
    let channel = read_channel(&mut section, surroundings);
    let filter = read_filter(&mut section, surroundings);
    let rhythm = read_rhythm(&mut section);
    let fallback = section.entry("fallback").and_then(|entry| {
        let to = entry.parse(text_words)?;
        fallbacks.push(Fallback { from: name.clone(), to: to.clone(), entry });
        Some(to)
    });
    let heartbeat = section.text("heartbeat", cadence);
    section.finish();
    Some(AlertConfig { name: name?, channel: channel?, filter, rhythm: rhythm?, fallback, heartbeat })
}

fn read_name(section: &mut Section<'_>, names: &mut Taken) -> Option<String> {
    let entry = section.required("name", "name = \"…\", to tell this alert from others")?;
    let name = entry.parse(text_words)?;
    names.claim(&entry, &name);
    Some(name)
}

fn read_channel(section: &mut Section<'_>, surroundings: &Surroundings<'_>) -> Option<Channel> {
    let entry = section.required("channel", "channel = \"email\", \"webhook\" or \"log\"");
    let kind = entry.as_ref().and_then(|entry| entry.parse(one_of(&CHANNELS)));
    if let (Some(Kind::Email), Some(entry), false) = (kind, &entry, surroundings.has_smtp) {
        entry.wrong(&Problem::new("no server for it", "write [smtp] with host and from"));
    }
    // Without a channel that is known, keys of all channels are right.
    let may = |channel| kind.is_none_or(|kind| kind == channel);
    let log = may(Kind::Log).then(|| read_log(section, surroundings.folder));
    let email = may(Kind::Email).then(|| read_email(section, kind.is_some())).flatten();
    let webhook = may(Kind::Webhook).then(|| read_webhook(section, kind.is_some(), surroundings.folder)).flatten();
    let foreign =
        [(Kind::Log, "log", &["path"][..]), (Kind::Email, "email", &["to"]), (Kind::Webhook, "webhook", &WEBHOOK)];
    for (_, channel, keys) in foreign.into_iter().filter(|(kind, ..)| !may(*kind)) {
        for key in keys {
            section.refuse(key, &Problem::new(format!("only for channel = \"{channel}\""), "leave it out"));
        }
    }
    match kind? {
        Kind::Log => log,
        Kind::Email => email,
        Kind::Webhook => webhook,
    }
}

fn read_log(section: &mut Section<'_>, folder: &Path) -> Channel {
    let file = section.text("path", path).filter(|file| file.as_os_str() != "-");
    Channel::Log { path: file.map(|file| folder.join(file)) }
}

fn read_email(section: &mut Section<'_>, is_needed: bool) -> Option<Channel> {
    if is_needed && !section.has_items("to") {
        section.missing("to", &Problem::new("nobody to write to", "write to = [\"desk@example.org\"]"));
    }
    let to = section.list("to", mailbox);
    (!to.is_empty()).then_some(Channel::Email { to })
}

fn read_webhook(section: &mut Section<'_>, is_needed: bool, folder: &Path) -> Option<Channel> {
    let example = "url = \"https://…\"";
    let url = if is_needed { section.required("url", example) } else { section.entry("url") };
    let secret = read_secret(section, folder);
    Some(Channel::Webhook { url: url?.parse(receiver)?, secret })
}

fn read_secret(section: &mut Section<'_>, folder: &Path) -> Option<Secret> {
    let mend = "put it in a file that only this service can read and name that with secret_file, or use \
                secret_credential or secret_env";
    section.refuse("secret", &Problem::new("secrets do not belong into this file", mend));
    let mut secret = None;
    let [file, credential, variable] = SECRETS;
    let make: [(&'static str, &dyn Fn(String) -> Secret); 3] = [
        (file, &|name| Secret::File(folder.join(name))),
        (credential, &Secret::Credential),
        (variable, &Secret::Variable),
    ];
    for (key, make) in make {
        let Some(entry) = section.entry(key) else { continue };
        let given = entry.parse(text_words).map(make);
        if secret.is_some() {
            entry.wrong(&Problem::new("another secret is given as well", "keep one of the two"));
        }
        secret = secret.or(given);
    }
    secret
}

fn read_filter(section: &mut Section<'_>, surroundings: &Surroundings<'_>) -> Filter {
    let is_partial = surroundings.report.is_partial();
    let known_source = |text: &str| {
        if is_partial { Ok(SourceId(text.to_owned())) } else { known_source(text, surroundings.sources) }
    };
    Filter {
        sources: section.list("sources", known_source),
        kinds: section.list("kinds", one_of(&KINDS)),
        min_significance: section.text("min_significance", one_of(&SIGNIFICANCES)).unwrap_or(Significance::Minor),
        reasons: section.list("reasons", one_of(&REASONS)),
        keywords: section.list("keywords", text_words),
        keywords_in: section.text("keywords_in", one_of(&KEYWORD_PLACES)).unwrap_or(KeywordPlace::Change),
    }
}

fn read_rhythm(section: &mut Section<'_>) -> Option<Rhythm> {
    section.text("mode", immediate);
    let timezone = section.text("timezone", timezone).unwrap_or_default();
    if !section.has("digest") {
        section.entry("digest");
        let burst_limit = section.number("burst_limit", 1..=10_000).unwrap_or(BURST_LIMIT);
        let quiet_hours = section.text("quiet_hours", quiet_hours);
        return Some(Rhythm { mode: Mode::Immediate { burst_limit, quiet_hours }, timezone });
    }
    for (key, mend) in [
        ("mode", "leave it out beside digest"),
        ("burst_limit", "leave it out: a digest has everything in it"),
        ("quiet_hours", "leave it out: a digest comes at its own times only"),
    ] {
        section.refuse(key, &Problem::new("only for alerts that come at once", mend));
    }
    let digest = section.text("digest", cadence)?;
    Some(Rhythm { mode: Mode::Digest(digest), timezone })
}

fn immediate(text: &str) -> Result<(), Problem> {
    let mend = match text {
        "immediate" => return Ok(()),
        "digest" => "write digest = \"0 8 * * *\" with the times of the digest, and no mode",
        _ => "write \"immediate\", or digest = \"0 8 * * *\" in place of mode",
    };
    Err(Problem::new(format!("{}: not known here", quoted(text)), mend))
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
