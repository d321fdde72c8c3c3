//! A page that is not at all what its release was: a page for what does not exist, a login, a challenge, a notice.
//! Comparing with what the site answers to an address that cannot exist tells most of them apart (the method of
//! "soft 404" detection, Bar-Yossef et al., 2004).

mod missing;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use sha2::{Digest, Sha256};
use tokio::sync::Mutex;
use url::Url;

use missing::{Missing, folded, words_of};

use super::reads::Context;
use super::{TrackError, Tracker};
use crate::domain::classify::Observation;
use crate::domain::extract::Extraction;
use crate::domain::hex::hex;
use crate::domain::likeness::Shingles;
use crate::domain::model::{Fetched, Reason, Release, Snapshot, Validators};

/// A page under suspicion.
pub(super) struct SuspectPage<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) extraction: &'a Extraction,
    pub(super) asks_password: bool,
    /// The release as it was so far.
    pub(super) release: &'a Release,
    /// Redirected away from the address of the release.
    pub(super) is_elsewhere: bool,
    pub(super) is_empty: bool,
}

/// What the site shows for addresses that cannot exist, by folder.
#[derive(Default)]
pub(super) struct Probes {
    pages: Mutex<HashMap<String, Option<Missing>>>,
    listing: Mutex<Option<Missing>>,
}

/// A login page has few words of its own.
const FEW_WORDS: usize = 80;
/// Words from which a page has a text of its own, and more to say than that there is nothing.
const OWN_WORDS: usize = 30;
/// Fits into the numbers of most databases, and is reached by none.
const NO_SUCH_NUMBER: &str = "2147480917";
/// Bytes of the title of a notice.
const LONGEST_TITLE: usize = 120;
/// Parts of a query that are looked at.
const MOST_PAIRS: usize = 16;
/// Folders of a source that are probed with an address that cannot exist.
const MOST_PROBES: usize = 32;

impl Tracker {
    /// What the page shows in place of the release; nothing if it may be the release after all.
    pub(super) async fn examine(
        &self,
        context: &Context<'_>,
        suspect: &SuspectPage<'_>,
    ) -> Result<Option<Observation>, TrackError> {
        let snapshot = suspect.snapshot.id;
        let title = folded(&suspect.extraction.document.title);
        let unreadable =
            |reason: Reason, detail: &str| Ok(Some(Observation::Unreadable { reason, detail: detail.to_owned() }));
        if let Some(wall) = wall_of(suspect, &title)
            && !(has_own_text(suspect.extraction) && self.is_believed(suspect, &title).await?)
        {
            return unreadable(Reason::Blocked, wall);
        }
        if !suspect.is_elsewhere && self.is_on_listing(context, suspect).await? {
            return unreadable(Reason::Maintenance, "shows the same as the listing");
        }
        if suspect.is_elsewhere {
            return Ok(Some(Observation::Gone { reason: Reason::RedirectedAway, snapshot }));
        }
        let is_missing = names_any(&title, &NOT_FOUND)
            && !has_own_text(suspect.extraction)
            && !self.is_believed(suspect, &title).await?
            || self.is_missing_page(context, suspect).await?;
        if is_missing {
            return Ok(Some(Observation::Gone { reason: Reason::SoftNotFound, snapshot }));
        }
        if suspect.is_empty {
            return unreadable(Reason::Unreadable, "has no text");
        }
        Ok(None)
    }

    /// Whether a new release is what it shows, though its title sounds like a notice: it says more than a notice would,
    /// and has shown that for long.
    async fn is_believed(&self, suspect: &SuspectPage<'_>, title: &str) -> Result<bool, TrackError> {
        let is_new = suspect.release.latest.is_none() && !suspect.is_empty;
        Ok(is_new && !is_phrase(title) && self.is_lasting(suspect.release).await?)
    }

    /// Whether the listing shows the same in place of its list.
    async fn is_on_listing(&self, context: &Context<'_>, suspect: &SuspectPage<'_>) -> Result<bool, TrackError> {
        let Some(listing) = &context.walked.listing else { return Ok(false) };
        let mut known = context.probes.listing.lock().await;
        if known.is_none() {
            *known = self.shown(context, listing.clone(), &HashSet::new()).await?;
        }
        let text = Shingles::of(&suspect.extraction.document);
        Ok(known.as_ref().is_some_and(|listing| listing.has_text(&text)))
    }

    async fn is_missing_page(&self, context: &Context<'_>, suspect: &SuspectPage<'_>) -> Result<bool, TrackError> {
        let Some(probe) = probe_address(&suspect.snapshot.fetched.final_url) else { return Ok(false) };
        let folder = folder_of(&probe);
        let mut pages = context.probes.pages.lock().await;
        if !pages.contains_key(&folder) && pages.len() < MOST_PROBES {
            let page = self.probe(context, &probe).await?;
            pages.insert(folder.clone(), page);
        }
        let missing = pages.get(&folder).and_then(Option::as_ref);
        let (document, address) = (&suspect.extraction.document, &suspect.snapshot.fetched.final_url);
        Ok(missing.is_some_and(|missing| missing.is_shown_by(document, address, &suspect.release.title)))
    }

    async fn probe(&self, context: &Context<'_>, probe: &Url) -> Result<Option<Missing>, TrackError> {
        let Ok(fetched) = self.fetcher.fetch(probe, &Validators::default()).await else { return Ok(None) };
        self.shown(context, fetched, &words_of(probe)).await
    }

    /// What would be taken for a release on a page.
    async fn shown(
        &self,
        context: &Context<'_>,
        fetched: Fetched,
        asked: &HashSet<String>,
    ) -> Result<Option<Missing>, TrackError> {
        let (rule, knowledge) = (context.source.extract.clone(), Arc::clone(&context.knowledge));
        let reading = self.parse(fetched.body.len(), move || super::reading::read(&fetched, &rule, &knowledge)).await?;
        Ok(reading.ok().and_then(|reading| Missing::of(&reading.extraction.document, asked)))
    }
}

/// The address of the release with a last segment that nobody has ever published; where one script answers for all
/// releases (`news.asp?id=12`), with another number or name.
fn probe_address(url: &Url) -> Option<Url> {
    let path = url.path();
    let trimmed = path.trim_end_matches('/');
    let (folder, last) = trimmed.rsplit_once('/')?;
    let name = &hex(&Sha256::digest(url.as_str()))[..16];
    let mut probe = url.clone();
    probe.set_fragment(None);
    if let Some(query) = unpublished_query(url).filter(|_| !last.contains('-') && !last.contains(is_figure)) {
        probe.query_pairs_mut().clear().extend_pairs(query);
        return Some(probe);
    }
    let slash = if path.ends_with('/') { "/" } else { "" };
    probe.set_path(&format!("{folder}/no-such-page-{name}{slash}"));
    probe.set_query(None);
    Some(probe)
}

/// The query with a value in place of the last number, or of the last value, that no release has.
fn unpublished_query(url: &Url) -> Option<Vec<(String, String)>> {
    let mut pairs: Vec<(String, String)> =
        url.query_pairs().take(MOST_PAIRS).map(|(name, value)| (name.into(), value.into())).collect();
    let is_number = |value: &str| !value.is_empty() && value.chars().all(is_figure);
    let at = pairs
        .iter()
        .rposition(|(_, value)| is_number(value))
        .or_else(|| pairs.iter().rposition(|(_, value)| !value.is_empty()))?;
    let value = if is_number(&pairs[at].1) { NO_SUCH_NUMBER } else { "no-such-page" };
    value.clone_into(&mut pairs[at].1);
    Some(pairs)
}

fn is_figure(character: char) -> bool {
    character.is_ascii_digit()
}

/// Probes with the same folder are answered alike.
fn folder_of(probe: &Url) -> String {
    match probe.query() {
        Some(_) => format!("{}?", probe.path()),
        None => probe.path().trim_end_matches('/').rsplit_once('/').map_or("", |(folder, _)| folder).to_owned(),
    }
}

/// Whether a page stands between readers and the release: it has few words of its own and no date, and its title begins
/// with saying so.
pub(super) fn is_wall(extraction: &Extraction) -> bool {
    let title = folded(&extraction.document.title);
    let begins = || parts_of(&title).any(|part| CHALLENGES.iter().any(|phrase| part.starts_with(phrase)));
    extraction.words < FEW_WORDS && extraction.document.date.is_none() && title.len() < LONGEST_TITLE && begins()
}

/// What stands between us and the release, if it seems that anything does.
fn wall_of(suspect: &SuspectPage<'_>, title: &str) -> Option<&'static str> {
    let has_little = suspect.extraction.words < FEW_WORDS;
    if suspect.asks_password && has_little {
        return Some("asks for a password");
    }
    if LOGINS.contains(&title) && has_little {
        return Some("asks us to sign in");
    }
    is_wall(suspect.extraction).then_some("asks for a proof that we are human, or refuses us")
}

/// Whether a title is what walls and notices are called, and nothing else.
fn is_phrase(title: &str) -> bool {
    let is_notice = |part: &str| [&CHALLENGES[..], &LOGINS, &NOT_FOUND].iter().any(|list| list.contains(&part));
    parts_of(title).any(|part| is_notice(part.trim_end_matches(|letter: char| !letter.is_alphanumeric())))
}

/// The parts of a title, of which one may be the name of the site.
fn parts_of(title: &str) -> impl Iterator<Item = &str> {
    let parts = title.split(['|', '–', '—', '·', ':']).flat_map(|part| part.split(" - "));
    parts.map(|part| part.trim().trim_start_matches("please "))
}

/// Whether a page has a date of publication, or more text than a notice.
fn has_own_text(extraction: &Extraction) -> bool {
    extraction.document.date.is_some() || extraction.words >= OWN_WORDS
}

/// Whether a page says in its title that there is nothing.
pub(super) fn says_not_found(title: &str) -> bool {
    names_any(&folded(title), &NOT_FOUND)
}

fn names_any(title: &str, phrases: &[&str]) -> bool {
    title.len() < LONGEST_TITLE && phrases.iter().any(|phrase| title.contains(phrase))
}

/// Titles of pages that stand between a reader and the page.
const CHALLENGES: [&str; 11] = [
    "just a moment",
    "attention required",
    "access denied",
    "access to this page has been denied",
    "request rejected",
    "verify you are human",
    "are you a robot",
    "ddos-guard",
    "checking your browser",
    "security check",
    "доступ запрещ",
];

/// Titles of pages that ask who we are, also where a script draws the field for the password.
const LOGINS: [&str; 16] = [
    "sign in",
    "log in",
    "login",
    "signin",
    "sign-in",
    "log-in",
    "anmelden",
    "anmeldung",
    "einloggen",
    "connexion",
    "se connecter",
    "iniciar sesión",
    "accedi",
    "entrar",
    "вход",
    "авторизация",
];

/// Titles of pages for what does not exist, in the languages of many sites.
const NOT_FOUND: [&str; 14] = [
    "page not found",
    "404 not found",
    "error 404",
    "404 error",
    "page does not exist",
    "no longer available",
    "страница не найдена",
    "ошибка 404",
    "seite nicht gefunden",
    "seite existiert nicht",
    "page introuvable",
    "página no encontrada",
    "página não encontrada",
    "pagina non trovata",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_stands_beside_the_release() {
        let probe = probe_address(&Url::parse("https://example.org/news/a-release/?x=1").unwrap()).unwrap();
        assert!(probe.path().starts_with("/news/no-such-page-"));
        assert!(probe.path().ends_with('/'));
        assert_eq!(probe.query(), None);
    }

    #[test]
    fn a_script_is_asked_for_another_number_or_name() {
        let probe = |url: &str| probe_address(&Url::parse(url).unwrap()).unwrap();
        assert_eq!(
            probe("https://example.org/press/news.asp?lang=2&id=12&print=no").query(),
            Some("lang=2&id=2147480917&print=no")
        );
        assert_eq!(probe("https://example.org/press/show.php?slug=harbour").query(), Some("slug=no-such-page"));
        assert_eq!(probe("https://example.org/press/show.php").query(), None);
    }
}
