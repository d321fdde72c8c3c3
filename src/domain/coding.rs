//! Content codings (RFC 9110, section 8.4.1) of bodies that came otherwise than the HTTP client undoes them by itself:
//! in archives, in other spellings, several at once.

use std::io::{self, Read};

use bytes::Bytes;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

/// Codings of one body.
const MOST_CODINGS: usize = 3;
/// How compressed bodies begin: gzip and zstd.
const COMPRESSED: [&[u8]; 2] = [&[0x1f, 0x8b], &[0x28, 0xb5, 0x2f, 0xfd]];

/// Why a coding was not undone.
#[derive(Debug, thiserror::Error)]
pub enum CodingError {
    /// The decoded body is larger than it may be.
    #[error("the decoded body is too large")]
    TooLarge,
    /// The body is not coded so, or is damaged.
    #[error("the body is not encoded that way")]
    Damaged(#[source] io::Error),
    /// Nothing that is known.
    #[error("unknown coding")]
    Unknown,
}

/// The codings that lines of `Content-Encoding` name, in lower case, the one to be undone first first; those that say
/// nothing are left out.
pub fn codings<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<String> {
    let words = lines.flat_map(|line| line.split(',')).map(|word| word.trim().to_ascii_lowercase());
    let mut codings: Vec<String> = words.filter(|word| !word.is_empty() && word != "identity").collect();
    codings.reverse();
    codings.truncate(MOST_CODINGS);
    codings
}

/// What a coding in lower case hides, of at most `limit` bytes.
pub fn undo(coding: &str, body: &[u8], limit: u64) -> Result<Bytes, CodingError> {
    match coding {
        "gzip" | "x-gzip" => inflate(MultiGzDecoder::new(body), limit),
        // By the standard with a head of zlib, by tradition also without.
        "deflate" => inflate(ZlibDecoder::new(body), limit).or_else(|error| match error {
            CodingError::Damaged(_) => inflate(DeflateDecoder::new(body), limit),
            error => Err(error),
        }),
        "br" => inflate(brotli::Decompressor::new(body, 8 << 10), limit),
        "zstd" => inflate(zstd::Decoder::new(body).map_err(CodingError::Damaged)?, limit),
        _ => Err(CodingError::Unknown),
    }
}

/// Whether a body under a coding that nobody knows may be taken as it is, as browsers do: "none" and "utf-8" stand
/// there on pages that are not coded at all.
pub fn is_plain(body: &[u8]) -> bool {
    !COMPRESSED.iter().any(|start| body.starts_with(start))
}

fn inflate(decoder: impl Read, limit: u64) -> Result<Bytes, CodingError> {
    let mut body = Vec::new();
    decoder.take(limit.saturating_add(1)).read_to_end(&mut body).map_err(CodingError::Damaged)?;
    if body.len() as u64 > limit { Err(CodingError::TooLarge) } else { Ok(body.into()) }
}
