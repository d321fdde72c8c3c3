//! Alerts as JSON to a web address.

use url::Url;

use super::Scope;
use crate::config::Secret;
use crate::domain::message::Message;

/// Posts to one address. Clones share its connections.
#[derive(Clone, Debug)]
pub struct WebhookNotifier {}

/// Why a message was not taken.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// It cannot be posted.
    #[error("this version posts nothing")]
    Unsupported,
}

impl WebhookNotifier {
    /// A sender to this address; the secret is read now.
    pub fn new(_url: &Url, _secret: Option<&Secret>) -> Result<Self, WebhookError> {
        Err(WebhookError::Unsupported)
    }

    /// Posts a message and returns when the receiver has taken it.
    #[expect(clippy::unused_async, reason = "the receiver will be asked here")]
    pub async fn send(&self, _message: &Message) -> Result<(), WebhookError> {
        Err(WebhookError::Unsupported)
    }
}

impl WebhookError {
    /// Whether a later attempt can succeed with the same configuration.
    pub fn is_transient(&self) -> bool {
        false
    }

    /// Whom it concerns.
    pub fn scope(&self) -> Scope {
        Scope::Channel
    }
}
