//! The configuration that `init` writes: what was found, with a word on what may be changed.

use std::fmt::Write as _;

use url::{Host, Url};

use crate::config::FetchConfig;
use crate::domain::normalize::clean_text;
use crate::track::{Finding, FoundFeed};

/// What a configuration is made from.
pub(super) struct Draft<'a> {
    /// Where the look began.
    pub(super) url: &'a Url,
    /// What was found.
    pub(super) finding: &'a Finding,
    /// How it was asked for.
    pub(super) fetch: &'a FetchConfig,
}

impl Draft<'_> {
    /// The text of the file.
    pub(super) fn text(&self) -> String {
        [HEAD, STORE, &self.fetch(), &self.source(), ALERT].concat()
    }

    fn fetch(&self) -> String {
        let default = FetchConfig::default();
        let mut text = FETCH.to_owned();
        if self.fetch.allow_private_addresses {
            text.push_str("\n# The site is on your own network.\nallow_private_addresses = true\n");
        }
        if self.fetch.per_host_interval != default.per_host_interval {
            let interval = self.fetch.per_host_interval.as_millis();
            let words = "\n# Least time between two requests to the same site.\n";
            let _ = writeln!(text, "{words}per_host_interval = \"{interval}ms\"");
        }
        text
    }

    fn source(&self) -> String {
        let id = id_of(self.url);
        let name = clean_text(&self.finding.site_name);
        let name = if name.is_empty() { host_of(self.url) } else { name };
        let places = [self.listings(), self.feeds(), self.sitemaps(), self.pages()].concat();
        format!(
            "\n[[source]]\n\
             # A short name for the command line and the record. Keep it once the record has begun.\n\
             id = {}\n\
             # A name for people.\n\
             name = {}\n\n\
             {places}{SCHEDULE}",
            quoted(&id),
            quoted(&name)
        )
    }

    fn listings(&self) -> String {
        let listings: Vec<&Url> = self.finding.listings.iter().map(|listing| &listing.url).collect();
        if listings.is_empty() {
            return String::new();
        }
        let words =
            "# Pages that list the releases. Their further pages are found and walked too, up to listing_depth = 5.\n";
        format!("{words}listings = {}\n\n", list(&listings))
    }

    /// Those that a listing names are found by every check.
    fn feeds(&self) -> String {
        let needed = |feed: &&FoundFeed| !feed.is_declared;
        let feeds: Vec<&Url> = self.finding.feeds.iter().filter(needed).map(|feed| &feed.url).collect();
        if feeds.is_empty() {
            return String::new();
        }
        format!(
            "# Feeds name the latest releases; a listing beside them names older ones, too.\nfeeds = {}\n\n",
            list(&feeds)
        )
    }

    fn sitemaps(&self) -> String {
        let sitemaps: Vec<&Url> = self.finding.sitemaps.iter().collect();
        if sitemaps.is_empty() {
            return String::new();
        }
        if self.finding.needs_sitemaps {
            return format!(
                "# No list of releases was found; the sitemap names them.\nsitemaps = {}\n\n",
                list(&sitemaps)
            );
        }
        format!("# The site has sitemaps, which are not needed beside the above.\n# sitemaps = {}\n\n", list(&sitemaps))
    }

    fn pages(&self) -> String {
        let Some(page) = &self.finding.page else { return String::new() };
        let words = "# Documents that are watched by their own address.";
        format!("{words} If this page lists releases, write listings instead.\npages = {}\n\n", list(&[page]))
    }
}

const HEAD: &str =
    "# Written by `pressdiff init`. A mistake is reported with line and column; nothing runs until it is mended.\n\n";

const STORE: &str = "[store]\n\
    # The one file that holds everything; a relative path starts at the folder of this file.\n\
    path = \"pressdiff.db\"\n\n";

const FETCH: &str = "[fetch]\n\
    # Please put in a mail or web address: it is sent with every request, so that the operators of the site can reach you.\n\
    # contact = \"you@example.org\"\n";

const SCHEDULE: &str = "\
    # When the site is checked: minute, hour, day of month, month, weekday, as in crontab(5); or @hourly, @daily.\n\
    schedule = \"*/15 * * * *\"\n\
    # The time zone of the schedule.\n\
    # timezone = \"Europe/Berlin\"\n\n\
    # Which paths are releases, if others are taken for some: * is one segment, ** is anything.\n\
    # include = [\"/news/**\"]\n\n\
    # If titles or texts are not found well: CSS selectors. `pressdiff explain URL` shows what they do.\n\
    # [source.extract]\n\
    # article = \".article\"\n\
    # ignore = [\".share\"]\n";

const ALERT: &str = "\n\
    # Who is told. This one writes a line of JSON for each event.\n\
    [[alert]]\n\
    name = \"log\"\n\
    channel = \"log\"\n\
    path = \"events.jsonl\"\n";

fn list(urls: &[&Url]) -> String {
    let items: Vec<String> = urls.iter().map(|url| quoted(url.as_str())).collect();
    if items.len() == 1 { format!("[{}]", items[0]) } else { format!("[\n    {},\n]", items.join(",\n    ")) }
}

/// A TOML string on one line.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            letter if letter.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(letter));
            }
            letter => quoted.push(letter),
        }
    }
    quoted + "\""
}

fn host_of(url: &Url) -> String {
    url.host_str().unwrap_or_default().trim_start_matches("www.").to_owned()
}

/// The part of the host that names the publisher: `en.odkb-csto.org` is `odkb-csto`.
fn id_of(url: &Url) -> String {
    /// Labels below a country under which names are registered.
    const SECOND_LEVEL: [&str; 9] = ["ac", "co", "com", "edu", "gob", "gouv", "gov", "net", "org"];
    let host = host_of(url);
    let mut labels: Vec<&str> = host.split('.').collect();
    if matches!(url.host(), Some(Host::Domain(_))) && labels.len() > 1 {
        labels.pop();
        if labels.len() > 1 && labels.last().is_some_and(|last| SECOND_LEVEL.contains(last)) {
            labels.pop();
        }
        labels = labels.split_off(labels.len() - 1);
    }
    let letter = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '-' };
    let id: String = labels.join("-").chars().map(letter).collect();
    let id: String = id.trim_matches('-').chars().take(64).collect();
    if id.is_empty() { "site".to_owned() } else { id }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_is_what_names_the_publisher() {
        let id = |host: &str| id_of(&Url::parse(&format!("https://{host}/")).unwrap());
        let table = [
            ("en.odkb-csto.org", "odkb-csto"),
            ("www.gov.example", "gov"),
            ("council.gov.uk", "council"),
            ("gov.uk", "gov"),
            ("localhost", "localhost"),
            ("127.0.0.1:8080", "127-0-0-1"),
            ("[::1]", "1"),
            ("xn--e1afmkfd.xn--p1ai", "xn--e1afmkfd"),
        ];
        for (host, expected) in table {
            assert_eq!(id(host), expected, "{host}");
        }
    }

    #[test]
    fn what_a_site_says_cannot_break_the_file() {
        assert_eq!(quoted("a \"b\" \\ c\u{7f}\n"), r#""a \"b\" \\ c\u007F\u000A""#);
    }
}
