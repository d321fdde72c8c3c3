//! Why there is no secure connection, in words for those who run the site or the machine: what rustls says is for those
//! who know its types, and names another number of seconds each time.

use chrono::DateTime;
use tokio_rustls::rustls::pki_types::UnixTime;
use tokio_rustls::rustls::{AlertDescription, CertificateError, Error, OtherError};

/// What is wrong, as the end of a sentence about the host.
pub(super) fn problem(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(fault) => certificate_problem(fault),
        Error::InvalidMessage(_) => "it does not speak TLS at this port".to_owned(),
        Error::PeerIncompatible(_)
        | Error::AlertReceived(
            AlertDescription::ProtocolVersion
            | AlertDescription::HandshakeFailure
            | AlertDescription::InsufficientSecurity,
        ) => "it offers no encryption that is safe today".to_owned(),
        Error::AlertReceived(AlertDescription::UnrecognisedName) => "it serves no site of this name".to_owned(),
        other => other.to_string(),
    }
}

fn certificate_problem(fault: &CertificateError) -> String {
    match fault {
        CertificateError::Expired => "its certificate has expired".to_owned(),
        CertificateError::ExpiredContext { not_after, .. } => {
            format!("its certificate has expired{}", day(" on", *not_after))
        }
        CertificateError::NotValidYet => "its certificate is not valid yet, or the clock here is wrong".to_owned(),
        CertificateError::NotValidYetContext { not_before, .. } => {
            format!("its certificate is not valid{}, or the clock here is wrong", day(" before", *not_before))
        }
        CertificateError::UnknownIssuer => {
            "its certificate is not of an authority that is trusted here, or comes without those between".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "its certificate is for another name".to_owned()
        }
        CertificateError::Revoked => "its certificate was revoked".to_owned(),
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "its certificate is not for servers".to_owned()
        }
        CertificateError::Other(other) => other_problem(other),
        other => format!("its certificate is not trusted: {other}"),
    }
}

/// What the verifier knows and rustls has no word for.
fn other_problem(other: &OtherError) -> String {
    match other.0.downcast_ref() {
        Some(webpki::Error::CaUsedAsEndEntity) => "its certificate is self-signed".to_owned(),
        _ => format!("its certificate is not trusted: {}", other.0),
    }
}

fn day(word: &str, time: UnixTime) -> String {
    let time = i64::try_from(time.as_secs()).ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    time.map(|time| format!("{word} {}", time.format("%F"))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use tokio_rustls::rustls::InvalidMessage;

    use super::*;

    #[test]
    fn a_bad_certificate_is_told_in_words_that_stay_the_same() {
        let at = |seconds| UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let expired = |now| {
            let fault = CertificateError::ExpiredContext { time: at(now), not_after: at(1_609_459_200) };
            problem(&Error::InvalidCertificate(fault))
        };
        assert_eq!(expired(1_795_388_832), "its certificate has expired on 2021-01-01");
        assert_eq!(expired(1_795_388_832), expired(1_795_392_436));
        let other = |cause: webpki::Error| CertificateError::Other(OtherError(Arc::new(cause)));
        assert_eq!(certificate_problem(&other(webpki::Error::CaUsedAsEndEntity)), "its certificate is self-signed");
        let strange = certificate_problem(&other(webpki::Error::PathLenConstraintViolated));
        assert!(strange.starts_with("its certificate is not trusted: "), "{strange}");
        assert!(problem(&Error::InvalidMessage(InvalidMessage::InvalidContentType)).contains("does not speak TLS"));
    }
}
