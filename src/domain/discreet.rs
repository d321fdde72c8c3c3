//! What of a recipient may be shown. Many webhooks are known by a secret in their path, so that whoever reads the whole
//! address can post there; a page, a list and a log have no need of it.

use url::Url;

/// The recipient as it may be shown: of a web address its scheme, host and port only, with a sign where more follows.
pub fn discreet(recipient: &str) -> String {
    match Url::parse(recipient) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => discreet_address(&url),
        _ => recipient.to_owned(),
    }
}

/// The same for a web address.
pub fn discreet_address(url: &Url) -> String {
    let is_bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    format!("{}/{}", url.origin().ascii_serialization(), if is_bare { "" } else { "…" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_scheme_and_host_of_a_web_address_is_shown() {
        for (recipient, shown) in [
            ("https://hooks.example.com/services/T000/B000/XXXX", "https://hooks.example.com/…"),
            ("https://token:secret@hooks.example.com:8443/?key=secret", "https://hooks.example.com:8443/…"),
            ("http://192.168.1.7/", "http://192.168.1.7/"),
            ("desk@example.org", "desk@example.org"),
            ("/var/log/events.jsonl", "/var/log/events.jsonl"),
            ("-", "-"),
        ] {
            assert_eq!(discreet(recipient), shown);
        }
    }
}
