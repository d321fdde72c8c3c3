//! Two local files as documents: HTML is read as pages are, plain text as paragraphs.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use url::Url;

use super::Pair;
use crate::domain::charset::decode;
use crate::domain::extract::extract;
use crate::domain::model::{Block, BlockKind, Document};
use crate::domain::normalize::clean_text;
use crate::domain::page::Page;
use crate::domain::render::Heading;
use crate::domain::rule::ExtractionRule;
use crate::domain::template::Knowledge;

/// Most bytes of a file; as many as a page may have.
const MOST_BYTES: u64 = Page::MOST_BYTES as u64;

/// Reads the old file and the new one.
pub(super) fn read(files: &[PathBuf]) -> anyhow::Result<Pair> {
    let [old, new] = files else { unreachable!("clap takes two files") };
    let heading = Heading {
        title: new.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        url: String::new(),
        old_label: old.display().to_string(),
        new_label: new.display().to_string(),
    };
    Ok(Pair { old: read_file(old)?, new: read_file(new)?, heading })
}

fn read_file(path: &Path) -> anyhow::Result<Document> {
    let bytes = read_bytes(path).with_context(|| format!("cannot read {}", path.display()))?;
    if let Some(kind) = foreign(&bytes) {
        bail!("{} is {kind}; only HTML and plain text can be compared", path.display());
    }
    let text = decode(&bytes, None).text;
    if is_html(path, &text) {
        read_html(&text).with_context(|| path.display().to_string())
    } else {
        Ok(read_text(&text))
    }
}

fn read_bytes(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_BYTES {
        bail!("larger than {MOST_BYTES} bytes");
    }
    Ok(bytes)
}

/// What a file is that is neither HTML nor text, by how it begins.
fn foreign(bytes: &[u8]) -> Option<&'static str> {
    let known: [(&[u8], &str); 9] = [
        (b"%PDF-", "a PDF"),
        (b"PK\x03\x04", "an archive or an office document"),
        (b"\xd0\xcf\x11\xe0", "an office document"),
        (b"{\\rtf", "an RTF document"),
        (b"\x89PNG", "a picture"),
        (b"\xff\xd8\xff", "a picture"),
        (b"GIF8", "a picture"),
        (b"\x1f\x8b", "compressed"),
        (b"SQLite format 3", "a database"),
    ];
    let utf16 = bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff");
    let binary = !utf16 && bytes.iter().take(8_000).any(|byte| *byte == 0);
    known.iter().find(|(start, _)| bytes.starts_with(start)).map(|(_, kind)| *kind).or(binary.then_some("binary"))
}

/// By its name, or by how it begins.
fn is_html(path: &Path, text: &str) -> bool {
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let start: String = text.trim_start().chars().take(9).collect::<String>().to_ascii_lowercase();
    match extension.as_str() {
        "html" | "htm" | "xhtml" => true,
        "txt" | "md" => false,
        _ => ["<!doctype", "<html", "<head", "<body", "<!--", "<?xml"].iter().any(|tag| start.starts_with(tag)),
    }
}

fn read_html(text: &str) -> anyhow::Result<Document> {
    // Relative links need a base; both files get the same.
    let base = Url::parse("http://localhost/")?;
    let page = Page::read(text, &base, &ExtractionRule::default())?;
    Ok(extract(&page, &Knowledge::default()).document)
}

/// Paragraphs are separated by empty lines.
fn read_text(text: &str) -> Document {
    let mut paragraphs = vec![String::new()];
    for line in text.lines().map(clean_text) {
        match paragraphs.last_mut() {
            Some(paragraph) if !line.is_empty() => {
                paragraph.push_str(if paragraph.is_empty() { "" } else { " " });
                paragraph.push_str(&line);
            }
            _ => paragraphs.push(String::new()),
        }
    }
    let block = |text| Block { kind: BlockKind::Paragraph, text };
    let blocks = paragraphs.into_iter().filter(|text| !text.is_empty()).map(block).collect();
    Document { blocks, ..Document::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_lines_separate_paragraphs() {
        let document = read_text("\nOne\r\ntwo \n \n\n  three\n");
        let texts: Vec<&str> = document.blocks.iter().map(|block| block.text.as_str()).collect();
        assert_eq!(texts, ["One two", "three"]);
    }

    #[test]
    fn what_is_no_text_is_named() {
        assert_eq!(foreign(b"%PDF-1.7\n%\xe2"), Some("a PDF"));
        assert_eq!(foreign(b"PK\x03\x04word/document.xml"), Some("an archive or an office document"));
        assert_eq!(foreign(b"text\0text"), Some("binary"));
        assert_eq!(foreign(b"\xff\xfea\0b\0"), None);
        assert_eq!(foreign("Ünïcode <p>".as_bytes()), None);
        assert_eq!(foreign(b""), None);
    }

    #[test]
    fn html_is_known_by_name_or_by_its_beginning() {
        assert!(is_html(Path::new("a.HTML"), "text"));
        assert!(is_html(Path::new("a"), "\n<!DOCTYPE html>"));
        assert!(!is_html(Path::new("a.txt"), "<!DOCTYPE html>"));
        assert!(!is_html(Path::new("a"), "<3 — é"));
    }
}
