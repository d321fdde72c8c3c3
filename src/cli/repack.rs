//! `pressdiff repack`: makes the record smaller, as the daemon does while it is idle.

use clap::Args;
use indicatif::HumanBytes;

use super::failure::Status;
use super::progress::bar;
use super::service::stop_signal;
use super::session::Session;
use crate::domain::counted::counted;
use crate::domain::model::Source;
use crate::store::{Repacked, Store};

/// Make a record smaller, and thin it out where a source has a `keep` rule.
///
/// Packs stored pages together, drops the bytes of those that the `keep` rules of the sources do not ask to keep, and
/// gives the room back. It can be interrupted at any time and goes on where it stopped; the daemon does the same while
/// it is idle.
#[derive(Debug, Args)]
pub(super) struct Repack {}

/// Bodies in one transaction.
const AT_ONCE: u32 = 32;

impl Repack {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Status> {
        let config = session.config()?;
        let store = Store::open_existing(&config.store.path)?;
        let stop = stop_signal()?;
        Ok(tokio::select! {
            total = make_smaller(&store, session, &config.sources) => {
                let total = total?;
                session.output.note(&tell(total));
                store.shrink(total.saved).await?;
                Status::Done
            }
            () = stop => {
                session.output.complain("interrupted; `pressdiff repack` goes on from here");
                Status::Incomplete
            }
        })
    }
}

fn tell(total: Repacked) -> String {
    if total.bodies == 0 && total.saved == 0 {
        return "nothing to pack yet".to_owned();
    }
    format!("{} looked at, {} saved", counted(total.bodies, "body", "bodies"), HumanBytes(total.saved))
}

async fn make_smaller(store: &Store, session: &Session, sources: &[Source]) -> anyhow::Result<Repacked> {
    let mut total = repack(store, session).await?;
    for source in sources {
        let Some(keep) = source.keep else { continue };
        let mut thinned = 0;
        while let Some(done) = store.thin_some(&source.id, keep, session.clock.now()).await? {
            thinned += done.bodies;
            total.saved += done.saved;
        }
        let bodies = counted(thinned, "body", "bodies");
        session.output.note(&format!("{}: {bodies} thinned out, by the rule to keep {keep}", source.id));
    }
    Ok(total)
}

async fn repack(store: &Store, session: &Session) -> anyhow::Result<Repacked> {
    let bar = bar(&session.output, "repacking", store.count_unpacked().await?);
    let mut total = Repacked::default();
    loop {
        let done = store.repack_some(AT_ONCE).await?;
        if done.bodies == 0 {
            bar.finish_and_clear();
            return Ok(total);
        }
        total.bodies += done.bodies;
        total.saved += done.saved;
        bar.set_position(total.bodies);
    }
}
