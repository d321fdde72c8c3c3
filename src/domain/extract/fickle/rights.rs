//! `© 2024 Harbour Authority. All rights reserved.`: a line at the foot of pages, with another year every January.

use crate::domain::model::BlockKind;
use crate::domain::page::Line;

/// Words of such a line.
const MOST_WORDS: usize = 30;

pub(super) fn is_note_of_rights(line: &Line) -> bool {
    let is_line = matches!(line.kind, BlockKind::Paragraph | BlockKind::ListItem);
    is_line && claims_rights(&line.text) && line.words() <= MOST_WORDS
}

/// Whether a text begins with the sign of copyright, or with the word and a year, and names a year.
fn claims_rights(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default();
    let rest = text.trim_start()[first.len()..].trim_start();
    let is_word = first.trim_end_matches(':').eq_ignore_ascii_case("copyright");
    let is_sign = has_sign(first) || is_word && (has_sign(rest) || starts_with_year(rest));
    is_sign && text.split(|character: char| !character.is_alphanumeric()).any(is_year)
}

fn has_sign(text: &str) -> bool {
    text.starts_with('©') || text.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("(c)"))
}

fn starts_with_year(text: &str) -> bool {
    text.split(|character: char| !character.is_alphanumeric()).next().is_some_and(is_year)
}

fn is_year(word: &str) -> bool {
    word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit()) && matches!(&word[..2], "19" | "20")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_of_rights_have_a_sign_and_a_year() {
        for note in [
            "© 2024 Harbour Authority. All rights reserved.",
            "©2019–2024 Harbour Authority",
            "Copyright © Harbour Authority 2024",
            "Copyright 2024 by the Harbour Authority",
            "(c) Порт, 2024",
            "© Harbour Authority, 1999-2024",
        ] {
            assert!(claims_rights(note), "{note}");
        }
        for text in [
            "",
            "©",
            "© Harbour Archive",
            "Copyright law changes in 2024, the ministry said.",
            "In 2024 the © sign was dropped.",
            "(c) the harbour, as the act of the port defines it;",
        ] {
            assert!(!claims_rights(text), "{text}");
        }
    }
}
