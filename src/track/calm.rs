//! Takes out of a comparison what differs between two fetches of the new page within seconds. Where that stands, the
//! old page showed other words of the same kind: other stories, another banner.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use crate::domain::diff::diff;
use crate::domain::model::{Document, Field};
use crate::domain::normalize::canonical_text;

/// The texts of the old blocks in whose place two fetches of the new page differ.
pub(super) fn replaced_texts(old: &Document, one: &Document, other: &Document) -> HashSet<String> {
    let (old, one, other) = (texts(old), texts(one), texts(other));
    let replaced = replaced(&old, &one, &restless(&one, &other));
    old.into_iter().enumerate().filter(|(at, _)| replaced.contains(at)).map(|(_, text)| text).collect()
}

/// Takes out of the old and the new document what differs between two fetches of the new one: the blocks of its
/// text that do, with what stood in their place; other fields as a whole.
pub(super) fn calm_down(one: &Document, other: &Document, old: &mut Document, new: &mut Document) {
    for field in diff(one, other).fields() {
        calm_field(field, one, other, old, new);
    }
}

fn calm_field(field: Field, one: &Document, other: &Document, old: &mut Document, new: &mut Document) {
    match field {
        Field::Title => new.title.clone_from(&old.title),
        Field::Date => new.date.clone_from(&old.date),
        Field::Body => {
            let (before, one, other) = (texts(old), texts(one), texts(other));
            let restless = restless(&one, &other);
            let replaced = replaced(&before, &one, &restless);
            let mut at = 0..before.len();
            old.blocks.retain(|_| at.next().is_none_or(|at| !replaced.contains(&at)));
            new.blocks.retain(|block| !restless.contains(canonical_text(&block.text).as_str()));
        }
        Field::Links => new.links.clone_from(&old.links),
        Field::Images => new.images.clone_from(&old.images),
        Field::Contacts => new.contacts.clone_from(&old.contacts),
    }
}

fn texts(document: &Document) -> Vec<String> {
    document.blocks.iter().map(|block| canonical_text(&block.text)).collect()
}

/// What only one of two fetches shows.
fn restless<'a>(one: &'a [String], other: &'a [String]) -> HashSet<&'a str> {
    let set = |texts: &'a [String]| texts.iter().map(String::as_str).collect::<HashSet<_>>();
    set(one).symmetric_difference(&set(other)).copied().collect()
}

/// The blocks of the old text that are restless, or stood where restless blocks stand now.
fn replaced(old: &[String], new: &[String], restless: &HashSet<&str>) -> HashSet<usize> {
    let is_restless = |text: &String| restless.contains(text.as_str());
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (at, text) in new.iter().enumerate().filter(|(_, text)| !is_restless(text)) {
        places.entry(text).or_insert(at);
    }
    let mut replaced: HashSet<usize> = (0..old.len()).filter(|at| is_restless(&old[*at])).collect();
    let mut compare = |was: Range<usize>, is: Range<usize>| {
        if was.len() == is.len() {
            replaced.extend(was.zip(is).filter(|(_, is)| is_restless(&new[*is])).map(|(was, _)| was));
        } else if was.len() < is.len() && new[is].iter().all(is_restless) {
            // Where less stands than stood, a paragraph may have been removed as well.
            replaced.extend(was);
        }
    };
    let (mut was, mut is) = (0, 0);
    for (at, text) in old.iter().enumerate() {
        if let Some(place) = places.get(text.as_str()).copied().filter(|place| *place >= is) {
            compare(was..at, is..place);
            (was, is) = (at + 1, place + 1);
        }
    }
    compare(was..old.len(), is..new.len());
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::model::{Block, BlockKind};

    fn document(blocks: &[&str]) -> Document {
        let block = |text: &&str| Block { kind: BlockKind::Paragraph, text: (*text).to_owned() };
        Document { blocks: blocks.iter().map(block).collect(), ..Document::default() }
    }

    /// What is left of the old and the new text if two fetches show these.
    fn calm(old: &[&str], one: &[&str], other: &[&str]) -> (Vec<String>, Vec<String>) {
        let (mut old, mut new) = (document(old), document(one));
        calm_down(&document(one), &document(other), &mut old, &mut new);
        (texts(&old), texts(&new))
    }

    #[test]
    fn what_stood_where_stories_rotate_is_a_story() {
        let (old, new) = calm(&["Text", "A", "B", "End"], &["Text", "C", "D", "End"], &["Text", "E", "F", "End"]);
        assert_eq!((old.join(" "), new.join(" ")), ("Text End".to_owned(), "Text End".to_owned()));
    }

    #[test]
    fn an_edit_beside_stories_that_rotate_is_left() {
        let (old, new) = calm(&["Was", "Text", "A"], &["Is", "Text", "B"], &["Is", "Text", "C"]);
        assert_eq!((old.join(" "), new.join(" ")), ("Was Text".to_owned(), "Is Text".to_owned()));
        let (old, new) = calm(&["Text", "Was", "A"], &["Text", "Is", "B"], &["Text", "Is", "C"]);
        assert_eq!((old.join(" "), new.join(" ")), ("Text Was".to_owned(), "Text Is".to_owned()));
        let (old, _) = calm(&["Text", "Was", "A"], &["Text", "B"], &["Text", "C"]);
        assert!(old.contains(&"Was".to_owned()), "more stood there than stands there now");
    }
}
