//! A page of a listing to entries, read twice: as a stranger, and where entries stood before.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pressdiff::domain::address::{is_reasonable, same_site};
use pressdiff::domain::charset::decode;
use pressdiff::domain::discover::{MOST_ENTRIES, read_listing};
use url::Url;

fuzz_target!(|input: &[u8]| {
    let base = Url::parse("https://example.org/news/?page=2").unwrap();
    let html = decode(input, None).text;
    let Ok(page) = read_listing(&html, &base, 2, &[], None) else { return };
    assert!(page.entries.len() <= MOST_ENTRIES);
    for entry in &page.entries {
        assert!(same_site(&entry.url, &base) && is_reasonable(&entry.url), "{}", entry.url);
    }
    if let Some(next) = &page.next {
        assert!(same_site(next, &base), "{next}");
    }
    let again = read_listing(&html, &base, 2, &[], page.place).expect("what was read once is read again");
    assert!(again.entries.len() <= MOST_ENTRIES);
});
