//! Takes out of a comparison what our reading alone has moved: a line that stands on both pages is no edit, though it
//! counts as text on one of them only, and neither are its links, its pictures and what it says of contacts. A redesign
//! makes text of what was taken for the template, and the reverse.

use std::borrow::Borrow;
use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use crate::domain::address::canonical;
use crate::domain::extract::tells_age;
use crate::domain::hindsight::with_days_alike;
use crate::domain::model::{Block, Document, Link};
use crate::domain::normalize::{
    canonical as canonical_line, canonical_contact, canonical_image, canonical_link, canonical_text, clean_text,
};
use crate::domain::page::{Anchor, Line, Page, count_words};

/// Words of a line that says enough to be the same one wherever it stands: the name of a country may be in a menu and
/// new in the text.
const FEWEST_WORDS: usize = 5;

/// The old document as it would have been read if what it shares with the new page, and only one of the two readings
/// takes for text, were taken alike.
pub(super) fn read_alike(mut old: Document, old_page: &Page, new: &Document, new_page: &Page) -> Document {
    take_date_alike(&mut old, old_page, new, new_page);
    take_days_alike(&mut old, new);
    take_lines_alike(&mut old, old_page, new, new_page);
    old
}

/// The same of links, pictures and contacts. Where many pages are watched, those that a redesign brought to all of them
/// tell of it, and have to be left.
pub(super) fn items_read_alike(mut old: Document, old_page: &Page, new: &Document, new_page: &Page) -> Document {
    take_alike(&mut old.links, &new.links, [old_page, new_page], canonical_link, links_of);
    take_alike(&mut old.images, &new.images, [old_page, new_page], canonical_image, |line| {
        line.images.iter().map(canonical_image).collect()
    });
    take_alike(
        &mut old.contacts,
        &new.contacts,
        [old_page, new_page],
        |line| canonical_contact(line),
        |line| vec![canonical_contact(&line.text)],
    );
    old
}

/// "Yesterday" becomes a date when it is long enough ago, and the reverse where a new template writes so.
fn take_date_alike(old: &mut Document, old_page: &Page, new: &Document, new_page: &Page) {
    let tells_age = |page: &Page| page.lines.iter().any(tells_age);
    if old.date.is_none() && tells_age(old_page) || new.date.is_none() && tells_age(new_page) {
        old.date.clone_from(&new.date);
    }
}

/// Short lines in which a day is only written in another way.
fn take_days_alike(old: &mut Document, new: &Document) {
    let spelled: HashSet<&str> = old.blocks.iter().map(|block| block.text.as_str()).collect();
    let come = new.blocks.iter().filter(|block| !spelled.contains(block.text.as_str()));
    let mut respelled: HashMap<String, &Block> =
        come.filter_map(|block| Some((with_days_alike(&text_of(block))?, block))).collect();
    if respelled.is_empty() {
        return;
    }
    let texts = |document: &Document| document.blocks.iter().map(text_of).collect::<HashSet<_>>();
    let (then, now) = (texts(old), texts(new));
    respelled.retain(|_, block| !then.contains(&text_of(block)));
    for block in old.blocks.iter_mut().filter(|block| !now.contains(&text_of(block))) {
        let spelling = with_days_alike(&text_of(block)).and_then(|text| respelled.remove(&text));
        *block = spelling.unwrap_or(block).clone();
    }
}

fn take_lines_alike(old: &mut Document, old_page: &Page, new: &Document, new_page: &Page) {
    let differing = differing(old, new);
    if differing.is_empty() {
        return;
    }
    let (then, now) = (spots_of(old_page, &differing), spots_of(new_page, &differing));
    let mut left_out_then = left_out(&then, old, &now);
    let mut left_out_now = left_out(&now, new, &then);
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
}

/// Takes what stands in the same line of both pages, and is in one of two lists only, for what it is in the new one.
fn take_alike<T: Clone, K: Eq + Hash>(
    old: &mut Vec<T>,
    new: &[T],
    pages: [&Page; 2],
    key: fn(&T) -> K,
    keys_of: fn(&Line) -> Vec<K>,
) {
    let (had, has): (HashSet<K>, HashSet<K>) = (old.iter().map(key).collect(), new.iter().map(key).collect());
    if had == has {
        return;
    }
    let keys = |page: &Page| -> HashSet<(String, K)> {
        let keyed = page.lines.iter().map(|line| (canonical_text(&line.text), keys_of(line)));
        keyed.flat_map(|(text, keys)| keys.into_iter().map(move |key| (text.clone(), key))).collect()
    };
    let [then, mut now] = pages.map(keys);
    now.retain(|piece| then.contains(piece));
    let stands: HashSet<K> = now.into_iter().map(|(_, key)| key).collect();
    old.retain(|piece| has.contains(&key(piece)) || !stands.contains(&key(piece)));
    old.extend(new.iter().filter(|piece| !had.contains(&key(piece)) && stands.contains(&key(piece))).cloned());
}

fn links_of(line: &Line) -> Vec<(String, String)> {
    let link = |anchor: &Anchor| {
        let text = clean_text(&line.text[anchor.range.clone()]);
        Some(canonical_link(&Link { text, target: canonical(&anchor.url()?).into() }))
    };
    line.anchors.iter().filter_map(link).collect()
}

/// A line of a page, and where it stands.
#[derive(PartialEq, Eq, Hash)]
struct Spot {
    text: String,
    place: Option<u32>,
    is_short: bool,
}

/// Texts that one of two documents has more often than the other.
fn differing(one: &Document, other: &Document) -> HashSet<String> {
    let [here, there] = [one, other].map(|document| counted(document.blocks.iter().map(text_of)));
    let (mine, theirs) = (here.iter(), there.iter().filter(|(text, _)| !here.contains_key(*text)));
    let uneven = mine.filter(|(text, count)| there.get(*text) != Some(count)).chain(theirs);
    uneven.map(|(text, _)| text.clone()).collect()
}

/// The lines of a page that say one of these texts.
fn spots_of(page: &Page, texts: &HashSet<String>) -> Vec<Spot> {
    let spot = |line: &Line| {
        let text = texts.get(&*canonical_line(&line.text))?.clone();
        let is_short = count_words(&text) < FEWEST_WORDS;
        Some(Spot { text, place: page.elements.get(line.element).map(|element| element.place), is_short })
    };
    page.lines.iter().filter_map(spot).collect()
}

/// Those lines of a page that are none of the text of its document, each with how often it stands there. A short line
/// counts if the other page has it as often, and at the same place.
fn left_out<'a>(page: &'a [Spot], document: &Document, other: &[Spot]) -> HashMap<&'a str, usize> {
    let [here, there] = [page, other].map(|spots| {
        let short = spots.iter().filter(|spot| spot.is_short);
        counted(short.map(|spot| spot.text.as_str()))
    });
    let places: HashSet<&Spot> = other.iter().filter(|spot| spot.is_short).collect();
    let is_as_often = |text: &str| here.get(text) == there.get(text);
    let is_alike = |spot: &&Spot| !spot.is_short || is_as_often(&spot.text) && places.contains(spot);
    let mut lines = counted(page.iter().filter(is_alike).map(|spot| spot.text.as_str()));
    for block in &document.blocks {
        take(&mut lines, &text_of(block));
    }
    lines
}

fn text_of(block: &Block) -> String {
    canonical_text(&block.text)
}

fn counted<T: Eq + Hash>(texts: impl Iterator<Item = T>) -> HashMap<T, usize> {
    let mut counts = HashMap::new();
    for text in texts {
        *counts.entry(text).or_default() += 1;
    }
    counts
}

fn take<T: Borrow<str> + Eq + Hash>(counts: &mut HashMap<T, usize>, text: &str) -> bool {
    let Some(count) = counts.get_mut(text).filter(|count| **count > 0) else { return false };
    *count -= 1;
    true
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::domain::model::{BlockKind, Image, ShownDate};
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
    fn a_day_that_is_written_in_another_way_is_the_same() {
        check(&["28/10/2012 03:21", A], &[A], &["Oct 28, 2012 03:21", A], &[A], &["Oct 28, 2012 03:21", A]);
        check(&["28/10/2012", A], &[A], &["Oct 29, 2012", A], &[A], &["28/10/2012", A]);
    }

    #[test]
    fn what_came_and_went_stays_an_edit() {
        check(&[A, B], &[A, B], &[A, C], &[A, C], &[A, B]);
        check(&[A], &[A], &[A, A], &[A, A], &[A]);
        check(&[A, A], &[A, A], &[A], &[A], &[A, A]);
        let with_menu = |text: &str| {
            let html = format!("<ul><li>Iceland</li></ul><div>{text}</div>");
            Page::read(&html, &Url::parse("https://example.org/a").unwrap(), &ExtractionRule::default()).unwrap()
        };
        let (then, now) = (with_menu(&format!("<p>{A}</p>")), with_menu(&format!("<p>{A}</p><p>Iceland</p>")));
        assert_eq!(read_alike(document(&[A]), &then, &document(&[A, "Iceland"]), &now), document(&[A]));
    }

    #[test]
    fn a_short_line_at_the_same_place_has_neither_come_nor_gone() {
        check(&[A, B], &[A, "A crane", B], &[A, "A crane", B], &[A, "A crane", B], &[A, "A crane", B]);
        check(&[A, "A crane", B], &[A, "A crane", B], &[A, B], &[A, "A crane", B], &[A, B]);
    }

    #[test]
    fn what_a_line_of_both_pages_holds_has_neither_come_nor_gone() {
        let plain = "<p>Comments stand on the board.</p><img src=/crane.jpg><p>Press office, 01 234</p>";
        let linked = plain.replace("the board", "<a href=/b>the board</a>");
        let read = |html: &str| {
            Page::read(html, &Url::parse("https://example.org/a").unwrap(), &ExtractionRule::default()).unwrap()
        };
        let full = Document {
            links: vec![Link { text: "the board".to_owned(), target: "https://example.org/b".to_owned() }],
            images: vec![Image { source: "https://example.org/crane.jpg".to_owned(), alt: String::new() }],
            contacts: vec!["Press office, 01 234".to_owned()],
            ..document(&[A])
        };
        assert_eq!(items_read_alike(document(&[A]), &read(&linked), &full, &read(&linked)), full, "it stood there");
        assert_eq!(
            items_read_alike(full.clone(), &read(&linked), &document(&[A]), &read(&linked)),
            document(&[A]),
            "it stands"
        );
        let unlinked = Document { links: Vec::new(), ..full.clone() };
        assert_eq!(
            items_read_alike(unlinked.clone(), &read(plain), &full, &read(&linked)),
            unlinked,
            "the link is new"
        );
        assert_eq!(
            items_read_alike(document(&[A]), &read(&format!("<p>{A}</p>")), &full, &read(&linked)),
            document(&[A])
        );
    }
}
