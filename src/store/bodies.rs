//! Bodies, each kept once under its SHA-256 and compressed; nothing is handed out that does not have its hash.

use std::io::{self, Read as _};

use bytes::Bytes;
use rusqlite::{OptionalExtension as _, Transaction, named_params};
use sha2::{Digest as _, Sha256};
use zstd::zstd_safe::CParameter;

use super::StoreError;
use crate::domain::model::SnapshotId;
use crate::domain::normalize::hex;

/// Pages shrink to a tenth at some 80 MB/s; higher levels cost more than they save.
const LEVEL: i32 = 9;
const ZSTD: &str = "zstd";

/// A body ready to be written.
pub(super) struct Body {
    /// SHA-256 of the body, in hexadecimal digits.
    pub(super) sha256: String,
    length: usize,
    /// None when the store has it already.
    data: Option<Vec<u8>>,
}

/// Does the slow part of writing a body, on a reader, so that the writer need not wait for it.
pub(super) fn prepare(transaction: &Transaction<'_>, body: &Bytes) -> Result<Body, StoreError> {
    let sha256 = hex(&Sha256::digest(body));
    let known = transaction.prepare_cached("SELECT 1 FROM bodies WHERE sha256 = ?1")?.exists([&sha256])?;
    let data = if known { None } else { Some(compress(body).map_err(to_sql_failure)?) };
    Ok(Body { sha256, length: body.len(), data })
}

/// Writes a body unless it is there.
pub(super) fn save(transaction: &Transaction<'_>, body: &Body) -> Result<(), StoreError> {
    let Some(data) = &body.data else { return Ok(()) };
    transaction
        .prepare_cached(
            "INSERT INTO bodies (sha256, length, encoding, data) VALUES (:sha256, :length, :encoding, :data)
             ON CONFLICT DO NOTHING",
        )?
        .execute(named_params! {
            ":sha256": body.sha256,
            ":length": i64::try_from(body.length).unwrap_or(i64::MAX),
            ":encoding": ZSTD,
            ":data": data,
        })?;
    Ok(())
}

/// Reads the body of a snapshot, or says how it is damaged.
pub(super) fn load(transaction: &Transaction<'_>, snapshot: SnapshotId, sha256: &str) -> Result<Bytes, StoreError> {
    let corrupt = |problem: String| StoreError::Corrupt { snapshot, problem };
    let row = transaction
        .prepare_cached("SELECT length, encoding, data FROM bodies WHERE sha256 = ?1")?
        .query_row([sha256], |row| Ok((row.get("length")?, row.get("encoding")?, row.get("data")?)))
        .optional()?;
    let (length, encoding, data): (u32, String, Vec<u8>) = row.ok_or_else(|| corrupt("it is missing".to_owned()))?;
    let body = match encoding.as_str() {
        ZSTD => decompress(&data, length).map_err(|error| corrupt(error.to_string()))?,
        other => return Err(corrupt(format!("unknown encoding {other}"))),
    };
    if hex(&Sha256::digest(&body)) != sha256 {
        return Err(corrupt(format!("its SHA-256 is not {sha256}")));
    }
    Ok(body.into())
}

fn compress(body: &[u8]) -> io::Result<Vec<u8>> {
    let mut compressor = zstd::bulk::Compressor::new(LEVEL)?;
    compressor.set_parameter(CParameter::ChecksumFlag(true))?;
    compressor.compress(body)
}

/// Stops at the stored length, whatever the frame claims to hold.
fn decompress(data: &[u8], length: u32) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    zstd::Decoder::new(data)?.take(u64::from(length) + 1).read_to_end(&mut body)?;
    if body.len() as u64 == u64::from(length) {
        Ok(body)
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidData, format!("it is not {length} bytes long")))
    }
}

fn to_sql_failure(error: io::Error) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(error.into())
}
