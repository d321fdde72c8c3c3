//! Where links lead.

use url::Url;

use super::Target;
use crate::domain::address::same_site;

pub(super) fn target_of(href: &str, base: Option<&Url>) -> Target {
    let href = href.trim();
    let lower = href.get(..7).unwrap_or(href).to_ascii_lowercase();
    if let Some(contact) = ["mailto:", "tel:"].iter().find(|scheme| lower.starts_with(**scheme)) {
        return Target::Contact(href[contact.len()..].split('?').next().unwrap_or_default().to_owned());
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
    } else if same_site(&url, base) {
        Target::Page(url)
    } else {
        Target::Elsewhere(url)
    }
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
