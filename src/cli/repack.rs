//! `pressdiff repack`: compresses the bodies of an older record against each other.

use clap::Args;

use super::failure::Status;
use super::progress::bar;
use super::service::stop_signal;
use super::session::Session;
use crate::store::{Repacked, Store};

/// Compresses stored pages against the pages before them, as new ones are from the start, and gives the room back. It
/// can be interrupted at any time and goes on where it stopped; the daemon does the same while it is idle.
#[derive(Debug, Args)]
pub(super) struct Repack {}

/// Bodies in one transaction.
const AT_ONCE: u32 = 32;

impl Repack {
    pub(super) async fn run(self, session: &Session) -> anyhow::Result<Status> {
        let store = Store::open(&session.config()?.store.path)?;
        let stop = stop_signal()?;
        let status = tokio::select! {
            total = repack(&store, session) => {
                let total = total?;
                session.output.note(&format!("{} bodies looked at, {} bytes saved", total.bodies, total.saved));
                Status::Done
            }
            () = stop => {
                session.output.complain("interrupted; `pressdiff repack` goes on from here");
                Status::Incomplete
            }
        };
        if status == Status::Done {
            store.shrink().await?;
        }
        Ok(status)
    }
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
