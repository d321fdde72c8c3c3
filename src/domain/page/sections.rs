//! The text of an article whose parts stand in a list, as block editors keep it: each part an object of its own
//! with some HTML, or with rows of text, under names that differ from make to make.

use serde_json::{Map, Value};

use super::{count_words, tree};
use crate::domain::normalize::canonical_text;

/// Deepest nesting of parts, and most bytes of one text.
const DEEPEST: usize = 32;
const LONGEST: usize = 1 << 20;
/// Words that make a string without tags a text, not a label or a setting.
const FEWEST_WORDS: usize = 8;

/// Names of what describes an article and is no part of it.
const BESIDE: [&str; 6] = ["seo", "meta", "og", "metadata", "opengraph", "jsonld"];
const HEADINGS: [&str; 3] = ["title", "heading", "headline"];

/// All texts inside an article as HTML, lists in their order and names in that of the alphabet; other articles inside
/// it are left out.
pub(super) fn markup(article: &Map<String, Value>, title: &str) -> String {
    let mut parts = Parts { title: canonical_text(title), markup: String::new() };
    parts.write_values(article, DEEPEST);
    parts.markup
}

struct Parts {
    title: String,
    markup: String,
}

impl Parts {
    fn write(&mut self, value: &Value, depth: usize) {
        if depth == 0 || self.markup.len() > LONGEST {
            return;
        }
        match value {
            Value::String(text) if tree::is_markup(text) || count_words(text) >= FEWEST_WORDS => {
                self.markup.push_str(&tree::markup(value));
            }
            Value::Array(items) => items.iter().for_each(|item| self.write(item, depth - 1)),
            Value::Object(object) if !self.is_other_article(object) => self.write_part(object, value, depth),
            _ => {}
        }
    }

    /// A part that is one block is written as one; others hold parts.
    fn write_part(&mut self, object: &Map<String, Value>, value: &Value, depth: usize) {
        let heading = HEADINGS.iter().find_map(|name| object.get(*name)?.as_str());
        if let Some(heading) = heading.filter(|heading| canonical_text(heading) != self.title) {
            self.markup.extend(["<h2>", &tree::escape(heading), "</h2>"]);
        }
        let is_block = !object.values().any(|inner| inner.is_object() || inner.is_array());
        let block = if is_block { tree::markup(value) } else { String::new() };
        if block.is_empty() {
            self.write_values(object, depth);
        } else {
            self.markup.push_str(&block);
        }
    }

    fn write_values(&mut self, object: &Map<String, Value>, depth: usize) {
        let values = object.iter().filter(|(name, _)| !is_beside(name) && !HEADINGS.contains(&name.as_str()));
        values.for_each(|(_, value)| self.write(value, depth - 1));
    }

    fn is_other_article(&self, object: &Map<String, Value>) -> bool {
        let is_own = |name: &&str| {
            object.get(*name).and_then(Value::as_str).is_some_and(|title| canonical_text(title) == self.title)
        };
        tree::is_article(object) && !HEADINGS.iter().any(is_own)
    }
}

fn is_beside(name: &str) -> bool {
    BESIDE.iter().any(|other| other.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(article: &Value) -> String {
        markup(article.as_object().unwrap(), "The harbour opens")
    }

    #[test]
    fn parts_of_every_name_are_read_in_order() {
        let article = json!({
            "title": "The harbour opens", "slug": "harbour", "seo": {"description": "A text for search engines that nobody reads on the page."},
            "parts": [
                {"type": "text", "html": "<p>One.</p>"},
                {"kind": "citation", "attributes": {"words": "<blockquote>Two.</blockquote>"}},
                {"heading": "Why & how", "paragraphs": ["The third text has more than eight words, as sentences have.", "Label"]},
                {"type": "heading", "text": "Dates"},
            ],
            "small_print": "<p>Four.</p>",
        });
        assert_eq!(
            read(&article),
            "<p>One.</p><blockquote>Two.</blockquote><h2>Why &amp; how</h2>\
             <p>The third text has more than eight words, as sentences have.</p><h2>Dates</h2><p>Four.</p>"
        );
    }

    #[test]
    fn other_articles_are_left_out() {
        let teaser = json!({"title": "Ferry fares rise", "url": "/ferry", "text": "<p>Ferry fares rise.</p>"});
        let own = json!({"title": "The harbour opens", "url": "/harbour", "text": "<p>It opens.</p>"});
        assert_eq!(read(&json!({"more": [teaser], "own": own})), "<p>It opens.</p>");
    }

    #[test]
    fn nesting_and_size_are_bounded() {
        let deep = (0..100).fold(json!("<p>Deep.</p>"), |inner, _| json!({ "part": inner }));
        assert_eq!(read(&deep), "");
        let long = json!({"parts": vec![json!(format!("<p>{}</p>", "x ".repeat(1 << 18))); 20]});
        assert!(read(&long).len() < 2 << 20);
    }
}
