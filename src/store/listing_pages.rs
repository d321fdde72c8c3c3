//! What pages of listings named when they were last read, found again by the hash of all that their reading depends on.

use rusqlite::{OptionalExtension as _, Transaction};

use super::{Store, StoreError, bodies, codec};
use crate::domain::discover::ListingPage;
use crate::domain::model::SourceId;

/// Entries repeat most of their addresses.
const LEVEL: i32 = 3;
/// Bytes of a page as JSON; a damaged frame may claim more.
const LONGEST: usize = 16 << 20;

/// All that the reading of a page depends on, as a BLAKE3 hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListingPageKey(pub [u8; 32]);

/// A page that a walk came by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListingPageRecord {
    /// How it is found again.
    pub key: ListingPageKey,
    /// What it names; nothing, if that is in the store already.
    pub page: Option<ListingPage>,
}

impl Store {
    /// What a page named when it was last read, if that is remembered. One that is damaged is read again.
    pub async fn find_listing_page(
        &self,
        source: &SourceId,
        key: ListingPageKey,
    ) -> Result<Option<ListingPage>, StoreError> {
        let source = source.clone();
        self.read(move |transaction| {
            let mut statement =
                transaction.prepare_cached("SELECT page FROM listing_pages WHERE source = ?1 AND key = ?2")?;
            let page = statement.query_row((&source.0, key.0), |row| row.get::<_, Vec<u8>>(0)).optional()?;
            Ok(page.and_then(|data| unpack(&data)))
        })
        .await
    }
}

/// Writes the pages that a walk came by in place of those of the walk before.
pub(super) fn save(
    transaction: &Transaction<'_>,
    source: &SourceId,
    records: &[ListingPageRecord],
) -> Result<(), StoreError> {
    let known = transaction
        .prepare_cached("SELECT key FROM listing_pages WHERE source = ?1")?
        .query_map([&source.0], |row| row.get(0).map(ListingPageKey))?
        .collect::<Result<Vec<_>, _>>()?;
    let mut forget = transaction.prepare_cached("DELETE FROM listing_pages WHERE source = ?1 AND key = ?2")?;
    for key in known.iter().filter(|key| records.iter().all(|record| record.key != **key)) {
        forget.execute((&source.0, key.0))?;
    }
    let mut remember = transaction
        .prepare_cached("INSERT INTO listing_pages (source, key, page) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?;
    for record in records {
        if let Some(page) = &record.page {
            remember.execute((&source.0, record.key.0, pack(page)?))?;
        }
    }
    Ok(())
}

fn pack(page: &ListingPage) -> Result<Vec<u8>, StoreError> {
    let json = serde_json::to_vec(page).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))?;
    Ok(codec::encode(&json, &[], LEVEL).map_err(bodies::to_sql_failure)?)
}

fn unpack(data: &[u8]) -> Option<ListingPage> {
    let json = codec::decode_text(data, &[], LONGEST).ok()?;
    serde_json::from_str(&json).ok()
}
