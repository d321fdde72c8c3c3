//! Makes text of a change: for a terminal, a browser, a mail, for `patch` and for programs. All of them read the
//! same [`Change`](super::diff::Change) (the unified form reads the documents), none decides what changed.
//! What comes from pages is escaped here and nowhere else.

mod atom;
mod columns;
mod excerpt;
mod html;
mod items;
mod json;
mod letter;
mod mail;
mod plain;
mod side;
mod terminal;
mod wrap;

pub use atom::{AtomEntry, AtomFeed, entry_html, permanent_id, render_atom};
pub use html::{Fragment, Heading, fragment, html};
pub use json::json;
pub use letter::{Letter, letter};
pub use mail::{mail_html, mail_text};
pub use plain::{plain_text, unified};
pub use terminal::{TerminalOptions, terminal};

use std::ops::Range;

use super::diff::BlockEdit;

/// Unchanged blocks that are shown on each side of a change.
const CONTEXT: usize = 1;

/// A block that is shown, or which unchanged ones are not.
enum Shown<'a> {
    Block(usize, &'a BlockEdit),
    Folded(Range<usize>),
}

/// Leaves out what did not change, but for a block of context on each side of what did.
fn fold(blocks: &[BlockEdit], full: bool) -> Vec<Shown<'_>> {
    let mut wanted = vec![full; blocks.len()];
    for (index, block) in blocks.iter().enumerate() {
        if !matches!(block, BlockEdit::Equal { .. }) {
            wanted[index.saturating_sub(CONTEXT)..(index + CONTEXT + 1).min(blocks.len())].fill(true);
        }
    }
    fill_small_gaps(&mut wanted);
    let mut shown = Vec::new();
    for (index, block) in blocks.iter().enumerate() {
        match shown.last_mut() {
            _ if wanted[index] => shown.push(Shown::Block(index, block)),
            Some(Shown::Folded(blocks)) => blocks.end += 1,
            _ => shown.push(Shown::Folded(index..index + 1)),
        }
    }
    shown
}

/// A single block takes no more room than the note that it is missing.
fn fill_small_gaps(wanted: &mut [bool]) {
    for index in 0..wanted.len() {
        let before = index == 0 || wanted[index - 1];
        let after = wanted.get(index + 1).copied().unwrap_or(true);
        let alone = wanted.len() == 1;
        wanted[index] |= before && after && !alone;
    }
}

/// Whether any of the text changed, and not only what stands beside it.
fn has_edits(blocks: &[BlockEdit]) -> bool {
    blocks.iter().any(|block| !matches!(block, BlockEdit::Equal { .. }))
}

const COARSE: &str = "Too large to compare word by word everywhere.";

fn folded_note(count: usize) -> String {
    match count {
        1 => "… 1 paragraph unchanged …".to_owned(),
        _ => format!("… {count} paragraphs unchanged …"),
    }
}

/// Text without anything that a terminal or a text editor would obey.
fn harmless(text: &str) -> String {
    text.chars().filter(|character| !is_harmful(*character)).collect()
}

/// Control characters, and marks that turn the direction of writing.
pub fn is_harmful(character: char) -> bool {
    character.is_control() && character != '\t'
        || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}')
}

#[cfg(test)]
mod tests;
