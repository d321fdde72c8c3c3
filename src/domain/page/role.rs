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
    /// Named like a share bar, a menu, related stories, advertising, a comment section …
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
            _ if is_hinted(tag) => Self::Hinted,
            _ => Self::Plain,
        }
    }
}

fn is_hinted(tag: &Tag) -> bool {
    let names = tag.attr("class").into_iter().chain(tag.attr("id"));
    names
        .flat_map(|names| names.split(|character: char| !character.is_ascii_alphabetic()))
        .any(|name| split_camel(name).any(|word| HINTS.binary_search(&word.to_ascii_lowercase().as_str()).is_ok()))
}

fn split_camel(name: &str) -> impl Iterator<Item = &str> {
    let bounds = name.char_indices().filter(|(at, character)| *at > 0 && character.is_ascii_uppercase());
    let mut starts: Vec<usize> = std::iter::once(0).chain(bounds.map(|(at, _)| at)).collect();
    starts.push(name.len());
    // A run of capitals (`relatedURL`) falls apart into single letters, which are no hints.
    (1..starts.len()).map(move |index| &name[starts[index - 1]..starts[index]])
}

/// Words that templates use for what is not the text, sorted.
const HINTS: [&str; 68] = [
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
    "comment",
    "comments",
    "consent",
    "cookie",
    "cookies",
    "copyright",
    "counter",
    "counters",
    "crumbs",
    "disqus",
    "footer",
    "gdpr",
    "likes",
    "login",
    "megamenu",
    "menu",
    "modal",
    "nav",
    "navbar",
    "navigation",
    "newsletter",
    "overlay",
    "pager",
    "pagination",
    "paginator",
    "popular",
    "popup",
    "prevnext",
    "promo",
    "promos",
    "rating",
    "readalso",
    "readmore",
    "recommendations",
    "recommended",
    "related",
    "share",
    "sharing",
    "sidebar",
    "similar",
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
    "teaser",
    "teasers",
    "ticker",
    "toolbar",
    "trending",
    "views",
    "widget",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_are_sorted() {
        assert!(HINTS.is_sorted());
    }

    #[test]
    fn names_are_cut_into_words() {
        assert_eq!(split_camel("postShareBar").collect::<Vec<_>>(), ["post", "Share", "Bar"]);
    }
}
