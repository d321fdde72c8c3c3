//! `pressdiff show`: one version of a release, as text or as it was fetched.

use anyhow::{Context as _, bail};
use clap::Args;

use super::failure::Status;
use super::lookup::{find_release, find_version};
use super::session::Session;
use crate::domain::render::{is_harmful, plain_text};

/// Print the text of a release, or the bytes as they were fetched.
///
/// The text is what counts as the release: title, date, text, links, pictures and contacts.
#[derive(Debug, Args)]
pub(super) struct Show {
    /// Present or earlier address of the release
    url: String,
    /// Number of the version [default: the latest]
    #[arg(long, value_name = "NUMBER")]
    version: Option<u32>,
    /// The bytes as they were fetched; on a terminal, what would steer it is spelled out
    #[arg(long)]
    raw: bool,
}

impl Show {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Status> {
        let (config, store) = session.record()?;
        let release = find_release((&config, &store), &self.url, &session.output).await?;
        let Some(number) = self.version.or(release.latest.as_ref().map(|head| head.number)) else {
            bail!("{} was found but has not been read yet", release.url);
        };
        let version = find_version(&store, release.id, number).await?;
        if self.raw {
            let snapshot = store.find_snapshot(version.snapshot).await?;
            let snapshot = snapshot.with_context(|| format!("snapshot {} is missing", version.snapshot))?;
            let body = &snapshot.fetched.body;
            if session.output.is_terminal {
                session.output.print(&spelled_out(body))?;
            } else {
                session.output.print_bytes(body)?;
            }
        } else {
            session.output.print(&plain_text(&version.document))?;
        }
        Ok(Status::Done)
    }
}

/// Bytes of strangers for a terminal.
fn spelled_out(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_harmful(character) && character != '\n' {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_steer_a_terminal_is_spelled_out() {
        assert_eq!(spelled_out("<p>\té 水\r\n".as_bytes()), "<p>\té 水\n");
        assert_eq!(spelled_out(b"\x1b]0;mine\x07\r\xc2\x9b31m"), "\\u{1b}]0;mine\\u{7}\\u{d}\\u{9b}31m");
        assert_eq!(spelled_out(b"a\xff\x9bb"), "a\u{fffd}\u{fffd}b");
    }
}
