//! Whether a time stamp was signed by an authority that the user trusts: a signature as CMS has it (RFC 5652, 5.4 and
//! 5.6) by a certificate that is for time stamping and for nothing else (RFC 3161, 2.3).

use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use aws_lc_rs::digest::{self, Algorithm};
use cms::cert::CertificateChoices;
use cms::cert::x509::attr::Attribute;
use cms::cert::x509::der::oid::ObjectIdentifier;
use cms::cert::x509::der::{Encode, asn1::OctetString};
use cms::cert::x509::ext::pkix::{ExtendedKeyUsage, SubjectKeyIdentifier};
use cms::cert::x509::{Certificate, der};
use cms::signed_data::{SignedData, SignerIdentifier, SignerInfo};
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, SignatureVerificationAlgorithm, TrustAnchor, UnixTime};
use webpki::{EndEntityCert, KeyUsage, aws_lc_rs as algorithms};

use crate::domain::stamp::{Stamp, TIME_STAMP};

const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
/// `id-kp-timeStamping`, 1.3.6.1.5.5.7.3.8
const TIME_STAMPING: &[u8] = &[43, 6, 1, 5, 5, 7, 3, 8];

/// A hash with the signatures that are made of it.
type Scheme = (ObjectIdentifier, &'static Algorithm, &'static [&'static dyn SignatureVerificationAlgorithm]);

static SCHEMES: [Scheme; 3] = [
    (
        ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1"),
        &digest::SHA256,
        &[algorithms::RSA_PKCS1_2048_8192_SHA256, algorithms::ECDSA_P256_SHA256, algorithms::ECDSA_P384_SHA256],
    ),
    (
        ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2"),
        &digest::SHA384,
        &[algorithms::RSA_PKCS1_2048_8192_SHA384, algorithms::ECDSA_P256_SHA384, algorithms::ECDSA_P384_SHA384],
    ),
    (
        ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3"),
        &digest::SHA512,
        &[
            algorithms::RSA_PKCS1_2048_8192_SHA512,
            algorithms::ECDSA_P256_SHA512,
            algorithms::ECDSA_P384_SHA512,
            algorithms::ECDSA_P521_SHA512,
        ],
    ),
];

/// Certificates that the user trusts, from a PEM file.
pub(super) fn read_authorities(file: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let read = || CertificateDer::pem_file_iter(file)?.collect::<Result<Vec<_>, _>>();
    let authorities = read().with_context(|| format!("cannot read certificates from {}", file.display()))?;
    ensure!(!authorities.is_empty(), "{} has no certificate in PEM", file.display());
    Ok(authorities)
}

/// Fails unless the stamp bears the signature of one of the authorities, or of whom they vouch for, at its time.
pub(super) fn check(stamp: &Stamp, authorities: &[CertificateDer<'_>]) -> anyhow::Result<()> {
    let message = &stamp.message;
    let [signer] = message.signer_infos.0.as_slice() else { bail!("a time stamp has one signature") };
    let signed = signed_attributes(message, signer)?;
    let given = certificates(message)?;
    let own = authorities.iter().map(|certificate| certificate.as_ref().to_vec());
    let all: Vec<CertificateDer<'_>> = given.into_iter().chain(own).map(CertificateDer::from).collect();
    let certificate = all.iter().find(|certificate| is_of(certificate, &signer.sid));
    let certificate = certificate.context("the certificate of the signer is neither in the answer nor among yours")?;
    ensure!(is_for_time_stamps(certificate), "the certificate of the signer is not for time stamping alone");
    let certificate = EndEntityCert::try_from(certificate).context("the certificate of the signer cannot be read")?;
    let (_, _, signatures) = scheme(signer)?;
    let is_sound = |algorithm: &&dyn SignatureVerificationAlgorithm| {
        certificate.verify_signature(*algorithm, &signed, signer.signature.as_bytes()).is_ok()
    };
    ensure!(signatures.iter().any(is_sound), "the signature is not that of the certificate on this text");
    check_path(&certificate, &all, authorities, stamp.at)
}

fn check_path(
    certificate: &EndEntityCert<'_>,
    intermediates: &[CertificateDer<'_>],
    authorities: &[CertificateDer<'_>],
    at: u64,
) -> anyhow::Result<()> {
    let anchors: Result<Vec<TrustAnchor<'_>>, _> = authorities.iter().map(webpki::anchor_from_trusted_cert).collect();
    let anchors = anchors.context("a certificate of yours cannot be read")?;
    let at = UnixTime::since_unix_epoch(std::time::Duration::from_secs(at));
    // Those between the signer and the root need not say what they are for.
    let usage = KeyUsage::required_if_present(TIME_STAMPING);
    certificate
        .verify_for_usage(webpki::ALL_VERIFICATION_ALGS, &anchors, intermediates, at, usage, None, None)
        .map(drop)
        .context("the certificate of the signer is not vouched for by yours, for time stamping and at that time")
}

/// What the signature is about: attributes, of which one is the hash of the content.
fn signed_attributes(message: &SignedData, signer: &SignerInfo) -> anyhow::Result<Vec<u8>> {
    let attributes = signer.signed_attrs.as_ref().context("a time stamp has signed attributes")?;
    let content = message.encap_content_info.econtent.as_ref().context("a time stamp has its content in it")?;
    let (_, algorithm, _) = scheme(signer)?;
    let one = |oid: ObjectIdentifier| attributes.iter().find(|attribute| attribute.oid == oid).and_then(only_value);
    let kind: Option<ObjectIdentifier> = one(CONTENT_TYPE).and_then(|value| value.decode_as().ok());
    ensure!(kind == Some(TIME_STAMP), "the signature is about another kind of text");
    let hash: Option<OctetString> = one(MESSAGE_DIGEST).and_then(|value| value.decode_as().ok());
    let is_hash_of_it = hash.is_some_and(|hash| hash.as_bytes() == digest::digest(algorithm, content.value()).as_ref());
    ensure!(is_hash_of_it, "the signature is about another text");
    Ok(attributes.to_der()?)
}

fn only_value(attribute: &Attribute) -> Option<&der::Any> {
    match attribute.values.as_slice() {
        [value] => Some(value),
        _ => None,
    }
}

fn scheme(signer: &SignerInfo) -> anyhow::Result<&'static Scheme> {
    let known = SCHEMES.iter().find(|(oid, _, _)| *oid == signer.digest_alg.oid);
    known.with_context(|| format!("signatures with the hash {} are not known here", signer.digest_alg.oid))
}

fn certificates(message: &SignedData) -> anyhow::Result<Vec<Vec<u8>>> {
    let certificates = message.certificates.iter().flat_map(|set| set.0.iter());
    let certificates = certificates.filter_map(|choice| match choice {
        CertificateChoices::Certificate(certificate) => Some(certificate.to_der()),
        CertificateChoices::Other(_) => None,
    });
    Ok(certificates.collect::<Result<_, _>>()?)
}

fn is_for_time_stamps(certificate: &CertificateDer<'_>) -> bool {
    let certificate = <Certificate as der::Decode>::from_der(certificate).ok();
    let usage =
        certificate.and_then(|certificate| certificate.tbs_certificate.get::<ExtendedKeyUsage>().ok().flatten());
    usage.is_some_and(|(_, usage)| matches!(usage.0.as_slice(), [purpose] if purpose.as_bytes() == TIME_STAMPING))
}

fn is_of(certificate: &CertificateDer<'_>, signer: &SignerIdentifier) -> bool {
    let Ok(certificate) = <Certificate as der::Decode>::from_der(certificate) else { return false };
    let certificate = certificate.tbs_certificate;
    match signer {
        SignerIdentifier::IssuerAndSerialNumber(signer) => {
            certificate.issuer == signer.issuer && certificate.serial_number == signer.serial_number
        }
        SignerIdentifier::SubjectKeyIdentifier(signer) => {
            let own = certificate.get::<SubjectKeyIdentifier>().ok().flatten();
            own.is_some_and(|(_, own)| own == *signer)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::stamp::read;
    use super::*;

    /// Of an authority of two levels that `tests/fixtures/stamp/make` makes.
    const ANSWER: &[u8] = include_bytes!("../../../tests/fixtures/stamp/answer.tsr");

    fn authorities(name: &str) -> Vec<CertificateDer<'static>> {
        read_authorities(&Path::new("tests/fixtures/stamp").join(name)).unwrap()
    }

    #[test]
    fn the_signature_of_a_trusted_authority_is_sound() {
        check(&read(ANSWER).unwrap(), &authorities("root.pem")).unwrap();
        check(&read(include_bytes!("../../../tests/fixtures/stamp/elliptic.tsr")).unwrap(), &authorities("root.pem"))
            .unwrap();
    }

    #[test]
    fn who_is_not_trusted_or_not_yet_is_refused() {
        let stranger = check(&read(ANSWER).unwrap(), &authorities("stranger.pem")).unwrap_err();
        assert!(stranger.to_string().contains("not vouched for by yours"), "{stranger:#}");
        let late = read(include_bytes!("../../../tests/fixtures/stamp/late.tsr")).unwrap();
        let refused = check(&late, &authorities("root.pem")).unwrap_err();
        assert!(refused.to_string().contains("at that time"), "{refused:#}");
    }

    /// The imprint, the time, the attributes, the signature: a bit of any of them.
    #[test]
    fn no_bit_of_what_is_signed_can_be_turned() {
        let (authorities, whole) = (authorities("root.pem"), read(ANSWER).unwrap());
        let imprint = ANSWER.windows(32).position(|window| window == [7; 32]).unwrap();
        for place in imprint..imprint + 60 {
            let mut forged = ANSWER.to_vec();
            forged[place] ^= 1;
            assert!(read(&forged).is_err() || check(&read(&forged).unwrap(), &authorities).is_err(), "{place}");
        }
        let signature = whole.message.signer_infos.0.as_slice()[0].signature.as_bytes().to_vec();
        let place = ANSWER.windows(signature.len()).position(|window| window == signature).unwrap();
        for place in place..place + signature.len() {
            let mut forged = ANSWER.to_vec();
            forged[place] ^= 0x10;
            assert!(check(&read(&forged).unwrap(), &authorities).is_err(), "{place}");
        }
    }
}
