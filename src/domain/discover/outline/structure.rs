//! What the names and classes of an element say: which part of the page it is, and which of its siblings are of
//! its kind.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};

use scraper::ElementRef;

/// Classes of one element that are looked at.
const MOST_CLASSES: usize = 8;

/// A key for things that are only compared within one run.
pub(super) fn hash(value: &impl Hash) -> u64 {
    let mut hasher = Fnv(0xcbf2_9ce4_8422_2325);
    value.hash(&mut hasher);
    hasher.finish()
}

/// FNV-1a: places are kept in the store, so their hash has to stay the same from one release of Rust to the next.
struct Fnv(u64);

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

/// Whether an element is navigation, an aside, or the header or footer of the page and not of a section.
pub(super) fn is_furniture(element: ElementRef<'_>, sectioned: bool) -> bool {
    let role = element.attr("role").unwrap_or_default();
    match element.value().name() {
        "nav" | "aside" => true,
        "header" | "footer" => !sectioned,
        _ => matches!(role, "navigation" | "complementary" | "contentinfo" | "banner"),
    }
}

/// Words that stylesheets everywhere begin the names of such parts with.
const BESIDE: [&str; 23] = [
    "nav",
    "navbar",
    "navigation",
    "menu",
    "breadcrumb",
    "breadcrumbs",
    "footer",
    "sidebar",
    "slider",
    "slick",
    "swiper",
    "carousel",
    "owl",
    "related",
    "popular",
    "tagcloud",
    "tags",
    "share",
    "social",
    "pagination",
    "pager",
    "widget",
    "cookie",
];

/// Whether the class or id of an element says that it stands beside the content.
pub(super) fn stands_beside(element: ElementRef<'_>) -> bool {
    let names = element.value().classes().take(MOST_CLASSES).chain(element.value().id());
    let first_word = |name: &str| name.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    !matches!(element.value().name(), "html" | "body" | "main")
        && names.map(first_word).any(|word| BESIDE.contains(&word.as_str()))
}

/// What tells an element from its siblings.
pub(super) struct Key {
    /// On one page: items of a list differ in classes (`odd`, `post-17`, `category-sport`), so of those only the
    /// class that most of their siblings share counts.
    pub(super) kind: u64,
    /// From page to page: which class the items share depends on what the page lists, so none of theirs counts.
    pub(super) place: u64,
}

/// One key for each child element, last first.
pub(super) fn child_keys(parent: ElementRef<'_>) -> Vec<Key> {
    let mut shared: HashMap<(&str, &str), usize> = HashMap::new();
    for child in parent.child_elements().filter(|child| is_item(child.value().name())) {
        for class in stable_classes(child) {
            *shared.entry((child.value().name(), class)).or_default() += 1;
        }
    }
    let key = |child: ElementRef<'_>| {
        let name = child.value().name();
        if is_item(name) {
            let count = |class: &&str| shared.get(&(name, *class)).copied().unwrap_or_default();
            let class = stable_classes(child).filter(|class| count(class) > 1);
            let kind = hash(&(name, class.max_by(|a, b| (count(a), b).cmp(&(count(b), a)))));
            Key { kind, place: hash(&name) }
        } else {
            let mut classes: Vec<&str> = stable_classes(child).collect();
            classes.sort_unstable();
            // An id is the element's own; it only helps to tell regions apart that nothing else tells apart.
            let id = child.value().id().filter(|id| classes.is_empty() && !id.contains(|c: char| c.is_ascii_digit()));
            let kind = hash(&(name, classes, id));
            // There is but one body; its classes name the page (`home`, `paged-2`).
            Key { kind, place: if name == "body" { hash(&name) } else { kind } }
        }
    };
    let mut keys: Vec<Key> = parent.child_elements().map(key).collect();
    keys.reverse();
    keys
}

fn is_item(name: &str) -> bool {
    matches!(name, "article" | "li" | "tr" | "dt" | "dd")
}

fn stable_classes(element: ElementRef<'_>) -> impl Iterator<Item = &str> {
    element.value().classes().take(MOST_CLASSES).filter(|class| is_stable(class))
}

/// Numbers of items and positions in the list say nothing about the structure; `col-8` does.
fn is_stable(class: &str) -> bool {
    let digits = class.bytes().filter(u8::is_ascii_digit).count();
    digits < 3 && !matches!(class, "odd" | "even" | "first" | "last" | "alt" | "active" | "current")
}
