//! The words of closed lists, such as kinds of events, as programs and people read them.

use serde::Serialize;

/// The word that the event list and addresses have for a value, such as `empty-listing`; empty for what is no word.
pub fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// The same for people: `empty listing`.
pub fn spoken(value: &impl Serialize) -> String {
    word(value).replace('-', " ")
}
