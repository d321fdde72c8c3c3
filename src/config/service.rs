//! The sections about the service itself: `[store]`, `[fetch]`, `[web]`.

use std::path::Path;

use super::section::Section;
use super::value::{contact, duration, path, positive_duration, size, socket};
use super::{FetchConfig, StoreConfig};

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

pub(super) fn check_web(section: Option<Section<'_>>, notes: &mut Vec<String>) {
    let Some(mut section) = section else { return };
    section.text("listen", socket);
    section.finish();
    notes.push("[web] is checked but not used: this version does not serve review pages yet".to_owned());
}
