//! The text of a release, and its versions.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::ids::{ReleaseId, SnapshotId};

/// What a reader gets from a release, without the page around it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Headline.
    pub title: String,
    /// Date of publication as the page shows it.
    pub date: Option<ShownDate>,
    /// The text, in reading order.
    pub blocks: Vec<Block>,
    /// Links within the text, in reading order.
    pub links: Vec<Link>,
    /// Pictures within the text, in reading order.
    pub images: Vec<Image>,
    /// Lines of the contact block: phones, e-mail addresses, the names beside them.
    pub contacts: Vec<String>,
}

impl Document {
    /// About how many bytes of memory it takes.
    pub fn size(&self) -> usize {
        let blocks = self.blocks.iter().map(|block| block.text.len() + size_of::<Block>());
        let links = self.links.iter().map(|link| link.text.len() + link.target.len() + size_of::<Link>());
        let images = self.images.iter().map(|image| image.source.len() + image.alt.len() + size_of::<Image>());
        let contacts = self.contacts.iter().map(|line| line.len() + size_of::<String>());
        size_of::<Self>() + blocks.chain(links).chain(images).chain(contacts).sum::<usize>()
    }
}

/// A date with the words that showed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownDate {
    /// As the page writes it.
    pub text: String,
    /// As understood, if it was.
    pub day: Option<NaiveDate>,
}

/// One paragraph, heading, item or table row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// Its text on one line; the cells of a table row are separated by tabs.
    pub text: String,
}

/// Kinds of text blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BlockKind {
    /// A heading inside the text.
    Heading,
    /// Running text.
    Paragraph,
    /// One item of a list.
    ListItem,
    /// A quotation set apart.
    Quote,
    /// One row of a table, cells separated by tabs.
    TableRow,
}

/// A link inside the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The words that are linked.
    pub text: String,
    /// Absolute address.
    pub target: String,
}

/// A picture inside the text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// Absolute address.
    pub source: String,
    /// Alternative text.
    pub alt: String,
}

/// A distinct document of a release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The release.
    pub release: ReleaseId,
    /// 1 for the first one seen, then rising by one.
    pub number: u32,
    /// The snapshot it was extracted from.
    pub snapshot: SnapshotId,
    /// Revision of the extractor.
    pub extractor: u32,
    /// Hash of the canonical document.
    pub hash: ContentHash,
    /// When it was first seen.
    pub recorded_at: DateTime<Utc>,
    /// The document.
    pub document: Document,
    /// True when only our own reading of the page changed: no edit by the publisher.
    pub technical: bool,
}

/// SHA-256 of a canonical document, 64 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ContentHash(pub String);
