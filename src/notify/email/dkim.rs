//! DKIM signatures (RFC 6376) by lettre. It takes RSA keys as PKCS#1 and Ed25519 keys as bare seeds; OpenSSL writes
//! both as PKCS#8, which is unwrapped here.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lettre::message::Message;
use lettre::message::dkim::{
    DkimCanonicalization, DkimCanonicalizationType, DkimConfig as Signature, DkimSigningAlgorithm, DkimSigningKey,
};
use lettre::message::header::HeaderName;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

use crate::config::DkimConfig;

/// What is signed of the headers: all that every message has and that a reader goes by. lettre signs no
/// `Content-Type` of a message of several parts, and a signature that names it would be broken.
const SIGNED: [&str; 7] = ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "List-Id"];

/// `AlgorithmIdentifier` of an RSA key, and the tag of the key after it.
const RSA: [u8; 17] =
    [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00, 0x04, 0x82];

/// `AlgorithmIdentifier` of an Ed25519 key, and the tags of the 32 bytes after it (RFC 8410).
const ED25519: [u8; 11] = [0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// Signs messages.
pub(super) struct Signer(Signature);

impl Signer {
    /// Reads the key; the problem is told without anything of it.
    pub(super) fn new(config: &DkimConfig) -> Result<Self, String> {
        let place = config.key_file.display();
        let pem = fs::read(&config.key_file).map_err(|error| format!("cannot read {place}: {error}"))?;
        let key = PrivateKeyDer::from_pem_slice(&pem).map_err(|_| format!("{place}: no private key as PEM in it"))?;
        let key = signing_key(&key).ok_or_else(|| format!("{place}: neither an RSA nor an Ed25519 key"))?;
        let headers = SIGNED.map(HeaderName::new_from_ascii_str).to_vec();
        let relaxed =
            DkimCanonicalization { header: DkimCanonicalizationType::Relaxed, body: DkimCanonicalizationType::Relaxed };
        Ok(Self(Signature::new(config.selector.clone(), config.domain.clone(), key, headers, relaxed)))
    }

    pub(super) fn sign(&self, message: &mut Message) {
        message.sign(&self.0);
    }
}

fn signing_key(key: &PrivateKeyDer<'_>) -> Option<DkimSigningKey> {
    let rsa = |pkcs1: &[u8]| {
        let pem = format!(
            "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----\n",
            lines(&STANDARD.encode(pkcs1))
        );
        DkimSigningKey::new(&pem, DkimSigningAlgorithm::Rsa).ok()
    };
    match key {
        PrivateKeyDer::Pkcs1(key) => rsa(key.secret_pkcs1_der()),
        PrivateKeyDer::Pkcs8(key) => {
            let key = key.secret_pkcs8_der();
            // Before it: tag and length of the whole (2 bytes), and the version (3).
            if let Some(seed) = key.get(5..)?.strip_prefix(&ED25519) {
                return DkimSigningKey::new(&STANDARD.encode(seed.get(..32)?), DkimSigningAlgorithm::Ed25519).ok();
            }
            // This one is longer, so that lengths take 3 bytes.
            rsa(key.get(7..)?.strip_prefix(&RSA)?.get(2..)?)
        }
        _ => None,
    }
}

/// Lines of 64 characters, as PEM has them.
fn lines(base64: &str) -> String {
    let lines: Vec<&str> = (0..base64.len()).step_by(64).map(|at| &base64[at..base64.len().min(at + 64)]).collect();
    lines.join("\n")
}
