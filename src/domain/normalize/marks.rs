//! Marks of lists that are typed: "• ", "- ", "1. ". A reader sees the same where the browser draws them.

use std::borrow::Cow;

use super::canonical;
use crate::domain::model::{Block, BlockKind};

/// Blocks as they are compared, in their order, without the marks of lists.
pub(crate) fn canonical_blocks(blocks: &[Block]) -> Vec<Cow<'_, str>> {
    let texts: Vec<Cow<'_, str>> = blocks.iter().map(|block| canonical(&block.text)).collect();
    let mut marks: Vec<usize> = texts.iter().map(|text| bullet(text)).collect();
    let numbers: Vec<Option<Number>> = blocks.iter().zip(&texts).map(|(block, text)| number(block, text)).collect();
    let mut at = 0;
    while at < numbers.len() {
        let run = run_from(&numbers[at..]);
        for (mark, number) in marks[at..].iter_mut().zip(&numbers[at..]).take(if run > 1 { run } else { 0 }) {
            *mark = number.as_ref().map_or(*mark, |number| number.length);
        }
        at += run.max(1);
    }
    texts.into_iter().zip(marks).map(|(text, mark)| without(text, mark)).collect()
}

fn without(text: Cow<'_, str>, mark: usize) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[mark..]),
        Cow::Owned(ref owned) if mark > 0 => Cow::Owned(owned[mark..].to_owned()),
        Cow::Owned(_) => text,
    }
}

/// The length of the bullet that a text begins with. All dashes are one in canonical text.
fn bullet(text: &str) -> usize {
    let mut characters = text.chars();
    let first = characters.next().filter(|first| "•·▪▫●○◦‣∙■□◆◇►▶➢➤✓✔*-".contains(*first));
    match (first, characters.next()) {
        (Some(first), Some(' ')) => first.len_utf8() + 1,
        _ => 0,
    }
}

/// The number that a text begins with, as a mark of a list.
struct Number {
    value: u32,
    /// Bytes of the mark with the space after it.
    length: usize,
    /// What stands around the number.
    style: (bool, char),
}

/// `1. `, `1) ` or `(1) `.
fn number(block: &Block, text: &str) -> Option<Number> {
    let is_item = !matches!(block.kind, BlockKind::Heading | BlockKind::TableRow);
    let rest = text.strip_prefix('(').filter(|_| is_item);
    let inner = rest.or(is_item.then_some(text))?;
    let digits = inner.bytes().take(3).take_while(u8::is_ascii_digit).count();
    let mut after = inner[digits..].chars();
    let end = after.next().filter(|end| *end == ')' || *end == '.' && rest.is_none())?;
    (after.next() == Some(' ')).then_some(())?;
    let value = inner[..digits].parse().ok()?;
    Some(Number { value, length: text.len() - inner.len() + digits + 2, style: (rest.is_some(), end) })
}

/// How many blocks in a row from the first one on are numbered from 1 on in one style.
fn run_from(numbers: &[Option<Number>]) -> usize {
    let Some(Some(first)) = numbers.first() else { return 0 };
    let is_next = |(at, number): &(usize, &Option<Number>)| {
        let number = number.as_ref().filter(|number| number.style == first.style);
        number.is_some_and(|number| usize::try_from(number.value).is_ok_and(|value| value == at + 1))
    };
    numbers.iter().enumerate().take_while(is_next).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(texts: &[&str], expected: &[&str]) {
        let block = |text: &&str| Block { kind: BlockKind::Paragraph, text: (*text).to_owned() };
        assert_eq!(canonical_blocks(&texts.iter().map(block).collect::<Vec<_>>()), expected);
    }

    #[test]
    fn typed_bullets_are_marks() {
        check(&["• twelve buses", "– a school", "*", "-5 degrees"], &["twelve buses", "a school", "*", "-5 degrees"]);
    }

    #[test]
    fn numbers_are_marks_where_they_count_from_one() {
        check(&["1. buses", "2. schools", "3) trams"], &["buses", "schools", "3) trams"]);
        check(&["(1) buses", "(2) schools"], &["buses", "schools"]);
        check(&["1. buses"], &["1. buses"]);
        check(&["2. buses", "3. schools"], &["2. buses", "3. schools"]);
        check(&["1.5 buses", "2.5 schools", "1,000 trams"], &["1.5 buses", "2.5 schools", "1,000 trams"]);
    }
}
