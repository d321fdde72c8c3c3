//! Requests for time stamps and the answers to them, as RFC 3161 has them: `TimeStampReq`, and of a `TimeStampResp` as
//! much as tells which hash was stamped and when. Signatures are for `openssl ts -verify`.

use super::der::{BOOLEAN, CONTEXT_0, INTEGER, OBJECT, OCTETS, Reader, SEQUENCE, SET, TIME, write};

/// 2.16.840.1.101.3.4.2.1
const SHA_256: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
/// 1.2.840.113549.1.7.2
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
/// 1.2.840.113549.1.9.16.1.4
const TIME_STAMP: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04];
/// NULL
const NO_PARAMETERS: &[u8] = &[0x05, 0x00];

/// What an answer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    /// The hash that was stamped.
    pub(super) imprint: [u8; 32],
    /// When, as the authority writes it, such as `20261122041530Z`.
    pub(super) at: String,
}

/// An answer that cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum StampError {
    #[error("the authority refused, with status {0}")]
    Refused(u8),
    #[error("it is no time stamp as RFC 3161 has it")]
    Form,
    #[error("it is about another kind of hash than SHA-256")]
    Algorithm,
}

/// A request for a stamp on a hash, with the certificate of the authority.
pub(super) fn request(imprint: [u8; 32], mut nonce: [u8; 8]) -> Vec<u8> {
    // A positive number without leading zeros.
    nonce[0] = nonce[0] & 0x7f | 0x40;
    let algorithm = write(SEQUENCE, &[&write(OBJECT, &[SHA_256]), NO_PARAMETERS]);
    let imprint = write(SEQUENCE, &[&algorithm, &write(OCTETS, &[&imprint])]);
    write(SEQUENCE, &[&write(INTEGER, &[&[1]]), &imprint, &write(INTEGER, &[&nonce]), &write(BOOLEAN, &[&[0xff]])])
}

/// Reads an answer.
pub(super) fn read(answer: &[u8]) -> Result<Stamp, StampError> {
    let mut response = Reader::new(answer).enter(SEQUENCE).ok_or(StampError::Form)?;
    let status = response.enter(SEQUENCE).and_then(|mut info| info.expect(INTEGER)).ok_or(StampError::Form)?;
    match status {
        [0 | 1] => read_token(response),
        [status] => Err(StampError::Refused(*status)),
        _ => Err(StampError::Form),
    }
}

/// The token is a message of CMS; within it is what was signed.
fn read_token(mut response: Reader<'_>) -> Result<Stamp, StampError> {
    let signed = |reader: &mut Reader<'_>| -> Option<Vec<u8>> {
        let mut content = reader.enter(SEQUENCE)?;
        content.expect(OBJECT).filter(|kind| *kind == SIGNED_DATA)?;
        let mut data = content.enter(CONTEXT_0)?.enter(SEQUENCE)?;
        data.expect(INTEGER)?;
        data.expect(SET)?;
        let mut inner = data.enter(SEQUENCE)?;
        inner.expect(OBJECT).filter(|kind| *kind == TIME_STAMP)?;
        Some(inner.enter(CONTEXT_0)?.expect(OCTETS)?.to_vec())
    };
    read_info(&signed(&mut response).ok_or(StampError::Form)?)
}

/// `TSTInfo`: version, policy, imprint, serial number, time.
fn read_info(info: &[u8]) -> Result<Stamp, StampError> {
    let mut info = Reader::new(info).enter(SEQUENCE).ok_or(StampError::Form)?;
    let mut imprint = info
        .expect(INTEGER)
        .and_then(|_| info.expect(OBJECT))
        .and_then(|_| info.enter(SEQUENCE))
        .ok_or(StampError::Form)?;
    let algorithm = imprint.enter(SEQUENCE).and_then(|mut algorithm| algorithm.expect(OBJECT));
    if algorithm.ok_or(StampError::Form)? != SHA_256 {
        return Err(StampError::Algorithm);
    }
    let imprint = imprint.expect(OCTETS).and_then(|hash| hash.try_into().ok()).ok_or(StampError::Form)?;
    let at = info.expect(INTEGER).and_then(|_| info.expect(TIME)).ok_or(StampError::Form)?;
    let at = std::str::from_utf8(at).ok().filter(|at| at.is_ascii()).ok_or(StampError::Form)?;
    Ok(Stamp { imprint, at: at.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u8, algorithm: &[u8]) -> Vec<u8> {
        let imprint = [&write(SEQUENCE, &[&write(OBJECT, &[algorithm])])[..], &write(OCTETS, &[&[7; 32]])];
        let info = [
            &write(INTEGER, &[&[1]])[..],
            &write(OBJECT, &[&[0x2a, 3]]),
            &write(SEQUENCE, &imprint),
            &write(INTEGER, &[&[9]]),
            &write(TIME, &[b"20261122041530Z"]),
        ];
        let info = write(OCTETS, &[&write(SEQUENCE, &info)]);
        let inner = write(SEQUENCE, &[&write(OBJECT, &[TIME_STAMP]), &write(CONTEXT_0, &[&info])]);
        let data = write(SEQUENCE, &[&write(INTEGER, &[&[3]]), &write(SET, &[]), &inner]);
        let token = write(SEQUENCE, &[&write(OBJECT, &[SIGNED_DATA]), &write(CONTEXT_0, &[&data])]);
        write(SEQUENCE, &[&write(SEQUENCE, &[&write(INTEGER, &[&[status]])]), &token])
    }

    #[test]
    fn an_answer_tells_what_was_stamped_and_when() {
        let stamp = read(&answer(0, SHA_256)).unwrap();
        assert_eq!(stamp, Stamp { imprint: [7; 32], at: "20261122041530Z".to_owned() });
    }

    #[test]
    fn what_grants_nothing_is_refused() {
        assert_eq!(read(&answer(2, SHA_256)), Err(StampError::Refused(2)));
        assert_eq!(read(&answer(0, &SHA_256[1..])), Err(StampError::Algorithm));
        let whole = answer(0, SHA_256);
        for length in 0..whole.len() {
            assert!(read(&whole[..length]).is_err(), "{length}");
        }
    }
}
