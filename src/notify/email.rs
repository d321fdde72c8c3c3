//! Alerts by mail.

use super::Scope;
use crate::config::SmtpConfig;
use crate::domain::message::Message;

/// Sends mail by the server of `[smtp]`. Clones share its connections.
#[derive(Clone, Debug)]
pub struct EmailNotifier {}

/// Why a mail was not taken.
#[derive(Debug, thiserror::Error)]
pub enum EmailError {
    /// It cannot be sent.
    #[error("this version sends no mail")]
    Unsupported,
}

impl EmailNotifier {
    /// A sender by this server; the password is read now.
    pub fn new(_smtp: &SmtpConfig) -> Result<Self, EmailError> {
        Err(EmailError::Unsupported)
    }

    /// Sends a message to its recipient and returns when the server has taken it.
    #[expect(clippy::unused_async, reason = "the server will be asked here")]
    pub async fn send(&self, _message: &Message) -> Result<(), EmailError> {
        Err(EmailError::Unsupported)
    }
}

impl EmailError {
    /// Whether a later attempt can succeed with the same configuration.
    pub fn is_transient(&self) -> bool {
        false
    }

    /// Whom it concerns.
    pub fn scope(&self) -> Scope {
        Scope::Channel
    }
}
