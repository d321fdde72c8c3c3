//! `pressdiff health`: asks the running daemon how it is, for where there is no other client, as in a container.

use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use clap::Args;

use super::failure::Status;
use super::session::Session;

/// How long the daemon may take to say or hear something.
const PATIENCE: Duration = Duration::from_secs(8);
/// Most bytes of an answer.
const LONGEST_ANSWER: u64 = 64 << 10;

/// Ask the running daemon whether it is well.
///
/// Asks the daemon, at the address of `[web] listen`, whether it is alive. Exit status 0: it is; 1: it is not, or
/// nobody answers.
#[derive(Debug, Args)]
pub(super) struct Health {
    /// Ask whether it does its work, too: the schedule runs, and the store takes writes
    #[arg(long)]
    ready: bool,
}

impl Health {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Status> {
        let config = session.config()?;
        if !config.web.enabled {
            session.output.complain("error: nobody answers: [web] enabled is false");
            return Ok(Status::Incomplete);
        }
        let (address, path) = (reachable(config.web.listen), if self.ready { "/readyz" } else { "/healthz" });
        match tokio::task::spawn_blocking(move || ask(address, path)).await? {
            Ok((true, said)) => {
                session.output.print(&said)?;
                Ok(Status::Done)
            }
            Ok((false, said)) => {
                session.output.complain(said.trim_end());
                Ok(Status::Incomplete)
            }
            Err(error) => {
                session.output.complain(&format!("error: nobody answers at {address}: {error}"));
                Ok(Status::Incomplete)
            }
        }
    }
}

/// Who listens on all addresses is asked on this machine's own.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let address = match listen.ip() {
        IpAddr::V4(address) if address.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(address) if address.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        address => address,
    };
    SocketAddr::new(address, listen.port())
}

/// Whether the answer is yes, and its words.
fn ask(address: SocketAddr, path: &str) -> io::Result<(bool, String)> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes())?;
    let mut answer = Vec::new();
    stream.take(LONGEST_ANSWER).read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).unwrap_or_default();
    Ok((status == "200", if body.is_empty() { format!("answers {status}") } else { body.to_owned() }))
}
