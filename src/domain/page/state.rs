//! The JSON that scripts of a page start from: in scripts of a JSON type, and assigned to variables.

use scraper::{ElementRef, Html};
use serde_json::Value;

use super::markup::attr;

/// Longest script that is parsed, in bytes, and most scripts.
const LONGEST: usize = 2 << 20;
const MOST_SCRIPTS: usize = 100;
/// Most objects and lists of one script: an object of eight bytes takes six hundred in memory.
const MOST_CONTAINERS: usize = 100_000;
/// Shortest script that may hold a text.
const SHORTEST: usize = 200;
/// Assignments of one script that are looked at.
const MOST_ASSIGNMENTS: usize = 16;

/// The values in the scripts of a page, in order; those of one script at a time.
pub(super) fn states(page: &Html) -> impl Iterator<Item = Value> {
    let scripts = page.root_element().descendent_elements().filter(|element| element.value().name() == "script");
    scripts.take(MOST_SCRIPTS).flat_map(values_of)
}

fn values_of(script: ElementRef<'_>) -> Vec<Value> {
    let text: String = script.text().collect();
    let text = text.trim();
    if !(SHORTEST..=LONGEST).contains(&text.len()) || !is_light(text) {
        return Vec::new();
    }
    let kind = attr(script.value(), "type").unwrap_or_default().to_ascii_lowercase();
    if kind.ends_with("json") {
        serde_json::from_str(text).into_iter().collect()
    } else if kind.is_empty() || kind.ends_with("javascript") || kind == "module" {
        assigned(text)
    } else {
        Vec::new()
    }
}

/// Whether JSON can be parsed without taking much more memory than its text.
pub(super) fn is_light(json: &str) -> bool {
    json.bytes().filter(|byte| matches!(byte, b'{' | b'[')).count() <= MOST_CONTAINERS
}

/// The values that `name = {…}` and `name = JSON.parse("…")` assign.
fn assigned(script: &str) -> Vec<Value> {
    let mut values = Vec::new();
    let mut at = 0;
    let mut tries = 0;
    while let Some(offset) = script[at..].find('=') {
        at += offset + 1;
        let right = script[at..].trim_start();
        let start = script.len() - right.len();
        let quoted = right.strip_prefix("JSON.parse(").map(str::trim_start).filter(|text| text.starts_with('"'));
        if quoted.is_none() && !right.starts_with(['{', '[']) {
            continue;
        }
        tries += 1;
        if tries > MOST_ASSIGNMENTS {
            break;
        }
        if let Some((value, length)) = first_value(quoted.unwrap_or(right)) {
            let inner =
                value.as_str().filter(|_| quoted.is_some()).map(|text| serde_json::from_str::<Value>(text).ok());
            values.extend(inner.unwrap_or(Some(value)));
            at = start + length;
        }
    }
    values
}

/// The value that a text starts with, and its length.
fn first_value(text: &str) -> Option<(Value, usize)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let value = values.next()?.ok()?;
    Some((value, values.byte_offset()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_of_countless_objects_is_left() {
        let script = |count: usize| format!("<script type=\"a/json\">[{}0]</script>", "{\"\":0},".repeat(count));
        let count = |page: &str| states(&Html::parse_document(page)).count();
        assert_eq!(count(&script(MOST_CONTAINERS - 1)), 1);
        assert_eq!(count(&script(MOST_CONTAINERS)), 0);
    }

    #[test]
    fn assignments_are_read() {
        let values = assigned(r#"var a=b==1;window.X = {"a":1};window.Y=JSON.parse("{\"b\":2}");x={a:1}"#);
        assert_eq!(values, [serde_json::json!({"a": 1}), serde_json::json!({"b": 2})]);
    }
}
