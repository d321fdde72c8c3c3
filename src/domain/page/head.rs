//! What the head of a page says about it: title, canonical address, date of publication, and the article that
//! some sites describe for search engines (schema.org as JSON-LD).

use html5ever::local_name;
use scraper::{ElementRef, Html};
use serde_json::Value;
use url::Url;

use super::markup::attr;
use super::state::is_light;
use crate::domain::address::LONGEST;
use crate::domain::normalize::clean_text;

/// Metadata of a page.
#[derive(Clone, Debug, Default)]
pub struct Head {
    /// Address that relative links start from.
    pub base: Option<Url>,
    /// `<title>`.
    pub title: String,
    /// `og:title`, which usually leaves out the name of the site.
    pub social_title: String,
    /// `rel=canonical`.
    pub canonical: Option<Url>,
    /// Date of publication, as written.
    pub published: Option<String>,
    /// Headline in structured data.
    pub headline: Option<String>,
    /// Whether the page asks for a password.
    pub asks_password: bool,
}

/// Names under which pages tell when they were published.
const DATE_NAMES: [&str; 18] = [
    "article:published_time",
    "article:published",
    "datepublished",
    "dc.date",
    "dc.date.issued",
    "dc.date.created",
    "dcterms.date",
    "dcterms.created",
    "dcterms.issued",
    "date",
    "pubdate",
    "pub_date",
    "publish-date",
    "publish_date",
    "publishdate",
    "publication_date",
    "parsely-pub-date",
    "sailthru.date",
];
const LONGEST_VALUE: usize = 4_096;
const LONGEST_SCRIPT: usize = 1 << 20;

impl Head {
    pub(super) fn read(tree: &Html, address: &Url) -> Self {
        let mut head = Self { base: Some(address.clone()), ..Self::default() };
        for element in tree.root_element().descendent_elements() {
            match element.value().name.local {
                local_name!("title") if head.title.is_empty() && !is_in_svg(&element) => {
                    head.title = text_of(&element, LONGEST_VALUE);
                }
                local_name!("base") => head.take_base(&element, address),
                local_name!("meta") => head.take_meta(&element),
                local_name!("link") => head.take_link(&element, address),
                local_name!("script") => head.take_script(&element),
                local_name!("input") => head.asks_password |= attr(element.value(), "type") == Some("password"),
                _ => {}
            }
        }
        head
    }

    fn take_base(&mut self, element: &ElementRef<'_>, address: &Url) {
        let href = attr(element.value(), "href").filter(|href| href.len() <= LONGEST);
        if let Some(base) = href.and_then(|href| address.join(href).ok()) {
            self.base = Some(base);
        }
    }

    fn take_meta(&mut self, element: &ElementRef<'_>) {
        let name = attr(element.value(), "property")
            .or(attr(element.value(), "name"))
            .or(attr(element.value(), "itemprop"))
            .unwrap_or_default();
        let Some(content) = attr(element.value(), "content").filter(|content| content.len() <= LONGEST_VALUE) else {
            return;
        };
        match name.to_ascii_lowercase().as_str() {
            "og:title" if self.social_title.is_empty() => self.social_title = clean_text(content),
            name if self.published.is_none() && DATE_NAMES.contains(&name) => {
                self.published = Some(clean_text(content));
            }
            _ => {}
        }
    }

    fn take_link(&mut self, element: &ElementRef<'_>, address: &Url) {
        let is_canonical = attr(element.value(), "rel").is_some_and(|rel| rel.eq_ignore_ascii_case("canonical"));
        if is_canonical && self.canonical.is_none() {
            self.canonical = attr(element.value(), "href").and_then(|href| address.join(href.trim()).ok());
        }
    }

    fn take_script(&mut self, element: &ElementRef<'_>) {
        if attr(element.value(), "type") != Some("application/ld+json") {
            return;
        }
        let script: String = element.text().collect();
        if script.len() > LONGEST_SCRIPT || !is_light(&script) {
            return;
        }
        if let Ok(value) = serde_json::from_str::<Value>(&script) {
            self.take_structured(&value);
        }
    }

    /// An article may stand alone, in a list or in a `@graph`.
    fn take_structured(&mut self, value: &Value) {
        let items = match value {
            Value::Array(items) => items.as_slice(),
            Value::Object(object) => match object.get("@graph") {
                Some(Value::Array(items)) => items.as_slice(),
                _ => std::slice::from_ref(value),
            },
            _ => return,
        };
        let Some(article) = items.iter().find(|item| is_article(item)) else { return };
        let text = |key: &str| article.get(key).and_then(Value::as_str).map(str::to_owned);
        self.headline = self.headline.take().or_else(|| text("headline").map(|headline| clean_text(&headline)));
        self.published = self.published.take().or_else(|| text("datePublished"));
    }
}

fn is_article(item: &Value) -> bool {
    let named =
        |value: &Value| value.as_str().is_some_and(|name| name.ends_with("Article") || name.ends_with("Posting"));
    match item.get("@type") {
        Some(Value::Array(types)) => types.iter().any(named),
        Some(single) => named(single),
        None => false,
    }
}

/// The title of an icon is none of the page.
fn is_in_svg(element: &ElementRef<'_>) -> bool {
    element.ancestors().filter_map(ElementRef::wrap).any(|parent| parent.value().name() == "svg")
}

fn text_of(element: &ElementRef<'_>, limit: usize) -> String {
    let mut text = String::new();
    for part in element.text() {
        if text.len() + part.len() > limit {
            text.extend(part.chars().take(limit.saturating_sub(text.len()) / 4));
            break;
        }
        text.push_str(part);
    }
    clean_text(&text)
}
