//! What the daemon does for its record while there is nothing else to do.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::sleep;

use crate::domain::model::Source;
use crate::store::{Store, StoreError};

/// Bodies that are compressed anew in one go.
const REPACK_AT_ONCE: u32 = 8;
/// The time that others have between two goes.
const REPACK_PAUSE: Duration = Duration::from_millis(200);

/// Makes the record smaller while there is nothing else to do, some bodies at a time; whether all is done.
pub(super) async fn repack(store: &Store, sources: &[Source], now: DateTime<Utc>) -> Result<bool, StoreError> {
    let is_packed = match make_smaller(store, sources, now).await {
        Err(error) if error.is_transient() => false,
        done => done?,
    };
    sleep(REPACK_PAUSE).await;
    Ok(is_packed)
}

async fn make_smaller(store: &Store, sources: &[Source], now: DateTime<Utc>) -> Result<bool, StoreError> {
    if store.repack_some(REPACK_AT_ONCE).await?.bodies > 0 {
        return Ok(false);
    }
    for source in sources {
        let Some(keep) = source.keep else { continue };
        if let Some(thinned) = store.thin_some(&source.id, keep, now).await? {
            if thinned.bodies > 0 {
                tracing::info!(source = %source.id, %keep, bodies = thinned.bodies, "bodies thinned out");
            }
            return Ok(false);
        }
    }
    Ok(true)
}
