//! How many attributes the tag has that the parser is reading. The parser compares each with all before it, and reports
//! none before the tag ends.
//!
//! Where a tag began is not known, so all that could be one are followed at once; as long as the parser goes on
//! reading text, comments or tags, what began before is none.

use super::{Page, PageError};

/// States of the tokenizer of HTML inside a tag; the states in which an attribute may begin are one.
const NAME: usize = 0;
const BEFORE: usize = 1;
const ATTRIBUTE: usize = 2;
const AFTER: usize = 3;
const EQUALS: usize = 4;
const DOUBLE: usize = 5;
const SINGLE: usize = 6;
const UNQUOTED: usize = 7;
const STATES: usize = 8;

/// Tags that may be open, by the state in which they would be: their attributes, of the one that has most.
#[derive(Debug, Default)]
pub(super) struct OpenTag<'a> {
    attributes: [Option<usize>; STATES],
    /// The piece in which they began. Few tags are longer than a piece, so it is read only when the next one goes on
    /// with them; a tag within one piece cannot have too many attributes.
    first: &'a str,
    /// Whether what was read ends where a tag may begin.
    opens: bool,
}

impl<'a> OpenTag<'a> {
    /// Reads on; `has_advanced` says that the tag that was open before this piece is not open any more.
    pub(super) fn read(&mut self, piece: &'a str, has_advanced: bool) {
        if has_advanced {
            *self = Self { first: piece, ..Self::default() };
            return;
        }
        let first = std::mem::take(&mut self.first);
        self.count(first);
        self.count(piece);
    }

    fn count(&mut self, piece: &str) {
        for byte in piece.bytes() {
            let before = std::mem::take(&mut self.attributes);
            for (state, count) in before.into_iter().enumerate() {
                let Some((next, count)) = count.and_then(|count| step(state, byte, count)) else { continue };
                self.attributes[next] = self.attributes[next].max(Some(count));
            }
            if self.opens && byte.is_ascii_alphabetic() {
                self.attributes[NAME] = self.attributes[NAME].max(Some(0));
            }
            self.opens = byte == b'<' || (self.opens && byte == b'/');
        }
    }

    pub(super) fn check_size(&self) -> Result<(), PageError> {
        let most = self.attributes.iter().flatten().max().copied().unwrap_or_default();
        if most > Page::MOST_ATTRIBUTES { Err(PageError::TooManyAttributes) } else { Ok(()) }
    }
}

/// Where a tag is after this byte, and with how many attributes; nowhere if it ends.
fn step(state: usize, byte: u8, count: usize) -> Option<(usize, usize)> {
    let is_space = matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ');
    let next = match (state, byte) {
        (DOUBLE, b'"') | (SINGLE, b'\'') | (NAME | BEFORE | ATTRIBUTE | AFTER, b'/') => BEFORE,
        (DOUBLE | SINGLE, _) => state,
        (_, b'>') => return None,
        (ATTRIBUTE | AFTER, b'=') => EQUALS,
        (EQUALS, b'"') => DOUBLE,
        (EQUALS, b'\'') => SINGLE,
        (ATTRIBUTE | AFTER, _) if is_space => AFTER,
        (EQUALS, _) if is_space => EQUALS,
        (NAME | BEFORE | UNQUOTED, _) if is_space => BEFORE,
        (EQUALS | UNQUOTED, _) => UNQUOTED,
        (BEFORE | AFTER, _) => return Some((ATTRIBUTE, count + 1)),
        _ => state,
    };
    Some((next, count))
}

#[cfg(test)]
mod tests {
    use super::super::PIECE;
    use super::*;

    fn most(html: &str) -> Option<usize> {
        let mut tag = OpenTag::default();
        tag.read(html, false);
        tag.attributes.into_iter().flatten().max()
    }

    #[test]
    fn a_tag_within_one_piece_has_few_attributes() {
        let least = ["a ", "a/", "a\t"].map(|attribute| format!("<p {}", attribute.repeat(PIECE / 2)));
        assert!(least.iter().all(|html| most(&html[..PIECE]) <= Some(Page::MOST_ATTRIBUTES)));
    }

    #[test]
    fn attributes_are_counted_as_the_parser_does() {
        assert_eq!(most("<p a b=c d = 'e f' g=\"h\"i/j k"), Some(7));
        assert_eq!(most("<p ==a/b=/c"), Some(1));
        assert_eq!(most("<p =a/b=/c"), Some(2));
        assert_eq!(most("</p a b"), Some(2));
        assert_eq!(most("<img src=\"data:a/b/c/d e f"), Some(1));
        assert_eq!(most("<p a b c>"), None);
        assert_eq!(most("a < b c d"), None);
        let mut tag = OpenTag::default();
        tag.read("a <", true);
        tag.read("b c d", false);
        assert_eq!(tag.attributes.into_iter().flatten().max(), Some(2), "cut in the middle");
    }

    #[test]
    fn a_tag_in_the_value_of_another_hides_nothing() {
        assert_eq!(most("<p x=\"<q y='\" a b c"), Some(4));
    }

    #[test]
    fn what_began_before_the_parser_went_on_is_no_tag() {
        let mut tag = OpenTag::default();
        tag.read("i<n && a b c d", false);
        tag.read(" e f <p g h", true);
        tag.read("=i", false);
        assert_eq!(tag.attributes.into_iter().flatten().max(), Some(2));
    }
}
