//! Texts in JSON as markup: a string of HTML, a plain text, or the tree of blocks that an editor program keeps.

use serde_json::{Map, Value};

/// Deepest nesting of blocks, and most bytes of one text.
const DEEPEST: usize = 32;
const LONGEST: usize = 1 << 20;

/// Names of what is inside a block, in reading order.
const INNER: [&str; 15] = [
    "rendered",
    "processed",
    "html",
    "text",
    "value",
    "raw",
    "json",
    "document",
    "data",
    "blocks",
    "paragraphs",
    "body",
    "content",
    "children",
    "items",
];

/// The values inside a value, last first.
pub(super) fn children(value: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    match value {
        Value::Array(items) => Box::new(items.iter().rev()),
        Value::Object(object) => Box::new(object.values().rev()),
        _ => Box::new(std::iter::empty()),
    }
}

/// A string, or what a content server wraps it into.
pub(super) fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(without_tags(text)),
        Value::Object(object) => INNER.iter().find_map(|name| object.get(*name)?.as_str()).map(without_tags),
        _ => None,
    }
}

fn without_tags(text: &str) -> String {
    text.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect()
}

/// The text in a value as HTML; empty if there is none.
pub(super) fn markup(value: &Value) -> String {
    let mut markup = String::new();
    write(value, &mut markup, DEEPEST);
    markup
}

fn write(value: &Value, markup: &mut String, depth: usize) {
    if depth == 0 || markup.len() > LONGEST {
        return;
    }
    match value {
        Value::String(text) => write_text(text, markup),
        Value::Array(items) => items.iter().for_each(|item| write(item, markup, depth - 1)),
        Value::Object(object) if is_article(object) && depth < DEEPEST => {}
        Value::Object(object) => write_block(object, markup, depth),
        _ => {}
    }
}

fn write_text(text: &str, markup: &mut String) {
    if is_markup(text) {
        markup.push_str(text);
        return;
    }
    for row in text.lines().filter(|row| row.contains(char::is_alphanumeric)) {
        wrap("p", &escape(row), markup);
    }
}

/// A block whose parts are all pieces of text is a line; any other one holds lines.
fn write_block(object: &Map<String, Value>, markup: &mut String, depth: usize) {
    let inner: Vec<&Value> = INNER.iter().filter_map(|name| object.get(*name)).collect();
    let pieces = inner.iter().find_map(|value| match value {
        Value::Array(items) if !items.is_empty() => items.iter().map(piece).collect::<Option<String>>(),
        Value::String(text) if !is_markup(text) && !text.contains('\n') => Some(escape(text)),
        _ => None,
    });
    match pieces {
        Some(text) => wrap(tag_of(object), &text, markup),
        // The same text is often kept twice, as HTML and as source.
        None if inner.iter().any(|value| value.is_string()) => {
            inner
                .into_iter()
                .find(|value| value.is_string())
                .into_iter()
                .for_each(|value| write(value, markup, depth - 1));
        }
        None => inner.into_iter().for_each(|value| write(value, markup, depth - 1)),
    }
}

/// A run of letters with one style, as the editors of today cut a paragraph.
fn piece(value: &Value) -> Option<String> {
    let Value::Object(object) = value else { return None };
    let kind = object.get("type").or(object.get("nodeType")).and_then(Value::as_str);
    let is_inline = kind.is_none_or(|kind| matches!(kind, "text" | "span" | "link" | "hyperlink" | "a"));
    let text = object.get("text").or(object.get("value")).filter(|_| is_inline);
    match (text.and_then(Value::as_str), object.get("children").or(object.get("content"))) {
        (Some(text), None) => Some(escape(text)),
        (None, Some(Value::Array(items))) if is_inline && kind.is_some() && kind != Some("text") => items
            .iter()
            .map(|item| item.get("text").or(item.get("value")).and_then(Value::as_str).map(escape))
            .collect(),
        _ => None,
    }
}

fn tag_of(object: &Map<String, Value>) -> &'static str {
    let names =
        ["type", "nodeType", "style", "tag", "tagName", "_type"].iter().filter_map(|name| object.get(*name)?.as_str());
    let names = names.collect::<Vec<_>>().join(" ").to_ascii_lowercase();
    let tags = [("head", "h2"), ("h2", "h2"), ("h3", "h3"), ("list", "li"), ("quote", "blockquote")];
    tags.iter().find(|(name, _)| names.contains(name)).map_or("p", |(_, tag)| tag)
}

/// An entry of a list of articles, not a part of one.
fn is_article(object: &Map<String, Value>) -> bool {
    let has = |names: &[&str]| names.iter().any(|name| object.get(*name).is_some_and(Value::is_string));
    has(&["title", "headline"]) && has(&["url", "slug", "path", "link", "permalink"])
}

fn wrap(tag: &str, text: &str, markup: &mut String) {
    if text.contains(char::is_alphanumeric) {
        markup.extend(["<", tag, ">", text, "</", tag, ">"]);
    }
}

fn is_markup(text: &str) -> bool {
    ["</", "<br", "<p>", "/>"].iter().any(|mark| text.contains(mark))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
