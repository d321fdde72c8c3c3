//! What a store is known by outside of it, such as in the ids of a feed.

use super::{Store, StoreError};

impl Store {
    /// 32 hexadecimal digits, made with the store, which no other store has.
    pub async fn find_identity(&self) -> Result<String, StoreError> {
        self.read(|transaction| Ok(transaction.query_row("SELECT identity FROM store_identity", [], |row| row.get(0))?))
            .await
    }
}
