//! The sections about the service itself: `[store]`, `[fetch]`, `[web]`.

use std::path::Path;

use url::Url;

use super::report::Problem;
use super::section::Section;
use super::value::{address, contact, duration, path, positive_duration, size, socket, timezone};
use super::{FetchConfig, StoreConfig, WebConfig};

pub(super) fn read_store(section: Option<Section<'_>>, folder: &Path) -> StoreConfig {
    let file = section.and_then(|mut section| {
        let file = section.text("path", path);
        section.finish();
        file
    });
    StoreConfig { path: folder.join(file.unwrap_or_else(|| "pressdiff.db".into())) }
}

pub(super) fn read_fetch(section: Option<Section<'_>>) -> FetchConfig {
    let default = FetchConfig::default();
    let Some(mut section) = section else { return default };
    let config = FetchConfig {
        contact: section.text("contact", contact),
        concurrency: section.number("concurrency", 1..=256).map_or(default.concurrency, |number| number as usize),
        per_host_interval: section.text("per_host_interval", duration).unwrap_or(default.per_host_interval),
        timeout: section.text("timeout", positive_duration).unwrap_or(default.timeout),
        max_body: section
            .entry("max_body")
            .and_then(|entry| entry.parse_number_or_text(size))
            .unwrap_or(default.max_body),
        robots: section.flag("robots").unwrap_or(default.robots),
        allow_private_addresses: section.flag("allow_private_addresses").unwrap_or(default.allow_private_addresses),
    };
    section.finish();
    config
}

pub(super) fn read_web(section: Option<Section<'_>>) -> WebConfig {
    let default = WebConfig::default();
    let Some(mut section) = section else { return default };
    let mend = "leave it out and set one with `pressdiff passwd`";
    section.refuse("password", &Problem::new("passwords do not belong into this file", mend));
    let listen = section.text("listen", socket);
    let config = WebConfig {
        enabled: section.flag("enabled").unwrap_or(default.enabled),
        is_chosen: listen.is_some_and(|listen| listen != default.listen),
        listen: listen.unwrap_or(default.listen),
        url: section.text("url", root_address),
        timezone: section.text("timezone", timezone).unwrap_or(default.timezone),
    };
    section.finish();
    config
}

/// An address without path, because the pages link to each other from the root.
fn root_address(text: &str) -> Result<Url, Problem> {
    let url = address(text)?;
    if url.path() == "/" && url.query().is_none() && url.fragment().is_none() {
        return Ok(url);
    }
    let mend = "write it without a path, such as \"https://changes.example.org\"";
    Err(Problem::new("the pages cannot be served below a path", mend))
}
