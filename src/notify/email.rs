//! Alerts by mail: one message for one recipient, many messages over one connection, no stage without an end. What the
//! letters say is written in `domain::render`; `compose` puts them into MIME, `connection` speaks SMTP stage by stage,
//! so that a failure tells whom it concerns, `dialogue` asks and hears, `abilities` is what a server can do, and
//! `secure` does TLS.

mod abilities;
mod compose;
mod connection;
mod dialogue;
mod dkim;
mod error;
mod secure;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use url::Url;

use self::compose::{Composer, Mail};
use self::connection::{Connection, Server};
pub use self::error::{EmailError, Stage};
use crate::config::SmtpConfig;
use crate::domain::message::Message;

/// A connection that was idle for longer is not used again: servers close idle ones.
const IDLE: Duration = Duration::from_mins(1);

/// Idle connections that are kept.
const MOST_IDLE: usize = 4;

/// Sends mail by the server of `[smtp]`. Clones share its connections.
#[derive(Clone)]
pub struct EmailNotifier {
    shared: Arc<Shared>,
}

struct Shared {
    server: Server,
    composer: Composer,
    idle: Mutex<Vec<(Connection, Instant)>>,
}

impl EmailNotifier {
    /// A sender by this server, with links to the review pages if they are served. Password, key and certificates are
    /// read now, so that a mistake shows at once; the password is read again for each connection.
    pub fn new(smtp: &SmtpConfig, web: Option<&Url>) -> Result<Self, EmailError> {
        let (server, composer) = (Server::new(smtp)?, Composer::new(smtp, web.cloned())?);
        Ok(Self { shared: Arc::new(Shared { server, composer, idle: Mutex::default() }) })
    }

    /// Sends a message to its recipient and returns when the server has taken it. When the connection breaks before the
    /// server could have taken it, that is tried once more with a new one.
    pub async fn send(&self, message: &Message) -> Result<(), EmailError> {
        let mail = self.shared.composer.compose(message)?;
        match self.send_once(&mail).await {
            Err(error) if error.is_broken_early() => self.send_anew(&mail).await,
            sent => sent,
        }
    }

    async fn send_once(&self, mail: &Mail) -> Result<(), EmailError> {
        while let Some(mut connection) = self.find_idle() {
            if connection.is_alive().await {
                match self.send_over(connection, mail).await {
                    // A server may have had enough of this connection, and say so only when it is used.
                    Err(EmailError::Refused { stage: Stage::Sender, .. }) => {}
                    sent => return sent,
                }
            }
        }
        self.send_anew(mail).await
    }

    async fn send_anew(&self, mail: &Mail) -> Result<(), EmailError> {
        let connection = self.shared.server.open().await?;
        self.send_over(connection, mail).await
    }

    /// Takes leave of the server; the next message opens a connection again.
    pub async fn rest(&self) {
        let idle = std::mem::take(&mut *self.idle());
        for (mut connection, _) in idle {
            connection.quit().await;
        }
    }

    async fn send_over(&self, mut connection: Connection, mail: &Mail) -> Result<(), EmailError> {
        let sent = connection.send(&self.shared.server, mail).await;
        if sent.as_ref().err().is_none_or(EmailError::leaves_the_connection) {
            let mut idle = self.idle();
            if idle.len() < MOST_IDLE {
                idle.push((connection, Instant::now()));
            }
        }
        sent
    }

    fn find_idle(&self) -> Option<Connection> {
        let mut idle = self.idle();
        idle.retain(|(_, since)| since.elapsed() < IDLE);
        idle.pop().map(|(connection, _)| connection)
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<(Connection, Instant)>> {
        self.shared.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for EmailNotifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("EmailNotifier").field("server", &self.shared.server.name).finish_non_exhaustive()
    }
}
