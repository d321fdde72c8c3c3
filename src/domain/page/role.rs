//! What the tag, the ARIA role and the names of an element say that it is for. Names are hints, no proof: they
//! are overruled where most of the text of a page stands.

use html5ever::local_name;
use scraper::node::Element as Tag;

use super::markup::known_attr;

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
    /// Named a teaser: the card of another story, or the opening of this one.
    Teaser,
    /// Named like a share bar, a menu, advertising …
    Hinted,
}

impl Role {
    pub(super) fn of(tag: &Tag) -> Self {
        match known_attr(tag, &local_name!("role")).map(str::trim).unwrap_or_default() {
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
            _ => Self::named(known_attr(tag, &local_name!("class"))),
        }
    }

    /// What the id of an element says. Sections of a long document are called by what they treat, cookies say, so it
    /// counts only where others like it are not the text; ids of headings and paragraphs say nothing.
    pub(super) fn of_id(tag: &Tag) -> Self {
        match tag.name() {
            "html" | "body" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "p" | "dt" => Self::Plain,
            _ => Self::named(known_attr(tag, &local_name!("id"))),
        }
    }

    fn named(names: Option<&str>) -> Self {
        let mut role = Self::Plain;
        for name in names.into_iter().flat_map(str::split_whitespace).take(MOST_NAMES) {
            match hint_of(name) {
                Self::Apart => return Self::Apart,
                hint if role == Self::Plain || hint == Self::Teaser => role = hint,
                _ => {}
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
    let mut of_author = (false, false);
    for (at, word) in pieces.flat_map(words_of).take(16).enumerate() {
        if word.len() > LONGEST_WORD {
            continue;
        }
        let mut lower = [0; LONGEST_WORD];
        let lower = &mut lower[..word.len()];
        lower.copy_from_slice(word.as_bytes());
        lower.make_ascii_lowercase();
        match meaning_of(lower) {
            Some(Word::Modifier) => return Role::Plain,
            Some(Word::Apart) => role = Role::Apart,
            Some(Word::Hint) if matches!(role, Role::Plain | Role::Teaser) => role = Role::Hinted,
            Some(Word::FirstHint) if role == Role::Plain && at == 0 => role = Role::Hinted,
            Some(Word::Teaser) if role == Role::Plain => role = Role::Teaser,
            Some(Word::Author) => of_author.0 = true,
            Some(Word::About) => of_author.1 = true,
            // The documents that belong to a release are called related ones, too.
            Some(Word::Files) if role == Role::Apart => role = Role::Plain,
            Some(Word::Hint | Word::FirstHint | Word::Teaser | Word::Files) | None => {}
        }
    }
    if role == Role::Plain && of_author == (true, true) { Role::Hinted } else { role }
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

/// What a word of a name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    /// What is never the text.
    Apart,
    /// What is the text only where it opens it.
    Teaser,
    /// What is hardly ever the text.
    Hint,
    /// The same, but only where a name starts with it: page builders put every paragraph into a `…-widget`.
    FirstHint,
    /// Whoever wrote the text, and what is told of people: hardly ever the text where a name has both.
    Author,
    About,
    /// What a release comes with.
    Files,
    /// Turns a name into a statement about something else.
    Modifier,
}

/// Letters of the longest of these words.
const LONGEST_WORD: usize = 15;

/// The words that templates use, in small letters.
fn meaning_of(word: &[u8]) -> Option<Word> {
    Some(match word {
        b"addthis" | b"carousel" | b"comment" | b"comments" | b"consent" | b"cookie" | b"cookies" | b"disqus"
        | b"gdpr" | b"morefrom" | b"mostread" | b"mostviewed" | b"newsletter" | b"outbrain" | b"popular"
        | b"readalso" | b"readmore" | b"recommendations" | b"recommended" | b"related" | b"relatedarticles"
        | b"relatednews" | b"relatedposts" | b"sidebar" | b"signup" | b"similar" | b"slider" | b"taboola"
        | b"teasers" | b"trending" => Word::Apart,
        b"teaser" => Word::Teaser,
        b"ad" | b"adbox" | b"ads" | b"advert" | b"advertisement" | b"advertising" | b"banner" | b"banners"
        | b"authorbio" | b"authorbox" | b"breadcrumb" | b"breadcrumbs" | b"copyright" | b"counter" | b"counters"
        | b"crumbs" | b"footer" | b"likes" | b"login" | b"megamenu" | b"menu" | b"modal" | b"nav" | b"navbar"
        | b"navigation" | b"overlay" | b"pager" | b"pagination" | b"paginator" | b"popup" | b"prevnext" | b"promo"
        | b"promos" | b"promotion" | b"rating" | b"share" | b"sharebar" | b"sharebuttons" | b"sharelinks"
        | b"sharethis" | b"sharetools" | b"sharing" | b"skip" | b"social" | b"socials" | b"sponsor" | b"sponsored"
        | b"subscribe" | b"subscription" | b"tagcloud" | b"tags" | b"ticker" | b"toolbar" => Word::Hint,
        b"views" | b"widget" => Word::FirstHint,
        b"author" | b"authors" | b"writer" => Word::Author,
        b"about" | b"bio" | b"biography" | b"biog" | b"box" | b"profile" => Word::About,
        b"attachments" | b"documents" | b"downloads" | b"files" => Word::Files,
        b"has" | b"hide" | b"is" | b"no" | b"not" | b"with" | b"without" => Word::Modifier,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!((hint_of("teaser-text"), hint_of("related-teasers")), (Role::Teaser, Role::Apart));
        assert_eq!(hint_of("layout--with-sidebar"), Role::Plain);
        assert_eq!(hint_of("builder-widget-container"), Role::Plain);
        assert_eq!(hint_of("widget_recent"), Role::Hinted);
        assert_eq!(hint_of("shareholders"), Role::Plain);
        assert_eq!((hint_of("news-related-files"), hint_of("related-news")), (Role::Plain, Role::Apart));
        assert_eq!((hint_of("author-bio"), hint_of("about_the_author")), (Role::Hinted, Role::Hinted));
        assert_eq!((hint_of("author-name"), hint_of("speaker-bio")), (Role::Plain, Role::Plain));
        assert_eq!(hint_of("teaser-text"), Role::Teaser);
        assert_eq!((hint_of("related-teaser"), hint_of("jp-relatedposts")), (Role::Apart, Role::Apart));
    }
}
