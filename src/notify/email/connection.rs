//! One conversation with the mail server, stage by stage. It may take its time: RFC 5321, 4.5.3.2 asks for these
//! limits, because servers greet late on purpose, and look into a message before they take it.

use std::fmt::Display;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::commands::{Auth, Data, Ehlo, Mail as MailFrom, Quit, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, MailParameter};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::ServerName;

use super::abilities::Abilities;
use super::compose::Mail;
use super::dialogue::{Dialogue, DialogueError, GO_ON, Reply, YES};
use super::error::{EmailError, Stage, plain};
use super::secure;
use crate::config::{Login, SmtpConfig, Tls};
use crate::domain::causes::with_causes;

/// For the first packet, and for the encryption.
const CONNECT: Duration = Duration::from_secs(30);
/// For the greeting, and for the answer to a command.
pub(super) const ANSWER: Duration = Duration::from_mins(5);
/// For the answer to `DATA`.
const GO_AHEAD: Duration = Duration::from_mins(2);
/// For a message on its way to the server.
const TEXT: Duration = Duration::from_mins(5);
/// For the answer to the end of a message.
const END: Duration = Duration::from_mins(10);
/// For what nothing depends on: whether a connection can be used again, and the farewell.
const SHORT: Duration = Duration::from_secs(2);

/// PLAIN before LOGIN, which some servers offer alone.
const MECHANISMS: [Mechanism; 2] = [Mechanism::Plain, Mechanism::Login];
/// What a server may ask in one login; LOGIN asks twice.
const MOST_CHALLENGES: usize = 4;

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
    dialogue: Dialogue<Box<dyn Stream>>,
    abilities: Abilities,
}

/// What a conversation goes over.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

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

    /// Connects, encrypts and logs in.
    pub(super) async fn open(&self) -> Result<Connection, EmailError> {
        let tcp = timeout(CONNECT, TcpStream::connect((self.host.as_str(), self.port))).await;
        let tcp = tcp.map_err(|_| self.told(Stage::Connect, DialogueError::Silent(CONNECT)))?;
        let tcp = tcp.map_err(|error| self.failed(Stage::Connect, error.to_string()))?;
        let mut dialogue = Dialogue::new(self.secured(tcp).await?);
        // Before STARTTLS it has greeted already.
        let greeted = if self.tls == Tls::StartTls { Ok(()) } else { greeted(&mut dialogue).await };
        greeted.map_err(|error| self.told(Stage::Greeting, error))?;
        let abilities = self.introduce(&mut dialogue).await.map_err(|error| self.told(Stage::Greeting, error))?;
        let mut connection = Connection { dialogue, abilities };
        if let Some(login) = &self.login {
            self.log_in(&mut connection, login).await?;
        }
        Ok(connection)
    }

    /// The stream on which mail is sent, in the clear only on this machine.
    async fn secured(&self, tcp: TcpStream) -> Result<Box<dyn Stream>, EmailError> {
        let Some(connector) = &self.connector else {
            let peer = tcp.peer_addr().map_err(|error| self.failed(Stage::Connect, error.to_string()))?;
            if !peer.ip().is_loopback() {
                let problem = "tls = \"none\" is for a server on this machine only".to_owned();
                return Err(self.failed(Stage::Connect, problem));
            }
            return Ok(Box::new(tcp));
        };
        let tcp = if self.tls == Tls::StartTls { self.start_tls(tcp).await? } else { tcp };
        Ok(Box::new(self.encrypted(connector, tcp).await?))
    }

    /// Brings a fresh connection to where the encryption begins; nothing but our name is said before.
    async fn start_tls(&self, tcp: TcpStream) -> Result<TcpStream, EmailError> {
        let told = |error| self.told(Stage::StartTls, error);
        let mut dialogue = Dialogue::new(tcp);
        greeted(&mut dialogue).await.map_err(told)?;
        let hello = dialogue.ask(Ehlo::new(self.our_name.clone()), ANSWER).await;
        let hello = hello.and_then(|reply| reply.expect(YES)).map_err(told)?;
        if !Abilities::of(&hello).starttls {
            return Err(self.failed(Stage::StartTls, "it does not offer STARTTLS".to_owned()));
        }
        let started = dialogue.ask("STARTTLS\r\n", ANSWER).await;
        started.and_then(|reply| reply.expect(YES)).map_err(told)?;
        let stream = dialogue.into_stream().await;
        stream.ok_or_else(|| self.failed(Stage::StartTls, "it went on in the clear after STARTTLS".to_owned()))
    }

    async fn encrypted(&self, connector: &TlsConnector, tcp: TcpStream) -> Result<TlsStream<TcpStream>, EmailError> {
        let name = ServerName::try_from(self.host.clone())
            .map_err(|error| EmailError::Setup { key: "host", problem: error.to_string() })?;
        let stream = timeout(CONNECT, connector.connect(name, tcp)).await;
        let stream = stream.map_err(|_| self.told(Stage::Tls, DialogueError::Silent(CONNECT)))?;
        stream.map_err(|error| self.failed(Stage::Tls, plain(&with_causes(&error))))
    }

    /// Tells our name and hears what the server can do. An old one knows no EHLO and can do nothing beside.
    async fn introduce(&self, dialogue: &mut Dialogue<Box<dyn Stream>>) -> Result<Abilities, DialogueError> {
        let hello = dialogue.ask(Ehlo::new(self.our_name.clone()), ANSWER).await?;
        if hello.code >= 500 {
            dialogue.ask(format!("HELO {}\r\n", self.our_name), ANSWER).await?.expect(YES)?;
            return Ok(Abilities::default());
        }
        Ok(Abilities::of(&hello.expect(YES)?))
    }

    async fn log_in(&self, connection: &mut Connection, login: &Login) -> Result<(), EmailError> {
        let password = login.password.read()?;
        let Some(mechanism) = MECHANISMS.into_iter().find(|known| connection.abilities.mechanisms.contains(known))
        else {
            return Err(self.failed(Stage::Login, "it offers neither AUTH PLAIN nor AUTH LOGIN here".to_owned()));
        };
        let credentials = Credentials::new(login.username.clone(), password);
        let mut challenge = None;
        for _ in 0..MOST_CHALLENGES {
            let answer = Auth::new(mechanism, credentials.clone(), challenge);
            let answer = answer.map_err(|error| self.failed(Stage::Login, plain(&with_causes(&error))))?;
            let reply = connection.dialogue.ask(answer, ANSWER).await;
            let reply = reply.map_err(|error| self.told(Stage::Login, error))?;
            if reply.code / 100 != GO_ON {
                return reply.expect(YES).map(drop).map_err(|error| self.told(Stage::Login, error));
            }
            challenge = Some(challenge_of(&reply));
        }
        Err(self.failed(Stage::Login, "it asks again and again".to_owned()))
    }

    fn failed(&self, stage: Stage, problem: String) -> EmailError {
        EmailError::Failed { server: self.name.clone(), stage, problem }
    }

    fn told(&self, stage: Stage, error: DialogueError) -> EmailError {
        let server = self.name.clone();
        match error {
            DialogueError::Refused(reply) => {
                EmailError::Refused { server, stage, code: reply.code, answer: reply.text() }
            }
            DialogueError::Broken(problem) => EmailError::Broken { server, stage, problem },
            DialogueError::Silent(patience) => EmailError::Silent { server, stage, patience },
        }
    }
}

async fn greeted<S: AsyncRead + AsyncWrite + Unpin>(dialogue: &mut Dialogue<S>) -> Result<(), DialogueError> {
    dialogue.hear(ANSWER).await?.expect(YES).map(drop)
}

/// What a server asks in a login, which is base64.
fn challenge_of(reply: &Reply) -> String {
    let asked = reply.lines.first().and_then(|line| STANDARD.decode(line.trim()).ok());
    String::from_utf8_lossy(&asked.unwrap_or_default()).into_owned()
}

impl Connection {
    /// Sends one mail.
    pub(super) async fn send(&mut self, server: &Server, mail: &Mail) -> Result<(), EmailError> {
        let sender = MailFrom::new(Some(mail.from.clone()), self.parameters(mail)?);
        self.ask(server, Stage::Sender, sender, YES, ANSWER).await?;
        let recipient = Rcpt::new(mail.to.clone(), Vec::new());
        self.ask(server, Stage::Recipient, recipient, YES, ANSWER).await?;
        self.ask(server, Stage::Text, Data, GO_ON, GO_AHEAD).await?;
        let told = self.dialogue.tell(&stuffed(&mail.bytes), TEXT).await;
        told.map_err(|error| server.told(Stage::Text, error))?;
        self.ask(server, Stage::End, ".\r\n", YES, END).await
    }

    async fn ask(
        &mut self,
        server: &Server,
        stage: Stage,
        line: impl Display,
        digit: u16,
        patience: Duration,
    ) -> Result<(), EmailError> {
        let reply = self.dialogue.ask(line, patience).await.and_then(|reply| reply.expect(digit));
        reply.map(drop).map_err(|error| server.told(stage, error))
    }

    /// The messages are plain ASCII, but an address may be not (RFC 6531).
    fn parameters(&self, mail: &Mail) -> Result<Vec<MailParameter>, EmailError> {
        if AsRef::<str>::as_ref(&mail.to).is_ascii() && AsRef::<str>::as_ref(&mail.from).is_ascii() {
            return Ok(Vec::new());
        }
        if self.abilities.utf8 {
            return Ok(vec![MailParameter::SmtpUtfEight]);
        }
        let problem = "the mail server takes no addresses with such letters (SMTPUTF8)".to_owned();
        Err(EmailError::Recipient { recipient: mail.to.to_string(), problem })
    }

    /// Whether the server still listens; it forgets what was begun.
    pub(super) async fn is_alive(&mut self) -> bool {
        self.dialogue.ask(Rset, SHORT).await.is_ok_and(|reply| reply.code / 100 == YES)
    }

    /// Takes leave. Nothing is lost when that fails.
    pub(super) async fn quit(&mut self) {
        let _ = self.dialogue.ask(Quit, SHORT).await;
    }
}

/// A message of whole lines, none of which is the end of it (RFC 5321, 4.5.2).
fn stuffed(text: &[u8]) -> Vec<u8> {
    let mut stuffed = Vec::with_capacity(text.len() + 2);
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        if line.first() == Some(&b'.') {
            stuffed.push(b'.');
        }
        stuffed.extend_from_slice(line);
    }
    if !stuffed.ends_with(b"\r\n") {
        stuffed.extend_from_slice(b"\r\n");
    }
    stuffed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_of_a_message_is_its_end() {
        for (text, wanted) in [
            (&b"one\r\n.\r\n..two"[..], &b"one\r\n..\r\n...two\r\n"[..]),
            (b".", b"..\r\n"),
            (b"one.\r\n", b"one.\r\n"),
            (b"", b"\r\n"),
        ] {
            assert_eq!(stuffed(text), wanted);
        }
    }
}
