//! A look at the tags of a page before it is parsed: html5ever takes time quadratic in the nesting, and a few
//! unclosed formatting elements per paragraph make millions of nodes.

use std::collections::HashMap;

use super::PageError;

/// Refuses HTML in which more than `deepest` elements are open at once. Elements whose end tag may be left out
/// are not counted, so ordinary careless markup passes.
pub(super) fn check_nesting(html: &str, deepest: usize) -> Result<(), PageError> {
    let bytes = html.as_bytes();
    let mut open: HashMap<&str, usize> = HashMap::new();
    let mut depth = 0;
    let mut at = 0;
    while let Some(offset) = bytes[at..].iter().position(|byte| *byte == b'<') {
        at += offset + 1;
        if html[at..].starts_with("!--") {
            at = html[at..].find("-->").map_or(bytes.len(), |end| at + end + 3);
            continue;
        }
        let closing = bytes.get(at) == Some(&b'/');
        let start = at + usize::from(closing);
        let length = bytes[start..].iter().take(32).take_while(|byte| byte.is_ascii_alphanumeric()).count();
        let name = &html[start..start + length];
        at = start + length;
        if name.is_empty() || is_uncounted(name) {
            continue;
        }
        if closing {
            if let Some(count) = open.get_mut(name).filter(|count| **count > 0) {
                *count -= 1;
                depth -= 1;
            }
            continue;
        }
        if is_raw(name) {
            at = find_end(html, at, name);
            continue;
        }
        *open.entry(name).or_default() += 1;
        depth += 1;
        if depth > deepest {
            return Err(PageError::TooDeep);
        }
    }
    Ok(())
}

/// Void elements, and those whose end tag is optional.
fn is_uncounted(name: &str) -> bool {
    const NAMES: [&str; 31] = [
        "area", "base", "body", "br", "col", "colgroup", "dd", "dt", "embed", "head", "hr", "html", "img", "input",
        "li", "link", "meta", "optgroup", "option", "p", "param", "rp", "rt", "source", "tbody", "td", "tfoot", "th",
        "thead", "tr", "wbr",
    ];
    NAMES.iter().any(|other| other.eq_ignore_ascii_case(name))
}

/// Elements whose content is no markup.
fn is_raw(name: &str) -> bool {
    ["script", "style", "textarea", "title"].iter().any(|other| other.eq_ignore_ascii_case(name))
}

/// The end of a raw element; each is searched once, from where the last one ended.
fn find_end(html: &str, from: usize, name: &str) -> usize {
    let mut at = from;
    while let Some(offset) = html[at..].find("</") {
        at += offset + 2;
        if html.as_bytes()[at..].get(..name.len()).is_some_and(|end| end.eq_ignore_ascii_case(name.as_bytes())) {
            return at + name.len();
        }
    }
    html.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: &str) -> Result<(), PageError> {
        check_nesting(html, 512)
    }

    #[test]
    fn careless_markup_passes() {
        assert!(check(&"<p>one<li>two<td>three<br>".repeat(2000)).is_ok());
        assert!(check(&"<div><b>x</b></div>".repeat(2000)).is_ok());
        assert!(check(&format!("<script>{}</script>", "'<div>'".repeat(2000))).is_ok());
        assert!(check(&format!("<!--{}-->", "<div>".repeat(2000))).is_ok());
    }

    #[test]
    fn nesting_is_refused() {
        assert_eq!(check(&"<div>".repeat(600)), Err(PageError::TooDeep));
        assert_eq!(check(&"<ul><li>".repeat(600)), Err(PageError::TooDeep));
        assert_eq!(check(&"<p><b class=1><i>".repeat(300)), Err(PageError::TooDeep));
    }

    #[test]
    fn letters_of_any_script_are_no_tags() {
        assert!(check("a < b, «<жирный», <é").is_ok());
    }
}
