//! `pressdiff show`: one version of a release, as text or as it was fetched.

use anyhow::{Context as _, bail};
use clap::Args;

use super::failure::Status;
use super::lookup::{find_release, find_version};
use super::session::Session;
use crate::domain::render::plain_text;

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
    /// The bytes as they were fetched
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
            session.output.print_bytes(&snapshot.fetched.body)?;
        } else {
            session.output.print(&plain_text(&version.document))?;
        }
        Ok(Status::Done)
    }
}
