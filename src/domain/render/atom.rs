//! Events as an Atom feed (RFC 4287): to be written to a file or served, by whoever gathered the entries. The content
//! of an entry is HTML with inline styles and nothing that runs. Entries keep their ids for ever, and what XML cannot
//! hold is left out of every text.

use std::fmt::Write as _;
use std::io;

use chrono::{DateTime, SecondsFormat, Utc};
use quick_xml::Writer;
use quick_xml::escape::escape as xml_text;
use quick_xml::events::{BytesDecl, BytesText, Event as XmlEvent};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::html::text::{address, escape};
use super::{Heading, harmless, mail_html};
use crate::domain::diff::Change;
use crate::domain::model::{Event, EventKind, RecordedEvent};

/// Bytes of content of all entries together, as they are in the file; the oldest ones keep only their summary.
const MOST_CONTENT: usize = 4_000_000;
/// Bytes of content of one entry.
const MOST_IN_ENTRY: usize = 100_000;
/// Characters of a title or a summary.
const MOST_IN_LINE: usize = 300;

/// What a feed says of itself, and its entries.
#[derive(Clone, Debug)]
pub struct AtomFeed<'a> {
    /// Its id, an IRI that never changes; see [`permanent_id`].
    pub id: String,
    /// Its title.
    pub title: String,
    /// Where it can be read, if it is served anywhere.
    pub self_url: Option<&'a str>,
    /// The page that shows the same, if there is one.
    pub page_url: Option<&'a str>,
    /// When its newest event was found out; the present where there is none.
    pub updated: DateTime<Utc>,
    /// Its entries, newest first.
    pub entries: Vec<AtomEntry<'a>>,
}

/// One event in a feed.
#[derive(Clone, Debug)]
pub struct AtomEntry<'a> {
    /// Its id, an IRI that never changes; see [`permanent_id`].
    pub id: String,
    /// The event.
    pub event: &'a RecordedEvent,
    /// Name of its source, for people.
    pub source_name: &'a str,
    /// Where it can be reviewed; the entry leads to the site where nobody knows.
    pub review_url: Option<String>,
    /// HTML that can stand in a page, all text in it escaped; see [`entry_html`].
    pub content: &'a str,
}

/// An IRI for something of one store, the same whenever it is made: a UUID (version 8) of the store's own id and a
/// name within it.
pub fn permanent_id(store: &str, name: &str) -> String {
    let mut bytes: [u8; 32] = Sha256::digest(format!("pressdiff\0{store}\0{name}")).into();
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut id = String::from("urn:uuid:");
    for (index, byte) in bytes.iter().take(16).enumerate() {
        let hyphen = if matches!(index, 4 | 6 | 8 | 10) { "-" } else { "" };
        let _ = write!(id, "{hyphen}{byte:02x}");
    }
    id
}

/// The content of an entry: what changed, or what happened where no text changed.
pub fn entry_html(event: &Event, change: Option<&Change>) -> String {
    let mut html = match change {
        Some(change) => mail_html(change, &heading(event)),
        None => format!("<p>{}</p>\n<p>{}</p>\n", escape(&event.summary), address(event.url.as_str())),
    };
    if !event.explanation.is_empty() {
        let _ = writeln!(html, "<p>{}</p>", escape(&event.explanation));
    }
    html
}

fn heading(event: &Event) -> Heading {
    let label = |version: Option<u32>| version.map_or("nothing".to_owned(), |number| format!("version {number}"));
    Heading {
        title: event.title.clone(),
        url: event.url.to_string(),
        old_label: label(event.old_version),
        new_label: label(event.new_version),
    }
}

/// The feed as an XML document.
pub fn render_atom(feed: &AtomFeed<'_>) -> String {
    let mut writer = Writer::new(Vec::new());
    write_feed(&mut writer, feed).unwrap_or_else(|error| unreachable!("memory takes every byte: {error}"));
    String::from_utf8(writer.into_inner()).unwrap_or_else(|error| unreachable!("text was written: {error}"))
}

type Xml = Writer<Vec<u8>>;

fn write_feed(writer: &mut Xml, feed: &AtomFeed<'_>) -> io::Result<()> {
    writer.write_event(XmlEvent::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
    line_end(writer)?;
    let root = writer.create_element("feed").with_attribute(("xmlns", "http://www.w3.org/2005/Atom"));
    root.write_inner_content(|writer| {
        line_end(writer)?;
        text(writer, "id", &feed.id)?;
        text(writer, "title", &line_of(&feed.title))?;
        text(writer, "updated", &time(feed.updated))?;
        author(writer, "pressdiff")?;
        let generator = writer.create_element("generator").with_attribute(("version", env!("CARGO_PKG_VERSION")));
        generator.write_text_content(BytesText::new("pressdiff"))?;
        line_end(writer)?;
        if let Some(url) = feed.self_url {
            link(writer, "self", "application/atom+xml", url)?;
        }
        if let Some(url) = feed.page_url {
            link(writer, "alternate", "text/html", url)?;
        }
        let mut room = MOST_CONTENT;
        feed.entries.iter().try_for_each(|entry| write_entry(writer, entry, &mut room))
    })?;
    line_end(writer)
}

fn write_entry(writer: &mut Xml, entry: &AtomEntry<'_>, room: &mut usize) -> io::Result<()> {
    let event = &entry.event.event;
    writer.create_element("entry").write_inner_content(|writer| {
        line_end(writer)?;
        text(writer, "id", &entry.id)?;
        text(writer, "title", &headline(event, entry.source_name))?;
        text(writer, "updated", &time(event.at))?;
        text(writer, "published", &time(event.at))?;
        author(writer, &line_of(entry.source_name))?;
        let site = if let Some(url) = &entry.review_url {
            link(writer, "alternate", "text/html", url)?;
            "related"
        } else {
            "alternate"
        };
        link(writer, site, "text/html", event.url.as_str())?;
        categories(writer, event)?;
        text(writer, "summary", &line_of(&event.summary))?;
        let content = writer.create_element("content").with_attribute(("type", "html"));
        content.write_text_content(BytesText::from_escaped(within_bounds(entry, room)))?;
        line_end(writer)
    })?;
    line_end(writer)
}

/// The content as XML, or where to find it when it is too large.
fn within_bounds(entry: &AtomEntry<'_>, room: &mut usize) -> String {
    let content = xml_text(without_what_xml_forbids(entry.content)).into_owned();
    if content.len() <= MOST_IN_ENTRY.min(*room) {
        *room -= content.len();
        return content;
    }
    let summary = escape(&line_of(&entry.event.event.summary));
    let elsewhere = entry.review_url.as_deref().map_or_else(|| format!("pressdiff diff {}", entry.event.id), address);
    let note = format!("<p>{summary}</p>\n<p>Too large to be shown here: {elsewhere}</p>\n");
    xml_text(&note).into_owned()
}

/// As in the subject of a mail: what happened, why, to what, and where.
fn headline(event: &Event, source_name: &str) -> String {
    let reasons: Vec<String> = event.reasons.iter().map(word).collect();
    let reasons = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(", ")) };
    // The title of a `site` event is the name of the source, which stands in the brackets.
    let about = if event.kind == EventKind::Site { &event.summary } else { &event.title };
    format!("{}{reasons}: {} [{}]", word(&event.kind), line_of(about), line_of(source_name))
}

fn categories(writer: &mut Xml, event: &Event) -> io::Result<()> {
    let mut terms = vec![("kind", word(&event.kind)), ("significance", word(&event.significance))];
    terms.push(("source", event.source.0.clone()));
    terms.extend(event.reasons.iter().map(|reason| ("reason", word(reason))));
    terms.extend(event.fields.iter().map(|field| ("field", word(field))));
    for (scheme, term) in terms {
        let scheme = format!("pressdiff:{scheme}");
        let category = writer.create_element("category");
        category.with_attributes([("scheme", scheme.as_str()), ("term", term.as_str())]).write_empty()?;
        line_end(writer)?;
    }
    Ok(())
}

/// The word that `events --format jsonl` has for it.
fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn text(writer: &mut Xml, name: &str, text: &str) -> io::Result<()> {
    writer.create_element(name).write_text_content(BytesText::new(text))?;
    line_end(writer)
}

fn author(writer: &mut Xml, name: &str) -> io::Result<()> {
    writer.create_element("author").write_inner_content(|writer| {
        writer.create_element("name").write_text_content(BytesText::new(name))?;
        Ok(())
    })?;
    line_end(writer)
}

fn link(writer: &mut Xml, relation: &str, kind: &str, target: &str) -> io::Result<()> {
    let link = writer.create_element("link");
    link.with_attributes([("rel", relation), ("type", kind), ("href", target)]).write_empty()?;
    line_end(writer)
}

fn line_end(writer: &mut Xml) -> io::Result<()> {
    writer.write_event(XmlEvent::Text(BytesText::from_escaped("\n")))
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Text on one line of bounded length.
fn line_of(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = without_what_xml_forbids(&harmless(&words.join(" ")));
    match line.char_indices().nth(MOST_IN_LINE) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    }
}

/// XML has no way to write these, not even escaped (XML 1.0, section 2.2).
fn without_what_xml_forbids(text: &str) -> String {
    let allowed = |character: &char| {
        !character.is_control() && !matches!(character, '\u{fffe}' | '\u{ffff}') || matches!(character, '\n' | '\t')
    };
    text.chars().filter(allowed).collect()
}

#[cfg(test)]
mod tests;
