//! Makes the document out of the lines that belong to it.

use super::core::Region;
use super::{Verdict, Why};
use crate::domain::model::{Block, BlockKind, Document, Image, Link, ShownDate};
use crate::domain::normalize::{canonical_target, clean_text};
use crate::domain::page::{Anchor, Line, Page, Target};

/// Most links, pictures and contact lines of a document; more is no release.
const MOST_ITEMS: usize = 2_000;

pub(super) fn document(
    page: &Page,
    verdicts: &[Verdict],
    title: String,
    date: Option<ShownDate>,
    region: &Region,
) -> Document {
    let mut document = Document { title, date, ..Document::default() };
    for (at, (line, verdict)) in page.lines.iter().zip(verdicts).enumerate() {
        match verdict {
            Verdict::Text => take_text(&mut document, line),
            // All pages say "download", each of a file of its own.
            Verdict::LeftOut(Why::Repeated(_) | Why::Counter(_)) if region.contains(at) => {
                take_links(&mut document, line, |anchor| leads_to_file(line, anchor));
            }
            Verdict::Contact if document.contacts.len() < MOST_ITEMS => document.contacts.push(line.text.clone()),
            _ => {}
        }
    }
    document
}

fn take_text(document: &mut Document, line: &Line) {
    if !line.text.is_empty() {
        document.blocks.push(Block { kind: kind_of(line), text: line.text.clone() });
    }
    for image in line.images.iter().take(MOST_ITEMS.saturating_sub(document.images.len())) {
        if is_picture(image) {
            document.images.push(image.clone());
        }
    }
    take_links(document, line, |_| true);
}

fn take_links(document: &mut Document, line: &Line, is_wanted: impl Fn(&Anchor) -> bool) {
    let room = MOST_ITEMS.saturating_sub(document.links.len());
    let wanted = line.anchors.iter().filter(|anchor| is_wanted(anchor));
    document.links.extend(wanted.filter_map(|anchor| link_of(line, anchor)).take(room));
}

/// Whether a link leads to a file, by its address or by its words: "PDF version".
fn leads_to_file(line: &Line, anchor: &Anchor) -> bool {
    let named = || line.text[anchor.range.clone()].split(|character: char| !character.is_alphanumeric());
    match anchor.target() {
        Target::File => true,
        Target::Page | Target::Elsewhere => {
            named().any(|word| FILES.iter().any(|file| word.eq_ignore_ascii_case(file)))
        }
        Target::Contact | Target::Nowhere => false,
    }
}

/// What files are called in the links to them.
const FILES: [&str; 11] = ["pdf", "doc", "docx", "epub", "odt", "ppt", "pptx", "rtf", "xls", "xlsx", "zip"];

/// A short paragraph that is bold all over is a heading in all but name.
fn kind_of(line: &Line) -> BlockKind {
    let is_bold = line.spans.iter().any(|span| span.start == 0 && span.end == line.text.len());
    let is_label = line.words() <= 15 && !line.text.ends_with(['.', ':', ';', ',', '?', '!']);
    if line.kind == BlockKind::Paragraph && is_bold && is_label { BlockKind::Heading } else { line.kind }
}

/// Icons of buttons are drawn as vectors; photographs are not.
fn is_picture(image: &Image) -> bool {
    let path = image.source.split(['?', '#']).next().unwrap_or_default();
    !path.to_ascii_lowercase().ends_with(".svg")
}

/// An address that is written out says all in its text; making it clickable is typography.
fn link_of(line: &Line, anchor: &Anchor) -> Option<Link> {
    let text = clean_text(&line.text[anchor.range.clone()]);
    let url = if text.is_empty() { None } else { anchor.url() }?;
    let target = canonical_target(url.as_str());
    let is_written_out = canonical_target(&text) == target || canonical_target(&format!("http://{text}")) == target;
    (!is_written_out).then(|| Link { text, target: crate::domain::address::canonical(&url).into() })
}
