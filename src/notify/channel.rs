//! The channels behind one word: what each `[[alert]]` sends by, and why a message was not taken.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use chrono_tz::Tz;

use super::deliver::FALLBACK_AFTER;
use super::email::{EmailError, EmailNotifier};
use super::log::LogNotifier;
use super::subscription;
use super::webhook::{WebhookError, WebhookNotifier};
use crate::config::{AlertConfig, Channel, Config};
use crate::domain::cadence::Cadence;
use crate::domain::message::Message;
use crate::domain::model::Addressee;
use crate::domain::route::{Mode, Subscription};
use crate::store::{FallbackRule, Heartbeat};

/// The longest that any channel may take for one message, whatever its own limits are: mail servers take their time for
/// the greeting, and look into a message before they take it.
pub(super) const LONGEST_SENDING: Duration = Duration::from_mins(20);
/// The longest that a log or a webhook may take.
const SHORTER_SENDING: Duration = Duration::from_mins(2);

/// All alerts of a configuration, ready to be sent. Clones share their connections.
#[derive(Clone, Debug)]
pub struct Notifiers {
    outlets: Arc<BTreeMap<String, Outlet>>,
}

#[derive(Debug)]
struct Outlet {
    notifier: Notifier,
    subscription: Subscription,
    fallback: Option<FallbackRule>,
    heartbeat: Option<HeartbeatSchedule>,
}

/// When an alert has its heartbeat.
#[derive(Clone, Debug)]
pub(super) struct HeartbeatSchedule {
    pub(super) heartbeat: Heartbeat,
    pub(super) cadence: Cadence,
    pub(super) timezone: Tz,
}

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
    /// The channel took longer than any should.
    #[error("no answer within {} s", .0.as_secs())]
    TooSlow(Duration),
    /// Mail was asked for, and no server that sends it.
    #[error("the configuration names no mail server")]
    NoMailServer,
    /// The message was routed under an earlier configuration.
    #[error("the configuration has no alert named `{0}`")]
    Unconfigured(String),
}

/// Whom a failure concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureScope {
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
            Self::Log { .. } | Self::TooSlow(_) => true,
            Self::Email(error) => error.is_transient(),
            Self::Webhook(error) => error.is_transient(),
            Self::NoMailServer | Self::Unconfigured(_) => false,
        }
    }

    /// How long the receiver asked to be left alone, if it did.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Webhook(error) => error.retry_after(),
            Self::Log { .. } | Self::Email(_) | Self::TooSlow(_) | Self::NoMailServer | Self::Unconfigured(_) => None,
        }
    }

    /// Whether the message may have arrived although nobody said so.
    pub fn is_in_doubt(&self) -> bool {
        if let Self::Email(error) = self { error.is_in_doubt() } else { false }
    }

    /// Whom it concerns; all messages of a channel that failed as a whole wait, and it is asked once.
    pub fn scope(&self) -> FailureScope {
        match self {
            Self::Log { .. } | Self::TooSlow(_) | Self::NoMailServer | Self::Unconfigured(_) => FailureScope::Channel,
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

    /// The longest that it may take for one message.
    pub(super) fn patience(&self) -> Duration {
        match self {
            Self::Email(_) => LONGEST_SENDING,
            Self::Log(_) | Self::Webhook(_) => SHORTER_SENDING,
        }
    }

    /// Closes what is kept open between messages; the next one opens it again.
    pub async fn rest(&self) {
        match self {
            Self::Email(email) => email.rest().await,
            Self::Log(_) | Self::Webhook(_) => {}
        }
    }
}

impl Notifiers {
    /// The channel of an alert.
    pub fn find(&self, alert: &str) -> Option<&Notifier> {
        self.outlets.get(alert).map(|outlet| &outlet.notifier)
    }

    pub(super) fn subscription(&self, alert: &str) -> Option<&Subscription> {
        self.outlets.get(alert).map(|outlet| &outlet.subscription)
    }

    pub(super) fn fallback(&self, alert: &str) -> Option<&FallbackRule> {
        self.outlets.get(alert)?.fallback.as_ref()
    }

    pub(super) fn fallbacks(&self) -> impl Iterator<Item = &FallbackRule> {
        self.outlets.values().filter_map(|outlet| outlet.fallback.as_ref())
    }

    pub(super) fn heartbeats(&self) -> impl Iterator<Item = &HeartbeatSchedule> {
        self.outlets.values().filter_map(|outlet| outlet.heartbeat.as_ref())
    }
}

/// The channels of all alerts; those by mail share one connection to its server. Secrets are read now.
pub fn notifiers(config: &Config) -> Result<Notifiers, ChannelError> {
    let mut mail = None;
    let mut outlets = BTreeMap::new();
    for alert in &config.alerts {
        let notifier = notifier(alert, config, &mut mail);
        let notifier = notifier.map_err(|source| ChannelError { alert: alert.name.clone(), source })?;
        let (fallback, heartbeat) = (fallback(alert, config), heartbeat(alert, config));
        let outlet = Outlet { notifier, subscription: subscription(alert), fallback, heartbeat };
        outlets.insert(alert.name.clone(), outlet);
    }
    Ok(Notifiers { outlets: Arc::new(outlets) })
}

fn fallback(alert: &AlertConfig, config: &Config) -> Option<FallbackRule> {
    let name = alert.fallback.as_ref()?;
    let fallback = config.alerts.iter().find(|other| other.name == *name)?;
    let burst_limit = match fallback.rhythm.mode {
        Mode::Immediate { burst_limit, .. } => burst_limit,
        Mode::Digest(_) => 1,
    };
    Some(FallbackRule { alert: alert.name.clone(), to: addressees(fallback), burst_limit, patience: FALLBACK_AFTER })
}

fn heartbeat(alert: &AlertConfig, config: &Config) -> Option<HeartbeatSchedule> {
    let cadence = alert.heartbeat.clone()?;
    let all = || config.sources.iter().map(|source| source.id.clone()).collect();
    let sources = if alert.filter.sources.is_empty() { all() } else { alert.filter.sources.clone() };
    let heartbeat = Heartbeat { alert: alert.name.clone(), to: addressees(alert), sources };
    Some(HeartbeatSchedule { heartbeat, cadence, timezone: alert.rhythm.timezone })
}

fn addressees(alert: &AlertConfig) -> Vec<Addressee> {
    let addressee = |recipient| Addressee { alert: alert.name.clone(), recipient };
    recipients(alert).into_iter().map(addressee).collect()
}

/// Who is told by an alert: mail addresses, the address of a webhook, or the one file of a log.
pub(super) fn recipients(alert: &AlertConfig) -> Vec<String> {
    match &alert.channel {
        Channel::Log { path: Some(path) } => vec![path.display().to_string()],
        Channel::Log { path: None } => vec!["-".to_owned()],
        Channel::Email { to } => to.clone(),
        Channel::Webhook { url, .. } => vec![url.to_string()],
    }
}

fn notifier(alert: &AlertConfig, config: &Config, mail: &mut Option<EmailNotifier>) -> Result<Notifier, NotifyError> {
    Ok(match &alert.channel {
        Channel::Log { path } => Notifier::Log(LogNotifier::new(path.clone())),
        Channel::Email { .. } => {
            let email = match mail {
                Some(email) => email.clone(),
                None => {
                    EmailNotifier::new(config.smtp.as_ref().ok_or(NotifyError::NoMailServer)?, config.web.url.as_ref())?
                }
            };
            Notifier::Email(mail.insert(email).clone())
        }
        Channel::Webhook { url, secret } => Notifier::Webhook(WebhookNotifier::new(url, secret.as_ref())?),
    })
}
