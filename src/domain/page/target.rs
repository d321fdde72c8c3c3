//! Where links lead.

use std::sync::{Arc, OnceLock};

use url::{Position, Url};

use super::Target;
use crate::domain::address::same_site;

/// Bytes of an address as a page spells it; a longer one, which may stand in every line, leads nowhere.
pub(super) const LONGEST_NAME: usize = 8 << 10;

/// What a link says, and where that leads once somebody asks: most links of a page are those of its menus.
#[derive(Debug)]
pub(super) struct Lead {
    href: Option<String>,
    base: Option<Arc<Url>>,
    target: OnceLock<Target>,
}

impl Lead {
    pub(super) fn new(href: Option<&str>, base: Option<&Arc<Url>>) -> Self {
        let href = href.map(str::trim).filter(|href| href.len() <= LONGEST_NAME).map(str::to_owned);
        Self { href, base: base.cloned(), target: OnceLock::new() }
    }

    pub(super) fn target(&self) -> Target {
        *self.target.get_or_init(|| match (&self.href, &self.base) {
            (Some(href), _) if is_contact(href) => Target::Contact,
            (Some(href), Some(base)) => target_of(href, base),
            _ => Target::Nowhere,
        })
    }

    /// The address that it leads to.
    pub(super) fn url(&self) -> Option<Url> {
        match self.target() {
            Target::Page | Target::File | Target::Elsewhere => self.base.as_ref()?.join(self.href.as_ref()?).ok(),
            Target::Contact | Target::Nowhere => None,
        }
    }
}

fn is_contact(href: &str) -> bool {
    ["mailto:", "tel:"]
        .iter()
        .any(|scheme| href.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))
}

fn target_of(href: &str, base: &Url) -> Target {
    if href.is_empty() || href.starts_with('#') {
        return Target::Nowhere;
    }
    if is_plain_path(href) && is_web(base) {
        return target_on_site(href, base);
    }
    let Ok(url) = base.join(href) else { return Target::Nowhere };
    if !is_web(&url) || is_same_page(&url, base) {
        Target::Nowhere
    } else if is_file(url.path()) {
        Target::File
    } else if same_site(&url, base) || is_sister(&url, base) {
        Target::Page
    } else {
        Target::Elsewhere
    }
}

/// The same for a plain path, which needs no parser, as most links of a site.
fn target_on_site(path: &str, base: &Url) -> Target {
    if path == base.path() && base.query().is_none() {
        Target::Nowhere
    } else if is_file(path) {
        Target::File
    } else {
        Target::Page
    }
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

/// The address of what is named on a page at `base`. A plain path, as most pictures have, needs no parser.
pub(super) fn join(base: &Url, name: &str) -> Option<String> {
    if is_plain_path(name) && is_web(base) {
        return Some([&base[..Position::BeforePath], name].concat());
    }
    base.join(name).map(String::from).ok()
}

fn is_plain_path(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.');
    name.starts_with('/') && !name.starts_with("//") && name.bytes().all(is_plain) && !name.contains("/.")
}

/// Whether two hosts belong to one publisher: `sport.paper.example` and `www.paper.example`. Second levels of three
/// letters and less (`co.uk`, `com.cn`) are open to everybody.
fn is_sister(url: &Url, base: &Url) -> bool {
    match (url.domain().and_then(publisher), base.domain().and_then(publisher)) {
        (Some(one), Some(other)) => one == other,
        _ => false,
    }
}

fn publisher(host: &str) -> Option<&str> {
    let dots: Vec<usize> = host.rmatch_indices('.').take(3).map(|(at, _)| at).collect();
    let start = |nth: usize| dots.get(nth).map_or(0, |dot| dot + 1);
    let is_open = dots.len() > 1 && dots[0] - start(1) <= 3;
    let start = if is_open { start(2) } else { start(1) };
    (!dots.is_empty()).then(|| &host[start..])
}

fn is_same_page(url: &Url, base: &Url) -> bool {
    url.path() == base.path() && url.query() == base.query() && url.host() == base.host()
}

/// Whether an address names something to download or to look at, by its ending.
fn is_file(path: &str) -> bool {
    const ENDINGS: [&str; 28] = [
        "7z", "avi", "bmp", "csv", "doc", "docx", "epub", "gif", "jpeg", "jpg", "mp3", "mp4", "odp", "ods", "odt",
        "pdf", "png", "ppt", "pptx", "rar", "rtf", "svg", "tif", "webp", "xls", "xlsx", "xml", "zip",
    ];
    let file = path.rsplit('/').next().unwrap_or_default();
    let ending = file.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    ending.is_some_and(|ending| ENDINGS.binary_search(&ending.as_str()).is_ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_short_way_leads_to_the_same(name in "/?[a-zA-Z0-9/._-]{0,12}[/.?%\\\\é:~]?") {
            let bases = ["https://quay.example/news/fog", "http://a:b@quay.example:8080/?c#d", "HTTPS://QUAY.example", "data:x"];
            for base in bases.map(|base| Url::parse(base).unwrap()) {
                prop_assert_eq!(join(&base, &name), base.join(&name).map(String::from).ok());
                // A fragment changes nothing but the way that is taken.
                prop_assert_eq!(target_of(&name, &base), target_of(&format!("{name}#a"), &base));
            }
        }
    }

    #[test]
    fn sisters_share_a_publisher() {
        assert_eq!(publisher("sport.paper.example"), publisher("www.paper.example"));
        assert_eq!(publisher("news.paper.co.uk"), Some("paper.co.uk"));
        assert_ne!(publisher("one.co.uk"), publisher("two.co.uk"));
        assert_eq!(publisher("localhost"), None);
    }
}
