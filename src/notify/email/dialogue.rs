//! What is said to a mail server and what it answers. Only the code of a reply decides (RFC 5321, 4.2); its text is for
//! people, in whatever letters it comes. A server that says more than it was asked for is a step behind from then on,
//! and would seem to accept what it refuses: the conversation is over.

use std::fmt::Display;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::time::timeout;

use super::error::plain;

/// Bytes of one reply; it has a few hundred.
const MOST_IN_REPLY: u64 = 16 << 10;

/// The first digit of a reply that says yes.
pub(super) const YES: u16 = 2;
/// The first digit of a reply that says to go on.
pub(super) const GO_ON: u16 = 3;
/// The code of a server that closes the connection, whatever it was asked.
const CLOSING: u16 = 421;

/// A conversation over a connection.
pub(super) struct Dialogue<S> {
    stream: BufReader<S>,
}

/// What a server answered.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) code: u16,
    pub(super) lines: Vec<String>,
}

/// Why a server cannot be asked for more.
#[derive(Debug)]
pub(super) enum DialogueError {
    /// It said no.
    Refused(Reply),
    /// The connection ended, or what came over it is no answer.
    Broken(String),
    /// It said nothing for so long.
    Silent(Duration),
}

impl Reply {
    /// Its words on one line, without the enhanced code (RFC 2034) that every line repeats.
    pub(super) fn text(&self) -> String {
        let first = self.lines.first().and_then(|line| line.split(' ').next()).unwrap_or_default();
        let is_code = first.contains('.') && first.bytes().all(|byte| byte == b'.' || byte.is_ascii_digit());
        let more = |line: &String| match line.strip_prefix(first) {
            Some(words) if is_code && words.starts_with(' ') => words.to_owned(),
            _ => line.clone(),
        };
        let first_line = self.lines.first().cloned();
        plain(&first_line.into_iter().chain(self.lines.iter().skip(1).map(more)).collect::<Vec<_>>().join(" "))
    }

    /// The reply, if its first digit is this one. Another that is no refusal answers some other question.
    pub(super) fn expect(self, digit: u16) -> Result<Self, DialogueError> {
        match self.code / 100 {
            first if first == digit => Ok(self),
            4.. => Err(DialogueError::Refused(self)),
            _ => Err(DialogueError::Broken(format!("it answered out of turn: {} {}", self.code, self.text()))),
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Dialogue<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream: BufReader::new(stream) }
    }

    /// Waits for what the server says first.
    pub(super) async fn hear(&mut self, patience: Duration) -> Result<Reply, DialogueError> {
        timeout(patience, self.read()).await.unwrap_or(Err(DialogueError::Silent(patience)))
    }

    /// Says a line, which brings its line end, and waits for the answer.
    pub(super) async fn ask(&mut self, line: impl Display, patience: Duration) -> Result<Reply, DialogueError> {
        let asked = async {
            self.say(line.to_string().as_bytes()).await?;
            self.read().await
        };
        timeout(patience, asked).await.unwrap_or(Err(DialogueError::Silent(patience)))
    }

    /// Says what has no answer yet.
    pub(super) async fn tell(&mut self, text: &[u8], patience: Duration) -> Result<(), DialogueError> {
        timeout(patience, self.say(text)).await.unwrap_or(Err(DialogueError::Silent(patience)))
    }

    /// The connection, if the server has said nothing more.
    pub(super) async fn into_stream(mut self) -> Option<S> {
        if self.has_spoken().await { None } else { Some(self.stream.into_inner()) }
    }

    async fn say(&mut self, text: &[u8]) -> Result<(), DialogueError> {
        if self.has_spoken().await {
            let reply = self.read().await?;
            if reply.code == CLOSING {
                return Err(DialogueError::Refused(reply));
            }
            let said = format!("it said more than it was asked for: {} {}", reply.code, reply.text());
            return Err(DialogueError::Broken(said));
        }
        self.stream.write_all(text).await.map_err(broken)?;
        self.stream.flush().await.map_err(broken)
    }

    /// Whether the server has said something that was not asked for, or is gone.
    async fn has_spoken(&mut self) -> bool {
        // So that the runtime has looked for what has arrived.
        tokio::task::yield_now().await;
        self.stream.fill_buf().now_or_never().is_some()
    }

    async fn read(&mut self) -> Result<Reply, DialogueError> {
        let mut stream = (&mut self.stream).take(MOST_IN_REPLY);
        let mut lines = Vec::new();
        loop {
            let mut line = Vec::new();
            stream.read_until(b'\n', &mut line).await.map_err(broken)?;
            if line.last() != Some(&b'\n') {
                let ended = stream.limit() > 0;
                let problem = if ended { "it closed the connection" } else { "the answer has no end" };
                return Err(DialogueError::Broken(problem.to_owned()));
            }
            let read = parse(&line);
            let no_reply = || DialogueError::Broken(format!("it does not speak SMTP: {}", plain(&lossy(&line))));
            let (code, is_last) = read.ok_or_else(no_reply)?;
            lines.push(lossy(line.get(4..).unwrap_or_default()));
            if is_last {
                return Ok(Reply { code, lines });
            }
        }
    }
}

/// The code of a line, and whether it is the last of its reply. A code may stand alone.
fn parse(line: &[u8]) -> Option<(u16, bool)> {
    let code: u16 = std::str::from_utf8(line.get(..3)?).ok()?.parse().ok()?;
    let is_last = match line.get(3)? {
        b'-' => false,
        b'0'..=b'9' => return None,
        _ => true,
    };
    (200..600).contains(&code).then_some((code, is_last))
}

fn lossy(text: &[u8]) -> String {
    String::from_utf8_lossy(text).trim_end().to_owned()
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to `map_err`")]
fn broken(error: std::io::Error) -> DialogueError {
    DialogueError::Broken(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_decides_whatever_follows() {
        for (line, wanted) in [
            (&b"250 fine\r\n"[..], Some((250, true))),
            (b"250-more\r\n", Some((250, false))),
            (b"250\r\n", Some((250, true))),
            (b"250\n", Some((250, true))),
            (b"550 Empf\xe4nger unbekannt\r\n", Some((550, true))),
            (b"2500 fine\r\n", None),
            (b"+50 fine\r\n", None),
            (b"100 fine\r\n", None),
            (b"\xe4\xe4\xe4 fine\r\n", None),
            (b"HTTP/1.1 400\r\n", None),
            (b"25", None),
            (b"\r\n", None),
        ] {
            assert_eq!(parse(line), wanted, "{}", lossy(line));
        }
    }

    #[tokio::test]
    async fn what_was_not_asked_for_ends_the_conversation() {
        for (said, is_refusal) in [(&b"250 queued\r\n"[..], false), (b"550 no\r\n", false), (b"421 bye\r\n", true)] {
            let (ours, mut theirs) = tokio::io::duplex(1 << 10);
            let mut dialogue = Dialogue::new(ours);
            theirs.write_all(said).await.unwrap();
            let error = dialogue.ask("RSET\r\n", Duration::from_secs(1)).await.unwrap_err();
            assert_eq!(matches!(error, DialogueError::Refused(_)), is_refusal, "{error:?}");
        }
    }
}
