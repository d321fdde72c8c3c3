//! The sections about who is told: `[[alert]]`, with what it is about, where it goes and when.

mod fallback;
mod words;

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

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

/// How the files of the store end that begin with its name.
const OF_STORE: [&str; 8] = ["", "-wal", "-shm", "-journal", ".lock", ".control", ".password", ".rescued"];

/// What the rest of the file says.
pub(super) struct Surroundings<'a> {
    /// The ids that the file gives.
    pub(super) sources: &'a Taken,
    pub(super) report: &'a Report<'a>,
    /// The file itself.
    pub(super) path: &'a Path,
    /// Where relative paths start.
    pub(super) folder: &'a Path,
    /// Where the record is.
    pub(super) store: &'a Path,
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
    let log = may(Kind::Log).then(|| read_log(section, surroundings));
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

fn read_log(section: &mut Section<'_>, surroundings: &Surroundings<'_>) -> Channel {
    let Some(entry) = section.entry("path") else { return Channel::Log { path: None } };
    let file = entry.parse(path).filter(|file| file.as_os_str() != "-");
    let file = file.map(|file| surroundings.folder.join(file));
    if file.as_deref().is_some_and(|file| is_taken(file, surroundings)) {
        let mend = "write a file of its own, such as \"events.jsonl\"";
        entry.wrong(&Problem::new("lines would be written into the record or the configuration", mend));
    }
    Channel::Log { path: file }
}

/// Whether a file is the configuration, the store, or one of those that stand beside it under its name.
fn is_taken(file: &Path, surroundings: &Surroundings<'_>) -> bool {
    let parts = |path: &Path| path.components().filter(|part| *part != Component::CurDir).collect::<PathBuf>();
    let (file, store) = (parts(file), parts(surroundings.store));
    let is_beside = || {
        let (name, store_name) = (file.file_name()?.to_str()?, store.file_name()?.to_str()?);
        Some(file.parent() == store.parent() && OF_STORE.contains(&name.strip_prefix(store_name)?))
    };
    file == parts(surroundings.path) || is_beside().unwrap_or_default()
}

fn read_email(section: &mut Section<'_>, is_needed: bool) -> Option<Channel> {
    if is_needed && !section.has_items("to") {
        section.missing("to", &Problem::new("nobody to write to", "write to = [\"desk@example.org\"]"));
    }
    let mut to = section.list("to", mailbox);
    let mut known = BTreeSet::new();
    // Under another name it is the same mailbox, which gets each message once.
    to.retain(|recipient| known.insert(address_of(recipient)));
    (!to.is_empty()).then_some(Channel::Email { to })
}

/// The address alone; only its domain is the same in any letters.
fn address_of(recipient: &str) -> String {
    let address = recipient.rsplit_once('<').map_or(recipient, |(_, rest)| rest.trim_end_matches('>')).trim();
    match address.rsplit_once('@') {
        Some((user, domain)) => format!("{user}@{}", domain.to_lowercase()),
        None => address.to_owned(),
    }
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
