//! Values of headers: Retry-After as a number or a date, and a charset in a Content-Type.
#![no_main]

use chrono::{DateTime, Utc};
use libfuzzer_sys::fuzz_target;
use pressdiff::domain::charset::decode;
use pressdiff::fetch::fuzzing::retry_after;

fuzz_target!(|input: &[u8]| {
    let now: DateTime<Utc> = "2026-03-01T12:00:00Z".parse().unwrap();
    let _ = retry_after(input, now);
    let _ = retry_after(input, DateTime::<Utc>::MAX_UTC);
    let _ = decode(b"<p>caf\xe9</p>", std::str::from_utf8(input).ok());
});
