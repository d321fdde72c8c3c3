//! Access tokens: programs and feed readers show one in place of a session. A token is 256 random bits, so that it
//! cannot be guessed; whoever sends wrong ones is slowed down all the same.

use std::net::IpAddr;

use axum::http::{HeaderMap, Uri, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use url::form_urlencoded;

use super::{Access, hash};
use crate::store::{Store, StoreError};

/// What a token begins with, so that people and scanners for leaked secrets know it for one.
const PREFIX: &str = "pressdiff_";
/// The parameter of an address that holds one.
const PARAMETER: &str = "token";

/// What a token came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) enum Pass {
    /// It opens the door.
    Valid,
    /// There is none such, or no more.
    Wrong,
    /// There is none such, and there were too many wrong ones; more are looked at after this long.
    TooMany(TimeDelta),
}

impl Access {
    /// What this token comes to.
    pub(in crate::web) async fn pass(
        &self,
        store: &Store,
        token: &str,
        peer: IpAddr,
        now: DateTime<Utc>,
    ) -> Result<Pass, StoreError> {
        // By its hash, so that the time that looking takes tells nothing of the tokens that there are. Before the
        // brake, so that nobody's wrong tokens lock out a right one that comes through the same proxy.
        if token.starts_with(PREFIX) && store.use_token(hash(token), now).await? {
            return Ok(Pass::Valid);
        }
        Ok(self.wrong_tokens.take(peer, now).map_or_else(Pass::TooMany, |()| Pass::Wrong))
    }
}

/// A new token, and what is kept of it.
pub fn fresh_token() -> Result<(String, String), getrandom::Error> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes)?;
    let token = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes));
    let kept = hash(&token);
    Ok((token, kept))
}

/// The token that a request shows; in its address only where that is allowed.
pub(in crate::web) fn shown(headers: &HeaderMap, uri: &Uri, may_be_in_address: bool) -> Option<String> {
    let line = headers.get(header::AUTHORIZATION).and_then(|line| line.to_str().ok());
    let bearer = line.and_then(|line| line.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    if let Some((_, token)) = bearer {
        return Some(token.trim().to_owned());
    }
    let query = uri.query().filter(|_| may_be_in_address)?;
    form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == PARAMETER).map(|(_, token)| token.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: Option<&str>, address: &str, may_be_in_address: bool, token: Option<&str>) {
        let headers = line.map(|line| (header::AUTHORIZATION, line.parse().unwrap())).into_iter().collect();
        assert_eq!(
            shown(&headers, &address.parse().unwrap(), may_be_in_address).as_deref(),
            token,
            "{line:?} {address}"
        );
    }

    #[test]
    fn a_token_is_read_from_the_header_or_from_the_address_of_a_feed() {
        check(Some("Bearer abc"), "/api/v1/events", false, Some("abc"));
        check(Some("bearer  abc "), "/api/v1/events?token=def", false, Some("abc"));
        check(None, "/events.atom?kind=new&token=a%2Db", true, Some("a-b"));
        check(None, "/api/v1/events?token=def", false, None);
        check(Some("Basic abc"), "/events.atom?token=def", true, Some("def"));
        check(Some("Bearer"), "/events.atom", true, None);
    }

    #[test]
    fn tokens_are_long_and_never_the_same() {
        let (one, other) = (fresh_token().unwrap(), fresh_token().unwrap());
        assert_ne!(one, other);
        assert_eq!((one.0.len(), one.1), (PREFIX.len() + 43, hash(&one.0)));
    }
}
