//! Boxes in which readers leave their address: an invitation, and a field to type into. They stand in the middle of
//! texts, and invite to something else every month.

use html5ever::local_name;
use scraper::node::Element as Tag;

use crate::domain::page::markup::known_attr;
use crate::domain::page::{Page, Role};

/// Words and lines of such a box.
const MOST_WORDS: usize = 60;
const MOST_LINES: usize = 8;
/// Words that make a line running text, and how much more of that has to stand around a box than in it.
const PROSE: usize = 8;
const TIMES_AROUND: usize = 2;
/// Elements around a field that are looked at, and fields.
const MOST_AROUND: usize = 8;
const MOST_FIELDS: usize = 500;

/// Whether somebody can type an address into it.
pub(super) fn is_typed_into(tag: &Tag) -> bool {
    let kind = known_attr(tag, &local_name!("type")).unwrap_or("text");
    tag.name.local == local_name!("input") && (kind.eq_ignore_ascii_case("email") || kind.eq_ignore_ascii_case("text"))
}

/// Gives the boxes around fields the role of what is hardly ever text: the outermost that are still small, with more
/// text around them than in them.
pub(super) fn take_fields(page: &mut Page, forms: &[usize]) {
    if forms.is_empty() {
        return;
    }
    let (mut words, mut prose) = (vec![0_usize], vec![0_usize]);
    for (at, line) in page.lines.iter().enumerate() {
        words.push(words[at] + line.words());
        prose.push(prose[at] + if line.own_words() >= PROSE { line.own_words() } else { 0 });
    }
    let within = |sums: &[usize], at: usize| {
        let lines = &page.elements[at].lines;
        sums[lines.end] - sums[lines.start]
    };
    let is_small = |at: usize| within(&words, at) <= MOST_WORDS && page.elements[at].lines.len() <= MOST_LINES;
    let is_beside = |at: usize| within(&prose, page.elements[at].parent) > within(&prose, at) * (1 + TIMES_AROUND);
    let has_headline = |at: usize| page.lines[page.elements[at].lines.clone()].iter().any(|line| line.level == 1);
    let mut boxes = Vec::new();
    for form in forms.iter().take(MOST_FIELDS) {
        let parents = std::iter::successors(Some(*form), |at| Some(page.elements[*at].parent).filter(|up| up != at));
        let outer = parents.take(MOST_AROUND).take_while(|at| is_small(*at) && !has_headline(*at)).last();
        boxes.extend(outer.filter(|at| is_beside(*at) && page.elements[*at].role == Role::Plain));
    }
    for at in boxes {
        page.elements[at].role = Role::Hinted;
    }
}
