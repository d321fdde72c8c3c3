//! The section about the feeds that readers subscribe to: `[feed]`.

use std::path::Path;

use url::Url;

use super::FeedConfig;
use super::report::Problem;
use super::section::Section;
use super::source::Taken;
use super::value::{address, path, quoted};

/// The name of the feed of all sources, which no source may have beside it.
const ALL: &str = "all";

/// The feeds, if there are to be any; none also where the section has a mistake.
pub(super) fn read(section: Option<Section<'_>>, ids: &Taken, folder: &Path) -> Option<FeedConfig> {
    let mut section = section?;
    let entry = section.required("folder", "folder = \"feeds\"");
    let feeds = entry.as_ref().and_then(|entry| entry.parse(path));
    let url = section.text("url", folder_address);
    let entries = section.number("entries", 1..=1000).unwrap_or(100);
    if let Some(entry) = entry.filter(|_| ids.contains(ALL)) {
        let message = "a source has the id \"all\", which is the name of the feed of all sources";
        entry.wrong(&Problem::new(message, "give the source another id"));
    }
    section.finish();
    Some(FeedConfig { folder: folder.join(feeds?), url, entries })
}

/// The address of a folder: names of files are joined to it.
fn folder_address(text: &str) -> Result<Url, Problem> {
    let url = address(text)?;
    if url.path().ends_with('/') && url.query().is_none() && url.fragment().is_none() {
        return Ok(url);
    }
    let mend = "write the address of the folder with a slash at its end, such as \"https://example.org/feeds/\"";
    Err(Problem::new(format!("{}: not the address of a folder", quoted(text)), mend))
}
