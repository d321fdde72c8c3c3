//! Which addresses may be fetched at all: http and https, and only hosts on the public internet unless the
//! configuration says otherwise. Names are judged where they are resolved, for each new connection, so the
//! address that was judged is the one connected to; literals never reach a resolver and are judged in the URL.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use super::diagnosis::NotPublic;
use super::error::{FetchError, host_of};

/// Longer addresses are refused; few servers take more than 8 KiB in the request line.
const MAX_URL: usize = 8 << 10;

/// Decides whether a host may be connected to.
#[derive(Clone, Copy, Debug)]
pub(super) struct AddressGuard {
    /// Whether addresses off the public internet are fine too.
    pub(super) allow_private: bool,
}

impl AddressGuard {
    /// Judges everything about a URL that can be judged without the network.
    pub(super) fn check(self, url: &Url) -> Result<(), FetchError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(FetchError::Scheme { scheme: url.scheme().to_owned() });
        }
        if url.as_str().len() > MAX_URL {
            return Err(FetchError::UrlTooLong { host: host_of(url), limit: MAX_URL });
        }
        let literal = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            Some(Host::Domain(_)) | None => None,
        };
        match literal {
            Some(address) if !self.admits(address) => Err(FetchError::RefusedAddress { host: host_of(url) }),
            _ => Ok(()),
        }
    }

    fn admits(self, address: IpAddr) -> bool {
        self.allow_private || is_public(address)
    }
}

impl Resolve for AddressGuard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = *self;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let admitted: Vec<SocketAddr> = found.filter(|address| guard.admits(address.ip())).collect();
            if admitted.is_empty() {
                return Err(NotPublic.into());
            }
            Ok(Box::new(admitted.into_iter()) as Addrs)
        })
    }
}

/// Whether an address belongs to a host that anybody on the internet could reach.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => is_public_v4(mapped),
            None => is_public_v6(address),
        },
    }
}

/// The special-purpose registry of IANA, refused.
fn is_public_v4(address: Ipv4Addr) -> bool {
    !matches!(
        address.octets(),
        [0 | 10 | 127 | 224..=255, ..]
            | [100, 64..=127, ..]
            | [169, 254, ..]
            | [172, 16..=31, ..]
            | [192, 0, 0 | 2, _]
            | [192, 88, 99, _]
            | [192, 168, ..]
            | [198, 18 | 19, ..]
            | [198, 51, 100, _]
            | [203, 0, 113, _]
    )
}

/// Only `2000::/3` is given out for hosts; inside it, what carries IPv4 or is reserved is refused.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let handed_out = segments[0] & 0xe000 == 0x2000;
    let reserved = match segments[0] {
        // 2001::/23 holds Teredo and ORCHID; 2001:db8::/32 is for documentation.
        0x2001 => segments[1] < 0x0200 || segments[1] == 0x0db8,
        // 6to4.
        0x2002 => true,
        // Documentation.
        0x3fff => segments[1] < 0x1000,
        _ => false,
    };
    handed_out && !reserved
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLIC_ONLY: AddressGuard = AddressGuard { allow_private: false };

    #[test]
    fn addresses_off_the_public_internet_are_told_apart() {
        for public in [
            "1.1.1.1",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.17.0.1",
            "198.20.0.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2001:200::1",
            "2a00::1",
            "::ffff:8.8.8.8",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public} is public");
        }
        for refused in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:10::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(refused.parse().unwrap()), "{refused} is not public");
        }
    }

    #[test]
    fn every_spelling_of_a_private_literal_is_refused() {
        for spelling in [
            "http://127.1/",
            "http://127.0.0.1./",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://１２７.０.０.１/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::1]:8080/",
            "http://0.0.0.0/",
            "https://user@10.0.0.1/",
        ] {
            let refused = PUBLIC_ONLY.check(&Url::parse(spelling).unwrap());
            assert!(matches!(refused, Err(FetchError::RefusedAddress { .. })), "{spelling}: {refused:?}");
        }
        assert!(PUBLIC_ONLY.check(&Url::parse("https://8.8.8.8/").unwrap()).is_ok());
    }

    #[test]
    fn private_literals_are_fetched_when_the_configuration_says_so() {
        let guard = AddressGuard { allow_private: true };
        assert!(guard.check(&Url::parse("http://127.0.0.1:8080/").unwrap()).is_ok());
        assert!(matches!(guard.check(&Url::parse("file:///etc/hosts").unwrap()), Err(FetchError::Scheme { .. })));
    }

    #[test]
    fn addresses_that_no_server_would_take_are_refused() {
        let url = Url::parse(&format!("https://example.org/{}", "a".repeat(MAX_URL))).unwrap();
        assert!(matches!(PUBLIC_ONLY.check(&url), Err(FetchError::UrlTooLong { .. })));
    }

    #[tokio::test]
    async fn a_name_that_leads_home_is_refused_where_it_is_resolved() {
        let name: Name = "localhost".parse().unwrap();
        let refused = PUBLIC_ONLY.resolve(name).await.err().unwrap();
        assert!(refused.is::<NotPublic>(), "{refused}");
    }
}
