//! What the tag, the ARIA role and the names of an element say that it is for. Names are hints, no proof: they
//! are overruled where most of the text of a page stands.

use scraper::node::Element as Tag;

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
        match tag.attr("role").map(str::trim).unwrap_or_default() {
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
            _ => Self::named(tag.attr("class")),
        }
    }

    /// What the id of an element says. Sections of a long document are called by what they treat, cookies say, so it
    /// counts only where others like it are not the text; ids of headings and paragraphs say nothing.
    pub(super) fn of_id(tag: &Tag) -> Self {
        match tag.name() {
            "html" | "body" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "p" | "dt" => Self::Plain,
            _ => Self::named(tag.attr("id")),
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
    let words: Vec<String> =
        name.split(|character: char| !character.is_ascii_alphanumeric()).flat_map(words_of).take(16).collect();
    let holds = |list: &[&str]| words.iter().any(|word| list.binary_search(&word.as_str()).is_ok());
    if holds(&MODIFIERS) {
        Role::Plain
    } else if holds(&APART) {
        Role::Apart
    } else if holds(&HINTS) || words.first().is_some_and(|first| FIRST_HINTS.contains(&first.as_str())) {
        Role::Hinted
    } else {
        Role::Plain
    }
}

/// The words of a piece of a name: `postShareBar` has three, `sidebar2` one. Build tools make names up (`1ad9`,
/// `hAdTv`); what is in them by chance means nothing.
fn words_of(piece: &str) -> Vec<String> {
    let letters = piece.trim_end_matches(|character: char| character.is_ascii_digit());
    let is_made_up =
        letters.len() < piece.len() && letters.len() < 4 || !letters.bytes().all(|byte| byte.is_ascii_alphabetic());
    if letters.is_empty() || is_made_up {
        return Vec::new();
    }
    let capitals = letters.char_indices().filter(|(at, character)| *at > 0 && character.is_ascii_uppercase());
    let bounds: Vec<usize> = std::iter::once(0).chain(capitals.map(|(at, _)| at)).chain([letters.len()]).collect();
    let words: Vec<&str> = bounds.windows(2).map(|bounds| &letters[bounds[0]..bounds[1]]).collect();
    let words = if words.iter().all(|word| word.len() >= 3) { words } else { vec![letters] };
    words.into_iter().map(str::to_ascii_lowercase).collect()
}

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
        assert!(HINTS.is_sorted() && APART.is_sorted() && MODIFIERS.is_sorted());
    }

    #[test]
    fn names_are_cut_into_words() {
        assert_eq!(words_of("postShareBar"), ["post", "share", "bar"]);
        assert_eq!(words_of("sidebar2"), ["sidebar"]);
        assert!(words_of("1ad9").is_empty());
        assert_eq!(words_of("hAdTv"), ["hadtv"]);
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
