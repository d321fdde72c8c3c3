//! Captures as plain files in folders, as downloaders of the Wayback Machine write them: `TIMESTAMP/HOST/PATH`,
//! `HOST/TIMESTAMP/PATH`, or `TIMESTAMP/` and the whole address, percent-encoded as one name.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use url::Url;

use crate::domain::model::Fetched;
use crate::warc::{Listed, digest_of, parse_timestamp};

/// Files of all folders together, and folders within each other.
const MOST_FILES: usize = 4_000_000;
const DEEPEST: usize = 64;
/// Bytes of a capture.
const LONGEST: u64 = 64 << 20;
/// What the Wayback Machine writes into the pages that it shows.
const REWRITTEN: [&[u8]; 2] = [b"BEGIN WAYBACK TOOLBAR INSERT", b"web-static.archive.org/_static/"];

/// Walks over a folder and hands over every file. Links are not followed.
pub(super) fn walk(folder: &Path, take: &mut dyn FnMut(PathBuf)) -> io::Result<()> {
    let mut folders = vec![(folder.to_owned(), 0)];
    let mut count = 0;
    while let Some((folder, depth)) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() && depth < DEEPEST {
                folders.push((entry.path(), depth + 1));
            } else if kind.is_file() {
                count += 1;
                if count > MOST_FILES {
                    return Err(io::Error::other(format!(
                        "it holds more than {MOST_FILES} files; the others are left"
                    )));
                }
                take(entry.path());
            }
        }
    }
    Ok(())
}

/// When and from where the capture in a file is, by its path; `hosts` are those of the source.
pub(super) fn place_of(path: &Path, hosts: &[String]) -> Option<(DateTime<Utc>, Url)> {
    let names: Vec<String> = path.iter().map(|name| name.to_string_lossy().into_owned()).collect();
    let place = names.iter().rposition(|name| parse_timestamp(name).is_some())?;
    let at = parse_timestamp(&names[place])?;
    let (first, rest) = names[place + 1..].split_first()?;
    let whole = unescaped(first);
    if rest.is_empty() && whole.contains("://") {
        return Some((at, Url::parse(&whole).ok()?));
    }
    if matches!(first.as_str(), "http:" | "https:") {
        return Some((at, Url::parse(&format!("{first}//{}", rest.join("/"))).ok()?));
    }
    let above = place.checked_sub(1).map(|place| names[place].as_str()).filter(|name| is_host(name));
    let is_ours = |name: &str| hosts.iter().any(|host| name.trim_start_matches("www.") == host);
    let below = Some(first.as_str()).filter(|name| is_host(name) && !rest.is_empty());
    let below = below.filter(|name| is_ours(name) || !above.is_some_and(is_ours));
    let (host, path) = match (below, above) {
        (Some(host), _) => (host, rest.join("/")),
        (None, Some(host)) => (host, names[place + 1..].join("/")),
        (None, None) => return None,
    };
    // Some systems allow no question mark in a name.
    let path = path.replace("%3f", "?").replace("%3F", "?");
    Some((at, Url::parse(&format!("http://{host}/{path}")).ok()?))
}

/// Reads the capture in a file, with what a listing says of it.
pub(super) fn read(path: &Path, at: DateTime<Utc>, url: &Url, listed: Option<&Listed>) -> Result<Fetched, String> {
    let mut body = Vec::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    file.take(LONGEST + 1).read_to_end(&mut body).map_err(|error| error.to_string())?;
    if body.len() as u64 > LONGEST {
        return Err(format!("is larger than {} MiB", LONGEST >> 20));
    }
    if REWRITTEN.iter().any(|mark| body.windows(mark.len()).any(|window| window == *mark)) {
        return Err(
            "was rewritten by the Wayback Machine for showing it; download the captures as they were recorded \
                    (waybackpack --raw, or addresses with id_ after the time)"
                .to_owned(),
        );
    }
    let media = listed.and_then(|listed| listed.media.as_deref()).unwrap_or_else(|| media_of(&body));
    Ok(Fetched {
        url: url.clone(),
        final_url: url.clone(),
        redirects: Vec::new(),
        status: listed.and_then(|listed| listed.status).unwrap_or(200),
        headers: vec![("content-type".to_owned(), media.to_owned())],
        body: Bytes::from(body),
        fetched_at: at,
    })
}

/// Whether the bytes are those that a listing names. They are not where the server had compressed them.
pub(super) fn is_as_listed(fetched: &Fetched, listed: &Listed) -> bool {
    listed.digest.as_ref().is_none_or(|digest| *digest == digest_of(&fetched.body))
}

fn media_of(body: &[u8]) -> &'static str {
    let start = body.trim_ascii_start();
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    if start.starts_with(b"<") || start.is_empty() { "text/html" } else { "application/octet-stream" }
}

/// `press.example.org`, and not `page.html`: the name of a folder.
fn is_host(name: &str) -> bool {
    name.contains('.')
        && !name.starts_with('.')
        && Url::parse(&format!("http://{name}/")).is_ok_and(|url| url.path() == "/")
}

fn unescaped(name: &str) -> String {
    let kept = name.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    let text = url::form_urlencoded::parse(kept.as_bytes()).next();
    text.map(|(text, _)| text.into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(path: &str) -> Option<String> {
        let (at, url) = place_of(Path::new(path), &["quay.example".to_owned()])?;
        Some(format!("{} {url}", at.format("%Y-%m-%d")))
    }

    #[test]
    fn folders_of_common_downloaders_are_understood() {
        let expected = Some("2019-03-01 http://quay.example/news/a/index.html".to_owned());
        assert_eq!(placed("down/20190301100000/quay.example/news/a/index.html"), expected);
        assert_eq!(placed("websites/quay.example/20190301100000/news/a/index.html"), expected);
        assert_eq!(placed("my.files/20190301100000/quay.example/news/a/index.html"), expected);
        assert_eq!(
            placed("x/20190301100000/https%3A%2F%2Fquay.example%2Fnews%2Fa%3Fid%3D1").as_deref(),
            Some("2019-03-01 https://quay.example/news/a?id=1")
        );
        assert_eq!(placed("websites/quay.example/news/a/index.html"), None);
        assert_eq!(placed("20190301100000/page.html"), None);
    }
}
