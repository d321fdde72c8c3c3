//! From the bytes of an answer to lines and documents. Runs on threads of its own.

use std::sync::Arc;

use super::parsing::ParserPanic;
use crate::domain::charset::decode;
use crate::domain::extract::{Extraction, core_of, extract};
use crate::domain::model::Fetched;
use crate::domain::page::{Page, PageError};
use crate::domain::rule::ExtractionRule;
use crate::domain::template::{Knowledge, Sample};

/// Bytes at the end of a page in which its end tag stands.
const TAIL: usize = 4 << 10;

/// An answer that is no page.
#[derive(Debug, thiserror::Error)]
pub enum ReadingError {
    /// Another type than HTML or text.
    #[error("is {0}, not a page")]
    Type(String),
    /// A page that cannot be parsed.
    #[error(transparent)]
    Page(#[from] PageError),
    /// A page that no parser survives.
    #[error(transparent)]
    Panic(#[from] ParserPanic),
}

/// A page with the release found on it.
pub struct Reading {
    /// The page, line by line.
    pub page: Arc<Page>,
    /// What was found on it.
    pub extraction: Extraction,
}

/// Reads an answer by the rule of its source, with what is known of the other pages.
pub fn read(fetched: &Fetched, rule: &ExtractionRule, knowledge: &Knowledge) -> Result<Reading, ReadingError> {
    let page = Arc::new(page_of(fetched, rule)?);
    let extraction = extract(&page, knowledge);
    Ok(Reading { page, extraction })
}

/// What the template of a source learns of a page by itself.
pub(super) fn sample(fetched: &Fetched, rule: &ExtractionRule) -> Result<Sample, ReadingError> {
    let page = page_of(fetched, rule)?;
    Ok(Sample::of(&page, core_of(&page, &Knowledge::default())))
}

/// The lines of an answer.
pub(super) fn page_of(fetched: &Fetched, rule: &ExtractionRule) -> Result<Page, ReadingError> {
    let content_type = fetched.header("content-type");
    let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let text = decode(&fetched.body, content_type).text;
    match essence.as_str() {
        "text/plain" => Ok(Page::read(&preformatted(&text), &fetched.final_url, rule)?),
        "" | "text/html" | "application/xhtml+xml" => Ok(Page::read(&text, &fetched.final_url, rule)?),
        _ if text.trim_start().to_ascii_lowercase().starts_with("<!doctype html") => {
            Ok(Page::read(&text, &fetched.final_url, rule)?)
        }
        _ => Err(ReadingError::Type(essence)),
    }
}

/// Whether the end of the page was recorded.
pub(super) fn is_whole(fetched: &Fetched) -> bool {
    let tail = &fetched.body[fetched.body.len().saturating_sub(TAIL)..];
    tail.windows(6).any(|tag| tag.eq_ignore_ascii_case(b"</body") || tag.eq_ignore_ascii_case(b"</html"))
}

fn preformatted(text: &str) -> String {
    format!("<pre>{}</pre>", text.replace('&', "&amp;").replace('<', "&lt;"))
}
