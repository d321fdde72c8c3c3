//! What the tags of HTML mean for reading: which are never text, which make lines, which tables hold data, and how
//! the place of an element in its template is known.

use std::collections::HashSet;

use ego_tree::NodeRef;
use html5ever::{LocalName, local_name, ns};
use scraper::node::Element as Tag;
use scraper::{ElementRef, Html, Node};
use sha2::{Digest, Sha256};

/// The value of an attribute; quicker than a look-up by an interned name, as elements have few attributes.
pub(super) fn attr<'a>(tag: &'a Tag, name: &str) -> Option<&'a str> {
    let found = tag.attrs.iter().find(|(key, _)| &*key.local == name && key.ns == ns!());
    found.map(|(_, value)| &**value)
}

/// The same for a name that the parser knows, which is a number for it: for what is asked of every element.
pub(super) fn known_attr<'a>(tag: &'a Tag, name: &LocalName) -> Option<&'a str> {
    let found = tag.attrs.iter().find(|(key, _)| key.local == *name && key.ns == ns!());
    found.map(|(_, value)| &**value)
}

/// Never text of the page: code, controls, what is hidden.
pub(super) fn is_skipped(tag: &Tag) -> bool {
    let by_name = matches!(
        tag.name.local,
        local_name!("script")
            | local_name!("style")
            | local_name!("template")
            | local_name!("noscript")
            | local_name!("svg")
            | local_name!("math")
            | local_name!("iframe")
            | local_name!("object")
            | local_name!("embed")
            | local_name!("canvas")
            | local_name!("video")
            | local_name!("audio")
            | local_name!("select")
            | local_name!("textarea")
            | local_name!("button")
            | local_name!("input")
            | local_name!("datalist")
            | local_name!("head")
            | local_name!("map")
            | local_name!("progress")
            | local_name!("meter")
    );
    let is_hidden = || known_attr(tag, &local_name!("hidden")).is_some_and(|value| value != "until-found");
    by_name || is_hidden() || is_styled_away(tag)
}

fn is_styled_away(tag: &Tag) -> bool {
    known_attr(tag, &local_name!("style")).is_some_and(|style| {
        let style: String = style.chars().take(512).filter(|character| !character.is_whitespace()).collect();
        let style = style.to_ascii_lowercase();
        style.contains("display:none") || style.contains("visibility:hidden")
    })
}

pub(super) fn is_block(name: &LocalName) -> bool {
    matches!(
        *name,
        local_name!("address")
            | local_name!("article")
            | local_name!("aside")
            | local_name!("blockquote")
            | local_name!("body")
            | local_name!("center")
            | local_name!("dd")
            | local_name!("details")
            | local_name!("dialog")
            | local_name!("dir")
            | local_name!("div")
            | local_name!("dl")
            | local_name!("dt")
            | local_name!("fieldset")
            | local_name!("figcaption")
            | local_name!("figure")
            | local_name!("footer")
            | local_name!("form")
            | local_name!("h1")
            | local_name!("h2")
            | local_name!("h3")
            | local_name!("h4")
            | local_name!("h5")
            | local_name!("h6")
            | local_name!("header")
            | local_name!("hgroup")
            | local_name!("hr")
            | local_name!("html")
            | local_name!("legend")
            | local_name!("li")
            | local_name!("main")
            | local_name!("menu")
            | local_name!("nav")
            | local_name!("ol")
            | local_name!("p")
            | local_name!("pre")
            | local_name!("search")
            | local_name!("section")
            | local_name!("summary")
            | local_name!("table")
            | local_name!("tbody")
            | local_name!("td")
            | local_name!("tfoot")
            | local_name!("th")
            | local_name!("thead")
            | local_name!("tr")
            | local_name!("ul")
            | local_name!("caption")
            | local_name!("colgroup")
    )
}

/// What makes a line of its own within a data table.
pub(super) fn is_row(name: &LocalName) -> bool {
    matches!(*name, local_name!("tr") | local_name!("caption"))
}

pub(super) fn is_table_part(name: &LocalName) -> bool {
    matches!(*name, local_name!("tbody") | local_name!("thead") | local_name!("tfoot") | local_name!("colgroup"))
}

/// Tables also lay out whole pages. One that holds data has several cells in a row and nothing but short text in
/// them. The look at it ends at the first sign of the contrary.
pub(super) fn is_data_table(table: NodeRef<'_, Node>) -> bool {
    let (mut cells, mut rows, mut characters) = (0, 0, 0);
    for node in table.descendants().skip(1).take(20_000) {
        match node.value() {
            Node::Element(tag) => match tag.name() {
                "td" | "th" => cells += 1,
                "tr" => rows += 1,
                "table" | "ul" | "ol" | "h1" | "h2" | "h3" | "form" | "article" | "section" | "nav" | "script" => {
                    return false;
                }
                _ => {}
            },
            Node::Text(text) => characters += text.trim().len(),
            _ => {}
        }
    }
    rows > 0 && cells > rows && characters / cells < 400
}

/// Most panels of one page.
const MOST_PANELS: usize = 5_000;

/// Ids of what buttons show and hide.
pub(super) fn panels(tree: &Html) -> HashSet<&str> {
    let is_long = |element: &ElementRef<'_>| element.value().attrs.iter().any(|(name, _)| name.local.len() > 10);
    let elements = tree.root_element().descendent_elements().filter(is_long);
    let named = elements.flat_map(|element| {
        let tag = element.value();
        ["aria-controls", "data-target", "data-bs-target"].iter().filter_map(|name| attr(tag, name))
    });
    named.flat_map(str::split_whitespace).map(|id| id.trim_start_matches('#')).take(MOST_PANELS).collect()
}

/// Whether a button is the heading of what it shows.
pub(super) fn is_in_heading(node: NodeRef<'_, Node>) -> bool {
    node.ancestors()
        .take(3)
        .filter_map(|parent| parent.value().as_element())
        .any(|tag| matches!(tag.name(), "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "dt" | "summary"))
}

/// The address of a picture: scripts that load pictures late keep it elsewhere, beside a picture of nothing.
pub(super) fn picture_source<'a>(node: NodeRef<'a, Node>, tag: &'a Tag) -> Option<&'a str> {
    let is_file = |source: &&str| !source.trim().is_empty() && !source.starts_with("data:");
    let named = ["data-src", "data-lazy-src", "data-original", "src"].iter().filter_map(|name| attr(tag, name));
    let sources = node.prev_siblings().take(16).filter_map(|sibling| sibling.value().as_element());
    let sets = std::iter::once(tag).chain(sources.filter(|tag| tag.name() == "source"));
    let candidates = sets.flat_map(|tag| ["data-srcset", "srcset"].into_iter().filter_map(|name| attr(tag, name)));
    let first = |set: &'a str| set.split_whitespace().next().map(|source| source.trim_end_matches(','));
    named.chain(candidates.filter_map(first)).find(is_file)
}

/// The cells of a row of a layout table are different places; nothing else is told by its number.
pub(super) fn column_of(node: NodeRef<'_, Node>, tag: &Tag) -> usize {
    if !matches!(tag.name.local, local_name!("td") | local_name!("th")) {
        return 0;
    }
    node.prev_siblings().take(64).filter(|sibling| sibling.value().is_element()).count() + 1
}

/// Class names with figures number items or builds; build tools also mix capitals in at random (`gsnTZi`).
fn is_made_up(class: &str) -> bool {
    let bytes = class.as_bytes();
    if bytes.iter().any(u8::is_ascii_digit) {
        return true;
    }
    let shouts = bytes.windows(2).filter(|pair| pair[0].is_ascii_uppercase() && pair[1].is_ascii_uppercase()).count();
    let has_lower = bytes.iter().any(u8::is_ascii_lowercase);
    let humps = bytes.windows(2).filter(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase()).count();
    (has_lower && shouts > 0) || (bytes.len() < 9 && humps > 1)
}

/// Hash of the way from the root: tags with their class names, without figures, which number items or builds.
pub(super) fn place_of(parent: u32, tag: &Tag, column: usize) -> u32 {
    let mut hasher = Sha256::new();
    hasher.update(parent.to_be_bytes());
    hasher.update(column.to_be_bytes());
    hasher.update(tag.name());
    // The classes of the whole page tell visitors or variants apart, not places.
    let is_whole = matches!(tag.name.local, local_name!("html") | local_name!("body"));
    let names = known_attr(tag, &local_name!("class")).filter(|_| !is_whole).unwrap_or_default();
    let mut classes: Vec<&str> = names.split_ascii_whitespace().filter(|class| !is_made_up(class)).collect();
    classes.sort_unstable();
    classes.dedup();
    for class in classes {
        hasher.update(".");
        hasher.update(class);
    }
    u32::from_be_bytes(hasher.finalize()[..4].try_into().unwrap_or_default())
}
