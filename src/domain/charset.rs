//! Turns the bytes of a page, feed or sitemap into text. Servers and pages often declare a wrong encoding, so a
//! declaration is believed only where the bytes do not contradict it.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};

/// How many bytes are searched for a declaration, as browsers do.
const PRESCAN: usize = 1024;
/// How many bytes the detector reads.
const DETECTION: usize = 64 << 10;

/// Text and how it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// The text, without a byte order mark; malformed sequences became U+FFFD.
    pub text: String,
    /// Name of the encoding as the WHATWG standard spells it.
    pub encoding: &'static str,
    /// What the encoding was known from.
    pub origin: CharsetOrigin,
}

/// What an encoding was known from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CharsetOrigin {
    /// A byte order mark.
    Bom,
    /// The Content-Type header.
    Header,
    /// A `meta` element or an XML declaration.
    Meta,
    /// Nothing, but the bytes are UTF-8.
    Utf8,
    /// Nothing; guessed from the frequency of byte pairs.
    Detected,
}

/// Decodes a body; `content_type` is the header as sent.
pub fn decode(body: &[u8], content_type: Option<&str>) -> Decoded {
    if let Some((encoding, length)) = Encoding::for_bom(body) {
        return read(&body[length..], encoding, CharsetOrigin::Bom);
    }
    let utf8 = Utf8Fit::of(body);
    let header = content_type.and_then(header_encoding).map(|encoding| (encoding, CharsetOrigin::Header));
    let meta = meta_encoding(body).map(|encoding| (encoding, CharsetOrigin::Meta));
    let declared = [header, meta].into_iter().flatten().find(|(encoding, _)| is_believable(body, encoding, utf8));
    let (encoding, origin) = match declared {
        Some(declared) => declared,
        None if utf8.is_likely() => (UTF_8, CharsetOrigin::Utf8),
        None => (detect(body), CharsetOrigin::Detected),
    };
    read(body, encoding, origin)
}

fn read(body: &[u8], encoding: &'static Encoding, origin: CharsetOrigin) -> Decoded {
    let (text, _) = encoding.decode_without_bom_handling(body);
    Decoded { text: text.into_owned(), encoding: encoding.name(), origin }
}

/// How well bytes read as UTF-8.
#[derive(Clone, Copy)]
struct Utf8Fit {
    /// Well-formed characters beyond ASCII.
    valid: usize,
    /// Malformed sequences.
    invalid: usize,
}

impl Utf8Fit {
    fn of(body: &[u8]) -> Self {
        if std::str::from_utf8(body).is_ok() {
            // How many there are matters only beside malformed ones.
            return Self { valid: usize::from(!body.is_ascii()), invalid: 0 };
        }
        let mut fit = Self { valid: 0, invalid: 0 };
        for chunk in body.utf8_chunks() {
            fit.valid += chunk.valid().chars().filter(|character| !character.is_ascii()).count();
            fit.invalid += usize::from(!chunk.invalid().is_empty());
        }
        fit
    }

    /// One broken character must not turn a whole page into mojibake; legacy text has hardly any valid ones.
    fn is_likely(self) -> bool {
        self.invalid == 0 || self.valid > self.invalid
    }

    fn is_proven(self) -> bool {
        self.invalid == 0 && self.valid > 0
    }
}

fn is_believable(body: &[u8], encoding: &'static Encoding, utf8: Utf8Fit) -> bool {
    if encoding == UTF_8 {
        utf8.is_likely()
    } else if encoding == UTF_16LE || encoding == UTF_16BE {
        // Almost any bytes are some UTF-16, but markup in it is full of zeros.
        body.iter().take(PRESCAN).any(|&byte| byte == 0)
    } else if encoding.is_single_byte() {
        // Every byte sequence is legal here, but a text that is also UTF-8 was not written in it.
        !utf8.is_proven()
    } else {
        !encoding.decode_without_bom_handling(body).1
    }
}

fn detect(body: &[u8]) -> &'static Encoding {
    // Inline scripts can fill the first 64 KB with ASCII, which tells nothing.
    let start = body.iter().position(|byte| !byte.is_ascii()).unwrap_or(0);
    let sample = &body[start..body.len().min(start + DETECTION)];
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, start + sample.len() == body.len());
    detector.guess(None, Utf8Detection::Deny)
}

fn header_encoding(content_type: &str) -> Option<&'static Encoding> {
    for_label(label_after(&content_type.to_ascii_lowercase(), "charset")?)
}

/// `<meta charset=…>`, `<meta http-equiv=… content="…; charset=…">` or `<?xml … encoding=…?>`.
fn meta_encoding(body: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&body[..body.len().min(PRESCAN)]).to_ascii_lowercase();
    let head = without_comments(&head);
    let label = head
        .trim_start()
        .strip_prefix("<?xml")
        .and_then(|declaration| label_after(declaration.split('>').next()?, "encoding"))
        .or_else(|| head.split("<meta").skip(1).find_map(|tag| label_after(tag.split('>').next()?, "charset")))?;
    let encoding = for_label(label)?;
    // Bytes in which the declaration was readable cannot be UTF-16.
    Some(if encoding == UTF_16LE || encoding == UTF_16BE { UTF_8 } else { encoding })
}

fn without_comments(head: &str) -> String {
    let mut pieces = head.split("<!--");
    let mut kept = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        kept.push_str(piece.split_once("-->").map_or("", |(_, after)| after));
    }
    kept
}

/// The value in `key = "value"`, unquoted.
fn label_after<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.match_indices(key).find_map(|(at, _)| {
        let value = text[at + key.len()..].trim_start().strip_prefix('=')?;
        let value = value.trim_start().trim_start_matches(['"', '\'']);
        let end = value.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ';' | ',' | '/' | '>' | '?'));
        Some(&value[..end.unwrap_or(value.len())]).filter(|label| !label.is_empty())
    })
}

fn for_label(label: &str) -> Option<&'static Encoding> {
    let encoding = Encoding::for_label_no_replacement(label.as_bytes())?;
    Some(if encoding == X_USER_DEFINED { WINDOWS_1252 } else { encoding })
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{KOI8_R, SHIFT_JIS, WINDOWS_1251};

    const RUSSIAN: &str = "Заседание Совета министров обороны прошло в столице, сообщила пресс-служба организации.";
    const JAPANESE: &str = "外務大臣は本日の記者会見で、来週の訪問について説明しました。";

    fn check(body: &[u8], content_type: Option<&str>, expected: &str) -> (&'static str, CharsetOrigin) {
        let decoded = decode(body, content_type);
        assert!(decoded.text.contains(expected), "{}: {}", decoded.encoding, decoded.text);
        (decoded.encoding, decoded.origin)
    }

    fn encoded(text: &str, encoding: &'static Encoding) -> Vec<u8> {
        encoding.encode(text).0.into_owned()
    }

    fn page(head: &str, text: &str, encoding: &'static Encoding) -> Vec<u8> {
        encoded(&format!("<html><head>{head}</head><body><p>{text}</p></body></html>"), encoding)
    }

    #[test]
    fn declared_encodings_are_used() {
        let html5 = page("<meta charset='windows-1251'>", RUSSIAN, WINDOWS_1251);
        assert_eq!(check(&html5, None, RUSSIAN), ("windows-1251", CharsetOrigin::Meta));
        let equiv = "<META http-equiv=\"Content-Type\" content=\"text/html; charset=Windows-1251\">";
        assert_eq!(check(&page(equiv, RUSSIAN, WINDOWS_1251), None, RUSSIAN), ("windows-1251", CharsetOrigin::Meta));
        let header = Some("text/html; charset=\"windows-1251\"");
        assert_eq!(check(&page("", RUSSIAN, WINDOWS_1251), header, RUSSIAN), ("windows-1251", CharsetOrigin::Header));
        let koi8 = page("<meta charset=koi8-r>", RUSSIAN, KOI8_R);
        assert_eq!(check(&koi8, None, RUSSIAN), ("KOI8-R", CharsetOrigin::Meta));
        let japanese = page("<meta charset=\"Shift_JIS\">", JAPANESE, SHIFT_JIS);
        assert_eq!(check(&japanese, Some("text/html"), JAPANESE), ("Shift_JIS", CharsetOrigin::Meta));
        let xml = format!("<?xml version=\"1.0\" encoding=\"windows-1251\"?><rss>{RUSSIAN}</rss>");
        assert_eq!(check(&encoded(&xml, WINDOWS_1251), None, RUSSIAN), ("windows-1251", CharsetOrigin::Meta));
    }

    #[test]
    fn undeclared_encodings_are_detected_behind_any_amount_of_script() {
        let script = format!("<script>{}</script>", "var x = 1;".repeat(20_000));
        for head in ["", script.as_str()] {
            assert_eq!(check(&page(head, RUSSIAN, WINDOWS_1251), None, RUSSIAN).0, "windows-1251");
            assert_eq!(check(&page(head, RUSSIAN, KOI8_R), None, RUSSIAN).0, "KOI8-U");
            assert_eq!(check(&page(head, JAPANESE, SHIFT_JIS), None, JAPANESE).0, "Shift_JIS");
            assert_eq!(check(&page(head, RUSSIAN, UTF_8), None, RUSSIAN), ("UTF-8", CharsetOrigin::Utf8));
        }
    }

    #[test]
    fn a_wrong_label_is_not_believed() {
        let header = Some("text/html; charset=windows-1251");
        assert_eq!(check(&page("", RUSSIAN, UTF_8), header, RUSSIAN), ("UTF-8", CharsetOrigin::Utf8));
        let utf8_meta = page("<meta charset=utf-8>", RUSSIAN, UTF_8);
        assert_eq!(check(&utf8_meta, Some("text/html; charset=Shift_JIS"), RUSSIAN).0, "UTF-8");
        let legacy = page("<meta charset=utf-8>", RUSSIAN, WINDOWS_1251);
        assert_eq!(check(&legacy, Some("text/html; charset=utf-8"), RUSSIAN).0, "windows-1251");
        assert_eq!(check(&page("<meta charset=utf-16>", RUSSIAN, UTF_8), None, RUSSIAN).0, "UTF-8");
        assert_eq!(check(b"plain words", Some("text/html; charset=utf-16"), "plain words").0, "UTF-8");
        let comment = "<!-- <meta charset=koi8-r> --><meta charset=windows-1251>";
        assert_eq!(check(&page(comment, RUSSIAN, WINDOWS_1251), None, RUSSIAN).0, "windows-1251");
    }

    #[test]
    fn one_broken_character_does_not_change_the_encoding() {
        let mut body = page("", RUSSIAN, UTF_8);
        body.extend_from_slice(b"\xd0 end");
        assert_eq!(check(&body, Some("text/html; charset=utf-8"), RUSSIAN).0, "UTF-8");
        assert_eq!(check(&body, None, RUSSIAN).0, "UTF-8");
    }

    #[test]
    fn byte_order_marks_win_and_are_removed() {
        let utf8 = [b"\xef\xbb\xbf", RUSSIAN.as_bytes()].concat();
        assert_eq!(check(&utf8, Some("text/html; charset=koi8-r"), RUSSIAN), ("UTF-8", CharsetOrigin::Bom));
        assert!(!decode(&utf8, None).text.starts_with('\u{feff}'));
        let utf16: Vec<u8> =
            "\u{feff}".chars().chain(RUSSIAN.chars()).map(|c| c as u16).flat_map(u16::to_le_bytes).collect();
        assert_eq!(check(&utf16, None, RUSSIAN), ("UTF-16LE", CharsetOrigin::Bom));
    }

    #[test]
    fn nothing_is_an_empty_text() {
        assert_eq!(check(b"", Some("text/html; charset="), ""), ("UTF-8", CharsetOrigin::Utf8));
    }
}
