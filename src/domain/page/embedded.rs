//! The text of pages that a script fills in: it stands in the state that the script starts from, as JSON with HTML,
//! plain text or a tree of blocks in it. Made into a page that is read like any other.
//!
//! Such states hold other articles too. The one whose title or address is the page's own is taken; without such a
//! one, only what holds most of all the text.

use scraper::{ElementRef, Html, Selector};
use serde_json::{Map, Value};

use super::head::Head;
use super::state::states;
use super::{count_words, sections, tree};
use crate::domain::dates::find_date;
use crate::domain::normalize::{canonical_text, clean_text};

/// Fewest words that are taken for the text of a page.
const FEWEST_WORDS: usize = 30;
/// Deepest nesting, most values and most candidates that are looked at.
const DEEPEST: usize = 64;
const MOST_VALUES: usize = 200_000;
const MOST_CANDIDATES: usize = 500;
/// Most bytes of all candidates: objects within each other hold the same text again and again.
const MOST_MARKUP: usize = 16 << 20;

/// Names of what holds the text, best first; compared by their letters.
const BODIES: [&str; 13] = [
    "articlebody",
    "bodyhtml",
    "contenthtml",
    "htmlcontent",
    "body",
    "content",
    "html",
    "fulltext",
    "maintext",
    "detailtext",
    "richtext",
    "text",
    "story",
];
const TITLES: [&str; 5] = ["headline", "title", "heading", "name", "pagetitle"];
const DAYS: [&str; 9] = [
    "datepublished",
    "publishedat",
    "published",
    "publicationdate",
    "publishdate",
    "publisheddate",
    "date",
    "createdat",
    "datecreated",
];
const ADDRESSES: [&str; 6] = ["url", "slug", "path", "canonicalurl", "permalink", "link"];

struct Candidate {
    title: String,
    day: String,
    markup: String,
    words: usize,
    /// The title or the address of the page names it.
    is_named: bool,
    /// All texts of an object, as none of them is called its body.
    is_gathered: bool,
}

/// A page made of the article in the state of scripts, or in what is shown without scripts.
pub(super) fn find(page: &Html, head: &Head) -> Option<String> {
    let mut candidates: Vec<Candidate> = Vec::new();
    let (mut values, mut size) = (0, 0);
    for state in states(page) {
        let mut open = vec![(&state, 0)];
        while let Some((value, depth)) = open.pop() {
            values += 1;
            if values > MOST_VALUES || candidates.len() >= MOST_CANDIDATES || size > MOST_MARKUP {
                break;
            }
            if let Value::Object(object) = value {
                let candidate = candidate(object, head);
                size += candidate.as_ref().map_or(0, |candidate| candidate.markup.len());
                candidates.extend(candidate);
            }
            if depth < DEEPEST {
                open.extend(tree::children(value).map(|child| (child, depth + 1)));
            }
        }
    }
    choose(candidates).as_ref().map(written).or_else(|| without_scripts(page))
}

fn candidate(object: &Map<String, Value>, head: &Head) -> Option<Candidate> {
    let text = |names: &[&str]| named_values(object, names).find_map(tree::plain).map(|text| clean_text(&text));
    let title = text(&TITLES).unwrap_or_default();
    let day = text(&DAYS).filter(|day| find_date(day).is_some()).unwrap_or_default();
    let is_named =
        names_page(&title, head) || named_values(object, &ADDRESSES).any(|address| is_address_of(address, head));
    let body = named_values(object, &BODIES).map(tree::markup).find(|markup| words_of(markup) >= FEWEST_WORDS);
    let is_gathered = body.is_none();
    let gathered = || is_named.then(|| sections::markup(object, &title));
    let markup = body.or_else(gathered).filter(|markup| words_of(markup) >= FEWEST_WORDS)?;
    Some(Candidate { words: words_of(&markup), title, day, markup, is_named, is_gathered })
}

/// The values under some names, in the order of the names.
fn named_values<'a>(object: &'a Map<String, Value>, names: &[&str]) -> impl Iterator<Item = &'a Value> {
    let mut found: Vec<(usize, &Value)> = Vec::new();
    for (key, value) in object.iter().filter(|(key, _)| key.len() <= 32).take(500) {
        let key: String = key.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
        if let Some(rank) = names.iter().position(|name| *name == key) {
            found.push((rank, value));
        }
    }
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, value)| value)
}

fn names_page(title: &str, head: &Head) -> bool {
    let title = canonical_text(title).to_lowercase();
    let titles = [Some(&head.title), Some(&head.social_title), head.headline.as_ref()];
    title.chars().count() >= 8
        && titles.into_iter().flatten().any(|other| canonical_text(other).to_lowercase().contains(&title))
}

fn is_address_of(value: &Value, head: &Head) -> bool {
    let (Value::String(text), Some(address)) = (value, &head.base) else { return false };
    let path = address.path().trim_matches('/');
    let text = text.split(['?', '#']).next().unwrap_or_default().trim_matches('/');
    let last = path.rsplit('/').next().unwrap_or_default();
    text.len() >= 6 && (text == path || text == last || text.ends_with(&format!("/{path}")))
}

/// The longest one that the page names, or the smallest object that has most of its texts; else the one with most
/// of all the words.
fn choose(mut candidates: Vec<Candidate>) -> Option<Candidate> {
    candidates.sort_by(|one, other| {
        let by_kind = other.is_named.cmp(&one.is_named).then(one.is_gathered.cmp(&other.is_gathered));
        let by_size = by_kind.then(other.words.cmp(&one.words));
        by_size.then_with(|| one.markup.cmp(&other.markup)).then_with(|| other.title.len().cmp(&one.title.len()))
    });
    candidates.dedup_by(|later, earlier| later.markup == earlier.markup);
    let first = candidates.first()?;
    let least = first.words.div_ceil(2);
    if first.is_gathered {
        return candidates.into_iter().take_while(|next| next.is_gathered && next.words >= least).last();
    }
    let total: usize = candidates.iter().map(|candidate| candidate.words).sum();
    candidates.into_iter().next().filter(|first| first.is_named || first.words * 5 >= total * 3)
}

fn written(candidate: &Candidate) -> String {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    let title =
        if candidate.title.is_empty() { String::new() } else { format!("<h1>{}</h1>", escape(&candidate.title)) };
    let day = if candidate.day.is_empty() { String::new() } else { format!("<p>{}</p>", escape(&candidate.day)) };
    format!("<article>{title}{day}<div>{}</div></article>", candidate.markup)
}

/// The longest text for readers without scripts.
fn without_scripts(page: &Html) -> Option<String> {
    let selector = Selector::parse("noscript").ok()?;
    let texts = page.select(&selector).take(64).map(markup_in);
    texts.filter(|markup| words_of(markup) >= FEWEST_WORDS).max_by_key(|markup| words_of(markup))
}

/// Depending on where it stands, the parser keeps it as text or as elements.
fn markup_in(element: ElementRef<'_>) -> String {
    let text: String = element.text().collect();
    if text.contains("</") { text } else { element.inner_html() }
}

/// Words outside tags; none if it looks like a program.
fn words_of(markup: &str) -> usize {
    let texts = markup.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    let words = texts.map(count_words).sum();
    let braces = markup.bytes().filter(|byte| matches!(byte, b'{' | b'}')).count();
    if braces * 10 > words { 0 } else { words }
}
