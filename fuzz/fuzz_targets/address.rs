//! One address for each release: an address, or one beside a base.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pressdiff::domain::address::{canonical, identity, is_reasonable, same_site};
use url::Url;

fuzz_target!(|input: &str| {
    let base = Url::parse("https://www.example.org/news/2026/index.html?id=7").unwrap();
    let Ok(url) = Url::parse(input).or_else(|_| base.join(input)) else { return };
    let one = canonical(&url);
    assert_eq!(canonical(&one), one, "canonical twice");
    assert_eq!(identity(&one), identity(&url));
    assert_eq!(Url::parse(one.as_str()).as_ref(), Ok(&one), "canonical is an address");
    assert_eq!(same_site(&one, &base), same_site(&url, &base));
    let _ = is_reasonable(&one);
});
