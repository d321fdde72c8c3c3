//! The way from the address that was asked for to the one that answered.

use chrono::{DateTime, Utc};
use reqwest::header::{HeaderMap, LOCATION};
use url::Url;

use super::client::Answer;
use super::error::{FetchError, host_of};
use crate::domain::model::{Fetched, Redirect};

/// Whether a status sends the client elsewhere.
pub(super) fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// The addresses visited so far.
#[derive(Debug)]
pub(super) struct Chain {
    asked: Url,
    current: Url,
    redirects: Vec<Redirect>,
    limit: usize,
}

impl Chain {
    /// A chain that has not left its first address and may be `limit` redirects long.
    pub(super) fn new(asked: &Url, limit: usize) -> Self {
        Self { asked: asked.clone(), current: asked.clone(), redirects: Vec::new(), limit }
    }

    /// The address to ask next.
    pub(super) fn current(&self) -> &Url {
        &self.current
    }

    /// Whether no redirect was followed yet.
    pub(super) fn is_direct(&self) -> bool {
        self.redirects.is_empty()
    }

    /// Goes where a redirect leads, unless that is nowhere, back or too far.
    pub(super) fn follow(&mut self, answer: &Answer) -> Result<(), FetchError> {
        let (status, host) = (answer.status, host_of(&self.current));
        let Some(to) = location(&self.current, &answer.headers) else {
            return Err(FetchError::BadRedirect { host, status });
        };
        if self.visited(&to) {
            return Err(FetchError::RedirectLoop { host });
        }
        if self.redirects.len() == self.limit {
            return Err(FetchError::TooManyRedirects { host, limit: self.limit });
        }
        let from = std::mem::replace(&mut self.current, to.clone());
        self.redirects.push(Redirect { status, from, to });
        Ok(())
    }

    fn visited(&self, url: &Url) -> bool {
        let mut before = self.redirects.iter().map(|redirect| &redirect.from);
        same_page(&self.current, url) || before.any(|visited| same_page(visited, url))
    }

    /// The answer at the end of the chain, complete at `fetched_at`.
    pub(super) fn finish(self, answer: Answer, fetched_at: DateTime<Utc>) -> Fetched {
        Fetched {
            url: self.asked,
            final_url: self.current,
            redirects: self.redirects,
            status: answer.status,
            headers: answer.headers.iter().map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect(),
            body: answer.body,
            fetched_at,
        }
    }
}

fn location(from: &Url, headers: &HeaderMap) -> Option<Url> {
    let location = headers.get(LOCATION)?;
    let location = std::str::from_utf8(location.as_bytes()).ok()?.trim();
    from.join(location).ok().filter(|_| !location.is_empty())
}

/// Whether two addresses differ in nothing but the fragment, which servers never see.
fn same_page(left: &Url, right: &Url) -> bool {
    use url::Position::AfterQuery;
    left[..AfterQuery] == right[..AfterQuery]
}

/// Header text is UTF-8 or, as it was meant to be in 1999, Latin-1.
fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|&byte| char::from(byte)).collect(),
    }
}
