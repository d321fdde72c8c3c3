//! The sections about what is watched: `[[source]]` and `[source.extract]`.

use std::collections::BTreeMap;
use std::time::Duration;

use super::report::Problem;
use super::section::{Entry, Section};
use super::value::{address, cadence, duration, one_of, pattern, quoted, selector, source_id, timezone, words};
use crate::domain::cadence::Cadence;
use crate::domain::model::{ConfirmRemoval, Keep, Source, SourceId};
use crate::domain::recheck::{MAX_AGE, Recheck};
use crate::domain::rule::ExtractionRule;

const LISTING_DEPTH: u32 = 5;
const SCHEDULE: &str = "*/15 * * * *";
const SHORTEST_AGE: Duration = Duration::from_hours(1);
const LONGEST_AGE: Duration = Duration::from_hours(30 * 24);

const LONGEST_KEEP: u32 = 100 * 365;

/// Names that may be given once, with the line that gave them.
#[derive(Default)]
pub(super) struct Taken(BTreeMap<String, usize>);

impl Taken {
    /// Takes a name; one that is taken already is a mistake.
    pub(super) fn claim(&mut self, entry: &Entry<'_>, name: &str) {
        if let Some(line) = self.0.get(name) {
            let message = format!("{}: used already in line {line}", quoted(name));
            entry.wrong(&Problem::new(message, "write a name of its own"));
        } else {
            self.0.insert(name.to_owned(), entry.line());
        }
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// The sources, unless one has a mistake; and all ids that the file gives, whatever else is wrong.
pub(super) fn read_all(sections: Vec<Section<'_>>) -> (Option<Vec<Source>>, Taken) {
    let mut ids = Taken::default();
    let sources: Vec<Option<Source>> = sections.into_iter().map(|section| read(section, &mut ids)).collect();
    (sources.into_iter().collect(), ids)
}

fn read(mut section: Section<'_>, ids: &mut Taken) -> Option<Source> {
    let id = read_id(&mut section, ids);
    let name = section.text("name", words);
    check_watches_something(&section);
    let listings = section.list("listings", address);
    let feeds = section.list("feeds", address);
    let sitemaps = section.list("sitemaps", address);
    let pages = section.list("pages", address);
    let include = section.list("include", pattern);
    let listing_depth = section.number("listing_depth", 1..=1000).unwrap_or(LISTING_DEPTH);
    let schedule = match section.entry("schedule") {
        Some(entry) => entry.parse(cadence),
        None => Cadence::parse(SCHEDULE).ok(),
    };
    let timezone = section.text("timezone", timezone).unwrap_or_default();
    let recheck = read_recheck(&mut section);
    let keep = section.text("keep", keep).flatten();
    let confirm_removal = read_confirm_removal(section.section("confirm_removal"));
    let extract = read_extract(section.section("extract"));
    section.finish();
    let id = id?;
    Some(Source {
        name: name.unwrap_or_else(|| id.clone()),
        id: SourceId(id),
        listings,
        feeds,
        sitemaps,
        pages,
        include,
        listing_depth,
        schedule: schedule?,
        timezone,
        recheck,
        keep,
        confirm_removal,
        extract,
    })
}

fn read_id(section: &mut Section<'_>, ids: &mut Taken) -> Option<String> {
    let entry = section.required("id", "id = \"…\", a short name for the command line")?;
    let id = entry.parse(source_id)?;
    ids.claim(&entry, &id);
    Some(id)
}

fn check_watches_something(section: &Section<'_>) {
    let places = ["listings", "feeds", "sitemaps", "pages"];
    if !places.iter().any(|key| section.has_items(key)) {
        let mend =
            "write listings = [\"https://…\"] with the page that lists the releases, or feeds, sitemaps or pages";
        section.missing("listings", &Problem::new("nothing to watch", mend));
    }
}

/// `recheck` and `max_recheck_age`; the latter means nothing where all releases are looked at every time.
fn read_recheck(section: &mut Section<'_>) -> Recheck {
    let is_always = section.text("recheck", one_of(&[("adaptive", false), ("always", true)])).unwrap_or_default();
    let max_age = section.text("max_recheck_age", recheck_age).unwrap_or(MAX_AGE);
    if is_always { Recheck::Always } else { Recheck::Adaptive { max_age } }
}

/// What the pages of a source have in common is forgotten after two months without a look.
fn recheck_age(text: &str) -> Result<Duration, Problem> {
    let age = duration(text)?;
    if (SHORTEST_AGE..=LONGEST_AGE).contains(&age) {
        return Ok(age);
    }
    Err(Problem::new(format!("{}: out of bounds", quoted(text)), "write \"1h\" to \"30d\""))
}

/// `"forever"`, `"90d"` or `"2y"`.
fn keep(text: &str) -> Result<Option<Keep>, Problem> {
    if text == "forever" {
        return Ok(None);
    }
    let factor = if text.ends_with('y') { 365 } else { 1 };
    let number = text.strip_suffix(['d', 'y']).and_then(|number| number.parse::<u32>().ok());
    match number.and_then(|number| number.checked_mul(factor)) {
        Some(days) if (1..=LONGEST_KEEP).contains(&days) => Ok(Some(Keep { days })),
        _ => Err(Problem::new(
            format!("{}: not a time to keep", quoted(text)),
            "write \"forever\", or \"1d\" to \"100y\", such as \"90d\"",
        )),
    }
}

fn read_confirm_removal(section: Option<Section<'_>>) -> ConfirmRemoval {
    let default = ConfirmRemoval { checks: 2, after: Duration::from_hours(1) };
    let Some(mut section) = section else { return default };
    let checks = section.number("checks", 1..=1000).unwrap_or(default.checks);
    let after = section.text("after", duration).unwrap_or(default.after);
    section.finish();
    ConfirmRemoval { checks, after }
}

fn read_extract(section: Option<Section<'_>>) -> ExtractionRule {
    let Some(mut section) = section else { return ExtractionRule::default() };
    let rule = ExtractionRule { article: section.text("article", selector), ignore: section.list("ignore", selector) };
    section.finish();
    rule
}
