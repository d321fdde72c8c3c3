//! One spelling for everything that reads the same: white space, typographic quotes and dashes, soft hyphens,
//! composed letters. The canonical text alone decides whether two documents differ; the shown text is kept.

use std::borrow::Cow;

use sha2::{Digest, Sha256};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};
use url::Url;

mod marks;

pub(crate) use marks::canonical_blocks;

use crate::domain::hex::hex;
use crate::domain::model::{BlockKind, ContentHash, Document, Image, Link};

/// Stands on both sides of text that is struck out, as in the mail of people who write plain text.
pub(crate) const STRUCK: &str = "~~";

/// Text as it is stored and shown: composed (NFC), on one line, without invisible characters.
pub fn clean_text(text: &str) -> String {
    cleaned(text).into_owned()
}

/// The same, borrowed where there is nothing to clean, as in most texts.
pub(crate) fn cleaned(text: &str) -> Cow<'_, str> {
    let trimmed = text.trim_ascii();
    if is_clean_ascii(trimmed.as_bytes()) || is_clean(trimmed) {
        Cow::Borrowed(trimmed)
    } else {
        Cow::Owned(clean(text))
    }
}

/// The same for trimmed text of ASCII alone. The look never stops early, so that it is at many bytes at once.
fn is_clean_ascii(trimmed: &[u8]) -> bool {
    let after = trimmed.get(1..).unwrap_or_default();
    let others = trimmed.iter().fold(0, |found, byte| found | u8::from(!matches!(byte, b' '..=b'~')));
    let doubles =
        trimmed.iter().zip(after).fold(0, |found, (one, next)| found | u8::from(*one == b' ' && *next == b' '));
    others == 0 && doubles == 0
}

/// Whether a text consists of plain characters with single spaces between them.
fn is_clean(text: &str) -> bool {
    let mut last = ' ';
    let is_clean = text.chars().all(|character| {
        let before = std::mem::replace(&mut last, character);
        is_plain(character) || (character == ' ' && before != ' ')
    });
    is_clean && last != ' '
}

/// Characters that are seen, and that compose with nothing: those of many texts, not all there are.
fn is_plain(character: char) -> bool {
    matches!(character, '!'..='~' | '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{2ff}' | '\u{400}'..='\u{482}'
        | '\u{48a}'..='\u{52f}' | '\u{2010}'..='\u{2027}' | '\u{4e00}'..='\u{9fff}')
}

fn clean(text: &str) -> String {
    // Invisible characters go first: one between a letter and its accent would keep them apart.
    let visible = || text.chars().filter(|character| is_space(*character) || !is_invisible(*character));
    let composed: Cow<'_, str> = match is_nfc_quick(visible()) {
        IsNormalized::Yes => Cow::Borrowed(text),
        _ => Cow::Owned(visible().nfc().collect()),
    };
    let mut cleaned = String::with_capacity(composed.len());
    for character in composed.chars() {
        if is_space(character) {
            if !cleaned.is_empty() && !cleaned.ends_with(' ') {
                cleaned.push(' ');
            }
        } else if !is_invisible(character) {
            cleaned.push(character);
        }
    }
    cleaned.truncate(cleaned.trim_end().len());
    cleaned
}

/// Text as it is compared: cleaned, with one kind of quotation mark, apostrophe, dash and ellipsis.
pub fn canonical_text(text: &str) -> String {
    canonical(text).into_owned()
}

/// The same, borrowed where there is nothing to fold.
pub(crate) fn canonical(text: &str) -> Cow<'_, str> {
    let cleaned = cleaned(text);
    if cleaned.is_ascii() && !cleaned.contains('`') && !cleaned.contains("--") {
        cleaned
    } else {
        Cow::Owned(fold(&cleaned))
    }
}

fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '“' | '”' | '„' | '‟' | '«' | '»' | '″' | '＂' | '〝' | '〞' => folded.push('"'),
            '‘' | '’' | '‚' | '‛' | '‹' | '›' | '′' | '`' | '´' | 'ʼ' | '＇' => folded.push('\''),
            // Two hyphens are how typewriters wrote a dash.
            '-' | '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' if folded.ends_with('-') => {}
            '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' => folded.push('-'),
            '…' => folded.push_str("..."),
            other => folded.push(other),
        }
    }
    folded
}

/// The identity of a link target: what leads to the same place is the same link.
pub fn canonical_target(target: &str) -> String {
    let target = without_archive(target);
    let Ok(mut url) = Url::parse(target) else { return target.trim().to_owned() };
    if url.fragment() == Some("") {
        url.set_fragment(None);
    }
    let scheme_free = url.as_str().split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    let rest = scheme_free.strip_prefix("www.").unwrap_or(scheme_free);
    rest.strip_suffix('/').unwrap_or(rest).to_owned()
}

/// Digits of the time in the addresses of archives: `/web/20190304050607/http://…`.
const DIGITS_OF_TIME: usize = 14;

/// The address that a web archive shows a capture of. In the pages that it shows, archives make all links such ones; a
/// few letters after the time say what kind of file they expect.
fn without_archive(target: &str) -> &str {
    let inner = target.match_indices("/http").find(|(at, _)| {
        let before = target[..*at].rsplit('/').next().unwrap_or_default();
        let kind = before.trim_start_matches(|character: char| character.is_ascii_digit());
        let is_kind = kind.is_empty() || kind.len() <= 4 && kind.ends_with('_');
        before.len() - kind.len() == DIGITS_OF_TIME && is_kind
    });
    inner.map_or(target, |(at, _)| &target[at + 1..])
}

/// The identity of a picture: its file name, because a redesign changes folders, sizes and cache keys,
/// but an editor who replaces a photo replaces the file.
pub fn canonical_image(image: &Image) -> String {
    let Ok(url) = Url::parse(&image.source) else { return image.source.clone() };
    let file = url.path_segments().and_then(|mut segments| segments.next_back()).unwrap_or("");
    let file = without_conversion(file);
    let (stem, extension) = file.rsplit_once('.').unwrap_or((file, ""));
    let stem = without_size_suffix(stem);
    if stem.chars().count() < 4 && is_picture(extension) {
        return url.path().to_lowercase();
    }
    if extension.len() < 3 || stem.chars().count() < 4 {
        return canonical_target(&image.source);
    }
    format!("{stem}.{extension}").to_lowercase()
}

/// `photo.jpg.webp` is a rendering of `photo.jpg` in a format that some readers prefer.
fn without_conversion(file: &str) -> &str {
    let original = [".webp", ".avif"].iter().find_map(|ending| file.strip_suffix(ending)).unwrap_or(file);
    let ending = original.rsplit_once('.').map(|(_, ending)| ending);
    if ending.is_some_and(is_picture) { original } else { file }
}

fn is_picture(ending: &str) -> bool {
    ["jpg", "jpeg", "png", "gif", "tif", "tiff"].iter().any(|picture| picture.eq_ignore_ascii_case(ending))
}

/// `photo-1024x768` and `photo@2x` are renderings of `photo`.
fn without_size_suffix(stem: &str) -> &str {
    let stem = stem.strip_suffix("@2x").unwrap_or(stem);
    let Some((name, size)) = stem.rsplit_once(['-', '_']) else { return stem };
    let is_size = size.split_once('x').is_some_and(|(width, height)| is_number(width) && is_number(height));
    if is_size { name } else { stem }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The identity of a line of a contact block: a phone number is its digits.
pub fn canonical_contact(line: &str) -> String {
    let canonical = canonical_text(line).to_lowercase();
    let mut folded = String::with_capacity(canonical.len());
    let mut characters = canonical.chars().peekable();
    while let Some(character) = characters.next() {
        let between_digits = matches!(character, ' ' | '-' | '(' | ')' | '.')
            && folded.chars().next_back().is_some_and(|last| last.is_ascii_digit() || last == '+')
            && characters.peek().is_some_and(|next| next.is_ascii_digit() || matches!(next, ' ' | '-' | '(' | ')'));
        if !between_digits {
            folded.push(character);
        }
    }
    folded
}

/// The whole text of a document as it is compared: how it is cut into blocks is markup, not text, and so is whether the
/// marks of a list are typed.
pub fn canonical_body(document: &Document) -> String {
    join_texts(canonical_blocks(&document.blocks).into_iter())
}

/// The same with the marks of lists, for looking up lines.
pub(crate) fn typed_body(document: &Document) -> String {
    join_texts(document.blocks.iter().map(|block| canonical(&block.text)))
}

fn join_texts<'a>(texts: impl Iterator<Item = Cow<'a, str>>) -> String {
    let mut body = String::new();
    for text in texts.filter(|text| !text.is_empty()) {
        body.push_str(&text);
        body.push(' ');
    }
    body.truncate(body.trim_end().len());
    body
}

/// The identity of a link: the words and where they lead.
pub fn canonical_link(link: &Link) -> (String, String) {
    (canonical_text(&link.text), canonical_target(&link.target))
}

/// Whether the words of a link are its own address: the text already tells all of it.
pub fn is_bare_address(link: &Link) -> bool {
    let words = canonical_text(&link.text);
    let address = words.split_once("://").map_or(words.as_str(), |(_, rest)| rest);
    let address = address.strip_prefix("www.").unwrap_or(address);
    let target = canonical_target(&link.target);
    !address.is_empty()
        && address.strip_suffix('/').unwrap_or(address) == target.strip_prefix("mailto:").unwrap_or(&target)
}

/// The date as it is compared: the day if it was understood, else the words; one without words is not shown as that of
/// the release.
pub fn canonical_date(document: &Document) -> Option<String> {
    document
        .date
        .as_ref()
        .filter(|date| !date.text.is_empty())
        .map(|date| date.day.map_or_else(|| canonical_text(&date.text), |day| day.to_string()))
}

/// The hash that decides whether two documents are the same version.
pub fn content_hash(document: &Document) -> ContentHash {
    let mut hasher = Sha256::new();
    let mut part = |label: &str, text: &str| {
        hasher.update(label.as_bytes());
        hasher.update((text.len() as u64).to_be_bytes());
        hasher.update(text.as_bytes());
    };
    part("title", &canonical_text(&document.title));
    part("date", &canonical_date(document).unwrap_or_default());
    part("body", &canonical_body(document));
    for (text, target) in sorted(document.links.iter().filter(|link| !is_bare_address(link)).map(canonical_link)) {
        part("link", &text);
        part("target", &target);
    }
    for image in sorted(document.images.iter().map(canonical_image)) {
        part("image", &image);
    }
    for contact in sorted(document.contacts.iter().map(|line| canonical_contact(line))) {
        part("contact", &contact);
    }
    ContentHash(hex(&hasher.finalize()))
}

/// Where a link, picture or contact stands is layout: as fields they are sets.
fn sorted<T: Ord>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.collect();
    items.sort_unstable();
    items.dedup();
    items
}

/// Whether a block is a row whose cells tabs separate.
pub fn is_row(kind: BlockKind) -> bool {
    kind == BlockKind::TableRow
}

fn is_space(character: char) -> bool {
    character.is_whitespace()
}

/// Soft hyphens, joiners, spaces without width and marks of direction are seen by no reader.
pub(crate) fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        || (character.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn typography_reads_the_same() {
        assert_eq!(canonical_text("“Rock\u{a0}–  2024”…"), "\"Rock - 2024\"...");
        assert_eq!(canonical_text("Rock -- roll"), canonical_text("Rock — roll"));
        assert_eq!(canonical_text("co\u{ad}operation"), "cooperation");
        assert_eq!(canonical_text("peo\u{200b}ple \u{feff}and \u{2060}pilots\u{200b}"), "people and pilots");
        assert_eq!(canonical_text("e\u{301}"), "é");
    }

    #[test]
    fn pictures_are_their_files() {
        let image = |source: &str| canonical_image(&Image { source: source.into(), alt: String::new() });
        assert_eq!(image("https://a.org/cache/PHOTO_1.JPG?17"), image("https://a.org/upload/PHOTO_1-300x200.JPG"));
        assert_ne!(image("https://a.org/PHOTO_1.JPG"), image("https://a.org/PHOTO_2.JPG"));
        assert_eq!(image("https://a.org/PHOTO_1.JPG"), image("https://a.org/PHOTO_1-1024x683.jpg.webp"));
        assert_ne!(image("https://a.org/photo.of.1.webp"), image("https://a.org/photo.of.2.webp"));
        assert_eq!(image("https://a.org/2024/05/1.jpg"), image("https://cdn.a.net/2024/05/1.jpg?w=320"));
        assert_ne!(image("https://a.org/2024/05/1.jpg"), image("https://a.org/2024/06/1.jpg"));
    }

    #[test]
    fn a_link_leads_to_the_same_page_where_an_archive_shows_it() {
        let plain = canonical_target("http://a.org/files/report.pdf");
        for shown in [
            "https://web.archive.org/web/20190304050607/http://a.org/files/report.pdf",
            "https://web.archive.org/web/20190304050607im_/https://www.a.org/files/report.pdf",
            "http://127.0.0.1:8080/coll/20190304050607mp_/http://a.org/files/report.pdf",
        ] {
            assert_eq!(canonical_target(shown), plain, "{shown}");
        }
        for other in
            ["https://a.org/share/http://a.org/files/report.pdf", "https://a.org/2019/http://a.org/files/report.pdf"]
        {
            assert_ne!(canonical_target(other), plain, "{other}");
        }
    }

    #[test]
    fn phones_are_their_digits() {
        assert_eq!(canonical_contact("+ 7-495-795-27-10"), canonical_contact("+7 (495) 795 27 10"));
        assert_ne!(canonical_contact("+ 7-495-795-27-10"), canonical_contact("+ 7-495-795-27-44"));
    }

    #[test]
    fn plain_characters_are_clean_by_themselves() {
        for character in (0..=u32::from(char::MAX)).filter_map(char::from_u32).filter(|one| is_plain(*one)) {
            assert_eq!(clean(&format!("{character}")), format!("{character}"));
            assert_eq!(unicode_normalization::char::canonical_combining_class(character), 0, "{character:?}");
            assert_eq!(is_nfc_quick(std::iter::once(character)), IsNormalized::Yes, "{character:?}");
        }
    }

    proptest! {
        #[test]
        fn the_short_way_gives_the_same(text in "\\PC{0,40}|[a-cé`\u{301}\u{ad}\u{200d}а-й \t\n\u{b}\u{7f}]{0,12}") {
            prop_assert_eq!(clean_text(&text), clean(&text));
            prop_assert_eq!(canonical_text(&text), fold(&clean(&text)));
        }

        #[test]
        fn normalising_twice_changes_nothing(text in "\\PC{0,80}|[a-k\u{301}\u{ad}\u{200d} ]{0,12}") {
            let once = canonical_text(&text);
            prop_assert_eq!(canonical_text(&once), once);
        }
    }
}
