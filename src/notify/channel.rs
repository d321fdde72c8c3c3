//! The channels behind one word: what each `[[alert]]` sends by, and why a message was not taken.

use std::collections::BTreeMap;
use std::io;

use super::email::{EmailError, EmailNotifier};
use super::log::LogNotifier;
use super::webhook::{WebhookError, WebhookNotifier};
use crate::config::{AlertConfig, Channel, Config};
use crate::domain::message::Message;

/// A channel that is ready to send.
#[derive(Clone, Debug)]
pub enum Notifier {
    /// JSON Lines.
    Log(LogNotifier),
    /// Mail.
    Email(EmailNotifier),
    /// JSON to a web address.
    Webhook(WebhookNotifier),
}

/// Why a message was not taken.
#[derive(Debug, thiserror::Error)]
pub enum NotifyError {
    /// The log cannot be written.
    #[error("cannot write to {log}: {source}")]
    Log {
        /// The file, or standard output.
        log: String,
        /// What the system says.
        source: io::Error,
    },
    /// The mail server did not take it.
    #[error(transparent)]
    Email(#[from] EmailError),
    /// The receiver did not take it.
    #[error(transparent)]
    Webhook(#[from] WebhookError),
    /// Mail was asked for, and no server that sends it.
    #[error("the configuration names no mail server")]
    NoMailServer,
    /// The message was routed under an earlier configuration.
    #[error("the configuration has no alert named `{0}`")]
    Unconfigured(String),
}

/// Whom a failure concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// One recipient; others can be reached by the same channel.
    Recipient,
    /// Everybody whom the channel reaches.
    Channel,
}

/// A channel that cannot be used as it is configured, such as one without its password.
#[derive(Debug, thiserror::Error)]
#[error("alert `{alert}` cannot be sent")]
pub struct ChannelError {
    /// Name of the alert.
    pub alert: String,
    /// Why.
    pub source: NotifyError,
}

impl NotifyError {
    /// Whether a later attempt can succeed with the same configuration.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Log { .. } => true,
            Self::Email(error) => error.is_transient(),
            Self::Webhook(error) => error.is_transient(),
            Self::NoMailServer | Self::Unconfigured(_) => false,
        }
    }

    /// Whom it concerns; all messages of a channel that failed as a whole wait, and it is asked once.
    pub fn scope(&self) -> Scope {
        match self {
            Self::Log { .. } | Self::NoMailServer | Self::Unconfigured(_) => Scope::Channel,
            Self::Email(error) => error.scope(),
            Self::Webhook(error) => error.scope(),
        }
    }
}

impl Notifier {
    /// Sends one message to its recipient and returns when the channel has taken it.
    pub async fn send(&self, message: &Message) -> Result<(), NotifyError> {
        match self {
            Self::Log(log) => log.send(message).await,
            Self::Email(email) => Ok(email.send(message).await?),
            Self::Webhook(webhook) => Ok(webhook.send(message).await?),
        }
    }
}

/// The channels by the names of their alerts; all alerts by mail share one connection to its server.
pub fn notifiers(config: &Config) -> Result<BTreeMap<String, Notifier>, ChannelError> {
    let mut mail = None;
    let mut notifiers = BTreeMap::new();
    for alert in &config.alerts {
        let notifier = notifier(alert, config, &mut mail);
        let notifier = notifier.map_err(|source| ChannelError { alert: alert.name.clone(), source })?;
        notifiers.insert(alert.name.clone(), notifier);
    }
    Ok(notifiers)
}

fn notifier(alert: &AlertConfig, config: &Config, mail: &mut Option<EmailNotifier>) -> Result<Notifier, NotifyError> {
    Ok(match &alert.channel {
        Channel::Log { path } => Notifier::Log(LogNotifier::new(path.clone())),
        Channel::Email { .. } => {
            let email = match mail {
                Some(email) => email.clone(),
                None => EmailNotifier::new(config.smtp.as_ref().ok_or(NotifyError::NoMailServer)?, None)?,
            };
            Notifier::Email(mail.insert(email).clone())
        }
        Channel::Webhook { url, secret } => Notifier::Webhook(WebhookNotifier::new(url, secret.as_ref())?),
    })
}
