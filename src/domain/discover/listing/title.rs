//! The title of an item on a listing: the heading in it, else the best text that is linked to its address. "Read
//! more" is known in any language by being said of several addresses.

use std::collections::{HashMap, HashSet};

use super::group::Item;
use crate::domain::dates::find_date;
use crate::domain::discover::outline::{Link, Outline};
use crate::domain::normalize::clean_text;

/// Longest text that can be a title, in letters.
const LONGEST_TITLE: usize = 300;
/// Words from which a full stop at the end makes a paragraph of a title.
const SENTENCE_WORDS: usize = 25;
/// Most words of a phrase such as "read more".
const PHRASE_WORDS: usize = 5;
/// Addresses that bear one text, from which on it is a phrase.
const FEWEST_SAYING: usize = 3;
/// Links in the same markup, of which two may have the same title.
const MANY_ALIKE: usize = 6;
/// Links and headings of one item that are looked at.
const MOST_PARTS: usize = 40;
/// A title shown for longer than this is cut, in letters.
const LONGEST_SHOWN: usize = 500;

/// Which short texts are no titles because several addresses bear them.
pub(super) struct Titles {
    phrases: HashSet<String>,
}

/// A title and where it stood.
#[derive(Default)]
pub(super) struct Title {
    pub(super) text: String,
    /// It is a heading.
    pub(super) is_heading: bool,
    /// It is the text of the item's own link.
    pub(super) is_linked: bool,
}

impl Titles {
    pub(super) fn of(outline: &Outline, candidates: &[usize]) -> Self {
        let signature = |index: usize| outline.elements[outline.links[index].element].signature;
        let mut said_of: HashMap<String, Vec<usize>> = HashMap::new();
        let mut alike: HashMap<u64, usize> = HashMap::new();
        for &index in candidates {
            let Link { text, url, .. } = &outline.links[index];
            *alike.entry(signature(index)).or_default() += 1;
            if words(text) <= PHRASE_WORDS && text.len() < 100 {
                let said_of = said_of.entry(text.to_lowercase()).or_default();
                if said_of.len() < FEWEST_SAYING && said_of.iter().all(|&first| outline.links[first].url != *url) {
                    said_of.push(index);
                }
            }
        }
        // Two of many may have one title.
        let is_phrase = |said_of: &[usize]| match *said_of {
            [_] => false,
            [one, other] => [one, other].iter().any(|index| alike[&signature(*index)] < MANY_ALIKE),
            _ => true,
        };
        let phrases = said_of.into_iter().filter(|(_, said_of)| is_phrase(said_of)).map(|(text, _)| text).collect();
        Self { phrases }
    }

    /// The title of an item; empty when nothing can be one.
    pub(super) fn of_item(&self, outline: &Outline, item: &Item) -> Title {
        let own = &outline.links[item.link];
        let links = outline.links_within(item.container).take(MOST_PARTS);
        let same: Vec<usize> = links.filter(|&index| outline.links[index].url == own.url).collect();
        let mut title = linked_heading(outline, item, &same).or_else(|| self.linked(outline, item, &same));
        if title.as_ref().is_none_or(|title| words(&title.text) < 2) {
            let heading = outline.headings_within(item.container).first().map(|&heading| outline.text_of(heading));
            let heading = heading.filter(|text| words(text) > 1);
            title = heading.map(|text| Title { text, is_heading: true, is_linked: false }).or(title);
        }
        let mut title =
            title.or_else(|| leading(outline, item)).or_else(|| unlinked(outline, item)).unwrap_or_default();
        if let Some((end, _)) = title.text.char_indices().nth(LONGEST_SHOWN) {
            title.text.truncate(end);
        }
        title
    }

    /// The longest text that can be a title, else the longest text.
    fn linked(&self, outline: &Outline, item: &Item, same: &[usize]) -> Option<Title> {
        let texts = same.iter().map(|&index| (index, link_title(outline, index)));
        let texts = texts.filter(|(_, text)| !text.is_empty() && !self.is_phrase(text));
        let (index, text) = texts.max_by_key(|(_, text)| (is_title(text), text.len()))?;
        Some(Title { text, is_heading: false, is_linked: index == item.link })
    }

    /// Whether several addresses bear this text, such as "read more" or "print".
    pub(super) fn is_phrase(&self, text: &str) -> bool {
        self.phrases.contains(&text.to_lowercase())
    }
}

/// The text of the item's own link, if the item begins with it, but for a day: several releases may have one title, and
/// "read more" stands behind what there is to read.
fn leading(outline: &Outline, item: &Item) -> Option<Title> {
    let link = &outline.links[item.link];
    let before = outline.elements[item.container].text.start..outline.elements[link.element].text.start;
    let before = clean_text(outline.text.get(before)?);
    let is_first = before.is_empty() || is_date(&before);
    (is_first && words(&link.text) > 1).then(|| Title { text: link.text.clone(), is_heading: false, is_linked: true })
}

/// The first text of an item that can be a title where its links say no more than "read more" or "HTML".
fn unlinked(outline: &Outline, item: &Item) -> Option<Title> {
    let text = outline.text.get(outline.elements[item.container].text.clone())?;
    let mut parts = text.split('\n').take(MOST_PARTS).map(clean_text);
    let text = parts.find(|part| words(part) >= 3 && is_title(part) && part.len() <= LONGEST_TITLE)?;
    Some(Title { text, is_heading: false, is_linked: false })
}

/// A heading that is linked, or stands in the link.
fn linked_heading(outline: &Outline, item: &Item, same: &[usize]) -> Option<Title> {
    same.iter().find_map(|&index| {
        let element = outline.links[index].element;
        let inner = outline.headings_within(element).iter().take(MOST_PARTS).copied();
        let outer = outline.headings_within(item.container).iter().take(MOST_PARTS).copied();
        let heading = inner.chain(outer.filter(|&heading| outline.contains(heading, element))).next()?;
        let inside = outline.contains(element, heading);
        let text = if inside { outline.text_of(heading) } else { outline.links[index].text.clone() };
        (!text.is_empty()).then_some(Title { text, is_heading: true, is_linked: index == item.link })
    })
}

/// The text of a link; where it wraps a whole card, the part of the card that reads like a title.
fn link_title(outline: &Outline, index: usize) -> String {
    let link = &outline.links[index];
    let element = &outline.elements[link.element];
    let inner = &outline.elements[link.element + 1..element.end];
    let is_block = |name: &str| matches!(name, "div" | "p" | "time" | "br" | "ul" | "section" | "article" | "dl");
    let is_card = inner.iter().take(MOST_PARTS).any(|inner| is_block(&inner.name))
        || (inner.len() > 1 && find_date(&link.text).is_some());
    if !is_card {
        return link.text.clone();
    }
    let parts = outline.text[element.text.clone()].split('\n').take(MOST_PARTS).map(clean_text);
    let parts: Vec<String> = parts.filter(|part| !part.is_empty() && !is_date(part)).collect();
    let title = parts.iter().find(|part| words(part) >= 3 && is_title(part));
    title.or_else(|| parts.iter().max_by_key(|part| part.len())).cloned().unwrap_or_default()
}

/// Whether a text is a date and little else.
pub(super) fn is_date(text: &str) -> bool {
    find_date(text).is_some_and(|(place, _)| words(&text[..place.start]) + words(&text[place.end..]) <= 1)
}

/// Whether a text can be a title: no paragraph, and not only a date.
pub(super) fn is_title(text: &str) -> bool {
    let is_sentence = text.ends_with(['.', '…', '!']) && words(text) > SENTENCE_WORDS;
    !is_sentence && text.chars().nth(LONGEST_TITLE).is_none() && !is_date(text)
}

/// Words of a text; where a script sets no spaces, two letters count as one.
pub(super) fn words(text: &str) -> usize {
    let spaced =
        text.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| word.chars().any(char::is_alphabetic));
    let unspaced = text.chars().filter(|letter| letter.is_alphabetic() && ('\u{2e80}'..'\u{a000}').contains(letter));
    spaced.take(200).count() + unspaced.take(400).count() / 2
}
