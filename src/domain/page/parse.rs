//! HTML to a tree, within bounds. The parser takes time quadratic in the elements that are open at once and in the
//! attributes of one tag, and a few unclosed formatting elements make millions of nodes; so it is fed piece by piece
//! and asked after each what it holds. Only the parser itself knows: whatever reads tags beside it can be fooled, by
//! an end tag in an attribute, a comment that ends in `--!>`, or a `title` inside an `svg`.

use std::borrow::Cow;
use std::cell::Cell;

use ego_tree::NodeId;
use html5ever::TokenizerResult;
use html5ever::interface::Tracer;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{BufferQueue, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts, TreeSink};
use scraper::{Html, HtmlTreeSink};

use super::slim::slim;
use super::{Page, PageError};

mod attributes;

use attributes::OpenTag;

/// Bytes between two looks at what the parser holds.
const PIECE: usize = 1024;

/// Parses HTML after a look at its size, as far as its elements stay within bounds.
pub fn parse_html(html: &str) -> Result<Html, PageError> {
    let html = if html.len() > Page::MOST_BYTES { slim(html) } else { Cow::Borrowed(html) };
    let html = &*html;
    if html.len() > Page::MOST_BYTES {
        return Err(PageError::TooLarge(html.len()));
    }
    let tokenizer = Tokenizer::new(Watched::new(), TokenizerOpts::default());
    let input = BufferQueue::default();
    let mut open_tag = OpenTag::default();
    let mut rest = StrTendril::from(html);
    for piece in pieces(html) {
        let length = u32::try_from(piece.len()).map_err(|_| PageError::TooLarge(html.len()))?;
        input.push_back(rest.subtendril(0, length));
        rest.pop_front(length);
        tokenizer.sink.has_advanced.set(false);
        // It stops after scripts and declarations of an encoding, which are nothing to wait for here.
        while !matches!(tokenizer.feed(&input), TokenizerResult::Done) {}
        open_tag.read(piece, tokenizer.sink.has_advanced.get());
        tokenizer.sink.check_size()?;
        open_tag.check_size()?;
    }
    tokenizer.end();
    Ok(tokenizer.sink.builder.sink.finish())
}

fn pieces(mut html: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let (piece, rest) = html.split_at(html.floor_char_boundary(PIECE));
        html = rest;
        (!piece.is_empty()).then_some(piece)
    })
}

/// The builder of the tree, with a look at what reaches it.
struct Watched {
    builder: TreeBuilder<NodeId, HtmlTreeSink>,
    /// Whether a tag, a comment or text has ended in this piece.
    has_advanced: Cell<bool>,
}

impl Watched {
    fn new() -> Self {
        let sink = HtmlTreeSink::new(Html::new_document());
        Self { builder: TreeBuilder::new(sink, TreeBuilderOpts::default()), has_advanced: Cell::new(false) }
    }

    fn check_size(&self) -> Result<(), PageError> {
        let open = Count(Cell::new(0));
        self.builder.trace_handles(&open);
        if open.0.get() > Page::DEEPEST {
            return Err(PageError::TooDeep);
        }
        let nodes = self.builder.sink.0.borrow().tree.values().len();
        if nodes > Page::MOST_NODES { Err(PageError::TooLong) } else { Ok(()) }
    }
}

impl TokenSink for Watched {
    type Handle = NodeId;

    fn process_token(&self, token: Token, line_number: u64) -> TokenSinkResult<NodeId> {
        if !matches!(token, Token::ParseError(_)) {
            self.has_advanced.set(true);
        }
        self.builder.process_token(token, line_number)
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

/// Counts open elements, and formatting elements that are to be opened again.
struct Count(Cell<usize>);

impl Tracer for Count {
    type Handle = NodeId;

    fn trace_handle(&self, _: &NodeId) {
        self.0.set(self.0.get() + 1);
    }
}

#[cfg(test)]
mod tests;
