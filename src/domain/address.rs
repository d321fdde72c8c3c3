//! One release, one address. [`canonical`] takes away what never selects content; [`identity`] also what only the
//! site can decide (scheme, `www.`, a trailing slash) and is compared, never fetched.

use url::Url;

/// Longest address that is followed, in bytes.
pub const LONGEST: usize = 2048;
/// How often one path segment may occur before the address counts as a crawler trap.
const MOST_REPEATS: usize = 3;
/// Least length of a `sid` value that is a session and not a section.
const SESSION_LENGTH: usize = 16;

/// Parameters by which advertisers and mailers follow readers; names starting with `utm_` are meant as well.
const TRACKING: [&str; 19] = [
    "fbclid",
    "gclid",
    "dclid",
    "gbraid",
    "wbraid",
    "msclkid",
    "twclid",
    "ttclid",
    "yclid",
    "ysclid",
    "mc_cid",
    "mc_eid",
    "igshid",
    "_openstat",
    "_ga",
    "_gl",
    "_hsenc",
    "_hsmi",
    "mkt_tok",
];
const SESSIONS: [&str; 3] = ["phpsessid", "jsessionid", "cfid"];
const DEFAULT_NAMES: [&str; 2] = ["index", "default"];
const DEFAULT_EXTENSIONS: [&str; 8] = ["html", "htm", "shtml", "php", "asp", "aspx", "jsp", "xhtml"];

/// The address without fragment, credentials, tracking and session parameters, with one spelling of host, path and
/// percent-encoding. Scheme, `www.` and a trailing slash stay, because only the site can say whether they matter.
pub fn canonical(url: &Url) -> Url {
    let mut canonical = url.clone();
    canonical.set_fragment(None);
    if !is_web(url) {
        return canonical;
    }
    // Setters refuse only addresses without a host, which `is_web` has excluded.
    let _ = canonical.set_username("");
    let _ = canonical.set_password(None);
    let host = url.host_str().unwrap_or_default();
    if host.ends_with('.') {
        let _ = canonical.set_host(Some(host.trim_end_matches('.')));
    }
    let query = url.query().map(clean_query).filter(|query| !query.is_empty());
    let path = clean_path(url.path());
    canonical.set_path(&path);
    canonical.set_query(query.as_deref());
    canonical
}

/// The key under which two addresses are the same release.
pub fn identity(url: &Url) -> String {
    let canonical = canonical(url);
    let mut key = site(&canonical);
    key.push_str(without_default_document(canonical.path()).trim_end_matches('/'));
    if let Some(query) = canonical.query() {
        key.push('?');
        key.push_str(query);
    }
    key
}

/// Whether two addresses belong to the same site: the same host apart from `www.`, and the same port, where the
/// default ports of HTTP and HTTPS count as one.
pub fn same_site(a: &Url, b: &Url) -> bool {
    is_web(a) && is_web(b) && a.port() == b.port() && site_host(a) == site_host(b)
}

/// Whether an address is worth following: HTTP, at most [`LONGEST`] bytes, and no path that winds around itself.
pub fn is_reasonable(url: &Url) -> bool {
    is_web(url) && url.as_str().len() <= LONGEST && !winds(url.path())
}

fn is_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && url.has_host()
}

/// Host and port as one key: two addresses of one site have the same.
pub fn site(url: &Url) -> String {
    let host = site_host(url);
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn site_host(url: &Url) -> &str {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    host.strip_prefix("www.").unwrap_or(host)
}

fn winds(path: &str) -> bool {
    let mut segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    segments.sort_unstable();
    segments.chunk_by(|a, b| a == b).any(|run| run.len() > MOST_REPEATS)
}

fn clean_query(query: &str) -> String {
    // Escapes first: a name may be written with them.
    // Brackets are written either way, and some servers take them with escapes alone.
    let pairs = query.split('&').map(|pair| normalize_escapes(pair).replace('[', "%5B").replace(']', "%5D"));
    pairs.filter(|pair| !pair.is_empty() && !is_idle(pair)).collect::<Vec<_>>().join("&")
}

/// Whether a parameter says who reads, not what is read.
fn is_idle(pair: &str) -> bool {
    let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
    let key = key.to_ascii_lowercase();
    let is_session = SESSIONS.contains(&key.as_str())
        || key.starts_with("aspsessionid")
        || (matches!(key.as_str(), "sid" | "sessionid" | "session_id") && is_session_value(value));
    is_session || key.starts_with("utm_") || TRACKING.contains(&key.as_str())
}

fn is_session_value(value: &str) -> bool {
    value.len() >= SESSION_LENGTH && value.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn clean_path(path: &str) -> String {
    let path = normalize_escapes(path);
    let segments = || path.split('/').map(without_session);
    let mut clean = String::with_capacity(path.len());
    for segment in segments().filter(|segment| !segment.is_empty()) {
        clean.push('/');
        clean.push_str(segment);
    }
    if segments().next_back().is_none_or(str::is_empty) {
        clean.push('/');
    }
    clean
}

/// `page.jsp;jsessionid=1A2B` is `page.jsp`.
fn without_session(segment: &str) -> &str {
    let is_session =
        |(_, parameter): &(&str, &str)| parameter.get(..10).is_some_and(|key| key.eq_ignore_ascii_case("jsessionid"));
    segment.split_once(';').filter(is_session).map_or(segment, |(name, _)| name)
}

/// A path without the `index.html` or `default.aspx` that a server adds by itself.
pub(crate) fn without_default_document(path: &str) -> &str {
    let Some((folder, name)) = path.rsplit_once('/') else { return path };
    let is_default = name.split_once('.').is_some_and(|(stem, extension)| {
        let matches = |known: &[&str], part: &str| known.iter().any(|name| name.eq_ignore_ascii_case(part));
        matches(&DEFAULT_NAMES, stem) && matches(&DEFAULT_EXTENSIONS, extension)
    });
    if is_default { &path[..=folder.len()] } else { path }
}

/// Decodes escapes of unreserved characters and writes the others in capitals (RFC 3986, section 6.2.2). A percent
/// sign that escapes nothing is escaped itself, so that a second pass finds nothing to do.
fn normalize_escapes(text: &str) -> String {
    let mut normalized = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        normalized.push_str(before);
        let Some(byte) = after.get(..2).and_then(escaped_byte) else {
            normalized.push_str("%25");
            rest = after;
            continue;
        };
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            normalized.push(char::from(byte));
        } else {
            normalized.push('%');
            normalized.push_str(&after[..2].to_ascii_uppercase());
        }
        rest = &after[2..];
    }
    normalized + rest
}

fn escaped_byte(digits: &str) -> Option<u8> {
    digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u8::from_str_radix(digits, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn brackets_in_a_query_have_one_spelling() {
        let url = |query: &str| canonical(&Url::parse(&format!("https://example.org/?{query}")).unwrap());
        assert_eq!(url("tx_news[id]=7&c=[]"), url("tx_news%5bid%5D=7&c=%5B%5D"));
        assert_eq!(url("a[b]=1").as_str(), "https://example.org/?a%5Bb%5D=1");
    }

    #[test]
    fn what_is_canonical_stays_so() {
        for odd in [
            "http://example.org../a",
            "http://0x7f.a31..............",
            "https://example.org/a;%6asessionid=1/b?%75tm_source=x&c=%7e",
            "http://.../",
        ] {
            let one = canonical(&Url::parse(odd).unwrap());
            assert_eq!(canonical(&one), one, "{odd}");
            assert_eq!(identity(&one), identity(&Url::parse(odd).unwrap()), "{odd}");
        }
    }

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn check(address: &str, expected: &str) {
        assert_eq!(canonical(&url(address)).as_str(), expected, "{address}");
    }

    #[test]
    fn what_selects_no_content_is_dropped() {
        check("HTTPS://Example.ORG.:443/news/1/?utm_source=x&id=5&fbclid=9#top", "https://example.org/news/1/?id=5");
        check("https://example.org/news/1/?utm_campaign=a", "https://example.org/news/1/");
        check("https://example.org/news/1/?", "https://example.org/news/1/");
        check("https://example.org/#!/news/1", "https://example.org/");
        check("https://reader:secret@example.org/a", "https://example.org/a");
        check("https://example.org/a.jsp;jsessionid=1A2B3C?id=1", "https://example.org/a.jsp?id=1");
        check("https://example.org/a?PHPSESSID=0&sid=0123456789abcdef01", "https://example.org/a");
    }

    #[test]
    fn what_may_select_content_is_kept() {
        for address in [
            "https://example.org/a?sid=politics",
            "https://example.org/a?ref=list&b=2&a=1",
            "https://example.org/index.php?id=12",
            "https://example.org/news/a-release/default.aspx",
            "https://www.example.org/a/",
            "http://example.org:8080/a",
            "https://example.org/a;v=2/b",
            "https://example.org/indexed.html",
        ] {
            check(address, address);
        }
    }

    #[test]
    fn one_spelling_of_the_path() {
        check("https://example.org//news///1%2f%7Eann%c3%a9", "https://example.org/news/1%2F~ann%C3%A9");
        check("https://example.org/новости/", "https://example.org/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8/");
        check("https://example.org/100%/%zz/%4%31", "https://example.org/100%25/%25zz/%2541");
        check("https://example.org/;jsessionid=1/b/;jsessionid=1", "https://example.org/b/");
    }

    #[test]
    fn the_same_release_under_other_addresses() {
        let key = identity(&url("https://example.org/news/1"));
        for other in ["http://www.example.org/news/1/", "https://example.org//news/1/index.html?utm_medium=mail"] {
            assert_eq!(identity(&url(other)), key, "{other}");
        }
        assert_ne!(identity(&url("https://example.org/news/1?page=2")), key);
        assert_ne!(identity(&url("https://example.org:8443/news/1")), key);
        assert_eq!(identity(&url("https://a.org/index.php?id=1")), identity(&url("https://a.org/?id=1")));
    }

    #[test]
    fn a_site_is_host_and_port() {
        let same = |a: &str, b: &str| same_site(&url(a), &url(b));
        assert!(same("https://www.example.org/a", "http://example.org/b"));
        assert!(!same("https://en.example.org/", "https://example.org/"));
        assert!(!same("https://example.org/", "https://example.org:8443/"));
        assert!(!same("mailto:a@example.org", "mailto:a@example.org"));
    }

    #[test]
    fn traps_and_oversized_addresses_are_refused() {
        assert!(is_reasonable(&url("https://example.org/news/2024/03/12/title/")));
        assert!(!is_reasonable(&url("https://example.org/a/b/a/b/a/b/a/b/")));
        assert!(!is_reasonable(&url(&format!("https://example.org/{}", "x".repeat(LONGEST)))));
        assert!(!is_reasonable(&url("javascript:void(0)")));
    }

    proptest! {
        #[test]
        fn canonical_twice_is_canonical_once(rest in "[a-z0-9/%;.?&=#_A-F~ é-]{0,40}") {
            let once = canonical(&url(&format!("https://example.org/{rest}")));
            prop_assert_eq!(canonical(&once), once);
        }
    }
}
