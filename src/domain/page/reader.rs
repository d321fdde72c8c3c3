//! Walks the tree once, without recursion, and cuts it into lines.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use ego_tree::NodeRef;
use ego_tree::iter::Edge;
use html5ever::{LocalName, local_name};
use scraper::node::Element as Tag;
use scraper::{ElementRef, Html, Node};
use url::Url;

use super::head::Head;
use super::markup::{
    attr, column_of, is_block, is_data_table, is_in_heading, is_row, is_skipped, is_table_part, known_attr, panels,
    place_of,
};
use super::role::Role;
use super::target::Lead;
use super::{Element, Line, Page, PageError};
use crate::domain::rule::ExtractionRule;

mod fields;
mod ids;
mod text;

use fields::{is_typed_into, take_fields};
use ids::take_ids;
use text::empty_line;

/// Spans of one line that are kept; nothing but a date in a headline needs them.
const MOST_SPANS: usize = 32;

pub(super) fn read_body(tree: &Html, head: &Head, rule: &ExtractionRule) -> Result<Page, PageError> {
    let mut reader = Reader::new(tree, head, rule);
    for edge in tree.root_element().traverse() {
        match edge {
            Edge::Open(node) => reader.open(node)?,
            Edge::Close(node) => reader.close(node)?,
        }
    }
    reader.flush()?;
    let Reader { mut page, ids, forms, .. } = reader;
    take_ids(&mut page, &ids);
    take_fields(&mut page, &forms);
    Ok(page)
}

struct Reader<'a> {
    page: Page,
    base: Option<Arc<Url>>,
    rule: &'a ExtractionRule,
    /// Open block elements, innermost last.
    blocks: Vec<usize>,
    /// The subtree that is being passed over.
    skipped: Option<ego_tree::NodeId>,
    /// Depth of elements that the rule ignores.
    ignored: usize,
    line: Line,
    /// Open anchor: where its text starts in the line, and where it leads.
    anchor: Option<(usize, Arc<Lead>)>,
    /// Starts of open inline elements.
    inline: Vec<usize>,
    /// Open elements whose text is struck out, and whether this line says so already.
    struck: usize,
    is_struck: bool,
    /// Kinds of text that are open: heading level, list item, quote, preformatted.
    levels: Vec<u8>,
    items: usize,
    quotes: usize,
    preformatted: usize,
    /// What the ids of elements say, where nothing else does.
    ids: Vec<(usize, Role)>,
    /// Innermost elements with fields to type into.
    forms: Vec<usize>,
    /// Ids of what buttons show and hide; looked for where something with an id is hidden.
    panels: OnceCell<HashSet<&'a str>>,
    tree: &'a Html,
    /// The data table that is open.
    table: Option<ego_tree::NodeId>,
    /// The places and roles that were found out: those of the items of a list are all the same.
    known: HashMap<Appearance<'a>, (u32, Role)>,
}

/// All of an element that its place and its role depend on.
#[derive(PartialEq, Eq, Hash)]
struct Appearance<'a> {
    /// The place of the element that holds it.
    outer: u32,
    column: usize,
    name: LocalName,
    role: Option<&'a str>,
    classes: Option<&'a str>,
}

impl<'a> Reader<'a> {
    fn new(tree: &'a Html, head: &'a Head, rule: &'a ExtractionRule) -> Self {
        let page = Page { head: head.clone(), ..Page::default() };
        Self {
            page,
            base: head.base.clone().map(Arc::new),
            rule,
            blocks: Vec::new(),
            skipped: None,
            ignored: 0,
            line: empty_line(),
            anchor: None,
            inline: Vec::new(),
            struck: 0,
            is_struck: false,
            levels: Vec::new(),
            items: 0,
            quotes: 0,
            preformatted: 0,
            ids: Vec::new(),
            forms: Vec::new(),
            panels: OnceCell::new(),
            tree,
            table: None,
            known: HashMap::new(),
        }
    }

    fn open(&mut self, node: NodeRef<'a, Node>) -> Result<(), PageError> {
        if self.skipped.is_some() {
            return Ok(());
        }
        match node.value() {
            Node::Text(text) => self.push_text(text)?,
            Node::Element(tag) if is_skipped(tag) && !self.is_shown_by_hand(node, tag) => {
                self.skipped = Some(node.id());
                if is_typed_into(tag) {
                    self.forms.extend(self.blocks.last());
                }
            }
            Node::Element(tag) => {
                if self.is_ignored(node) {
                    self.flush()?;
                    self.ignored += 1;
                }
                self.open_element(node, tag)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn open_element(&mut self, node: NodeRef<'a, Node>, tag: &'a Tag) -> Result<(), PageError> {
        self.struck += usize::from(is_struck(tag));
        match tag.name.local {
            local_name!("br") => self.break_line()?,
            local_name!("img") => self.push_image(node, tag),
            local_name!("a") => self.open_anchor(tag),
            local_name!("time") => {
                self.line.time = self.line.time.take().or_else(|| attr(tag, "datetime").map(str::to_owned));
                self.inline.push(self.line.text.len());
            }
            local_name!("td") | local_name!("th") if self.table.is_some() => self.open_cell(),
            ref name if self.table.is_some() && is_table_part(name) => {}
            ref name if self.table.is_some() && !is_row(name) && is_block(name) => self.push_str(" "),
            ref name if is_block(name) => self.open_block(node, tag)?,
            ref name if is_amp_image(name) => self.push_image(node, tag),
            _ => self.inline.push(self.line.text.len()),
        }
        Ok(())
    }

    fn open_block(&mut self, node: NodeRef<'a, Node>, tag: &'a Tag) -> Result<(), PageError> {
        self.flush()?;
        self.add_element(node, tag)?;
        if self.rule.article.as_ref().is_some_and(|article| matches(node, article.selector())) {
            self.page.articles.push(self.page.elements.len() - 1);
        }
        match tag.name.local {
            local_name!("h1")
            | local_name!("h2")
            | local_name!("h3")
            | local_name!("h4")
            | local_name!("h5")
            | local_name!("h6") => self.levels.push(tag.name().as_bytes()[1] - b'0'),
            local_name!("li") | local_name!("dd") | local_name!("dt") => self.items += 1,
            local_name!("blockquote") => self.quotes += 1,
            local_name!("pre") => self.preformatted += 1,
            local_name!("table") if self.table.is_none() && is_data_table(node) => self.table = Some(node.id()),
            _ => {}
        }
        Ok(())
    }

    fn add_element(&mut self, node: NodeRef<'a, Node>, tag: &'a Tag) -> Result<(), PageError> {
        if self.page.elements.len() >= Page::MOST_LINES {
            return Err(PageError::TooLong);
        }
        let index = self.page.elements.len();
        let parent = self.blocks.last().copied().unwrap_or(0);
        let outer = self.page.elements.get(parent).map_or(0, |element| element.place);
        let column = column_of(node, tag);
        let appearance = Appearance {
            outer,
            column,
            name: tag.name.local.clone(),
            role: known_attr(tag, &local_name!("role")),
            classes: known_attr(tag, &local_name!("class")),
        };
        let found = || (place_of(outer, tag, column), Role::of(tag));
        let (place, role) = *self.known.entry(appearance).or_insert_with(found);
        let start = self.page.lines.len();
        if role == Role::Plain && Role::of_id(tag) != Role::Plain {
            self.ids.push((index, Role::of_id(tag)));
        }
        self.page.elements.push(Element { parent, place, lines: start..start, role });
        self.blocks.push(index);
        Ok(())
    }

    fn close(&mut self, node: NodeRef<'_, Node>) -> Result<(), PageError> {
        if let Some(skipped) = self.skipped {
            if skipped == node.id() {
                self.skipped = None;
            }
            return Ok(());
        }
        let Node::Element(tag) = node.value() else { return Ok(()) };
        self.close_element(node, tag)?;
        if self.is_ignored(node) {
            self.flush()?;
            self.ignored -= 1;
        }
        Ok(())
    }

    fn close_element(&mut self, node: NodeRef<'_, Node>, tag: &Tag) -> Result<(), PageError> {
        if is_struck(tag) {
            self.struck -= 1;
            self.end_struck();
        }
        match tag.name.local {
            local_name!("br") | local_name!("img") => {}
            local_name!("a") => self.close_anchor(),
            local_name!("td") | local_name!("th") if self.table.is_some() => {}
            ref name if self.table.is_some() && is_table_part(name) => {}
            ref name if self.table.is_some() && is_row(name) => self.close_block(tag)?,
            local_name!("table") if self.table == Some(node.id()) => {
                self.close_block(tag)?;
                self.table = None;
            }
            ref name if self.table.is_some() && is_block(name) => self.push_str(" "),
            ref name if is_block(name) => self.close_block(tag)?,
            ref name if is_amp_image(name) => {}
            _ => self.close_inline(),
        }
        Ok(())
    }

    fn close_block(&mut self, tag: &Tag) -> Result<(), PageError> {
        self.flush()?;
        match tag.name.local {
            local_name!("h1")
            | local_name!("h2")
            | local_name!("h3")
            | local_name!("h4")
            | local_name!("h5")
            | local_name!("h6") => drop(self.levels.pop()),
            local_name!("li") | local_name!("dd") | local_name!("dt") => self.items -= 1,
            local_name!("blockquote") => self.quotes -= 1,
            local_name!("pre") => self.preformatted -= 1,
            _ => {}
        }
        if let Some(element) = self.blocks.pop() {
            self.page.elements[element].lines.end = self.page.lines.len();
        }
        Ok(())
    }

    /// Accordions and tabs hide text until somebody asks for it; their buttons are its headings.
    fn is_shown_by_hand(&self, node: NodeRef<'_, Node>, tag: &Tag) -> bool {
        let is_panel = |id| self.panels.get_or_init(|| panels(self.tree)).contains(id);
        match tag.name() {
            "button" => is_in_heading(node),
            "div" | "section" | "p" | "ul" | "ol" | "dd" | "article" => {
                known_attr(tag, &local_name!("id")).is_some_and(is_panel)
            }
            _ => false,
        }
    }

    fn is_ignored(&self, node: NodeRef<'_, Node>) -> bool {
        self.rule.ignore.iter().any(|ignore| matches(node, ignore.selector()))
    }
}

/// What browsers draw a line through.
fn is_struck(tag: &Tag) -> bool {
    matches!(tag.name.local, local_name!("s") | local_name!("del") | local_name!("strike"))
}

/// The parser has no name of its own for it.
fn is_amp_image(name: &LocalName) -> bool {
    **name == *"amp-img"
}

fn matches(node: NodeRef<'_, Node>, selector: &scraper::Selector) -> bool {
    ElementRef::wrap(node).is_some_and(|element| selector.matches(&element))
}
