//! Reads and writes WARC files (ISO 28500, versions 1.0 and 1.1): the records with their places in the file, the HTTP
//! messages in them, and files that others read back. What a capture means to the record is decided elsewhere.
//!
//! Everything in a file is hostile: sizes are bounded, and a record that is broken is named and passed over.

mod cdx;
mod counted;
mod head;
mod http;
mod read;
mod write;

pub use self::cdx::{BadLine, Listed, digest_of, is_listing, parse_timestamp, read_listing};
pub use self::head::{Head, Kind, parse_date};
pub use self::http::{HttpError, capture_of, payload_of};
pub use self::read::{Record, WarcError, WarcFile};
pub use self::write::Writer;

#[cfg(test)]
mod tests;
