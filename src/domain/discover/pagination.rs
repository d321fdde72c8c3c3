//! The way to the following page of a listing: declared, numbered, or marked by a word or an arrow. Only links are
//! followed; no address is made up. That a site shows its last page for every number is for the caller to notice.

use std::cmp::Reverse;

use url::Url;

use super::outline::{Link, Outline};
use super::shape::{PagePlace, is_number};
use crate::domain::address::{canonical, identity, same_site};

const NEXT_WORDS: [&str; 29] = [
    "next",
    "older",
    "далее",
    "дальше",
    "вперёд",
    "вперед",
    "следующая",
    "следующие",
    "след",
    "далі",
    "наступна",
    "weiter",
    "nächste",
    "ältere",
    "suivant",
    "suivante",
    "siguiente",
    "siguientes",
    "próximo",
    "próxima",
    "seguinte",
    "successivo",
    "successiva",
    "avanti",
    "następna",
    "келесі",
    "下一页",
    "次へ",
    "다음",
];
const ARROWS: [char; 11] = ['›', '»', '→', '>', '❯', '▶', '⟩', '〉', '⇒', '➔', '⟶'];

/// Words of a link that leads to more of a listing.
const LABEL_WORDS: usize = 4;

/// The following page, if a link names it.
pub(super) fn next_page(outline: &Outline, base: &Url, page_number: u32) -> Option<Url> {
    let current = Current { base, identity: identity(base), place: PagePlace::of(base), page_number };
    let declared =
        outline.relations.iter().filter(|(relation, _, _)| relation.split_whitespace().any(|word| word == "next"));
    declared
        .map(|(_, _, target)| target)
        .chain(outline.links.iter().filter(|link| link.is_next).map(|link| &link.url))
        .find(|target| current.is_followed_by(target))
        .or_else(|| current.nearest(outline, |link| current.is_numbered(link)))
        .or_else(|| current.nearest(outline, points_onward))
        .or_else(|| current.nearest(outline, |link| current.is_further(link)))
        .map(canonical)
}

struct Current<'a> {
    base: &'a Url,
    identity: String,
    place: PagePlace,
    page_number: u32,
}

impl Current<'_> {
    /// Of the links that qualify, the one with the smallest step: `»` often means the last page.
    fn nearest<'a>(&self, outline: &'a Outline, qualifies: impl Fn(&Link) -> bool) -> Option<&'a Url> {
        let onward = outline.links.iter().filter(|link| qualifies(link) && self.is_followed_by(&link.url));
        let numbered = |link: &&Link| Reverse(self.number_of(&link.url).unwrap_or(u64::MAX));
        onward.rev().max_by_key(numbered).map(|link| &link.url)
    }

    fn is_followed_by(&self, target: &Url) -> bool {
        let place = PagePlace::of(target);
        let same_path = place.path == self.place.path || self.bare_number(target).is_some();
        let onward = match (self.number_of(target), self.number_of(self.base)) {
            (Some(there), Some(here)) => there > here,
            (Some(there), None) => there > 0,
            // Without a number of its own it may be the first page, unless nothing has a number here.
            (None, here) => here.is_none() && place.stem != self.place.stem,
        };
        same_site(target, self.base) && same_path && onward && identity(target) != self.identity
    }

    fn is_numbered(&self, link: &Link) -> bool {
        let text = link.text.trim_matches(|c: char| !c.is_alphanumeric());
        is_number(text) && text.parse() == Ok(self.page_number.saturating_add(1)) && self.number_of(&link.url).is_some()
    }

    /// "Load more", in any language: the listing once more, with a number to start from.
    fn is_further(&self, link: &Link) -> bool {
        let there = PagePlace::of(&link.url);
        let is_label = link.text.split_whitespace().count() <= LABEL_WORDS && !is_number(link.text.trim());
        // WordPress may call its posts so.
        let may_be_post = link.url.query_pairs().any(|(key, _)| key == "p");
        is_label && there.number.is_some() && there.stem == self.place.stem && !may_be_post
    }

    fn number_of(&self, url: &Url) -> Option<u64> {
        PagePlace::of(url).number.or_else(|| self.bare_number(url))
    }

    /// `/news/2/` after `/news/`: a number of its own only beside the listing's own path.
    fn bare_number(&self, url: &Url) -> Option<u64> {
        let listing = &self.place.path;
        let listing = match listing.rsplit_once('/') {
            Some((above, last)) if self.page_number > 1 && is_number(last) => above,
            _ => listing,
        };
        let rest = url.path().strip_prefix(listing)?.trim_matches('/');
        (is_number(rest) && rest.len() <= 4).then(|| rest.parse().ok())?
    }
}

/// Whether the words, label or class of a link say "next".
fn points_onward(link: &Link) -> bool {
    if link.text.len() > 60 {
        return false;
    }
    let text = link.text.to_lowercase();
    let (attributes, class) = link.label.rsplit_once('\n').unwrap_or(("", ""));
    let is_arrow = !text.is_empty() && text.chars().all(|letter| ARROWS.contains(&letter) || letter.is_whitespace());
    is_arrow
        || says_next(&text)
        || attributes.lines().any(says_next)
        || class.split(|c: char| !c.is_alphanumeric()).any(|word| word == "next")
}

fn says_next(text: &str) -> bool {
    let mut words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let is_next = |word: &str| NEXT_WORDS.contains(&word);
    // "Next page", "Page suivante"
    words.by_ref().take(2).any(is_next) && words.count() <= 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use scraper::Html;

    fn check(base: &str, page_number: u32, html: &str) -> Option<String> {
        let base = Url::parse("https://example.org").unwrap().join(base).unwrap();
        let outline = Outline::read(&Html::parse_document(html), &base);
        next_page(&outline, &base, page_number).map(|url| url.as_str().replace("https://example.org", ""))
    }

    #[test]
    fn every_common_pager_is_followed() {
        let table = [
            ("/news/", 1, "<link rel=next href='/news/page/2/'>", "/news/page/2/"),
            ("/news/", 1, "<a rel='nofollow next' href='?page=2'>2</a>", "/news/?page=2"),
            ("/news/", 1, "<b>1</b> <a href='?PAGEN_1=2'>2</a> <a href='?PAGEN_1=3'>3</a>", "/news/?PAGEN_1=2"),
            ("/news/?PAGEN_1=2", 2, "<a href='/news/'>1</a> <a href='?PAGEN_1=3'>3</a>", "/news/?PAGEN_1=3"),
            ("/news/", 1, "<a href='?page=1'>next ›</a> <a href='?page=9'>last »</a>", "/news/?page=1"),
            ("/news/", 1, "<a href='?page=9'>»</a> <a href='?page=2'>›</a>", "/news/?page=2"),
            ("/news/?start=20", 2, "<a href='?start=0'>1</a><a href='?start=40'>3</a>", "/news/?start=40"),
            ("/news/?offset=20", 2, "<a href='?offset=40'>Weiter</a>", "/news/?offset=40"),
            ("/blog/", 1, "<a href='/blog/page/2/'>Older posts</a>", "/blog/page/2/"),
            ("/news/", 1, "<a href='/news/2/'>2</a>", "/news/2/"),
            ("/news/2/", 2, "<a href='/news/'>1</a><a href='/news/3/'>Следующая страница</a>", "/news/3/"),
            ("/news/", 1, "<a href='?p=2'>Page suivante</a>", "/news/?p=2"),
            (
                "/news/?sort=a",
                1,
                "<a href='?sort=a&paged=2' aria-label='Next page'><i></i></a>",
                "/news/?sort=a&paged=2",
            ),
            ("/news/", 1, "<a class='pager__next' href='?page=2'><svg></svg></a>", "/news/?page=2"),
            ("/news/", 1, "<a href='?cursor=abc'>Next</a>", "/news/?cursor=abc"),
            ("/news", 1, "<a class=btn href='/news?offset=5'>Load more</a>", "/news?offset=5"),
            (
                "/news?offset=5",
                2,
                "<a href='/news'>Vorige</a> <a href='?offset=10'>Ցույց տալ ավելին</a>",
                "/news?offset=10",
            ),
            ("/press.html", 1, "<a href='?start=8'><img src='/more.png'></a>", "/press.html?start=8"),
        ];
        for (base, number, html, expected) in table {
            assert_eq!(check(base, number, html).as_deref(), Some(expected), "{base} {html}");
        }
    }

    #[test]
    fn nothing_leads_back_away_or_nowhere() {
        let table = [
            ("/news/", 1, "<a href='#'>Next</a> <a href='/news/'>›</a>"),
            ("/news/", 1, "<a href='https://other.org/news/?page=2'>2</a>"),
            ("/news/", 1, "<a rel=next href='/about/'>Next</a>"),
            ("/news/", 1, "<a href='/news/some-title-here/'>Next: some title here that goes on</a>"),
            ("/news/?page=3", 3, "<a href='?page=2'>»</a> <a href='/news/'>Next</a> <a href='?page=3'>4</a>"),
            ("/news/", 1, "<a href='/news/4512/'>4512</a> <a href='/events/?page=2'>2</a>"),
            ("/news/?PAGEN_1=99", 99, "<a href='?PAGEN_1=1'>1</a> <a href='?PAGEN_1=5'>5</a>"),
            ("/news/", 1, "<p>No news found</p>"),
            ("/news/", 1, "<a href='?from=2023'>2023</a> <a href='?p=12'>Hello world</a>"),
            ("/news/?offset=10", 3, "<a href='?offset=5'>Less</a> <a href='/news/'>All</a>"),
        ];
        for (base, number, html) in table {
            assert_eq!(check(base, number, html), None, "{base} {html}");
        }
    }
}
