//! A small HTTP/1.1 server on loopback that answers what it was told to, faults included, and remembers what
//! it was asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use url::Url;

/// Listens until it is dropped. Paths that nobody set answer 404, or what the responder says if there is one.
pub(crate) struct Server {
    base: Url,
    state: Arc<Mutex<State>>,
    listening: JoinHandle<()>,
}

/// Answers requests one at a time.
type Responder = Box<dyn FnMut(&Request) -> Answer + Send>;

#[derive(Default)]
struct State {
    answers: HashMap<String, Vec<Answer>>,
    responder: Option<Responder>,
    requests: Vec<Request>,
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// Path and query.
    pub(crate) path: String,
    /// Lower-case names.
    pub(crate) headers: Vec<(String, String)>,
    /// As long as its Content-Length says.
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// The first header line of this (lower-case) name.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// What the server does with a request.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    bytes: Vec<u8>,
    then: Then,
    /// It is not sent before this is true.
    gate: Option<watch::Receiver<bool>>,
    after: Option<Hook>,
}

/// What is done when an answer has been sent.
#[derive(Clone)]
struct Hook(Arc<dyn Fn() + Send + Sync>);

impl std::fmt::Debug for Hook {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Hook")
    }
}

#[derive(Clone, Copy, Debug)]
enum Then {
    KeepAlive,
    Close,
    Hang,
    /// Sends this byte again and again.
    Drip(u8, Duration),
}

impl Answer {
    /// Status 200 with an HTML body.
    pub(crate) fn html(body: impl AsRef<[u8]>) -> Self {
        Self::with(200, &[("Content-Type", "text/html; charset=utf-8")], body)
    }

    /// A status without a body.
    pub(crate) fn status(status: u16) -> Self {
        Self::with(status, &[], "")
    }

    /// A redirect.
    pub(crate) fn redirect(status: u16, location: &str) -> Self {
        Self::with(status, &[("Location", location)], "")
    }

    /// Any status, header lines and body, with the Content-Length that belongs to it.
    pub(crate) fn with(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let mut head = vec![format!("HTTP/1.1 {status} Some")];
        head.extend(headers.iter().map(|(name, value)| format!("{name}: {value}")));
        head.extend((status != 304).then(|| format!("Content-Length: {}", body.len())));
        let head = head.join("\r\n") + "\r\n\r\n";
        Self::new([head.as_bytes(), body].concat(), Then::KeepAlive)
    }

    /// Exactly these bytes; then the connection is closed.
    pub(crate) fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self::new(bytes.into(), Then::Close)
    }

    /// The answer without its last bytes; then the connection is closed.
    pub(crate) fn cut(mut self, bytes: usize) -> Self {
        self.bytes.truncate(self.bytes.len() - bytes);
        Self { then: Then::Close, ..self }
    }

    /// Nothing, for ever.
    pub(crate) fn hang() -> Self {
        Self::new(Vec::new(), Then::Hang)
    }

    /// A body that never ends, one byte at a time.
    pub(crate) fn drip(every: Duration) -> Self {
        Self::new(b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), Then::Drip(b'.', every))
    }

    /// The answer, held back until the gate is true or gone.
    pub(crate) fn behind(self, gate: watch::Receiver<bool>) -> Self {
        Self { gate: Some(gate), ..self }
    }

    /// The answer; as soon as it is sent, this is called.
    pub(crate) fn and_then(self, hook: impl Fn() + Send + Sync + 'static) -> Self {
        Self { after: Some(Hook(Arc::new(hook))), ..self }
    }

    fn new(bytes: Vec<u8>, then: Then) -> Self {
        Self { bytes, then, gate: None, after: None }
    }
}

impl Server {
    /// A server on a port of its own.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let base = Url::parse(&format!("http://{}/", listener.local_addr().unwrap())).unwrap();
        let state = Arc::<Mutex<State>>::default();
        let listening = tokio::spawn(listen(listener, Arc::clone(&state)));
        Self { base, state, listening }
    }

    /// A server whose responder answers what nobody set.
    pub(crate) async fn answering(responder: impl FnMut(&Request) -> Answer + Send + 'static) -> Self {
        let server = Self::start().await;
        server.state().responder = Some(Box::new(responder));
        server
    }

    /// The address of a path.
    pub(crate) fn url(&self, path: &str) -> Url {
        self.base.join(path).unwrap()
    }

    /// What a path answers from now on.
    pub(crate) fn on(&self, path: &str, answer: Answer) {
        self.on_each(path, [answer]);
    }

    /// What a path answers the next times, the last answer again and again.
    pub(crate) fn on_each(&self, path: &str, answers: impl IntoIterator<Item = Answer>) {
        let mut answers: Vec<_> = answers.into_iter().collect();
        answers.reverse();
        self.state().answers.insert(path.to_owned(), answers);
    }

    /// All requests so far, in order.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.state().requests.clone()
    }

    /// The requests for one path so far, in order.
    pub(crate) fn requests_for(&self, path: &str) -> Vec<Request> {
        self.requests().into_iter().filter(|request| request.path == path).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl State {
    fn answer(&mut self, request: Request) -> Answer {
        let answer = match (self.answers.get_mut(&request.path), &mut self.responder) {
            (Some(answers), _) if answers.len() > 1 => answers.pop().unwrap(),
            (Some(answers), _) => answers[0].clone(),
            (None, Some(responder)) => responder(&request),
            (None, None) => Answer::status(404),
        };
        self.requests.push(request);
        answer
    }
}

async fn listen(listener: TcpListener, state: Arc<Mutex<State>>) {
    // Connections end with the server, so that clients notice.
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(converse(stream, Arc::clone(&state)));
    }
}

/// Answers request after request; a client that goes away ends it.
async fn converse(mut stream: TcpStream, state: Arc<Mutex<State>>) {
    while let Some(request) = read_request(&mut stream).await {
        let mut answer = state.lock().unwrap().answer(request);
        if let Some(gate) = &mut answer.gate {
            // A gate that is gone is open.
            let _ = gate.wait_for(|open| *open).await;
        }
        if stream.write_all(&answer.bytes).await.is_err() {
            return;
        }
        if let Some(Hook(hook)) = answer.after {
            hook();
        }
        match answer.then {
            Then::KeepAlive => {}
            Then::Close => return,
            Then::Hang => return std::future::pending().await,
            Then::Drip(byte, every) => return drip(&mut stream, byte, every).await,
        }
    }
}

async fn drip(stream: &mut TcpStream, byte: u8, every: Duration) {
    let mut beat = tokio::time::interval(every);
    while stream.write_all(&[byte]).await.is_ok() {
        beat.tick().await;
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<Request> {
    let mut request = read_head(stream).await?;
    let length = request.header("content-length").map_or(0, |length| length.parse().unwrap());
    request.body.resize(length, 0);
    stream.read_exact(&mut request.body).await.ok()?;
    Some(request)
}

async fn read_head(stream: &mut TcpStream) -> Option<Request> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).ok()?;
    let mut lines = head.lines();
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let headers = lines.filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect();
    Some(Request { path, headers, body: Vec::new() })
}
