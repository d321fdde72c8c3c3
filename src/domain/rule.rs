//! What somebody may write down about a source: which addresses are releases, where the article stands,
//! what to leave out. Everything is checked when the configuration is read.

use std::fmt;

use scraper::Selector;
use url::Url;

/// Optional overrides of the extraction, in CSS.
#[derive(Clone, Debug, Default)]
pub struct ExtractionRule {
    /// The element that holds the release.
    pub article: Option<CssSelector>,
    /// Elements inside it that do not belong to the release.
    pub ignore: Vec<CssSelector>,
}

/// A checked CSS selector that remembers its spelling.
#[derive(Clone, Debug)]
pub struct CssSelector {
    text: String,
    selector: Selector,
}

/// A selector that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a CSS selector")]
pub struct SelectorError {
    text: String,
}

impl CssSelector {
    /// Reads a selector, or a group of them separated by commas.
    pub fn parse(text: &str) -> Result<Self, SelectorError> {
        match Selector::parse(text) {
            Ok(selector) => Ok(Self { text: text.to_owned(), selector }),
            Err(_) => Err(SelectorError { text: text.to_owned() }),
        }
    }

    /// The parsed selector.
    pub fn selector(&self) -> &Selector {
        &self.selector
    }
}

impl fmt::Display for CssSelector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// A pattern for the path of an address: `*` is anything within one segment, `**` anything at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPattern(String);

/// A path pattern that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a path pattern: it has to start with `/`, such as `/news/**`")]
pub struct PatternError(String);

impl PathPattern {
    /// Reads a pattern; it has to start with a slash.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        if text.starts_with('/') { Ok(Self(text.to_owned())) } else { Err(PatternError(text.to_owned())) }
    }

    /// Whether the path of an address fits.
    pub fn matches(&self, url: &Url) -> bool {
        matches_glob(self.0.as_bytes(), url.path().as_bytes())
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Remembers the last star of each kind and steps back to it, so hostile patterns cost no more than a product.
fn matches_glob(pattern: &[u8], text: &[u8]) -> bool {
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    let mut rest = pattern;
    while let Some((&first, tail)) = rest.split_first() {
        let double = first == b'*' && tail.first() == Some(&b'*');
        rest = if double { &tail[1..] } else { tail };
        let mut next = vec![false; text.len() + 1];
        for at in 0..=text.len() {
            next[at] = match (first, double) {
                (b'*', true) => reached[at] || (at > 0 && next[at - 1]),
                (b'*', false) => reached[at] || (at > 0 && next[at - 1] && text[at - 1] != b'/'),
                _ => at > 0 && reached[at - 1] && text[at - 1] == first,
            };
        }
        reached = next;
    }
    reached[text.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, path: &str) -> bool {
        let url = Url::parse(&format!("https://example.org{path}")).unwrap();
        PathPattern::parse(pattern).unwrap().matches(&url)
    }

    #[test]
    fn one_star_stays_within_a_segment() {
        assert!(check("/news/*/", "/news/a/"));
        assert!(!check("/news/*/", "/news/a/b/"));
        assert!(check("/news/**", "/news/a/b/"));
        assert!(check("/**/2024-*", "/a/b/2024-01"));
        assert!(!check("/news/**", "/press/a"));
    }

    #[test]
    fn a_pattern_starts_with_a_slash() {
        assert!(PathPattern::parse("news/**").is_err());
    }
}
