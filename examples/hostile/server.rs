//! A small HTTP/1.1 server: what it sends is bytes, also such as no library would send.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

/// The site's address in the namespace: nobody's on this machine otherwise, and public.
pub(crate) const PUBLIC: &str = "11.22.33.44";

/// What the server sends.
#[derive(Clone)]
pub(crate) enum Answer {
    /// Status line, header lines and body, with the length that belongs to it.
    Whole { head: String, body: Arc<Vec<u8>> },
    /// Whatever this writes, until the client goes away.
    Endless(fn(&mut TcpStream) -> io::Result<()>),
}

impl Answer {
    pub(crate) fn html(body: impl Into<Vec<u8>>) -> Self {
        Self::typed("text/html; charset=utf-8", body)
    }

    pub(crate) fn typed(content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::with(&format!("Content-Type: {content_type}"), body)
    }

    /// Status 200 with further header lines.
    pub(crate) fn with(lines: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::Whole { head: format!("HTTP/1.1 200 OK\r\n{lines}\r\n"), body: Arc::new(body.into()) }
    }

    pub(crate) fn redirect(location: &str) -> Self {
        let head = format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\n");
        Self::Whole { head, body: Arc::default() }
    }

    pub(crate) fn missing() -> Self {
        Self::Whole { head: "HTTP/1.1 404 Not Found\r\n".to_owned(), body: Arc::default() }
    }

    fn send(&self, stream: &mut TcpStream) -> io::Result<()> {
        match self {
            Self::Whole { head, body } => {
                write!(stream, "{head}Content-Length: {}\r\n\r\n", body.len())?;
                stream.write_all(body)
            }
            Self::Endless(write) => write(stream),
        }
    }
}

/// Listens until the example ends.
pub(crate) struct Server {
    pub(crate) port: u16,
    /// Whether the site is hostile yet.
    pub(crate) is_hostile: Arc<AtomicBool>,
}

type Site = Arc<dyn Fn(&str, bool) -> Answer + Send + Sync>;

impl Server {
    pub(crate) fn start(address: &str, site: Site) -> io::Result<Self> {
        let listener = TcpListener::bind((address, 0))?;
        let port = listener.local_addr()?.port();
        let is_hostile = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&is_hostile);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (site, flag) = (Arc::clone(&site), Arc::clone(&flag));
                thread::spawn(move || converse(stream, &site, &flag));
            }
        });
        Ok(Self { port, is_hostile })
    }
}

/// Answers request after request; a client that goes away ends it.
fn converse(mut stream: TcpStream, site: &Site, is_hostile: &AtomicBool) -> io::Result<()> {
    let mut requests = BufReader::new(stream.try_clone()?);
    loop {
        let mut path = None;
        loop {
            let mut line = String::new();
            if requests.read_line(&mut line)? == 0 {
                return Ok(());
            }
            if line == "\r\n" {
                break;
            }
            path = path.or_else(|| line.split(' ').nth(1).map(str::to_owned));
        }
        let answer = site(&path.unwrap_or_default(), is_hostile.load(Ordering::SeqCst));
        answer.send(&mut stream)?;
    }
}

/// A local service that nobody but this machine may reach; how often somebody did.
pub(crate) fn trap() -> io::Result<(u16, Arc<AtomicUsize>)> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let port = listener.local_addr()?.port();
    let caught = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&caught);
    thread::spawn(move || {
        for _ in listener.incoming().map_while(Result::ok) {
            count.fetch_add(1, Ordering::SeqCst);
        }
    });
    Ok((port, caught))
}
