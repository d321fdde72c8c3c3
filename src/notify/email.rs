//! Alerts by mail: one message for one recipient, many messages over one connection, no stage without an end. What the
//! letters say is written in `domain::render`; `compose` puts them into MIME, `connection` speaks SMTP (lettre does,
//! stage by stage, so that a failure tells whom it concerns), `secure` does TLS and `stream` bounds what a server says.

mod compose;
mod connection;
mod dkim;
mod error;
mod secure;
mod stream;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, timeout};
use url::Url;

use self::compose::{Composer, Mail};
use self::connection::{Connection, Server};
pub use self::error::{EmailError, Stage};
use crate::config::SmtpConfig;
use crate::domain::message::Message;

/// From the first packet to the end of the login.
const CONNECT: Duration = Duration::from_secs(30);

/// One message on an open connection. Both together are less than the deliverer waits, so that it is told the stage.
const SEND: Duration = Duration::from_secs(80);

/// For a farewell, which nothing depends on.
const QUIT: Duration = Duration::from_secs(2);

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

    /// Sends a message to its recipient and returns when the server has taken it.
    pub async fn send(&self, message: &Message) -> Result<(), EmailError> {
        let mail = self.shared.composer.compose(message)?;
        while let Some(mut connection) = self.find_idle() {
            if connection.is_alive(QUIT).await {
                match self.send_over(connection, &mail).await {
                    // A server may have had enough of this connection, and say so only when it is used.
                    Err(
                        EmailError::Refused { stage: Stage::Sender, .. }
                        | EmailError::Failed { stage: Stage::Sender, .. },
                    ) => {}
                    sent => return sent,
                }
            }
        }
        let connection = self.open().await?;
        self.send_over(connection, &mail).await
    }

    /// Takes leave of the server; the next message opens a connection again.
    pub async fn rest(&self) {
        let idle = std::mem::take(&mut *self.idle());
        for (mut connection, _) in idle {
            // Nothing is lost when the farewell is.
            let _ = timeout(QUIT, connection.quit()).await;
        }
    }

    async fn open(&self) -> Result<Connection, EmailError> {
        let server = &self.shared.server;
        let mut stage = Stage::Connect;
        let opened = timeout(CONNECT, server.open(&mut stage)).await;
        opened.unwrap_or_else(|_| Err(server.silent(stage, CONNECT)))
    }

    async fn send_over(&self, mut connection: Connection, mail: &Mail) -> Result<(), EmailError> {
        let server = &self.shared.server;
        let mut stage = Stage::Sender;
        let sent = timeout(SEND, connection.send(server, mail, &mut stage)).await;
        let sent = sent.unwrap_or_else(|_| Err(server.silent(stage, SEND)));
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
