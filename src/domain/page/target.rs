//! Where links lead.

use url::Url;

use super::Target;
use crate::domain::address::same_site;

pub(super) fn target_of(href: &str, base: Option<&Url>) -> Target {
    let href = href.trim();
    let after = |scheme: &str| {
        href.get(..scheme.len()).filter(|start| start.eq_ignore_ascii_case(scheme)).map(|_| &href[scheme.len()..])
    };
    if let Some(contact) = after("mailto:").or_else(|| after("tel:")) {
        return Target::Contact(contact.split('?').next().unwrap_or_default().to_owned());
    }
    if href.is_empty() || href.starts_with('#') {
        return Target::Nowhere;
    }
    let Some(base) = base else { return Target::Nowhere };
    let Ok(url) = base.join(href) else { return Target::Nowhere };
    if !matches!(url.scheme(), "http" | "https") {
        return Target::Nowhere;
    }
    if is_same_page(&url, base) {
        Target::Nowhere
    } else if is_file(&url) {
        Target::File(url)
    } else if same_site(&url, base) || is_sister(&url, base) {
        Target::Page(url)
    } else {
        Target::Elsewhere(url)
    }
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
fn is_file(url: &Url) -> bool {
    const ENDINGS: [&str; 28] = [
        "7z", "avi", "bmp", "csv", "doc", "docx", "epub", "gif", "jpeg", "jpg", "mp3", "mp4", "odp", "ods", "odt",
        "pdf", "png", "ppt", "pptx", "rar", "rtf", "svg", "tif", "webp", "xls", "xlsx", "xml", "zip",
    ];
    let file = url.path().rsplit('/').next().unwrap_or_default();
    let ending = file.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    ending.is_some_and(|ending| ENDINGS.binary_search(&ending.as_str()).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sisters_share_a_publisher() {
        assert_eq!(publisher("sport.paper.example"), publisher("www.paper.example"));
        assert_eq!(publisher("news.paper.co.uk"), Some("paper.co.uk"));
        assert_ne!(publisher("one.co.uk"), publisher("two.co.uk"));
        assert_eq!(publisher("localhost"), None);
    }
}
