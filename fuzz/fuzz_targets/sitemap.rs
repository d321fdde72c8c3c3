//! A sitemap, an index or a list to addresses, and those that are releases.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pressdiff::domain::address::{is_reasonable, same_site};
use pressdiff::domain::discover::{AddressContext, SitemapPart, keep_releases, read_sitemap};
use url::Url;

fuzz_target!(|input: &[u8]| {
    let base = Url::parse("https://example.org/sitemap.xml").unwrap();
    let is_own = |url: &Url| same_site(url, &base) && is_reasonable(url);
    match read_sitemap(input, &base) {
        Ok(SitemapPart::Urls(entries)) => {
            assert!(entries.iter().all(|entry| is_own(&entry.url)));
            let known = [Url::parse("https://example.org/news/2026/known/").unwrap()];
            let most = entries.len();
            assert!(
                keep_releases(entries.clone(), AddressContext { known: &known, ..AddressContext::default() }).len()
                    <= most
            );
            assert!(keep_releases(entries, AddressContext::default()).len() <= most);
        }
        Ok(SitemapPart::Index(urls)) => assert!(urls.iter().all(is_own)),
        Err(_) => {}
    }
});
