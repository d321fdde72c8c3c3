//! A robots.txt and an address, divided by a NUL.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use pressdiff::fetch::fuzzing::ask_robots;
use url::Url;

fuzz_target!(|input: &[u8]| {
    let (path, text) = match input.iter().position(|byte| *byte == 0) {
        Some(at) => (&input[..at], &input[at + 1..]),
        None => (&b"/news/1/print?x=1"[..], input),
    };
    let base = Url::parse("https://example.org/").unwrap();
    let Ok(url) = base.join(&String::from_utf8_lossy(path)) else { return };
    let (allowed, delay) = ask_robots(text, &url);
    assert!(delay <= Duration::from_secs(60));
    assert_eq!((allowed, delay), ask_robots(text, &url));
});
