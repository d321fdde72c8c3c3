//! Requests for time stamps and the answers to them (RFC 3161).

use cms::cert::x509::der::asn1::{Int, OctetString};
use cms::cert::x509::der::oid::ObjectIdentifier;
use cms::cert::x509::der::{Any, Decode, Encode, Tag};
use cms::cert::x509::spki::AlgorithmIdentifier;
use cms::signed_data::SignedData;
use x509_tsp::{MessageImprint, TimeStampReq, TimeStampResp, TspVersion, TstInfo};

/// `id-sha256`
const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
/// `id-signedData`
const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
/// `id-ct-TSTInfo`
pub const TIME_STAMP: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");

/// What an answer says, and the message that is signed for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The hash that was stamped.
    pub imprint: [u8; 32],
    /// When, in seconds since 1970.
    pub at: u64,
    /// The signed message.
    pub message: SignedData,
}

/// An answer that cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum StampError {
    /// Nothing was stamped.
    #[error("the authority refused, with status {0}")]
    Refused(u8),
    /// It is something else.
    #[error("it is not a time stamp as defined by RFC 3161")]
    Form,
    /// What was stamped is no link.
    #[error("it is about another kind of hash than SHA-256")]
    Algorithm,
}

impl From<cms::cert::x509::der::Error> for StampError {
    fn from(_: cms::cert::x509::der::Error) -> Self {
        Self::Form
    }
}

/// A request for a stamp on a hash, with the certificate of the authority.
pub fn request(imprint: [u8; 32], mut nonce: [u8; 8]) -> Result<Vec<u8>, StampError> {
    // A positive number without leading zeros.
    nonce[0] = nonce[0] & 0x7f | 0x40;
    let hash_algorithm = AlgorithmIdentifier { oid: SHA_256, parameters: Some(Any::new(Tag::Null, [])?) };
    let request = TimeStampReq {
        version: TspVersion::V1,
        message_imprint: MessageImprint { hash_algorithm, hashed_message: OctetString::new(imprint)? },
        req_policy: None,
        nonce: Some(Int::new(&nonce)?),
        cert_req: true,
        extensions: None,
    };
    Ok(request.to_der()?)
}

/// Reads an answer.
pub fn read(answer: &[u8]) -> Result<Stamp, StampError> {
    let response = TimeStampResp::from_der(answer)?;
    let status = response.status.status as u8;
    if status > 1 {
        return Err(StampError::Refused(status));
    }
    let token = response.time_stamp_token.filter(|token| token.content_type == SIGNED_DATA).ok_or(StampError::Form)?;
    let message: SignedData = token.content.decode_as()?;
    let content = Some(&message.encap_content_info).filter(|content| content.econtent_type == TIME_STAMP);
    let content = content.and_then(|content| content.econtent.as_ref()).ok_or(StampError::Form)?;
    let info = TstInfo::from_der(content.value())?;
    if info.message_imprint.hash_algorithm.oid != SHA_256 {
        return Err(StampError::Algorithm);
    }
    let imprint = info.message_imprint.hashed_message.as_bytes().try_into().map_err(|_| StampError::Form)?;
    Ok(Stamp { imprint, at: info.gen_time.to_unix_duration().as_secs(), message })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An answer of `openssl ts -reply` to a request of ours for 32 bytes 0x07.
    const ANSWER: &[u8] = include_bytes!("../../tests/fixtures/stamp/answer.tsr");

    #[test]
    fn an_answer_tells_what_was_stamped_and_when() {
        let Stamp { imprint, at, .. } = read(ANSWER).unwrap();
        assert_eq!(imprint, [7; 32]);
        assert_eq!(chrono::DateTime::from_timestamp(at.cast_signed(), 0).unwrap().to_rfc3339()[..10], *"2026-11-22");
    }

    #[test]
    fn a_request_is_one_as_the_standard_has_it() {
        let request = TimeStampReq::from_der(&request([7; 32], [0xff; 8]).unwrap()).unwrap();
        assert_eq!(request.message_imprint.hashed_message.as_bytes(), [7; 32]);
        assert!(request.cert_req && request.nonce.is_some());
    }

    #[test]
    fn what_grants_nothing_is_refused() {
        // TimeStampResp { status: { rejection } }
        assert_eq!(read(&[0x30, 5, 0x30, 3, 2, 1, 2]), Err(StampError::Refused(2)));
        for length in 0..ANSWER.len() {
            assert!(read(&ANSWER[..length]).is_err(), "{length}");
        }
    }
}
