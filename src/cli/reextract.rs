//! `pressdiff reextract`: reads stored pages again after the rules or the program changed.

use clap::Args;

use super::check::chosen;
use super::failure::Status;
use super::service::Service;
use super::session::Session;
use crate::domain::counted::counted;

/// Read the stored pages again, after the rules or the program have changed.
///
/// Reads the latest stored page of every release again, with the rules of the configuration and what has been learned
/// of its source. What reads differently becomes a technical version; nobody is alerted.
#[derive(Debug, Args)]
pub(super) struct Reextract {
    /// Ids of the sources [default: all]
    #[arg(value_name = "SOURCE")]
    sources: Vec<String>,
}

impl Reextract {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Status> {
        let config = session.config()?;
        let sources = chosen(&config, &self.sources)?;
        let service = Service::of_existing(&config, &session.clock).await?;
        for source in sources {
            let total = service.tracker.reextract(source).await?;
            let differing = match total.changed {
                0 => "none reads differently".to_owned(),
                1 => "1 reads differently".to_owned(),
                more => format!("{more} read differently"),
            };
            let releases = counted(total.read, "release", "releases");
            session.output.note(&format!("{}: {releases} read again; {differing}", source.id));
        }
        Ok(Status::Done)
    }
}
