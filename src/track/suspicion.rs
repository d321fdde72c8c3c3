//! A page that is not at all what its release was: a page for what does not exist, a login, a challenge, a notice.
//! Comparing with what the site answers to an address that cannot exist tells most of them apart (the method of
//! "soft 404" detection, Bar-Yossef et al., 2004).

use std::collections::HashMap;

use sha2::{Digest, Sha256};
use tokio::sync::Mutex;
use url::Url;

use super::reads::Context;
use super::{TrackError, Tracker};
use crate::domain::classify::Observation;
use crate::domain::extract::Extraction;
use crate::domain::likeness::Shingles;
use crate::domain::model::{Reason, Snapshot, Validators};
use crate::domain::normalize::{canonical_text, hex};

/// A page under suspicion.
pub(super) struct Suspect<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) extraction: &'a Extraction,
    pub(super) asks_password: bool,
    pub(super) whole: Shingles,
    /// Redirected away from the address of the release.
    pub(super) is_elsewhere: bool,
    pub(super) is_empty: bool,
}

/// What the site shows for addresses that cannot exist, by folder.
#[derive(Default)]
pub(super) struct Probes {
    texts: Mutex<HashMap<String, Option<Shingles>>>,
}

/// Resemblance from which two pages show the same notice; they may repeat the address that was asked for.
const SAME_NOTICE: f64 = 0.8;
/// A login page has few words of its own.
const FEW_WORDS: usize = 80;
/// Folders of a source in which it is tried what does not exist.
const MOST_PROBES: usize = 32;

impl Tracker {
    /// What the page shows in place of the release; nothing if it may be the release after all.
    pub(super) async fn examine(
        &self,
        context: &Context<'_>,
        suspect: &Suspect<'_>,
    ) -> Result<Option<Observation>, TrackError> {
        let snapshot = suspect.snapshot.id;
        let title = canonical_text(&suspect.extraction.document.title).to_lowercase();
        let unreadable =
            |reason: Reason, detail: &str| Ok(Some(Observation::Unreadable { reason, detail: detail.to_owned() }));
        if suspect.asks_password && suspect.extraction.words < FEW_WORDS {
            return unreadable(Reason::Blocked, "asks for a password");
        }
        if names_any(&title, &CHALLENGES) && suspect.extraction.words < FEW_WORDS {
            return unreadable(Reason::Blocked, "asks for a proof that we are human, or refuses us");
        }
        let is_notice = |listing: &Shingles| listing.resemblance(&suspect.whole) >= SAME_NOTICE;
        if context.walked.listing_text.as_ref().is_some_and(is_notice) && !suspect.is_elsewhere {
            return unreadable(Reason::Maintenance, "shows the same as the listing");
        }
        if suspect.is_elsewhere {
            return Ok(Some(Observation::Gone { reason: Reason::RedirectedAway, snapshot }));
        }
        let is_missing = names_any(&title, &NOT_FOUND) || self.is_missing_page(context, suspect).await?;
        if is_missing {
            return Ok(Some(Observation::Gone { reason: Reason::SoftNotFound, snapshot }));
        }
        if suspect.is_empty {
            return unreadable(Reason::Unreadable, "has no text");
        }
        Ok(None)
    }

    async fn is_missing_page(&self, context: &Context<'_>, suspect: &Suspect<'_>) -> Result<bool, TrackError> {
        let Some(probe) = probe_address(&suspect.snapshot.fetched.final_url) else { return Ok(false) };
        let folder = probe.path().trim_end_matches('/').rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        let mut texts = context.probes.texts.lock().await;
        if !texts.contains_key(&folder) && texts.len() < MOST_PROBES {
            let text = self.probe(context, &probe).await?;
            texts.insert(folder.clone(), text);
        }
        let missing = texts.get(&folder).and_then(Option::as_ref);
        Ok(missing
            .is_some_and(|missing| missing.resemblance(&Shingles::of(&suspect.extraction.document)) >= SAME_NOTICE))
    }

    async fn probe(&self, context: &Context<'_>, probe: &Url) -> Result<Option<Shingles>, TrackError> {
        let Ok(fetched) = self.fetcher.fetch(probe, &Validators::default()).await else { return Ok(None) };
        let (rule, knowledge) = (context.source.extract.clone(), std::sync::Arc::clone(&context.knowledge));
        let reading = self.parse(move || super::reading::read(&fetched, &rule, &knowledge)).await?;
        Ok(reading
            .ok()
            .map(|reading| Shingles::of(&reading.extraction.document))
            .filter(|shingles| !shingles.is_empty()))
    }
}

/// The address of the release with a last segment that nobody has ever published.
fn probe_address(url: &Url) -> Option<Url> {
    let path = url.path();
    let trimmed = path.trim_end_matches('/');
    let (folder, _) = trimmed.rsplit_once('/')?;
    let name = &hex(&Sha256::digest(url.as_str()))[..16];
    let slash = if path.ends_with('/') { "/" } else { "" };
    let mut probe = url.clone();
    probe.set_path(&format!("{folder}/no-such-page-{name}{slash}"));
    probe.set_query(None);
    probe.set_fragment(None);
    Some(probe)
}

fn names_any(title: &str, phrases: &[&str]) -> bool {
    title.len() < 120 && phrases.iter().any(|phrase| title.contains(phrase))
}

/// Titles of pages that stand between a reader and the page.
const CHALLENGES: [&str; 10] = [
    "just a moment",
    "attention required",
    "access denied",
    "access to this page has been denied",
    "verify you are human",
    "are you a robot",
    "ddos-guard",
    "checking your browser",
    "security check",
    "доступ запрещ",
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
}
