//! Makes text of a change: for a terminal, for a browser, for `patch` and for programs. All of them read the
//! same [`Change`](super::diff::Change) (the unified form reads the documents), none decides what changed.
//! What comes from pages is escaped here and nowhere else.

mod html;
mod json;
mod plain;
mod terminal;
mod wrap;

pub use html::{Heading, html};
pub use json::json;
pub use plain::{plain_text, unified};
pub use terminal::{TerminalOptions, terminal};

use super::diff::BlockEdit;

/// Unchanged blocks that are shown on each side of a change.
const CONTEXT: usize = 1;

/// A block that is shown, or how many unchanged ones are not.
enum Shown<'a> {
    Block(usize, &'a BlockEdit),
    Folded(usize),
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
            Some(Shown::Folded(count)) => *count += 1,
            _ => shown.push(Shown::Folded(1)),
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
