//! A mail server on loopback that speaks SMTP, encrypted or not, takes logins, keeps what it is sent, and behaves badly
//! where a test says so.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// What a client asks for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    Greeting,
    Ehlo,
    StartTls,
    Auth,
    Sender,
    /// The address.
    Recipient(String),
    Data,
    /// After the last line of a message to this address.
    Text(String),
}

/// What it gets.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// These lines.
    Say(&'static str),
    /// These bytes; a message is kept.
    Keep(&'static [u8]),
    /// The usual after so long, in which time runs as fast as nothing happens.
    Late(Duration),
    /// Nothing, and the connection ends; a message is not kept.
    Cut,
    /// Nothing, and the connection ends; a message is kept.
    CutAfterKeeping,
    /// Nothing, ever. From then on time runs as fast as nothing happens.
    Silence,
    /// Megabytes without a line end.
    Flood,
}

/// How the connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encryption {
    None,
    StartTls,
    Implicit,
}

/// A message that was kept, with its envelope and the connection it came over.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) connection: usize,
    pub(crate) is_encrypted: bool,
    pub(crate) login: Option<String>,
}

/// How a server is set up.
pub(crate) struct Setup {
    pub(crate) encryption: Encryption,
    /// What it offers as `AUTH`.
    pub(crate) auth: &'static str,
    /// The name in its certificate.
    pub(crate) name: &'static str,
}

impl Default for Setup {
    fn default() -> Self {
        Self { encryption: Encryption::None, auth: "", name: "localhost" }
    }
}

/// A mail server; it ends with the test.
pub(crate) struct SmtpServer {
    shared: Arc<Shared>,
    pub(crate) port: u16,
    /// Its certificate, as PEM.
    pub(crate) certificate: String,
    task: JoinHandle<()>,
}

struct Shared {
    setup: Setup,
    acceptor: TlsAcceptor,
    /// What is answered at a step, the first first; the usual when nothing is left.
    script: Mutex<HashMap<Step, Vec<Answer>>>,
    received: Mutex<Vec<Received>>,
    connections: Mutex<usize>,
    /// Conversations that ended with `QUIT`.
    farewells: Mutex<usize>,
}

/// A port at which nothing listens yet.
pub(crate) struct Closed(TcpSocket);

impl Closed {
    pub(crate) fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        Self(socket)
    }

    pub(crate) fn port(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }

    pub(crate) fn open(self, setup: Setup) -> SmtpServer {
        SmtpServer::serve(self.0.listen(64).unwrap(), setup)
    }
}

impl SmtpServer {
    pub(crate) fn start(setup: Setup) -> Self {
        Closed::new().open(setup)
    }

    fn serve(listener: TcpListener, setup: Setup) -> Self {
        let identity = rcgen::generate_simple_self_signed([setup.name.to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(identity.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
        let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        let config = config.with_single_cert(vec![identity.cert.der().clone()], key).unwrap();
        let shared = Arc::new(Shared {
            setup,
            acceptor: TlsAcceptor::from(Arc::new(config)),
            script: Mutex::default(),
            received: Mutex::default(),
            connections: Mutex::default(),
            farewells: Mutex::default(),
        });
        let port = listener.local_addr().unwrap().port();
        let task = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Self { shared, port, certificate: identity.cert.pem(), task }
    }

    /// Answers this the next time at that step.
    pub(crate) fn answer(&self, step: Step, answer: Answer) {
        self.shared.script.lock().unwrap().entry(step).or_default().push(answer);
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        self.shared.received.lock().unwrap().clone()
    }

    /// How many messages were kept.
    pub(crate) fn kept(&self) -> usize {
        self.shared.received.lock().unwrap().len()
    }

    /// To whom messages were kept, in order.
    pub(crate) fn recipients(&self) -> Vec<String> {
        self.received().into_iter().map(|received| received.to).collect()
    }

    pub(crate) fn farewells(&self) -> usize {
        *self.shared.farewells.lock().unwrap()
    }

    pub(crate) fn connections(&self) -> usize {
        *self.shared.connections.lock().unwrap()
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { return };
        let number = {
            let mut connections = shared.connections.lock().unwrap();
            *connections += 1;
            *connections
        };
        let shared = Arc::clone(&shared);
        // A client that goes away ends its conversation and nothing else.
        tokio::spawn(async move { converse(stream, &shared, number).await });
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

struct Session<'a> {
    shared: &'a Shared,
    number: usize,
    stream: BufReader<Box<dyn Stream>>,
    is_encrypted: bool,
    login: Option<String>,
    from: String,
    to: String,
}

/// The end of a conversation.
struct Over;

async fn converse(stream: TcpStream, shared: &Shared, number: usize) -> Option<()> {
    let is_encrypted = shared.setup.encryption == Encryption::Implicit;
    let stream: Box<dyn Stream> =
        if is_encrypted { Box::new(shared.acceptor.accept(stream).await.ok()?) } else { Box::new(stream) };
    let (from, to) = (String::new(), String::new());
    let mut session = Session { shared, number, stream: BufReader::new(stream), is_encrypted, login: None, from, to };
    session.answer(Step::Greeting, "220 mail.example ready\r\n").await.ok()?;
    loop {
        let line = session.line().await.ok()?;
        if line.eq_ignore_ascii_case("STARTTLS") {
            session = session.encrypt().await?;
        } else {
            session.command(&line).await.ok()?;
        }
    }
}

impl Session<'_> {
    async fn line(&mut self) -> Result<String, Over> {
        let mut line = String::new();
        match self.stream.read_line(&mut line).await {
            Ok(1..) => Ok(line.trim_end_matches(['\r', '\n']).to_owned()),
            _ => Err(Over),
        }
    }

    async fn say(&mut self, text: &str) -> Result<(), Over> {
        self.stream.write_all(text.as_bytes()).await.map_err(|_| Over)?;
        self.stream.flush().await.map_err(|_| Over)
    }

    /// Answers as the script says, or with the usual; whether it was the usual.
    async fn answer(&mut self, step: Step, usual: &str) -> Result<bool, Over> {
        let scripted = {
            let mut script = self.shared.script.lock().unwrap();
            let answers = script.get_mut(&step);
            answers.filter(|answers| !answers.is_empty()).map(|answers| answers.remove(0))
        };
        match scripted {
            None => self.say(usual).await.map(|()| true),
            Some(Answer::Say(text)) => self.say(text).await.map(|()| false),
            Some(Answer::Keep(bytes)) => {
                self.stream.write_all(bytes).await.map_err(|_| Over)?;
                self.stream.flush().await.map(|()| false).map_err(|_| Over)
            }
            Some(Answer::Late(time)) => {
                tokio::time::pause();
                tokio::time::sleep(time).await;
                tokio::time::resume();
                self.say(usual).await.map(|()| true)
            }
            Some(Answer::Cut | Answer::CutAfterKeeping) => Err(Over),
            Some(Answer::Silence) => {
                tokio::time::pause();
                std::future::pending().await
            }
            Some(Answer::Flood) => {
                let megabyte = "x".repeat(1 << 20);
                for _ in 0..64 {
                    self.say(&megabyte).await?;
                }
                Err(Over)
            }
        }
    }

    async fn command(&mut self, line: &str) -> Result<(), Over> {
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        match verb.as_str() {
            "EHLO" => {
                let usual = self.abilities();
                self.answer(Step::Ehlo, &usual).await.map(drop)
            }
            "HELO" => self.say("250 mail.example\r\n").await,
            "AUTH" => self.log_in(line).await,
            "MAIL" => {
                self.from = address(line);
                self.answer(Step::Sender, "250 2.1.0 fine\r\n").await.map(drop)
            }
            "RCPT" => {
                self.to = address(line);
                self.answer(Step::Recipient(self.to.clone()), "250 2.1.5 fine\r\n").await.map(drop)
            }
            "DATA" => self.data().await,
            "RSET" | "NOOP" => self.say("250 2.0.0 fine\r\n").await,
            "QUIT" => {
                *self.shared.farewells.lock().unwrap() += 1;
                self.say("221 2.0.0 bye\r\n").await?;
                Err(Over)
            }
            _ => self.say("502 5.5.1 what?\r\n").await,
        }
    }

    fn abilities(&self) -> String {
        let mut lines = vec!["250-mail.example"];
        if self.shared.setup.encryption == Encryption::StartTls && !self.is_encrypted {
            lines.push("250-STARTTLS");
        }
        let auth = format!("250-AUTH {}", self.shared.setup.auth);
        if !self.shared.setup.auth.is_empty() && (self.is_encrypted || self.shared.setup.encryption == Encryption::None)
        {
            lines.push(&auth);
        }
        lines.push("250 SIZE 10000000\r\n");
        lines.join("\r\n")
    }

    async fn log_in(&mut self, line: &str) -> Result<(), Over> {
        let mut words = line.split(' ').skip(1);
        let mechanism = words.next().unwrap_or_default().to_owned();
        let said = if mechanism == "PLAIN" {
            let said = decoded(words.next().unwrap_or_default());
            said.split('\0').skip(1).collect::<Vec<_>>().join(" ")
        } else {
            self.say("334 VXNlcm5hbWU6\r\n").await?;
            let username = decoded(&self.line().await?);
            self.say("334 UGFzc3dvcmQ6\r\n").await?;
            format!("{username} {}", decoded(&self.line().await?))
        };
        if self.answer(Step::Auth, "235 2.7.0 welcome\r\n").await? {
            self.login = Some(format!("{mechanism} {said}"));
        }
        Ok(())
    }

    async fn data(&mut self) -> Result<(), Over> {
        if !self.answer(Step::Data, "354 go on\r\n").await? {
            return Ok(());
        }
        let mut bytes = Vec::new();
        loop {
            let mut line = Vec::new();
            if !matches!(self.stream.read_until(b'\n', &mut line).await, Ok(1..)) {
                return Err(Over);
            }
            if line == b".\r\n" {
                break;
            }
            bytes.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
        let (from, to) = (self.from.clone(), self.to.clone());
        let received = Received {
            from,
            to,
            bytes,
            connection: self.number,
            is_encrypted: self.is_encrypted,
            login: self.login.clone(),
        };
        let step = Step::Text(self.to.clone());
        let keeps = match self.shared.script.lock().unwrap().get(&step).and_then(|answers| answers.first()) {
            None | Some(Answer::CutAfterKeeping | Answer::Keep(_) | Answer::Late(_)) => true,
            Some(_) => false,
        };
        if keeps {
            self.shared.received.lock().unwrap().push(received);
        }
        self.answer(step, "250 2.0.0 kept\r\n").await.map(drop)
    }
}

impl<'a> Session<'a> {
    async fn encrypt(mut self) -> Option<Session<'a>> {
        if !self.answer(Step::StartTls, "220 2.0.0 go on\r\n").await.ok()? {
            return Some(self);
        }
        let stream = self.shared.acceptor.accept(self.stream.into_inner()).await.ok()?;
        Some(Session { stream: BufReader::new(Box::new(stream)), is_encrypted: true, ..self })
    }
}

fn address(line: &str) -> String {
    line.split(['<', '>']).nth(1).unwrap_or_default().to_owned()
}

fn decoded(base64: &str) -> String {
    String::from_utf8(STANDARD.decode(base64).unwrap()).unwrap()
}
