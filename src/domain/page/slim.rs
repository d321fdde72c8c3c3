//! Takes out of a page what is no text before its length is measured: pictures, fonts and states that are written into
//! it as one word of many thousand letters.

use std::borrow::Cow;

/// Letters of the longest word that stays; only ASCII counts, as other scripts write whole paragraphs without a space.
const LONGEST_WORD: usize = 4096;
/// Letters that are left of a longer one, enough to tell what it was.
const LEFT: usize = 64;

/// The page without such words.
pub(super) fn slim(html: &str) -> Cow<'_, str> {
    let mut slimmed = String::new();
    let mut copied = 0;
    let mut start = 0;
    let ends = |byte: &u8| !byte.is_ascii_graphic() || matches!(byte, b'"' | b'\'' | b'<' | b'>');
    while start < html.len() {
        let length = html.as_bytes()[start..].iter().position(ends).unwrap_or(html.len() - start);
        if length > LONGEST_WORD {
            slimmed.push_str(&html[copied..start + LEFT]);
            copied = start + length;
        }
        start += length + 1;
    }
    if copied == 0 {
        return Cow::Borrowed(html);
    }
    slimmed.push_str(&html[copied..]);
    Cow::Owned(slimmed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_go_and_text_stays() {
        let picture = "A+/9".repeat(LONGEST_WORD);
        let page =
            |source: &str| format!("<p>До утра<img src=\"data:image/png;base64,{source}\" alt=\"a pier\">туман</p>");
        let slimmed = slim(&page(&picture)).into_owned();
        assert!(slimmed.len() < 300 && slimmed.starts_with("<p>До утра<img src=\"data:image/png;base64,A+/9A"));
        assert!(slimmed.ends_with("\" alt=\"a pier\">туман</p>"));
        assert!(matches!(slim(&page("A+/9")), Cow::Borrowed(_)));
        let chinese = format!("<p>{}</p>", "港口今天关闭".repeat(LONGEST_WORD));
        assert!(matches!(slim(&chinese), Cow::Borrowed(_)));
        assert_eq!(slim(&"x".repeat(LONGEST_WORD * 2)), "x".repeat(LEFT));
    }
}
