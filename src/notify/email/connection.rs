//! One conversation with the mail server, stage by stage.

use std::net::SocketAddr;
use std::time::Duration;

use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream};
use lettre::transport::smtp::commands::{Data, Mail as MailFrom, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;

use super::compose::Mail;
use super::error::{EmailError, Stage, plain};
use super::secure::{self, ClearError};
use super::stream::Bounded;
use crate::config::{Login, SmtpConfig, Tls};
use crate::domain::causes::with_causes;

/// PLAIN before LOGIN, which some servers offer alone.
const MECHANISMS: [Mechanism; 2] = [Mechanism::Plain, Mechanism::Login];

/// The server of `[smtp]`, ready to be asked.
pub(super) struct Server {
    /// Host and port, for messages.
    pub(super) name: String,
    host: String,
    port: u16,
    tls: Tls,
    connector: Option<TlsConnector>,
    login: Option<Login>,
    our_name: ClientId,
}

/// An open conversation.
pub(super) struct Connection {
    smtp: AsyncSmtpConnection,
}

impl Server {
    pub(super) fn new(smtp: &SmtpConfig) -> Result<Self, EmailError> {
        if let Some(login) = &smtp.login {
            login.password.read()?;
        }
        let connector = match smtp.tls {
            Tls::None => None,
            Tls::StartTls | Tls::Implicit => Some(secure::connector(smtp.ca_file.as_deref())),
        };
        let connector = connector.transpose().map_err(|problem| EmailError::Setup { key: "ca_file", problem })?;
        Ok(Self {
            name: format!("{}:{}", smtp.host, smtp.port),
            host: smtp.host.clone(),
            port: smtp.port,
            tls: smtp.tls,
            connector,
            login: smtp.login.clone(),
            our_name: ClientId::default(),
        })
    }

    /// Connects, encrypts and logs in. The stage is written down on the way, for whoever loses patience.
    pub(super) async fn open(&self, stage: &mut Stage) -> Result<Connection, EmailError> {
        *stage = Stage::Connect;
        let tcp = TcpStream::connect((self.host.as_str(), self.port)).await;
        let tcp = tcp.map_err(|error| self.failed(*stage, error.to_string()))?;
        let peer = tcp.peer_addr().map_err(|error| self.failed(*stage, error.to_string()))?;
        let stream = self.secured(tcp, peer, stage).await?;
        *stage = Stage::Greeting;
        let smtp = AsyncSmtpConnection::connect_with_transport(stream, &self.our_name).await;
        let mut smtp = smtp.map_err(|error| self.told(*stage, &error))?;
        if let Some(login) = &self.login {
            *stage = Stage::Login;
            self.log_in(&mut smtp, login).await?;
        }
        Ok(Connection { smtp })
    }

    /// The stream on which lettre is greeted, in the clear only on this machine.
    async fn secured(
        &self,
        mut tcp: TcpStream,
        peer: SocketAddr,
        stage: &mut Stage,
    ) -> Result<Box<dyn AsyncTokioStream>, EmailError> {
        let Some(connector) = &self.connector else {
            if !peer.ip().is_loopback() {
                return Err(self.failed(*stage, "tls = \"none\" is for a server on this machine only".to_owned()));
            }
            return Ok(Box::new(Bounded::new(tcp, peer)));
        };
        if self.tls == Tls::StartTls {
            *stage = Stage::StartTls;
            let started = secure::start(&mut tcp, &self.our_name.to_string()).await;
            started.map_err(|error| self.told_in_the_clear(*stage, error))?;
        }
        *stage = Stage::Tls;
        let stream = Bounded::new(self.encrypted(connector, tcp).await?, peer);
        Ok(Box::new(match self.tls {
            // The server has greeted already, and lettre waits for it.
            Tls::StartTls => stream.beginning_with(b"220 encrypted\r\n"),
            Tls::Implicit | Tls::None => stream,
        }))
    }

    async fn encrypted(&self, connector: &TlsConnector, tcp: TcpStream) -> Result<TlsStream<TcpStream>, EmailError> {
        let name = ServerName::try_from(self.host.clone())
            .map_err(|error| EmailError::Setup { key: "host", problem: error.to_string() })?;
        let stream = connector.connect(name, tcp).await;
        stream.map_err(|error| self.failed(Stage::Tls, plain(&with_causes(&error))))
    }

    async fn log_in(&self, smtp: &mut AsyncSmtpConnection, login: &Login) -> Result<(), EmailError> {
        let password = login.password.read()?;
        if smtp.server_info().get_auth_mechanism(&MECHANISMS).is_none() {
            return Err(self.failed(Stage::Login, "it offers neither AUTH PLAIN nor AUTH LOGIN here".to_owned()));
        }
        let credentials = Credentials::new(login.username.clone(), password);
        let answer = smtp.auth(&MECHANISMS, &credentials).await;
        answer.map(drop).map_err(|error| self.told(Stage::Login, &error))
    }

    fn failed(&self, stage: Stage, problem: String) -> EmailError {
        EmailError::Failed { server: self.name.clone(), stage, problem }
    }

    /// It did not answer in time.
    pub(super) fn silent(&self, stage: Stage, patience: Duration) -> EmailError {
        EmailError::Silent { server: self.name.clone(), stage, patience }
    }

    fn told(&self, stage: Stage, error: &SmtpError) -> EmailError {
        let Some(code) = error.status() else { return self.failed(stage, plain(&with_causes(error))) };
        let answer = std::error::Error::source(error).map_or_else(String::new, |answer| plain(&answer.to_string()));
        EmailError::Refused { server: self.name.clone(), stage, code: code.into(), answer }
    }

    fn told_in_the_clear(&self, stage: Stage, error: ClearError) -> EmailError {
        match error {
            ClearError::Failed(problem) => self.failed(stage, problem),
            ClearError::Refused(reply) => {
                EmailError::Refused { server: self.name.clone(), stage, code: reply.code, answer: reply.text() }
            }
        }
    }
}

impl Connection {
    /// Sends one mail. The stage is written down on the way.
    pub(super) async fn send(&mut self, server: &Server, mail: &Mail, stage: &mut Stage) -> Result<(), EmailError> {
        *stage = Stage::Sender;
        let sender = MailFrom::new(Some(mail.from.clone()), self.parameters(mail)?);
        self.smtp.command(sender).await.map_err(|error| server.told(*stage, &error))?;
        *stage = Stage::Recipient;
        let recipient = Rcpt::new(mail.to.clone(), Vec::new());
        self.smtp.command(recipient).await.map_err(|error| server.told(*stage, &error))?;
        *stage = Stage::Text;
        self.smtp.command(Data).await.map_err(|error| server.told(*stage, &error))?;
        self.smtp.message(&mail.bytes).await.map_err(|error| server.told(*stage, &error))?;
        Ok(())
    }

    /// The messages are plain ASCII, but an address may be not (RFC 6531).
    fn parameters(&self, mail: &Mail) -> Result<Vec<MailParameter>, EmailError> {
        if AsRef::<str>::as_ref(&mail.to).is_ascii() && AsRef::<str>::as_ref(&mail.from).is_ascii() {
            return Ok(Vec::new());
        }
        if self.smtp.server_info().supports_feature(Extension::SmtpUtfEight) {
            return Ok(vec![MailParameter::SmtpUtfEight]);
        }
        let problem = "the mail server takes no addresses with such letters (SMTPUTF8)".to_owned();
        Err(EmailError::Recipient { recipient: mail.to.to_string(), problem })
    }

    /// Whether the server still listens; it forgets what was begun.
    pub(super) async fn is_alive(&mut self, patience: Duration) -> bool {
        timeout(patience, self.smtp.command(Rset)).await.is_ok_and(|answer| answer.is_ok())
    }

    pub(super) async fn quit(&mut self) {
        self.smtp.abort().await;
    }
}
