//! Alerts as JSON, posted to a web address and signed as the Standard Webhooks specification says. What a receiver
//! has to know is in `docs/webhook.md`; the body is `domain::payload`'s.
//!
//! The address is the user's own, so it may be in a private network; no proxy of the environment stands between, and
//! no redirect is followed, because what was signed for one receiver is not sent to another.

mod answer;
mod signature;

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::{Client, Response, redirect};
use url::{Position, Url};

use self::answer::{asked_to_wait, plain_start};
use self::signature::Keys;
use super::FailureScope;
use crate::clock::Clock;
use crate::config::{Secret, SecretError};
use crate::domain::discreet::discreet_address;
use crate::domain::message::Message;
use crate::domain::payload::payload;

/// From the first packet to the end of the answer.
const TIMEOUT: Duration = Duration::from_secs(30);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Shorter than servers keep an idle connection, so that none is used that is just being closed.
const IDLE: Duration = Duration::from_secs(4);
/// The longest Retry-After that is honoured: a receiver that is back sooner is not to be missed for a day.
const LONGEST_RETRY_AFTER: Duration = Duration::from_hours(1);

/// Parts of an address that are shorter are words, and no secrets.
const SHORTEST_SECRET: usize = 8;

/// Posts to one address. Clones share its connections.
#[derive(Clone, Debug)]
pub struct WebhookNotifier {
    client: Client,
    url: Url,
    keys: Keys,
    clock: Clock,
}

/// Why a message was not taken. None of them names more of the address than its host, for many receivers are known by
/// a token in their path.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// The secret is not where the configuration says.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The secret has the form of one, and is none.
    #[error("the secret of the webhook to {host} begins with whsec_ but does not continue in base64")]
    SecretForm {
        /// Host of the address.
        host: String,
    },
    /// The HTTP client cannot be made.
    #[error("no HTTP client: {0}")]
    Client(#[source] reqwest::Error),
    /// No answer in time.
    #[error("{host}: no answer within {} seconds", TIMEOUT.as_secs())]
    Timeout {
        /// Host of the address.
        host: String,
    },
    /// No connection, no trust in its certificate, or no whole answer.
    #[error("{host}: cannot be reached: {}", deepest(source))]
    Unreachable {
        /// Host of the address.
        host: String,
        /// What the client says.
        source: reqwest::Error,
    },
    /// The receiver is elsewhere.
    #[error("{host}: answered {status}, a redirect to {target}, which is not followed: write the right url")]
    Redirected {
        /// Host of the address.
        host: String,
        /// Its status.
        status: u16,
        /// Where it points: scheme and host.
        target: String,
    },
    /// The receiver does not want it, or not now.
    #[error("{host}: answered {status}{}{said}", if said.is_empty() { "" } else { ": " })]
    Refused {
        /// Host of the address.
        host: String,
        /// Its status.
        status: u16,
        /// The start of what it said, made plain.
        said: String,
        /// How long it asked to be left alone; an hour at most.
        retry_after: Option<Duration>,
    },
}

impl WebhookNotifier {
    /// A sender to this address; the secret is read now.
    pub fn new(url: &Url, secret: Option<&Secret>) -> Result<Self, WebhookError> {
        let secret = secret.map(Secret::read).transpose()?.unwrap_or_default();
        let keys = Keys::parse(&secret).ok_or_else(|| WebhookError::SecretForm { host: host_of(url) })?;
        let client = Client::builder()
            .user_agent(concat!("pressdiff/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .pool_idle_timeout(IDLE)
            .build()
            .map_err(WebhookError::Client)?;
        Ok(Self { client, url: url.clone(), keys, clock: Clock::system() })
    }

    /// Posts a message and returns when the receiver has taken it.
    pub async fn send(&self, message: &Message) -> Result<(), WebhookError> {
        let body = payload(message);
        // The time of this attempt, by which receivers tell a delivery from a recording of one.
        let timestamp = self.clock.now().timestamp();
        let mut request = self.client.post(self.url.clone());
        request = request.header(CONTENT_TYPE, "application/json");
        request = request.header("Webhook-Id", &message.key).header("Webhook-Timestamp", timestamp);
        if let Some(signature) = self.keys.sign(&message.key, timestamp, &body) {
            request = request.header("Webhook-Signature", signature);
        }
        let response = request.body(body).send().await.map_err(|error| self.unanswered(error))?;
        self.judge(response).await
    }

    fn unanswered(&self, error: reqwest::Error) -> WebhookError {
        let (host, source) = (host_of(&self.url), error.without_url());
        if source.is_timeout() { WebhookError::Timeout { host } } else { WebhookError::Unreachable { host, source } }
    }

    async fn judge(&self, response: Response) -> Result<(), WebhookError> {
        let (host, status) = (host_of(&self.url), response.status());
        if status.is_success() {
            // Read, so that the connection can be used again; what it says does not matter.
            plain_start(response).await;
            return Ok(());
        }
        let status = status.as_u16();
        if let Some(target) = response.headers().get(LOCATION).filter(|_| (300..400).contains(&status)) {
            let target = target_of(&self.url, &String::from_utf8_lossy(target.as_bytes()));
            return Err(WebhookError::Redirected { host, status, target });
        }
        let retry_after = asked_to_wait(response.headers(), self.clock.now());
        let retry_after = retry_after.map(|wait| wait.min(LONGEST_RETRY_AFTER));
        let said = without_secrets(&self.url, plain_start(response).await);
        Err(WebhookError::Refused { host, status, said, retry_after })
    }
}

impl WebhookError {
    /// Whether a later attempt can succeed with the same configuration. A certificate can be renewed, a host come
    /// back; what is refused with 410 or most other 4xx stays refused.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Timeout { .. } | Self::Unreachable { .. } => true,
            Self::Refused { status, .. } => matches!(status, 408 | 425 | 429 | 500..),
            Self::Secret(_) | Self::SecretForm { .. } | Self::Client(_) | Self::Redirected { .. } => false,
        }
    }

    /// Whom it concerns: this message alone when the receiver says that it cannot take it, or nothing any more; the
    /// channel where something is wrong with address, secret or receiver, and can be mended.
    pub fn scope(&self) -> FailureScope {
        match self {
            Self::Refused { status: 410 | 413 | 422, .. } => FailureScope::Recipient,
            Self::Refused { .. }
            | Self::Secret(_)
            | Self::SecretForm { .. }
            | Self::Client(_)
            | Self::Timeout { .. }
            | Self::Unreachable { .. }
            | Self::Redirected { .. } => FailureScope::Channel,
        }
    }

    /// How long the receiver asked to be left alone; an hour at most.
    pub fn retry_after(&self) -> Option<Duration> {
        if let Self::Refused { retry_after, .. } = self { *retry_after } else { None }
    }
}

fn host_of(url: &Url) -> String {
    url[Position::BeforeHost..Position::AfterPort].to_owned()
}

/// Where a redirect points, as far as that is no secret.
fn target_of(url: &Url, location: &str) -> String {
    match url.join(location) {
        Ok(target) => discreet_address(&target),
        Err(_) => "an address that cannot be read".to_owned(),
    }
}

/// Servers like to repeat what they were asked for.
fn without_secrets(url: &Url, said: String) -> String {
    let segments = url.path_segments().into_iter().flatten();
    let values = url.query().into_iter().flat_map(|query| query.split(['&', '=']));
    let parts = [&url[Position::BeforePath..]].into_iter().chain(segments).chain(values);
    parts.filter(|part| part.len() >= SHORTEST_SECRET).fold(said, |said, part| said.replace(part, "…"))
}

/// What lies at the bottom: the layers above it say only that a request failed.
fn deepest(error: &(dyn std::error::Error + 'static)) -> String {
    let last = std::iter::successors(Some(error), |error| error.source()).last();
    last.unwrap_or(error).to_string()
}
