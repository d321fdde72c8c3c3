//! `pressdiff verify`: proves the whole record, or names the first thing that is broken.

use std::fmt::Write as _;
use std::sync::Arc;

use clap::Args;

use super::attest::parse_link;
use super::failure::Status;
use super::output::tame;
use super::progress::bar;
use super::session::Session;
use crate::domain::hex::hex;
use crate::store::{ChainHead, Verification};

/// Prove that the record is whole and unchanged.
///
/// Reads the whole record again: the file, every body against its hash, every version against its text, every event
/// and alert against what they name, and every link of the chain that nothing can be taken out of or put into.
#[derive(Debug, Args)]
#[command(after_help = "Exit status: 0 all is sound, 1 something is broken; the first such thing is named.")]
pub(super) struct Verify {
    /// A link that was published or time-stamped earlier, which has to be in the chain
    #[arg(long, value_name = "HEX")]
    link: Option<String>,
}

impl Verify {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Status> {
        let link = self.link.as_deref().map(parse_link).transpose()?;
        let (_, store) = session.record()?;
        let bar = Arc::new(bar(&session.output, "verifying", 0));
        let watched = Arc::clone(&bar);
        let watcher = move |done, total| {
            watched.set_length(total);
            watched.set_position(done);
        };
        let verification = store.verify(Arc::new(watcher)).await?;
        bar.finish_and_clear();
        session.output.print(&counts(&verification))?;
        if let Some(broken) = &verification.broken {
            session.output.complain(&format!("broken: {}\nto mend it: {}", tame(&broken.what), broken.mend));
            return Ok(Status::Incomplete);
        }
        let ChainHead { links, link: head } = &verification.head;
        let sound = format!("all is sound; link {links} is {head}");
        let Some(link) = link else {
            session.output.print(&sound)?;
            return Ok(Status::Done);
        };
        if let Some(position) = store.find_link(link).await? {
            session.output.print(&format!("{sound}\nlink {position} is {}", hex(&link)))?;
            return Ok(Status::Done);
        }
        session.output.complain(&format!(
            "the record is sound in itself, but link {} is not in it: it was rewritten, or this is another record",
            hex(&link)
        ));
        Ok(Status::Incomplete)
    }
}

fn counts(verification: &Verification) -> String {
    verification.counts.iter().fold(String::new(), |mut text, (name, count)| {
        let _ = writeln!(text, "{count:>10}  {name}");
        text
    })
}
