//! Takes out of a comparison what our reading alone has moved: a line that stands on both pages is no edit, though it
//! counts as text on one of them only. A redesign makes text of what was taken for the template, and the reverse.

use std::collections::HashMap;

use crate::domain::extract::tells_age;
use crate::domain::model::{Block, Document};
use crate::domain::normalize::canonical_text;
use crate::domain::page::{Page, count_words};

/// Words of a line that says enough to be the same one: the name of a country may be in a menu and new in the text.
const FEWEST_WORDS: usize = 5;

/// The old document as it would have been read if what it shares with the new page, and only one of the two readings
/// takes for text, were taken alike.
pub(super) fn read_alike(mut old: Document, old_page: &Page, new: &Document, new_page: &Page) -> Document {
    let tells_age = |page: &Page| page.lines.iter().any(tells_age);
    // "Yesterday" becomes a date when it is long enough ago, and the reverse where a new template writes so.
    if old.date.is_none() && tells_age(old_page) || new.date.is_none() && tells_age(new_page) {
        old.date.clone_from(&new.date);
    }
    let mut left_out_then = left_out(old_page, &old);
    let mut left_out_now = left_out(new_page, new);
    let mut missing = counted(new.blocks.iter().map(text_of));
    old.blocks.retain(|block| {
        let text = text_of(block);
        take(&mut missing, &text) || !take(&mut left_out_now, &text)
    });
    let mut present = counted(old.blocks.iter().map(text_of));
    let mut place = 0;
    for block in &new.blocks {
        let text = text_of(block);
        if take(&mut present, &text) {
            place =
                old.blocks.iter().skip(place).position(|old| text_of(old) == text).map_or(place, |at| place + at + 1);
        } else if take(&mut left_out_then, &text) {
            old.blocks.insert(place.min(old.blocks.len()), block.clone());
            place += 1;
        }
    }
    old
}

/// The lines of a page that are none of the text of its document, each with how often it stands there.
fn left_out(page: &Page, document: &Document) -> HashMap<String, usize> {
    let is_long = |text: &String| count_words(text) >= FEWEST_WORDS;
    let mut lines = counted(page.lines.iter().map(|line| canonical_text(&line.text)).filter(is_long));
    for block in &document.blocks {
        take(&mut lines, &text_of(block));
    }
    lines
}

fn text_of(block: &Block) -> String {
    canonical_text(&block.text)
}

fn counted(texts: impl Iterator<Item = String>) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for text in texts {
        *counts.entry(text).or_default() += 1;
    }
    counts
}

fn take(counts: &mut HashMap<String, usize>, text: &str) -> bool {
    let Some(count) = counts.get_mut(text).filter(|count| **count > 0) else { return false };
    *count -= 1;
    true
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::domain::model::{BlockKind, ShownDate};
    use crate::domain::rule::ExtractionRule;

    fn page(lines: &[&str]) -> Page {
        Page::read(
            &format!("<p>{}</p>", lines.join("</p><p>")),
            &Url::parse("https://example.org/a").unwrap(),
            &ExtractionRule::default(),
        )
        .unwrap()
    }

    fn document(texts: &[&str]) -> Document {
        let block = |text: &&str| Block { kind: BlockKind::Paragraph, text: (*text).to_owned() };
        Document { blocks: texts.iter().map(block).collect(), ..Document::default() }
    }

    const A: &str = "The harbour will be deepened next year.";
    const B: &str = "Our thoughts are with all of them.";
    const C: &str = "Residents can look at the plans.";

    /// The old text when its page has these lines and the new page those, of which it reads the given ones.
    fn check(old: &[&str], old_lines: &[&str], new: &[&str], new_lines: &[&str], expected: &[&str]) {
        let read = read_alike(document(old), &page(old_lines), &document(new), &page(new_lines));
        let texts: Vec<&str> = read.blocks.iter().map(|block| block.text.as_str()).collect();
        assert_eq!(texts, expected);
    }

    #[test]
    fn a_date_that_was_an_age_before_has_not_come() {
        let day = ShownDate { text: "3 May 2026".to_owned(), day: None };
        let dated = |date: Option<&ShownDate>| Document { date: date.cloned(), ..document(&[A]) };
        let date = |old: Option<&ShownDate>, old_lines: &[&str], new: Option<&ShownDate>, new_lines: &[&str]| {
            read_alike(dated(old), &page(old_lines), &dated(new), &page(new_lines)).date
        };
        assert_eq!(date(None, &["6 days ago", A], Some(&day), &["3 May 2026", A]), Some(day.clone()));
        assert_eq!(date(None, &["Yesterday", A], Some(&day), &["3 May 2026", A]), Some(day.clone()));
        assert_eq!(date(Some(&day), &["3 May 2026", A], None, &["6 days ago", A]), None);
        assert_eq!(date(None, &[A], Some(&day), &["3 May 2026", A]), None, "a date that came");
        assert_eq!(date(Some(&day), &["3 May 2026", A], None, &[A]), Some(day), "a date that went");
    }

    #[test]
    fn what_stood_there_all_along_has_not_come() {
        check(&[A, C], &["x", A, B, C], &[A, B, C], &[A, B, C], &[A, B, C]);
        check(&[A, C], &[B, A, C], &[B, A, C], &[B, A, C], &[B, A, C]);
    }

    #[test]
    fn what_still_stands_there_has_not_gone() {
        check(&[A, B], &[A, B], &[A], &[A, C, B], &[A]);
    }

    #[test]
    fn what_came_and_went_stays_an_edit() {
        check(&[A, B], &[A, B], &[A, C], &[A, C], &[A, B]);
        check(&[A], &[A], &[A, A], &[A, A], &[A]);
        check(&[A, A], &[A, A], &[A], &[A], &[A, A]);
        check(&[A], &["Iceland", A], &[A, "Iceland"], &[A, "Iceland"], &[A]);
    }
}
