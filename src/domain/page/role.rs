//! What the tag, the ARIA role and the names of an element say that it is for. Names are hints, no proof: they
//! are overruled where most of the text of a page stands.

use scraper::node::Element as Tag;

use super::markup::attr;

/// What an element is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Role {
    /// Nothing is known.
    #[default]
    Plain,
    /// `main` or `article`: the text of the page.
    Main,
    /// `header`, which may hold the headline.
    Header,
    /// Navigation, asides, footers, by tag or ARIA role.
    Chrome,
    /// Named like a comment section, related stories, a consent note: what is never the text, however much it is.
    Apart,
    /// Named like a share bar, a menu, advertising …
    Hinted,
}

impl Role {
    pub(super) fn of(tag: &Tag) -> Self {
        match attr(tag, "role").map(str::trim).unwrap_or_default() {
            "navigation" | "complementary" | "contentinfo" | "search" | "menu" | "menubar" | "dialog"
            | "alertdialog" => {
                return Self::Chrome;
            }
            "banner" => return Self::Header,
            "main" | "article" => return Self::Main,
            _ => {}
        }
        match tag.name() {
            "nav" | "aside" | "footer" | "menu" | "dialog" | "search" => Self::Chrome,
            "header" => Self::Header,
            "main" | "article" => Self::Main,
            "html" | "body" => Self::Plain,
            _ => Self::named(attr(tag, "class")),
        }
    }

    /// What the id of an element says. Sections of a long document are called by what they treat, cookies say, so it
    /// counts only where others like it are not the text; ids of headings and paragraphs say nothing.
    pub(super) fn of_id(tag: &Tag) -> Self {
        match tag.name() {
            "html" | "body" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "p" | "dt" => Self::Plain,
            _ => Self::named(attr(tag, "id")),
        }
    }

    fn named(names: Option<&str>) -> Self {
        let mut role = Self::Plain;
        for name in names.into_iter().flat_map(str::split_whitespace).take(MOST_NAMES) {
            match hint_of(name) {
                Self::Apart => return Self::Apart,
                Self::Plain => {}
                hint => role = hint,
            }
        }
        role
    }
}

/// Names of one element that are looked at.
const MOST_NAMES: usize = 32;

/// `has-sidebar` and `no-comments` say what stands elsewhere, or nowhere.
fn hint_of(name: &str) -> Role {
    let pieces = name.split(|character: char| !character.is_ascii_alphanumeric());
    let mut role = Role::Plain;
    for (at, word) in pieces.flat_map(words_of).take(16).enumerate() {
        if word.len() > LONGEST_WORD {
            continue;
        }
        let mut lower = [0; LONGEST_WORD];
        let lower = &mut lower[..word.len()];
        lower.copy_from_slice(word.as_bytes());
        lower.make_ascii_lowercase();
        let holds = |list: &[&str]| list.binary_search_by(|entry| entry.as_bytes().cmp(lower)).is_ok();
        if holds(&MODIFIERS) {
            return Role::Plain;
        } else if holds(&APART) {
            role = Role::Apart;
        } else if role == Role::Plain && (holds(&HINTS) || at == 0 && holds(&FIRST_HINTS)) {
            role = Role::Hinted;
        }
    }
    role
}

/// The words of a piece of a name: `postShareBar` has three, `sidebar2` one. Build tools make names up (`1ad9`,
/// `hAdTv`); what is in them by chance means nothing.
fn words_of(piece: &str) -> impl Iterator<Item = &str> {
    let letters = piece.trim_end_matches(|character: char| character.is_ascii_digit());
    let is_made_up =
        letters.len() < piece.len() && letters.len() < 4 || !letters.bytes().all(|byte| byte.is_ascii_alphabetic());
    let letters = if is_made_up { "" } else { letters };
    let is_split = humps(letters).all(|word| word.len() >= 3);
    let whole = Some(letters).filter(|letters| !is_split && !letters.is_empty());
    whole.into_iter().chain(humps(if is_split { letters } else { "" }))
}

/// The pieces of a word in which capitals begin new ones.
fn humps(mut letters: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        let end = letters.bytes().skip(1).position(|byte| byte.is_ascii_uppercase());
        let (word, rest) = letters.split_at(end.map_or(letters.len(), |end| end + 1));
        letters = rest;
        (!word.is_empty()).then_some(word)
    })
}

/// Letters of the longest word in the lists below.
const LONGEST_WORD: usize = 15;

/// Words that templates use for what is never the text, sorted.
const APART: [&str; 26] = [
    "addthis",
    "comment",
    "comments",
    "consent",
    "cookie",
    "cookies",
    "disqus",
    "gdpr",
    "morefrom",
    "mostread",
    "mostviewed",
    "newsletter",
    "outbrain",
    "popular",
    "readalso",
    "readmore",
    "recommendations",
    "recommended",
    "related",
    "sidebar",
    "signup",
    "similar",
    "taboola",
    "teaser",
    "teasers",
    "trending",
];

/// Words that templates use for what is hardly ever the text, sorted.
const HINTS: [&str; 53] = [
    "ad",
    "adbox",
    "ads",
    "advert",
    "advertisement",
    "advertising",
    "banner",
    "banners",
    "breadcrumb",
    "breadcrumbs",
    "carousel",
    "copyright",
    "counter",
    "counters",
    "crumbs",
    "footer",
    "likes",
    "login",
    "megamenu",
    "menu",
    "modal",
    "nav",
    "navbar",
    "navigation",
    "overlay",
    "pager",
    "pagination",
    "paginator",
    "popup",
    "prevnext",
    "promo",
    "promos",
    "promotion",
    "rating",
    "share",
    "sharebar",
    "sharebuttons",
    "sharelinks",
    "sharethis",
    "sharetools",
    "sharing",
    "skip",
    "slider",
    "social",
    "socials",
    "sponsor",
    "sponsored",
    "subscribe",
    "subscription",
    "tagcloud",
    "tags",
    "ticker",
    "toolbar",
];

/// Words that say so only where a name starts with them: page builders put every paragraph into a `…-widget`.
const FIRST_HINTS: [&str; 2] = ["views", "widget"];

/// Words that turn a name into a statement about something else, sorted.
const MODIFIERS: [&str; 7] = ["has", "hide", "is", "no", "not", "with", "without"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_are_sorted() {
        for list in [&HINTS[..], &APART, &MODIFIERS, &FIRST_HINTS] {
            assert!(list.is_sorted() && list.iter().all(|word| word.len() <= LONGEST_WORD));
        }
    }

    #[test]
    fn names_are_cut_into_words() {
        let words = |piece| words_of(piece).collect::<Vec<_>>();
        assert_eq!(words("postShareBar"), ["post", "Share", "Bar"]);
        assert_eq!(words("sidebar2"), ["sidebar"]);
        assert!(words("1ad9").is_empty() && words("").is_empty());
        assert_eq!(words("hAdTv"), ["hAdTv"]);
    }

    #[test]
    fn names_are_hints() {
        assert_eq!(hint_of("post-share-bar"), Role::Hinted);
        assert_eq!(hint_of("relatedPosts"), Role::Apart);
        assert_eq!(hint_of("layout--with-sidebar"), Role::Plain);
        assert_eq!(hint_of("builder-widget-container"), Role::Plain);
        assert_eq!(hint_of("widget_recent"), Role::Hinted);
        assert_eq!(hint_of("shareholders"), Role::Plain);
    }
}
