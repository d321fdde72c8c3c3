//! TOML to a checked configuration, or to mistakes that name their place in the file.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use pressdiff::config::Config;

fuzz_target!(|input: &str| {
    if let Err(error) = Config::parse(input, Path::new("/etc/pressdiff/pressdiff.toml")) {
        assert!(!error.to_string().is_empty());
    }
});
