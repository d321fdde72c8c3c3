//! The address of a webhook. It is the user's own, so it may be anywhere; unencrypted only where nobody else listens.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use super::report::Problem;
use super::value::address;

/// Domains that are nobody's on the internet.
const LOCAL_DOMAINS: [&str; 5] = [".internal", ".lan", ".local", ".localhost", ".home.arpa"];

/// An absolute web address; with `http` only of this machine or of the own network.
pub(super) fn receiver(text: &str) -> Result<Url, Problem> {
    let url = address(text)?;
    if url.scheme() == "https" || url.host().as_ref().is_some_and(is_near) {
        return Ok(url);
    }
    let mend = "write https://; http:// is for this machine and your own network only";
    Err(Problem::new("alerts would cross the internet unencrypted", mend))
}

fn is_near(host: &Host<&str>) -> bool {
    match host {
        Host::Ipv4(address) => is_near_v4(*address),
        Host::Ipv6(address) => is_near_v6(*address),
        // A name without a dot has no meaning on the internet either: hosts in the same network, or containers.
        Host::Domain(name) => !name.contains('.') || LOCAL_DOMAINS.iter().any(|domain| name.ends_with(domain)),
    }
}

fn is_near_v4(address: Ipv4Addr) -> bool {
    address.is_loopback() || address.is_private() || address.is_link_local()
}

fn is_near_v6(address: Ipv6Addr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_near_v4(address),
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unencrypted_webhooks_stay_at_home() {
        for near in [
            "http://127.0.0.1:9/hook",
            "http://10.1.2.3/",
            "http://192.168.0.7/",
            "http://[::1]/",
            "http://[fd00::1]/",
            "http://[::ffff:10.0.0.1]/",
            "http://receiver:8080/",
            "http://localhost/",
            "http://desk.lan/",
        ] {
            assert!(receiver(near).is_ok(), "{near}");
        }
        for far in ["http://example.org/", "http://8.8.8.8/", "http://[2001:db8::1]/", "http://lan.example.org/"] {
            assert!(receiver(far).is_err(), "{far}");
        }
        assert!(receiver("https://example.org/hook").is_ok());
        assert!(receiver("https://user:word@example.org/").is_err());
    }
}
