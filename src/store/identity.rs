//! What a store is known by outside of it, in the ids of messages and feeds.

use super::{Store, StoreError};

impl Store {
    /// Hexadecimal digits, made with the store, which no other store has.
    pub async fn find_identity(&self) -> Result<String, StoreError> {
        self.read(|transaction| {
            let sql = "SELECT value FROM meta WHERE name = 'store_id'";
            Ok(transaction.query_row(sql, [], |row| row.get(0))?)
        })
        .await
    }
}
