//! The signature of the Standard Webhooks specification: HMAC-SHA256 over id, time and body, by which a receiver knows
//! who sent it and when.

use std::fmt;

use base64::Engine as _;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Secrets are handed around with and without padding.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The keys that sign; several while a receiver changes from one to the next, none when it does not check.
#[derive(Clone)]
pub(super) struct Keys(Vec<Vec<u8>>);

impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} keys", self.0.len())
    }
}

impl Keys {
    /// One key in each line: `whsec_` and base64, or the key itself. `None` when what follows `whsec_` is no base64.
    pub(super) fn parse(secret: &str) -> Option<Self> {
        let lines = secret.lines().map(str::trim).filter(|line| !line.is_empty());
        lines.map(parse_key).collect::<Option<Vec<_>>>().map(Self)
    }

    /// The value of the header `Webhook-Signature`.
    pub(super) fn sign(&self, id: &str, timestamp: i64, body: &str) -> Option<String> {
        let signed = format!("{id}.{timestamp}.{body}");
        let signatures: Vec<String> = self.0.iter().map(|key| sign(key, &signed)).collect();
        (!signatures.is_empty()).then(|| signatures.join(" "))
    }
}

fn parse_key(line: &str) -> Option<Vec<u8>> {
    match line.strip_prefix("whsec_") {
        Some(encoded) => LENIENT.decode(encoded).ok().filter(|key| !key.is_empty()),
        None => Some(line.as_bytes().to_owned()),
    }
}

fn sign(key: &[u8], signed: &str) -> String {
    let mut code = Hmac::<Sha256>::new_from_slice(key)
        .unwrap_or_else(|error| unreachable!("HMAC takes keys of every length: {error}"));
    code.update(signed.as_bytes());
    format!("v1,{}", STANDARD.encode(code.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's own libraries.
    #[test]
    fn a_known_message_has_its_known_signature() {
        let keys = Keys::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signature = keys.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signature.unwrap(), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_that_is_no_base64_signs_as_it_stands() {
        assert_eq!(Keys::parse("plain words").unwrap().0, [b"plain words".to_vec()]);
        assert_eq!(Keys::parse("whsec_QUJD").unwrap().0, [b"ABC".to_vec()]);
        assert_eq!(Keys::parse("whsec_QUI").unwrap().0, [b"AB".to_vec()]);
        assert!(Keys::parse("whsec_plain words").is_none());
        assert!(Keys::parse("whsec_").is_none());
    }

    #[test]
    fn two_secrets_sign_both_while_a_receiver_changes_them() {
        let keys = Keys::parse("new\nold\n").unwrap();
        let (new, old) = (Keys::parse("new").unwrap(), Keys::parse("old").unwrap());
        let both = format!("{} {}", new.sign("1", 2, "3").unwrap(), old.sign("1", 2, "3").unwrap());
        assert_eq!(keys.sign("1", 2, "3"), Some(both));
        assert_eq!(Keys::parse("").unwrap().sign("1", 2, "3"), None);
    }

    #[test]
    fn keys_are_not_shown() {
        assert_eq!(format!("{:?}", Keys::parse("very secret").unwrap()), "1 keys");
    }
}
