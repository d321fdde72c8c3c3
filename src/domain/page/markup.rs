//! What the tags of HTML mean for reading: which are never text, which make lines, which tables hold data, and how
//! the place of an element in its template is known.

use std::collections::HashSet;

use ego_tree::NodeRef;
use scraper::node::Element as Tag;
use scraper::{Html, Node};
use sha2::{Digest, Sha256};

/// Never text of the page: code, controls, what is hidden.
pub(super) fn is_skipped(tag: &Tag) -> bool {
    let by_name = matches!(
        tag.name(),
        "script"
            | "style"
            | "template"
            | "noscript"
            | "svg"
            | "math"
            | "iframe"
            | "object"
            | "embed"
            | "canvas"
            | "video"
            | "audio"
            | "select"
            | "textarea"
            | "button"
            | "input"
            | "datalist"
            | "head"
            | "map"
            | "progress"
            | "meter"
    );
    by_name || tag.attr("hidden").is_some_and(|value| value != "until-found") || is_styled_away(tag)
}

fn is_styled_away(tag: &Tag) -> bool {
    tag.attr("style").is_some_and(|style| {
        let style: String = style.chars().take(512).filter(|character| !character.is_whitespace()).collect();
        let style = style.to_ascii_lowercase();
        style.contains("display:none") || style.contains("visibility:hidden")
    })
}

pub(super) fn is_block(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "center"
            | "dd"
            | "details"
            | "dialog"
            | "dir"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hgroup"
            | "hr"
            | "html"
            | "legend"
            | "li"
            | "main"
            | "menu"
            | "nav"
            | "ol"
            | "p"
            | "pre"
            | "search"
            | "section"
            | "summary"
            | "table"
            | "tbody"
            | "td"
            | "tfoot"
            | "th"
            | "thead"
            | "tr"
            | "ul"
            | "caption"
            | "colgroup"
    )
}

/// What makes a line of its own within a data table.
pub(super) fn is_row(name: &str) -> bool {
    matches!(name, "tr" | "caption")
}

pub(super) fn is_table_part(name: &str) -> bool {
    matches!(name, "tbody" | "thead" | "tfoot" | "colgroup")
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
    let elements = tree.root_element().descendent_elements();
    let named = elements.flat_map(|element| {
        let tag = element.value();
        ["aria-controls", "data-target", "data-bs-target"].iter().filter_map(|name| tag.attr(name))
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
    let named = ["data-src", "data-lazy-src", "data-original", "src"].iter().filter_map(|name| tag.attr(name));
    let sources = node.prev_siblings().take(16).filter_map(|sibling| sibling.value().as_element());
    let sets = std::iter::once(tag).chain(sources.filter(|tag| tag.name() == "source"));
    let candidates = sets.flat_map(|tag| ["data-srcset", "srcset"].into_iter().filter_map(|name| tag.attr(name)));
    let first = |set: &'a str| set.split_whitespace().next().map(|source| source.trim_end_matches(','));
    named.chain(candidates.filter_map(first)).find(is_file)
}

/// The cells of a row of a layout table are different places; nothing else is told by its number.
pub(super) fn column_of(node: NodeRef<'_, Node>, tag: &Tag) -> usize {
    if !matches!(tag.name(), "td" | "th") {
        return 0;
    }
    node.prev_siblings().take(64).filter(|sibling| sibling.value().is_element()).count() + 1
}

/// Class names with figures number items or builds; build tools also mix capitals in at random (`gsnTZi`).
fn is_made_up(class: &str) -> bool {
    let bytes = class.as_bytes();
    let shouts = bytes.windows(2).filter(|pair| pair[0].is_ascii_uppercase() && pair[1].is_ascii_uppercase()).count();
    let has_lower = bytes.iter().any(u8::is_ascii_lowercase);
    let humps = bytes.windows(2).filter(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase()).count();
    bytes.iter().any(u8::is_ascii_digit) || (has_lower && shouts > 0) || (bytes.len() < 9 && humps > 1)
}

/// Hash of the way from the root: tags with their class names, without figures, which number items or builds.
pub(super) fn place_of(parent: u32, tag: &Tag, column: usize) -> u32 {
    let mut hasher = Sha256::new();
    hasher.update(parent.to_be_bytes());
    hasher.update(column.to_be_bytes());
    hasher.update(tag.name());
    // The classes of the whole page tell visitors or variants apart, not places.
    let is_whole = matches!(tag.name(), "html" | "body");
    let mut classes: Vec<&str> = tag.classes().filter(|class| !is_whole && !is_made_up(class)).collect();
    classes.sort_unstable();
    for class in classes {
        hasher.update(".");
        hasher.update(class);
    }
    u32::from_be_bytes(hasher.finalize()[..4].try_into().unwrap_or_default())
}
