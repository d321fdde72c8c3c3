//! Bytes to text. The first byte chooses what the header says.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pressdiff::domain::charset::decode;

const HEADERS: [Option<&str>; 6] = [
    None,
    Some("text/html; charset=utf-8"),
    Some("text/html; charset=windows-1251"),
    Some("text/html; charset=\"iso-2022-jp\""),
    Some("text/html;charset=utf-16"),
    Some("text/html; charset=gb18030; charset=big5"),
];

fuzz_target!(|input: &[u8]| {
    let Some((first, body)) = input.split_first() else { return };
    let decoded = decode(body, HEADERS[usize::from(*first) % HEADERS.len()]);
    assert!(decoded.text.len() <= body.len() * 3);
    if body.is_ascii() && !body.contains(&0) && !body.contains(&0x1b) && !body.contains(&b'~') && !body.contains(&b'+') {
        assert_eq!(decoded.text.as_bytes(), body, "{}", decoded.encoding);
    }
    // Any header at all.
    let _ = decode(body, Some(&String::from_utf8_lossy(body)));
});
