//! The change for programs: the fields of [`Change`] as they are, with the number of their schema, which
//! `docs/diff.schema.json` describes. In `blocks`, `equal`, `changed`, `removed` and `moved-away` in their order are
//! the old text, `equal`, `changed`, `added` and `moved-here` the new one; spans of kind `equal` belong to both.

use serde_json::{Value, json};

use crate::domain::diff::Change;

/// Rises when a field changes its meaning; new fields leave it as it is.
const SCHEMA: u32 = 1;

/// The change as JSON, with `schema` and `fields` beside it.
pub fn json(change: &Change) -> Value {
    let mut value = serde_json::to_value(change).unwrap_or_default();
    value["schema"] = json!(SCHEMA);
    value["fields"] = json!(change.fields());
    value
}
