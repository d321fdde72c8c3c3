//! A feed to entries.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pressdiff::domain::address::is_reasonable;
use pressdiff::domain::discover::{MOST_ENTRIES, read_feed};
use url::Url;

fuzz_target!(|input: &[u8]| {
    let base = Url::parse("https://example.org/feeds/news.xml").unwrap();
    if let Ok(entries) = read_feed(input, Some("application/rss+xml"), &base) {
        assert!(entries.len() <= MOST_ENTRIES);
        assert!(entries.iter().all(|entry| is_reasonable(&entry.url)));
    }
});
