//! Finds a release by the address that somebody gives, spelled in any way that means the same.

use anyhow::{Context as _, bail};
use url::Url;

use super::failure::UsageError;
use super::output::Output;
use crate::config::Config;
use crate::domain::address::identity;
use crate::domain::model::{Release, ReleaseId, Version};
use crate::store::Store;

/// Reads an address, as browsers do also without its scheme.
pub(super) fn parse_address(text: &str) -> Result<Url, UsageError> {
    let is_site = |url: &Url| url.has_host() && url.username().is_empty();
    let parse = |text: &str| Url::parse(text).ok().filter(is_site);
    let is_bare = text.contains('.') && !text.contains(char::is_whitespace);
    let completed = || parse(&format!("https://{text}")).filter(|_| is_bare);
    parse(text).or_else(completed).ok_or_else(|| {
        UsageError(format!("`{text}` is not an address; write a whole one, such as https://example.org/news/1/"))
    })
}

/// The release that has or had this address: of a source that is watched, if there is one, and that still lives there.
/// Other watched sources that have it as well are named.
pub(super) async fn find_release(
    (config, store): (&Config, &Store),
    address: &str,
    output: &Output,
) -> anyhow::Result<Release> {
    let url = parse_address(address)?;
    let found = store.find_releases(&identity(&url)).await?;
    let is_watched = |release: &Release| config.sources.iter().any(|source| source.id == release.source);
    let (watched, former): (Vec<_>, Vec<_>) = found.into_iter().partition(is_watched);
    let others: Vec<&str> = watched.iter().skip(1).map(|release| release.source.0.as_str()).collect();
    if let ([first, ..], [_, ..]) = (watched.as_slice(), others.as_slice()) {
        let others = others.join(", ");
        output.note(&format!("this is the release of source {}; also watched as one of: {others}", first.source));
    }
    match watched.into_iter().chain(former).next() {
        Some(release) => Ok(release),
        None => bail!("no release is known at {url}; `pressdiff releases` lists those that are"),
    }
}

/// One version of a release, which has to be there.
pub(super) async fn find_version(store: &Store, release: ReleaseId, number: u32) -> anyhow::Result<Version> {
    let version = store.find_version(release, number).await?;
    if let Some(version) = version {
        return Ok(version);
    }
    let last = store.list_versions(release).await?.last().map(|line| line.number);
    let last = last.context("this release has no version yet: it was found but has not been read")?;
    bail!("there is no version {number}; the latest is {last}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_with_and_without_scheme() {
        let read = |text: &str| parse_address(text).ok().map(|url| url.to_string());
        assert_eq!(read("http://example.org/news/1/").as_deref(), Some("http://example.org/news/1/"));
        assert_eq!(read("example.org/news/1/").as_deref(), Some("https://example.org/news/1/"));
        assert_eq!(read("127.0.0.1:8080/a").as_deref(), Some("https://127.0.0.1:8080/a"));
        for text in ["", "17b", "mailto:a@example.org", "two words.org"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
