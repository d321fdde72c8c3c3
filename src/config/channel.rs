//! The ways to tell people, as the configuration gives them: `channel` of an `[[alert]]`, and `[smtp]`. Where secrets
//! are is in it, never what they are.

use std::path::PathBuf;

use url::Url;

use super::Secret;

/// A way to tell people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Channel {
    /// JSON Lines to a file, or to standard output.
    Log {
        /// The file; standard output when absent.
        path: Option<PathBuf>,
    },
    /// Mail by the server of `[smtp]`.
    Email {
        /// Whom to write to, each by itself: addresses with or without a name; at least one.
        to: Vec<String>,
    },
    /// A POST of JSON.
    Webhook {
        /// Where to; `http` or `https`.
        url: Url,
        /// What the messages are signed with.
        secret: Option<Secret>,
    },
}

/// `[smtp]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmtpConfig {
    /// Name or address of the server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: Tls,
    /// Who logs in; nobody when absent.
    pub login: Option<Login>,
    /// The sender: an address with or without a name.
    pub from: String,
    /// Certificates that are trusted beside those of the system, as PEM.
    pub ca_file: Option<PathBuf>,
    /// Signs the messages.
    pub dkim: Option<DkimConfig>,
}

/// How a connection to a mail server is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// It begins in the clear, and nothing is sent before it is encrypted.
    StartTls,
    /// From its first byte on.
    Implicit,
    /// Not at all; only to this machine.
    None,
}

/// Name and password for a mail server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    /// The name.
    pub username: String,
    /// Where the password is.
    pub password: Secret,
}

/// The key that messages are signed with (RFC 6376).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DkimConfig {
    /// The domain that signs.
    pub domain: String,
    /// Which of its keys.
    pub selector: String,
    /// The private key, as PEM.
    pub key_file: PathBuf,
}
