//! Reads the first releases, as a check would: with what their pages have in common left out.

use chrono::NaiveDate;
use url::Url;

use super::{Finding, PREVIEWS, Scout, ScoutError, Seen};
use crate::domain::model::Fetched;
use crate::domain::rule::ExtractionRule;
use crate::domain::template::{Knowledge, Template};
use crate::track::reading::{read, sample};

/// Words that make a page a document of its own.
const LEAST_WORDS: usize = 80;

/// A release as a check would read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// Its address.
    pub url: Url,
    /// Its headline.
    pub title: String,
    /// Its day.
    pub day: Option<NaiveDate>,
    /// Words of its text.
    pub words: usize,
}

impl Scout<'_> {
    /// Whether a page has a text of its own.
    pub(super) async fn is_document(&self, page: &Seen) -> Result<bool, ScoutError> {
        let fetched = page.fetched.clone();
        let previews = tokio::task::spawn_blocking(move || read_all(&[fetched])).await?;
        Ok(previews.iter().any(|preview| preview.words >= LEAST_WORDS))
    }

    pub(super) async fn preview(&self, finding: &mut Finding) -> Result<(), ScoutError> {
        let first: Vec<Url> = match &finding.page {
            Some(page) => vec![page.clone()],
            None => finding.entries.iter().take(PREVIEWS).map(|entry| entry.url.clone()).collect(),
        };
        let mut pages = Vec::new();
        for url in &first {
            pages.extend(self.fetch_page(url, finding).await);
        }
        finding.previews = tokio::task::spawn_blocking(move || read_all(&pages)).await?;
        Ok(())
    }
}

fn read_all(pages: &[Fetched]) -> Vec<Preview> {
    let rule = ExtractionRule::default();
    let mut template = Template::default();
    for page in pages {
        if let Ok(sample) = sample(page, &rule) {
            template.learn(&page.url, sample, 0);
        }
    }
    let knowledge = template.knowledge();
    pages.iter().filter_map(|page| preview(page, &rule, &knowledge)).collect()
}

fn preview(page: &Fetched, rule: &ExtractionRule, knowledge: &Knowledge) -> Option<Preview> {
    let extraction = read(page, rule, knowledge).ok()?.extraction;
    Some(Preview {
        url: page.url.clone(),
        day: extraction.document.date.and_then(|date| date.day),
        title: extraction.document.title,
        words: extraction.words,
    })
}
