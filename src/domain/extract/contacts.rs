//! Contact blocks: short lines with a phone number or a mail address, and the names that stand beside them.
//! They are a field of their own, because a changed phone is news even where every page carries the block.

use std::ops::Range;

use super::{Verdict, Why};
use crate::domain::dates::find_dates;
use crate::domain::page::{Line, Page, Target};

/// Words of a line beside a phone number, such as a name and an office.
const SHORT_LINE: usize = 10;

/// Marks the contact lines of the region.
pub(super) fn mark(page: &Page, verdicts: &mut [Verdict], region: Range<usize>) {
    let seeds: Vec<usize> =
        region.clone().filter(|at| may_be_contact(verdicts[*at]) && is_seed(&page.lines[*at])).collect();
    for seed in seeds {
        for at in block_of(page, seed, &region) {
            if may_be_contact(verdicts[at]) {
                verdicts[at] = Verdict::Contact;
            }
        }
    }
}

/// A contact block that is on every page is template and still contact.
fn may_be_contact(verdict: Verdict) -> bool {
    matches!(verdict, Verdict::Text | Verdict::LeftOut(Why::Repeated(_) | Why::Counter(_)))
}

/// Whether a line shows an address or a phone number and is no sentence.
pub(super) fn is_seed(line: &Line) -> bool {
    !is_prose(line) && (has_address(line) || has_phone(&line.text))
}

/// Running text: long, or a sentence. A phone number in a sentence is text.
fn is_prose(line: &Line) -> bool {
    let words = line.words();
    words > SHORT_LINE + 4 || (words > 6 && line.text.ends_with(['.', '!', '?', '…']))
}

/// The lines of the element that holds the seed, if all of it is contact; else the seed alone.
fn block_of(page: &Page, seed: usize, region: &Range<usize>) -> Range<usize> {
    let own = page.lines[seed].element;
    let wider = page.elements[own].parent;
    let is_block = |element: usize| {
        let lines = page.elements[element].lines.clone();
        lines.start >= region.start
            && lines.end <= region.end
            && lines.len() <= 12
            && lines
                .clone()
                .all(|at| !is_prose(&page.lines[at]) && page.lines[at].level != 1 && page.lines[at].images.is_empty())
    };
    let element = [wider, own].into_iter().find(|element| *element != 0 && is_block(*element));
    element.map_or(seed..seed + 1, |element| page.elements[element].lines.clone())
}

fn has_address(line: &Line) -> bool {
    line.anchors.iter().any(|anchor| matches!(anchor.target(), Target::Contact))
        || line.text.split_whitespace().any(is_mail)
}

fn is_mail(word: &str) -> bool {
    let word = word.trim_matches(|character: char| !character.is_alphanumeric());
    word.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !host.contains('@'))
}

/// A run of 7 to 15 figures with the marks of a phone number, that is neither a date nor a number in groups of
/// thousands.
fn has_phone(text: &str) -> bool {
    let is_part = |character: char| character.is_ascii_digit() || " +()-–./".contains(character);
    text.split(|character: char| !is_part(character)).any(|run| {
        let digits = run.chars().filter(char::is_ascii_digit).count();
        let marked = run.contains(['+', '(']) || run.trim().contains(['-', '–', ' ']);
        (7..=15).contains(&digits) && marked && !is_grouped_number(run) && find_dates(run).is_empty()
    })
}

fn is_grouped_number(run: &str) -> bool {
    let mut groups = run.split_whitespace();
    let starts_plain = groups.next().is_some_and(|first| first.bytes().all(|byte| byte.is_ascii_digit()));
    starts_plain && groups.all(|group| group.len() == 3 && group.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones_are_told_from_other_figures() {
        assert!(has_phone("+ 7-495-795-27-10"));
        assert!(has_phone("Tel. (495) 795 27 10"));
        assert!(!has_phone("21.03.2024"));
        assert!(!has_phone("2024-03-21"));
        assert!(!has_phone("20,000 people"));
        assert!(!has_phone("12 345 678"), "two groups of thousands");
    }
}
