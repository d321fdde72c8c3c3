//! What the form of an address tells: the folder it stands in, whether it names one item, which page of a listing
//! it is. The words are those of content management systems in general, not of one site.

use url::Url;

use crate::domain::address::{identity, without_default_document};

const FILES: [&str; 33] = [
    "pdf", "doc", "docx", "odt", "rtf", "xls", "xlsx", "ods", "csv", "ppt", "pptx", "zip", "rar", "7z", "gz", "jpg",
    "jpeg", "png", "gif", "webp", "svg", "tif", "tiff", "mp3", "mp4", "avi", "mov", "wav", "ogg", "xml", "json", "ics",
    "epub",
];
const PAGE_WORDS: [&str; 8] = ["page", "pages", "seite", "pagina", "página", "strona", "p", "стр"];
const PAGE_KEYS: [&str; 9] = ["p", "pg", "start", "offset", "seite", "pagina", "from", "skip", "limitstart"];
/// Last segments, and parameters, with which a page is shown in another form, by the names that content management
/// systems have for them.
const RENDERINGS: [&str; 9] = ["amp", "feed", "rss", "atom", "print", "printable", "embed", "trackback", "comments"];
const RENDERING_KEYS: [&str; 6] = ["amp", "print", "printable", "embed", "share", "replytocom"];
/// Letters of a last segment that make it a slug even without words.
const SLUG_LENGTH: usize = 20;

/// The folder with its numbers masked, and the names of the parameters: releases of one kind share it.
pub(super) fn folder(url: &Url) -> String {
    let path = bare_path(url);
    let parent = if url.query().is_some() { path } else { path.rsplit_once('/').map_or("", |(parent, _)| parent) };
    let mut folder = String::with_capacity(parent.len());
    for letter in parent.chars() {
        if !letter.is_ascii_digit() {
            folder.push(letter);
        } else if !folder.ends_with('#') {
            folder.push('#');
        }
    }
    for (key, _) in url.query_pairs() {
        folder.push('?');
        folder.push_str(&key);
    }
    folder
}

/// Whether the address is a download and not a page.
pub(super) fn is_file(url: &Url) -> bool {
    let extension = url.path().rsplit('/').next().and_then(|name| name.rsplit_once('.'));
    extension.is_some_and(|(_, extension)| FILES.iter().any(|known| known.eq_ignore_ascii_case(extension)))
}

/// The address of the page that an address shows in another form: for print, as a feed, a further page of it.
pub(super) fn rendered(url: &Url) -> Option<Url> {
    let mut page = url.clone();
    let is_form = |pair: &str| RENDERING_KEYS.contains(&pair.split('=').next().unwrap_or_default());
    let kept: Vec<&str> = url.query().unwrap_or_default().split('&').filter(|pair| !is_form(pair)).collect();
    let kept = kept.join("&");
    page.set_query(Some(kept.as_str()).filter(|kept| !kept.is_empty()));
    let path = without_renderings(bare_path(url));
    page.set_path(path);
    (page.query() != url.query() || path != bare_path(url)).then_some(page)
}

fn without_renderings(mut path: &str) -> &str {
    while let Some((above, last)) = path.rsplit_once('/') {
        let (listing, number) = split_path(path);
        // `/p/7` is an item as often as a page.
        let is_page = number.is_some_and(|number| number < 1000) && !path[listing.len()..].starts_with("/p/");
        path = match RENDERINGS.contains(&last) {
            true => above,
            false if is_page => listing,
            false => break,
        };
    }
    path
}

/// Whether the address is that of a year, or of a month or a day in one.
pub(super) fn is_period(url: &Url) -> bool {
    let numbers = bare_path(url).rsplit('/').map_while(|segment| segment.parse::<u16>().ok());
    match numbers.take(4).collect::<Vec<u16>>()[..] {
        [year] => is_year(year),
        [month, year] => is_year(year) && month <= 12,
        [day, month, year] => is_year(year) && month <= 12 && day <= 31,
        _ => false,
    }
}

fn is_year(number: u16) -> bool {
    (1900..2100).contains(&number)
}

/// Whether the last segment, or a parameter, is such as one item of many has: a number, a date, a slug.
pub(super) fn names_item(url: &Url) -> bool {
    let last = last_segment(url);
    let words = last.split(['-', '_']).filter(|word| !word.is_empty()).count();
    words >= 3 || last.len() >= SLUG_LENGTH || is_numbered(url)
}

/// Whether the last segment holds a number of several digits, or a segment or a parameter is one.
pub(super) fn is_numbered(url: &Url) -> bool {
    let digits = last_segment(url).split('%').next().unwrap_or_default().bytes().filter(u8::is_ascii_digit).count();
    digits >= 2 || url.path().split('/').any(is_number) || url.query_pairs().any(|(_, value)| is_number(&value))
}

fn last_segment(url: &Url) -> &str {
    bare_path(url).rsplit('/').next().unwrap_or_default()
}

/// `/a-release/default.aspx` is `/a-release`.
fn bare_path(url: &Url) -> &str {
    without_default_document(url.path()).trim_end_matches('/')
}

/// Whether an address stands in the folder that a listing stands for.
pub(super) fn is_below(url: &Url, listing: &Url) -> bool {
    let listing = without_default_document(listing.path());
    // `/news.html` and `/news` list what is in `/news/`; `/index.php` and the root list everything.
    let stem = listing.trim_end_matches('/');
    let stem = stem.rsplit_once('.').filter(|(_, extension)| !extension.contains('/')).map_or(stem, |(stem, _)| stem);
    !stem.is_empty() && url.path().strip_prefix(stem).is_some_and(|rest| rest.len() > 1 && rest.starts_with('/'))
}

/// Whether an address is the listing itself or a section above it.
pub(super) fn is_above(url: &Url, listing: &Url) -> bool {
    let path = bare_path(url);
    url.query().is_none()
        && listing.path().strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// An address taken apart into a listing and the page of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PagePlace {
    /// Identity of the listing without the number.
    pub(super) stem: String,
    /// The path of that, without a slash at the end.
    pub(super) path: String,
    /// Number of the page, or of its first item.
    pub(super) number: Option<u64>,
}

impl PagePlace {
    pub(super) fn of(url: &Url) -> Self {
        let mut listing = url.clone();
        let (path, in_path) = split_path(url.path());
        let (query, in_query) = split_query(url.query().unwrap_or_default());
        listing.set_path(path);
        listing.set_query(Some(query.as_str()).filter(|query| !query.is_empty()));
        let path = path.trim_end_matches('/').to_owned();
        Self { stem: identity(&listing), path, number: in_query.or(in_path) }
    }

    /// Whether an address is a page of this listing, whatever its number.
    pub(super) fn is_same_listing(&self, url: &Url) -> bool {
        Self::of(url).stem == self.stem
    }
}

/// `/news/page/2/`, `/news/page-2` and `/news/page2.html` are pages of `/news`.
fn split_path(path: &str) -> (&str, Option<u64>) {
    let unsplit = (path, None);
    let trimmed = path.trim_end_matches('/');
    let Some((above, last)) = trimmed.rsplit_once('/') else { return unsplit };
    let last = last.split('.').next().unwrap_or_default().to_lowercase();
    let word = last.trim_end_matches(|c: char| c.is_ascii_digit());
    let Some(number) = last[word.len()..].parse().ok() else { return unsplit };
    if word.is_empty() {
        let (further, word) = above.rsplit_once('/').unwrap_or((above, ""));
        return if PAGE_WORDS.contains(&word.to_lowercase().as_str()) { (further, Some(number)) } else { unsplit };
    }
    let word = word.trim_end_matches(['-', '_']);
    if word.len() > 1 && PAGE_WORDS.contains(&word) { (above, Some(number)) } else { unsplit }
}

fn split_query(query: &str) -> (String, Option<u64>) {
    let mut number = None;
    let mut kept = Vec::new();
    for pair in query.split('&') {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        if is_page_key(key) && is_number(value) && value.len() <= if key == "p" { 3 } else { 6 } {
            number = value.parse().ok();
        } else {
            kept.push(pair);
        }
    }
    (kept.join("&"), number)
}

/// `page`, `paged`, `PAGEN_1`, `cur_page`, `list%5BcurrentPage%5D`, `start`, …
fn is_page_key(key: &str) -> bool {
    let key = key.to_ascii_lowercase().replace("%5b", "[").replace("%5d", "]");
    let key = key.rsplit('[').next().unwrap_or_default().trim_end_matches(']');
    let word = key.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
    PAGE_KEYS.contains(&word)
        || word.ends_with("page")
        || matches!(word, "pagen" | "paged" | "pagenum" | "pageno" | "page_no" | "page_num" | "pagenumber")
}

/// Whether a text is nothing but digits.
pub(super) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_document_stands_for_its_folder() {
        let url = |path: &str| Url::parse("https://example.org").unwrap().join(path).unwrap();
        let (release, listing) = (url("/press/the-quay-is-open/default.aspx"), url("/press/default.aspx"));
        assert!(names_item(&release) && is_below(&release, &listing) && !is_above(&release, &listing));
        assert_eq!(folder(&release), folder(&url("/press/new-cranes-at-the-lock/default.aspx")));
    }

    fn url(path: &str) -> Url {
        Url::parse("https://example.org").unwrap().join(path).unwrap()
    }

    #[test]
    fn pages_of_a_listing_are_told_from_its_items() {
        for page in [
            "/news/?PAGEN_1=2",
            "/news/?page=2",
            "/news?paged=3",
            "/news/page/2/",
            "/news/page-2",
            "/news/page2.html",
            "/news/?start=20",
            "/news/?offset=20",
            "/news/?list%5BcurrentPage%5D=2",
            "/news/",
        ] {
            assert!(PagePlace::of(&url("/news/")).is_same_listing(&url(page)), "{page}");
        }
        for item in ["/news/4512/", "/news/?id=4512", "/news/homepage-2/", "/news/?p=4512", "/news/p2-line"] {
            assert!(!PagePlace::of(&url("/news/")).is_same_listing(&url(item)), "{item}");
        }
    }

    #[test]
    fn renderings_are_told_from_pages() {
        for form in
            ["/a/amp/", "/a/feed/rss", "/a/print", "/a/page/2/", "/a/page/2/amp", "/a?amp=1", "/a/?share=x&print=1"]
        {
            assert_eq!(rendered(&url(form)).map(|page| identity(&page)), Some(identity(&url("/a"))), "{form}");
        }
        assert_eq!(rendered(&url("/a?id=7&print=1")).unwrap(), url("/a?id=7"));
        for page in ["/a/", "/amp-is-here/", "/a/p/7", "/a/page/45120/", "/a/?lang=de", "/a/2/"] {
            assert_eq!(rendered(&url(page)), None, "{page}");
        }
    }

    #[test]
    fn periods_are_told_from_numbers() {
        assert!(["/2024/", "/news/2024/", "/news/2024/03", "/2024/3/12/"].iter().all(|path| is_period(&url(path))));
        assert!(
            ["/a/4512/", "/a/12/", "/a/2024/45/", "/a/12/03/2024/7/", "/"].iter().all(|path| !is_period(&url(path)))
        );
    }

    #[test]
    fn folders_mask_numbers() {
        assert_eq!(folder(&url("/news/2024/03/title/")), folder(&url("/news/2023/11/other")));
        assert_ne!(folder(&url("/news/title/")), folder(&url("/about/title/")));
        assert_eq!(folder(&url("/news/?id=1")), folder(&url("/news/?id=2")));
    }

    #[test]
    fn sections_are_no_items() {
        assert!(
            names_item(&url("/2024/03/a/"))
                && names_item(&url("/news/4512/"))
                && names_item(&url("/a-b-c"))
                && names_item(&url("/?id=7"))
        );
        assert!(!names_item(&url("/about/")) && !names_item(&url("/about/our-mission/")));
        assert!(is_below(&url("/news/x"), &url("/news.html")) && !is_below(&url("/newsletter/x"), &url("/news/")));
        assert!(is_above(&url("/"), &url("/press/news/")) && is_above(&url("/press"), &url("/press/news/")));
        assert!(!is_above(&url("/press/news/x"), &url("/press/news/")));
    }
}
